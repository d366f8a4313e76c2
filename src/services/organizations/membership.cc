#include "services/organizations/membership.h"

#include "services/organizations/all_features.h"
#include "services/organizations/common.h"
#include "services/organizations/delegation.h"

namespace sekisho::organizations_service {

using operation::Call;

Result<void> join(Call& call, const domain::Organization& organization, domain::Account account, std::string method,
                  domain::Tags tags) {
    account.organization_id = organization.id;
    account.parent_id = organization.root_id;
    account.joined_method = std::move(method);
    account.joined_at = call.now;
    account.tags = std::move(tags);
    SEK_TRY(domain::accounts.put(call.tx, account));
    return attach_full_access(call, organization.id, account.id.str());
}

Result<void> leave(Call& call, const domain::Organization& organization, domain::Account account) {
    if (organization.management_account_id == account.id) {
        return organizations::errors::master_cannot_leave_organization_exception(
            "The management account cannot leave an organization.");
    }
    SEK_TRY(const bool administers, is_delegated_administrator(call, organization, account.id));
    if (administers) {
        return constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
                          "You attempted to remove an account that is registered as a delegated administrator for a "
                          "service integrated with your organization.");
    }
    SEK_TRY(const auto attachments,
            domain::policy_attachments.scan(call.tx, store::prefix(organization.id, account.id)));
    for (const auto& attachment : attachments.items) {
        SEK_TRY(domain::policy_attachments.erase(call.tx, organization.id, attachment.target_id, attachment.policy_id));
    }
    SEK_TRY(forget_approval(call, organization, account.id));
    // The guard of the organization that is left, too.
    call.tx.bump_guard(domain::organization_guard(organization.id));
    account.organization_id.reset();
    account.parent_id.reset();
    account.joined_method.clear();
    account.joined_at.reset();
    account.tags.clear();  // accounts outside of an organization have none
    return domain::accounts.put(call.tx, account);
}

}  // namespace sekisho::organizations_service
