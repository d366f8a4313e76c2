#include "services/ec2/describe.h"
#include "services/ec2/network.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using domain::NatGateway;
using Values = std::vector<std::string>;

constexpr std::string_view deleted = "deleted";

// `state`: what an answer says that is about a change; nothing: the record's.
ec2::NatGateway to_wire(const NatGateway& gateway, std::optional<ec2::NatGatewayState> state = {}) {
    ec2::NatGateway wire;
    wire.nat_gateway_id = gateway.id;
    wire.vpc_id = gateway.vpc_id;
    wire.subnet_id = gateway.subnet_id;
    wire.state = state ? state : enum_of<ec2::NatGatewayState>(gateway.state);
    wire.connectivity_type = enum_of<ec2::ConnectivityType>(gateway.connectivity);
    wire.create_time = gateway.created_at;
    if (gateway.state == deleted) wire.delete_time = gateway.deleted_at;
    ec2::NatGatewayAddress address{.network_interface_id = gateway.network_interface_id,
                                   .private_ip = gateway.private_address,
                                   .is_primary = true,
                                   .status = ec2::NatGatewayAddressStatus::succeeded};
    if (!gateway.allocation_id.empty()) {
        address.allocation_id = gateway.allocation_id;
        address.public_ip = gateway.public_address;
        address.association_id = gateway.association_id;
    }
    wire.nat_gateway_addresses = std::vector{std::move(address)};
    wire.tags = tags_to_wire(gateway.tags);
    return wire;
}

// The free address that a public gateway is given.
Result<std::optional<domain::Address>> read_address(const Call& call, const ec2::CreateNatGatewayRequest& request) {
    const bool is_public =
        request.connectivity_type.value_or(ec2::ConnectivityType::public_) == ec2::ConnectivityType::public_;
    if (!is_public) {
        if (!request.allocation_id) return std::optional<domain::Address>();
        return error("InvalidParameter", "AllocationId cannot be specified with a private NAT gateway.");
    }
    if (!request.allocation_id) {
        return error("MissingParameter",
                     "The request must include the AllocationId parameter. Add the required parameter and retry the "
                     "request.");
    }
    SEK_TRY(auto address, find(call, domain::addresses, address_kind, *request.allocation_id));
    if (!address.association_id.empty()) {
        return error("Resource.AlreadyAssociated", "Elastic IP address [" + address.id + "] is already associated");
    }
    return std::optional(std::move(address));
}

Result<NatGateway> make_gateway(Call& call, const ec2::CreateNatGatewayRequest& request) {
    if (!request.subnet_id) return missing_parameter("subnetId");
    SEK_TRY(const auto subnet, find(call, domain::subnets, subnet_kind, *request.subnet_id));
    SEK_TRY(auto address, read_address(call, request));
    SEK_TRY(auto tags, read_tags(call, nat_gateway_kind, request.tag_specifications));
    auto gateway = new_record<NatGateway>(call, nat_gateway_kind.prefix, std::move(tags));
    SEK_TRY(const auto interface, make_interface(call, subnet,
                                                 {.type = std::string(to_text(ec2::NetworkInterfaceType::nat_gateway)),
                                                  .description = "Interface for NAT Gateway " + gateway.id,
                                                  .requester_id = call.account().str(),
                                                  .private_address = request.private_ip_address}));
    gateway.vpc_id = subnet.vpc_id;
    gateway.subnet_id = subnet.id;
    gateway.state = enum_text(ec2::NatGatewayState::available);
    gateway.connectivity = enum_text(request.connectivity_type.value_or(ec2::ConnectivityType::public_));
    gateway.network_interface_id = interface.id;
    gateway.private_address = interface.private_address;
    if (address) {
        SEK_TRY(associate_address(call, *address, interface));
        gateway.allocation_id = address->id;
        gateway.public_address = address->public_address;
        gateway.association_id = address->association_id;
    }
    SEK_TRY(domain::nat_gateways.put(call.tx, gateway));
    return gateway;
}

