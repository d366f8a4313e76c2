#include "services/ec2/catalog.h"
#include "services/ec2/describe.h"
#include "services/ec2/network.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using domain::NetworkInterface;
using Values = std::vector<std::string>;

Result<ec2::NetworkInterface> to_wire(const Call& call, const NetworkInterface& interface) {
    ec2::NetworkInterface wire;
    wire.network_interface_id = interface.id;
    wire.owner_id = interface.account_id.str();
    wire.vpc_id = interface.vpc_id;
    wire.subnet_id = interface.subnet_id;
    wire.availability_zone = interface.zone;
    if (const auto zone = find_zone(call.region(), interface.zone)) wire.availability_zone_id = zone->id;
    wire.interface_type = enum_of<ec2::NetworkInterfaceType>(interface.type);
    wire.description = interface.description;
    wire.mac_address = interface.mac_address;
    wire.private_ip_address = interface.private_address;
    wire.source_dest_check = interface.requester_id.empty();
    wire.requester_managed = !interface.requester_id.empty();
    if (!interface.requester_id.empty()) wire.requester_id = interface.requester_id;
    wire.status =
        interface.requester_id.empty() ? ec2::NetworkInterfaceStatus::available : ec2::NetworkInterfaceStatus::in_use;
    wire.groups.emplace();
    for (const auto& id : interface.security_group_ids) {
        SEK_TRY(const auto group, domain::security_groups.get(call.tx, call.account(), call.region(), id));
        wire.groups->push_back({.group_id = id, .group_name = group ? group->name : ""});
    }
    ec2::NetworkInterfacePrivateIpAddress first{.primary = true, .private_ip_address = interface.private_address};
    SEK_TRY(const auto address, address_of_interface(call, interface.id));
    if (address) {
        wire.association = ec2::NetworkInterfaceAssociation{.allocation_id = address->id,
                                                            .association_id = address->association_id,
                                                            .ip_owner_id = address->account_id.str(),
                                                            .public_ip = address->public_address};
        first.association = wire.association;
    }
    wire.private_ip_addresses = std::vector{std::move(first)};
    wire.tag_set = tags_to_wire(interface.tags);
    return wire;
}

Result<Values> read_groups(const Call& call, const domain::Subnet& subnet, const std::optional<Values>& asked) {
    SEK_TRY(const auto groups, all_in_vpc(call, domain::security_groups, subnet.vpc_id));
    if (!asked || asked->empty()) {
        const auto at = std::ranges::find(groups, "default", &domain::SecurityGroup::name);
        return at == groups.end() ? Values() : Values{at->id};
    }
    for (const auto& id : *asked) {
        SEK_TRY(check_id(security_group_kind, id));
        if (std::ranges::find(groups, id, &domain::SecurityGroup::id) == groups.end()) {
            return not_found(security_group_kind, id);
        }
    }
    return *asked;
}

Result<ec2::CreateNetworkInterfaceResult> create_interface(Call& call,
                                                           const ec2::CreateNetworkInterfaceRequest& request) {
    const auto& model = ec2::CreateNetworkInterface::model;
    SEK_TRY(const auto made, find_made(call, model, request.client_token, &request));
    ec2::CreateNetworkInterfaceResult result{.client_token = request.client_token};
    if (made) {
        SEK_TRY(const auto known, find(call, domain::network_interfaces, network_interface_kind, *made));
        SEK_TRY(result.network_interface, to_wire(call, known));
        return result;
    }
    SEK_TRY(const auto subnet, find(call, domain::subnets, subnet_kind, request.subnet_id));
    SEK_TRY(auto tags, read_tags(call, network_interface_kind, request.tag_specifications));
    SEK_TRY(auto groups, read_groups(call, subnet, request.groups));
    SEK_TRY(const auto interface, make_interface(call, subnet,
                                                 {.type = std::string(to_text(ec2::NetworkInterfaceType::interface)),
                                                  .description = request.description.value_or(""),
                                                  .requester_id = {},
                                                  .private_address = request.private_ip_address,
                                                  .security_group_ids = std::move(groups),
                                                  .tags = std::move(tags)}));
    SEK_TRY(remember_made(call, model, request.client_token, &request, interface.id));
    SEK_TRY(result.network_interface, to_wire(call, interface));
    return result;
}

