#include "kube/identity_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/yaml.h"

namespace sekisho::kube {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

AwsIdentity role_session(const std::string& role, const std::string& session, const std::string& path = "/") {
    auto identity = identify({.account_id = "111122223333",
                              .arn = "arn:aws:sts::111122223333:assumed-role/" + role + "/" + session,
                              .user_id = "AROAEXAMPLE:" + session,
                              .access_key_id = "ASIAEXAMPLE",
                              .role_arn = "arn:aws:iam::111122223333:role" + path + role});
    EXPECT_TRUE(identity);
    return *identity;
}

AwsIdentity user(const std::string& name) {
    auto identity = identify({.account_id = "111122223333",
                              .arn = "arn:aws:iam::111122223333:user/" + name,
                              .user_id = "AIDAEXAMPLE",
                              .access_key_id = "AKIAEXAMPLE"});
    EXPECT_TRUE(identity);
    return *identity;
}

std::string mapped(const AwsIdentity& identity, const IdentityMapping& mapping,
                   const std::optional<CreatorMapping>& creator = {}) {
    const auto found = map_identity(identity, mapping, creator, [](std::string_view instance) -> Result<std::string> {
        return "ip-10-0-0-1.us-east-1.compute.internal/" + std::string(instance);
    });
    if (!found) return "refused: " + found.error().message;
    std::string text = found->username;
    for (const std::string& group : found->groups) text += " " + group;
    return text;
}

IdentityMapping parsed(const std::string& roles, const std::string& users = "", const std::string& accounts = "") {
    auto result = parse_aws_auth({{"mapRoles", roles}, {"mapUsers", users}, {"mapAccounts", accounts}});
    EXPECT_THAT(result.problems, IsEmpty());
    return result.mapping;
}

TEST(CanonicalArn, FollowsUpstream) {
    EXPECT_EQ(*canonical_arn("arn:aws:sts::1:assumed-role/Admin/s"), "arn:aws:iam::1:role/Admin");
    EXPECT_EQ(*canonical_arn("arn:aws:sts::1:assumed-role/a/b/s"), "arn:aws:iam::1:role/a/b");
    EXPECT_EQ(*canonical_arn("arn:aws-cn:iam::1:role/p/Admin"), "arn:aws-cn:iam::1:role/p/Admin");
    EXPECT_EQ(*canonical_arn("arn:aws:sts::1:federated-user/Bob"), "arn:aws:sts::1:federated-user/Bob");
    EXPECT_EQ(*canonical_arn("arn:aws:iam::1:root"), "arn:aws:iam::1:root");
    EXPECT_FALSE(canonical_arn("arn:aws:sts::1:assumed-role/Admin"));
    EXPECT_FALSE(canonical_arn("arn:aws:iam::1:group/g"));
    EXPECT_FALSE(canonical_arn("arn:aws:s3:::bucket"));
    EXPECT_FALSE(canonical_arn("arn:mars:iam::1:user/x"));
    EXPECT_FALSE(canonical_arn("nonsense"));
    EXPECT_FALSE(canonical_arn("arn:aws:iam::1:"));
    EXPECT_EQ(strip_role_path("arn:aws:iam::1:role/a/b/Name"), "arn:aws:iam::1:role/Name");
    EXPECT_EQ(strip_role_path("arn:aws:iam::1:user/a/b"), "arn:aws:iam::1:user/a/b");
}

TEST(Identify, SplitsTheUserId) {
    EXPECT_EQ(role_session("R", "s@x").session_name, "s@x");
    EXPECT_EQ(role_session("R", "s").principal_id, "AROAEXAMPLE");
    EXPECT_EQ(user("u").session_name, "");
    EXPECT_EQ(identify({.arn = "arn:aws:sts::1:assumed-role/R/s", .user_id = "AROA"}).error().message,
              "malformed UserID \"AROA\"");
}

TEST(Mapping, TheArticlesConfigMap) {
    const auto mapping = parsed(
        "- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::111122223333:role/node\n"
        "  username: system:node:{{EC2PrivateDNSName}}\n"
        "- groups:\n  - system:masters\n  rolearn: "
        "arn:aws:iam::111122223333:role/AWSReservedSSO_EKSClusterAdminAccess_0123456789abcdef\n"
        "  username: cluster-admin\n");
    EXPECT_EQ(mapped(role_session("AWSReservedSSO_EKSClusterAdminAccess_0123456789abcdef", "eksadmin",
                                  "/aws-reserved/sso.amazonaws.com/"),
                     mapping),
              "cluster-admin system:masters");
    EXPECT_EQ(
        mapped(role_session("node", "i-0123456789abcdef0"), mapping),
        "system:node:ip-10-0-0-1.us-east-1.compute.internal/i-0123456789abcdef0 system:bootstrappers system:nodes");
    EXPECT_THAT(mapped(role_session("node", "someone"), mapping), HasSubstr("refused"));
    EXPECT_EQ(mapped(role_session("Other", "x"), mapping),
              "refused: ARN is not mapped: arn:aws:iam::111122223333:role/Other");
}

TEST(Mapping, RolesBeforeUsersBeforeAccounts) {
    const std::string both = "arn:aws:iam::111122223333:role/Both";
    auto mapping = parsed("- {rolearn: \"" + both + "\", username: as-role}",
                          "- {userarn: \"" + both + "\", username: as-user}", "- \"111122223333\"");
    EXPECT_EQ(mapped(role_session("Both", "s"), mapping), "as-role");
    mapping.roles.clear();
    EXPECT_EQ(mapped(role_session("Both", "s"), mapping), "as-user");
    mapping.users.clear();
    EXPECT_EQ(mapped(role_session("Both", "s"), mapping), both);
    EXPECT_EQ(mapped(user("ann"), mapping), "arn:aws:iam::111122223333:user/ann");
    mapping.accounts.clear();
    EXPECT_THAT(mapped(user("ann"), mapping), HasSubstr("refused"));
}

TEST(Mapping, TheLastDuplicateWinsWhole) {
    const auto mapping = parsed(
        "- {rolearn: \"arn:aws:iam::111122223333:role/R\", username: first, groups: [a]}\n"
        "- {rolearn: \"arn:aws:iam::111122223333:role/r\", username: last, groups: [b]}",
        "- {userarn: \"arn:aws:iam::111122223333:user/U\", username: first}\n"
        "- {userarn: \"arn:aws:iam::111122223333:user/u\", username: last}");
    EXPECT_EQ(mapped(role_session("R", "s"), mapping), "last b");
    EXPECT_EQ(mapped(user("U"), mapping), "last");
}

TEST(Mapping, ArnsIgnoreCaseAndRolesMayNameTheirPath) {
    const auto mapping = parsed(
        "- {rolearn: \"ARN:AWS:IAM::111122223333:ROLE/PATH/R\", username: u}\n"
        "- {rolearn: \"arn:aws:sts::111122223333:assumed-role/S/any\", username: s}");
    EXPECT_EQ(mapped(role_session("r", "s", "/path/"), mapping), "u");
    EXPECT_THAT(mapped(role_session("r", "s", "/other/"), mapping), HasSubstr("refused"));
    EXPECT_EQ(mapped(role_session("S", "s"), mapping), "s");
}

TEST(Mapping, SsoMatcherWantsSixteenHexAndLosesToAnExactArn) {
    const auto mapping = parsed(
        "- {rolearn: \"arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_00000000000000ff\", username: exact}\n"
        "- sso: {permissionSetName: Admin, accountID: \"111122223333\"}\n  username: pattern\n"
        "- sso: {permissionSetName: View, accountID: \"111122223333\", partition: aws}\n  username: with-partition\n");
    EXPECT_EQ(mapped(role_session("AWSReservedSSO_Admin_00000000000000aa", "x"), mapping), "pattern");
    EXPECT_EQ(mapped(role_session("AWSReservedSSO_Admin_00000000000000ff", "x"), mapping), "exact");
    EXPECT_EQ(mapped(role_session("AWSReservedSSO_View_00000000000000aa", "x"), mapping), "with-partition");
    EXPECT_THAT(mapped(role_session("AWSReservedSSO_Admin_More_00000000000000aa", "x"), mapping), HasSubstr("refused"));
    EXPECT_THAT(mapped(role_session("AWSReservedSSO_Admin_00000000000000a", "x"), mapping), HasSubstr("refused"));
    EXPECT_THAT(mapped(role_session("AWSReservedSSO_Admin_", "x"), mapping), HasSubstr("refused"));
}

TEST(Mapping, TheCreatorIsAdministratorWhateverTheConfigMapSays) {
    const auto mapping = parsed("- {rolearn: \"arn:aws:iam::111122223333:role/Creator\", username: nobody}");
    const CreatorMapping creator{.arn = "arn:aws:iam::111122223333:role/Creator"};
    EXPECT_EQ(mapped(role_session("Creator", "s"), mapping, creator), "kubernetes-admin system:masters");
    EXPECT_EQ(mapped(role_session("Creator2", "s"), mapping, creator).substr(0, 7), "refused");
}

TEST(Mapping, AnEmptyUsernameIsRefused) {
    const auto mapping = parsed(
        "- {rolearn: \"arn:aws:iam::111122223333:role/R\", groups: [system:masters]}\n"
        "- {rolearn: \"arn:aws:iam::111122223333:role/Q\", username: \"{{SessionName}}\"}");
    EXPECT_THAT(mapped(role_session("R", "s"), mapping), HasSubstr("refused"));
    EXPECT_EQ(mapped(role_session("Q", "s"), mapping), "s");
}

TEST(Template, OnePassWithoutRecursion) {
    const auto identity = role_session("R", "a@b{{AccessKeyID}}");
    const auto render = [&](std::string_view text) { return *render_template(text, identity, nullptr); };
    EXPECT_EQ(render("{{SessionName}}"), "a-b{{AccessKeyID}}");
    EXPECT_EQ(render("{{SessionNameRaw}}:{{AccountID}}:{{AccessKeyID}}"),
              "a@b{{AccessKeyID}}:111122223333:ASIAEXAMPLE");
    EXPECT_EQ(render("x{{Unknown}}y{{"), "x{{Unknown}}y{{");
    EXPECT_EQ(render("{{{AccountID}}}"), "{111122223333}");
    EXPECT_FALSE(render_template("{{EC2PrivateDNSName}}", identity, nullptr));
}

TEST(Parse, BadEntriesAreSkippedAndReported) {
    const auto result =
        parse_aws_auth({{"mapRoles",
                         "- {rolearn: \"``\", username: blank}\n"
                         "- just text\n"
                         "- {rolearn: \"arn:aws:iam::1:role/A\", sso: {}, username: both}\n"
                         "- {sso: {permissionSetName: \"a b\", accountID: \"111122223333\"}}\n"
                         "- {sso: {permissionSetName: A, accountID: 111122223333}}\n"
                         "- {RoleARN: \"arn:aws:iam::1:role/B\", UserName: 12, Groups: [a, 1]}\n"},
                        {"mapUsers", "- {username: x}\n- {userarn: \"arn:aws:iam::1:user/u\", username: u}"},
                        {"mapAccounts", "- 111122223333\n- \"444455556666\""}});
    ASSERT_EQ(result.mapping.roles.size(), 1u);
    EXPECT_EQ(result.mapping.roles[0].role_arn, "arn:aws:iam::1:role/B");
    EXPECT_EQ(result.mapping.roles[0].username, "");
    EXPECT_THAT(result.mapping.roles[0].groups, ElementsAre("a"));
    EXPECT_EQ(result.mapping.users.size(), 1u);
    EXPECT_THAT(result.mapping.accounts, IsEmpty());
    EXPECT_THAT(result.problems, Contains(HasSubstr("mapRoles[0]: exactly one of")));
    EXPECT_THAT(result.problems, Contains(HasSubstr("mapRoles[1]: not a map")));
    EXPECT_THAT(result.problems, Contains(HasSubstr("mapUsers[0]: userarn is needed")));
    EXPECT_THAT(result.problems, Contains(HasSubstr("must be quoted")));
    EXPECT_THAT(result.unreadable, ElementsAre("mapAccounts"));
}

TEST(Parse, AYamlErrorDropsThatKeyOnly) {
    const auto result = parse_aws_auth({{"mapRoles", "- {rolearn: [\n"},
                                        {"mapUsers", "- {userarn: \"arn:aws:iam::1:user/u\"}"},
                                        {"maproles", "- {rolearn: \"arn:aws:iam::1:role/wrong-key\"}"}});
    EXPECT_THAT(result.mapping.roles, IsEmpty());
    EXPECT_EQ(result.mapping.users.size(), 1u);
    EXPECT_THAT(result.problems, ElementsAre(HasSubstr("mapRoles: yaml: line")));
    EXPECT_THAT(result.unreadable, ElementsAre("mapRoles"));
}

TEST(Parse, BombsAreRefused) {
    std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
    for (char c = 'b'; c <= 'i'; ++c) {
        const std::string prior(1, static_cast<char>(c - 1));
        bomb += std::string(1, c) + ": &" + c + " [";
        for (int i = 0; i < 10; ++i) bomb += "*" + prior + (i < 9 ? "," : "]\n");
    }
    EXPECT_EQ(read_yaml(bomb).error().message, "yaml: too much content");
    EXPECT_FALSE(read_yaml(std::string(5000, '[')));
    EXPECT_FALSE(read_yaml("a: &a [*a]"));
    EXPECT_FALSE(read_yaml(std::string(2 * 1024 * 1024, 'x')));
    EXPECT_FALSE(read_yaml("? [a, b]\n: c"));
    EXPECT_EQ(read_yaml("")->is_null(), true);
    EXPECT_TRUE(read_yaml("- &g [a]\n- *g"));
}

TEST(Yaml, PlainScalarsHaveTypes) {
    const auto list = read_yaml("[1, 0x10, 012, 1.5, yes, no, ~, '1', \"yes\", !!str 5, 1a, -a, 111122223333]");
    ASSERT_TRUE(list) << list.error().message;
    const auto& items = list->get_array();
    EXPECT_EQ(items[0], json::value(1));
    EXPECT_EQ(items[1], json::value(16));
    EXPECT_EQ(items[2], json::value(10));
    EXPECT_EQ(items[3], json::value(1.5));
    EXPECT_EQ(items[4], json::value(true));
    EXPECT_EQ(items[5], json::value(false));
    EXPECT_TRUE(items[6].is_null());
    for (std::size_t i = 7; i <= 11; ++i) EXPECT_TRUE(items[i].is_string()) << i;
    EXPECT_EQ(items[12], json::value(111122223333));
}

}  // namespace
}  // namespace sekisho::kube
