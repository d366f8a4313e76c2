#include "services/organizations/delegation.h"

#include <set>

#include "services/organizations/common.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {

Result<bool> is_delegated_administrator(const operation::Call& call, const domain::Organization& organization,
                                        const AccountId& account) {
    SEK_TRY(const auto found,
            domain::delegated_administrators.scan(call.tx, store::prefix(organization.id, account), {.limit = 1}));
    return !found.items.empty();
}

namespace {

using operation::Access;
using operation::Call;

template <class Request>
access::Permissions on_service(const Call&, const Request& request) {
    return {{.resource = "*", .context = {{"organizations:ServicePrincipal", {request.service_principal}}}}};
}
template <class Request>
access::Permissions on_account_and_service(const Call& call, const Request& request) {
    auto permissions = permission_on(call, "account", request.account_id);
    permissions.front().context.push_back({"organizations:ServicePrincipal", {request.service_principal}});
    return permissions;
}
access::Permissions on_account(const Call& call, const organizations::ListDelegatedServicesForAccountRequest& request) {
    return permission_on(call, "account", request.account_id);
}

Result<organizations::EnableAWSServiceAccessResponse> enable_service(
    Call& call, const organizations::EnableAWSServiceAccessRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(require_all_features(organization));
    if (!domain::trusted_services.exists(call.tx, organization.id, request.service_principal)) {
        SEK_TRY(domain::trusted_services.put(call.tx, {.organization_id = organization.id,
                                                       .service_principal = request.service_principal,
                                                       .enabled_at = call.now}));
    }
    return organizations::EnableAWSServiceAccessResponse{};
}

Result<organizations::DisableAWSServiceAccessResponse> disable_service(
    Call& call, const organizations::DisableAWSServiceAccessRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(domain::trusted_services.erase(call.tx, organization.id, request.service_principal));
    return organizations::DisableAWSServiceAccessResponse{};
}

Result<organizations::ListAWSServiceAccessForOrganizationResponse> list_services(
    Call& call, const organizations::ListAWSServiceAccessForOrganizationRequest& request) {
    SEK_TRY(const auto organization, delegable_organization(call, "ListAWSServiceAccessForOrganization", on_anything(),
                                                            Delegates::also_services));
    constexpr std::string_view scope = "ListAWSServiceAccessForOrganization";
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found, domain::trusted_services.scan(call.tx, store::prefix(organization.id), page));
    organizations::ListAWSServiceAccessForOrganizationResponse response;
    response.enabled_service_principals.emplace();
    for (const auto& service : found.items) {
        response.enabled_service_principals->push_back(
            {.service_principal = service.service_principal, .date_enabled = service.enabled_at});
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<organizations::RegisterDelegatedAdministratorResponse> register_administrator(
    Call& call, const organizations::RegisterDelegatedAdministratorRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(require_all_features(organization));
    SEK_TRY(const auto account, member_account(call, organization, request.account_id));
    if (account.state != domain::AccountState::active) {
        return constraint("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
                          "You cannot register a suspended account as a delegated administrator.");
    }
    if (account.id == organization.management_account_id) {
        return constraint(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register management account/yourself as delegated administrator for your organization.");
    }
    if (domain::delegated_administrators.exists(call.tx, organization.id, account.id, request.service_principal)) {
        return organizations::errors::account_already_registered_exception(
            "The provided account is already a delegated administrator for your organization.");
    }
    SEK_TRY(domain::delegated_administrators.put(call.tx, {.organization_id = organization.id,
                                                           .account_id = account.id,
                                                           .service_principal = request.service_principal,
                                                           .enabled_at = call.now}));
    return organizations::RegisterDelegatedAdministratorResponse{};
}

Result<organizations::DeregisterDelegatedAdministratorResponse> deregister_administrator(
    Call& call, const organizations::DeregisterDelegatedAdministratorRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(const auto account, member_account(call, organization, request.account_id));
    SEK_TRY(const bool was_there,
            domain::delegated_administrators.erase(call.tx, organization.id, account.id, request.service_principal));
    if (!was_there) {
        return organizations::errors::account_not_registered_exception(
            "The provided account is not a registered delegated administrator for your organization.");
    }
    return organizations::DeregisterDelegatedAdministratorResponse{};
}

Result<organizations::ListDelegatedAdministratorsResponse> list_administrators(
    Call& call, const organizations::ListDelegatedAdministratorsRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListDelegatedAdministrators", on_anything(), Delegates::also_services));
    const std::string scope = "ListDelegatedAdministrators " + request.service_principal.value_or("");
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found, domain::delegated_administrators.scan(call.tx, store::prefix(organization.id), page));
    organizations::ListDelegatedAdministratorsResponse response;
    response.delegated_administrators.emplace();
    std::set<std::string> seen;
    for (const auto& delegated : found.items) {
        if (request.service_principal && *request.service_principal != delegated.service_principal) continue;
        if (!seen.insert(delegated.account_id.str()).second) continue;
        SEK_TRY(const auto account, member_account(call, organization, delegated.account_id.str()));
        const auto described = to_wire(organization, account);
        organizations::DelegatedAdministrator wire;
        wire.id = described.id;
        wire.arn = described.arn;
        wire.email = described.email;
        wire.name = described.name;
        wire.status = described.status;
        wire.state = described.state;
        wire.joined_method = described.joined_method;
        wire.joined_timestamp = described.joined_timestamp;
        wire.delegation_enabled_date = delegated.enabled_at;
        response.delegated_administrators->push_back(std::move(wire));
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

Result<organizations::ListDelegatedServicesForAccountResponse> list_delegated_services(
    Call& call, const organizations::ListDelegatedServicesForAccountRequest& request) {
    SEK_TRY(const auto organization, delegable_organization(call, "ListDelegatedServicesForAccount",
                                                            on_account(call, request), Delegates::also_services));
    SEK_TRY(const auto account, member_account(call, organization, request.account_id));
    const std::string scope = "ListDelegatedServicesForAccount " + request.account_id;
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    SEK_TRY(const auto found,
            domain::delegated_administrators.scan(call.tx, store::prefix(organization.id, account.id), page));
    if (found.items.empty() && page.after.empty()) {
        return organizations::errors::account_not_registered_exception(
            "The provided account is not a registered delegated administrator for your organization.");
    }
    organizations::ListDelegatedServicesForAccountResponse response;
    response.delegated_services.emplace();
    for (const auto& delegated : found.items) {
        response.delegated_services->push_back(
            {.service_principal = delegated.service_principal, .delegation_enabled_date = delegated.enabled_at});
    }
    response.next_token = next_token(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable delegation_operations = {
    operation::operation<organizations::EnableAWSServiceAccess>(
        {.access = Access::write,
         .resources = on_service<organizations::EnableAWSServiceAccessRequest>,
         .handle = enable_service}),
    operation::operation<organizations::DisableAWSServiceAccess>(
        {.access = Access::write,
         .resources = on_service<organizations::DisableAWSServiceAccessRequest>,
         .handle = disable_service}),
    operation::operation<organizations::ListAWSServiceAccessForOrganization>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_services}),
    operation::operation<organizations::RegisterDelegatedAdministrator>(
        {.access = Access::write,
         .resources = on_account_and_service<organizations::RegisterDelegatedAdministratorRequest>,
         .handle = register_administrator}),
    operation::operation<organizations::DeregisterDelegatedAdministrator>(
        {.access = Access::write,
         .resources = on_account_and_service<organizations::DeregisterDelegatedAdministratorRequest>,
         .handle = deregister_administrator}),
    operation::operation<organizations::ListDelegatedAdministrators>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_administrators}),
    operation::operation<organizations::ListDelegatedServicesForAccount>(
        {.access = Access::read, .resources = on_account, .handle = list_delegated_services}),
};

}  // namespace sekisho::organizations_service
