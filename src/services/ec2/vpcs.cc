#include <algorithm>

#include "domain/cidr.h"
#include "services/ec2/describe.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using domain::Cidr;
using domain::Vpc;

constexpr unsigned vpc_prefix_min = 16;
constexpr unsigned vpc_prefix_max = 28;

ec2::VpcCidrBlockAssociation to_wire(const domain::CidrAssociation& association, ec2::VpcCidrBlockStateCode state) {
    return {.association_id = association.id,
            .cidr_block = association.cidr,
            .cidr_block_state = ec2::VpcCidrBlockState{.state = state}};
}
ec2::VpcIpv6CidrBlockAssociation to_wire(const Vpc& vpc, const domain::CidrAssociation& association,
                                         ec2::VpcCidrBlockStateCode state) {
    return {.association_id = association.id,
            .ipv6_cidr_block = association.cidr,
            .ipv6_cidr_block_state = ec2::VpcCidrBlockState{.state = state},
            .network_border_group = vpc.region.str(),
            .ipv6_pool = "Amazon"};
}

ec2::Vpc to_wire(const Vpc& vpc, ec2::VpcState state) {
    ec2::Vpc wire;
    wire.vpc_id = vpc.id;
    wire.owner_id = vpc.account_id.str();
    wire.state = state;
    wire.cidr_block = vpc.cidrs.front().cidr;
    wire.cidr_block_association_set.emplace();
    for (const auto& association : vpc.cidrs) {
        wire.cidr_block_association_set->push_back(to_wire(association, ec2::VpcCidrBlockStateCode::associated));
    }
    wire.ipv6_cidr_block_association_set.emplace();
    for (const auto& association : vpc.ipv6_cidrs) {
        wire.ipv6_cidr_block_association_set->push_back(
            to_wire(vpc, association, ec2::VpcCidrBlockStateCode::associated));
    }
    wire.instance_tenancy = enum_of<ec2::Tenancy>(vpc.tenancy);
    wire.is_default = false;
    wire.dhcp_options_id = "default";
    wire.tags = tags_to_wire(vpc.tags);
    return wire;
}

Result<Cidr> read_block(const std::optional<std::string>& text) {
    if (!text) return missing_parameter("cidrBlock");
    const auto cidr = Cidr::parse(*text);
    if (!cidr || cidr->is_ipv6) {
        return invalid_value("Value (" + *text +
                             ") for parameter cidrBlock is invalid. This is not a valid CIDR block.");
    }
    if (cidr->prefix < vpc_prefix_min || cidr->prefix > vpc_prefix_max) {
        return error("InvalidVpc.Range", "The CIDR '" + *text + "' is invalid.");
    }
    return *cidr;
}

domain::CidrAssociation associate(Call& call, std::string cidr) {
    return {.id = domain::make_ec2_id("vpc-cidr-assoc", call.random), .cidr = std::move(cidr)};
}

// A /56 of Amazon's: 2600:1f00::/24 is where EC2's regions have theirs.
std::string draw_ipv6_block(Call& call) {
    const auto digits = random_hex(call.random, 8);
    return Cidr::parse("2600:1f" + digits.substr(0, 2) + ":" + digits.substr(2, 4) + ":" + digits.substr(6, 2) +
                       "00::/56")
        ->print();
}

Result<void> make_network_of(Call& call, const Vpc& vpc) {
    auto group = domain::make_security_group(vpc, "default", "default VPC security group", call.now, call.random);
    group.rules.push_back({.id = domain::make_ec2_id("sgr", call.random), .protocol = "-1", .group_id = group.id});
    SEK_TRY(domain::security_groups.put(call.tx, group));
    auto table = new_record<domain::RouteTable>(call, route_table_kind.prefix, {});
    table.vpc_id = vpc.id;
    table.associations.push_back({.id = domain::make_ec2_id("rtbassoc", call.random), .subnet_id = {}});
    return domain::route_tables.put(call.tx, table);
}

