#include <algorithm>

#include "base/text.h"
#include "domain/clusters.h"
#include "domain/ec2.h"
#include "models/autoscaling.h"
#include "services/autoscaling/service.h"
#include "wire/arn.h"

namespace sekisho::autoscaling_service {
namespace {

using operation::Call;
using Names = std::vector<std::string>;

constexpr std::int32_t page_max = 100;
constexpr std::int32_t default_cooldown = 300;
constexpr std::int32_t health_check_grace_period = 15;  // EKS's choice for its groups

std::string name_of(const domain::Nodegroup& group) {
    return "eks-" + group.name + "-" + group.id;
}

domain::Tags tags_of(const domain::Nodegroup& group) {
    return {{"eks:cluster-name", group.cluster_name},
            {"eks:nodegroup-name", group.name},
            {"k8s.io/cluster-autoscaler/enabled", "true"},
            {"k8s.io/cluster-autoscaler/" + group.cluster_name, "owned"},
            {"kubernetes.io/cluster/" + group.cluster_name, "owned"}};
}

// Of a subnet that is ours; empty for another network's.
Result<std::string> zone_of(const Call& call, const std::string& subnet_id) {
    SEK_TRY(const auto subnet, domain::subnets.get(call.tx, call.account(), call.region(), subnet_id));
    return subnet ? subnet->zone : std::string();
}

Result<std::vector<autoscaling::Instance>> instances_of(const Call& call, const domain::Nodegroup& group) {
    std::vector<autoscaling::Instance> instances;
    for (std::size_t i = 0; i < group.instances.size(); ++i) {
        autoscaling::Instance instance;
        instance.instance_id = group.instances[i].id;
        if (!group.instance_types.empty()) instance.instance_type = group.instance_types.front();
        instance.lifecycle_state = autoscaling::LifecycleState::in_service;
        instance.health_status = "Healthy";
        if (!group.subnet_ids.empty()) {
            SEK_TRY(instance.availability_zone, zone_of(call, group.subnet_ids[i % group.subnet_ids.size()]));
        }
        instances.push_back(std::move(instance));
    }
    return instances;
}

Result<autoscaling::AutoScalingGroup> to_wire(const Call& call, const domain::Nodegroup& group) {
    autoscaling::AutoScalingGroup wire;
    wire.auto_scaling_group_name = name_of(group);
    wire.auto_scaling_group_arn =
        wire::make_arn("autoscaling", group.region, group.account_id,
                       "autoScalingGroup:" + group.id + ":autoScalingGroupName/" + name_of(group));
    wire.min_size = group.size_min;
    wire.max_size = group.size_max;
    wire.desired_capacity = group.size_desired;
    wire.default_cooldown = default_cooldown;
    wire.health_check_type = "EC2";
    wire.health_check_grace_period = health_check_grace_period;
    wire.created_time = group.created_at;
    wire.vpc_zone_identifier = join(group.subnet_ids, ",");
    for (const auto& subnet_id : group.subnet_ids) {
        SEK_TRY(auto zone, zone_of(call, subnet_id));
        const bool is_new = std::ranges::find(wire.availability_zones, zone) == wire.availability_zones.end();
        if (!zone.empty() && is_new) wire.availability_zones.push_back(std::move(zone));
    }
    SEK_TRY(wire.instances, instances_of(call, group));
    wire.tags.emplace();
    for (const auto& [key, value] : tags_of(group)) {
        wire.tags->push_back({.resource_id = name_of(group),
                              .resource_type = "auto-scaling-group",
                              .key = key,
                              .value = value,
                              .propagate_at_launch = true});
    }
    return wire;
}

// tag-key, tag-value and tag:KEY: each of a filter's values may match.
Result<bool> matches(const autoscaling::Filter& filter, const domain::Tags& tags) {
    const auto name = filter.name.value_or("");
    const auto values = filter.values.value_or(Names());
    const auto is_asked = [&](const std::string& text) { return std::ranges::find(values, text) != values.end(); };
    if (name == "tag-key") return std::ranges::any_of(tags, [&](const auto& tag) { return is_asked(tag.first); });
    if (name == "tag-value") return std::ranges::any_of(tags, [&](const auto& tag) { return is_asked(tag.second); });
    if (name.starts_with("tag:")) {
        const auto at = tags.find(name.substr(4));
        return at != tags.end() && is_asked(at->second);
    }
    return ApiError{.code = "ValidationError", .message = "Invalid filter name: " + name};
}

Result<bool> is_meant(const autoscaling::AutoScalingGroupNamesType& request, const domain::Nodegroup& group) {
    const auto& names = request.auto_scaling_group_names;
    if (names && !names->empty() && std::ranges::find(*names, name_of(group)) == names->end()) return false;
    for (const auto& filter : request.filters.value_or(std::vector<autoscaling::Filter>())) {
        SEK_TRY(const bool matched, matches(filter, tags_of(group)));
        if (!matched) return false;
    }
    return true;
}

Result<autoscaling::AutoScalingGroupsType> describe_groups(Call& call,
                                                           const autoscaling::AutoScalingGroupNamesType& request) {
    constexpr std::string_view scope = "DescribeAutoScalingGroups";
    SEK_TRY(is_meant(request, domain::Nodegroup()));  // a bad filter is told though there is no group
    auto after = call.open_page(scope, request.next_token.value_or(""));
    if (!after) return autoscaling::errors::invalid_next_token("The token is not valid.");
    const auto limit = static_cast<std::size_t>(std::clamp(request.max_records.value_or(50), 1, page_max));
    autoscaling::AutoScalingGroupsType result;
    store::Page page{.after = std::move(*after)};
    for (;;) {
        page.limit = limit - result.auto_scaling_groups.size();
        SEK_TRY(auto slice, domain::nodegroups.scan(call.tx, store::prefix(call.account(), call.region()), page));
        for (const auto& group : slice.items) {
            SEK_TRY(const bool wanted, is_meant(request, group));
            if (!wanted) continue;
            SEK_TRY(auto wire, to_wire(call, group));
            result.auto_scaling_groups.push_back(std::move(wire));
        }
        if (!slice.next) return result;
        page.after = std::move(*slice.next);
        if (result.auto_scaling_groups.size() < limit) continue;
        result.next_token = call.seal_page(scope, page.after);
        return result;
    }
}

const operation::OperationTable group_operations = {
    operation::operation<autoscaling::DescribeAutoScalingGroups>(
        {.access = operation::Access::read, .resources = operation::any_resource, .handle = describe_groups}),
};

}  // namespace

void register_operations(operation::Registry& registry) {
    registry.add(autoscaling::service, group_operations);
}

}  // namespace sekisho::autoscaling_service
