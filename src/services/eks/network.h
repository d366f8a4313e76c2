#pragma once
// What EC2's records say of the network that a cluster or a node group names. Subnets and launch templates that are not
// ours are taken as they are named: a cluster may stand for one elsewhere.
#include <string>
#include <vector>

#include "domain/clusters.h"
#include "operation/call.h"

namespace sekisho::eks_service {

// InvalidParameterException where the subnets are in one zone only.
Result<void> check_zones(const operation::Call& call, const std::vector<std::string>& subnet_ids);
// The VPC of the cluster's subnets, and the security group that EKS makes in it.
Result<void> join_network(operation::Call& call, domain::Cluster& cluster);
Result<void> leave_network(operation::Call& call, const domain::Cluster& cluster);

// The template's id, name, version as a number, and the instance type that it says.
Result<void> take_launch_template(const operation::Call& call, domain::Nodegroup& group);

// Where the node group's next instance goes: its subnets in turn.
struct NodePlace {
    std::string zone;
    std::string cidr;  // that its address is of
};
Result<NodePlace> node_place(const operation::Call& call, const domain::Nodegroup& group, std::size_t position);

}  // namespace sekisho::eks_service