Result<ec2::CreateVpcResult> create_vpc(Call& call, const ec2::CreateVpcRequest& request) {
    SEK_TRY(const auto cidr, read_block(request.cidr_block));
    SEK_TRY(auto tags, read_tags(call, vpc_kind, request.tag_specifications));
    auto vpc = new_record<Vpc>(call, vpc_kind.prefix, std::move(tags));
    vpc.cidrs.push_back(associate(call, cidr.print()));
    if (request.amazon_provided_ipv6_cidr_block.value_or(false)) {
        vpc.ipv6_cidrs.push_back(associate(call, draw_ipv6_block(call)));
    }
    vpc.tenancy = enum_text(request.instance_tenancy.value_or(ec2::Tenancy::default_));
    vpc.network_acl_id = domain::make_ec2_id(network_acl_kind.prefix, call.random);
    SEK_TRY(domain::vpcs.put(call.tx, vpc));
    SEK_TRY(make_network_of(call, vpc));
    return ec2::CreateVpcResult{.vpc = to_wire(vpc, ec2::VpcState::pending)};
}

access::Permissions create_permissions(const Call& call, const ec2::CreateVpcRequest& request) {
    return making(call, vpc_kind, "CreateVpc", request.tag_specifications);
}

// What the VPC made for itself goes with it; anything else must be gone before.
Result<ec2::DeleteVpc::Response> delete_vpc(Call& call, const ec2::DeleteVpcRequest& request) {
    SEK_TRY(const auto vpc, find(call, domain::vpcs, vpc_kind, request.vpc_id));
    SEK_TRY(const auto groups, all_in_vpc(call, domain::security_groups, vpc.id));
    SEK_TRY(const auto tables, all_in_vpc(call, domain::route_tables, vpc.id));
    SEK_TRY(const auto subnets, all_in_vpc(call, domain::subnets, vpc.id));
    SEK_TRY(const auto gateways, all_in_vpc(call, domain::internet_gateways, vpc.id));
    SEK_TRY(const auto egress_only, all_in_vpc(call, domain::egress_only_internet_gateways, vpc.id));
    SEK_TRY(const auto interfaces, all_in_vpc(call, domain::network_interfaces, vpc.id));
    if (groups.size() > 1 || tables.size() > 1 || !subnets.empty() || !gateways.empty() || !egress_only.empty() ||
        !interfaces.empty()) {
        return dependency_violation("The vpc '" + vpc.id + "' has dependencies and cannot be deleted.");
    }
    for (const auto& group : groups) {
        SEK_TRY(domain::security_groups.erase(call.tx, call.account(), call.region(), group.id));
    }
    for (const auto& table : tables) {
        SEK_TRY(domain::route_tables.erase(call.tx, call.account(), call.region(), table.id));
    }
    SEK_TRY(domain::vpcs.erase(call.tx, call.account(), call.region(), vpc.id));
    return ec2::DeleteVpc::Response{};
}

std::vector<std::string> cidrs_of(const std::vector<domain::CidrAssociation>& associations) {
    std::vector<std::string> values;
    for (const auto& association : associations) values.push_back(association.cidr);
    return values;
}
std::vector<std::string> association_ids_of(const std::vector<domain::CidrAssociation>& associations) {
    std::vector<std::string> values;
    for (const auto& association : associations) values.push_back(association.id);
    return values;
}

using Values = std::vector<std::string>;
constexpr FilterRow<Vpc> filters[] = {
    {"cidr", [](const Vpc& v) { return v.cidrs.empty() ? Values() : Values{v.cidrs.front().cidr}; }},
    {"cidr-block-association.cidr-block", [](const Vpc& v) { return cidrs_of(v.cidrs); }},
    {"cidr-block-association.association-id", [](const Vpc& v) { return association_ids_of(v.cidrs); }},
    {"cidr-block-association.state", [](const Vpc&) { return Values{"associated"}; }},
    {"dhcp-options-id", [](const Vpc&) { return Values{"default"}; }},
    {"ipv6-cidr-block-association.ipv6-cidr-block", [](const Vpc& v) { return cidrs_of(v.ipv6_cidrs); }},
    {"ipv6-cidr-block-association.association-id", [](const Vpc& v) { return association_ids_of(v.ipv6_cidrs); }},
    {"is-default", [](const Vpc&) { return Values{"false"}; }},
    {"isDefault", [](const Vpc&) { return Values{"false"}; }},
    {"owner-id", [](const Vpc& v) { return Values{v.account_id.str()}; }},
    {"state", [](const Vpc&) { return Values{"available"}; }},
    {"vpc-id", [](const Vpc& v) { return Values{v.id}; }},
};

