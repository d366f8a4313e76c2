#include "services/organizations/all_features.h"

#include "base/limits.h"
#include "models/control.h"
#include "services/organizations/common.h"
#include "services/organizations/handshakes.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {
namespace {

using domain::HandshakeState;
using operation::Access;
using operation::Call;

constexpr std::string_view ask_effect = "organizations.ask-for-all-features";
constexpr std::size_t asked_at_once_max = 8;  // with their mails: a transaction has room for 100 keys

// When nobody is left to approve, the management account may finish.
Result<void> put_request(Call& call, domain::Handshake request) {
    if (request.asked_all && request.awaited == 0) request.state = HandshakeState::open;
    return domain::handshakes.put(call.tx, request);
}

void enqueue_asking(Call& call, const domain::Handshake& request) {
    call.tx.enqueue({.kind = std::string(ask_effect), .ordering_key = request.id, .payload = request.id});
}

Result<organizations::EnableAllFeaturesResponse> enable_all_features(Call& call,
                                                                     const organizations::EnableAllFeaturesRequest&) {
    SEK_TRY(auto organization, managed_organization(call));
    if (organization.feature_set == "ALL") {
        return handshake_constraint("ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
                                    "All features are already enabled on this organization.");
    }
    SEK_TRY(const auto pending, pending_all_features(call, organization));
    if (pending) {
        return handshake_constraint("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
                                    "The handshake request is invalid because the organization has already started the "
                                    "process to enable all features.");
    }
    SEK_TRY(auto request, new_handshake(call, organization, domain::enable_all_features_action,
                                        seconds(limits::all_features_request_seconds)));
    request.state = HandshakeState::requested;
    SEK_TRY(domain::handshakes.put(call.tx, request));
    enqueue_asking(call, request);
    organization.all_features_handshake_id = request.id;
    organization.invitations_canceled_at = call.now;
    SEK_TRY(domain::organizations.put(call.tx, organization));
    return organizations::EnableAllFeaturesResponse{.handshake = to_wire(request, request.state)};
}

Result<void> ask(Call& call, const domain::Organization& organization, const domain::Handshake& request,
                 const domain::Account& account) {
    SEK_TRY(auto asked, new_handshake(call, organization, domain::approve_all_features_action, seconds(0)));
    asked.expires_at = request.expires_at;
    asked.account_id = account.id;
    asked.parent_id = request.id;
    SEK_TRY(domain::handshakes.put(call.tx, asked));
    return mail_handshake(call, asked, account.email);
}

// Asks the next accounts. Members change while this goes on; the guard makes "nobody is left to ask" true when written.
Result<control::AskForAllFeaturesResponse> ask_for_all_features(Call& call,
                                                                const control::AskForAllFeaturesRequest& wanted) {
    SEK_TRY(auto request, domain::handshakes.get(call.tx, wanted.handshake_id));
    if (!request || request->asked_all) return control::AskForAllFeaturesResponse{};
    SEK_TRY(const auto state, state_now(call, *request));
    if (!is_pending(state)) return control::AskForAllFeaturesResponse{};
    SEK_TRY(const auto organization, domain::organizations.get(call.tx, request->organization_id));
    if (!organization) return errors::internal_failure("a pending handshake has no organization");
    call.tx.read_guard(domain::organization_guard(organization->id));
    std::size_t asked = 0;
    store::Page page;
    for (;;) {
        SEK_TRY(auto members,
                domain::accounts.scan_by(call.tx, domain::accounts_by_parent, store::prefix(organization->id), page));
        for (const auto& account : members.items) {
            if (account.joined_method != "INVITED" || account.id == organization->management_account_id) continue;
            SEK_TRY(const auto known,
                    domain::handshakes.get_by(call.tx, domain::handshakes_by_parent, request->id, account.id));
            if (known) continue;
            if (asked == asked_at_once_max) {
                enqueue_asking(call, *request);
                SEK_TRY(put_request(call, std::move(*request)));
                return control::AskForAllFeaturesResponse{};
            }
            SEK_TRY(ask(call, *organization, *request, account));
            ++asked;
            ++request->awaited;
        }
        if (!members.next) break;
        page.after = std::move(*members.next);
    }
    request->asked_all = true;
    SEK_TRY(put_request(call, std::move(*request)));
    return control::AskForAllFeaturesResponse{};
}

}  // namespace

Result<std::optional<domain::Handshake>> pending_all_features(const Call& call,
                                                              const domain::Organization& organization) {
    if (organization.all_features_handshake_id.empty()) return std::optional<domain::Handshake>();
    SEK_TRY(auto request, domain::handshakes.get(call.tx, organization.all_features_handshake_id));
    if (!request) return std::optional<domain::Handshake>();
    SEK_TRY(const auto state, state_now(call, *request));
    if (!is_pending(state)) return std::optional<domain::Handshake>();
    return request;
}

Result<void> approve_all_features(Call& call, domain::Handshake& handshake) {
    SEK_TRY(auto request, domain::handshakes.get(call.tx, handshake.parent_id));
    if (!request) return errors::internal_failure("an approval has no request");
    --request->awaited;
    SEK_TRY(put_request(call, std::move(*request)));
    return close_handshake(call, handshake, HandshakeState::accepted);
}

Result<void> finish_all_features(Call& call, domain::Handshake& handshake) {
    SEK_TRY(auto organization, managed_organization(call));
    organization.feature_set = "ALL";
    SEK_TRY(domain::organizations.put(call.tx, organization));
    return close_handshake(call, handshake, HandshakeState::accepted);
}

Result<void> forget_approval(Call& call, const domain::Organization& organization, const AccountId& account) {
    SEK_TRY(auto request, pending_all_features(call, organization));
    if (!request) return {};
    SEK_TRY(auto approval, domain::handshakes.get_by(call.tx, domain::handshakes_by_parent, request->id, account));
    if (!approval || approval->state == HandshakeState::accepted) return {};
    if (approval->state == HandshakeState::open) {
        SEK_TRY(close_handshake(call, *approval, HandshakeState::canceled));
    }
    --request->awaited;
    return put_request(call, std::move(*request));
}

void register_all_features_worker(store::Outbox& outbox, operation::Pipeline& pipeline) {
    outbox.register_worker(
        std::string(ask_effect), [&pipeline](const store::OutboxRow& row, store::Completion completion) {
            pipeline.call<control::AskForAllFeatures>(
                access::service_caller(AccountId()), {.region = Region("us-east-1")}, {.handshake_id = row.payload},
                [completion = std::move(completion)](Result<control::AskForAllFeaturesResponse> done) mutable {
                    if (!done) return completion.failed(done.error().message);
                    completion.done();
                });
        });
}

const operation::OperationTable all_features_operations = {
    operation::operation<organizations::EnableAllFeatures>(
        {.access = Access::write,
         .resources = on_own_organization<organizations::EnableAllFeaturesRequest>,
         .handle = enable_all_features}),
};

const operation::OperationTable all_features_inner_operations = {
    operation::operation<control::AskForAllFeatures>(
        {.access = Access::write, .resources = operation::workers_only, .handle = ask_for_all_features}),
};

}  // namespace sekisho::organizations_service
