// Regions, availability zones and what an account is like.
#include "services/ec2/catalog.h"
#include "services/ec2/describe.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using Values = std::vector<std::string>;

// Regions that every account has from the start (AWS account management guide); the others are opted in here.
bool needs_opt_in(std::string_view region) {
    constexpr std::string_view always[] = {
        "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
        "ca-central-1",   "eu-central-1",   "eu-north-1",     "eu-west-1",  "eu-west-2",      "eu-west-3",
        "sa-east-1",      "us-east-1",      "us-east-2",      "us-west-1",  "us-west-2"};
    return std::ranges::find(always, region) == std::end(always);
}
std::string opt_in_status(const std::string& region) {
    return needs_opt_in(region) ? "opted-in" : "opt-in-not-required";
}

constexpr FilterRow<ZoneFacts> zone_filters[] = {
    {"group-name", [](const ZoneFacts& z) { return Values{z.region + "-zg-1"}; }},
    {"opt-in-status", [](const ZoneFacts&) { return Values{"opt-in-not-required"}; }},
    {"region-name", [](const ZoneFacts& z) { return Values{z.region}; }},
    {"state", [](const ZoneFacts&) { return Values{"available"}; }},
    {"zone-id", [](const ZoneFacts& z) { return Values{z.id}; }},
    {"zone-name", [](const ZoneFacts& z) { return Values{z.name}; }},
    {"zone-type", [](const ZoneFacts&) { return Values{"availability-zone"}; }},
};

ec2::AvailabilityZone to_wire(const ZoneFacts& zone) {
    ec2::AvailabilityZone wire;
    wire.zone_name = zone.name;
    wire.zone_id = zone.id;
    wire.region_name = zone.region;
    wire.group_name = zone.region + "-zg-1";
    wire.network_border_group = zone.region;
    wire.zone_type = "availability-zone";
    wire.state = ec2::AvailabilityZoneState::available;
    wire.opt_in_status = ec2::AvailabilityZoneOptInStatus::opt_in_not_required;
    wire.messages.emplace();
    return wire;
}

Result<ec2::DescribeAvailabilityZonesResult> describe_zones(Call& call,
                                                            const ec2::DescribeAvailabilityZonesRequest& request) {
    auto zones = zones_of(call.region());
    for (const auto& [names, member, parameter] : {std::tuple{&request.zone_names, &ZoneFacts::name, "ZoneName"},
                                                   std::tuple{&request.zone_ids, &ZoneFacts::id, "ZoneId"}}) {
        if (!*names) continue;
        for (const auto& name : **names) {
            if (std::ranges::find(zones, name, member) == zones.end()) {
                return invalid_value("Invalid availability zone: [" + name + "]");
            }
        }
        std::erase_if(
            zones, [&](const ZoneFacts& zone) { return std::ranges::find(**names, zone.*member) == (*names)->end(); });
    }
    SEK_TRY(const auto kept, select<ZoneFacts>(zone_filters, request.filters, std::move(zones)));
    ec2::DescribeAvailabilityZonesResult result;
    result.availability_zones.emplace();
    for (const auto& zone : kept) result.availability_zones->push_back(to_wire(zone));
    return result;
}

std::string endpoint_of(const std::string& region) {
    return "ec2." + region + ".amazonaws.com";
}
constexpr FilterRow<std::string> region_filters[] = {
    {"endpoint", [](const std::string& region) { return Values{endpoint_of(region)}; }},
    {"opt-in-status", [](const std::string& region) { return Values{opt_in_status(region)}; }},
    {"region-name", [](const std::string& region) { return Values{region}; }},
};

Result<ec2::DescribeRegionsResult> describe_regions(Call&, const ec2::DescribeRegionsRequest& request) {
    auto regions = known_regions();
    if (request.region_names) {
        for (const auto& name : *request.region_names) {
            if (!is_region(name)) return invalid_value("Invalid region provided: [" + name + "]");
        }
        regions = *request.region_names;
    }
    SEK_TRY(const auto kept, select<std::string>(region_filters, request.filters, std::move(regions)));
    ec2::DescribeRegionsResult result;
    result.regions.emplace();
    for (const auto& region : kept) {
        ec2::Region wire;
        wire.region_name = region;
        wire.endpoint = endpoint_of(region);
        wire.opt_in_status = opt_in_status(region);
        result.regions->push_back(std::move(wire));
    }
    return result;
}

// No default VPC and no EC2-Classic.
Result<ec2::DescribeAccountAttributesResult> describe_account(Call&,
                                                              const ec2::DescribeAccountAttributesRequest& request) {
    ec2::DescribeAccountAttributesResult result;
    result.account_attributes.emplace();
    for (const auto& [name, value] : {std::pair{ec2::AccountAttributeName::supported_platforms, "VPC"},
                                      std::pair{ec2::AccountAttributeName::default_vpc, "none"}}) {
        const bool is_asked = !request.attribute_names ||
                              std::ranges::find(*request.attribute_names, name) != request.attribute_names->end();
        if (!is_asked) continue;
        ec2::AccountAttribute attribute{.attribute_name = std::string(to_text(name))};
        attribute.attribute_values.emplace().push_back({.attribute_value = value});
        result.account_attributes->push_back(std::move(attribute));
    }
    return result;
}

}  // namespace

const operation::OperationTable zone_operations = {
    row<ec2::DescribeAvailabilityZones>({.access = Access::read,
                                         .resources = anywhere<ec2::DescribeAvailabilityZonesRequest>,
                                         .handle = describe_zones}),
    row<ec2::DescribeRegions>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeRegionsRequest>, .handle = describe_regions}),
    row<ec2::DescribeAccountAttributes>({.access = Access::read,
                                         .resources = anywhere<ec2::DescribeAccountAttributesRequest>,
                                         .handle = describe_account}),
};

}  // namespace sekisho::ec2_service