access::Permissions create_permissions(const Call& call, const ec2::CreateNetworkInterfaceRequest& request) {
    auto permissions = making(call, network_interface_kind, "CreateNetworkInterface", request.tag_specifications);
    permissions.push_back(on_existing(call, subnet_kind, request.subnet_id));
    for (const auto& id : request.groups.value_or(Values())) {
        permissions.push_back(on_existing(call, security_group_kind, id));
    }
    return permissions;
}

Result<ec2::DeleteNetworkInterface::Response> delete_interface(Call& call,
                                                               const ec2::DeleteNetworkInterfaceRequest& request) {
    SEK_TRY(const auto interface,
            find(call, domain::network_interfaces, network_interface_kind, request.network_interface_id));
    if (!interface.requester_id.empty()) {
        return error("InvalidParameterValue", "Network interface '" + interface.id + "' is currently in use.");
    }
    SEK_TRY(auto address, address_of_interface(call, interface.id));
    if (address) SEK_TRY(release_association(call, *address));
    SEK_TRY(domain::network_interfaces.erase(call.tx, call.account(), call.region(), interface.id));
    return ec2::DeleteNetworkInterface::Response{};
}

constexpr FilterRow<NetworkInterface> filters[] = {
    {"availability-zone", [](const NetworkInterface& n) { return Values{n.zone}; }},
    {"description", [](const NetworkInterface& n) { return Values{n.description}; }},
    {"group-id", [](const NetworkInterface& n) { return n.security_group_ids; }},
    {"interface-type", [](const NetworkInterface& n) { return Values{n.type}; }},
    {"mac-address", [](const NetworkInterface& n) { return Values{n.mac_address}; }},
    {"network-interface-id", [](const NetworkInterface& n) { return Values{n.id}; }},
    {"owner-id", [](const NetworkInterface& n) { return Values{n.account_id.str()}; }},
    {"private-ip-address", [](const NetworkInterface& n) { return Values{n.private_address}; }},
    {"requester-managed", [](const NetworkInterface& n) { return Values{text_of(!n.requester_id.empty())}; }},
    {"status", [](const NetworkInterface& n) { return Values{n.requester_id.empty() ? "available" : "in-use"}; }},
    {"subnet-id", [](const NetworkInterface& n) { return Values{n.subnet_id}; }},
    {"vpc-id", [](const NetworkInterface& n) { return Values{n.vpc_id}; }},
};

Result<ec2::DescribeNetworkInterfacesResult> describe_interfaces(Call& call,
                                                                 const ec2::DescribeNetworkInterfacesRequest& request) {
    SEK_TRY(const auto found,
            describe<NetworkInterface>(call, domain::network_interfaces, network_interface_kind, filters,
                                       request.network_interface_ids, request.filters,
                                       {"DescribeNetworkInterfaces", request.next_token, request.max_results}));
    ec2::DescribeNetworkInterfacesResult result;
    result.next_token = found.next_token;
    result.network_interfaces.emplace();
    for (const auto& interface : found.records) {
        SEK_TRY(auto wire, to_wire(call, interface));
        result.network_interfaces->push_back(std::move(wire));
    }
    return result;
}

}  // namespace

const operation::OperationTable network_interface_operations = {
    row<ec2::CreateNetworkInterface>(
        {.access = Access::write, .resources = create_permissions, .handle = create_interface}),
    row<ec2::DeleteNetworkInterface>(
        {.access = Access::write,
         .resources = on<network_interface_kind, &ec2::DeleteNetworkInterfaceRequest::network_interface_id>,
         .handle = delete_interface}),
    row<ec2::DescribeNetworkInterfaces>({.access = Access::read,
                                         .resources = anywhere<ec2::DescribeNetworkInterfacesRequest>,
                                         .handle = describe_interfaces}),
};

}  // namespace sekisho::ec2_service
