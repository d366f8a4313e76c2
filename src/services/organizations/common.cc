#include "services/organizations/common.h"

#include <set>

#include "access/authorize.h"
#include "base/limits.h"
#include "base/text.h"
#include "domain/handshakes.h"
#include "services/organizations/delegation.h"

namespace sekisho::organizations_service {
namespace {

using operation::Call;

constexpr std::size_t page_items = 20;  // the most that AWS gives in one page

std::string type_in_arn(std::string_view type) {
    return lower_ascii(type);
}

}  // namespace

Result<domain::Organization> own_organization(const Call& call) {
    SEK_TRY(const auto account, domain::accounts.get(call.tx, call.account()));
    if (account && account->organization_id) {
        SEK_TRY(auto organization, domain::organizations.get(call.tx, *account->organization_id));
        if (organization) return std::move(*organization);
    }
    return organizations::errors::aws_organizations_not_in_use_exception(
        "Your account is not a member of an organization.");
}

Result<domain::Organization> managed_organization(const Call& call) {
    SEK_TRY(auto organization, own_organization(call));
    if (organization.management_account_id == call.account()) return organization;
    return organizations::errors::access_denied_exception("You don't have permissions to access this resource.");
}

Result<domain::Organization> delegable_organization(const Call& call, std::string_view operation,
                                                    access::Permissions permissions, Delegates delegates) {
    SEK_TRY(auto organization, own_organization(call));
    if (organization.management_account_id == call.account()) return organization;
    if (delegates == Delegates::also_services) {
        SEK_TRY(const bool is_delegated, is_delegated_administrator(call, organization, call.account()));
        if (is_delegated) return organization;
    }
    SEK_TRY(const auto policy, domain::organization_resource_policies.get(call.tx, organization.id));
    if (!policy) return managed_organization(call);
    for (auto& permission : permissions) {
        if (permission.action.empty()) permission.action = "organizations:" + std::string(operation);
        permission.resource_account = organization.management_account_id;
        permission.resource_policy = policy->content;
    }
    if (access::authorize(call.tx, call.caller, call.facts, call.now, permissions)) return managed_organization(call);
    return organization;
}

Result<domain::Account> member_account(const Call& call, const domain::Organization& organization,
                                       const std::string& id) {
    SEK_TRY(auto account, domain::accounts.get(call.tx, id));
    if (!account || account->organization_id != organization.id) {
        return organizations::errors::account_not_found_exception("You specified an account that doesn't exist.");
    }
    return std::move(*account);
}

std::string organization_arn(const domain::Organization& organization) {
    return "arn:aws:organizations::" + organization.management_account_id.str() + ":organization/" +
           organization.id.str();
}

std::string node_arn(const domain::Organization& organization, std::string_view kind, std::string_view id) {
    return "arn:aws:organizations::" + organization.management_account_id.str() + ":" + std::string(kind) + "/" +
           organization.id.str() + "/" + std::string(id);
}

std::string policy_arn(const domain::Organization& organization, const domain::OrganizationPolicy& policy) {
    if (policy.aws_managed) {
        return "arn:aws:organizations::aws:policy/" + type_in_arn(policy.type) + "/" + policy.id.str();
    }
    return "arn:aws:organizations::" + organization.management_account_id.str() + ":policy/" + organization.id.str() +
           "/" + type_in_arn(policy.type) + "/" + policy.id.str();
}

access::Permissions permission_on(const Call& call, std::string_view kind, std::string_view id) {
    const auto organization = own_organization(call);
    if (!organization) return {{.resource = "*"}};
    if (kind == "policy") {
        const auto found = domain::organization_policies.get(call.tx, organization->id, id);
        domain::OrganizationPolicy policy{.id = OrganizationPolicyId(id), .type = std::string(control_policy)};
        if (found && *found) policy = **found;
        // The type in its ARN would tell that it exists: refusals show none.
        return {{.resource = policy_arn(*organization, policy),
                 .context = {{"organizations:PolicyType", {policy.type}}},
                 .shown_resource = "*"}};
    }
    if (kind == "resourcepolicy") {
        return {{.resource = node_arn(*organization, kind, id), .shown_resource = "*"}};
    }
    return {{.resource = node_arn(*organization, kind, id)}};
}

access::Permissions permission_on_target(const Call& call, std::string_view id) {
    if (id.starts_with("r-")) return permission_on(call, "root", id);
    if (id.starts_with("ou-")) return permission_on(call, "ou", id);
    if (id.starts_with("p-")) return permission_on(call, "policy", id);
    if (id.starts_with("rp-")) return permission_on(call, "resourcepolicy", id);
    return permission_on(call, "account", id);
}

access::Permissions with_request_tags(access::Permissions permissions,
                                      const std::optional<std::vector<organizations::Tag>>& tags) {
    if (!tags || tags->empty()) return permissions;
    access::ContextValues context;
    std::vector<std::string> keys;
    for (const auto& tag : *tags) {
        context.push_back({"aws:RequestTag/" + tag.key, {tag.value}});
        keys.push_back(tag.key);
    }
    context.push_back({"aws:TagKeys", std::move(keys)});
    for (auto& permission : permissions) {
        permission.context.insert(permission.context.end(), context.begin(), context.end());
    }
    permissions.push_back({.action = "organizations:TagResource", .context = std::move(context)});
    return permissions;
}

Result<domain::Tags> read_tags(const std::optional<std::vector<organizations::Tag>>& tags) {
    domain::Tags read;
    if (tags) SEK_TRY(add_tags(read, *tags));
    return read;
}

Result<void> add_tags(domain::Tags& tags, const std::vector<organizations::Tag>& more) {
    std::set<std::string_view> keys;
    for (const auto& tag : more) {
        if (lower_ascii(tag.key).starts_with("aws:")) {
            return invalid_input("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag.");
        }
        if (!keys.insert(tag.key).second) {
            return invalid_input("DUPLICATE_TAG_KEY",
                                 "Tag keys must be unique among the tags attached to the same entity.");
        }
        tags[tag.key] = tag.value;
    }
    if (tags.size() > limits::tags_max) {
        return constraint("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.");
    }
    return {};
}

Result<void> attach_full_access(Call& call, const OrganizationId& organization, const std::string& target) {
    for (const auto& [type, id] : {std::pair{control_policy, full_access_policy_id},
                                   std::pair{resource_control_policy, full_resource_access_policy_id}}) {
        SEK_TRY(domain::policy_attachments.put(call.tx, {.organization_id = organization,
                                                         .target_id = target,
                                                         .policy_id = OrganizationPolicyId(id),
                                                         .type = std::string(type)}));
    }
    return {};
}

ApiError invalid_input(std::string reason, std::string message) {
    return organizations::errors::invalid_input_exception(std::move(message)).with("Reason", std::move(reason));
}

ApiError constraint(std::string reason, std::string message) {
    return organizations::errors::constraint_violation_exception(std::move(message)).with("Reason", std::move(reason));
}

Result<void> require_all_features(const domain::Organization& organization) {
    if (organization.feature_set == "ALL") return {};
    return constraint(
        "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
        "You attempted to perform an operation that requires the organization to be configured to support "
        "all features.");
}

Result<store::Page> read_page(const Call& call, std::string_view scope, const std::optional<std::string>& token,
                              std::optional<std::int32_t> limit) {
    auto after = call.open_page(scope, token.value_or(""));
    if (!after) return invalid_input("INVALID_NEXT_TOKEN", "You provided an invalid value for NextToken.");
    const std::size_t wanted = limit ? static_cast<std::size_t>(*limit) : page_items;
    return store::Page{.after = std::move(*after), .limit = std::min(wanted, page_items)};
}

std::optional<std::string> next_token(const Call& call, std::string_view scope,
                                      const std::optional<std::string>& next) {
    if (!next) return {};
    return call.seal_page(scope, *next);
}

organizations::Account to_wire(const domain::Organization& organization, const domain::Account& account) {
    organizations::Account wire;
    wire.id = account.id.str();
    wire.arn = node_arn(organization, "account", account.id);
    wire.email = account.email;
    wire.name = account.name;
    wire.status = enum_of<organizations::AccountStatus>(enum_text(account.state));
    wire.state = enum_of<organizations::AccountState>(enum_text(account.state));
    wire.joined_method = enum_of<organizations::AccountJoinedMethod>(account.joined_method);
    wire.joined_timestamp = account.joined_at;
    return wire;
}

}  // namespace sekisho::organizations_service
