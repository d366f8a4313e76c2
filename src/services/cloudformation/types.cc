#include "services/cloudformation/types.h"

namespace sekisho::cloudformation_service {
namespace {

constexpr const ResourceTypes* tables[] = {&ec2_types, &eks_types, &iam_types, &organizations_types, &sso_types};

}  // namespace

const std::span<const ResourceTypes* const> all_types = tables;

}  // namespace sekisho::cloudformation_service
