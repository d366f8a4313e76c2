#pragma once
#include "base/limits.h"

namespace sekisho::limits {

// Organizations (user guide, "Quotas and service limits for AWS Organizations")
inline constexpr int unit_depth_max = 5;
inline constexpr std::size_t service_control_policy_characters_max = 10'240;
inline constexpr std::size_t resource_control_policy_characters_max = 5'120;
inline constexpr std::size_t service_control_policies_attached_max = 10;  // to one root, unit or account
inline constexpr std::size_t resource_control_policies_attached_max = 5;  // .. AWS's own among them
inline constexpr std::size_t invitations_per_day_max = 20;                // that were not accepted
inline constexpr std::int64_t organization_invitation_seconds = 15 * 24 * 60 * 60;
inline constexpr std::int64_t all_features_request_seconds = 90 * 24 * 60 * 60;

}  // namespace sekisho::limits
