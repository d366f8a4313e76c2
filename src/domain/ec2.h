#pragma once
// EC2's network and what node groups are made of, keyed by (account, region, id). Every record has account_id, region,
// id and tags; what belongs to a VPC is found by it, and putting or erasing it bumps the VPC's guard.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

struct CidrAssociation {
    std::string id;  // vpc-cidr-assoc-.., subnet-cidr-assoc-..
    std::string cidr;
    static const Shape shape;
};

struct Vpc {
    AccountId account_id;
    Region region;
    std::string id;
    std::vector<CidrAssociation> cidrs;  // the first is the VPC's own
    std::vector<CidrAssociation> ipv6_cidrs;
    std::string tenancy;
    bool dns_support = true;
    bool dns_hostnames = false;
    bool address_usage_metrics = false;
    std::string network_acl_id;  // the default one, which allows all
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct Subnet {
    AccountId account_id;
    Region region;
    std::string id;
    std::string vpc_id;
    std::string cidr;
    std::vector<CidrAssociation> ipv6_cidrs;
    std::string zone;
    std::string zone_id;
    bool map_public_ip = false;
    bool assign_ipv6 = false;
    bool dns64 = false;
    std::string hostname_type;
    bool resource_name_a_record = false;
    bool resource_name_aaaa_record = false;
    std::string network_acl_association_id;  // aclassoc-..
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct InternetGateway {
    AccountId account_id;
    Region region;
    std::string id;
    std::string vpc_id;  // empty: attached to none
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct EgressOnlyInternetGateway {
    AccountId account_id;
    Region region;
    std::string id;
    std::string vpc_id;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct NatGateway {
    AccountId account_id;
    Region region;
    std::string id;
    std::string vpc_id;
    std::string subnet_id;
    std::string state;  // available, deleted
    std::string connectivity;
    std::string network_interface_id;
    std::string private_address;
    std::string public_address;
    std::string allocation_id;
    std::string association_id;
    Time created_at{};
    Time deleted_at{};  // shown for an hour after that
    Tags tags;
    static const Shape shape;
};

struct Route {
    std::string destination;  // a block of addresses or pl-..
    std::string target;       // local, igw-.., nat-.., eigw-.., eni-..
    static const Shape shape;
};
struct RouteTableAssociation {
    std::string id;
    std::string subnet_id;  // empty: the main association of its VPC
    static const Shape shape;
};
struct RouteTable {
    AccountId account_id;
    Region region;
    std::string id;
    std::string vpc_id;
    std::vector<Route> routes;  // without the local ones, which follow from the VPC
    std::vector<RouteTableAssociation> associations;
    Time created_at{};
    Tags tags;
    static const Shape shape;

    bool is_main() const;
};

struct Address {
    AccountId account_id;
    Region region;
    std::string id;  // eipalloc-..
    std::string public_address;
    std::string association_id;  // empty: not in use
    std::string network_interface_id;
    std::string private_address;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct NetworkInterface {
    AccountId account_id;
    Region region;
    std::string id;
    std::string vpc_id;
    std::string subnet_id;
    std::string zone;
    std::string type;  // interface, nat_gateway
    std::string description;
    std::string requester_id;  // of what AWS made itself
    std::string private_address;
    std::string mac_address;
    std::vector<std::string> security_group_ids;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct SecurityGroupRule {
    std::string id;  // sgr-..
    bool is_egress = false;
    std::string protocol;  // -1, tcp, udp, icmp, icmpv6 or a number
    std::int32_t from_port = -1;
    std::int32_t to_port = -1;
    // One of these.
    std::string cidr_ipv4;
    std::string cidr_ipv6;
    std::string prefix_list_id;
    std::string group_id;
    std::string description;
    Tags tags;
    static const Shape shape;
};
struct SecurityGroup {
    AccountId account_id;
    Region region;
    std::string id;
    std::string name;
    std::string description;
    std::string vpc_id;
    std::vector<SecurityGroupRule> rules;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct LaunchTemplate {
    AccountId account_id;
    Region region;
    std::string id;
    std::string name;
    std::string created_by;
    std::int64_t default_version = 1;
    std::int64_t latest_version = 1;
    std::int64_t next_version = 2;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};
struct LaunchTemplateVersion {
    AccountId account_id;
    Region region;
    std::string template_id;
    std::int64_t number = 1;
    std::string description;
    std::string created_by;
    Secret data;  // ResponseLaunchTemplateData, JSON: user data may hold secrets
    Time created_at{};
    static const Shape shape;
};

struct KeyPair {
    AccountId account_id;
    Region region;
    std::string id;
    std::string name;
    std::string type;  // rsa, ed25519
    std::string fingerprint;
    std::string public_key;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct PlacementGroup {
    AccountId account_id;
    Region region;
    std::string id;
    std::string name;
    std::string strategy;
    std::int32_t partitions = 0;
    std::string spread_level;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

// What a request with that client token has made: the same request again makes nothing new.
struct Ec2ClientToken {
    AccountId account_id;
    Region region;
    std::string operation;
    std::string token;
    std::string request_digest;
    std::string resource_id;
    Time created_at{};
    static const Shape shape;
};

inline constexpr std::uint8_t by_vpc = 1;             // several; key(account, region, vpc)
inline constexpr std::uint8_t by_name = 2;            // unique; key(account, region, name)
inline constexpr std::uint8_t by_public_address = 4;  // unique; key(address)
inline constexpr std::uint8_t by_subnet = 3;          // several; key(account, region, subnet)

// Each: key(account, region, id).
extern const store::Table<Vpc> vpcs;
extern const store::Table<Subnet> subnets;                                           // by_vpc
extern const store::Table<InternetGateway> internet_gateways;                        // by_vpc
extern const store::Table<EgressOnlyInternetGateway> egress_only_internet_gateways;  // by_vpc
extern const store::Table<NatGateway> nat_gateways;                                  // by_vpc
extern const store::Table<RouteTable> route_tables;                                  // by_vpc
extern const store::Table<Address> addresses;                                        // by_public_address
extern const store::Table<NetworkInterface> network_interfaces;                      // by_vpc, by_subnet
extern const store::Table<SecurityGroup> security_groups;                            // by_vpc
extern const store::Table<LaunchTemplate> launch_templates;                          // by_name
extern const store::Table<KeyPair> key_pairs;                                        // by_name
extern const store::Table<PlacementGroup> placement_groups;                          // by_name
extern const store::Table<LaunchTemplateVersion> launch_template_versions;  // key(account, region, template, number)
extern const store::Table<Ec2ClientToken> ec2_client_tokens;                // key(account, region, operation, token)

// Of everything that is in a VPC.
std::string vpc_guard(const AccountId& account, const Region& region, std::string_view vpc_id);
// Of an account's addresses in a region.
std::string addresses_guard(const AccountId& account, const Region& region);

// vpc-0 and 16 hex digits, as EC2's long ids are.
std::string make_ec2_id(std::string_view prefix, Random& random);

// A group with the rule that every new one has: all may leave. The caller has looked that the name is free.
SecurityGroup make_security_group(const Vpc& vpc, std::string name, std::string description, Time now, Random& random);

// The VPC that the subnets are in, when they are ours; nothing for subnets of another network.
Result<std::optional<Vpc>> vpc_of_subnets(const store::Reader& reader, const AccountId& account, const Region& region,
                                          const std::vector<std::string>& subnet_ids);

// The security group that EKS makes for a new cluster: eks-cluster-sg-<cluster>-<number>, whose members reach each
// other. Nothing when the subnets are of no VPC of ours.
Result<std::optional<SecurityGroup>> create_cluster_security_group(store::Transaction& transaction,
                                                                   const AccountId& account, const Region& region,
                                                                   const std::string& cluster_name,
                                                                   const std::vector<std::string>& subnet_ids, Time now,
                                                                   Random& random);
// With its cluster it goes, unless rules of other groups name it: then it stays, as AWS leaves it.
Result<void> erase_cluster_security_group(store::Transaction& transaction, const AccountId& account,
                                          const Region& region, const std::string& group_id);

}  // namespace sekisho::domain
