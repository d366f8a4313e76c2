#include "domain/aws_managed_policies.h"
#include "domain/reserved_roles.h"
#include "services/identity_center/session_duration.h"
#include "services/identity_center/test_center.h"

namespace sekisho::identity_center_service {
namespace {

using Assignments = CenterTest;
using sso_admin::PrincipalType;
using sso_admin::StatusValues;

TEST_F(Assignments, EnablingNeedsTheManagementAccountOfAnOrganization) {
    EXPECT_TRUE(instance.starts_with("arn:aws:sso:::instance/ssoins-"));
    EXPECT_EQ(identity_store.size(), 12u);
    EXPECT_EQ(refused<control::EnableIdentityCenter>({}).code, "ConflictException");
    EXPECT_EQ(house.call<control::EnableIdentityCenter>(outsider, {}).error().code, "AccessDeniedException");
    const auto alone = house.user("alone", everything, AccountId("999888777666"));
    EXPECT_EQ(house.call<control::EnableIdentityCenter>(alone, {}).error().code, "ConflictException");
    EXPECT_EQ(refused<sso_admin::CreateInstance>({}).code, "AccessDeniedException");

    const auto listed = must<sso_admin::ListInstances>({});
    ASSERT_EQ(listed.instances->size(), 1u);
    EXPECT_EQ(listed.instances->front().instance_arn, instance);
    EXPECT_TRUE(house.call<sso_admin::ListInstances>(house.administrator(), {}, "eu-west-1")->instances->empty());
}

TEST_F(Assignments, PortalHostNameIsChosenOnce) {
    control::UpdatePortalHostNameRequest request;
    request.host_name = "team";
    EXPECT_EQ(must<control::UpdatePortalHostName>(request).portal_url, "https://team.awsapps.com/start");
    request.host_name = "other";
    EXPECT_EQ(refused<control::UpdatePortalHostName>(request).code, "ConflictException");
    EXPECT_EQ(must<control::DescribeIdentityCenter>({}).start_url, "https://team.awsapps.com/start");
}

TEST_F(Assignments, MfaSettings) {
    EXPECT_EQ(must<control::GetMfaSettings>({}).settings.prompt_mode, control::MfaPromptMode::always_on);
    control::UpdateMfaSettingsRequest request;
    request.types = std::vector<control::MfaType>();
    EXPECT_EQ(refused<control::UpdateMfaSettings>(request).code, "ValidationException");
    request.types = std::vector{control::MfaType::authenticator_app};
    request.when_no_device = control::MissingDeviceAction::block;
    must<control::UpdateMfaSettings>(request);
    const auto settings = must<control::GetMfaSettings>({}).settings;
    EXPECT_EQ(settings.when_no_device, control::MissingDeviceAction::block);
    EXPECT_EQ(settings.types.size(), 1u);
    // Passkeys are security keys: alone they sign in where these are allowed, and stop where they are not any more.
    request = {};
    request.passkey_sign_in = true;
    EXPECT_EQ(refused<control::UpdateMfaSettings>(request).code, "ValidationException");
    request.types = std::vector{control::MfaType::authenticator_app, control::MfaType::security_key};
    EXPECT_TRUE(must<control::UpdateMfaSettings>(request).settings.passkey_sign_in);
    request = {};
    request.types = std::vector{control::MfaType::authenticator_app};
    EXPECT_FALSE(must<control::UpdateMfaSettings>(request).settings.passkey_sign_in);
}

TEST_F(Assignments, MakeTheAccountsRole) {
    const auto user = make_user("a");
    const auto set = make_set("EKSClusterAdminAccess");
    must<sso_admin::AttachManagedPolicyToPermissionSet>(
        {.instance_arn = instance,
         .permission_set_arn = set,
         .managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"});
    must<sso_admin::PutInlinePolicyToPermissionSet>(
        {.instance_arn = instance, .permission_set_arn = set, .inline_policy = std::string(everything)});
    EXPECT_EQ(assign(set, user, PrincipalType::user, member).status, StatusValues::succeeded);

    const auto made = role(set, member);
    ASSERT_TRUE(made.has_value());
    EXPECT_TRUE(made->name.starts_with("AWSReservedSSO_EKSClusterAdminAccess_"));
    EXPECT_EQ(made->path, "/aws-reserved/sso.amazonaws.com/");
    EXPECT_EQ(made->session_seconds_max, 43200);
    EXPECT_TRUE(made->is_protected);
    const auto snapshot = house.store().snapshot();
    const auto policies = domain::principal_policies.get(snapshot, made->id).value();
    EXPECT_EQ(policies->attached_policy_arns, std::vector<std::string>{"arn:aws:iam::aws:policy/AdministratorAccess"});
    EXPECT_EQ(policies->inline_policies.at("AwsSSOInlinePolicy"), everything);
    const auto providers = domain::saml_providers.scan(snapshot, store::prefix(member));
    ASSERT_EQ(providers->items.size(), 1u);
    EXPECT_TRUE(providers->items.front().is_protected);
    EXPECT_NE(made->trust_policy.find("saml-provider/" + providers->items.front().name), std::string::npos);
    EXPECT_TRUE(domain::assignments.exists(snapshot, member, PermissionSetArn(set), domain::AssigneeKind::user, user));
}

TEST_F(Assignments, LastOneGoneDeletesTheRole) {
    const auto user = make_user("a");
    const auto group = make_group("g");
    const auto set = make_set("s");
    assign(set, user, PrincipalType::user, member);
    assign(set, group, PrincipalType::group, member);
    const auto name = provisioned(set, member)->role_name;

    const auto remove = [&](const std::string& principal, PrincipalType type) {
        return *must<sso_admin::DeleteAccountAssignment>(
                    assignment_request<sso_admin::DeleteAccountAssignmentRequest>(set, principal, type, member))
                    .account_assignment_deletion_status;
    };
    remove(user, PrincipalType::user);
    {
        // In force with the answer, before any worker.
        const auto snapshot = house.store().snapshot();
        EXPECT_FALSE(
            domain::assignments.exists(snapshot, member, PermissionSetArn(set), domain::AssigneeKind::user, user));
    }
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(provisioned(set, member)->role_name, name);
    EXPECT_EQ(refused<sso_admin::DeletePermissionSet>({.instance_arn = instance, .permission_set_arn = set}).message,
              "Could not delete because PermissionSet has ApplicationProfile associated with it");
    const auto last = remove(group, PrincipalType::group);
    ASSERT_TRUE(house.settle());
    EXPECT_FALSE(provisioned(set, member).has_value());
    const auto snapshot = house.store().snapshot();
    EXPECT_FALSE(domain::roles.exists(snapshot, member, lower_ascii(name)));
    const auto status = must<sso_admin::DescribeAccountAssignmentDeletionStatus>(
        {.instance_arn = instance, .account_assignment_deletion_request_id = *last.request_id});
    EXPECT_EQ(status.account_assignment_deletion_status->status, StatusValues::succeeded);

    const auto again = remove(group, PrincipalType::group);
    ASSERT_TRUE(house.settle());
    const auto failed = *must<sso_admin::DescribeAccountAssignmentDeletionStatus>(
                             {.instance_arn = instance, .account_assignment_deletion_request_id = *again.request_id})
                             .account_assignment_deletion_status;
    EXPECT_EQ(failed.status, StatusValues::failed);
    EXPECT_EQ(failed.failure_reason, "Received a 404 status error: Assignment not found.");

    assign(set, user, PrincipalType::user, member);
    EXPECT_NE(provisioned(set, member)->role_name, name);  // another suffix
}

TEST_F(Assignments, StableRoleNamesOutliveTheirRoles) {
    const auto user = make_user("a");
    auto set = make_set("s");
    ASSERT_EQ(assign(set, user, PrincipalType::user, member).status, StatusValues::succeeded);
    const auto before = provisioned(set, member)->role_name;
    EXPECT_FALSE(*must<control::DescribeIdentityCenter>({}).stable_role_names);
    EXPECT_TRUE(must<control::UpdateIdentityCenter>({.stable_role_names = true}).stable_role_names);
    EXPECT_TRUE(*must<control::DescribeIdentityCenter>({}).stable_role_names);
    // What is there keeps its name: its mappings name it.
    EXPECT_EQ(name_while_assigned(set, user, member), before);
    const auto stable = name_while_assigned(set, user, member);
    EXPECT_NE(stable, before);
    EXPECT_EQ(name_while_assigned(set, user, operation::TestHouse::account), stable) << "in every account";
    must<sso_admin::DeletePermissionSet>({.instance_arn = instance, .permission_set_arn = set});
    set = make_set("s");
    EXPECT_EQ(assign(set, user, PrincipalType::user, member).status, StatusValues::succeeded);
    EXPECT_EQ(provisioned(set, member)->role_name, stable) << "of a set made anew, too";
    // The role of a deleted set that was not collected yet goes on as the new set's.
    const auto id = provisioned(set, member)->role_id;
    ASSERT_TRUE(house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::assignments.erase(tx, member, PermissionSetArn(set), domain::AssigneeKind::user, user));
        SEK_TRY(domain::permission_sets.erase(tx, set));
        return {};
    }));
    const auto next = make_set("s");
    EXPECT_EQ(assign(next, user, PrincipalType::user, member).status, StatusValues::succeeded);
    EXPECT_EQ(provisioned(next, member)->role_id, id);
    EXPECT_FALSE(provisioned(set, member));
}

TEST_F(Assignments, StableRoleNamesTakeNobodysRole) {
    must<control::UpdateIdentityCenter>({.stable_role_names = true});
    const auto user = make_user("a");
    const auto set = make_set("s");
    const auto name = domain::stable_single_sign_on_role_name("s", instance);
    const domain::Role own{.account_id = member,
                           .name = name,
                           .path = "/",
                           .id = PrincipalId("AROAEXAMPLEEXAMPLEEX1"),
                           .trust_policy = "{}",
                           .created_at = house.clock().now()};
    ASSERT_TRUE(house.store().commit_and_wait([&](store::Transaction& tx) { return domain::roles.put(tx, own); }));
    const auto status = assign(set, user, PrincipalType::user, member);
    EXPECT_EQ(status.status, StatusValues::failed);
    EXPECT_EQ(status.failure_reason,
              "Received a 409 status error: A role with the name of the permission set's role exists.");
    const auto left = domain::roles.get(house.store().snapshot(), member, lower_ascii(name)).value();
    EXPECT_EQ(left->trust_policy, "{}");
    EXPECT_FALSE(left->is_protected);
}

TEST_F(Assignments, CustomerManagedPoliciesMustBeThere) {
    const auto user = make_user("a");
    const auto set = make_set("s");
    must<sso_admin::AttachCustomerManagedPolicyReferenceToPermissionSet>(
        {.instance_arn = instance,
         .permission_set_arn = set,
         .customer_managed_policy_reference = {.name = "Mine", .path = "/team/"}});
    const auto failed = assign(set, user, PrincipalType::user, member);
    EXPECT_EQ(failed.status, StatusValues::failed);
    EXPECT_NE(failed.failure_reason->find("arn:aws:iam::555666777888:policy/team/Mine"), std::string::npos);
    EXPECT_FALSE(provisioned(set, member).has_value());

    const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) {
        return domain::managed_policies.put(tx,
                                            {.account_id = member, .name = "Mine", .path = "/team/", .id = "ANPA1"});
    });
    ASSERT_TRUE(committed.has_value());
    EXPECT_EQ(assign(set, user, PrincipalType::user, member).status, StatusValues::succeeded);
}

