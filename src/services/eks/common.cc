#include "services/eks/common.h"

#include <algorithm>

#include "access/records.h"
#include "policy/document.h"
#include "wire/arn.h"

namespace sekisho::eks_service {

using operation::Call;

Result<domain::Cluster> find_cluster(const Call& call, const std::string& name) {
    SEK_TRY(auto cluster, domain::clusters.get(call.tx, call.account(), call.region(), name));
    if (!cluster) return eks::errors::resource_not_found_exception("No cluster found for name: " + name + ".");
    return std::move(*cluster);
}

Result<domain::Nodegroup> find_nodegroup(const Call& call, const std::string& cluster, const std::string& name) {
    SEK_TRY(find_cluster(call, cluster));
    SEK_TRY(auto group, domain::nodegroups.get(call.tx, call.account(), call.region(), cluster, name));
    if (!group) return eks::errors::resource_not_found_exception("No node group found for name: " + name + ".");
    return std::move(*group);
}

std::string cluster_arn(const Call& call, std::string_view name) {
    return wire::make_arn("eks", call.region(), call.account(), "cluster/" + std::string(name));
}

std::string missing_nodegroup_arn(const Call& call, std::string_view cluster, std::string_view name) {
    return wire::make_arn("eks", call.region(), call.account(),
                          "nodegroup/" + std::string(cluster) + "/" + std::string(name) + "/*");
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

eks::Update to_wire(const domain::ClusterUpdate& update) {
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
    return wire;
}

Result<eks::Update> record_update(Call& call, const domain::Cluster& cluster, std::string nodegroup,
                                  eks::UpdateType type,
                                  std::vector<std::pair<eks::UpdateParamType, std::string>> params) {
    domain::ClusterUpdate update;
    update.account_id = call.account();
    update.region = call.region();
    update.cluster_name = cluster.name;
    update.nodegroup_name = std::move(nodegroup);
    update.id = random_uuid(call.random);
    update.type = enum_text(type);
    update.status = enum_text(eks::UpdateStatus::successful);
    update.created_at = call.now;
    for (auto& [name, value] : params) {
        update.params.push_back({{"type", std::string(enum_text(name))}, {"value", std::move(value)}});
    }
    SEK_TRY(domain::cluster_updates.put(call.tx, update));
    return to_wire(update);
}

}  // namespace sekisho::eks_service
