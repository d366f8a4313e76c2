#pragma once
// The tables of resource types, one for each service. A new type is one declaration in its service's file; a new
// service one line here and in types.cc.
#include <span>
#include <vector>

#include "services/cloudformation/type.h"

namespace sekisho::cloudformation_service {

using ResourceTypes = std::vector<ResourceType>;
extern const ResourceTypes ec2_types;
extern const ResourceTypes iam_types;
extern const ResourceTypes organizations_types;
extern const ResourceTypes sso_types;
extern const ResourceTypes eks_types;

extern const std::span<const ResourceTypes* const> all_types;

}  // namespace sekisho::cloudformation_service
