#include "base/log.h"
#include "base/text.h"
#include "domain/aws_managed_policies.h"
#include "domain/iam.h"
#include "models/control.h"
#include "services/organizations/all_features.h"
#include "services/organizations/common.h"
#include "services/organizations/membership.h"
#include "services/organizations/service.h"
#include "store/record_codec.h"

namespace sekisho::organizations_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::string_view create_account_effect = "organizations.create-account";
constexpr std::string_view default_role_name = "OrganizationAccountAccessRole";
constexpr std::string_view administrator_policy = "arn:aws:iam::aws:policy/AdministratorAccess";

organizations::CreateAccountStatus to_wire(const domain::CreateAccountRequest& record) {
    organizations::CreateAccountStatus wire;
    wire.id = record.id;
    wire.account_name = record.account_name;
    wire.state = enum_of<organizations::CreateAccountState>(record.state);
    wire.requested_timestamp = record.requested_at;
    wire.completed_timestamp = record.completed_at;
    if (record.account_id) wire.account_id = record.account_id->str();
    if (!record.failure_reason.empty()) {
        wire.failure_reason = enum_of<organizations::CreateAccountFailureReason>(record.failure_reason);
    }
    return wire;
}

// The row's payload: which organization, which request.
std::string payload_of(const domain::CreateAccountRequest& record) {
    return record.organization_id.str() + " " + record.id;
}

Result<organizations::CreateAccountResponse> create_account(Call& call,
                                                            const organizations::CreateAccountRequest& request) {
    SEK_TRY(const auto organization, managed_organization(call));
    domain::CreateAccountRequest record;
    record.id = "car-" + random_hex(call.random, 32);
    record.organization_id = organization.id;
    record.management_account_id = organization.management_account_id;
    record.account_name = request.account_name;
    record.email = request.email;
    record.role_name = request.role_name.value_or(std::string(default_role_name));
    record.state = "IN_PROGRESS";
    record.requested_at = call.now;
    SEK_TRY(record.tags, read_tags(request.tags));
    SEK_TRY(domain::create_account_requests.put(call.tx, record));
    call.tx.enqueue({.kind = std::string(create_account_effect),
                     .ordering_key = organization.id.str(),
                     .payload = payload_of(record)});
    return organizations::CreateAccountResponse{.create_account_status = to_wire(record)};
}

access::Permissions create_permissions(const Call&, const organizations::CreateAccountRequest& request) {
    return with_request_tags(on_anything(), request.tags);
}

Result<organizations::DescribeCreateAccountStatusResponse> describe_status(
    Call& call, const organizations::DescribeCreateAccountStatusRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "DescribeCreateAccountStatus", on_anything(), Delegates::also_services));
    SEK_TRY(const auto record,
            domain::create_account_requests.get(call.tx, organization.id, request.create_account_request_id));
    if (!record) {
        return organizations::errors::create_account_status_not_found_exception(
            "You specified a create account request that doesn't exist.");
    }
    return organizations::DescribeCreateAccountStatusResponse{.create_account_status = to_wire(*record)};
}

Result<organizations::ListCreateAccountStatusResponse> list_status(
    Call& call, const organizations::ListCreateAccountStatusRequest& request) {
    SEK_TRY(const auto organization,
            delegable_organization(call, "ListCreateAccountStatus", on_anything(), Delegates::also_services));
    SEK_TRY(const auto page, read_page(call, "ListCreateAccountStatus", request.next_token, request.max_results));
    SEK_TRY(const auto found, domain::create_account_requests.scan(call.tx, store::prefix(organization.id), page));
    organizations::ListCreateAccountStatusResponse response;
    response.create_account_statuses.emplace();
    const auto wanted = request.states.value_or(std::vector<organizations::CreateAccountState>());
    for (const auto& record : found.items) {
        const auto status = to_wire(record);
        if (wanted.empty() || std::ranges::find(wanted, *status.state) != wanted.end()) {
            response.create_account_statuses->push_back(status);
        }
    }
    response.next_token = next_token(call, "ListCreateAccountStatus", found.next);
    return response;
}

