#include "kube/mapping_operations.h"

#include <algorithm>

#include "access/records.h"
#include "domain/cluster_access.h"
#include "kube/identity_mapping.h"
#include "models/control.h"
#include "wire/arn.h"

namespace sekisho::kube {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view masters = "system:masters";

template <class Request>
access::Permissions on_cluster(const Call& call, const Request& request) {
    return {{.resource = wire::make_arn("eks", call.region(), call.account(), "cluster/" + request.cluster_name)}};
}

Result<domain::Cluster> find_cluster(Call& call, const std::string& name) {
    SEK_TRY(auto cluster, domain::clusters.get(call.tx, call.account(), call.region(), name));
    if (!cluster) return control::errors::resource_not_found_exception("No cluster found for name: " + name + ".");
    return std::move(*cluster);
}

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

control::IdentityMappingChange change_of(const domain::IdentityMapping& mapping) {
    using Status = control::IdentityMappingChangeStatus;
    return {.change_id = mapping.change_id,
            .status = mapping.change_status == "IN_PROGRESS" ? Status::in_progress
                      : mapping.change_status == "FAILED"    ? Status::failed
                                                             : Status::succeeded,
            .failure_reason = unless_empty(mapping.change_failure)};
}

std::vector<control::IdentityMappingEntry> entries_of(const IdentityMapping& mapping) {
    using Kind = control::IdentityMappingKind;
    std::vector<control::IdentityMappingEntry> entries;
    for (const auto& role : mapping.roles) {
        control::IdentityMappingEntry entry{.kind = role.sso ? Kind::permission_set : Kind::role};
        if (role.sso) {
            entry.permission_set_name = role.sso->permission_set_name;
            entry.account_id = role.sso->account_id;
        } else {
            entry.principal_arn = role.role_arn;
        }
        entry.username = role.username;
        entry.groups = role.groups;
        entries.push_back(std::move(entry));
    }
    for (const auto& user : mapping.users) {
        control::IdentityMappingEntry entry{.kind = Kind::user};
        entry.principal_arn = user.user_arn;
        entry.username = user.username;
        entry.groups = user.groups;
        entries.push_back(std::move(entry));
    }
    for (const auto& account : mapping.accounts) {
        control::IdentityMappingEntry entry{.kind = Kind::account};
        entry.account_id = account;
        entries.push_back(std::move(entry));
    }
    return entries;
}

Result<control::DescribeIdentityMappingResponse> describe_identity_mapping(
    Call& call, const control::DescribeIdentityMappingRequest& request) {
    SEK_TRY(const auto cluster, find_cluster(call, request.cluster_name));
    SEK_TRY(const auto mapping, domain::identity_mappings.get(call.tx, cluster.id));
    control::DescribeIdentityMappingResponse response{.cluster_name = request.cluster_name};
    if (!mapping) return response;  // not read yet
    const ParsedMapping parsed = parse_aws_auth(kept_data(*mapping));
    response.map_roles = unless_empty(mapping->map_roles);
    response.map_users = unless_empty(mapping->map_users);
    response.map_accounts = unless_empty(mapping->map_accounts);
    response.entries = entries_of(parsed.mapping);
    response.problems = parsed.problems;
    response.stale = mapping->stale;
    if (mapping->read_at != Time{}) response.read_date = mapping->read_at;
    if (!mapping->change_id.empty()) response.change = change_of(*mapping);
    return response;
}

// Whether the creator is an administrator for as long as it exists, by unique id: made anew, it is another one.
bool has_living_creator(const Call& call, const domain::Cluster& cluster) {
    if (!cluster.creator_is_admin || cluster.creator_has_entry) return false;
    const auto arn = wire::Arn::parse(cluster.creator_arn);
    if (!arn) return false;
    const AccountId account(arn->account);
    if (arn->resource == "root") return true;
    if (const auto role = wire::entity_name(*arn, "role")) {
        const auto record = access::cached_role(call.tx, account, role->name);
        return record && record->id == cluster.creator_id;
    }
    const auto user = wire::entity_name(*arn, "user");
    const auto record = user ? access::cached_user(call.tx, account, user->name) : nullptr;
    return record && record->id == cluster.creator_id;
}

// Whether somebody administers the cluster by another way than aws-auth.
Result<bool> has_other_administrator(const Call& call, const domain::Cluster& cluster) {
    if (has_living_creator(call, cluster)) return true;
    if (!domain::has_access_entries(cluster)) return false;
    bool found = false;
    SEK_TRY(domain::access_entries.each(call.tx, store::key(cluster.id), [&](const domain::AccessEntry& entry) {
        found = std::ranges::any_of(entry.policies, [](const domain::AssociatedAccessPolicy& policy) {
            return policy.policy_name == domain::cluster_admin_policy && policy.namespaces.empty();
        });
        return !found;
    }));
    return found;
}

bool maps_administrator(const AwsAuthData& data) {
    const ParsedMapping parsed = parse_aws_auth(data);
    const auto is_administrator = [](const auto& entry) {
        return !entry.username.empty() && std::ranges::find(entry.groups, masters) != entry.groups.end();
    };
    return std::ranges::any_of(parsed.mapping.roles, is_administrator) ||
           std::ranges::any_of(parsed.mapping.users, is_administrator);
}

Result<void> check_principal(const std::string& principal_arn) {
    const auto arn = wire::Arn::parse(principal_arn);
    if (arn && (wire::entity_name(*arn, "role") || wire::entity_name(*arn, "user"))) return {};
    return control::errors::validation_exception("The principal ARN must be that of an IAM role or an IAM user: " +
                                                 principal_arn);
}

// Asks for a change of one entry. What can be known to go wrong is refused here, the rest is told by the change.
Result<control::IdentityMappingChange> ask_for(Call& call, const std::string& cluster_name,
                                               domain::MappingChange change) {
    SEK_TRY(const auto cluster, find_cluster(call, cluster_name));
    if (!domain::has_aws_auth(cluster)) {
        return control::errors::conflict_exception("The authentication mode of cluster " + cluster.name +
                                                   " is API: aws-auth is not read. Use access entries.");
    }
    if (cluster.status != "ACTIVE" && cluster.status != "UPDATING") {
        return control::errors::conflict_exception("Cluster " + cluster.name + " is not active: " + cluster.status);
    }
    SEK_TRY(auto found, domain::identity_mappings.get(call.tx, cluster.id));
    auto mapping = found.value_or(domain::IdentityMapping{.cluster_id = cluster.id});
    if (mapping.change_status == "IN_PROGRESS") {
        return control::errors::conflict_exception("Another change of the identity mapping of cluster " + cluster.name +
                                                   " is in progress.");
    }
    const AwsAuthData before = kept_data(mapping);
    AwsAuthData after = before;
    std::string& text = after[std::string(aws_auth_key(change.principal_arn))];
    auto changed = change_entry(text, change);
    if (!changed) return control::errors::conflict_exception(changed.error().message);
    if (change.removes && *changed == text) {
        return control::errors::resource_not_found_exception("aws-auth of cluster " + cluster.name +
                                                             " has no entry for " + change.principal_arn);
    }
    text = std::move(*changed);
    if (maps_administrator(before) && !maps_administrator(after)) {
        SEK_TRY(const bool has_other, has_other_administrator(call, cluster));
        if (!has_other) {
            return control::errors::conflict_exception(
                "This change would lock the last administrator out of cluster " + cluster.name +
                ": nobody else is in the group system:masters. Map another administrator first.");
        }
    }
    change.id = random_uuid(call.random);
    mapping.change_id = change.id;
    mapping.change_status = "IN_PROGRESS";
    mapping.change_failure.clear();
    SEK_TRY(domain::identity_mappings.put(call.tx, mapping));
    SEK_TRY(domain::enqueue_mapping_change(call.tx, cluster, std::move(change)));
    return change_of(mapping);
}

Result<control::PutIdentityMappingResponse> put_identity_mapping(Call& call,
                                                                 const control::PutIdentityMappingRequest& request) {
    SEK_TRY(check_principal(request.principal_arn));
    SEK_TRY(auto change, ask_for(call, request.cluster_name,
                                 {.id = {},
                                  .principal_arn = request.principal_arn,
                                  .username = request.username,
                                  .groups = request.groups.value_or(std::vector<std::string>())}));
    return control::PutIdentityMappingResponse{.change = std::move(change)};
}

Result<control::DeleteIdentityMappingResponse> delete_identity_mapping(
    Call& call, const control::DeleteIdentityMappingRequest& request) {
    SEK_TRY(auto change,
            ask_for(call, request.cluster_name,
                    {.id = {}, .principal_arn = request.principal_arn, .removes = true, .username = {}, .groups = {}}));
    return control::DeleteIdentityMappingResponse{.change = std::move(change)};
}

const operation::OperationTable mapping_operations = {
    operation::operation<control::DescribeIdentityMapping>(
        {.access = Access::read, .resources = on_cluster, .handle = describe_identity_mapping}),
    operation::operation<control::PutIdentityMapping>(
        {.access = Access::write, .resources = on_cluster, .handle = put_identity_mapping}),
    operation::operation<control::DeleteIdentityMapping>(
        {.access = Access::write, .resources = on_cluster, .handle = delete_identity_mapping}),
};

}  // namespace

AwsAuthData kept_data(const domain::IdentityMapping& mapping) {
    AwsAuthData data{
        {"mapRoles", mapping.map_roles}, {"mapUsers", mapping.map_users}, {"mapAccounts", mapping.map_accounts}};
    std::erase_if(data, [](const auto& entry) { return entry.second.empty(); });
    return data;
}

void register_operations(operation::Registry& registry) {
    registry.add(control::service, mapping_operations);
}

}  // namespace sekisho::kube
