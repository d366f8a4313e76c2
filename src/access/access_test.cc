#include <gtest/gtest.h>

#include <filesystem>

#include "access/authenticate.h"
#include "access/liveness.h"
#include "access/session_token.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/seal.h"
#include "domain/directory.h"
#include "domain/iam.h"
#include "domain/iam_password.h"
#include "domain/login.h"
#include "domain/organization.h"
#include "domain/permission_sets.h"
#include "domain/sessions.h"
#include "wire/sigv4.h"

namespace sekisho::access {
namespace {

const AccountId account("111222333444");
const IdentityStoreId identity_store("d-0123456789");
const PersonId person_id("0123456789-11111111-2222-4333-8444-555555555555");
const OrganizationId organization("o-exampleorgid");
const PermissionSetArn permission_set("arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef");
const DirectoryGroupId group("0123456789-aaaaaaaa-2222-4333-8444-555555555555");
const Time now = time_from_epoch_seconds(1'795'479'851);

class Access : public ::testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "sekisho-access-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        const auto ring = std::make_shared<crypto::KeyRing>();
        ASSERT_TRUE(ring->add(1, Secret(std::string(32, 'k'))));
        auto opened = store::Store::open(
            {.folder = folder_ / "store", .map_bytes = 1ULL << 30, .key_ring = ring, .durable = false});
        ASSERT_TRUE(opened.has_value());
        store_ = std::move(*opened);
        change([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::accounts.put(
                tx, {.id = account, .name = "a", .email = "a@example.com", .organization_id = organization}));
            SEK_TRY(domain::identity_centers.put(
                tx, {.instance_arn = InstanceArn("arn:aws:sso:::instance/ssoins-0123456789abcdef"),
                     .identity_store_id = identity_store,
                     .owner_account_id = account,
                     .organization_id = organization}));
            SEK_TRY(domain::people.put(tx, {.id = person_id,
                                            .identity_store_id = identity_store,
                                            .user_name = "eksadmin",
                                            .display_name = "Admin"}));
            SEK_TRY(domain::sign_in_sessions.put(tx, {.id = SignInSessionId("session"),
                                                      .person_id = person_id,
                                                      .identity_store_id = identity_store,
                                                      .person_epoch = 1,
                                                      .expires_at = now + hours(8)}));
            SEK_TRY(domain::roles.put(tx, {.account_id = account,
                                           .name = "AWSReservedSSO_Admin_0123456789abcdef",
                                           .path = "/aws-reserved/sso.amazonaws.com/",
                                           .id = PrincipalId("AROAQAAAAAAAGMKEM7X5A"),
                                           .trust_policy = "{}"}));
            SEK_TRY(grant(tx, domain::AssigneeKind::user, person_id.str()));
            return {};
        });
    }
    void TearDown() override {
        store_->close();
        store_.reset();
        std::error_code error;
        std::filesystem::remove_all(folder_, error);
    }
    void change(std::function<Result<void>(store::Transaction&)> fill) {
        ASSERT_TRUE(store_->commit_and_wait(std::move(fill)).has_value());
    }
    static Result<void> grant(store::Transaction& tx, domain::AssigneeKind kind, std::string assignee) {
        return domain::assignments.put(tx,
                                       {.instance_arn = InstanceArn("arn:aws:sso:::instance/ssoins-0123456789abcdef"),
                                        .account_id = account,
                                        .permission_set_arn = permission_set,
                                        .assignee_kind = kind,
                                        .assignee_id = std::move(assignee)});
    }
    SessionClaims claims() {
        SessionClaims made;
        made.account_id = account;
        made.principal_id = PrincipalId("AROAQAAAAAAAGMKEM7X5A");
        made.principal_name = "AWSReservedSSO_Admin_0123456789abcdef";
        made.session_name = "eksadmin";
        made.issued_at = now;
        made.expires_at = now + hours(1);
        made.root.person_id = person_id;
        made.root.identity_store_id = identity_store;
        made.root.person_epoch = 1;
        made.root.sign_in_session_id = SignInSessionId("session");
        made.root.grant_account_id = account;
        made.root.permission_set_arn = permission_set;
        made.root.assignee_kind = "USER";
        made.root.assignee_id = person_id.str();
        return made;
    }
    TemporaryCredentials issue(SessionClaims from) {
        TemporaryCredentials credentials;
        change([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(credentials, tokens_.issue(tx, from, system_random()));
            return {};
        });
        return credentials;
    }
    // The presigned GetCallerIdentity that an EKS token is.
    std::string presign(const TemporaryCredentials& credentials, std::string_view cluster, Time at) {
        const std::array headers{wire::HeaderView{"host", "sts.ap-northeast-1.amazonaws.com"},
                                 wire::HeaderView{"x-k8s-aws-id", cluster}};
        return wire::presign_query({.method = "GET",
                                    .path = "/",
                                    .query = "Action=GetCallerIdentity&Version=2011-06-15",
                                    .headers = headers,
                                    .body = {}},
                                   {.access_key_id = credentials.access_key_id.str(),
                                    .secret_key = credentials.secret_access_key,
                                    .session_token = credentials.session_token},
                                   "ap-northeast-1", "sts", at, 60);
    }
    Authenticated<Caller> verify(const std::string& query, std::string_view cluster, Time at) {
        const std::array headers{wire::HeaderView{"host", "sts.ap-northeast-1.amazonaws.com"},
                                 wire::HeaderView{"x-k8s-aws-id", cluster}};
        return authenticate_signature(store_->snapshot(), tokens_,
                                      {.method = "GET", .path = "/", .query = query, .headers = headers, .body = {}},
                                      {.now = at,
                                       .ignore_expires = true,
                                       .future_seconds_max = limits::eks_token_future_seconds_max,
                                       .service = "sts"});
    }
    bool lives(const TemporaryCredentials& credentials) {
        return verify(presign(credentials, "c", now), "c", now).has_value();
    }

