// Internet gateways and egress-only internet gateways.
#include <algorithm>

#include "services/ec2/describe.h"
#include "services/ec2/network.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using domain::EgressOnlyInternetGateway;
using domain::InternetGateway;
using Values = std::vector<std::string>;

ec2::InternetGateway to_wire(const InternetGateway& gateway) {
    ec2::InternetGateway wire;
    wire.internet_gateway_id = gateway.id;
    wire.owner_id = gateway.account_id.str();
    wire.attachments.emplace();
    if (!gateway.vpc_id.empty()) {
        wire.attachments->push_back({.state = ec2::AttachmentStatus::attached, .vpc_id = gateway.vpc_id});
    }
    wire.tags = tags_to_wire(gateway.tags);
    return wire;
}

Result<ec2::CreateInternetGatewayResult> create_gateway(Call& call, const ec2::CreateInternetGatewayRequest& request) {
    SEK_TRY(auto tags, read_tags(call, internet_gateway_kind, request.tag_specifications));
    const auto gateway = new_record<InternetGateway>(call, internet_gateway_kind.prefix, std::move(tags));
    SEK_TRY(domain::internet_gateways.put(call.tx, gateway));
    return ec2::CreateInternetGatewayResult{.internet_gateway = to_wire(gateway)};
}

access::Permissions create_permissions(const Call& call, const ec2::CreateInternetGatewayRequest& request) {
    return making(call, internet_gateway_kind, "CreateInternetGateway", request.tag_specifications);
}

Result<ec2::AttachInternetGateway::Response> attach_gateway(Call& call,
                                                            const ec2::AttachInternetGatewayRequest& request) {
    SEK_TRY(auto gateway, find(call, domain::internet_gateways, internet_gateway_kind, request.internet_gateway_id));
    SEK_TRY(const auto vpc, find(call, domain::vpcs, vpc_kind, request.vpc_id));
    if (!gateway.vpc_id.empty()) {
        return error("Resource.AlreadyAssociated",
                     "resource " + gateway.id + " is already attached to network " + gateway.vpc_id);
    }
    SEK_TRY(const auto others, all_in_vpc(call, domain::internet_gateways, vpc.id));
    if (!others.empty()) {
        return invalid_value("Network " + vpc.id + " already has an internet gateway attached");
    }
    gateway.vpc_id = vpc.id;
    SEK_TRY(domain::internet_gateways.put(call.tx, gateway));
    return ec2::AttachInternetGateway::Response{};
}

Result<ec2::DetachInternetGateway::Response> detach_gateway(Call& call,
                                                            const ec2::DetachInternetGatewayRequest& request) {
    SEK_TRY(auto gateway, find(call, domain::internet_gateways, internet_gateway_kind, request.internet_gateway_id));
    SEK_TRY(const auto vpc, find(call, domain::vpcs, vpc_kind, request.vpc_id));
    if (gateway.vpc_id != vpc.id) {
        return error("Gateway.NotAttached", "resource " + gateway.id + " is not attached to network " + vpc.id);
    }
    SEK_TRY(const auto interfaces, all_in_vpc(call, domain::network_interfaces, vpc.id));
    for (const auto& interface : interfaces) {
        SEK_TRY(const auto address, address_of_interface(call, interface.id));
        if (!address) continue;
        return dependency_violation("Network " + vpc.id +
                                    " has some mapped public address(es). Please unmap those public address(es) before "
                                    "detaching the gateway.");
    }
    gateway.vpc_id.clear();
    SEK_TRY(domain::internet_gateways.put(call.tx, gateway));
    return ec2::DetachInternetGateway::Response{};
}

template <class Request>
access::Permissions attachment_permissions(const Call& call, const Request& request) {
    return {on_existing(call, internet_gateway_kind, request.internet_gateway_id),
            on_existing(call, vpc_kind, request.vpc_id)};
}

Result<ec2::DeleteInternetGateway::Response> delete_gateway(Call& call,
                                                            const ec2::DeleteInternetGatewayRequest& request) {
    SEK_TRY(const auto gateway,
            find(call, domain::internet_gateways, internet_gateway_kind, request.internet_gateway_id));
    if (!gateway.vpc_id.empty()) {
        return dependency_violation("The internetGateway '" + gateway.id + "' has dependencies and cannot be deleted.");
    }
    SEK_TRY(domain::internet_gateways.erase(call.tx, call.account(), call.region(), gateway.id));
    return ec2::DeleteInternetGateway::Response{};
}

constexpr FilterRow<InternetGateway> filters[] = {
    {"attachment.state",
     [](const InternetGateway& g) { return g.vpc_id.empty() ? Values() : Values{"available", "attached"}; }},
    {"attachment.vpc-id", [](const InternetGateway& g) { return Values{g.vpc_id}; }},
    {"internet-gateway-id", [](const InternetGateway& g) { return Values{g.id}; }},
    {"owner-id", [](const InternetGateway& g) { return Values{g.account_id.str()}; }},
};

Result<ec2::DescribeInternetGatewaysResult> describe_gateways(Call& call,
                                                              const ec2::DescribeInternetGatewaysRequest& request) {
    SEK_TRY(const auto found,
            describe<InternetGateway>(call, domain::internet_gateways, internet_gateway_kind, filters,
                                      request.internet_gateway_ids, request.filters,
                                      {"DescribeInternetGateways", request.next_token, request.max_results}));
    ec2::DescribeInternetGatewaysResult result{.internet_gateways = std::vector<ec2::InternetGateway>(),
                                               .next_token = found.next_token};
    for (const auto& gateway : found.records) result.internet_gateways->push_back(to_wire(gateway));
    return result;
}

