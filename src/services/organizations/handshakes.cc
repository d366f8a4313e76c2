#include "services/organizations/handshakes.h"

#include "base/text.h"
#include "domain/mail_texts.h"
#include "services/organizations/all_features.h"
#include "services/organizations/common.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {

using domain::HandshakeState;
using operation::Access;
using operation::Call;

bool is_pending(HandshakeState state) {
    return state == HandshakeState::requested || state == HandshakeState::open;
}

Result<HandshakeState> state_now(const Call& call, const domain::Handshake& handshake) {
    if (!is_pending(handshake.state)) return handshake.state;
    if (handshake.expires_at <= call.now) return HandshakeState::expired;
    SEK_TRY(const auto organization, domain::organizations.get(call.tx, handshake.organization_id));
    if (!organization) return HandshakeState::canceled;
    // An invitation names the features that the account would join with.
    if (handshake.action == domain::invite_action && organization->invitations_canceled_at &&
        handshake.requested_at <= *organization->invitations_canceled_at) {
        return HandshakeState::canceled;
    }
    if (handshake.parent_id.empty()) return handshake.state;
    SEK_TRY(const auto parent, domain::handshakes.get(call.tx, handshake.parent_id));
    if (!parent) return HandshakeState::canceled;
    SEK_TRY(const auto parent_state, state_now(call, *parent));
    return is_pending(parent_state) ? handshake.state : HandshakeState::canceled;
}

Result<domain::Handshake> new_handshake(Call& call, const domain::Organization& organization, std::string_view action,
                                        seconds life) {
    SEK_TRY(const auto sender, domain::accounts.get(call.tx, organization.management_account_id));
    if (!sender) return errors::internal_failure("the management account has no record");
    domain::Handshake handshake;
    handshake.id = "h-" + random_hex(call.random, 32);
    handshake.organization_id = organization.id;
    handshake.management_account_id = sender->id;
    handshake.action = action;
    handshake.feature_set = organization.feature_set;
    handshake.sender_email = sender->email;
    handshake.sender_name = sender->name;
    handshake.requested_at = call.now;
    handshake.expires_at = call.now + life;
    return handshake;
}

Result<void> close_handshake(Call& call, domain::Handshake& handshake, HandshakeState state) {
    handshake.state = state;
    handshake.closed_at = call.now;
    return domain::handshakes.put(call.tx, handshake);
}

std::string handshake_arn(const domain::Handshake& handshake) {
    return "arn:aws:organizations::" + handshake.management_account_id.str() + ":handshake/" +
           handshake.organization_id.str() + "/" + lower_ascii(handshake.action) + "/" + handshake.id;
}

ApiError handshake_constraint(std::string reason, std::string message) {
    return organizations::errors::handshake_constraint_violation_exception(std::move(message))
        .with("Reason", std::move(reason));
}

organizations::Handshake to_wire(const domain::Handshake& handshake, HandshakeState state) {
    using Type = organizations::HandshakeResourceType;
    using Party = organizations::HandshakePartyType;
    const auto organization = handshake.organization_id.str();
    organizations::Handshake wire;
    wire.id = handshake.id;
    wire.arn = handshake_arn(handshake);
    wire.state = enum_of<organizations::HandshakeState>(enum_text(state));
    wire.requested_timestamp = handshake.requested_at;
    wire.expiration_timestamp = handshake.expires_at;
    wire.action = enum_of<organizations::ActionType>(handshake.action);
    auto& parties = wire.parties.emplace();
    auto& resources = wire.resources.emplace();
    const auto add = [](std::vector<organizations::HandshakeResource>& to, Type type, std::string value) {
        auto& resource = to.emplace_back();
        resource.type = type;
        resource.value = std::move(value);
    };
    parties.push_back({.id = organization, .type = Party::organization});
    if (!handshake.parent_id.empty()) add(resources, Type::parent_handshake, handshake.parent_id);
    add(resources, Type::organization, organization);
    if (handshake.action == domain::approve_all_features_action) {
        parties.push_back({.id = handshake.account_id->str(), .type = Party::account});
        add(resources, Type::account, handshake.account_id->str());
    }
    if (handshake.action != domain::invite_action) return wire;
    auto& sender = resources.back().resources.emplace();
    add(sender, Type::master_email, handshake.sender_email);
    add(sender, Type::master_name, handshake.sender_name);
    add(sender, Type::organization_feature_set, handshake.feature_set);
    const bool by_email = handshake.target_type == "EMAIL";
    parties.push_back({.id = handshake.target, .type = by_email ? Party::email : Party::account});
    add(resources, by_email ? Type::email : Type::account, handshake.target);
    if (!handshake.notes.empty()) add(resources, Type::notes, handshake.notes);
    return wire;
}

