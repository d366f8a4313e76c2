#include "services/ec2/routes.h"

#include <algorithm>

#include "base/limits.h"
#include "domain/cidr.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using domain::Cidr;
using domain::RouteTable;

constexpr std::string_view local = "local";

// Does the target still lead anywhere in the table's VPC?
Result<bool> is_alive(const Call& call, const RouteTable& table, const std::string& target) {
    if (target.starts_with("igw-")) {
        SEK_TRY(const auto gateway, domain::internet_gateways.get(call.tx, call.account(), call.region(), target));
        return gateway && gateway->vpc_id == table.vpc_id;
    }
    if (target.starts_with("nat-")) {
        SEK_TRY(const auto gateway, domain::nat_gateways.get(call.tx, call.account(), call.region(), target));
        return gateway && gateway->state == enum_text(ec2::NatGatewayState::available);
    }
    if (target.starts_with("eigw-")) {
        return domain::egress_only_internet_gateways.exists(call.tx, call.account(), call.region(), target);
    }
    return domain::network_interfaces.exists(call.tx, call.account(), call.region(), target);
}

void set_destination(ec2::Route& route, const std::string& destination) {
    (destination.find(':') == std::string::npos ? route.destination_cidr_block : route.destination_ipv6_cidr_block) =
        destination;
}

struct Destination {
    std::string text;       // canonical
    std::string_view name;  // of the parameter, as error texts print it
};
template <class Request>
Result<Destination> read_destination(const Request& request) {
    if (request.destination_prefix_list_id) {
        return error("UnsupportedOperation", "Routes lead to blocks of addresses only.");
    }
    const bool is_ipv6 = !request.destination_cidr_block;
    const auto& text = is_ipv6 ? request.destination_ipv6_cidr_block : request.destination_cidr_block;
    if (!text) return missing_parameter("destinationCidrBlock");
    const auto cidr = Cidr::parse(*text);
    if (!cidr || cidr->is_ipv6 != is_ipv6) {
        return invalid_value("Value (" + *text + ") for parameter " +
                             (is_ipv6 ? "destinationIpv6CidrBlock" : "destinationCidrBlock") +
                             " is invalid. This is not a valid CIDR block.");
    }
    return Destination{cidr->print(), is_ipv6 ? "destination-ipv6-cidr-block" : "destination-cidr-block"};
}

Result<std::string> read_gateway(const Call& call, const RouteTable& table, const std::string& id) {
    SEK_TRY(const auto gateway, domain::internet_gateways.get(call.tx, call.account(), call.region(), id));
    if (!gateway) return error("InvalidGatewayID.NotFound", "The gateway ID '" + id + "' does not exist");
    if (gateway->vpc_id == table.vpc_id) return id;
    return invalid_value("route table " + table.id + " and network gateway " + id + " belong to different networks");
}

Result<std::string> read_nat_gateway(const Call& call, const RouteTable& table, const std::string& id) {
    SEK_TRY(const auto gateway, domain::nat_gateways.get(call.tx, call.account(), call.region(), id));
    if (!gateway || gateway->state != enum_text(ec2::NatGatewayState::available)) {
        return error("InvalidNatGatewayID.NotFound", "The natGateway ID '" + id + "' does not exist");
    }
    if (gateway->vpc_id == table.vpc_id) return id;
    return invalid_value("route table " + table.id + " and network gateway " + id + " belong to different networks");
}

// CreateRoute and ReplaceRoute name their target alike: one of these.
template <class Request>
Result<std::string> read_target(const Call& call, const RouteTable& table, const Request& request) {
    const auto given = {request.gateway_id.has_value(), request.nat_gateway_id.has_value(),
                        request.egress_only_internet_gateway_id.has_value(), request.network_interface_id.has_value()};
    if (request.instance_id || request.vpc_peering_connection_id || request.transit_gateway_id ||
        request.carrier_gateway_id || request.local_gateway_id || request.vpc_endpoint_id || request.core_network_arn) {
        return error("UnsupportedOperation",
                     "Routes lead to internet, NAT and egress-only gateways and to network interfaces only.");
    }
    if (std::ranges::count(given, true) != 1) {
        return error("MissingParameter",
                     "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, "
                     "vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, localGatewayId, "
                     "carrierGatewayId or instanceId");
    }
    if (request.gateway_id) return read_gateway(call, table, *request.gateway_id);
    if (request.nat_gateway_id) return read_nat_gateway(call, table, *request.nat_gateway_id);
    if (request.egress_only_internet_gateway_id) {
        SEK_TRY(const auto gateway, find(call, domain::egress_only_internet_gateways, egress_only_gateway_kind,
                                         *request.egress_only_internet_gateway_id));
        return gateway.id;
    }
    SEK_TRY(const auto interface,
            find(call, domain::network_interfaces, network_interface_kind, *request.network_interface_id));
    return interface.id;
}

Result<bool> is_local(const Call& call, const RouteTable& table, const std::string& destination) {
    SEK_TRY(const auto vpc, domain::vpcs.get(call.tx, call.account(), call.region(), table.vpc_id));
    const auto has = [&](const auto& list) {
        return std::ranges::find(list, destination, &domain::CidrAssociation::cidr) != list.end();
    };
    return vpc && (has(vpc->cidrs) || has(vpc->ipv6_cidrs));
}

