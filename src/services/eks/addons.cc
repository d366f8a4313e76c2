#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "services/eks/addon_catalog.h"
#include "services/eks/common.h"
#include "services/eks/service.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;
using PodIdentities = std::optional<std::vector<eks::AddonPodIdentityAssociations>>;

constexpr std::string_view publisher = "eks";
constexpr std::string_view owner = "aws";
constexpr std::string_view cluster_service = "eks.amazonaws.com";

eks::Addon to_wire(const domain::Addon& addon, eks::AddonStatus status) {
    eks::Addon wire;
    wire.addon_name = addon.name;
    wire.cluster_name = addon.cluster_name;
    wire.status = status;
    wire.addon_version = addon.version;
    wire.health = eks::AddonHealth{.issues = std::vector<eks::AddonIssue>()};
    wire.addon_arn = addon.arn;
    wire.created_at = addon.created_at;
    wire.modified_at = addon.modified_at;
    if (!addon.service_account_role_arn.empty()) wire.service_account_role_arn = addon.service_account_role_arn;
    wire.tags = addon.tags;
    wire.publisher = publisher;
    wire.owner = owner;
    if (!addon.configuration_values.empty()) wire.configuration_values = addon.configuration_values;
    if (!addon.pod_identity_association_arns.empty()) {
        wire.pod_identity_associations = addon.pod_identity_association_arns;
    }
    if (!addon.namespace_name.empty()) {
        wire.namespace_config = eks::AddonNamespaceConfigResponse{.namespace_ = addon.namespace_name};
    }
    return wire;
}

Result<domain::Addon> find_addon(const Call& call, const domain::Cluster& cluster, const std::string& name) {
    SEK_TRY(auto addon, domain::addons.get(call.tx, cluster.id, name));
    if (!addon) {
        return eks::errors::resource_not_found_exception("No addon: " + name + " found in cluster: " + cluster.name)
            .with("clusterName", cluster.name)
            .with("addonName", name);
    }
    return std::move(*addon);
}

ApiError invalid(const domain::Addon& addon, std::string message) {
    return invalid_parameter(std::move(message)).with("clusterName", addon.cluster_name).with("addonName", addon.name);
}

// An object in JSON, or YAML, which is left to who reads it.
Result<void> check_configuration(const domain::Addon& addon) {
    const auto text = trim(addon.configuration_values);
    if (!text.starts_with('{') && !text.starts_with('[')) return {};
    const auto parsed = parse_json(text);
    if (parsed && parsed->is_object()) return {};
    return invalid(addon, "ConfigurationValue is not in valid JSON or YAML format");
}

// What CreateAddon and UpdateAddon both may say.
template <class Request>
Result<void> take_request(domain::Addon& addon, const CatalogAddon& kind, const Request& request) {
    addon.version = request.addon_version.value_or(addon.version);
    if (!kind.has_version(addon.version)) return invalid(addon, "Addon version specified is not supported");
    addon.service_account_role_arn = request.service_account_role_arn.value_or(addon.service_account_role_arn);
    addon.configuration_values = request.configuration_values.value_or(addon.configuration_values);
    return check_configuration(addon);
}

Result<void> erase_associations(Call& call, const domain::Addon& addon) {
    for (const auto& arn : addon.pod_identity_association_arns) {
        SEK_TRY(domain::pod_identity_associations.erase(call.tx, addon.cluster_id, arn.substr(arn.rfind('/') + 1)));
    }
    return {};
}

// The associations of an add-on are those of its last request, whole.
Result<void> take_associations(Call& call, const domain::Cluster& cluster, domain::Addon& addon,
                               const PodIdentities& wanted) {
    if (!wanted) return {};
    SEK_TRY(erase_associations(call, addon));
    addon.pod_identity_association_arns.clear();
    const auto* kind = find_catalog_addon(addon.name);
    for (const auto& association : *wanted) {
        const std::string in = addon.namespace_name.empty() ? std::string(kind->namespace_name) : addon.namespace_name;
        SEK_TRY(const auto made, associate_pod_identity(call, cluster,
                                                        {.namespace_name = in,
                                                         .service_account = association.service_account,
                                                         .role_arn = association.role_arn,
                                                         .owner_arn = addon.arn}));
        addon.pod_identity_association_arns.push_back(made.arn);
    }
    return {};
}

