#pragma once
// Who uses a managed policy, as permissions policy or as boundary: kept beside the principals' own records.
#include <string>

#include "services/iam/entity.h"

namespace sekisho::iam_service {

enum class PolicyUsage : std::uint8_t { permissions, boundary };

Result<void> add_use(store::Transaction& transaction, const Entity& entity, const std::string& policy_arn,
                     PolicyUsage usage);
Result<void> remove_use(store::Transaction& transaction, const Entity& entity, const std::string& policy_arn,
                        PolicyUsage usage);

struct UseCounts {
    std::int32_t attachments = 0;
    std::int32_t boundaries = 0;
};
// In one account. Cost: one scan of the policy's uses.
Result<UseCounts> count_uses(const store::Reader& reader, const AccountId& account, const std::string& policy_arn);

// Sets the boundary of a user or role. Errors: NoSuchEntity (the policy), InvalidInput (not a policy's ARN).
Result<void> set_boundary(store::Transaction& transaction, const Entity& entity, const std::string& policy_arn);

}  // namespace sekisho::iam_service
