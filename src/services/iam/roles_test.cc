#include "access/authorize.h"
#include "base/encoding.h"
#include "base/text.h"
#include "domain/aws_managed_policies.h"
#include "domain/iam.h"
#include "services/iam/service_linked.h"
#include "services/iam/testing.h"

namespace sekisho::iam_service {
namespace {

class Roles : public IamTest {
 protected:
    std::string trust_of(const std::string& role) {
        return decode_uri(*done<iam::GetRole>({.role_name = role}).role.assume_role_policy_document).value();
    }
};

std::string trusting(const std::string& principal) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)" + principal +
           R"(,"Action":"sts:AssumeRole"}]})";
}

TEST_F(Roles, AreMadeAndShown) {
    const auto role = done<iam::CreateRole>({.path = "/team/",
                                             .role_name = "EKSClusterCreator",
                                             .assume_role_policy_document = std::string(trusts_account),
                                             .description = "makes clusters",
                                             .max_session_duration = 7200,
                                             .tags = {{{"k", "v"}}}})
                          .role;
    EXPECT_EQ(role.arn, "arn:aws:iam::111222333444:role/team/EKSClusterCreator");
    EXPECT_TRUE(role.role_id.starts_with("AROA"));
    const auto shown = done<iam::GetRole>({.role_name = "EKSClusterCreator"}).role;
    EXPECT_EQ(trust_of("EKSClusterCreator"), trusts_account);
    EXPECT_EQ(shown.max_session_duration, 7200);
    EXPECT_EQ(shown.description, "makes clusters");
    EXPECT_EQ(shown.tags->at(0).value, "v");
    expect_error(refused<iam::CreateRole>(
                     {.role_name = "eksclustercreator", .assume_role_policy_document = std::string(trusts_account)}),
                 "EntityAlreadyExists", "Role with name eksclustercreator already exists.", 409);
}

TEST_F(Roles, TrustOnlyPrincipalsThatExist) {
    const auto refuses = [&](const std::string& principal, const std::string& shown) {
        expect_error(refused<iam::CreateRole>({.role_name = "r", .assume_role_policy_document = trusting(principal)}),
                     "MalformedPolicyDocument", "Invalid principal in policy: " + shown, 400);
    };
    refuses(R"({"AWS":"arn:aws:iam::111222333444:role/none"})", R"("AWS":"arn:aws:iam::111222333444:role/none")");
    refuses(R"({"AWS":"999999999999"})", R"("AWS":"999999999999")");
    refuses(R"({"AWS":"arn:aws:iam::111222333444:group/g"})", R"("AWS":"arn:aws:iam::111222333444:group/g")");
    refuses(R"({"Service":"nonsense"})", R"("SERVICE":"nonsense")");
    refuses(R"({"Federated":"arn:aws:iam::111222333444:saml-provider/none"})",
            R"("Federated":"arn:aws:iam::111222333444:saml-provider/none")");
    make_user("u", "/p/");
    refuses(R"({"AWS":"arn:aws:iam::111222333444:user/u"})", R"("AWS":"arn:aws:iam::111222333444:user/u")");
    make_role("by-user", trusting(R"({"AWS":"arn:aws:iam::111222333444:user/p/u"})"));
    make_role("by-account", trusting(R"({"AWS":"111222333444"})"));
    make_role("by-service", trusting(R"({"Service":"eks.amazonaws.com"})"));
    make_role("by-role", trusting(R"({"AWS":"arn:aws:iam::111222333444:role/by-user"})"));
}

// A role made again under the same name is another principal (IAM user guide, "Principal").
TEST_F(Roles, TrustIsInTheRoleThatWasThere) {
    const auto first = make_role("caller");
    const auto document = trusting(R"({"AWS":"arn:aws:iam::111222333444:role/caller"})");
    make_role("target", document);
    EXPECT_EQ(trust_of("target"), document);
    const auto stored = [&] {
        return domain::roles.get(house.store().snapshot(), operation::TestHouse::account, "target")
            .value()
            ->trust_policy;
    };
    EXPECT_NE(stored().find(first.role_id), std::string::npos);
    const auto trusted = [&](const access::Caller& caller) {
        const access::Permission permission{.action = "sts:AssumeRole",
                                            .resource = "arn:aws:iam::111222333444:role/target",
                                            .resource_policy = stored(),
                                            .is_trust_policy = true};
        return !access::authorize(house.store().snapshot(), caller, {}, house.clock().now(), {permission});
    };
    EXPECT_TRUE(trusted(house.role_session(operation::TestHouse::account, "caller", "s")));
    done<iam::DeleteRole>({.role_name = "caller"});
    make_role("caller");
    EXPECT_FALSE(trusted(house.role_session(operation::TestHouse::account, "caller", "s")));
    EXPECT_NE(trust_of("target").find(first.role_id), std::string::npos);
    EXPECT_EQ(trust_of("target").find("role/caller"), std::string::npos);
}

