#pragma once
// EC2's network and what node groups are made of. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
#include "operation/operation.h"

namespace sekisho::ec2_service {

// Adds every EC2 operation that has a row.
void register_operations(operation::Registry& registry);

extern const operation::OperationTable vpc_operations;
extern const operation::OperationTable subnet_operations;
extern const operation::OperationTable internet_gateway_operations;
extern const operation::OperationTable nat_gateway_operations;
extern const operation::OperationTable route_table_operations;
extern const operation::OperationTable route_operations;
extern const operation::OperationTable address_operations;
extern const operation::OperationTable network_interface_operations;
extern const operation::OperationTable network_acl_operations;
extern const operation::OperationTable security_group_operations;
extern const operation::OperationTable security_group_rule_operations;
extern const operation::OperationTable launch_template_operations;
extern const operation::OperationTable launch_template_version_operations;
extern const operation::OperationTable key_pair_operations;
extern const operation::OperationTable placement_group_operations;
extern const operation::OperationTable zone_operations;
extern const operation::OperationTable instance_type_operations;
extern const operation::OperationTable instance_operations;
extern const operation::OperationTable tag_operations;

}  // namespace sekisho::ec2_service
