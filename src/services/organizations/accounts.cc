#include "services/organizations/common.h"
#include "services/organizations/membership.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {
namespace {

using operation::Access;
using operation::Call;

template <class Request>
access::Permissions on_account(const Call& call, const Request& request) {
    return permission_on(call, "account", request.account_id);
}

Result<organizations::DescribeAccountResponse> describe_account(Call& call,
                                                                const organizations::DescribeAccountRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "DescribeAccount", on_account(call, request), Delegates::also_services));
    SEK_TRY(const auto account, member_account(call, organization, request.account_id));
    return organizations::DescribeAccountResponse{.account = to_wire(organization, account)};
}

Result<organizations::ListAccountsResponse> list_accounts(Call& call,
                                                          const organizations::ListAccountsRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListAccounts", on_anything(), Delegates::also_services));
    SEK_TRY(const auto page, read_page(call, "ListAccounts", request.next_token, request.max_results));
    SEK_TRY(const auto found,
            domain::accounts.scan_by(call.tx, domain::accounts_by_parent, store::prefix(organization.id), page));
    organizations::ListAccountsResponse response;
    response.accounts.emplace();
    for (const auto& account : found.items) response.accounts->push_back(to_wire(organization, account));
    response.next_token = next_token(call, "ListAccounts", found.next);
    return response;
}

Result<organizations::ListAccountsForParentResponse> list_accounts_for_parent(
    Call& call, const organizations::ListAccountsForParentRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListAccountsForParent", on_anything(), Delegates::also_services));
    const std::string scope = "ListAccountsForParent " + request.parent_id;
    SEK_TRY(const auto page, read_page(call, scope, request.next_token, request.max_results));
    if (request.parent_id != organization.root_id.str() &&
        !domain::organizational_units.exists(call.tx, organization.id, request.parent_id)) {
        return organizations::errors::parent_not_found_exception("You specified parent that doesn't exist.");
    }
    SEK_TRY(const auto found, domain::accounts.scan_by(call.tx, domain::accounts_by_parent,
                                                       store::prefix(organization.id, request.parent_id), page));
    organizations::ListAccountsForParentResponse response;
    response.accounts.emplace();
    for (const auto& account : found.items) response.accounts->push_back(to_wire(organization, account));
    response.next_token = next_token(call, scope, found.next);
    return response;
}

// A closed account is out at once: liveness asks for an active account at every use.
Result<organizations::CloseAccountResponse> close_account(Call& call,
                                                          const organizations::CloseAccountRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(auto account, member_account(call, organization, request.account_id));
    if (account.id == organization.management_account_id) {
        return constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account.");
    }
    if (account.state != domain::AccountState::active) {
        return organizations::errors::account_already_closed_exception(
            "You attempted to close an account that is already closed.");
    }
    account.state = domain::AccountState::suspended;
    SEK_TRY(domain::accounts.put(call.tx, account));
    return organizations::CloseAccountResponse{};
}

Result<organizations::LeaveOrganizationResponse> leave_organization(Call& call,
                                                                    const organizations::LeaveOrganizationRequest&) {
    SEK_TRY(const auto organization, own_organization(call));
    SEK_TRY(auto account, member_account(call, organization, call.account().str()));
    SEK_TRY(leave(call, organization, std::move(account)));
    return organizations::LeaveOrganizationResponse{};
}

Result<organizations::RemoveAccountFromOrganizationResponse> remove_account(
    Call& call, const organizations::RemoveAccountFromOrganizationRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(auto account, member_account(call, organization, request.account_id));
    SEK_TRY(leave(call, organization, std::move(account)));
    return organizations::RemoveAccountFromOrganizationResponse{};
}

access::Permissions on_own_account(const Call& call, const organizations::LeaveOrganizationRequest&) {
    return permission_on(call, "account", call.account());
}

}  // namespace

const operation::OperationTable account_operations = {
    operation::operation<organizations::DescribeAccount>(
        {.access = Access::read,
         .resources = on_account<organizations::DescribeAccountRequest>,
         .handle = describe_account}),
    operation::operation<organizations::ListAccounts>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_accounts}),
    operation::operation<organizations::ListAccountsForParent>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_accounts_for_parent}),
    operation::operation<organizations::CloseAccount>({.access = Access::write,
                                                       .resources = on_account<organizations::CloseAccountRequest>,
                                                       .handle = close_account}),
    operation::operation<organizations::LeaveOrganization>(
        {.access = Access::write, .resources = on_own_account, .handle = leave_organization}),
    operation::operation<organizations::RemoveAccountFromOrganization>(
        {.access = Access::write,
         .resources = on_account<organizations::RemoveAccountFromOrganizationRequest>,
         .handle = remove_account}),
};

}  // namespace sekisho::organizations_service