// Twelve digits that no account has; the reading of a taken one makes the commit conflict with its making.
AccountId free_account_id(Call& call) {
    for (;;) {
        AccountId id(random_text(call.random, 1, "123456789") + random_text(call.random, 11, "0123456789"));
        if (!domain::accounts.exists(call.tx, id)) return id;
    }
}

// The role by which the management account reaches the new account (Organizations user guide, "Accessing member
// accounts with OrganizationAccountAccessRole").
Result<void> make_access_role(Call& call, const domain::CreateAccountRequest& record, const AccountId& account) {
    domain::Role role;
    role.account_id = account;
    role.name = record.role_name;
    role.path = "/";
    role.id = PrincipalId(domain::make_unique_id("AROA", account, call.random));
    role.trust_policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::)" +
                        record.management_account_id.str() + R"(:root"},"Action":"sts:AssumeRole"}]})";
    role.created_at = call.now;
    SEK_TRY(domain::roles.put(call.tx, role));
    SEK_TRY(domain::principal_policies.put(
        call.tx, {.principal_id = role.id, .attached_policy_arns = {std::string(administrator_policy)}}));
    return domain::policy_uses.put(call.tx, {.account_id = account,
                                             .policy_arn = std::string(administrator_policy),
                                             .kind = "role",
                                             .name = role.name,
                                             .principal_id = role.id});
}

Result<void> fail(Call& call, domain::CreateAccountRequest record, std::string reason) {
    record.state = "FAILED";
    record.failure_reason = std::move(reason);
    record.completed_at = call.now;
    return domain::create_account_requests.put(call.tx, record);
}

Result<control::CompleteCreateAccountResponse> complete_create_account(
    Call& call, const control::CompleteCreateAccountRequest& request) {
    const auto parts = split(request.request_id, ' ');
    if (parts.size() != 2) return errors::internal_failure("a create-account row names no request");
    SEK_TRY(const auto organization, domain::organizations.get(call.tx, parts[0]));
    SEK_TRY(auto record, domain::create_account_requests.get(call.tx, parts[0], parts[1]));
    if (!organization || !record || record->state != "IN_PROGRESS") return control::CompleteCreateAccountResponse{};
    SEK_TRY(const auto holder, domain::accounts.get_by(call.tx, domain::accounts_by_email, lower_ascii(record->email)));
    if (holder) {
        SEK_TRY(fail(call, std::move(*record), "EMAIL_ALREADY_EXISTS"));
        return control::CompleteCreateAccountResponse{};
    }
    domain::Account account;
    account.id = free_account_id(call);
    account.name = record->account_name;
    account.email = record->email;
    account.created_at = call.now;
    SEK_TRY(join(call, *organization, account, "CREATED", record->tags));
    SEK_TRY(make_access_role(call, *record, account.id));
    record->state = "SUCCEEDED";
    record->account_id = account.id;
    record->completed_at = call.now;
    SEK_TRY(domain::create_account_requests.put(call.tx, *record));
    return control::CompleteCreateAccountResponse{.account_id = account.id.str()};
}

}  // namespace

void register_workers(store::Outbox& outbox, operation::Pipeline& pipeline) {
    outbox.register_worker(
        std::string(create_account_effect), [&pipeline](const store::OutboxRow& row, store::Completion completion) {
            control::CompleteCreateAccountRequest request;
            request.request_id = row.payload;
            pipeline.call<control::CompleteCreateAccount>(
                access::service_caller(AccountId()), {.region = Region("us-east-1")}, std::move(request),
                [completion = std::move(completion)](Result<control::CompleteCreateAccountResponse> done) mutable {
                    if (!done) return completion.failed(done.error().message);
                    completion.done();
                });
        });
    register_all_features_worker(outbox, pipeline);
}

const operation::OperationTable account_creation_operations = {
    operation::operation<organizations::CreateAccount>(
        {.access = Access::write, .resources = create_permissions, .handle = create_account}),
    operation::operation<organizations::DescribeCreateAccountStatus>(
        {.access = Access::read, .resources = operation::any_resource, .handle = describe_status}),
    operation::operation<organizations::ListCreateAccountStatus>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_status}),
};

const operation::OperationTable inner_operations = {
    operation::operation<control::CompleteCreateAccount>(
        {.access = Access::write, .resources = operation::workers_only, .handle = complete_create_account}),
};

}  // namespace sekisho::organizations_service
