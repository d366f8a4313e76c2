#include "wire/arn.h"

#include <gtest/gtest.h>

namespace sekisho::wire {
namespace {

const AccountId account("111122223333");

TEST(Arn, PrintsWhatItParsed) {
    for (const std::string_view text :
         {"arn:aws:iam::111122223333:role/a/b/name", "arn:aws:iam::111122223333:root",
          "arn:aws:sts::111122223333:assumed-role/name/session", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
          "arn:aws:eks:us-east-1:111122223333:cluster/c", "arn:aws:sso:::instance/ssoins-1234567890abcdef",
          "arn:aws-cn:s3:::bucket/a:b c", "arn:aws:logs:eu-west-1:111122223333:log-group:/x:*"}) {
        const auto arn = Arn::parse(text);
        ASSERT_TRUE(arn.has_value()) << text;
        EXPECT_EQ(arn->print(), text);
    }
}

TEST(Arn, Parts) {
    const auto arn = Arn::parse("arn:aws-us-gov:eks:us-gov-west-1:111122223333:nodegroup/c/n/id").value();
    EXPECT_EQ(arn, (Arn{"aws-us-gov", "eks", "us-gov-west-1", "111122223333", "nodegroup/c/n/id"}));
    EXPECT_EQ(arn.resource_type(), "nodegroup");
    EXPECT_EQ(arn.resource_id(), "c/n/id");
    const auto root = Arn::parse("arn:aws:iam::111122223333:root").value();
    EXPECT_EQ(root.resource_type(), "root");
    EXPECT_EQ(root.resource_id(), "");
}

TEST(Arn, Refuses) {
    for (const std::string& text :
         {std::string(), std::string("arn"), std::string("arn:aws:iam::111122223333"), std::string("arn:aws:iam:::"),
          std::string("arn::iam::111122223333:role/x"), std::string("arn:aws:::111122223333:x"),
          std::string("ARN:aws:iam::111122223333:role/x"), std::string(" arn:aws:iam::111122223333:role/x"),
          std::string("arn:aws:iam::11112222333:role/x"), std::string("arn:aws:iam::11112222333a:role/x"),
          std::string("arn:aws:iam::111122223333:role/x\n"), std::string("arn:a ws:iam::111122223333:role/x"),
          "arn:aws:s3:::" + std::string(arn_bytes_max, 'x')}) {
        EXPECT_FALSE(Arn::parse(text).has_value()) << text;
    }
}

TEST(Arn, NamesAndPaths) {
    EXPECT_EQ(role_name("arn:aws:iam::111122223333:role/name"), (EntityName{"/", "name"}));
    EXPECT_EQ(role_name("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x"),
              (EntityName{"/aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_x"}));
    for (const std::string_view text :
         {"arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:role", "arn:aws:iam::111122223333:roles/x",
          "arn:aws:iam::111122223333:user/x", "arn:aws:sts::111122223333:role/x", "arn:aws:iam::aws:role/x",
          "arn:aws:iam:us-east-1:111122223333:role/x", "x"}) {
        EXPECT_FALSE(role_name(text).has_value()) << text;
    }
}

TEST(Arn, AssumedRoles) {
    const auto session = assumed_role("arn:aws:sts::111122223333:assumed-role/name/me@example.com");
    ASSERT_TRUE(session.has_value());
    EXPECT_EQ(session->account, account);
    EXPECT_EQ(session->role, "name");
    EXPECT_EQ(session->session, "me@example.com");
    for (const std::string_view text :
         {"arn:aws:sts::111122223333:assumed-role/name", "arn:aws:sts::111122223333:assumed-role/name/",
          "arn:aws:sts::111122223333:assumed-role//s", "arn:aws:sts::111122223333:assumed-role/a/b/c",
          "arn:aws:iam::111122223333:assumed-role/a/b"}) {
        EXPECT_FALSE(assumed_role(text).has_value()) << text;
    }
}

TEST(Arn, Makes) {
    EXPECT_EQ(make_role_arn(account, "/", "r"), "arn:aws:iam::111122223333:role/r");
    EXPECT_EQ(make_user_arn(account, "/a/b/", "u"), "arn:aws:iam::111122223333:user/a/b/u");
    EXPECT_EQ(make_group_arn(account, "/", "g"), "arn:aws:iam::111122223333:group/g");
    EXPECT_EQ(make_policy_arn(account, "", "p"), "arn:aws:iam::111122223333:policy/p");
    EXPECT_EQ(make_managed_policy_arn("/job-function/", "ViewOnlyAccess"),
              "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess");
    EXPECT_EQ(make_instance_profile_arn(account, "/", "i"), "arn:aws:iam::111122223333:instance-profile/i");
    EXPECT_EQ(make_assumed_role_arn(account, "r", "s"), "arn:aws:sts::111122223333:assumed-role/r/s");
    EXPECT_EQ(make_federated_user_arn(account, "f"), "arn:aws:sts::111122223333:federated-user/f");
    EXPECT_EQ(make_root_arn(account), "arn:aws:iam::111122223333:root");
    EXPECT_EQ(make_saml_provider_arn(account, "x"), "arn:aws:iam::111122223333:saml-provider/x");
    EXPECT_EQ(make_oidc_provider_arn(account, "h/id/1"), "arn:aws:iam::111122223333:oidc-provider/h/id/1");
    EXPECT_EQ(make_arn("eks", "us-east-1", account, "cluster/c"), "arn:aws:eks:us-east-1:111122223333:cluster/c");
    EXPECT_EQ(role_name(make_role_arn(account, "/a/", "r")), (EntityName{"/a/", "r"}));
}

}  // namespace
}  // namespace sekisho::wire