Result<ec2::DescribeVpcsResult> describe_vpcs(Call& call, const ec2::DescribeVpcsRequest& request) {
    SEK_TRY(const auto found, describe<Vpc>(call, domain::vpcs, vpc_kind, filters, request.vpc_ids, request.filters,
                                            {"DescribeVpcs", request.next_token, request.max_results}));
    ec2::DescribeVpcsResult result{.next_token = found.next_token, .vpcs = std::vector<ec2::Vpc>()};
    for (const auto& vpc : found.records) result.vpcs->push_back(to_wire(vpc, ec2::VpcState::available));
    return result;
}

Result<ec2::ModifyVpcAttribute::Response> modify_vpc_attribute(Call& call,
                                                               const ec2::ModifyVpcAttributeRequest& request) {
    SEK_TRY(auto vpc, find(call, domain::vpcs, vpc_kind, request.vpc_id));
    const std::pair<const std::optional<ec2::AttributeBooleanValue>*, bool*> attributes[] = {
        {&request.enable_dns_support, &vpc.dns_support},
        {&request.enable_dns_hostnames, &vpc.dns_hostnames},
        {&request.enable_network_address_usage_metrics, &vpc.address_usage_metrics}};
    const auto count = std::ranges::count_if(attributes, [](const auto& a) { return a.first->has_value(); });
    if (count == 0) return error("InvalidParameterCombination", "No attributes specified.");
    if (count > 1) {
        return error("InvalidParameterCombination", "Fields for multiple attribute types specified.");
    }
    for (const auto& [asked, value] : attributes) {
        if (*asked) *value = (*asked)->value.value_or(false);
    }
    SEK_TRY(domain::vpcs.put(call.tx, vpc));
    return ec2::ModifyVpcAttribute::Response{};
}

Result<ec2::DescribeVpcAttributeResult> describe_vpc_attribute(Call& call,
                                                               const ec2::DescribeVpcAttributeRequest& request) {
    SEK_TRY(const auto vpc, find(call, domain::vpcs, vpc_kind, request.vpc_id));
    ec2::DescribeVpcAttributeResult result{.vpc_id = vpc.id};
    switch (request.attribute) {
        case ec2::VpcAttributeName::enable_dns_support:
            result.enable_dns_support = ec2::AttributeBooleanValue{.value = vpc.dns_support};
            break;
        case ec2::VpcAttributeName::enable_dns_hostnames:
            result.enable_dns_hostnames = ec2::AttributeBooleanValue{.value = vpc.dns_hostnames};
            break;
        case ec2::VpcAttributeName::enable_network_address_usage_metrics:
            result.enable_network_address_usage_metrics =
                ec2::AttributeBooleanValue{.value = vpc.address_usage_metrics};
            break;
    }
    return result;
}

Result<ec2::AssociateVpcCidrBlockResult> associate_block(Call& call, const ec2::AssociateVpcCidrBlockRequest& request) {
    SEK_TRY(auto vpc, find(call, domain::vpcs, vpc_kind, request.vpc_id));
    ec2::AssociateVpcCidrBlockResult result{.vpc_id = vpc.id};
    if (request.amazon_provided_ipv6_cidr_block.value_or(false)) {
        vpc.ipv6_cidrs.push_back(associate(call, draw_ipv6_block(call)));
        result.ipv6_cidr_block_association =
            to_wire(vpc, vpc.ipv6_cidrs.back(), ec2::VpcCidrBlockStateCode::associating);
    } else {
        SEK_TRY(const auto cidr, read_block(request.cidr_block));
        for (const auto& association : vpc.cidrs) {
            if (!Cidr::parse(association.cidr)->overlaps(cidr)) continue;
            return error("InvalidVpc.Range", "The CIDR '" + cidr.print() + "' overlaps with the CIDR '" +
                                                 association.cidr + "' of the VPC.");
        }
        vpc.cidrs.push_back(associate(call, cidr.print()));
        result.cidr_block_association = to_wire(vpc.cidrs.back(), ec2::VpcCidrBlockStateCode::associating);
    }
    if (vpc.cidrs.size() + vpc.ipv6_cidrs.size() > limits::vpc_cidrs_max) {
        return error("CidrLimitExceeded",
                     "This network '" + vpc.id +
                         "' has met its maximum number of allowed CIDRs: " + std::to_string(limits::vpc_cidrs_max));
    }
    SEK_TRY(domain::vpcs.put(call.tx, vpc));
    return result;
}