Result<eks::CreateAddonResponse> create_addon(Call& call, const eks::CreateAddonRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto existing, domain::addons.get(call.tx, cluster.id, request.addon_name));
    if (existing) {
        if (is_same_request(request.client_request_token, existing->client_request_token)) {
            return eks::CreateAddonResponse{.addon = to_wire(*existing, eks::AddonStatus::creating)};
        }
        return eks::errors::resource_in_use_exception("Addon already exists.")
            .with("clusterName", cluster.name)
            .with("addonName", request.addon_name);
    }
    SEK_TRY(check_active(cluster));
    domain::Addon addon{.cluster_id = cluster.id, .cluster_name = cluster.name, .name = request.addon_name};
    const auto* kind = find_catalog_addon(request.addon_name);
    if (kind == nullptr) return invalid(addon, "Addon specified is not supported");
    addon.id = random_uuid(call.random);
    addon.arn = part_arn(call, "addon", cluster.name, addon.name + "/" + addon.id);
    addon.version = kind->default_version;
    if (request.namespace_config) addon.namespace_name = request.namespace_config->namespace_.value_or("");
    addon.client_request_token = request.client_request_token.value_or("");
    addon.created_at = addon.modified_at = call.now;
    addon.tags = request.tags.value_or(domain::Tags());
    SEK_TRY(take_request(addon, *kind, request));
    SEK_TRY(take_associations(call, cluster, addon, request.pod_identity_associations));
    SEK_TRY(domain::addons.put(call.tx, addon));
    return eks::CreateAddonResponse{.addon = to_wire(addon, eks::AddonStatus::creating)};
}

// The roles that pods will have: whoever gives them must be allowed to pass them.
void pass_roles(access::Permissions& permissions, const std::optional<std::string>& service_account_role,
                const PodIdentities& associations) {
    if (service_account_role) permissions.push_back(pass_role(*service_account_role, cluster_service));
    if (!associations) return;
    for (const auto& association : *associations) {
        permissions.push_back(pass_role(association.role_arn, pod_identity_service));
    }
}

access::Permissions create_permissions(const Call& call, const eks::CreateAddonRequest& request) {
    access::Permissions permissions{
        {.resource = cluster_arn(call, request.cluster_name), .context = tag_context(request.tags)}};
    pass_roles(permissions, request.service_account_role_arn, request.pod_identity_associations);
    return permissions;
}

template <class Request>
access::Permissions on_addon(const Call& call, const Request& request) {
    return {on_part(known_part(call, domain::addons, request.cluster_name, request.addon_name),
                    part_arn(call, "addon", request.cluster_name, request.addon_name + "/*"))};
}

Result<eks::DescribeAddonResponse> describe_addon(Call& call, const eks::DescribeAddonRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto addon, find_addon(call, cluster, request.addon_name));
    return eks::DescribeAddonResponse{.addon = to_wire(addon, eks::AddonStatus::active)};
}

Result<eks::ListAddonsResponse> list_addons(Call& call, const eks::ListAddonsRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    const std::string scope = "ListAddons " + cluster.id;
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found, domain::addons.scan(call.tx, store::prefix(cluster.id), page));
    eks::ListAddonsResponse response;
    response.addons.emplace();
    for (const auto& addon : found.items) response.addons->push_back(addon.name);
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<eks::UpdateAddonResponse> update_addon(Call& call, const eks::UpdateAddonRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(auto addon, find_addon(call, cluster, request.addon_name));
    SEK_TRY(auto earlier, earlier_update(call, cluster, request.client_request_token));
    if (earlier) return eks::UpdateAddonResponse{.update = std::move(*earlier)};
    const auto* kind = find_catalog_addon(addon.name);
    if (kind == nullptr) return invalid(addon, "Addon specified is not supported");
    SEK_TRY(take_request(addon, *kind, request));
    SEK_TRY(take_associations(call, cluster, addon, request.pod_identity_associations));
    addon.modified_at = call.now;
    SEK_TRY(domain::addons.put(call.tx, addon));
    UpdateParams params;
    using Type = eks::UpdateParamType;
    if (request.addon_version) params.emplace_back(Type::addon_version, addon.version);
    if (request.service_account_role_arn) {
        params.emplace_back(Type::service_account_role_arn, addon.service_account_role_arn);
    }
    if (request.resolve_conflicts) params.emplace_back(Type::resolve_conflicts, enum_text(*request.resolve_conflicts));
    if (request.configuration_values) params.emplace_back(Type::configuration_values, addon.configuration_values);
    if (request.pod_identity_associations) {
        params.emplace_back(Type::pod_identity_associations, join(addon.pod_identity_association_arns, ","));
    }
    SEK_TRY(const auto update, record_update(call, cluster,
                                             {.type = eks::UpdateType::addon_update,
                                              .params = std::move(params),
                                              .addon_name = addon.name,
                                              .client_request_token = request.client_request_token}));
    return eks::UpdateAddonResponse{.update = update_to_wire(update)};
}

access::Permissions update_permissions(const Call& call, const eks::UpdateAddonRequest& request) {
    auto permissions = on_addon(call, request);
    pass_roles(permissions, request.service_account_role_arn, request.pod_identity_associations);
    return permissions;
}