    std::filesystem::path folder_;
    std::unique_ptr<store::Store> store_;
    SessionTokens tokens_{std::string(32, 't')};
};

TEST_F(Access, ASessionIsItsPerson) {
    const auto caller = verify(presign(issue(claims()), "c", now), "c", now);
    ASSERT_TRUE(caller.has_value()) << caller.error().message;
    EXPECT_EQ(caller->arn, "arn:aws:sts::111222333444:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/eksadmin");
    EXPECT_EQ(caller->principal_arn,
              "arn:aws:iam::111222333444:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef");
    EXPECT_EQ(caller->user_id, "AROAQAAAAAAAGMKEM7X5A:eksadmin");
    EXPECT_EQ(caller->root.person_id, person_id);
}

TEST_F(Access, ATokenIsForOneCluster) {
    const auto query = presign(issue(claims()), "mine", now);
    EXPECT_TRUE(verify(query, "mine", now).has_value());
    EXPECT_EQ(verify(query, "other", now).error().failure, wire::SignatureFailure::wrong_signature);
    EXPECT_TRUE(verify(query, "mine", now + minutes(14)).has_value());
    EXPECT_FALSE(verify(query, "mine", now + minutes(16)).has_value());
    EXPECT_FALSE(verify(query, "mine", now - minutes(6)).has_value());
}

// AWS's maximum: 50 tags of 128 and 256 characters, session policies, names of 64.
TEST_F(Access, TheLargestSessionMakesATokenUnder4096Bytes) {
    auto large = claims();
    large.session_name = std::string(64, 's');
    large.source_identity = std::string(64, 'i');
    large.root.person_name = std::string(128, 'p');
    for (int i = 0; i < 50; ++i) {
        large.session_tags[std::string(126, 'k') + std::to_string(10 + i)] = std::string(256, 'v');
        large.transitive_tag_keys.push_back(std::string(126, 'k') + std::to_string(10 + i));
    }
    large.session_policies = {std::string(2048, ' ') + "{}"};
    for (int i = 0; i < 10; ++i)
        large.session_policy_arns.push_back("arn:aws:iam::aws:policy/" + std::string(128, 'x'));
    const auto credentials = issue(large);
    const auto query = presign(credentials, std::string(100, 'c'), now);
    const auto token = "k8s-aws-v1." + encode_base64url("https://sts.ap-northeast-1.amazonaws.com/?" + query);
    EXPECT_LT(token.size(), limits::eks_token_bytes_max);
    const auto caller = verify(query, std::string(100, 'c'), now);
    ASSERT_TRUE(caller.has_value()) << caller.error().message;
    EXPECT_EQ(caller->session_tags.size(), 50u);
    EXPECT_EQ(caller->session_policy_arns.size(), 10u);
}

TEST_F(Access, TokensOpenForTheirKeyAndHouseOnly) {
    const auto credentials = issue(claims());
    const auto snapshot = store_->snapshot();
    EXPECT_TRUE(tokens_.open(snapshot, credentials.session_token, credentials.access_key_id).has_value());
    EXPECT_FALSE(tokens_.open(snapshot, credentials.session_token, "ASIAQAAAAAAAGMKEM7X5").has_value());
    EXPECT_FALSE(
        SessionTokens(std::string(32, 'u')).open(snapshot, credentials.session_token, credentials.access_key_id));
    auto changed = credentials.session_token;
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens_.open(snapshot, changed, credentials.access_key_id).has_value());
}