Result<void> mail_handshake(Call& call, const domain::Handshake& handshake, const std::string& address) {
    const bool invites = handshake.action == domain::invite_action;
    auto mail = domain::compose_organization_mail(
        invites ? domain::OrganizationMailKind::invitation : domain::OrganizationMailKind::all_features,
        {.link = {},
         .sender = handshake.sender_name + " (" + handshake.sender_email + ", account " +
                   handshake.management_account_id.str() + ")",
         .account = handshake.account_id->str(),
         .organization = handshake.organization_id.str(),
         .notes = handshake.notes,
         .handshake = handshake.id,
         .expires = format_iso8601(handshake.expires_at),
         .sets_policies = !invites || handshake.feature_set == "ALL"});
    mail.account_id = handshake.management_account_id;
    mail.to = address;
    SEK_TRY(domain::enqueue_mail(call.tx, std::move(mail), call.now, call.random));
    return {};
}

namespace {

constexpr std::string_view no_permission = "You don't have permissions to access this resource.";

bool is_sender(const Call& call, const domain::Handshake& handshake) {
    return handshake.management_account_id == call.account();
}
bool is_receiver(const Call& call, const domain::Handshake& handshake) {
    return handshake.account_id.value_or(handshake.management_account_id) == call.account();
}

// One that the caller's account sent or was sent, or that its organization lets it see.
Result<domain::Handshake> find_handshake(const Call& call, const std::string& id, bool for_delegates = false) {
    SEK_TRY(auto handshake, domain::handshakes.get(call.tx, id));
    if (handshake && domain::handshake_gone_at(*handshake) > call.now) {
        if (is_sender(call, *handshake) || is_receiver(call, *handshake)) return std::move(*handshake);
        if (for_delegates) {
            const auto organization =
                delegable_organization(call, "DescribeHandshake", on_anything(), Delegates::also_services);
            if (organization && organization->id == handshake->organization_id) return std::move(*handshake);
        }
    }
    return organizations::errors::handshake_not_found_exception(
        "We can't find a handshake with the HandshakeId that you specified.");
}

Result<organizations::DescribeHandshakeResponse> describe_handshake(
    Call& call, const organizations::DescribeHandshakeRequest& request) {
    SEK_TRY(const auto handshake, find_handshake(call, request.handshake_id, true));
    SEK_TRY(const auto state, state_now(call, handshake));
    return organizations::DescribeHandshakeResponse{.handshake = to_wire(handshake, state)};
}

// A pending one, or why it cannot come to `wanted` any more.
Result<void> require_pending(const Call& call, const domain::Handshake& handshake, HandshakeState wanted) {
    SEK_TRY(const auto state, state_now(call, handshake));
    if (state == wanted) {
        return organizations::errors::handshake_already_in_state_exception(
            "The specified handshake is already in the requested state.");
    }
    const bool too_early = wanted == HandshakeState::accepted && state == HandshakeState::requested;
    if (!is_pending(state) || too_early) {
        return organizations::errors::invalid_handshake_transition_exception(
            "You can't perform the operation on the handshake in its current state.");
    }
    return {};
}

Result<organizations::AcceptHandshakeResponse> accept_handshake(Call& call,
                                                                const organizations::AcceptHandshakeRequest& request) {
    SEK_TRY(auto handshake, find_handshake(call, request.handshake_id));
    if (!is_receiver(call, handshake)) {
        return organizations::errors::access_denied_exception(std::string(no_permission));
    }
    SEK_TRY(require_pending(call, handshake, HandshakeState::accepted));
    if (handshake.action == domain::invite_action) {
        SEK_TRY(accept_invitation(call, handshake));
    } else if (handshake.action == domain::approve_all_features_action) {
        SEK_TRY(approve_all_features(call, handshake));
    } else {
        SEK_TRY(finish_all_features(call, handshake));
    }
    return organizations::AcceptHandshakeResponse{.handshake = to_wire(handshake, handshake.state)};
}

Result<organizations::DeclineHandshakeResponse> decline_handshake(
    Call& call, const organizations::DeclineHandshakeRequest& request) {
    SEK_TRY(auto handshake, find_handshake(call, request.handshake_id));
    if (!is_receiver(call, handshake) || is_sender(call, handshake)) {
        return organizations::errors::access_denied_exception(std::string(no_permission));
    }
    SEK_TRY(require_pending(call, handshake, HandshakeState::declined));
    SEK_TRY(close_handshake(call, handshake, HandshakeState::declined));
    return organizations::DeclineHandshakeResponse{.handshake = to_wire(handshake, handshake.state)};
}

Result<organizations::CancelHandshakeResponse> cancel_handshake(Call& call,
                                                                const organizations::CancelHandshakeRequest& request) {
    SEK_TRY(auto handshake, find_handshake(call, request.handshake_id));
    // An approval ends with the request that it belongs to, or when its account leaves.
    if (!is_sender(call, handshake) || !handshake.parent_id.empty()) {
        return organizations::errors::access_denied_exception(std::string(no_permission));
    }
    SEK_TRY(require_pending(call, handshake, HandshakeState::canceled));
    SEK_TRY(close_handshake(call, handshake, HandshakeState::canceled));
    return organizations::CancelHandshakeResponse{.handshake = to_wire(handshake, handshake.state)};
}

// The newest first. A page of a filtered list may hold fewer than were asked for, and still have a next one.
template <class Response, class Request>
Result<Response> list_handshakes(const Call& call, const Request& request, std::string_view name, std::uint8_t index,
                                 std::string prefix) {
    const auto filter = request.filter.value_or(organizations::HandshakeFilter());
    if (filter.action_type && filter.parent_handshake_id) {
        return invalid_input("MAX_LIMIT_EXCEEDED_FILTER",
                             "You can specify only one filter parameter for the operation.");
    }
    std::string scope(name);
    if (filter.action_type) scope += " " + std::string(enum_text(*filter.action_type));
    if (filter.parent_handshake_id) scope += " " + *filter.parent_handshake_id;
    SEK_TRY(auto page, read_page(call, scope, request.next_token, request.max_results));
    page.direction = store::Direction::backward;
    SEK_TRY(const auto found, domain::handshakes.scan_by(call.tx, index, prefix, page));
    Response response;
    response.handshakes.emplace();
    for (const auto& handshake : found.items) {
        if (domain::handshake_gone_at(handshake) <= call.now) continue;
        if (filter.action_type && enum_text(*filter.action_type) != handshake.action) continue;
        if (filter.parent_handshake_id && *filter.parent_handshake_id != handshake.parent_id) continue;
        SEK_TRY(const auto state, state_now(call, handshake));
        response.handshakes->push_back(to_wire(handshake, state));
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<organizations::ListHandshakesForAccountResponse> list_for_account(
    Call& call, const organizations::ListHandshakesForAccountRequest& request) {
    return list_handshakes<organizations::ListHandshakesForAccountResponse>(
        call, request, "ListHandshakesForAccount", domain::handshakes_by_account, store::prefix(call.account()));
}

Result<organizations::ListHandshakesForOrganizationResponse> list_for_organization(
    Call& call, const organizations::ListHandshakesForOrganizationRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListHandshakesForOrganization", on_anything(), Delegates::also_services));
    return list_handshakes<organizations::ListHandshakesForOrganizationResponse>(
        call, request, "ListHandshakesForOrganization", domain::handshakes_by_organization,
        store::prefix(organization.id));
}

// The ARN is one of the caller's only where it is a party; the text of a refusal names none, so that it is the same
// whether the handshake exists or not.
template <class Request>
access::Permissions on_handshake(const Call& call, const Request& request) {
    access::Permission permission{.shown_resource = "*"};
    const auto found = domain::handshakes.get(call.tx, request.handshake_id);
    if (found && *found && (is_sender(call, **found) || is_receiver(call, **found))) {
        permission.resource = handshake_arn(**found);
        return {permission};
    }
    domain::Handshake asked;
    asked.id = request.handshake_id;
    asked.action = domain::invite_action;
    asked.management_account_id = call.account();
    if (const auto organization = own_organization(call)) {
        asked.organization_id = organization->id;
        asked.management_account_id = organization->management_account_id;
    }
    permission.resource = handshake_arn(asked);
    return {permission};
}

// Joining with all features makes the service-linked role of Organizations; leaving another organization is a right of
// its own, which that organization's control policies may deny.
access::Permissions on_accept(const Call& call, const organizations::AcceptHandshakeRequest& request) {
    auto permissions = on_handshake(call, request);
    const auto found = domain::handshakes.get(call.tx, request.handshake_id);
    if (!found || !*found || (*found)->account_id != call.account()) return permissions;
    const auto& handshake = **found;
    if (handshake.feature_set == "ALL" || !handshake.parent_id.empty()) {
        permissions.push_back({.action = "iam:CreateServiceLinkedRole",
                               .resource = "*",
                               .context = {{"iam:AWSServiceName", {"organizations.amazonaws.com"}}}});
    }
    const auto organization = own_organization(call);
    if (handshake.action == domain::invite_action && organization && organization->id != handshake.organization_id) {
        permissions.push_back({.action = "organizations:LeaveOrganization",
                               .resource = node_arn(*organization, "account", call.account())});
    }
    return permissions;
}

}  // namespace

const operation::OperationTable handshake_operations = {
    operation::operation<organizations::DescribeHandshake>(
        {.access = Access::read,
         .resources = on_handshake<organizations::DescribeHandshakeRequest>,
         .handle = describe_handshake}),
    operation::operation<organizations::AcceptHandshake>(
        {.access = Access::write, .resources = on_accept, .handle = accept_handshake}),
    operation::operation<organizations::DeclineHandshake>(
        {.access = Access::write,
         .resources = on_handshake<organizations::DeclineHandshakeRequest>,
         .handle = decline_handshake}),
    operation::operation<organizations::CancelHandshake>(
        {.access = Access::write,
         .resources = on_handshake<organizations::CancelHandshakeRequest>,
         .handle = cancel_handshake}),
    operation::operation<organizations::ListHandshakesForAccount>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_for_account}),
    operation::operation<organizations::ListHandshakesForOrganization>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_for_organization}),
};

}  // namespace sekisho::organizations_service
