#pragma once
// Tags of instances, permission sets, applications and trusted token issuers.
#include <optional>
#include <vector>

#include "base/result.h"
#include "domain/tags.h"
#include "models/sso_admin.h"

namespace sekisho::identity_center_service {

std::vector<sso_admin::Tag> tags_to_wire(const domain::Tags& tags);
// Without a judgement: for permissions.
domain::Tags tags_of(const std::optional<std::vector<sso_admin::Tag>>& tags);
// ValidationException: a key twice; ServiceQuotaExceededException: too many.
Result<void> add_tags(domain::Tags& tags, const std::vector<sso_admin::Tag>& added);

}  // namespace sekisho::identity_center_service