TEST_F(Assignments, ChangesWaitForProvisioning) {
    const auto user = make_user("a");
    const auto set = make_set("s");
    for (const auto& account : {operation::TestHouse::account, member}) {
        assign(set, user, PrincipalType::user, account);
    }
    must<sso_admin::AttachManagedPolicyToPermissionSet>(
        {.instance_arn = instance,
         .permission_set_arn = set,
         .managed_policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"});
    const auto outdated = [&] {
        sso_admin::ListAccountsForProvisionedPermissionSetRequest request;
        request.instance_arn = instance;
        request.permission_set_arn = set;
        request.provisioning_status = sso_admin::ProvisioningStatus::latest_permission_set_not_provisioned;
        return must<sso_admin::ListAccountsForProvisionedPermissionSet>(request).account_ids->size();
    };
    EXPECT_EQ(outdated(), 2u);
    const auto name = provisioned(set, member)->role_name;
    sso_admin::ProvisionPermissionSetRequest request;
    request.instance_arn = instance;
    request.permission_set_arn = set;
    request.target_type = sso_admin::ProvisionTargetType::all_provisioned_accounts;
    const auto started = must<sso_admin::ProvisionPermissionSet>(request).permission_set_provisioning_status;
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(must<sso_admin::DescribePermissionSetProvisioningStatus>(
                  {.instance_arn = instance, .provision_permission_set_request_id = *started->request_id})
                  .permission_set_provisioning_status->status,
              StatusValues::succeeded);
    EXPECT_EQ(outdated(), 0u);
    EXPECT_EQ(provisioned(set, member)->role_name, name);
    const auto snapshot = house.store().snapshot();
    const auto policies = domain::principal_policies.get(snapshot, role(set, member)->id).value();
    EXPECT_EQ(policies->attached_policy_arns.size(), 1u);
}

// Twenty policies and a boundary, all replaced at once, with a new assignment: still one transaction.
TEST_F(Assignments, TheLargestSetIsProvisioned) {
    const auto first = make_user("a");
    const auto second = make_user("b");
    const auto set = make_set("s");
    const auto all = domain::aws_managed_policies();
    ASSERT_GT(all.size(), 42u);
    const auto fill = [&](std::size_t from) {
        for (std::size_t i = from; i < from + 20; ++i) {
            must<sso_admin::AttachManagedPolicyToPermissionSet>(
                {.instance_arn = instance,
                 .permission_set_arn = set,
                 .managed_policy_arn = domain::aws_managed_policy_arn(all[i])});
        }
        sso_admin::PutPermissionsBoundaryToPermissionSetRequest boundary;
        boundary.instance_arn = instance;
        boundary.permission_set_arn = set;
        boundary.permissions_boundary.managed_policy_arn = domain::aws_managed_policy_arn(all[from + 20]);
        must<sso_admin::PutPermissionsBoundaryToPermissionSet>(boundary);
    };
    fill(0);
    EXPECT_EQ(refused<sso_admin::AttachManagedPolicyToPermissionSet>(
                  {.instance_arn = instance,
                   .permission_set_arn = set,
                   .managed_policy_arn = domain::aws_managed_policy_arn(all[30])})
                  .code,
              "ServiceQuotaExceededException");
    EXPECT_EQ(assign(set, first, PrincipalType::user, member).status, StatusValues::succeeded);
    for (std::size_t i = 0; i < 20; ++i) {
        must<sso_admin::DetachManagedPolicyFromPermissionSet>(
            {.instance_arn = instance,
             .permission_set_arn = set,
             .managed_policy_arn = domain::aws_managed_policy_arn(all[i])});
    }
    fill(21);
    EXPECT_EQ(assign(set, second, PrincipalType::user, member).status, StatusValues::succeeded);
    const auto snapshot = house.store().snapshot();
    const auto policies = domain::principal_policies.get(snapshot, role(set, member)->id).value();
    EXPECT_EQ(policies->attached_policy_arns.front(), domain::aws_managed_policy_arn(all[21]));
    EXPECT_EQ(policies->permissions_boundary_arn, domain::aws_managed_policy_arn(all[41]));
}

TEST_F(Assignments, DeletedPeopleLoseThem) {
    const auto user = make_user("a");
    const auto set = make_set("s");
    assign(set, user, PrincipalType::user, member);
    must<identitystore::DeleteUser>({.identity_store_id = identity_store, .user_id = user, .revision = {}});
    ASSERT_TRUE(house.settle());
    const auto listed = must<sso_admin::ListAccountAssignments>({.instance_arn = instance,
                                                                 .account_id = member.str(),
                                                                 .permission_set_arn = set,
                                                                 .max_results = {},
                                                                 .next_token = {}});
    EXPECT_TRUE(listed.account_assignments->empty());
    EXPECT_FALSE(provisioned(set, member).has_value());
    must<sso_admin::DeletePermissionSet>({.instance_arn = instance, .permission_set_arn = set});
}

TEST_F(Assignments, ListedForAPrincipalWithTheirGroups) {
    const auto user = make_user("a");
    const auto group = make_group("g");
    add_member(group, user);
    const auto set = make_set("s");
    assign(set, user, PrincipalType::user, member);
    assign(set, group, PrincipalType::group, operation::TestHouse::account);
    sso_admin::ListAccountAssignmentsForPrincipalRequest request;
    request.instance_arn = instance;
    request.principal_id = user;
    request.max_results = 1;
    const auto first = must<sso_admin::ListAccountAssignmentsForPrincipal>(request);
    ASSERT_EQ(first.account_assignments->size(), 1u);
    EXPECT_EQ(first.account_assignments->front().principal_type, PrincipalType::user);
    ASSERT_TRUE(first.next_token.has_value());
    request.next_token = first.next_token;
    const auto second = must<sso_admin::ListAccountAssignmentsForPrincipal>(request);
    ASSERT_EQ(second.account_assignments->size(), 1u);
    EXPECT_EQ(second.account_assignments->front().principal_id, group);
    EXPECT_FALSE(second.next_token.has_value());
}

TEST_F(Assignments, PermissionSetsAreTheManagementAccounts) {
    const auto set = make_set("s");
    EXPECT_EQ(refused<sso_admin::CreatePermissionSet>({.name = "s", .instance_arn = instance}).message,
              "PermissionSet with name s already exists.");
    const auto denied =
        house.call<sso_admin::DescribePermissionSet>(outsider, {.instance_arn = instance, .permission_set_arn = set});
    EXPECT_EQ(denied.error().code, "AccessDeniedException");
    EXPECT_EQ(refused<sso_admin::DescribePermissionSet>(
                  {.instance_arn = "arn:aws:sso:::instance/ssoins-0000000000000000", .permission_set_arn = set})
                  .code,
              "AccessDeniedException");
    const auto missing = refused<sso_admin::DescribePermissionSet>(
        {.instance_arn = instance, .permission_set_arn = set.substr(0, set.size() - 16) + "0000000000000000"});
    EXPECT_EQ(missing.code, "ResourceNotFoundException");
    EXPECT_EQ(missing.message, "Could not find PermissionSet with id ps-0000000000000000");
    EXPECT_EQ(must<sso_admin::GetInlinePolicyForPermissionSet>({.instance_arn = instance, .permission_set_arn = set})
                  .inline_policy,
              "");
    EXPECT_EQ(refused<sso_admin::PutInlinePolicyToPermissionSet>(
                  {.instance_arn = instance, .permission_set_arn = set, .inline_policy = "{}"})
                  .code,
              "ValidationException");
}

TEST(SessionDuration, FromOneToTwelveHours) {
    EXPECT_EQ(parse_session_duration("PT1H").value(), 3600);
    EXPECT_EQ(parse_session_duration("PT12H").value(), 43200);
    EXPECT_EQ(parse_session_duration("PT90M").value(), 5400);
    for (const char* text : {"PT59M", "PT12H1S", "P1D", "PT", "P", "", "PT1", "1H", "PT-1H", "PT1D", "P1M"}) {
        EXPECT_EQ(parse_session_duration(text).error().code, "ValidationException") << text;
    }
    EXPECT_EQ(print_session_duration(5400), "PT1H30M");
}

}  // namespace
}  // namespace sekisho::identity_center_service
