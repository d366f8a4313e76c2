#pragma once
// Rules of security groups: from a request's permissions, to answers, and what they are called in errors.
#include "services/ec2/common.h"

namespace sekisho::ec2_service {

// The group's rules of one direction as the older form shows them: together by protocol and ports.
std::vector<ec2::IpPermission> permissions_to_wire(const domain::SecurityGroup& group, bool egress);
ec2::SecurityGroupRule rule_to_wire(const domain::SecurityGroup& group, const domain::SecurityGroupRule& rule);

// One rule for each source or destination that the permissions name, without ids. The groups that they name are there
// and in the same VPC. InvalidParameterValue, InvalidPermission.Malformed, InvalidGroup.NotFound.
Result<std::vector<domain::SecurityGroupRule>> read_rules(const Call& call, const domain::SecurityGroup& group,
                                                          const std::vector<ec2::IpPermission>& permissions,
                                                          bool egress);
// A protocol by its name, and ports that go with it.
Result<void> normalize_protocol(domain::SecurityGroupRule& rule, const std::optional<std::string>& protocol,
                                std::optional<std::int32_t> from_port, std::optional<std::int32_t> to_port);

// Do they let the same through?
bool is_same_rule(const domain::SecurityGroupRule& a, const domain::SecurityGroupRule& b);
// peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW
std::string describe_rule(const domain::SecurityGroupRule& rule);

}  // namespace sekisho::ec2_service
