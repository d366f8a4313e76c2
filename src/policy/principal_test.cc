#include "policy/principal.h"

#include <gtest/gtest.h>

namespace sekisho::policy {
namespace {

constexpr Principal root{.kind = PrincipalKind::root,
                         .arn = "arn:aws:iam::111111111111:root",
                         .account = "111111111111",
                         .issuer = {},
                         .unique_id = {}};
constexpr Principal user{.kind = PrincipalKind::user,
                         .arn = "arn:aws:iam::111111111111:user/ann",
                         .account = "111111111111",
                         .issuer = {},
                         .unique_id = "AIDAAAAAAAAAAAAAAAAAA"};
constexpr Principal session{.kind = PrincipalKind::role,
                            .arn = "arn:aws:sts::111111111111:assumed-role/reader/s1",
                            .account = "111111111111",
                            .issuer = "arn:aws:iam::111111111111:role/path/reader",
                            .unique_id = "AROAAAAAAAAAAAAAAAAAA"};
constexpr Principal federated_user{.kind = PrincipalKind::federated_user,
                                   .arn = "arn:aws:sts::111111111111:federated-user/f",
                                   .account = "111111111111",
                                   .issuer = "arn:aws:iam::111111111111:user/ann",
                                   .unique_id = {}};
constexpr Principal service{
    .kind = PrincipalKind::service, .arn = "ec2.amazonaws.com", .account = {}, .issuer = {}, .unique_id = {}};
constexpr Principal provider{.kind = PrincipalKind::federated,
                             .arn = "arn:aws:iam::111111111111:saml-provider/idp",
                             .account = {},
                             .issuer = {},
                             .unique_id = {}};
constexpr Principal anonymous{};

Named names_aws(std::string entry, const Principal& principal) {
    Principals principals;
    principals.aws.push_back(std::move(entry));
    return names(principals, principal);
}

TEST(Principal, EveryoneIsNamedDirectly) {
    Principals everyone;
    everyone.everyone = true;
    for (const auto* principal : {&root, &user, &session, &federated_user, &service, &provider, &anonymous}) {
        EXPECT_EQ(names(everyone, *principal), Named::direct);
        EXPECT_EQ(names_aws("*", *principal), Named::direct);
        EXPECT_EQ(names(Principals(), *principal), Named::no);
    }
}

TEST(Principal, AnAccountNamesItsPrincipals) {
    for (const char* account : {"111111111111", "arn:aws:iam::111111111111:root"}) {
        EXPECT_EQ(names_aws(account, user), Named::account);
        EXPECT_EQ(names_aws(account, session), Named::account);
        EXPECT_EQ(names_aws(account, federated_user), Named::account);
        EXPECT_EQ(names_aws(account, root), Named::direct);
        EXPECT_EQ(names_aws(account, service), Named::no);
        EXPECT_EQ(names_aws(account, provider), Named::no);
        EXPECT_EQ(names_aws(account, anonymous), Named::no);
    }
    EXPECT_EQ(names_aws("222222222222", user), Named::no);
    EXPECT_EQ(names_aws("arn:aws:iam::222222222222:root", user), Named::no);
    EXPECT_EQ(names_aws("arn:aws:iam::111111111111:user/x:root", user), Named::no);
    EXPECT_EQ(names_aws("arn:aws:s3::111111111111:root", user), Named::no);
    EXPECT_EQ(names_aws("11111111111", user), Named::no);
}

TEST(Principal, AUserIsNamedByArnAndId) {
    EXPECT_EQ(names_aws("arn:aws:iam::111111111111:user/ann", user), Named::direct);
    EXPECT_EQ(names_aws("AIDAAAAAAAAAAAAAAAAAA", user), Named::direct);
    EXPECT_EQ(names_aws("arn:aws:iam::111111111111:user/Ann", user), Named::no);
    EXPECT_EQ(names_aws("arn:aws:iam::111111111111:user/*", user), Named::no);
}

TEST(Principal, ASessionIsNamedDirectlyOrThroughItsRole) {
    EXPECT_EQ(names_aws("arn:aws:sts::111111111111:assumed-role/reader/s1", session), Named::direct);
    EXPECT_EQ(names_aws("arn:aws:sts::111111111111:assumed-role/reader/s2", session), Named::no);
    EXPECT_EQ(names_aws("arn:aws:iam::111111111111:role/path/reader", session), Named::issuer);
    EXPECT_EQ(names_aws("AROAAAAAAAAAAAAAAAAAA", session), Named::issuer);
    EXPECT_EQ(names_aws("arn:aws:iam::111111111111:role/reader", session), Named::no);
    Principal by_role = session;
    by_role.arn = session.issuer;
    EXPECT_EQ(names_aws("arn:aws:iam::111111111111:role/path/reader", by_role), Named::issuer);
}

TEST(Principal, AFederatedUserIsNamedDirectlyOrThroughItsUser) {
    EXPECT_EQ(names_aws("arn:aws:sts::111111111111:federated-user/f", federated_user), Named::direct);
    EXPECT_EQ(names_aws("arn:aws:iam::111111111111:user/ann", federated_user), Named::issuer);
}

TEST(Principal, TheNearestNameCounts) {
    Principals principals;
    principals.aws = {"111111111111", "arn:aws:iam::111111111111:role/path/reader"};
    EXPECT_EQ(names(principals, session), Named::issuer);
    principals.aws.emplace_back("arn:aws:sts::111111111111:assumed-role/reader/s1");
    EXPECT_EQ(names(principals, session), Named::direct);
}

TEST(Principal, ServicesAndProvidersHaveListsOfTheirOwn) {
    Principals principals;
    principals.service = {"ec2.amazonaws.com"};
    principals.federated = {"arn:aws:iam::111111111111:saml-provider/idp"};
    EXPECT_EQ(names(principals, service), Named::direct);
    EXPECT_EQ(names(principals, provider), Named::direct);
    EXPECT_EQ(names(principals, user), Named::no);
    EXPECT_EQ(names(principals, anonymous), Named::no);
    EXPECT_EQ(names_aws("ec2.amazonaws.com", service), Named::no);
    EXPECT_EQ(names_aws("arn:aws:iam::111111111111:saml-provider/idp", provider), Named::no);
    principals.service = {"lambda.amazonaws.com"};
    EXPECT_EQ(names(principals, service), Named::no);
}

}  // namespace
}  // namespace sekisho::policy