TEST_F(Access, ADisabledPersonIsOutAndStaysOut) {
    const auto credentials = issue(claims());
    ASSERT_TRUE(lives(credentials));
    const auto set_enabled = [&](bool enabled, std::int64_t epoch) {
        change([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(auto person, domain::people.get(tx, identity_store, person_id));
            person->enabled = enabled;
            person->epoch = epoch;
            return domain::people.put(tx, *person);
        });
    };
    set_enabled(false, 2);
    EXPECT_FALSE(lives(credentials));
    set_enabled(true, 2);
    EXPECT_FALSE(lives(credentials)) << "a session from before the switch";
}

TEST_F(Access, AnEndedSignInEndsItsRoleSessions) {
    const auto credentials = issue(claims());
    change([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::sign_in_sessions.erase(tx, "session"));
        return {};
    });
    EXPECT_FALSE(lives(credentials));
}

TEST_F(Access, AnAccountThatLeavesTheOrganizationIsClosedToItsPeople) {
    const auto credentials = issue(claims());
    const auto move_to = [&](std::optional<OrganizationId> id) {
        change([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(auto left, domain::accounts.get(tx, account));
            left->organization_id = id;
            return domain::accounts.put(tx, *left);
        });
    };
    EXPECT_TRUE(lives(credentials));
    move_to(std::nullopt);
    EXPECT_FALSE(lives(credentials));
    move_to(OrganizationId("o-anotherorgid"));
    EXPECT_FALSE(lives(credentials));
}

TEST_F(Access, AnotherGrantKeepsTheAccess) {
    const auto credentials = issue(claims());
    const auto remove_own = [&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::assignments.erase(tx, account, permission_set, domain::AssigneeKind::user, person_id.str()));
        return {};
    };
    change([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(grant(tx, domain::AssigneeKind::group, group.str()));
        SEK_TRY(domain::memberships.put(
            tx,
            {.id = MembershipId("m"), .identity_store_id = identity_store, .group_id = group, .person_id = person_id}));
        return remove_own(tx);
    });
    EXPECT_TRUE(lives(credentials)) << "the group still grants it";
    change([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::memberships.erase(tx, identity_store, group, person_id));
        return {};
    });
    EXPECT_FALSE(lives(credentials));
}

TEST_F(Access, ARoleMadeAnewIsAnotherRole) {
    const auto credentials = issue(claims());
    change([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(auto role, domain::roles.get(tx, account, "awsreservedsso_admin_0123456789abcdef"));
        role->id = PrincipalId("AROAQAAAAAAAGMKEM7X5B");
        return domain::roles.put(tx, *role);
    });
    EXPECT_FALSE(lives(credentials));
}

TEST_F(Access, ARestoredStoreKnowsNoSessionFromBefore) {
    const auto credentials = issue(claims());
    ASSERT_TRUE(lives(credentials));
    change([&](store::Transaction& tx) -> Result<void> { return store_epochs.put(tx, {.number = 1}); });
    EXPECT_FALSE(lives(credentials));
    // Nor does a sign-in session from before make a new one.
    EXPECT_FALSE(lives(issue(claims())));
}

TEST_F(Access, ARootUsersSessionIsItsPasswordsAndItsAccounts) {
    domain::LoginProfile profile;
    profile.account_id = account;
    profile.password_hash = Secret("hash");
    const domain::LoginSession session{.id = SignInSessionId(hash_of_secret("cookie")),
                                       .account_id = account,
                                       .user_id = domain::root_principal(account),
                                       .user_name = {},
                                       .password_stamp = domain::password_stamp(profile),
                                       .mfa_at = now,
                                       .created_at = now,
                                       .expires_at = now + hours(12)};
    const auto put = [&](auto& table, const auto& record) {
        change([&](store::Transaction& tx) -> Result<void> { return table.put(tx, record); });
    };
    put(domain::login_profiles, profile);
    put(domain::login_sessions, session);
    const auto caller = [&] { return authenticate_login(store_->snapshot(), "cookie", now); };
    ASSERT_TRUE(caller().has_value());
    EXPECT_EQ(caller()->kind, CallerKind::root);
    EXPECT_EQ(caller()->arn, "arn:aws:iam::111222333444:root");
    EXPECT_EQ(caller()->user_id, "111222333444");
    EXPECT_EQ(caller()->mfa_at, now);
    profile.password_hash = Secret("another");
    put(domain::login_profiles, profile);
    EXPECT_FALSE(caller().has_value());
    profile.password_hash = Secret("hash");
    put(domain::login_profiles, profile);
    ASSERT_TRUE(caller().has_value());
    put(domain::accounts,
        domain::Account{.id = account, .email = "a@example.com", .state = domain::AccountState::suspended});
    EXPECT_FALSE(caller().has_value());
}

TEST_F(Access, SealedValuesAreBoundToTheirPurpose) {
    const auto sealed = tokens_.seal("page", "secret");
    EXPECT_EQ(tokens_.open_sealed("page", sealed), "secret");
    EXPECT_FALSE(tokens_.open_sealed("client", sealed).has_value());
}

}  // namespace
}  // namespace sekisho::access