Result<std::optional<Vpc>> vpc_of_association(const Call& call, const std::string& id) {
    std::optional<Vpc> found;
    SEK_TRY(domain::vpcs.each(call.tx, store::prefix(call.account(), call.region()), [&](const Vpc& vpc) {
        const auto has = [&](const auto& list) {
            return std::ranges::find(list, id, &domain::CidrAssociation::id) != list.end();
        };
        if (has(vpc.cidrs) || has(vpc.ipv6_cidrs)) found = vpc;
        return !found;
    }));
    return read_found(call.tx, domain::vpcs, found);
}

Result<void> check_unused(const Call& call, const Vpc& vpc, const Cidr& cidr) {
    SEK_TRY(const auto subnets, all_in_vpc(call, domain::subnets, vpc.id));
    for (const auto& subnet : subnets) {
        const auto ipv6 = cidrs_of(subnet.ipv6_cidrs);
        const bool is_inside =
            cidr.contains(*Cidr::parse(subnet.cidr)) ||
            std::ranges::any_of(ipv6, [&](const auto& text) { return cidr.contains(*Cidr::parse(text)); });
        if (!is_inside) continue;
        return error("InvalidCidrBlock.InUse", "The vpc currently has a subnet within CIDR block " + cidr.print());
    }
    return {};
}

Result<ec2::DisassociateVpcCidrBlockResult> disassociate_block(Call& call,
                                                               const ec2::DisassociateVpcCidrBlockRequest& request) {
    SEK_TRY(auto vpc, vpc_of_association(call, request.association_id));
    if (!vpc) {
        return error("InvalidVpcCidrBlockAssociationID.NotFound",
                     "The vpc CIDR block association ID '" + request.association_id + "' does not exist");
    }
    if (vpc->cidrs.front().id == request.association_id) {
        return error("OperationNotPermitted",
                     "The vpc CIDR block with association ID " + request.association_id +
                         " may not be disassociated. It is the primary IPv4 CIDR block of the VPC");
    }
    ec2::DisassociateVpcCidrBlockResult result{.vpc_id = vpc->id};
    for (auto* list : {&vpc->cidrs, &vpc->ipv6_cidrs}) {
        const auto at = std::ranges::find(*list, request.association_id, &domain::CidrAssociation::id);
        if (at == list->end()) continue;
        SEK_TRY(check_unused(call, *vpc, *Cidr::parse(at->cidr)));
        if (list == &vpc->cidrs) {
            result.cidr_block_association = to_wire(*at, ec2::VpcCidrBlockStateCode::disassociating);
        } else {
            result.ipv6_cidr_block_association = to_wire(*vpc, *at, ec2::VpcCidrBlockStateCode::disassociating);
        }
        list->erase(at);
    }
    SEK_TRY(domain::vpcs.put(call.tx, *vpc));
    return result;
}

access::Permissions disassociate_permissions(const Call& call, const ec2::DisassociateVpcCidrBlockRequest& request) {
    const auto vpc = vpc_of_association(call, request.association_id);
    auto permission = on_existing(call, vpc_kind, vpc && *vpc ? (*vpc)->id : "*");
    permission.shown_resource = arn_of(call, vpc_kind, "*");
    return {std::move(permission)};
}

}  // namespace

const operation::OperationTable vpc_operations = {
    row<ec2::CreateVpc>({.access = Access::write, .resources = create_permissions, .handle = create_vpc}),
    row<ec2::DeleteVpc>(
        {.access = Access::write, .resources = on<vpc_kind, &ec2::DeleteVpcRequest::vpc_id>, .handle = delete_vpc}),
    row<ec2::DescribeVpcs>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeVpcsRequest>, .handle = describe_vpcs}),
    row<ec2::ModifyVpcAttribute>({.access = Access::write,
                                  .resources = on<vpc_kind, &ec2::ModifyVpcAttributeRequest::vpc_id>,
                                  .handle = modify_vpc_attribute}),
    row<ec2::DescribeVpcAttribute>({.access = Access::read,
                                    .resources = on<vpc_kind, &ec2::DescribeVpcAttributeRequest::vpc_id>,
                                    .handle = describe_vpc_attribute}),
    row<ec2::AssociateVpcCidrBlock>({.access = Access::write,
                                     .resources = on<vpc_kind, &ec2::AssociateVpcCidrBlockRequest::vpc_id>,
                                     .handle = associate_block}),
    row<ec2::DisassociateVpcCidrBlock>(
        {.access = Access::write, .resources = disassociate_permissions, .handle = disassociate_block}),
};

}  // namespace sekisho::ec2_service