Result<eks::DeleteAddonResponse> delete_addon(Call& call, const eks::DeleteAddonRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto addon, find_addon(call, cluster, request.addon_name));
    SEK_TRY(erase_associations(call, addon));
    SEK_TRY(domain::addons.erase(call.tx, cluster.id, addon.name));
    return eks::DeleteAddonResponse{.addon = to_wire(addon, eks::AddonStatus::deleting)};
}

bool is_wanted(const std::optional<std::vector<std::string>>& wanted, std::string_view value) {
    return !wanted || wanted->empty() || std::ranges::find(*wanted, value) != wanted->end();
}

eks::AddonInfo to_wire(const CatalogAddon& addon) {
    eks::AddonInfo info{.addon_name = std::string(addon.name),
                        .type = std::string(addon.type),
                        .addon_versions = std::vector<eks::AddonVersionInfo>(),
                        .publisher = std::string(publisher),
                        .owner = std::string(owner),
                        .default_namespace = std::string(addon.namespace_name)};
    for (const auto version : addon.versions) {
        eks::AddonVersionInfo& shown = info.addon_versions->emplace_back();
        shown.addon_version = version;
        shown.architecture = std::vector<std::string>{"amd64", "arm64"};
        shown.compute_types = std::vector<std::string>{"ec2"};
        shown.compatibilities = {{.cluster_version = std::string(kubernetes_version),
                                  .platform_versions = std::vector<std::string>{"*"},
                                  .default_version = version == addon.default_version}};
        shown.requires_configuration = false;
        shown.requires_iam_permissions = !addon.service_accounts.empty();
    }
    return info;
}

Result<eks::DescribeAddonVersionsResponse> describe_versions(Call& call,
                                                             const eks::DescribeAddonVersionsRequest& request) {
    if (request.addon_name && find_catalog_addon(*request.addon_name) == nullptr) {
        return invalid_parameter("Addon specified is not supported").with("addonName", *request.addon_name);
    }
    SEK_TRY(const auto page, read_page(call, "DescribeAddonVersions", request.next_token, request.max_results));
    eks::DescribeAddonVersionsResponse response;
    response.addons.emplace();
    for (const auto& addon : addon_catalog()) {
        if (!page.after.empty() && addon.name <= page.after) continue;
        if (request.addon_name && *request.addon_name != addon.name) continue;
        if (request.kubernetes_version && *request.kubernetes_version != kubernetes_version) continue;
        if (!is_wanted(request.types, addon.type) || !is_wanted(request.publishers, publisher)) continue;
        if (!is_wanted(request.owners, owner)) continue;
        if (response.addons->size() == page.limit) {
            response.next_token = call.seal_page("DescribeAddonVersions", *response.addons->back().addon_name);
            break;
        }
        response.addons->push_back(to_wire(addon));
    }
    return response;
}

Result<eks::DescribeAddonConfigurationResponse> describe_configuration(
    Call&, const eks::DescribeAddonConfigurationRequest& request) {
    const auto* addon = find_catalog_addon(request.addon_name);
    if (addon == nullptr) return invalid_parameter("Addon specified is not supported");
    if (!addon->has_version(request.addon_version)) {
        return invalid_parameter("Addon version specified is not supported").with("addonName", request.addon_name);
    }
    eks::DescribeAddonConfigurationResponse response;
    response.addon_name = request.addon_name;
    response.addon_version = request.addon_version;
    response.configuration_schema = addon_configuration_schema;
    response.pod_identity_configuration.emplace();
    for (const auto& account : addon->service_accounts) {
        response.pod_identity_configuration->push_back(
            {.service_account = std::string(account.name),
             .recommended_managed_policies = std::vector{std::string(account.managed_policy_arn)}});
    }
    return response;
}

}  // namespace

const operation::OperationTable addon_operations = {
    operation::operation<eks::CreateAddon>(
        {.access = Access::write, .resources = create_permissions, .handle = create_addon}),
    operation::operation<eks::DescribeAddon>(
        {.access = Access::read, .resources = on_addon<eks::DescribeAddonRequest>, .handle = describe_addon}),
    operation::operation<eks::ListAddons>(
        {.access = Access::read, .resources = on_clusters_of_request<eks::ListAddonsRequest>, .handle = list_addons}),
    operation::operation<eks::UpdateAddon>(
        {.access = Access::write, .resources = update_permissions, .handle = update_addon}),
    operation::operation<eks::DeleteAddon>(
        {.access = Access::write, .resources = on_addon<eks::DeleteAddonRequest>, .handle = delete_addon}),
    operation::operation<eks::DescribeAddonVersions>(
        {.access = Access::read, .resources = operation::any_resource, .handle = describe_versions}),
    operation::operation<eks::DescribeAddonConfiguration>(
        {.access = Access::read, .resources = operation::any_resource, .handle = describe_configuration}),
};

}  // namespace sekisho::eks_service
