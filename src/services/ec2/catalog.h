#pragma once
// Zones and instance types: what there is, by data (models/README.md).
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "models/ec2.h"

namespace sekisho::ec2_service {

struct ZoneFacts {
    std::string region;
    std::string name;
    std::string id;
};
// In the order of their names. A region that the data does not have (any is served) has three, named by AWS's rule.
std::vector<ZoneFacts> zones_of(const Region& region);
std::optional<ZoneFacts> find_zone(const Region& region, std::string_view name_or_id);
// The regions that the data has.
std::vector<std::string> known_regions();

bool is_instance_type(std::string_view name);
std::vector<std::string> instance_type_names();  // sorted
// Of a zone by its id. Where the data does not have the zone: what every zone of the data offers.
bool is_offered(std::string_view type, std::string_view zone_id);
ec2::InstanceTypeInfo instance_type_info(std::string_view name);  // of a known type

}  // namespace sekisho::ec2_service