Result<ec2::CreateRouteResult> create_route(Call& call, const ec2::CreateRouteRequest& request) {
    SEK_TRY(auto table, find(call, domain::route_tables, route_table_kind, request.route_table_id));
    SEK_TRY(const auto destination, read_destination(request));
    SEK_TRY(const auto target, read_target(call, table, request));
    SEK_TRY(const bool is_of_vpc, is_local(call, table, destination.text));
    const auto at = std::ranges::find(table.routes, destination.text, &domain::Route::destination);
    if (is_of_vpc || (at != table.routes.end() && at->target != target)) {
        return error("RouteAlreadyExists", "The route identified by " + destination.text + " already exists.");
    }
    if (at != table.routes.end()) return ec2::CreateRouteResult{.return_ = true};
    if (table.routes.size() >= limits::routes_max) {
        return error("RouteLimitExceeded",
                     "The maximum number of routes (" + std::to_string(limits::routes_max) + ") has been reached.");
    }
    table.routes.push_back({.destination = destination.text, .target = target});
    SEK_TRY(domain::route_tables.put(call.tx, table));
    return ec2::CreateRouteResult{.return_ = true};
}

ApiError no_route(const RouteTable& table, const Destination& destination) {
    return error("InvalidRoute.NotFound", "no route with " + std::string(destination.name) + " " + destination.text +
                                              " in route table " + table.id);
}

Result<ec2::ReplaceRoute::Response> replace_route(Call& call, const ec2::ReplaceRouteRequest& request) {
    SEK_TRY(auto table, find(call, domain::route_tables, route_table_kind, request.route_table_id));
    SEK_TRY(const auto destination, read_destination(request));
    const auto at = std::ranges::find(table.routes, destination.text, &domain::Route::destination);
    if (at == table.routes.end()) return no_route(table, destination);
    SEK_TRY(at->target, read_target(call, table, request));
    SEK_TRY(domain::route_tables.put(call.tx, table));
    return ec2::ReplaceRoute::Response{};
}

Result<ec2::DeleteRoute::Response> delete_route(Call& call, const ec2::DeleteRouteRequest& request) {
    SEK_TRY(auto table, find(call, domain::route_tables, route_table_kind, request.route_table_id));
    SEK_TRY(const auto destination, read_destination(request));
    SEK_TRY(const bool is_of_vpc, is_local(call, table, destination.text));
    if (is_of_vpc) {
        return invalid_value("cannot remove local route " + destination.text + " in route table " + table.id);
    }
    const auto at = std::ranges::find(table.routes, destination.text, &domain::Route::destination);
    if (at == table.routes.end()) return no_route(table, destination);
    table.routes.erase(at);
    SEK_TRY(domain::route_tables.put(call.tx, table));
    return ec2::DeleteRoute::Response{};
}

}  // namespace

Result<std::vector<ec2::Route>> routes_to_wire(const Call& call, const RouteTable& table) {
    std::vector<ec2::Route> wire;
    SEK_TRY(const auto vpc, domain::vpcs.get(call.tx, call.account(), call.region(), table.vpc_id));
    if (vpc) {
        for (const auto* list : {&vpc->cidrs, &vpc->ipv6_cidrs}) {
            for (const auto& association : *list) {
                ec2::Route route{.gateway_id = std::string(local),
                                 .origin = ec2::RouteOrigin::create_route_table,
                                 .state = ec2::RouteState::active};
                set_destination(route, association.cidr);
                wire.push_back(std::move(route));
            }
        }
    }
    for (const auto& made : table.routes) {
        SEK_TRY(const bool alive, is_alive(call, table, made.target));
        ec2::Route route{.origin = ec2::RouteOrigin::create_route,
                         .state = alive ? ec2::RouteState::active : ec2::RouteState::blackhole};
        set_destination(route, made.destination);
        if (made.target.starts_with("igw-")) route.gateway_id = made.target;
        if (made.target.starts_with("nat-")) route.nat_gateway_id = made.target;
        if (made.target.starts_with("eigw-")) route.egress_only_internet_gateway_id = made.target;
        if (made.target.starts_with("eni-")) route.network_interface_id = made.target;
        wire.push_back(std::move(route));
    }
    return wire;
}

const operation::OperationTable route_operations = {
    row<ec2::CreateRoute>({.access = Access::write,
                           .resources = on<route_table_kind, &ec2::CreateRouteRequest::route_table_id>,
                           .handle = create_route}),
    row<ec2::ReplaceRoute>({.access = Access::write,
                            .resources = on<route_table_kind, &ec2::ReplaceRouteRequest::route_table_id>,
                            .handle = replace_route}),
    row<ec2::DeleteRoute>({.access = Access::write,
                           .resources = on<route_table_kind, &ec2::DeleteRouteRequest::route_table_id>,
                           .handle = delete_route}),
};

}  // namespace sekisho::ec2_service
