#include "services/organizations/common.h"

#include "base/text.h"
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

Result<domain::Organization> managed_organization(const Call& call, bool delegated_too) {
    SEK_TRY(auto organization, own_organization(call));
    if (organization.management_account_id == call.account()) return organization;
    if (delegated_too) {
        SEK_TRY(const bool is_delegated, is_delegated_administrator(call, organization, call.account()));
        if (is_delegated) return organization;
    }
    return organizations::errors::access_denied_exception("You don't have permissions to access this resource.");
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
        const auto policy = domain::organization_policies.get(call.tx, organization->id, id);
        if (policy && *policy) return {{.resource = policy_arn(*organization, **policy)}};
        const domain::OrganizationPolicy asked{.id = OrganizationPolicyId(id), .type = std::string(control_policy)};
        return {{.resource = policy_arn(*organization, asked)}};
    }
    return {{.resource = node_arn(*organization, kind, id)}};
}

access::Permissions permission_on_target(const Call& call, std::string_view id) {
    if (id.starts_with("r-")) return permission_on(call, "root", id);
    if (id.starts_with("ou-")) return permission_on(call, "ou", id);
    if (id.starts_with("p-")) return permission_on(call, "policy", id);
    return permission_on(call, "account", id);
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
