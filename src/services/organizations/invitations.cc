// InviteAccountToOrganization, and what accepting an invitation does.
#include "base/limits.h"
#include "base/text.h"
#include "services/organizations/all_features.h"
#include "services/organizations/common.h"
#include "services/organizations/handshakes.h"
#include "services/organizations/membership.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {
namespace {

using domain::HandshakeState;
using operation::Access;
using operation::Call;

ApiError already_member() {
    return handshake_constraint(
        "ALREADY_IN_AN_ORGANIZATION",
        "The handshake request is invalid because the invited account is already a member of an organization.");
}

Result<domain::Account> invited_account(const Call& call, const organizations::HandshakeParty& target) {
    std::optional<domain::Account> account;
    switch (target.type) {
        case organizations::HandshakePartyType::account: {
            SEK_TRY(account, domain::accounts.get(call.tx, target.id));
            break;
        }
        case organizations::HandshakePartyType::email: {
            SEK_TRY(account, domain::accounts.get_by(call.tx, domain::accounts_by_email, lower_ascii(target.id)));
            break;
        }
        default:
            return invalid_input(
                "INVALID_PARTY_TYPE_TARGET",
                "You specified the wrong type of entity (account, organization, or email) as a party.");
    }
    if (!account || account->state != domain::AccountState::active) {
        return handshake_constraint("TARGET_ACCOUNT_VALIDATION_FAILURE",
                                    "You specified an account that doesn't exist.");
    }
    return std::move(*account);
}

// One invitation at a time to one account, and not too many in a day.
Result<void> check_rate(const Call& call, const domain::Organization& organization, const domain::Account& account) {
    call.tx.read_guard(domain::received_handshakes_guard(account.id));
    bool duplicate = false;
    SEK_TRY(const auto received,
            domain::handshakes.scan_by(call.tx, domain::handshakes_by_account, store::prefix(account.id),
                                       {.direction = store::Direction::backward}));
    for (const auto& handshake : received.items) {
        if (handshake.organization_id != organization.id || handshake.action != domain::invite_action) continue;
        SEK_TRY(const auto state, state_now(call, handshake));
        duplicate = duplicate || is_pending(state);
    }
    if (duplicate) {
        return organizations::errors::duplicate_handshake_exception(
            "A handshake with the same action and target already exists.");
    }
    call.tx.read_guard(domain::sent_handshakes_guard(organization.id));
    SEK_TRY(const auto sent,
            domain::handshakes.scan_by(call.tx, domain::handshakes_by_organization, store::prefix(organization.id),
                                       {.direction = store::Direction::backward}));
    std::size_t attempts = 0;
    for (const auto& handshake : sent.items) {
        if (handshake.requested_at + days(1) <= call.now) break;
        attempts += handshake.action == domain::invite_action && handshake.state != HandshakeState::accepted;
    }
    if (attempts < limits::invitations_per_day_max) return {};
    return handshake_constraint("HANDSHAKE_RATE_LIMIT_EXCEEDED",
                                "You attempted to exceed the number of handshakes that you can send in one day.");
}

Result<organizations::InviteAccountToOrganizationResponse> invite_account(
    Call& call, const organizations::InviteAccountToOrganizationRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(const auto sender, member_account(call, organization, organization.management_account_id.str()));
    if (!sender.email_verified) {
        return organizations::errors::account_owner_not_verified_exception(
            "You can't invite an existing account to your organization until you verify that you own the email address "
            "associated with the management account.");
    }
    SEK_TRY(const auto pending, pending_all_features(call, organization));
    if (pending) {
        return handshake_constraint("INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
                                    "You can't issue new invitations to join an organization while it's in the process "
                                    "of enabling all features.");
    }
    SEK_TRY(const auto tags, read_tags(request.tags));
    SEK_TRY(const auto account, invited_account(call, request.target));
    if (account.organization_id == organization.id) return already_member();
    SEK_TRY(check_rate(call, organization, account));
    SEK_TRY(auto handshake,
            new_handshake(call, organization, domain::invite_action, seconds(limits::organization_invitation_seconds)));
    handshake.account_id = account.id;
    handshake.target_type = enum_text(request.target.type);
    handshake.target = request.target.id;
    handshake.notes = request.notes.value_or("");
    handshake.tags = tags;
    SEK_TRY(domain::handshakes.put(call.tx, handshake));
    SEK_TRY(mail_handshake(call, handshake, account.email));
    return organizations::InviteAccountToOrganizationResponse{.handshake = to_wire(handshake, handshake.state)};
}

access::Permissions on_invite(const Call&, const organizations::InviteAccountToOrganizationRequest& request) {
    return with_request_tags(on_anything(), request.tags);
}

}  // namespace

Result<void> accept_invitation(Call& call, domain::Handshake& handshake) {
    SEK_TRY(const auto organization, domain::organizations.get(call.tx, handshake.organization_id));
    SEK_TRY(auto account, domain::accounts.get(call.tx, call.account()));
    if (!organization || !account) return errors::internal_failure("a pending invitation without its parties");
    if (account->organization_id == organization->id) return already_member();
    if (account->organization_id) {
        // A member of another organization changes over in one step.
        SEK_TRY(const auto left, domain::organizations.get(call.tx, *account->organization_id));
        if (!left) return errors::internal_failure("an account's organization has no record");
        SEK_TRY(leave(call, *left, *account));
    }
    SEK_TRY(join(call, *organization, std::move(*account), "INVITED", handshake.tags));
    return close_handshake(call, handshake, HandshakeState::accepted);
}

const operation::OperationTable invitation_operations = {
    operation::operation<organizations::InviteAccountToOrganization>(
        {.access = Access::write, .resources = on_invite, .handle = invite_account}),
};

}  // namespace sekisho::organizations_service
