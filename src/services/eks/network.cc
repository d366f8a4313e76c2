#include "services/eks/network.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/json.h"
#include "domain/ec2.h"
#include "services/eks/common.h"

namespace sekisho::eks_service {

using operation::Call;

namespace {

constexpr std::size_t zones_max = 3;
constexpr std::string_view cidr_elsewhere = "192.168.0.0/17";

Result<std::optional<domain::LaunchTemplate>> find_template(const Call& call, const domain::Nodegroup& group) {
    if (!group.launch_template_id.empty()) {
        return domain::launch_templates.get(call.tx, call.account(), call.region(), group.launch_template_id);
    }
    return domain::launch_templates.get_by(call.tx, domain::by_name, call.account(), call.region(),
                                           group.launch_template_name);
}

std::int64_t version_number(const domain::LaunchTemplate& found, std::string_view text) {
    if (text.empty() || text == "$Default") return found.default_version;
    if (text == "$Latest") return found.latest_version;
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

Result<void> check_zones(const Call& call, const std::vector<std::string>& subnet_ids) {
    std::set<std::string> zones;
    for (const auto& id : subnet_ids) {
        SEK_TRY(const auto subnet, domain::subnets.get(call.tx, call.account(), call.region(), id));
        zones.insert(subnet ? subnet->zone : id);
    }
    if (zones.size() < 2) return invalid_parameter("Subnets specified must be in at least two different AZs");
    return {};
}

Result<void> join_network(Call& call, domain::Cluster& cluster) {
    SEK_TRY(const auto group,
            domain::create_cluster_security_group(call.tx, cluster.account_id, cluster.region, cluster.name,
                                                  cluster.subnet_ids, call.now, call.random));
    if (!group) return {};
    cluster.cluster_security_group_id = group->id;
    cluster.vpc_id = group->vpc_id;
    return {};
}

Result<void> leave_network(Call& call, const domain::Cluster& cluster) {
    return domain::erase_cluster_security_group(call.tx, cluster.account_id, cluster.region,
                                                cluster.cluster_security_group_id);
}

Result<void> take_launch_template(const Call& call, domain::Nodegroup& group) {
    SEK_TRY(const auto found, find_template(call, group));
    if (!found) {
        if (group.launch_template_version.empty()) group.launch_template_version = "1";
        return {};
    }
    const auto number = version_number(*found, group.launch_template_version);
    SEK_TRY(const auto version,
            domain::launch_template_versions.get(call.tx, call.account(), call.region(), found->id, number));
    if (!version) {
        return eks::errors::invalid_request_exception("Launch template " + found->id + " has no version " +
                                                      group.launch_template_version);
    }
    group.launch_template_id = found->id;
    group.launch_template_name = found->name;
    group.launch_template_version = std::to_string(number);
    const auto data = parse_json(version->data.expose());
    if (data) group.launch_template_instance_type = find_text(*data, "InstanceType").value_or("");
    return {};
}

Result<NodePlace> node_place(const Call& call, const domain::Nodegroup& group, std::size_t position) {
    const auto& id = group.subnet_ids[position % group.subnet_ids.size()];
    SEK_TRY(const auto subnet, domain::subnets.get(call.tx, call.account(), call.region(), id));
    if (subnet) return NodePlace{.zone = subnet->zone, .cidr = subnet->cidr};
    const std::size_t zone = position % std::min(group.subnet_ids.size(), zones_max);
    return NodePlace{.zone = group.region.str() + static_cast<char>('a' + zone), .cidr = std::string(cidr_elsewhere)};
}

}  // namespace sekisho::eks_service