TEST_F(Roles, AreChangedAndDeleted) {
    make_role("r");
    done<iam::UpdateRole>({.role_name = "r", .description = "d", .max_session_duration = 43200});
    EXPECT_EQ(done<iam::GetRole>({.role_name = "r"}).role.max_session_duration, 43200);
    done<iam::UpdateAssumeRolePolicy>(
        {.role_name = "r", .policy_document = trusting(R"({"Service":"ec2.amazonaws.com"})")});
    EXPECT_NE(trust_of("r").find("ec2.amazonaws.com"), std::string::npos);
    done<iam::CreateInstanceProfile>({.instance_profile_name = "p"});
    done<iam::AddRoleToInstanceProfile>({.instance_profile_name = "p", .role_name = "r"});
    expect_error(refused<iam::DeleteRole>({.role_name = "r"}), "DeleteConflict",
                 "Cannot delete entity, must remove roles from instance profile first.", 409);
    EXPECT_EQ(done<iam::GetInstanceProfile>({.instance_profile_name = "p"}).instance_profile.roles.at(0).role_name,
              "r");
    EXPECT_EQ(done<iam::ListInstanceProfilesForRole>({.role_name = "r"}).instance_profiles.size(), 1u);
    EXPECT_EQ(refused<iam::AddRoleToInstanceProfile>({.instance_profile_name = "p", .role_name = "r"}).code,
              "LimitExceeded");
    done<iam::RemoveRoleFromInstanceProfile>({.instance_profile_name = "p", .role_name = "r"});
    done<iam::DeleteInstanceProfile>({.instance_profile_name = "p"});
    done<iam::DeleteRole>({.role_name = "r"});
    EXPECT_EQ(refused<iam::GetRole>({.role_name = "r"}).message, "The role with name r cannot be found.");
}

TEST_F(Roles, ProtectedOnesRefuseWrites) {
    const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        return domain::roles.put(tx, {.account_id = operation::TestHouse::account,
                                      .name = "AWSReservedSSO_x",
                                      .path = "/aws-reserved/sso.amazonaws.com/",
                                      .id = PrincipalId("AROAQAAAAAAAAAAAAAAAA"),
                                      .trust_policy = std::string(trusts_account),
                                      .is_protected = true});
    });
    ASSERT_TRUE(committed.has_value());
    const std::string name = "AWSReservedSSO_x";
    const auto text =
        "Cannot perform the operation on the protected role 'AWSReservedSSO_x' - this role is only "
        "modifiable by AWS";
    const auto expect = [&](const ApiError& error) { expect_error(error, "UnmodifiableEntity", text, 400); };
    expect(refused<iam::DeleteRole>({.role_name = name}));
    expect(refused<iam::UpdateRole>({.role_name = name, .description = "x"}));
    expect(refused<iam::UpdateRoleDescription>({.role_name = name, .description = "x"}));
    expect(refused<iam::UpdateAssumeRolePolicy>({.role_name = name, .policy_document = std::string(trusts_account)}));
    expect(refused<iam::AttachRolePolicy>({.role_name = name, .policy_arn = std::string(view_only)}));
    expect(refused<iam::PutRolePolicy>(
        {.role_name = name, .policy_name = "p", .policy_document = std::string(allows_lists)}));
    expect(
        refused<iam::PutRolePermissionsBoundary>({.role_name = name, .permissions_boundary = std::string(view_only)}));
    expect(refused<iam::TagRole>({.role_name = name, .tags = {{"k", "v"}}}));
}

