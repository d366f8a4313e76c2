#include "services/eks/common.h"

#include <algorithm>

#include "access/records.h"
#include "policy/document.h"
#include "wire/arn.h"

namespace sekisho::eks_service {

using operation::Call;

Result<domain::Cluster> find_cluster(const Call& call, const std::string& name) {
    SEK_TRY(auto cluster, domain::clusters.get(call.tx, call.account(), call.region(), name));
    if (!cluster) {
        return eks::errors::resource_not_found_exception("No cluster found for name: " + name + ".")
            .with("clusterName", name);
    }
    return std::move(*cluster);
}

Result<domain::Nodegroup> find_nodegroup(const Call& call, const std::string& cluster, const std::string& name) {
    SEK_TRY(find_cluster(call, cluster));
    SEK_TRY(auto group, domain::nodegroups.get(call.tx, call.account(), call.region(), cluster, name));
    if (!group) {
        return eks::errors::resource_not_found_exception("No node group found for name: " + name + ".")
            .with("clusterName", cluster)
            .with("nodegroupName", name);
    }
    return std::move(*group);
}

std::string cluster_arn(const Call& call, std::string_view name) {
    return wire::make_arn("eks", call.region(), call.account(), "cluster/" + std::string(name));
}

std::string part_arn(const Call& call, std::string_view kind, std::string_view cluster, std::string_view rest) {
    return wire::make_arn("eks", call.region(), call.account(),
                          std::string(kind) + "/" + std::string(cluster) + "/" + std::string(rest));
}

std::string missing_nodegroup_arn(const Call& call, std::string_view cluster, std::string_view name) {
    return part_arn(call, "nodegroup", cluster, std::string(name) + "/*");
}

std::string nodegroup_arn(const Call& call, std::string_view cluster, std::string_view name) {
    const auto group = domain::nodegroups.get(call.tx, call.account(), call.region(), cluster, name);
    return group && *group ? (*group)->arn : missing_nodegroup_arn(call, cluster, name);
}

access::ContextValues tag_context(const std::optional<std::map<std::string, std::string>>& tags) {
    access::ContextValues context;
    if (!tags || tags->empty()) return context;
    std::vector<std::string> keys;
    for (const auto& [key, value] : *tags) {
        context.push_back({"aws:RequestTag/" + key, {value}});
        keys.push_back(key);
    }
    context.push_back({"aws:TagKeys", std::move(keys)});
    return context;
}

access::Permission pass_role(const std::string& role_arn, std::string_view service) {
    const auto parsed = wire::Arn::parse(role_arn);
    return {.action = "iam:PassRole",
            .resource = role_arn,
            .resource_account = parsed ? AccountId(parsed->account) : AccountId(),
            .context = {{"iam:PassedToService", {std::string(service)}}}};
}

ApiError invalid_parameter(std::string message) {
    return eks::errors::invalid_parameter_exception(std::move(message));
}

Result<void> check_service_role(const Call& call, const std::string& role_arn, std::string_view service) {
    const auto refusal = [&] {
        return invalid_parameter(
            "Role with arn: " + role_arn +
            ", could not be assumed because it does not exist or the trusted entity is not correct");
    };
    const auto parsed = wire::Arn::parse(role_arn);
    const auto name = wire::role_name(role_arn);
    if (!parsed || !name || parsed->account != call.account().str()) return refusal();
    const auto role = access::cached_role(call.tx, call.account(), name->name);
    if (!role || domain::role_arn(*role) != role_arn) return refusal();
    const auto trust = policy::parse(role->trust_policy, policy::Use::trust);
    if (!trust) return refusal();
    const bool trusts = std::ranges::any_of(trust->statements, [&](const policy::Statement& statement) {
        return statement.effect == policy::Effect::allow && statement.principals && !statement.not_principal &&
               (statement.principals->everyone ||
                std::ranges::find(statement.principals->service, service) != statement.principals->service.end());
    });
    if (!trusts) return refusal();
    return {};
}

Result<void> check_active(const domain::Cluster& cluster) {
    if (cluster.status == "ACTIVE" || cluster.status == "UPDATING") return {};
    return eks::errors::invalid_request_exception("Cluster '" + cluster.name + "' is not in ACTIVE status")
        .with("clusterName", cluster.name);
}

bool is_same_request(const std::optional<std::string>& token, std::string_view known_token) {
    return token && !known_token.empty() && *token == known_token;
}

Result<store::Page> read_page(const Call& call, std::string_view scope, const std::optional<std::string>& token,
                              std::optional<std::int32_t> limit) {
    auto after = call.open_page(scope, token.value_or(""));
    if (!after) return invalid_parameter("The specified nextToken is not valid.");
    return store::Page{.after = std::move(*after), .limit = static_cast<std::size_t>(limit.value_or(100))};
}

std::optional<std::string> next_token(const Call& call, std::string_view scope,
                                      const std::optional<std::string>& next) {
    if (!next) return {};
    return call.seal_page(scope, *next);
}

eks::Update update_to_wire(const domain::ClusterUpdate& update) {
    eks::Update wire;
    wire.id = update.id;
    wire.status = enum_of<eks::UpdateStatus>(update.status);
    wire.type = enum_of<eks::UpdateType>(update.type);
    wire.created_at = update.created_at;
    wire.params.emplace();
    for (const auto& param : update.params) {
        wire.params->push_back({.type = enum_of<eks::UpdateParamType>(param.at("type")), .value = param.at("value")});
    }
    wire.errors.emplace();
    if (!update.failure.empty()) {
        wire.errors->push_back({.error_code = eks::ErrorCode::node_creation_failure, .error_message = update.failure});
    }
    return wire;
}

Result<domain::ClusterUpdate> record_update(Call& call, const domain::Cluster& cluster, NewUpdate made) {
    domain::ClusterUpdate update;
    update.account_id = call.account();
    update.region = call.region();
    update.cluster_name = cluster.name;
    update.nodegroup_name = std::move(made.nodegroup_name);
    update.addon_name = std::move(made.addon_name);
    update.id = random_uuid(call.random);
    update.type = enum_text(made.type);
    update.status = enum_text(made.is_done ? eks::UpdateStatus::successful : eks::UpdateStatus::in_progress);
    update.client_request_token = made.client_request_token.value_or("");
    update.created_at = call.now;
    for (auto& [name, value] : made.params) {
        update.params.push_back({{"type", std::string(enum_text(name))}, {"value", std::move(value)}});
    }
    SEK_TRY(domain::cluster_updates.put(call.tx, update));
    return update;
}

Result<std::optional<eks::Update>> earlier_update(const Call& call, const domain::Cluster& cluster,
                                                  const std::optional<std::string>& token) {
    if (!token || token->empty()) return std::optional<eks::Update>();
    SEK_TRY(const auto found, domain::cluster_updates.scan_by(
                                  call.tx, domain::cluster_updates_by_token,
                                  store::prefix(call.account(), call.region(), cluster.name, *token), {.limit = 1}));
    if (found.items.empty()) return std::optional<eks::Update>();
    return std::optional(update_to_wire(found.items.front()));
}

Result<void> finish_update(Call& call, const domain::Nodegroup& group, const std::string& failure) {
    if (group.update_id.empty()) return {};
    SEK_TRY(auto update,
            domain::cluster_updates.get(call.tx, group.account_id, group.region, group.cluster_name, group.update_id));
    if (!update) return {};
    update->status = enum_text(failure.empty() ? eks::UpdateStatus::successful : eks::UpdateStatus::failed);
    update->failure = failure;
    return domain::cluster_updates.put(call.tx, *update);
}

}  // namespace sekisho::eks_service
