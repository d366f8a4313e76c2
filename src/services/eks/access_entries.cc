#include <algorithm>
#include <array>

#include "access/records.h"
#include "base/text.h"
#include "services/eks/common.h"
#include "services/eks/service.h"
#include "wire/arn.h"

namespace sekisho::eks_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view standard = "STANDARD";
constexpr std::array<std::string_view, 7> entry_types = {
    standard, "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "HYPERPOD_LINUX", "EC2"};
constexpr std::array<std::string_view, 5> reserved_username_prefixes = {"system:", "eks:", "aws:", "amazon:", "iam:"};
constexpr std::array<std::string_view, 2> reserved_group_prefixes = {"system:", domain::access_group_prefix};

eks::AccessEntry to_wire(const domain::AccessEntry& entry) {
    eks::AccessEntry wire;
    wire.cluster_name = entry.cluster_name;
    wire.principal_arn = entry.principal_arn;
    wire.kubernetes_groups = entry.kubernetes_groups;
    wire.access_entry_arn = entry.arn;
    wire.created_at = entry.created_at;
    wire.modified_at = entry.modified_at;
    wire.tags = entry.tags;
    wire.username = entry.username;
    wire.type = entry.type;
    return wire;
}

struct Principal {
    PrincipalId id;
    bool is_role = false;
    bool is_of_account = false;  // the cluster's own
};

// The user or role that an ARN names, of any account here.
Result<Principal> find_principal(const Call& call, const std::string& principal_arn) {
    const auto arn = wire::Arn::parse(principal_arn);
    const auto role = arn ? wire::entity_name(*arn, "role") : std::nullopt;
    const auto user = arn ? wire::entity_name(*arn, "user") : std::nullopt;
    if (!role && !user) return invalid_parameter("The principalArn parameter format is not valid");
    const AccountId account(arn->account);
    Principal found{.is_role = role.has_value(), .is_of_account = account == call.account()};
    if (role) {
        if (role->path.starts_with("/aws-service-role/")) {
            return invalid_parameter(
                "The caller is not allowed to modify access entries with a principalArn value of a Service Linked "
                "Role");
        }
        const auto record = access::cached_role(call.tx, account, role->name);
        if (record && domain::role_arn(*record) == principal_arn) found.id = record->id;
    } else {
        const auto record = access::cached_user(call.tx, account, user->name);
        if (record && domain::user_arn(*record) == principal_arn) found.id = record->id;
    }
    if (found.id.empty()) return invalid_parameter("The specified principalArn is invalid: invalid principal.");
    return found;
}

Result<void> check_username(const std::string& username) {
    for (const auto prefix : reserved_username_prefixes) {
        if (username.starts_with(prefix)) {
            return invalid_parameter("The username must not begin with " + std::string(prefix));
        }
    }
    // The part before it says whose the name is: a session's name is chosen by whoever assumes the role.
    const auto session = std::min(username.find("{{SessionName}}"), username.find("{{SessionNameRaw}}"));
    if (session != std::string::npos && username.find(':') > session) {
        return invalid_parameter("The username must contain a colon before {{SessionName}} or {{SessionNameRaw}}");
    }
    return {};
}

Result<void> check_groups(const std::vector<std::string>& groups) {
    for (const auto& group : groups) {
        for (const auto prefix : reserved_group_prefixes) {
            if (!group.starts_with(prefix)) continue;
            return invalid_parameter("The kubernetes group name " + group + " is invalid, it cannot start with " +
                                     std::string(prefix));
        }
    }
    return {};
}

// The user name and groups that a request gives, over the defaults of the entry's type.
Result<void> take_identity(domain::AccessEntry& entry, const std::optional<std::string>& username,
                           const std::optional<std::vector<std::string>>& groups) {
    if (username) SEK_TRY(check_username(*username));
    if (groups) SEK_TRY(check_groups(*groups));
    const bool gives = (username && !username->empty()) || (groups && !groups->empty());
    if (gives && entry.type != standard) {
        return eks::errors::invalid_request_exception("An access entry of type " + entry.type +
                                                      " has no username or kubernetesGroups of its own");
    }
    if (username && !username->empty()) entry.username = *username;
    if (groups && entry.type == standard) entry.kubernetes_groups = *groups;
    return {};
}

Result<eks::CreateAccessEntryResponse> create_entry(Call& call, const eks::CreateAccessEntryRequest& request) {
    SEK_TRY(const auto cluster, find_cluster_with_entries(call, request.cluster_name));
    SEK_TRY(const auto principal, find_principal(call, request.principal_arn));
    const auto in_use = eks::errors::resource_in_use_exception(
        "The specified access entry resource is already in use on this cluster.");
    SEK_TRY(const auto existing, domain::access_entries.get(call.tx, cluster.id, request.principal_arn));
    if (existing) {
        if (!is_same_request(request.client_request_token, existing->client_request_token)) return in_use;
        return eks::CreateAccessEntryResponse{.access_entry = to_wire(*existing)};
    }
    SEK_TRY(const auto of_principal,
            domain::access_entries.get_by(call.tx, domain::access_entries_by_principal, cluster.id, principal.id));
    if (of_principal) return in_use;
    const std::string type = request.type.value_or(std::string(standard));
    if (std::ranges::find(entry_types, type) == entry_types.end()) {
        return invalid_parameter("The type parameter is not valid: " + type);
    }
    if (type != standard && !(principal.is_role && principal.is_of_account)) {
        return invalid_parameter("The principalArn of an access entry of type " + type +
                                 " must be a role of the cluster's account");
    }
    auto entry = domain::make_access_entry(cluster, request.principal_arn, principal.id, type, random_uuid(call.random),
                                           call.now);
    SEK_TRY(take_identity(entry, request.username, request.kubernetes_groups));
    entry.tags = request.tags.value_or(domain::Tags());
    entry.client_request_token = request.client_request_token.value_or("");
    SEK_TRY(domain::access_entries.put(call.tx, entry));
    return eks::CreateAccessEntryResponse{.access_entry = to_wire(entry)};
}

access::Permissions create_permissions(const Call& call, const eks::CreateAccessEntryRequest& request) {
    access::Permission permission{.resource = cluster_arn(call, request.cluster_name),
                                  .context = tag_context(request.tags)};
    auto& context = permission.context;
    context.push_back({"eks:principalArn", {request.principal_arn}});
    context.push_back({"eks:accessEntryType", {request.type.value_or(std::string(standard))}});
    if (request.username) context.push_back({"eks:username", {*request.username}});
    if (request.kubernetes_groups) context.push_back({"eks:kubernetesGroups", *request.kubernetes_groups});
    return {std::move(permission)};
}

Result<eks::DescribeAccessEntryResponse> describe_entry(Call& call, const eks::DescribeAccessEntryRequest& request) {
    SEK_TRY(const auto found, find_access_entry(call, request.cluster_name, request.principal_arn));
    return eks::DescribeAccessEntryResponse{.access_entry = to_wire(found.entry)};
}

Result<eks::ListAccessEntriesResponse> list_entries(Call& call, const eks::ListAccessEntriesRequest& request) {
    SEK_TRY(const auto cluster, find_cluster_with_entries(call, request.cluster_name));
    const std::string wanted = request.associated_policy_arn.value_or("");
    const std::string scope = "ListAccessEntries " + cluster.id + " " + wanted;
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found, domain::access_entries.scan(call.tx, store::prefix(cluster.id), page));
    eks::ListAccessEntriesResponse response;
    response.access_entries.emplace();
    for (const auto& entry : found.items) {
        const bool is_wanted =
            wanted.empty() || std::ranges::any_of(entry.policies, [&](const domain::AssociatedAccessPolicy& policy) {
                return domain::access_policy_arn(policy.policy_name) == wanted;
            });
        if (is_wanted) response.access_entries->push_back(entry.principal_arn);
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<eks::UpdateAccessEntryResponse> update_entry(Call& call, const eks::UpdateAccessEntryRequest& request) {
    SEK_TRY(auto found, find_access_entry(call, request.cluster_name, request.principal_arn));
    SEK_TRY(take_identity(found.entry, request.username, request.kubernetes_groups));
    found.entry.modified_at = call.now;
    SEK_TRY(domain::access_entries.put(call.tx, found.entry));
    return eks::UpdateAccessEntryResponse{.access_entry = to_wire(found.entry)};
}

access::Permissions update_permissions(const Call& call, const eks::UpdateAccessEntryRequest& request) {
    auto permissions = on_access_entry(call, request);
    auto& context = permissions.front().context;
    if (request.username) context.push_back({"eks:username", {*request.username}});
    if (request.kubernetes_groups) context.push_back({"eks:kubernetesGroups", *request.kubernetes_groups});
    return permissions;
}

Result<eks::DeleteAccessEntryResponse> delete_entry(Call& call, const eks::DeleteAccessEntryRequest& request) {
    SEK_TRY(const auto found, find_access_entry(call, request.cluster_name, request.principal_arn));
    SEK_TRY(domain::access_entries.erase(call.tx, found.cluster.id, request.principal_arn));
    if (!found.entry.policies.empty()) {
        SEK_TRY(domain::enqueue_cluster_effect(call.tx, found.cluster, domain::ClusterAction::apply_access));
    }
    return eks::DeleteAccessEntryResponse{};
}

}  // namespace

Result<domain::Cluster> find_cluster_with_entries(const Call& call, const std::string& name) {
    SEK_TRY(auto cluster, find_cluster(call, name));
    if (!domain::has_access_entries(cluster)) {
        return eks::errors::invalid_request_exception(
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this "
            "operation.");
    }
    return cluster;
}

Result<FoundAccessEntry> find_access_entry(const Call& call, const std::string& cluster_name,
                                           const std::string& principal_arn) {
    SEK_TRY(auto cluster, find_cluster_with_entries(call, cluster_name));
    SEK_TRY(auto entry, domain::access_entries.get(call.tx, cluster.id, principal_arn));
    if (!entry) {
        return eks::errors::resource_not_found_exception(
            "The specified principalArn could not be found. You can view your available access entries with "
            "'list-access-entries'.");
    }
    return FoundAccessEntry{.cluster = std::move(cluster), .entry = std::move(*entry)};
}

std::string missing_entry_arn(const Call& call, const std::string& cluster, const std::string& principal_arn) {
    const auto arn = wire::Arn::parse(principal_arn);
    if (!arn) return part_arn(call, "access-entry", cluster, "*");
    return part_arn(call, "access-entry", cluster,
                    std::string(arn->resource_type()) + "/" + arn->account + "/" +
                        arn->resource.substr(arn->resource.rfind('/') + 1) + "/*");
}

Result<void> ensure_node_entry(Call& call, const domain::Cluster& cluster, const domain::Nodegroup& group) {
    if (!domain::has_access_entries(cluster)) return {};
    SEK_TRY(const auto existing, domain::access_entries.get(call.tx, cluster.id, group.node_role_arn));
    const auto name = wire::role_name(group.node_role_arn);
    const auto role = name ? access::cached_role(call.tx, cluster.account_id, name->name) : nullptr;
    if (existing || !role) return {};
    auto entry = domain::make_access_entry(cluster, group.node_role_arn, role->id,
                                           group.ami_type.starts_with("WINDOWS") ? "EC2_WINDOWS" : "EC2_LINUX",
                                           random_uuid(call.random), call.now);
    entry.is_of_nodes = true;
    return domain::access_entries.put(call.tx, entry);
}

Result<void> drop_node_entry(Call& call, const domain::Cluster& cluster, const domain::Nodegroup& group) {
    SEK_TRY(const auto entry, domain::access_entries.get(call.tx, cluster.id, group.node_role_arn));
    if (!entry || !entry->is_of_nodes) return {};
    call.tx.read_guard(domain::nodegroups_guard(cluster.id));
    bool is_shared = false;
    SEK_TRY(domain::nodegroups.each(
        call.tx, store::prefix(cluster.account_id, cluster.region, cluster.name), [&](const domain::Nodegroup& other) {
            is_shared = other.name != group.name && other.node_role_arn == group.node_role_arn;
            return !is_shared;
        }));
    if (is_shared) return {};
    SEK_TRY(domain::access_entries.erase(call.tx, cluster.id, group.node_role_arn));
    return {};
}

const operation::OperationTable access_entry_operations = {
    operation::operation<eks::CreateAccessEntry>(
        {.access = Access::write, .resources = create_permissions, .handle = create_entry}),
    operation::operation<eks::DescribeAccessEntry>({.access = Access::read,
                                                    .resources = on_access_entry<eks::DescribeAccessEntryRequest>,
                                                    .handle = describe_entry}),
    operation::operation<eks::ListAccessEntries>({.access = Access::read,
                                                  .resources = on_clusters_of_request<eks::ListAccessEntriesRequest>,
                                                  .handle = list_entries}),
    operation::operation<eks::UpdateAccessEntry>(
        {.access = Access::write, .resources = update_permissions, .handle = update_entry}),
    operation::operation<eks::DeleteAccessEntry>(
        {.access = Access::write, .resources = on_access_entry<eks::DeleteAccessEntryRequest>, .handle = delete_entry}),
};

}  // namespace sekisho::eks_service
