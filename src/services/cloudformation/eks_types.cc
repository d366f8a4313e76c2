// AWS::EKS::*. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_EKS.html
#include <boost/json/serialize.hpp>

#include "domain/clusters.h"
#include "models/eks.h"
#include "services/cloudformation/types.h"

namespace sekisho::cloudformation_service {
namespace {

using domain::StackWork;

constexpr auto replaces = OnChange::replaces;
constexpr auto in_place = OnChange::in_place;
constexpr std::size_t name_characters_max = 100;  // of clusters; of node groups 63
constexpr std::size_t nodegroup_name_characters_max = 63;

json::object tag_map(const domain::Tags& tags) {
    json::object map;
    for (const auto& [key, value] : tags) map[key] = value;
    return map;
}

// The part of a "cluster|name" or "cluster/name" physical id after the separator.
std::string second_part(const std::string& id, char separator) {
    const auto at = id.find(separator);
    return at == std::string::npos ? std::string() : id.substr(at + 1);
}

void fit_tags(const std::string& arn, const ResourceView& view, ApiCalls& calls) {
    if (view.tags == view.tags_before) return;
    json::array gone;
    for (const auto& [key, value] : view.tags_before) {
        if (!view.tags.contains(key)) gone.emplace_back(key);
    }
    if (!gone.empty()) {
        calls.push_back({&eks::UntagResource::model, {{"resourceArn", arn}, {"tagKeys", std::move(gone)}}});
    }
    if (view.tags.empty()) return;
    calls.push_back({&eks::TagResource::model, {{"resourceArn", arn}, {"tags", tag_map(view.tags)}}});
}

// A record's status of EKS as a standing. Removal is over when the record is gone (`found` false).
Standing standing_of(const ResourceView& view, bool found, std::string_view status, const std::string& failure,
                     std::string_view what) {
    const bool removes = view.record.work == StackWork::remove || view.record.work == StackWork::discard;
    if (!found) {
        if (removes) return {};
        return {Standing::failed, std::string(what) + " is gone."};
    }
    const auto reason = failure.empty() ? std::string(what) + " is in status " + std::string(status) + "." : failure;
    if (removes) {
        if (status == "DELETE_FAILED") return {Standing::failed, reason};
        return {Standing::pending};
    }
    if (status == "ACTIVE" || status == "DEGRADED") return {};
    if (status.ends_with("FAILED") || status == "DELETING") return {Standing::failed, reason};
    return {Standing::pending};
}

Standing cluster_standing(const store::Reader& reader, const ResourceView& view) {
    const auto cluster = domain::clusters.get(reader, view.stack.account_id, view.stack.region, view.physical_id);
    // Another cluster may have the name by now.
    const bool is_there = cluster && *cluster && (*cluster)->arn == view.attribute("Arn");
    if (!is_there) return standing_of(view, false, {}, {}, "The cluster");
    return standing_of(view, true, (*cluster)->status, (*cluster)->failure, "The cluster");
}

// Logging: {ClusterLogging: {EnabledTypes: [{Type}]}} is the API's {clusterLogging: [{types, enabled}]}.
json::value logging_of(const json::value& property) {
    json::array types;
    const auto* enabled = at_path(property, "ClusterLogging.EnabledTypes");
    if (enabled != nullptr && enabled->is_array()) {
        for (const auto& item : enabled->get_array()) {
            if (const auto type = find_text(item, "Type")) types.emplace_back(*type);
        }
    }
    return json::object({{"clusterLogging", json::array({json::object({{"types", types}, {"enabled", true}})})}});
}

std::vector<Capture> cluster_captures() {
    return {{physical_id_capture, "cluster.name"},
            {"Arn", "cluster.arn"},
            {"Endpoint", "cluster.endpoint"},
            {"CertificateAuthorityData", "cluster.certificateAuthority.data"},
            {"ClusterSecurityGroupId", "cluster.resourcesVpcConfig.clusterSecurityGroupId"},
            {"OpenIdConnectIssuerUrl", "cluster.identity.oidc.issuer"},
            {"EncryptionConfigKeyArn", "cluster.encryptionConfig.0.provider.keyArn"},
            {"KubernetesNetworkConfig.ServiceIpv6Cidr", "cluster.kubernetesNetworkConfig.serviceIpv6Cidr"},
            {"Id", "cluster.id"}};
}

// What the finished cluster shows.
ApiCall read_cluster(const std::string& name) {
    auto captures = cluster_captures();
    captures.erase(captures.begin());
    return {&eks::DescribeCluster::model, {{"name", name}}, std::move(captures), false, true};
}

ApiCalls make_cluster(const ResourceView& view) {
    auto request =
        pick(view, {"Version", "RoleArn", "ResourcesVpcConfig", "KubernetesNetworkConfig", "EncryptionConfig",
                    "AccessConfig", "BootstrapSelfManagedAddons", "UpgradePolicy", "ZonalShiftConfig", "ComputeConfig",
                    "StorageConfig", "RemoteNetworkConfig", "DeletionProtection"});
    const auto name = view.text("Name").empty() ? view.generated_name(name_characters_max) : view.text("Name");
    request["name"] = name;
    if (const auto* logging = view.property("Logging")) request["logging"] = logging_of(*logging);
    if (!view.tags.empty()) request["tags"] = tag_map(view.tags);
    request["clientRequestToken"] = view.client_token();
    return {{&eks::CreateCluster::model, std::move(request), cluster_captures()}, read_cluster(name)};
}

ApiCalls change_cluster(const ResourceView& view) {
    ApiCalls calls;
    const auto& name = view.physical_id;
    // EKS takes one kind of change in a call, and one call at a time.
    const auto add = [&](const wire::OperationModel& operation, json::object request) {
        request["name"] = name;
        calls.push_back({&operation, std::move(request), {}, false, true});
    };
    if (view.changes("Version")) {
        add(eks::UpdateClusterVersion::model, {{"version", view.text("Version")}});
    }
    for (const auto property : {"ResourcesVpcConfig", "AccessConfig", "UpgradePolicy", "ZonalShiftConfig",
                                "ComputeConfig", "StorageConfig", "RemoteNetworkConfig", "DeletionProtection"}) {
        if (!view.changes(property) || view.property(property) == nullptr) continue;
        auto value = *view.property(property);
        // What only CreateCluster takes.
        if (value.is_object()) value.get_object().erase("BootstrapClusterCreatorAdminPermissions");
        add(eks::UpdateClusterConfig::model, {{property, std::move(value)}});
    }
    if (view.changes("Logging") && view.property("Logging") != nullptr) {
        add(eks::UpdateClusterConfig::model, {{"logging", logging_of(*view.property("Logging"))}});
    }
    fit_tags(view.attribute("Arn"), view, calls);
    calls.push_back(read_cluster(name));
    return calls;
}

ApiCalls remove_cluster(const ResourceView& view) {
    return {{&eks::DeleteCluster::model, {{"name", view.physical_id}}, {}, true}};
}

// Ref is "cluster/nodegroup".
Standing nodegroup_standing(const store::Reader& reader, const ResourceView& view) {
    const auto group = domain::nodegroups.get(reader, view.stack.account_id, view.stack.region,
                                              view.text("ClusterName"), view.attribute("NodegroupName"));
    const bool is_there = group && *group && (*group)->arn == view.attribute("Arn");
    if (!is_there) return standing_of(view, false, {}, {}, "The node group");
    return standing_of(view, true, (*group)->status, (*group)->failure, "The node group");
}

ApiCalls make_nodegroup(const ResourceView& view) {
    auto request = pick(view, {"ClusterName", "AmiType", "CapacityType", "DiskSize", "InstanceTypes", "Labels",
                               "LaunchTemplate", "NodeRole", "NodeRepairConfig", "ReleaseVersion", "ScalingConfig",
                               "Subnets", "Taints", "UpdateConfig", "Version"});
    const auto name = view.text("NodegroupName");
    request["nodegroupName"] = name.empty() ? view.generated_name(nodegroup_name_characters_max) : name;
    if (const auto* access = view.property("RemoteAccess"); access && access->is_object()) {
        json::object remote;
        if (const auto* key = find(*access, "Ec2SshKey")) remote["ec2SshKey"] = *key;
        if (const auto* groups = find(*access, "SourceSecurityGroups")) remote["sourceSecurityGroups"] = *groups;
        request["remoteAccess"] = std::move(remote);
    }
    if (!view.tags.empty()) request["tags"] = tag_map(view.tags);
    request["clientRequestToken"] = view.client_token();
    return {{&eks::CreateNodegroup::model,
             std::move(request),
             {{"Arn", "nodegroup.nodegroupArn"},
              {"ClusterName", "nodegroup.clusterName"},
              {"NodegroupName", "nodegroup.nodegroupName"},
              {"Id", "nodegroup.nodegroupArn"}}}};
}

// A taint is known by its key and effect: what has only another value is put in its place.
json::object taint_changes(const ResourceView& view) {
    const auto list_of = [](const json::value* property) {
        return property != nullptr && property->is_array() ? property->get_array() : json::array();
    };
    const auto next = list_of(view.property("Taints")), now = list_of(view.before.if_contains("Taints"));
    const auto has = [](const json::array& taints, const json::value& wanted) {
        return std::ranges::any_of(taints, [&](const json::value& taint) {
            return find_text(taint, "Key") == find_text(wanted, "Key") &&
                   find_text(taint, "Effect") == find_text(wanted, "Effect");
        });
    };
    json::array removed;
    for (const auto& taint : now) {
        if (!has(next, taint)) removed.push_back(taint);
    }
    json::object changes;
    if (!next.empty()) changes["addOrUpdateTaints"] = next;
    if (!removed.empty()) changes["removeTaints"] = std::move(removed);
    return changes;
}

ApiCalls change_nodegroup(const ResourceView& view) {
    ApiCalls calls;
    json::object request{{"clusterName", view.text("ClusterName")}, {"nodegroupName", view.attribute("NodegroupName")}};
    bool is_changed = false;
    for (const auto property : {"ScalingConfig", "UpdateConfig", "NodeRepairConfig"}) {
        if (!view.changes(property) || view.property(property) == nullptr) continue;
        request[property] = *view.property(property);
        is_changed = true;
    }
    if (view.changes("Labels")) {
        json::object added;
        json::array removed;
        const json::object none;
        const auto* after = view.property("Labels");
        const auto* before = view.before.if_contains("Labels");
        const auto& next = after && after->is_object() ? after->get_object() : none;
        const auto& now = before && before->is_object() ? before->get_object() : none;
        for (const auto& [key, value] : next) added[key] = value;
        for (const auto& [key, value] : now) {
            if (!next.contains(key)) removed.emplace_back(key);
        }
        request["labels"] = json::object({{"addOrUpdateLabels", added}, {"removeLabels", removed}});
        is_changed = true;
    }
    if (view.changes("Taints")) {
        request["taints"] = taint_changes(view);
        is_changed = true;
    }
    if (is_changed) calls.push_back({&eks::UpdateNodegroupConfig::model, std::move(request), {}, false, true});
    if (view.changes("Version") || view.changes("ReleaseVersion") || view.changes("LaunchTemplate")) {
        auto version = pick(view, {"Version", "ReleaseVersion", "LaunchTemplate"});
        version["clusterName"] = view.text("ClusterName");
        version["nodegroupName"] = view.attribute("NodegroupName");
        if (const auto* force = view.property("ForceUpdateEnabled")) version["force"] = *force;
        calls.push_back({&eks::UpdateNodegroupVersion::model, std::move(version), {}, false, true});
    }
    fit_tags(view.attribute("Arn"), view, calls);
    return calls;
}

ApiCalls remove_nodegroup(const ResourceView& view) {
    if (view.attribute("NodegroupName").empty()) return {};
    return {{&eks::DeleteNodegroup::model,
             {{"clusterName", view.text("ClusterName")}, {"nodegroupName", view.attribute("NodegroupName")}},
             {},
             true}};
}

std::string nodegroup_id(const ResourceView& view) {
    const auto name = view.text("NodegroupName");
    return view.text("ClusterName") + "/" + (name.empty() ? view.generated_name(nodegroup_name_characters_max) : name);
}

// Ref is "cluster|addon".
ApiCalls make_addon(const ResourceView& view) {
    auto request = pick(view, {"ClusterName", "AddonName", "AddonVersion", "ConfigurationValues", "NamespaceConfig",
                               "PodIdentityAssociations", "ResolveConflicts", "ServiceAccountRoleArn"});
    if (!view.tags.empty()) request["tags"] = tag_map(view.tags);
    request["clientRequestToken"] = view.client_token();
    return {{&eks::CreateAddon::model, std::move(request), {{"Arn", "addon.addonArn"}}}};
}

ApiCalls change_addon(const ResourceView& view) {
    ApiCalls calls;
    auto request = pick(view, {"ClusterName", "AddonName", "AddonVersion", "ConfigurationValues",
                               "PodIdentityAssociations", "ResolveConflicts", "ServiceAccountRoleArn"});
    auto now = view.before;
    auto next = view.properties;
    now.erase("Tags");
    next.erase("Tags");
    if (now != next) calls.push_back({&eks::UpdateAddon::model, std::move(request)});
    fit_tags(view.attribute("Arn"), view, calls);
    return calls;
}

ApiCalls remove_addon(const ResourceView& view) {
    json::object request{{"clusterName", view.text("ClusterName")}, {"addonName", view.text("AddonName")}};
    if (const auto* preserve = view.property("PreserveOnDelete")) request["preserve"] = *preserve;
    return {{&eks::DeleteAddon::model, std::move(request), {}, true}};
}

// An access entry and the policies associated with it. Ref is "principal|cluster".
std::map<std::string, json::value> access_policies(const json::object& properties) {
    std::map<std::string, json::value> policies;
    const auto* list = properties.if_contains("AccessPolicies");
    if (list == nullptr || !list->is_array()) return policies;
    for (const auto& item : list->get_array()) {
        const auto arn = find_text(item, "PolicyArn");
        const auto* scope = find(item, "AccessScope");
        if (arn && scope) policies[*arn] = *scope;
    }
    return policies;
}

void fit_access_policies(const ResourceView& view, ApiCalls& calls) {
    const json::object who{{"clusterName", view.text("ClusterName")}, {"principalArn", view.text("PrincipalArn")}};
    const auto now = access_policies(view.before), next = access_policies(view.properties);
    for (const auto& [arn, scope] : next) {
        const auto found = now.find(arn);
        if (found != now.end() && found->second == scope) continue;
        auto request = who;
        request["policyArn"] = arn;
        request["accessScope"] = scope;
        calls.push_back({&eks::AssociateAccessPolicy::model, std::move(request)});
    }
    for (const auto& [arn, scope] : now) {
        if (next.contains(arn)) continue;
        auto request = who;
        request["policyArn"] = arn;
        calls.push_back({&eks::DisassociateAccessPolicy::model, std::move(request), {}, true});
    }
}

ApiCalls make_access_entry(const ResourceView& view) {
    auto request = pick(view, {"ClusterName", "PrincipalArn", "KubernetesGroups", "Type", "Username"});
    if (!view.tags.empty()) request["tags"] = tag_map(view.tags);
    request["clientRequestToken"] = view.client_token();
    ApiCalls calls{
        {&eks::CreateAccessEntry::model, std::move(request), {{"AccessEntryArn", "accessEntry.accessEntryArn"}}}};
    fit_access_policies(view, calls);
    return calls;
}

ApiCalls change_access_entry(const ResourceView& view) {
    ApiCalls calls;
    if (view.changes("KubernetesGroups") || view.changes("Username")) {
        calls.push_back({&eks::UpdateAccessEntry::model,
                         pick(view, {"ClusterName", "PrincipalArn", "KubernetesGroups", "Username"})});
    }
    fit_access_policies(view, calls);
    fit_tags(view.attribute("AccessEntryArn"), view, calls);
    return calls;
}

ApiCalls remove_access_entry(const ResourceView& view) {
    return {{&eks::DeleteAccessEntry::model, pick(view, {"ClusterName", "PrincipalArn"}), {}, true}};
}

ApiCalls make_pod_identity(const ResourceView& view) {
    auto request =
        pick(view, {"ClusterName", "Namespace", "RoleArn", "ServiceAccount", "DisableSessionTags", "TargetRoleArn"});
    if (!view.tags.empty()) request["tags"] = tag_map(view.tags);
    request["clientRequestToken"] = view.client_token();
    return {{&eks::CreatePodIdentityAssociation::model,
             std::move(request),
             {{physical_id_capture, "association.associationArn"},
              {"AssociationArn", "association.associationArn"},
              {"AssociationId", "association.associationId"},
              {"ExternalId", "association.externalId"}}}};
}

ApiCalls change_pod_identity(const ResourceView& view) {
    ApiCalls calls;
    if (view.changes("RoleArn") || view.changes("DisableSessionTags") || view.changes("TargetRoleArn")) {
        auto request = pick(view, {"ClusterName", "RoleArn", "DisableSessionTags", "TargetRoleArn"});
        request["associationId"] = view.attribute("AssociationId");
        calls.push_back({&eks::UpdatePodIdentityAssociation::model, std::move(request)});
    }
    fit_tags(view.attribute("AssociationArn"), view, calls);
    return calls;
}

ApiCalls remove_pod_identity(const ResourceView& view) {
    auto request = pick(view, {"ClusterName"});
    request["associationId"] = view.attribute("AssociationId");
    return {{&eks::DeletePodIdentityAssociation::model, std::move(request), {}, true}};
}

// Ref is "cluster|profile".
std::string fargate_name(const ResourceView& view) {
    const auto name = view.text("FargateProfileName");
    return name.empty() ? view.generated_name(name_characters_max) : name;
}

// [{Key, Value}] of a selector's labels are a map in the API: fit_request does it.
ApiCalls make_fargate_profile(const ResourceView& view) {
    auto request = pick(view, {"ClusterName", "PodExecutionRoleArn", "Selectors", "Subnets"});
    request["fargateProfileName"] = fargate_name(view);
    if (!view.tags.empty()) request["tags"] = tag_map(view.tags);
    request["clientRequestToken"] = view.client_token();
    return {{&eks::CreateFargateProfile::model, std::move(request), {{"Arn", "fargateProfile.fargateProfileArn"}}}};
}

ApiCalls change_fargate_profile(const ResourceView& view) {
    ApiCalls calls;
    fit_tags(view.attribute("Arn"), view, calls);
    return calls;
}

ApiCalls remove_fargate_profile(const ResourceView& view) {
    return {{&eks::DeleteFargateProfile::model,
             {{"clusterName", view.text("ClusterName")}, {"fargateProfileName", second_part(view.physical_id, '|')}},
             {},
             true}};
}

// The name is beside Oidc in a template, and within it in the API. Ref is "cluster/oidc/name".
ApiCalls make_identity_provider(const ResourceView& view) {
    json::object oidc;
    if (const auto* given = view.property("Oidc"); given && given->is_object()) oidc = given->get_object();
    oidc["identityProviderConfigName"] = view.text("IdentityProviderConfigName");
    json::object request{{"clusterName", view.text("ClusterName")}, {"oidc", std::move(oidc)}};
    if (!view.tags.empty()) request["tags"] = tag_map(view.tags);
    request["clientRequestToken"] = view.client_token();
    return {{&eks::AssociateIdentityProviderConfig::model, std::move(request)}};
}

ApiCalls remove_identity_provider(const ResourceView& view) {
    return {{&eks::DisassociateIdentityProviderConfig::model,
             {{"clusterName", view.text("ClusterName")},
              {"identityProviderConfig",
               json::object({{"type", "oidc"}, {"name", view.text("IdentityProviderConfigName")}})}},
             {},
             true}};
}

std::string identity_provider_id(const ResourceView& view) {
    return view.text("ClusterName") + "/oidc/" + view.text("IdentityProviderConfigName");
}

}  // namespace

const ResourceTypes eks_types = {
    {.name = "AWS::EKS::Cluster",
     .properties = {{"AccessConfig"},
                    {"BootstrapSelfManagedAddons", replaces},
                    {"ComputeConfig"},
                    {"DeletionProtection"},
                    {"EncryptionConfig", replaces},
                    {"KubernetesNetworkConfig", replaces},
                    {"Logging"},
                    {"Name", replaces},
                    {"RemoteNetworkConfig"},
                    {"ResourcesVpcConfig", in_place, true},
                    {"RoleArn", replaces, true},
                    {"StorageConfig"},
                    {"Tags"},
                    {"UpgradePolicy"},
                    {"Version"},
                    {"ZonalShiftConfig"}},
     .attributes = {"Arn", "CertificateAuthorityData", "ClusterSecurityGroupId", "EncryptionConfigKeyArn", "Endpoint",
                    "Id", "KubernetesNetworkConfig.ServiceIpv6Cidr", "OpenIdConnectIssuerUrl"},
     // A registered cluster's authority is not known; a cluster's own key is named only where it was given one.
     .empty_attributes = {"CertificateAuthorityData", "EncryptionConfigKeyArn"},
     .make = make_cluster,
     .change = change_cluster,
     .remove = remove_cluster,
     .standing = cluster_standing,
     .name_property = "Name",
     .takes_tags = true},
    {.name = "AWS::EKS::Nodegroup",
     .properties = {{"AmiType", replaces},
                    {"CapacityType", replaces},
                    {"ClusterName", replaces, true},
                    {"DiskSize", replaces},
                    {"ForceUpdateEnabled"},
                    {"InstanceTypes", replaces},
                    {"Labels"},
                    {"LaunchTemplate"},
                    {"NodeRepairConfig"},
                    {"NodeRole", replaces, true},
                    {"NodegroupName", replaces},
                    {"ReleaseVersion"},
                    {"RemoteAccess", replaces},
                    {"ScalingConfig"},
                    {"Subnets", replaces, true},
                    {"Tags"},
                    {"Taints"},
                    {"UpdateConfig"},
                    {"Version"}},
     .attributes = {"Arn", "ClusterName", "Id", "NodegroupName"},
     .make = make_nodegroup,
     .change = change_nodegroup,
     .remove = remove_nodegroup,
     .standing = nodegroup_standing,
     .physical_id = nodegroup_id,
     .name_property = "NodegroupName",
     .takes_tags = true},
    {.name = "AWS::EKS::Addon",
     .properties = {{"AddonName", replaces, true},
                    {"AddonVersion"},
                    {"ClusterName", replaces, true},
                    {"ConfigurationValues"},
                    {"NamespaceConfig", replaces},
                    {"PodIdentityAssociations"},
                    {"PreserveOnDelete"},
                    {"ResolveConflicts"},
                    {"ServiceAccountRoleArn"},
                    {"Tags"}},
     .attributes = {"Arn"},
     .make = make_addon,
     .change = change_addon,
     .remove = remove_addon,
     .physical_id = [](const ResourceView& view) { return view.text("ClusterName") + "|" + view.text("AddonName"); },
     .takes_tags = true},
    {.name = "AWS::EKS::AccessEntry",
     .properties = {{"AccessPolicies"},
                    {"ClusterName", replaces, true},
                    {"KubernetesGroups"},
                    {"PrincipalArn", replaces, true},
                    {"Tags"},
                    {"Type", replaces},
                    {"Username"}},
     .attributes = {"AccessEntryArn"},
     .make = make_access_entry,
     .change = change_access_entry,
     .remove = remove_access_entry,
     .physical_id = [](const ResourceView& view) { return view.text("PrincipalArn") + "|" + view.text("ClusterName"); },
     .takes_tags = true},
    {.name = "AWS::EKS::PodIdentityAssociation",
     .properties = {{"ClusterName", replaces, true},
                    {"DisableSessionTags"},
                    {"Namespace", replaces, true},
                    {"RoleArn", in_place, true},
                    {"ServiceAccount", replaces, true},
                    {"Tags"},
                    {"TargetRoleArn"}},
     .attributes = {"AssociationArn", "AssociationId", "ExternalId"},
     .make = make_pod_identity,
     .change = change_pod_identity,
     .remove = remove_pod_identity,
     .takes_tags = true},
    {.name = "AWS::EKS::FargateProfile",
     .properties = {{"ClusterName", replaces, true},
                    {"FargateProfileName", replaces},
                    {"PodExecutionRoleArn", replaces, true},
                    {"Selectors", replaces, true},
                    {"Subnets", replaces},
                    {"Tags"}},
     .attributes = {"Arn"},
     .make = make_fargate_profile,
     .change = change_fargate_profile,
     .remove = remove_fargate_profile,
     .physical_id = [](const ResourceView& view) { return view.text("ClusterName") + "|" + fargate_name(view); },
     .name_property = "FargateProfileName",
     .takes_tags = true},
    {.name = "AWS::EKS::IdentityProviderConfig",
     .properties = {{"ClusterName", replaces, true},
                    {"IdentityProviderConfigName", replaces, true},
                    {"Oidc", replaces},
                    {"Tags", replaces},
                    {"Type", replaces, true}},
     .make = make_identity_provider,
     .remove = remove_identity_provider,
     .physical_id = identity_provider_id,
     .takes_tags = true},
};

}  // namespace sekisho::cloudformation_service
