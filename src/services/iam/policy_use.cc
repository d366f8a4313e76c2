#include "services/iam/policy_use.h"

#include "base/text.h"
#include "services/iam/managed_policy.h"

namespace sekisho::iam_service {
namespace {

std::string use_kind(const Entity& entity, PolicyUsage usage) {
    return std::string(kind_name(entity.kind)) + (usage == PolicyUsage::boundary ? "-boundary" : "");
}

}  // namespace

Result<void> add_use(store::Transaction& transaction, const Entity& entity, const std::string& policy_arn,
                     PolicyUsage usage) {
    return domain::policy_uses.put(transaction, {.account_id = entity.account_id,
                                                 .policy_arn = policy_arn,
                                                 .kind = use_kind(entity, usage),
                                                 .name = entity.name,
                                                 .principal_id = entity.id});
}

Result<void> remove_use(store::Transaction& transaction, const Entity& entity, const std::string& policy_arn,
                        PolicyUsage usage) {
    SEK_TRY([[maybe_unused]] const bool existed,
            domain::policy_uses.erase(transaction, entity.account_id, policy_arn, use_kind(entity, usage),
                                      lower_ascii(entity.name)));
    return {};
}

Result<UseCounts> count_uses(const store::Reader& reader, const AccountId& account, const std::string& policy_arn) {
    UseCounts counts;
    SEK_TRY(domain::policy_uses.each(reader, store::prefix(account, policy_arn), [&](const domain::PolicyUse& use) {
        ++(use.kind.ends_with("-boundary") ? counts.boundaries : counts.attachments);
        return true;
    }));
    return counts;
}

Result<void> set_boundary(store::Transaction& transaction, const Entity& entity, const std::string& policy_arn) {
    SEK_TRY(require_attachable(transaction, entity.account_id, policy_arn, "Scope ARN: " + policy_arn));
    SEK_TRY(auto policies, load_policies(transaction, entity.id));
    if (policies.permissions_boundary_arn) {
        SEK_TRY(remove_use(transaction, entity, *policies.permissions_boundary_arn, PolicyUsage::boundary));
    }
    policies.permissions_boundary_arn = policy_arn;
    SEK_TRY(add_use(transaction, entity, policy_arn, PolicyUsage::boundary));
    return save_policies(transaction, policies);
}

}  // namespace sekisho::iam_service
