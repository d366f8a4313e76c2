#include "services/ec2/catalog.h"

#include <zstd.h>

#include <algorithm>
#include <cstdlib>

#include "base/json.h"
#include "base/text.h"
#include "models/ec2_catalog.h"
#include "wire/json_codec.h"

namespace sekisho::ec2_service {
namespace {

const ec2_catalog::InstanceType* find_type(std::string_view name) {
    const auto all = ec2_catalog::instance_types();
    const auto found = std::ranges::lower_bound(all, name, {}, &ec2_catalog::InstanceType::name);
    return found != all.end() && found->name == name ? &*found : nullptr;
}

bool has_zone(const ec2_catalog::InstanceType& type, std::size_t index) {
    return (type.zones[index / 64] >> (index % 64) & 1) != 0;
}

// ap-southeast-2 is "apse2", us-gov-west-1 "usgw1", ca-central-1 "cac1".
std::string short_name(std::string_view region) {
    const auto parts = split(region, '-');
    std::string name(parts.front());
    for (auto part : std::span(parts).subspan(1)) {
        if (part == "gov" || part.size() == 1) {
            name += part == "gov" ? "g" : std::string(part);
            continue;
        }
        for (const std::string_view direction : {"north", "south", "central", "east", "west"}) {
            if (part.find(direction) != std::string_view::npos) name += direction.front();
        }
    }
    return name;
}

}  // namespace

std::vector<ZoneFacts> zones_of(const Region& region) {
    std::vector<ZoneFacts> zones;
    for (const auto& zone : ec2_catalog::zones()) {
        if (zone.region == region.str()) {
            zones.push_back({std::string(zone.region), std::string(zone.name), std::string(zone.id)});
        }
    }
    if (!zones.empty()) return zones;
    for (const char letter : {'a', 'b', 'c'}) {
        const std::string number(1, static_cast<char>(letter - 'a' + '1'));
        zones.push_back({region.str(), region.str() + letter, short_name(region.str()) + "-az" + number});
    }
    return zones;
}

std::optional<ZoneFacts> find_zone(const Region& region, std::string_view name_or_id) {
    for (auto& zone : zones_of(region)) {
        if (zone.name == name_or_id || zone.id == name_or_id) return std::move(zone);
    }
    return {};
}

std::vector<std::string> known_regions() {
    std::vector<std::string> regions;
    for (const auto& zone : ec2_catalog::zones()) {
        if (regions.empty() || regions.back() != zone.region) regions.emplace_back(zone.region);
    }
    return regions;
}

bool is_instance_type(std::string_view name) {
    return find_type(name) != nullptr;
}

std::vector<std::string> instance_type_names() {
    std::vector<std::string> names;
    for (const auto& type : ec2_catalog::instance_types()) names.emplace_back(type.name);
    return names;
}

bool is_offered(std::string_view name, std::string_view zone_id) {
    const auto* type = find_type(name);
    if (type == nullptr) return false;
    const auto zones = ec2_catalog::zones();
    const auto at = std::ranges::find(zones, zone_id, &ec2_catalog::Zone::id);
    if (at != zones.end()) return has_zone(*type, static_cast<std::size_t>(at - zones.begin()));
    for (std::size_t i = 0; i < zones.size(); ++i) {
        if (!has_zone(*type, i)) return false;
    }
    return true;
}

ec2::InstanceTypeInfo instance_type_info(std::string_view name) {
    const auto* type = find_type(name);
    const auto& chunk = ec2_catalog::chunks()[type->chunk];
    std::string plain(chunk.plain_size, '\0');
    const std::size_t size =
        ZSTD_decompress(plain.data(), plain.size(), chunk.compressed.data(), chunk.compressed.size());
    if (ZSTD_isError(size) != 0 || size != plain.size()) std::abort();  // our own data, checked when it was built
    ec2::InstanceTypeInfo info;
    wire::Violations none;
    const auto value = parse_json(std::string_view(plain).substr(type->offset, type->length));
    if (!value || !wire::decode_json(ec2::InstanceTypeInfo::shape, *value, &info, none)) std::abort();
    return info;
}

}  // namespace sekisho::ec2_service