// -- egress only

ec2::EgressOnlyInternetGateway to_wire(const EgressOnlyInternetGateway& gateway) {
    ec2::EgressOnlyInternetGateway wire;
    wire.egress_only_internet_gateway_id = gateway.id;
    wire.attachments.emplace().push_back({.state = ec2::AttachmentStatus::attached, .vpc_id = gateway.vpc_id});
    wire.tags = tags_to_wire(gateway.tags);
    return wire;
}

Result<ec2::CreateEgressOnlyInternetGatewayResult> create_egress_only(
    Call& call, const ec2::CreateEgressOnlyInternetGatewayRequest& request) {
    const auto& model = ec2::CreateEgressOnlyInternetGateway::model;
    SEK_TRY(const auto made, find_made(call, model, request.client_token, &request));
    if (made) {
        SEK_TRY(const auto gateway, find(call, domain::egress_only_internet_gateways, egress_only_gateway_kind, *made));
        return ec2::CreateEgressOnlyInternetGatewayResult{.client_token = request.client_token,
                                                          .egress_only_internet_gateway = to_wire(gateway)};
    }
    SEK_TRY(const auto vpc, find(call, domain::vpcs, vpc_kind, request.vpc_id));
    SEK_TRY(auto tags, read_tags(call, egress_only_gateway_kind, request.tag_specifications));
    auto gateway = new_record<EgressOnlyInternetGateway>(call, egress_only_gateway_kind.prefix, std::move(tags));
    gateway.vpc_id = vpc.id;
    SEK_TRY(domain::egress_only_internet_gateways.put(call.tx, gateway));
    SEK_TRY(remember_made(call, model, request.client_token, &request, gateway.id));
    return ec2::CreateEgressOnlyInternetGatewayResult{.client_token = request.client_token,
                                                      .egress_only_internet_gateway = to_wire(gateway)};
}

access::Permissions create_egress_only_permissions(const Call& call,
                                                   const ec2::CreateEgressOnlyInternetGatewayRequest& request) {
    auto permissions =
        making(call, egress_only_gateway_kind, "CreateEgressOnlyInternetGateway", request.tag_specifications);
    permissions.push_back(on_existing(call, vpc_kind, request.vpc_id));
    return permissions;
}

Result<ec2::DeleteEgressOnlyInternetGatewayResult> delete_egress_only(
    Call& call, const ec2::DeleteEgressOnlyInternetGatewayRequest& request) {
    SEK_TRY(const auto gateway, find(call, domain::egress_only_internet_gateways, egress_only_gateway_kind,
                                     request.egress_only_internet_gateway_id));
    SEK_TRY(domain::egress_only_internet_gateways.erase(call.tx, call.account(), call.region(), gateway.id));
    return ec2::DeleteEgressOnlyInternetGatewayResult{.return_code = true};
}

Result<ec2::DescribeEgressOnlyInternetGatewaysResult> describe_egress_only(
    Call& call, const ec2::DescribeEgressOnlyInternetGatewaysRequest& request) {
    SEK_TRY(const auto found, describe<EgressOnlyInternetGateway>(
                                  call, domain::egress_only_internet_gateways, egress_only_gateway_kind, {},
                                  request.egress_only_internet_gateway_ids, request.filters,
                                  {"DescribeEgressOnlyInternetGateways", request.next_token, request.max_results}));
    ec2::DescribeEgressOnlyInternetGatewaysResult result;
    result.egress_only_internet_gateways.emplace();
    for (const auto& gateway : found.records) result.egress_only_internet_gateways->push_back(to_wire(gateway));
    result.next_token = found.next_token;
    return result;
}

}  // namespace

const operation::OperationTable internet_gateway_operations = {
    row<ec2::CreateInternetGateway>(
        {.access = Access::write, .resources = create_permissions, .handle = create_gateway}),
    row<ec2::AttachInternetGateway>({.access = Access::write,
                                     .resources = attachment_permissions<ec2::AttachInternetGatewayRequest>,
                                     .handle = attach_gateway}),
    row<ec2::DetachInternetGateway>({.access = Access::write,
                                     .resources = attachment_permissions<ec2::DetachInternetGatewayRequest>,
                                     .handle = detach_gateway}),
    row<ec2::DeleteInternetGateway>(
        {.access = Access::write,
         .resources = on<internet_gateway_kind, &ec2::DeleteInternetGatewayRequest::internet_gateway_id>,
         .handle = delete_gateway}),
    row<ec2::DescribeInternetGateways>({.access = Access::read,
                                        .resources = anywhere<ec2::DescribeInternetGatewaysRequest>,
                                        .handle = describe_gateways}),
    row<ec2::CreateEgressOnlyInternetGateway>(
        {.access = Access::write, .resources = create_egress_only_permissions, .handle = create_egress_only}),
    row<ec2::DeleteEgressOnlyInternetGateway>(
        {.access = Access::write,
         .resources = on<egress_only_gateway_kind,
                         &ec2::DeleteEgressOnlyInternetGatewayRequest::egress_only_internet_gateway_id>,
         .handle = delete_egress_only}),
    row<ec2::DescribeEgressOnlyInternetGateways>({.access = Access::read,
                                                  .resources = anywhere<ec2::DescribeEgressOnlyInternetGatewaysRequest>,
                                                  .handle = describe_egress_only}),
};

}  // namespace sekisho::ec2_service
