#pragma once
// What the tests of this room share: a house with an organization of two accounts and Identity Center enabled.
#include <gtest/gtest.h>

#include "base/text.h"
#include "domain/directory.h"
#include "domain/iam.h"
#include "domain/organization.h"
#include "domain/permission_sets.h"
#include "models/control.h"
#include "models/identitystore.h"
#include "models/sso_admin.h"
#include "operation/testing.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {

class CenterTest : public testing::Test {
 protected:
    CenterTest() {
        register_workers(house.outbox(), house.pipeline());
        outsider = house.user("outsider", everything, member);
        const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::organizations.put(tx, {.id = organization,
                                                   .management_account_id = operation::TestHouse::account,
                                                   .root_id = OrganizationNodeId("r-abcd"),
                                                   .feature_set = "ALL",
                                                   .created_at = house.clock().now()}));
            for (const auto& id : {operation::TestHouse::account, member}) {
                SEK_TRY(auto account, domain::accounts.get(tx, id));
                account->organization_id = organization;
                account->parent_id = OrganizationNodeId("r-abcd");
                SEK_TRY(domain::accounts.put(tx, *account));
            }
            return {};
        });
        EXPECT_TRUE(committed.has_value());
        const auto enabled = call<control::EnableIdentityCenter>({});
        EXPECT_TRUE(enabled.has_value()) << (enabled ? "" : enabled.error().message + enabled.error().cause);
        if (enabled) {
            instance = enabled->instance_arn;
            identity_store = enabled->identity_store_id;
        }
    }

    template <class Op>
    Result<typename Op::Response> call(typename Op::Request request) {
        return house.call<Op>(house.administrator(), std::move(request));
    }
    template <class Op>
    typename Op::Response must(typename Op::Request request) {
        auto answer = call<Op>(std::move(request));
        EXPECT_TRUE(answer.has_value()) << Op::model.name << ": "
                                        << (answer ? "" : answer.error().message + answer.error().cause);
        return answer ? std::move(*answer) : typename Op::Response();
    }
    template <class Op>
    ApiError refused(typename Op::Request request) {
        auto answer = call<Op>(std::move(request));
        EXPECT_FALSE(answer.has_value()) << Op::model.name << " was not refused";
        return answer ? ApiError() : std::move(answer).error();
    }

    identitystore::CreateUserRequest user_request(const std::string& name) const {
        identitystore::CreateUserRequest request{.identity_store_id = identity_store};
        request.user_name = name;
        request.display_name = "Some One";
        request.name = identitystore::Name{.family_name = "One", .given_name = "Some"};
        request.emails = std::vector<identitystore::Email>{{.value = name + "@example.com"}};
        return request;
    }
    std::string make_user(const std::string& name) {
        return must<identitystore::CreateUser>(user_request(name)).user_id;
    }
    std::string make_group(const std::string& name) {
        identitystore::CreateGroupRequest request{.identity_store_id = identity_store};
        request.display_name = name;
        return must<identitystore::CreateGroup>(request).group_id;
    }
    std::string add_member(const std::string& group, const std::string& user) {
        return must<identitystore::CreateGroupMembership>(
                   {.identity_store_id = identity_store, .group_id = group, .member_id = {.user_id = user}})
            .membership_id;
    }
    std::string make_set(const std::string& name) {
        sso_admin::CreatePermissionSetRequest request;
        request.name = name;
        request.instance_arn = instance;
        return *must<sso_admin::CreatePermissionSet>(request).permission_set->permission_set_arn;
    }
    template <class Request>
    Request assignment_request(const std::string& set, const std::string& principal, sso_admin::PrincipalType type,
                               const AccountId& account) const {
        Request request;
        request.instance_arn = instance;
        request.target_id = account.str();
        request.permission_set_arn = set;
        request.principal_type = type;
        request.principal_id = principal;
        return request;
    }
    // Creates, lets the outbox work, and gives the status that is described then.
    sso_admin::AccountAssignmentOperationStatus assign(const std::string& set, const std::string& principal,
                                                       sso_admin::PrincipalType type, const AccountId& account) {
        const auto made = must<sso_admin::CreateAccountAssignment>(
            assignment_request<sso_admin::CreateAccountAssignmentRequest>(set, principal, type, account));
        EXPECT_EQ(made.account_assignment_creation_status->status, sso_admin::StatusValues::in_progress);
        EXPECT_TRUE(house.settle());
        return *must<sso_admin::DescribeAccountAssignmentCreationStatus>(
                    {.instance_arn = instance,
                     .account_assignment_creation_request_id = *made.account_assignment_creation_status->request_id})
                    .account_assignment_creation_status;
    }
    std::optional<domain::ProvisionedRole> provisioned(const std::string& set, const AccountId& account) {
        const auto snapshot = house.store().snapshot();
        return domain::provisioned_roles.get(snapshot, account, PermissionSetArn(set)).value();
    }
    // Assigns, and takes it away again. Gives the role's name in between.
    std::string name_while_assigned(const std::string& set, const std::string& user, const AccountId& account) {
        EXPECT_EQ(assign(set, user, sso_admin::PrincipalType::user, account).status,
                  sso_admin::StatusValues::succeeded);
        const auto role = provisioned(set, account);
        must<sso_admin::DeleteAccountAssignment>(assignment_request<sso_admin::DeleteAccountAssignmentRequest>(
            set, user, sso_admin::PrincipalType::user, account));
        EXPECT_TRUE(house.settle());
        EXPECT_FALSE(provisioned(set, account));
        return role ? role->role_name : "";
    }
    std::optional<domain::Role> role(const std::string& set, const AccountId& account) {
        const auto known = provisioned(set, account);
        if (!known) return {};
        const auto snapshot = house.store().snapshot();
        return domain::roles.get_by(snapshot, domain::roles_by_id, known->role_id).value();
    }

    static constexpr std::string_view everything =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
    operation::TestHouse house{register_operations};
    const OrganizationId organization{"o-abcdefghij"};
    const AccountId member{"555666777888"};
    access::Caller outsider;
    std::string instance;
    std::string identity_store;
};

}  // namespace sekisho::identity_center_service