TEST_F(Roles, ServiceLinkedOnesAreMadeAndDeletedWhole) {
    const auto role = *done<iam::CreateServiceLinkedRole>({.aws_service_name = "eks.amazonaws.com"}).role;
    EXPECT_EQ(role.arn, "arn:aws:iam::111222333444:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS");
    EXPECT_EQ(done<iam::ListAttachedRolePolicies>({.role_name = role.role_name}).attached_policies->at(0).policy_name,
              "AmazonEKSServiceRolePolicy");
    expect_error(refused<iam::CreateServiceLinkedRole>({.aws_service_name = "eks.amazonaws.com"}), "InvalidInput",
                 "Service role name AWSServiceRoleForAmazonEKS has been taken in this account, please try a different "
                 "suffix.",
                 400);
    EXPECT_EQ(
        refused<iam::CreateServiceLinkedRole>({.aws_service_name = "eks.amazonaws.com", .custom_suffix = "x"}).message,
        "Custom suffix is not allowed for eks.amazonaws.com");
    EXPECT_EQ(refused<iam::DeleteRole>({.role_name = role.role_name}).code, "UnmodifiableEntity");
    const auto task = done<iam::DeleteServiceLinkedRole>({.role_name = role.role_name}).deletion_task_id;
    EXPECT_TRUE(task.starts_with("task/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS/"));
    EXPECT_EQ(done<iam::GetServiceLinkedRoleDeletionStatus>({.deletion_task_id = task}).status,
              iam::DeletionTaskStatusType::succeeded);
    EXPECT_EQ(refused<iam::GetServiceLinkedRoleDeletionStatus>({.deletion_task_id = task + "x"}).code, "NoSuchEntity");
    EXPECT_EQ(refused<iam::GetRole>({.role_name = role.role_name}).code, "NoSuchEntity");
}

TEST(LinkedServices, HaveTheirPolicies) {
    for (const auto& service : linked_services()) {
        EXPECT_NE(domain::find_aws_managed_policy(service.policy_name), nullptr) << service.policy_name;
    }
}

// Handing on a role needs iam:PassRole for the service that gets it.
TEST_F(Roles, PassingNeedsItsPermission) {
    make_role("r");
    done<iam::CreateInstanceProfile>({.instance_profile_name = "p"});
    const auto with = [&](const std::string& name, const std::string& service) {
        return house.user(name, R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":)"
                                R"("iam:AddRoleToInstanceProfile","Resource":"*"},{"Effect":"Allow",)"
                                R"("Action":"iam:PassRole","Resource":"arn:aws:iam::111222333444:role/r",)"
                                R"("Condition":{"StringEquals":{"iam:PassedToService":")" +
                                    service + R"("}}}]})");
    };
    const iam::AddRoleToInstanceProfileRequest request{.instance_profile_name = "p", .role_name = "r"};
    const auto denied = house.call<iam::AddRoleToInstanceProfile>(with("eks", "eks.amazonaws.com"), request);
    ASSERT_FALSE(denied.has_value());
    EXPECT_NE(denied.error().message.find("iam:PassRole on resource: role r"), std::string::npos)
        << denied.error().message;
    EXPECT_TRUE(house.call<iam::AddRoleToInstanceProfile>(with("ec2", "ec2.amazonaws.com"), request).has_value());
}

TEST_F(Roles, TrustOfASamlProvider) {
    const std::string metadata =
        R"(<?xml version="1.0"?><EntityDescriptor entityID="x" validUntil="2030-01-02T03:04:05Z">)" +
        std::string(1000, ' ') + "</EntityDescriptor>";
    const auto arn =
        *done<iam::CreateSAMLProvider>({.saml_metadata_document = metadata, .name = "idp"}).saml_provider_arn;
    EXPECT_EQ(arn, "arn:aws:iam::111222333444:saml-provider/idp");
    make_role("r", trusting(R"({"Federated":")" + arn + R"("})"));
    const auto shown = done<iam::GetSAMLProvider>({.saml_provider_arn = arn});
    EXPECT_EQ(shown.saml_metadata_document, metadata);
    EXPECT_EQ(shown.valid_until, parse_iso8601("2030-01-02T03:04:05Z"));
    EXPECT_EQ(done<iam::ListSAMLProviders>({}).saml_provider_list->size(), 1u);
    expect_error(refused<iam::CreateSAMLProvider>({.saml_metadata_document = std::string(1200, 'x'), .name = "bad"}),
                 "InvalidInput", "Could not parse metadata", 400);
    done<iam::DeleteSAMLProvider>({.saml_provider_arn = arn});
    EXPECT_EQ(refused<iam::GetSAMLProvider>({.saml_provider_arn = arn}).message, "Manifest not found for arn " + arn);
}

}  // namespace
}  // namespace sekisho::iam_service
