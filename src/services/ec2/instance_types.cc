#include "base/text.h"
#include "services/ec2/catalog.h"
#include "services/ec2/describe.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using Info = ec2::InstanceTypeInfo;
using Offering = ec2::InstanceTypeOffering;
using Values = std::vector<std::string>;

constexpr std::int32_t types_page = 100;

template <class T>
Values one(const std::optional<T>& value) {
    if (!value) return {};
    if constexpr (std::is_same_v<T, std::string>) {
        return {*value};
    } else if constexpr (std::is_same_v<T, bool>) {
        return {text_of(*value)};
    } else if constexpr (std::is_enum_v<T>) {
        return {std::string(to_text(*value))};
    } else {
        return {std::to_string(*value)};
    }
}
template <class T>
Values many(const std::optional<std::vector<T>>& list) {
    Values values;
    if (!list) return values;
    for (const auto& value : *list) values.emplace_back(to_text(value));
    return values;
}

constexpr FilterRow<Info> type_filters[] = {
    {"auto-recovery-supported", [](const Info& i) { return one(i.auto_recovery_supported); }},
    {"bare-metal", [](const Info& i) { return one(i.bare_metal); }},
    {"burstable-performance-supported", [](const Info& i) { return one(i.burstable_performance_supported); }},
    {"current-generation", [](const Info& i) { return one(i.current_generation); }},
    {"dedicated-hosts-supported", [](const Info& i) { return one(i.dedicated_hosts_supported); }},
    {"free-tier-eligible", [](const Info& i) { return one(i.free_tier_eligible); }},
    {"hibernation-supported", [](const Info& i) { return one(i.hibernation_supported); }},
    {"hypervisor", [](const Info& i) { return one(i.hypervisor); }},
    {"instance-storage-supported", [](const Info& i) { return one(i.instance_storage_supported); }},
    {"instance-type", [](const Info& i) { return one(i.instance_type); }},
    {"memory-info.size-in-mib",
     [](const Info& i) { return i.memory_info ? one(i.memory_info->size_in_mi_b) : Values(); }},
    {"network-info.ipv6-supported",
     [](const Info& i) { return i.network_info ? one(i.network_info->ipv6_supported) : Values(); }},
    {"network-info.maximum-network-interfaces",
     [](const Info& i) { return i.network_info ? one(i.network_info->maximum_network_interfaces) : Values(); }},
    {"network-info.network-performance",
     [](const Info& i) { return i.network_info ? one(i.network_info->network_performance) : Values(); }},
    {"processor-info.supported-architecture",
     [](const Info& i) { return i.processor_info ? many(i.processor_info->supported_architectures) : Values(); }},
    {"supported-boot-mode", [](const Info& i) { return many(i.supported_boot_modes); }},
    {"supported-root-device-type", [](const Info& i) { return many(i.supported_root_device_types); }},
    {"supported-usage-class", [](const Info& i) { return many(i.supported_usage_classes); }},
    {"supported-virtualization-type", [](const Info& i) { return many(i.supported_virtualization_types); }},
    {"vcpu-info.default-cores",
     [](const Info& i) { return i.v_cpu_info ? one(i.v_cpu_info->default_cores) : Values(); }},
    {"vcpu-info.default-vcpus",
     [](const Info& i) { return i.v_cpu_info ? one(i.v_cpu_info->default_v_cpus) : Values(); }},
};

// The types of the region, or those that are asked for, by name.
Result<Values> names_asked(const Call& call, const std::optional<Values>& asked) {
    const auto zones = zones_of(call.region());
    const auto is_here = [&](const std::string& type) {
        return std::ranges::any_of(zones, [&](const auto& zone) { return is_offered(type, zone.id); });
    };
    auto names = asked && !asked->empty() ? *asked : instance_type_names();
    if (asked && !asked->empty()) {
        Values unknown;
        std::ranges::copy_if(names, std::back_inserter(unknown), [&](const auto& name) { return !is_here(name); });
        if (unknown.empty()) return names;
        return error("InvalidInstanceType",
                     "The following supplied instance types do not exist: [" + join(unknown, ", ") + "]");
    }
    std::erase_if(names, [&](const auto& name) { return !is_here(name); });
    return names;
}

// Names that a filter on the type leaves: what they can do is read for these only.
void narrow(Values& names, const Filters& filters) {
    if (!filters) return;
    for (const auto& filter : *filters) {
        if (filter.name != "instance-type") continue;
        std::erase_if(names, [&](const auto& name) { return !matches_filter(filter, {name}); });
    }
}

// Page by page over the names: a page reads no more types than it shows, but for those that filters leave out.
Result<ec2::DescribeInstanceTypesResult> describe_types(Call& call, const ec2::DescribeInstanceTypesRequest& request) {
    const std::span<const FilterRow<Info>> rows = type_filters;
    SEK_TRY(check_filters(rows, request.filters));
    SEK_TRY(auto names, names_asked(call, request.instance_types));
    narrow(names, request.filters);
    const PageAsked asked{"DescribeInstanceTypes", request.next_token, request.max_results.value_or(types_page)};
    SEK_TRY(const auto after, open_page(call, asked));
    ec2::DescribeInstanceTypesResult result;
    result.instance_types.emplace();
    for (auto at = std::ranges::upper_bound(names, after); at != names.end(); ++at) {
        auto info = instance_type_info(*at);
        SEK_TRY(const bool is_meant, matches(rows, request.filters, info));
        if (!is_meant) continue;
        result.instance_types->push_back(std::move(info));
        if (result.instance_types->size() < page_limit(asked) || std::next(at) == names.end()) continue;
        result.next_token = call.seal_page(asked.scope, *at);
        break;
    }
    return result;
}

constexpr FilterRow<Offering> offering_filters[] = {
    {"instance-type", [](const Offering& o) { return one(o.instance_type); }},
    {"location", [](const Offering& o) { return one(o.location); }},
};

Result<ec2::DescribeInstanceTypeOfferingsResult> describe_offerings(
    Call& call, const ec2::DescribeInstanceTypeOfferingsRequest& request) {
    const auto kind = request.location_type.value_or(ec2::LocationType::region);
    SEK_TRY(auto names, names_asked(call, {}));
    narrow(names, request.filters);
    std::vector<Offering> offerings;
    for (const auto& name : names) {
        if (kind == ec2::LocationType::region) {
            offerings.push_back({.instance_type = name, .location_type = kind, .location = call.region().str()});
            continue;
        }
        for (const auto& zone : zones_of(call.region())) {
            if (kind == ec2::LocationType::outpost || !is_offered(name, zone.id)) continue;
            const auto& location = kind == ec2::LocationType::availability_zone ? zone.name : zone.id;
            offerings.push_back({.instance_type = name, .location_type = kind, .location = location});
        }
    }
    SEK_TRY(auto kept, select<Offering>(offering_filters, request.filters, std::move(offerings)));
    SEK_TRY(auto page,
            page_of(call, std::move(kept), {"DescribeInstanceTypeOfferings", request.next_token, request.max_results}));
    ec2::DescribeInstanceTypeOfferingsResult result;
    result.instance_type_offerings = std::move(page.records);
    result.next_token = page.next_token;
    return result;
}

}  // namespace

const operation::OperationTable instance_type_operations = {
    row<ec2::DescribeInstanceTypes>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeInstanceTypesRequest>, .handle = describe_types}),
    row<ec2::DescribeInstanceTypeOfferings>({.access = Access::read,
                                             .resources = anywhere<ec2::DescribeInstanceTypeOfferingsRequest>,
                                             .handle = describe_offerings}),
};

}  // namespace sekisho::ec2_service
