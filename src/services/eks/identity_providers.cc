#include "base/text.h"
#include "services/eks/common.h"
#include "services/eks/service.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view oidc = "oidc";  // the one type that there is

Result<domain::OidcProviderConfig> find_config(const Call& call, const domain::Cluster& cluster,
                                               const eks::IdentityProviderConfig& wanted) {
    if (wanted.type != oidc) return invalid_parameter("Identity provider config type is not supported: " + wanted.type);
    SEK_TRY(auto config, domain::oidc_provider_configs.get(call.tx, cluster.id, wanted.name));
    if (!config) {
        return eks::errors::resource_not_found_exception("Identity provider config is not associated with cluster")
            .with("clusterName", cluster.name);
    }
    return std::move(*config);
}

eks::OidcIdentityProviderConfig to_wire(const domain::OidcProviderConfig& config) {
    const auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
    eks::OidcIdentityProviderConfig wire;
    wire.identity_provider_config_name = config.name;
    wire.identity_provider_config_arn = config.arn;
    wire.cluster_name = config.cluster_name;
    wire.issuer_url = config.issuer_url;
    wire.client_id = config.client_id;
    wire.username_claim = given(config.username_claim);
    wire.username_prefix = given(config.username_prefix);
    wire.groups_claim = given(config.groups_claim);
    wire.groups_prefix = given(config.groups_prefix);
    wire.required_claims = config.required_claims;
    wire.tags = config.tags;
    wire.status = eks::ConfigStatus::active;
    return wire;
}

std::string config_text(std::string_view name) {
    return "[{\"type\":\"oidc\",\"name\":\"" + std::string(name) + "\"}]";
}

Result<eks::AssociateIdentityProviderConfigResponse> associate(
    Call& call, const eks::AssociateIdentityProviderConfigRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(auto earlier, earlier_update(call, cluster, request.client_request_token));
    if (earlier) {
        return eks::AssociateIdentityProviderConfigResponse{.update = std::move(*earlier), .tags = request.tags};
    }
    SEK_TRY(check_active(cluster));
    const auto& given = request.oidc;
    if (!given.issuer_url.starts_with("https://")) return invalid_parameter("issuerUrl must begin with https://");
    if (given.identity_provider_config_name.empty() || given.client_id.empty()) {
        return invalid_parameter("identityProviderConfigName and clientId are required");
    }
    SEK_TRY(const auto others, domain::oidc_provider_configs.scan(call.tx, store::prefix(cluster.id), {.limit = 1}));
    if (!others.items.empty()) {  // a cluster has one
        return eks::errors::resource_in_use_exception("Identity provider config already exists in cluster")
            .with("clusterName", cluster.name);
    }
    domain::OidcProviderConfig config{.cluster_id = cluster.id,
                                      .cluster_name = cluster.name,
                                      .name = given.identity_provider_config_name,
                                      .id = random_uuid(call.random),
                                      .issuer_url = given.issuer_url,
                                      .client_id = given.client_id,
                                      .username_claim = given.username_claim.value_or("sub"),
                                      .username_prefix = given.username_prefix.value_or(given.issuer_url + "#"),
                                      .groups_claim = given.groups_claim.value_or(""),
                                      .groups_prefix = given.groups_prefix.value_or(""),
                                      .required_claims = given.required_claims.value_or(domain::Tags()),
                                      .tags = request.tags.value_or(domain::Tags())};
    config.arn = part_arn(call, "identityproviderconfig", cluster.name, "oidc/" + config.name + "/" + config.id);
    SEK_TRY(domain::oidc_provider_configs.put(call.tx, config));
    SEK_TRY(const auto update,
            record_update(call, cluster,
                          {.type = eks::UpdateType::associate_identity_provider_config,
                           .params = {{eks::UpdateParamType::identity_provider_config, config_text(config.name)}},
                           .client_request_token = request.client_request_token}));
    return eks::AssociateIdentityProviderConfigResponse{.update = update_to_wire(update), .tags = config.tags};
}

access::Permissions associate_permissions(const Call& call,
                                          const eks::AssociateIdentityProviderConfigRequest& request) {
    access::Permission permission{.resource = cluster_arn(call, request.cluster_name),
                                  .context = tag_context(request.tags)};
    permission.context.push_back({"eks:clientId", {request.oidc.client_id}});
    permission.context.push_back({"eks:issuerUrl", {request.oidc.issuer_url}});
    return {std::move(permission)};
}

template <class Request>
access::Permissions on_config(const Call& call, const Request& request) {
    const auto& config = request.identity_provider_config;
    return {on_part(known_part(call, domain::oidc_provider_configs, request.cluster_name, config.name),
                    part_arn(call, "identityproviderconfig", request.cluster_name, "oidc/" + config.name + "/*"))};
}

Result<eks::DescribeIdentityProviderConfigResponse> describe(
    Call& call, const eks::DescribeIdentityProviderConfigRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto config, find_config(call, cluster, request.identity_provider_config));
    return eks::DescribeIdentityProviderConfigResponse{
        .identity_provider_config = eks::IdentityProviderConfigResponse{.oidc = to_wire(config)}};
}

Result<eks::ListIdentityProviderConfigsResponse> list(Call& call,
                                                      const eks::ListIdentityProviderConfigsRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    const std::string scope = "ListIdentityProviderConfigs " + cluster.id;
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found, domain::oidc_provider_configs.scan(call.tx, store::prefix(cluster.id), page));
    eks::ListIdentityProviderConfigsResponse response;
    response.identity_provider_configs.emplace();
    for (const auto& config : found.items) {
        response.identity_provider_configs->push_back({.type = std::string(oidc), .name = config.name});
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<eks::DisassociateIdentityProviderConfigResponse> disassociate(
    Call& call, const eks::DisassociateIdentityProviderConfigRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(auto earlier, earlier_update(call, cluster, request.client_request_token));
    if (earlier) return eks::DisassociateIdentityProviderConfigResponse{.update = std::move(*earlier)};
    SEK_TRY(const auto config, find_config(call, cluster, request.identity_provider_config));
    SEK_TRY(domain::oidc_provider_configs.erase(call.tx, cluster.id, config.name));
    SEK_TRY(const auto update,
            record_update(call, cluster,
                          {.type = eks::UpdateType::disassociate_identity_provider_config,
                           .params = {{eks::UpdateParamType::identity_provider_config, config_text(config.name)}},
                           .client_request_token = request.client_request_token}));
    return eks::DisassociateIdentityProviderConfigResponse{.update = update_to_wire(update)};
}

}  // namespace

const operation::OperationTable identity_provider_operations = {
    operation::operation<eks::AssociateIdentityProviderConfig>(
        {.access = Access::write, .resources = associate_permissions, .handle = associate}),
    operation::operation<eks::DescribeIdentityProviderConfig>(
        {.access = Access::read,
         .resources = on_config<eks::DescribeIdentityProviderConfigRequest>,
         .handle = describe}),
    operation::operation<eks::ListIdentityProviderConfigs>(
        {.access = Access::read,
         .resources = on_clusters_of_request<eks::ListIdentityProviderConfigsRequest>,
         .handle = list}),
    operation::operation<eks::DisassociateIdentityProviderConfig>(
        {.access = Access::write,
         .resources = on_config<eks::DisassociateIdentityProviderConfigRequest>,
         .handle = disassociate}),
};

}  // namespace sekisho::eks_service
