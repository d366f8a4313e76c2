#include "domain/reserved_roles.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "store/testing.h"

namespace sekisho::domain {
namespace {

TEST(ReservedRoles, NamesAndPaths) {
    const auto name = make_single_sign_on_role_name("EKSClusterAdminAccess", system_random());
    EXPECT_TRUE(name.starts_with("AWSReservedSSO_EKSClusterAdminAccess_"));
    EXPECT_EQ(name.size(), std::string_view("AWSReservedSSO_EKSClusterAdminAccess_").size() + 16);
    // The longest name of a permission set still gives a name that IAM takes.
    EXPECT_LE(make_single_sign_on_role_name(std::string(32, 'x'), system_random()).size(), 64u);
    EXPECT_EQ(single_sign_on_role_path(Region("us-east-1")), "/aws-reserved/sso.amazonaws.com/");
    EXPECT_EQ(single_sign_on_role_path(Region("eu-west-1")), "/aws-reserved/sso.amazonaws.com/eu-west-1/");
    const AccountId a("111222333444"), b("555666777888");
    EXPECT_EQ(single_sign_on_provider_name("i", a), single_sign_on_provider_name("i", a));
    EXPECT_NE(single_sign_on_provider_name("i", a), single_sign_on_provider_name("i", b));
    EXPECT_NE(single_sign_on_provider_name("i", a), single_sign_on_provider_name("j", a));
}

}  // namespace
}  // namespace sekisho::domain
