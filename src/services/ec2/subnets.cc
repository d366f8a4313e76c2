#include <algorithm>

#include "base/text.h"
#include "services/ec2/catalog.h"
#include "services/ec2/describe.h"
#include "services/ec2/network.h"
#include "services/ec2/service.h"
#include "wire/arn.h"

namespace sekisho::ec2_service {
namespace {

using domain::Cidr;
using domain::Subnet;

constexpr unsigned subnet_prefix_min = 16;
constexpr unsigned subnet_prefix_max = 28;
constexpr unsigned ipv6_subnet_prefix = 64;

ec2::SubnetIpv6CidrBlockAssociation to_wire(const domain::CidrAssociation& association,
                                            ec2::SubnetCidrBlockStateCode state) {
    return {.association_id = association.id,
            .ipv6_cidr_block = association.cidr,
            .ipv6_cidr_block_state = ec2::SubnetCidrBlockState{.state = state}};
}

std::string arn_of_subnet(const Subnet& subnet) {
    return wire::make_arn("ec2", subnet.region, subnet.account_id, "subnet/" + subnet.id);
}

Result<ec2::Subnet> to_wire(const Call& call, const Subnet& subnet) {
    ec2::Subnet wire;
    SEK_TRY(wire.available_ip_address_count, count_free_addresses(call, subnet));
    wire.subnet_id = subnet.id;
    wire.subnet_arn = arn_of_subnet(subnet);
    wire.owner_id = subnet.account_id.str();
    wire.vpc_id = subnet.vpc_id;
    wire.state = ec2::SubnetState::available;
    wire.cidr_block = subnet.cidr;
    wire.ipv6_cidr_block_association_set.emplace();
    for (const auto& association : subnet.ipv6_cidrs) {
        wire.ipv6_cidr_block_association_set->push_back(
            to_wire(association, ec2::SubnetCidrBlockStateCode::associated));
    }
    wire.availability_zone = subnet.zone;
    wire.availability_zone_id = subnet.zone_id;
    wire.default_for_az = false;
    wire.map_public_ip_on_launch = subnet.map_public_ip;
    wire.map_customer_owned_ip_on_launch = false;
    wire.assign_ipv6_address_on_creation = subnet.assign_ipv6;
    wire.enable_dns64 = subnet.dns64;
    wire.ipv6_native = false;
    wire.private_dns_name_options_on_launch =
        ec2::PrivateDnsNameOptionsOnLaunch{.hostname_type = enum_of<ec2::HostnameType>(subnet.hostname_type),
                                           .enable_resource_name_dns_a_record = subnet.resource_name_a_record,
                                           .enable_resource_name_dns_aaaa_record = subnet.resource_name_aaaa_record};
    wire.tags = tags_to_wire(subnet.tags);
    return wire;
}

ApiError invalid_range(const std::string& text) {
    return error("InvalidSubnet.Range", "The CIDR '" + text + "' is invalid.");
}
ApiError conflict(const std::string& text) {
    return error("InvalidSubnet.Conflict", "The CIDR '" + text + "' conflicts with another subnet");
}

// A block inside of one of the VPC's, apart from those of its other subnets.
Result<Cidr> read_block(const Call& call, const domain::Vpc& vpc, const std::optional<std::string>& text) {
    if (!text) return missing_parameter("cidrBlock");
    const auto cidr = Cidr::parse(*text);
    if (!cidr || cidr->is_ipv6) {
        return invalid_value("Value (" + *text +
                             ") for parameter cidrBlock is invalid. This is not a valid CIDR block.");
    }
    const bool has_size = cidr->prefix >= subnet_prefix_min && cidr->prefix <= subnet_prefix_max;
    const bool is_inside = std::ranges::any_of(
        vpc.cidrs, [&](const auto& association) { return Cidr::parse(association.cidr)->contains(*cidr); });
    if (!has_size || !is_inside) return invalid_range(*text);
    SEK_TRY(const auto others, all_in_vpc(call, domain::subnets, vpc.id));
    for (const auto& other : others) {
        if (Cidr::parse(other.cidr)->overlaps(*cidr)) return conflict(*text);
    }
    return *cidr;
}

Result<domain::CidrAssociation> read_ipv6_block(Call& call, const domain::Vpc& vpc, const std::string& text) {
    const auto cidr = Cidr::parse(text);
    if (!cidr || !cidr->is_ipv6) {
        return invalid_value("Value (" + text +
                             ") for parameter ipv6CidrBlock is invalid. This is not a valid CIDR block.");
    }
    const bool is_inside = std::ranges::any_of(
        vpc.ipv6_cidrs, [&](const auto& association) { return Cidr::parse(association.cidr)->contains(*cidr); });
    if (cidr->prefix != ipv6_subnet_prefix || !is_inside) return invalid_range(text);
    SEK_TRY(const auto others, all_in_vpc(call, domain::subnets, vpc.id));
    for (const auto& other : others) {
        for (const auto& association : other.ipv6_cidrs) {
            if (Cidr::parse(association.cidr)->overlaps(*cidr)) return conflict(text);
        }
    }
    return domain::CidrAssociation{.id = domain::make_ec2_id("subnet-cidr-assoc", call.random), .cidr = cidr->print()};
}

Result<ZoneFacts> read_zone(Call& call, const ec2::CreateSubnetRequest& request) {
    const auto zones = zones_of(call.region());
    const auto& asked = request.availability_zone ? request.availability_zone : request.availability_zone_id;
    if (!asked) {
        const auto draw = static_cast<unsigned char>(random_bytes(call.random, 1)[0]);
        return zones[draw % zones.size()];
    }
    if (auto zone = find_zone(call.region(), *asked)) return std::move(*zone);
    std::vector<std::string> names;
    for (const auto& zone : zones) names.push_back(zone.name);
    return invalid_value("Value (" + *asked +
                         ") for parameter availabilityZone is invalid. Subnets can currently only " +
                         "be created in the following availability zones: " + join(names, ", ") + ".");
}

Result<ec2::CreateSubnet::Response> create_subnet(Call& call, const ec2::CreateSubnetRequest& request) {
    SEK_TRY(const auto vpc, find(call, domain::vpcs, vpc_kind, request.vpc_id));
    SEK_TRY(const auto cidr, read_block(call, vpc, request.cidr_block));
    SEK_TRY(const auto zone, read_zone(call, request));
    SEK_TRY(auto tags, read_tags(call, subnet_kind, request.tag_specifications));
    auto subnet = new_record<Subnet>(call, subnet_kind.prefix, std::move(tags));
    subnet.vpc_id = vpc.id;
    subnet.cidr = cidr.print();
    subnet.zone = zone.name;
    subnet.zone_id = zone.id;
    subnet.hostname_type = enum_text(ec2::HostnameType::ip_name);
    subnet.network_acl_association_id = domain::make_ec2_id("aclassoc", call.random);
    if (request.ipv6_cidr_block) {
        SEK_TRY(auto association, read_ipv6_block(call, vpc, *request.ipv6_cidr_block));
        subnet.ipv6_cidrs.push_back(std::move(association));
    }
    SEK_TRY(domain::subnets.put(call.tx, subnet));
    ec2::CreateSubnet::Response response;
    SEK_TRY(response.subnet, to_wire(call, subnet));
    return response;
}

access::Permissions create_permissions(const Call& call, const ec2::CreateSubnetRequest& request) {
    auto permissions = making(call, subnet_kind, "CreateSubnet", request.tag_specifications);
    permissions.push_back(on_existing(call, vpc_kind, request.vpc_id));
    return permissions;
}

Result<ec2::DeleteSubnet::Response> delete_subnet(Call& call, const ec2::DeleteSubnetRequest& request) {
    SEK_TRY(const auto subnet, find(call, domain::subnets, subnet_kind, request.subnet_id));
    SEK_TRY(const auto interfaces, interfaces_in_subnet(call, subnet.vpc_id, subnet.id));
    if (!interfaces.empty()) {
        return dependency_violation("The subnet '" + subnet.id + "' has dependencies and cannot be deleted.");
    }
    SEK_TRY(auto tables, all_in_vpc(call, domain::route_tables, subnet.vpc_id));
    for (auto& table : tables) {
        const auto gone = std::erase_if(table.associations, [&](const auto& a) { return a.subnet_id == subnet.id; });
        if (gone != 0) SEK_TRY(domain::route_tables.put(call.tx, table));
    }
    SEK_TRY(domain::subnets.erase(call.tx, call.account(), call.region(), subnet.id));
    return ec2::DeleteSubnet::Response{};
}

using Values = std::vector<std::string>;
Values ipv6_values(const Subnet& subnet, std::string domain::CidrAssociation::* member) {
    Values values;
    for (const auto& association : subnet.ipv6_cidrs) values.push_back(association.*member);
    return values;
}
constexpr FilterRow<Subnet> filters[] = {
    {"availability-zone", [](const Subnet& s) { return Values{s.zone}; }},
    {"availabilityZone", [](const Subnet& s) { return Values{s.zone}; }},
    {"availability-zone-id", [](const Subnet& s) { return Values{s.zone_id}; }},
    {"availabilityZoneId", [](const Subnet& s) { return Values{s.zone_id}; }},
    {"cidr-block", [](const Subnet& s) { return Values{s.cidr}; }},
    {"cidr", [](const Subnet& s) { return Values{s.cidr}; }},
    {"cidrBlock", [](const Subnet& s) { return Values{s.cidr}; }},
    {"default-for-az", [](const Subnet&) { return Values{"false"}; }},
    {"defaultForAz", [](const Subnet&) { return Values{"false"}; }},
    {"enable-dns64", [](const Subnet& s) { return Values{text_of(s.dns64)}; }},
    {"ipv6-cidr-block-association.ipv6-cidr-block",
     [](const Subnet& s) { return ipv6_values(s, &domain::CidrAssociation::cidr); }},
    {"ipv6-cidr-block-association.association-id",
     [](const Subnet& s) { return ipv6_values(s, &domain::CidrAssociation::id); }},
    {"ipv6-native", [](const Subnet&) { return Values{"false"}; }},
    {"map-public-ip-on-launch", [](const Subnet& s) { return Values{text_of(s.map_public_ip)}; }},
    {"owner-id", [](const Subnet& s) { return Values{s.account_id.str()}; }},
    {"private-dns-name-options-on-launch.hostname-type", [](const Subnet& s) { return Values{s.hostname_type}; }},
    {"state", [](const Subnet&) { return Values{"available"}; }},
    {"subnet-arn", [](const Subnet& s) { return Values{arn_of_subnet(s)}; }},
    {"subnet-id", [](const Subnet& s) { return Values{s.id}; }},
    {"vpc-id", [](const Subnet& s) { return Values{s.vpc_id}; }},
};

Result<ec2::DescribeSubnetsResult> describe_subnets(Call& call, const ec2::DescribeSubnetsRequest& request) {
    SEK_TRY(const auto found,
            describe<Subnet>(call, domain::subnets, subnet_kind, filters, request.subnet_ids, request.filters,
                             {"DescribeSubnets", request.next_token, request.max_results}));
    ec2::DescribeSubnetsResult result{.next_token = found.next_token, .subnets = std::vector<ec2::Subnet>()};
    for (const auto& subnet : found.records) {
        SEK_TRY(auto wire, to_wire(call, subnet));
        result.subnets->push_back(std::move(wire));
    }
    return result;
}

Result<ec2::ModifySubnetAttribute::Response> modify_subnet(Call& call,
                                                           const ec2::ModifySubnetAttributeRequest& request) {
    SEK_TRY(auto subnet, find(call, domain::subnets, subnet_kind, request.subnet_id));
    const std::pair<const std::optional<ec2::AttributeBooleanValue>*, bool*> attributes[] = {
        {&request.map_public_ip_on_launch, &subnet.map_public_ip},
        {&request.assign_ipv6_address_on_creation, &subnet.assign_ipv6},
        {&request.enable_dns64, &subnet.dns64},
        {&request.enable_resource_name_dns_a_record_on_launch, &subnet.resource_name_a_record},
        {&request.enable_resource_name_dns_aaaa_record_on_launch, &subnet.resource_name_aaaa_record}};
    const auto count = std::ranges::count_if(attributes, [](const auto& a) { return a.first->has_value(); }) +
                       (request.private_dns_hostname_type_on_launch ? 1 : 0);
    if (count == 0) return error("InvalidParameterCombination", "No attributes specified.");
    if (count > 1) return error("InvalidParameterCombination", "Fields for multiple attribute types specified.");
    if (request.assign_ipv6_address_on_creation && subnet.ipv6_cidrs.empty()) {
        return invalid_value("Invalid value 'true' for assignIpv6AddressOnCreation. Subnet " + subnet.id +
                             " has no IPv6 CIDR block.");
    }
    for (const auto& [asked, value] : attributes) {
        if (*asked) *value = (*asked)->value.value_or(false);
    }
    if (request.private_dns_hostname_type_on_launch) {
        subnet.hostname_type = enum_text(*request.private_dns_hostname_type_on_launch);
    }
    SEK_TRY(domain::subnets.put(call.tx, subnet));
    return ec2::ModifySubnetAttribute::Response{};
}

Result<ec2::AssociateSubnetCidrBlockResult> associate_block(Call& call,
                                                            const ec2::AssociateSubnetCidrBlockRequest& request) {
    SEK_TRY(auto subnet, find(call, domain::subnets, subnet_kind, request.subnet_id));
    SEK_TRY(const auto vpc, find(call, domain::vpcs, vpc_kind, subnet.vpc_id));
    if (!request.ipv6_cidr_block) return missing_parameter("ipv6CidrBlock");
    SEK_TRY(auto association, read_ipv6_block(call, vpc, *request.ipv6_cidr_block));
    subnet.ipv6_cidrs.push_back(association);
    SEK_TRY(domain::subnets.put(call.tx, subnet));
    return ec2::AssociateSubnetCidrBlockResult{
        .ipv6_cidr_block_association = to_wire(association, ec2::SubnetCidrBlockStateCode::associating),
        .subnet_id = subnet.id};
}

Result<std::optional<Subnet>> subnet_of_association(const Call& call, const std::string& id) {
    std::optional<Subnet> found;
    SEK_TRY(domain::subnets.each(call.tx, store::prefix(call.account(), call.region()), [&](const Subnet& subnet) {
        const auto at = std::ranges::find(subnet.ipv6_cidrs, id, &domain::CidrAssociation::id);
        if (at != subnet.ipv6_cidrs.end()) found = subnet;
        return !found;
    }));
    return read_found(call.tx, domain::subnets, found);
}

Result<ec2::DisassociateSubnetCidrBlockResult> disassociate_block(
    Call& call, const ec2::DisassociateSubnetCidrBlockRequest& request) {
    SEK_TRY(auto subnet, subnet_of_association(call, request.association_id));
    if (!subnet) {
        return error("InvalidSubnetCidrBlockAssociationID.NotFound",
                     "The subnet CIDR block with association ID '" + request.association_id + "' does not exist");
    }
    const auto at = std::ranges::find(subnet->ipv6_cidrs, request.association_id, &domain::CidrAssociation::id);
    ec2::DisassociateSubnetCidrBlockResult result{
        .ipv6_cidr_block_association = to_wire(*at, ec2::SubnetCidrBlockStateCode::disassociating),
        .subnet_id = subnet->id};
    subnet->ipv6_cidrs.erase(at);
    SEK_TRY(domain::subnets.put(call.tx, *subnet));
    return result;
}

access::Permissions disassociate_permissions(const Call& call, const ec2::DisassociateSubnetCidrBlockRequest& request) {
    const auto subnet = subnet_of_association(call, request.association_id);
    auto permission = on_existing(call, subnet_kind, subnet && *subnet ? (*subnet)->id : "*");
    permission.shown_resource = arn_of(call, subnet_kind, "*");
    return {std::move(permission)};
}

}  // namespace

const operation::OperationTable subnet_operations = {
    row<ec2::CreateSubnet>({.access = Access::write, .resources = create_permissions, .handle = create_subnet}),
    row<ec2::DeleteSubnet>({.access = Access::write,
                            .resources = on<subnet_kind, &ec2::DeleteSubnetRequest::subnet_id>,
                            .handle = delete_subnet}),
    row<ec2::DescribeSubnets>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeSubnetsRequest>, .handle = describe_subnets}),
    row<ec2::ModifySubnetAttribute>({.access = Access::write,
                                     .resources = on<subnet_kind, &ec2::ModifySubnetAttributeRequest::subnet_id>,
                                     .handle = modify_subnet}),
    row<ec2::AssociateSubnetCidrBlock>({.access = Access::write,
                                        .resources = on<subnet_kind, &ec2::AssociateSubnetCidrBlockRequest::subnet_id>,
                                        .handle = associate_block}),
    row<ec2::DisassociateSubnetCidrBlock>(
        {.access = Access::write, .resources = disassociate_permissions, .handle = disassociate_block}),
};

}  // namespace sekisho::ec2_service
