#include "services/ec2/service.h"

#include "models/ec2.h"

namespace sekisho::ec2_service {

void register_operations(operation::Registry& registry) {
    for (const auto* table : {&vpc_operations, &subnet_operations, &internet_gateway_operations,
                              &nat_gateway_operations, &route_table_operations, &route_operations, &address_operations,
                              &network_interface_operations, &network_acl_operations, &security_group_operations,
                              &security_group_rule_operations, &launch_template_operations,
                              &launch_template_version_operations, &key_pair_operations, &placement_group_operations,
                              &zone_operations, &instance_type_operations, &instance_operations, &tag_operations}) {
        registry.add(ec2::service, *table);
    }
}

}  // namespace sekisho::ec2_service
