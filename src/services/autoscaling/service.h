#pragma once
// Auto Scaling groups of node groups. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/
#include "operation/operation.h"

namespace sekisho::autoscaling_service {

void register_operations(operation::Registry& registry);

}  // namespace sekisho::autoscaling_service
