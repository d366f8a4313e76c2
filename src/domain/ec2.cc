#include "domain/ec2.h"

#include <cstddef>

namespace sekisho::domain {

using store::key;

const Shape CidrAssociation::shape = record_shape<CidrAssociation>(
    "CidrAssociation", {SEK_FIELD(1, CidrAssociation, id), SEK_FIELD(2, CidrAssociation, cidr)});

const Shape Vpc::shape = record_shape<Vpc>(
    "Vpc", {SEK_FIELD(1, Vpc, account_id), SEK_FIELD(2, Vpc, region), SEK_FIELD(3, Vpc, id), SEK_FIELD(4, Vpc, cidrs),
            SEK_FIELD(5, Vpc, ipv6_cidrs), SEK_FIELD(6, Vpc, tenancy), SEK_FIELD(7, Vpc, dns_support),
            SEK_FIELD(8, Vpc, dns_hostnames), SEK_FIELD(9, Vpc, address_usage_metrics),
            SEK_FIELD(10, Vpc, network_acl_id), SEK_FIELD(11, Vpc, created_at), SEK_FIELD(12, Vpc, tags)});

const Shape Subnet::shape = record_shape<Subnet>(
    "Subnet", {SEK_FIELD(1, Subnet, account_id), SEK_FIELD(2, Subnet, region), SEK_FIELD(3, Subnet, id),
               SEK_FIELD(4, Subnet, vpc_id), SEK_FIELD(5, Subnet, cidr), SEK_FIELD(6, Subnet, ipv6_cidrs),
               SEK_FIELD(7, Subnet, zone), SEK_FIELD(8, Subnet, zone_id), SEK_FIELD(9, Subnet, map_public_ip),
               SEK_FIELD(10, Subnet, assign_ipv6), SEK_FIELD(11, Subnet, dns64), SEK_FIELD(12, Subnet, hostname_type),
               SEK_FIELD(13, Subnet, resource_name_a_record), SEK_FIELD(14, Subnet, resource_name_aaaa_record),
               SEK_FIELD(15, Subnet, network_acl_association_id), SEK_FIELD(16, Subnet, created_at),
               SEK_FIELD(17, Subnet, tags)});

const Shape InternetGateway::shape = record_shape<InternetGateway>(
    "InternetGateway", {SEK_FIELD(1, InternetGateway, account_id), SEK_FIELD(2, InternetGateway, region),
                        SEK_FIELD(3, InternetGateway, id), SEK_FIELD(4, InternetGateway, vpc_id),
                        SEK_FIELD(5, InternetGateway, created_at), SEK_FIELD(6, InternetGateway, tags)});

const Shape EgressOnlyInternetGateway::shape = record_shape<EgressOnlyInternetGateway>(
    "EgressOnlyInternetGateway",
    {SEK_FIELD(1, EgressOnlyInternetGateway, account_id), SEK_FIELD(2, EgressOnlyInternetGateway, region),
     SEK_FIELD(3, EgressOnlyInternetGateway, id), SEK_FIELD(4, EgressOnlyInternetGateway, vpc_id),
     SEK_FIELD(5, EgressOnlyInternetGateway, created_at), SEK_FIELD(6, EgressOnlyInternetGateway, tags)});

const Shape NatGateway::shape = record_shape<NatGateway>(
    "NatGateway",
    {SEK_FIELD(1, NatGateway, account_id), SEK_FIELD(2, NatGateway, region), SEK_FIELD(3, NatGateway, id),
     SEK_FIELD(4, NatGateway, vpc_id), SEK_FIELD(5, NatGateway, subnet_id), SEK_FIELD(6, NatGateway, state),
     SEK_FIELD(7, NatGateway, connectivity), SEK_FIELD(8, NatGateway, network_interface_id),
     SEK_FIELD(9, NatGateway, private_address), SEK_FIELD(10, NatGateway, public_address),
     SEK_FIELD(11, NatGateway, allocation_id), SEK_FIELD(12, NatGateway, association_id),
     SEK_FIELD(13, NatGateway, created_at), SEK_FIELD(14, NatGateway, deleted_at), SEK_FIELD(15, NatGateway, tags)});

const Shape Route::shape =
    record_shape<Route>("Route", {SEK_FIELD(1, Route, destination), SEK_FIELD(2, Route, target)});

const Shape RouteTableAssociation::shape = record_shape<RouteTableAssociation>(
    "RouteTableAssociation", {SEK_FIELD(1, RouteTableAssociation, id), SEK_FIELD(2, RouteTableAssociation, subnet_id)});

const Shape RouteTable::shape =
    record_shape<RouteTable>("RouteTable", {SEK_FIELD(1, RouteTable, account_id), SEK_FIELD(2, RouteTable, region),
                                            SEK_FIELD(3, RouteTable, id), SEK_FIELD(4, RouteTable, vpc_id),
                                            SEK_FIELD(5, RouteTable, routes), SEK_FIELD(6, RouteTable, associations),
                                            SEK_FIELD(7, RouteTable, created_at), SEK_FIELD(8, RouteTable, tags)});

const Shape Address::shape = record_shape<Address>(
    "Address", {SEK_FIELD(1, Address, account_id), SEK_FIELD(2, Address, region), SEK_FIELD(3, Address, id),
                SEK_FIELD(4, Address, public_address), SEK_FIELD(5, Address, association_id),
                SEK_FIELD(6, Address, network_interface_id), SEK_FIELD(7, Address, private_address),
                SEK_FIELD(8, Address, created_at), SEK_FIELD(9, Address, tags)});

const Shape NetworkInterface::shape = record_shape<NetworkInterface>(
    "NetworkInterface",
    {SEK_FIELD(1, NetworkInterface, account_id), SEK_FIELD(2, NetworkInterface, region),
     SEK_FIELD(3, NetworkInterface, id), SEK_FIELD(4, NetworkInterface, vpc_id),
     SEK_FIELD(5, NetworkInterface, subnet_id), SEK_FIELD(6, NetworkInterface, zone),
     SEK_FIELD(7, NetworkInterface, type), SEK_FIELD(8, NetworkInterface, description),
     SEK_FIELD(9, NetworkInterface, requester_id), SEK_FIELD(10, NetworkInterface, private_address),
     SEK_FIELD(11, NetworkInterface, mac_address), SEK_FIELD(12, NetworkInterface, security_group_ids),
     SEK_FIELD(13, NetworkInterface, created_at), SEK_FIELD(14, NetworkInterface, tags)});

const Shape SecurityGroupRule::shape = record_shape<SecurityGroupRule>(
    "SecurityGroupRule", {SEK_FIELD(1, SecurityGroupRule, id), SEK_FIELD(2, SecurityGroupRule, is_egress),
                          SEK_FIELD(3, SecurityGroupRule, protocol), SEK_FIELD(4, SecurityGroupRule, from_port),
                          SEK_FIELD(5, SecurityGroupRule, to_port), SEK_FIELD(6, SecurityGroupRule, cidr_ipv4),
                          SEK_FIELD(7, SecurityGroupRule, cidr_ipv6), SEK_FIELD(8, SecurityGroupRule, prefix_list_id),
                          SEK_FIELD(9, SecurityGroupRule, group_id), SEK_FIELD(10, SecurityGroupRule, description),
                          SEK_FIELD(11, SecurityGroupRule, tags)});

const Shape SecurityGroup::shape = record_shape<SecurityGroup>(
    "SecurityGroup",
    {SEK_FIELD(1, SecurityGroup, account_id), SEK_FIELD(2, SecurityGroup, region), SEK_FIELD(3, SecurityGroup, id),
     SEK_FIELD(4, SecurityGroup, name), SEK_FIELD(5, SecurityGroup, description), SEK_FIELD(6, SecurityGroup, vpc_id),
     SEK_FIELD(7, SecurityGroup, rules), SEK_FIELD(8, SecurityGroup, created_at), SEK_FIELD(9, SecurityGroup, tags)});

const Shape LaunchTemplate::shape = record_shape<LaunchTemplate>(
    "LaunchTemplate", {SEK_FIELD(1, LaunchTemplate, account_id), SEK_FIELD(2, LaunchTemplate, region),
                       SEK_FIELD(3, LaunchTemplate, id), SEK_FIELD(4, LaunchTemplate, name),
                       SEK_FIELD(5, LaunchTemplate, created_by), SEK_FIELD(6, LaunchTemplate, default_version),
                       SEK_FIELD(7, LaunchTemplate, latest_version), SEK_FIELD(8, LaunchTemplate, next_version),
                       SEK_FIELD(9, LaunchTemplate, created_at), SEK_FIELD(10, LaunchTemplate, tags)});

const Shape LaunchTemplateVersion::shape = record_shape<LaunchTemplateVersion>(
    "LaunchTemplateVersion",
    {SEK_FIELD(1, LaunchTemplateVersion, account_id), SEK_FIELD(2, LaunchTemplateVersion, region),
     SEK_FIELD(3, LaunchTemplateVersion, template_id), SEK_FIELD(4, LaunchTemplateVersion, number),
     SEK_FIELD(5, LaunchTemplateVersion, description), SEK_FIELD(6, LaunchTemplateVersion, created_by),
     SEK_FIELD(7, LaunchTemplateVersion, data), SEK_FIELD(8, LaunchTemplateVersion, created_at)});

const Shape KeyPair::shape = record_shape<KeyPair>(
    "KeyPair", {SEK_FIELD(1, KeyPair, account_id), SEK_FIELD(2, KeyPair, region), SEK_FIELD(3, KeyPair, id),
                SEK_FIELD(4, KeyPair, name), SEK_FIELD(5, KeyPair, type), SEK_FIELD(6, KeyPair, fingerprint),
                SEK_FIELD(7, KeyPair, public_key), SEK_FIELD(8, KeyPair, created_at), SEK_FIELD(9, KeyPair, tags)});

const Shape PlacementGroup::shape = record_shape<PlacementGroup>(
    "PlacementGroup",
    {SEK_FIELD(1, PlacementGroup, account_id), SEK_FIELD(2, PlacementGroup, region), SEK_FIELD(3, PlacementGroup, id),
     SEK_FIELD(4, PlacementGroup, name), SEK_FIELD(5, PlacementGroup, strategy),
     SEK_FIELD(6, PlacementGroup, partitions), SEK_FIELD(7, PlacementGroup, spread_level),
     SEK_FIELD(8, PlacementGroup, created_at), SEK_FIELD(9, PlacementGroup, tags)});

const Shape Ec2ClientToken::shape = record_shape<Ec2ClientToken>(
    "Ec2ClientToken", {SEK_FIELD(1, Ec2ClientToken, account_id), SEK_FIELD(2, Ec2ClientToken, region),
                       SEK_FIELD(3, Ec2ClientToken, operation), SEK_FIELD(4, Ec2ClientToken, token),
                       SEK_FIELD(5, Ec2ClientToken, request_digest), SEK_FIELD(6, Ec2ClientToken, resource_id),
                       SEK_FIELD(7, Ec2ClientToken, created_at)});

namespace {

// What is in a VPC: its key is (account, region, id), it is found by the VPC, and changes bump the VPC's guard.
template <class Record>
std::string own_key(const Record& r) {
    return key(r.account_id, r.region, r.id);
}
template <class Record>
std::vector<std::string> keys_by_vpc(const Record& r) {
    if (r.vpc_id.empty()) return {};
    return {key(r.account_id, r.region, r.vpc_id)};
}
template <class Record>
std::vector<std::string> keys_by_name(const Record& r) {
    return {key(r.account_id, r.region, r.name)};
}
template <class Record>
std::vector<std::string> guards_of_vpc(const Record& r) {
    if (r.vpc_id.empty()) return {};
    return {vpc_guard(r.account_id, r.region, r.vpc_id)};
}
template <class Record>
store::TableOptions<Record> in_vpc() {
    return {.indexes = {{by_vpc, "by_vpc", store::several, keys_by_vpc<Record>}}, .guards = guards_of_vpc<Record>};
}
template <class Record>
store::TableOptions<Record> with_name() {
    return {.indexes = {{by_name, "by_name", store::unique, keys_by_name<Record>}}};
}

// A deleted NAT gateway is shown for about an hour (EC2 user guide).
std::optional<Time> end_of_nat_gateway(const NatGateway& gateway) {
    if (gateway.state != "deleted") return {};
    return gateway.deleted_at + hours(1);
}
std::optional<Time> end_of_client_token(const Ec2ClientToken& token) {
    return token.created_at + hours(24);
}

}  // namespace

const store::Table<Vpc> vpcs(120, "vpcs", own_key<Vpc>);
const store::Table<Subnet> subnets(121, "subnets", own_key<Subnet>, in_vpc<Subnet>());
const store::Table<InternetGateway> internet_gateways(122, "internet_gateways", own_key<InternetGateway>,
                                                      in_vpc<InternetGateway>());
const store::Table<EgressOnlyInternetGateway> egress_only_internet_gateways(123, "egress_only_internet_gateways",
                                                                            own_key<EgressOnlyInternetGateway>,
                                                                            in_vpc<EgressOnlyInternetGateway>());
const store::Table<NatGateway> nat_gateways(124, "nat_gateways", own_key<NatGateway>,
                                            {.indexes = {{by_vpc, "by_vpc", store::several, keys_by_vpc<NatGateway>}},
                                             .expires_at = end_of_nat_gateway,
                                             .guards = guards_of_vpc<NatGateway>});
const store::Table<RouteTable> route_tables(125, "route_tables", own_key<RouteTable>, in_vpc<RouteTable>());
const store::Table<Address> addresses(
    126, "addresses", own_key<Address>,
    {.indexes = {{by_public_address, "by_public_address", store::unique,
                  [](const Address& a) { return std::vector{key(a.public_address)}; }}},
     .guards = [](const Address& a) { return std::vector{addresses_guard(a.account_id, a.region)}; }});
const store::Table<NetworkInterface> network_interfaces(
    127, "network_interfaces", own_key<NetworkInterface>,
    {.indexes = {{by_vpc, "by_vpc", store::several, keys_by_vpc<NetworkInterface>},
                 {by_subnet, "by_subnet", store::several,
                  [](const NetworkInterface& n) { return std::vector{key(n.account_id, n.region, n.subnet_id)}; }}},
     .guards = guards_of_vpc<NetworkInterface>});
const store::Table<SecurityGroup> security_groups(128, "security_groups", own_key<SecurityGroup>,
                                                  in_vpc<SecurityGroup>());
const store::Table<LaunchTemplate> launch_templates(129, "launch_templates", own_key<LaunchTemplate>,
                                                    with_name<LaunchTemplate>());
const store::Table<LaunchTemplateVersion> launch_template_versions(130, "launch_template_versions",
                                                                   [](const LaunchTemplateVersion& v) {
                                                                       return key(v.account_id, v.region, v.template_id,
                                                                                  v.number);
                                                                   });
const store::Table<KeyPair> key_pairs(131, "key_pairs", own_key<KeyPair>, with_name<KeyPair>());
const store::Table<PlacementGroup> placement_groups(132, "placement_groups", own_key<PlacementGroup>,
                                                    with_name<PlacementGroup>());
const store::Table<Ec2ClientToken> ec2_client_tokens(133, "ec2_client_tokens",
                                                     [](const Ec2ClientToken& t) {
                                                         return key(t.account_id, t.region, t.operation, t.token);
                                                     },
                                                     {.expires_at = end_of_client_token});

std::string addresses_guard(const AccountId& account, const Region& region) {
    return vpc_guard(account, region, "addresses");
}

std::string vpc_guard(const AccountId& account, const Region& region, std::string_view vpc_id) {
    return "ec2/" + account.str() + "/" + region.str() + "/" + std::string(vpc_id);
}

}  // namespace sekisho::domain
