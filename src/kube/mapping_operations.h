#pragma once
// The operations on a cluster's aws-auth mapping (models/sekisho.json): what it says, and changes of single entries, as
// `eksctl create iamidentitymapping` makes them. A change is an effect on the cluster: it is checked here, carried out
// by the cluster manager, and told by DescribeIdentityMapping. A record of a cluster has no ConfigMap: what is kept for
// it is the mapping.
#include "kube/aws_auth.h"
#include "operation/operation.h"

namespace sekisho::kube {

void register_operations(operation::Registry& registry);

// The mapping's texts as the store keeps them, without empty ones.
AwsAuthData kept_data(const domain::IdentityMapping& mapping);

}  // namespace sekisho::kube
