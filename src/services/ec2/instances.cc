// The instances of node groups: what stands for their nodes.
#include "domain/clusters.h"
#include "services/ec2/catalog.h"
#include "services/ec2/describe.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using Values = std::vector<std::string>;

constexpr std::int32_t running_code = 16;
constexpr std::string_view eks_requester = "eks.amazonaws.com";

struct NodeMachine {
    AccountId account_id;
    domain::NodeInstance instance;
    std::string type;
    std::string subnet_id;
    std::string vpc_id;
    std::string zone;
    Time launched_at{};
    domain::Tags tags;
};

// A group's instances stand in its subnets in turn.
Result<void> add_machines(const Call& call, const domain::Nodegroup& group, std::vector<NodeMachine>& machines) {
    for (std::size_t i = 0; i < group.instances.size(); ++i) {
        NodeMachine machine{.account_id = group.account_id,
                            .instance = group.instances[i],
                            .type = group.instance_types.empty() ? "" : group.instance_types.front(),
                            .launched_at = group.created_at,
                            .tags = {{"eks:cluster-name", group.cluster_name},
                                     {"eks:nodegroup-name", group.name},
                                     {"kubernetes.io/cluster/" + group.cluster_name, "owned"}}};
        if (!group.subnet_ids.empty()) machine.subnet_id = group.subnet_ids[i % group.subnet_ids.size()];
        SEK_TRY(const auto subnet, domain::subnets.get(call.tx, call.account(), call.region(), machine.subnet_id));
        if (subnet) {
            machine.vpc_id = subnet->vpc_id;
            machine.zone = subnet->zone;
        }
        machines.push_back(std::move(machine));
    }
    return {};
}

ec2::Reservation to_wire(const NodeMachine& machine) {
    ec2::Instance wire;
    wire.instance_id = machine.instance.id;
    wire.instance_type = machine.type;
    wire.state = ec2::InstanceState{.code = running_code, .name = ec2::InstanceStateName::running};
    wire.private_dns_name = machine.instance.private_dns_name;
    wire.private_ip_address = machine.instance.address;
    wire.launch_time = machine.launched_at;
    wire.subnet_id = machine.subnet_id;
    if (!machine.vpc_id.empty()) wire.vpc_id = machine.vpc_id;
    if (!machine.zone.empty()) wire.placement = ec2::Placement{.availability_zone = machine.zone};
    wire.tags = tags_to_wire(machine.tags);
    ec2::Reservation reservation;
    reservation.reservation_id = "r-" + machine.instance.id.substr(2);
    reservation.owner_id = machine.account_id.str();
    reservation.requester_id = std::string(eks_requester);
    reservation.instances.emplace().push_back(std::move(wire));
    return reservation;
}

constexpr FilterRow<NodeMachine> filters[] = {
    {"availability-zone", [](const NodeMachine& m) { return Values{m.zone}; }},
    {"instance-id", [](const NodeMachine& m) { return Values{m.instance.id}; }},
    {"instance-state-code", [](const NodeMachine&) { return Values{std::to_string(running_code)}; }},
    {"instance-state-name", [](const NodeMachine&) { return Values{"running"}; }},
    {"instance-type", [](const NodeMachine& m) { return Values{m.type}; }},
    {"owner-id", [](const NodeMachine& m) { return Values{m.account_id.str()}; }},
    {"private-dns-name", [](const NodeMachine& m) { return Values{m.instance.private_dns_name}; }},
    {"private-ip-address", [](const NodeMachine& m) { return Values{m.instance.address}; }},
    {"subnet-id", [](const NodeMachine& m) { return Values{m.subnet_id}; }},
    {"vpc-id", [](const NodeMachine& m) { return Values{m.vpc_id}; }},
};

Result<ec2::DescribeInstancesResult> describe_instances(Call& call, const ec2::DescribeInstancesRequest& request) {
    std::vector<domain::Nodegroup> groups;
    SEK_TRY(domain::nodegroups.each(call.tx, store::prefix(call.account(), call.region()), [&](const auto& group) {
        groups.push_back(group);
        return true;
    }));
    std::vector<NodeMachine> machines;
    for (const auto& group : groups) SEK_TRY(add_machines(call, group, machines));
    const auto id_of = [](const NodeMachine& machine) -> const std::string& { return machine.instance.id; };
    if (request.instance_ids && !request.instance_ids->empty()) {
        for (const auto& id : *request.instance_ids) {
            SEK_TRY(check_id(instance_kind, id));
            if (std::ranges::find(machines, id, id_of) == machines.end()) return not_found(instance_kind, id);
        }
        std::erase_if(machines, [&](const NodeMachine& machine) {
            return std::ranges::find(*request.instance_ids, machine.instance.id) == request.instance_ids->end();
        });
    }
    SEK_TRY(auto kept, select<NodeMachine>(filters, request.filters, std::move(machines)));
    SEK_TRY(const auto page,
            page_of(call, std::move(kept), {"DescribeInstances", request.next_token, request.max_results}));
    ec2::DescribeInstancesResult result;
    result.reservations.emplace();
    for (const auto& machine : page.records) result.reservations->push_back(to_wire(machine));
    result.next_token = page.next_token;
    return result;
}

}  // namespace

const operation::OperationTable instance_operations = {
    row<ec2::DescribeInstances>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeInstancesRequest>, .handle = describe_instances}),
};

}  // namespace sekisho::ec2_service