Result<ec2::CreateNatGatewayResult> create_gateway(Call& call, const ec2::CreateNatGatewayRequest& request) {
    const auto& model = ec2::CreateNatGateway::model;
    SEK_TRY(const auto made, find_made(call, model, request.client_token, &request));
    ec2::CreateNatGatewayResult result{.client_token = request.client_token};
    if (made) {
        SEK_TRY(const auto gateway, find(call, domain::nat_gateways, nat_gateway_kind, *made));
        result.nat_gateway = to_wire(gateway);
        return result;
    }
    SEK_TRY(const auto gateway, make_gateway(call, request));
    SEK_TRY(remember_made(call, model, request.client_token, &request, gateway.id));
    result.nat_gateway = to_wire(gateway, ec2::NatGatewayState::pending);
    return result;
}

access::Permissions create_permissions(const Call& call, const ec2::CreateNatGatewayRequest& request) {
    auto permissions = making(call, nat_gateway_kind, "CreateNatGateway", request.tag_specifications);
    if (request.subnet_id) permissions.push_back(on_existing(call, subnet_kind, *request.subnet_id));
    if (request.allocation_id) permissions.push_back(on_existing(call, address_kind, *request.allocation_id));
    return permissions;
}

Result<ec2::DeleteNatGatewayResult> delete_gateway(Call& call, const ec2::DeleteNatGatewayRequest& request) {
    SEK_TRY(auto gateway, find(call, domain::nat_gateways, nat_gateway_kind, request.nat_gateway_id));
    if (gateway.state == deleted) return not_found(nat_gateway_kind, gateway.id);
    if (!gateway.allocation_id.empty()) {
        SEK_TRY(auto address, domain::addresses.get(call.tx, call.account(), call.region(), gateway.allocation_id));
        if (address) SEK_TRY(release_association(call, *address));
    }
    SEK_TRY(domain::network_interfaces.erase(call.tx, call.account(), call.region(), gateway.network_interface_id));
    gateway.state = deleted;
    gateway.deleted_at = call.now;
    SEK_TRY(domain::nat_gateways.put(call.tx, gateway));
    return ec2::DeleteNatGatewayResult{.nat_gateway_id = gateway.id};
}

constexpr FilterRow<NatGateway> filters[] = {
    {"connectivity-type", [](const NatGateway& g) { return Values{g.connectivity}; }},
    {"nat-gateway-id", [](const NatGateway& g) { return Values{g.id}; }},
    {"state", [](const NatGateway& g) { return Values{g.state}; }},
    {"subnet-id", [](const NatGateway& g) { return Values{g.subnet_id}; }},
    {"vpc-id", [](const NatGateway& g) { return Values{g.vpc_id}; }},
};

Result<ec2::DescribeNatGatewaysResult> describe_gateways(Call& call, const ec2::DescribeNatGatewaysRequest& request) {
    SEK_TRY(const auto found,
            describe<NatGateway>(call, domain::nat_gateways, nat_gateway_kind, filters, request.nat_gateway_ids,
                                 request.filter, {"DescribeNatGateways", request.next_token, request.max_results}));
    ec2::DescribeNatGatewaysResult result;
    result.next_token = found.next_token;
    result.nat_gateways.emplace();
    for (const auto& gateway : found.records) result.nat_gateways->push_back(to_wire(gateway));
    return result;
}

}  // namespace

const operation::OperationTable nat_gateway_operations = {
    row<ec2::CreateNatGateway>({.access = Access::write, .resources = create_permissions, .handle = create_gateway}),
    row<ec2::DeleteNatGateway>({.access = Access::write,
                                .resources = on<nat_gateway_kind, &ec2::DeleteNatGatewayRequest::nat_gateway_id>,
                                .handle = delete_gateway}),
    row<ec2::DescribeNatGateways>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeNatGatewaysRequest>, .handle = describe_gateways}),
};

}  // namespace sekisho::ec2_service
