#include <gtest/gtest.h>

#include <algorithm>

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/jose.h"
#include "domain/applications.h"
#include "domain/sessions.h"
#include "models/sso_oidc.h"
#include "operation/testing.h"
#include "services/sso/service.h"

namespace sekisho::sso_service {
namespace {

using sso_oidc::CreateTokenWithIAM;

constexpr std::string_view callback = "https://app.example.com/callback";
const std::string verifier(64, 'v');

// A person with a sign-in session, and an application that one of their groups holds.
class ApplicationTokens : public testing::Test {
 protected:
    ApplicationTokens() : house({register_operations}) {
        center.instance_arn = InstanceArn("arn:aws:sso:::instance/ssoins-1111222233334444");
        center.identity_store_id = IdentityStoreId("d-1234567890");
        center.owner_account_id = operation::TestHouse::account;
        person.id = PersonId("11111111-2222-4333-8444-555555555555");
        person.identity_store_id = center.identity_store_id;
        person.user_name = "eksadmin";
        session = {.id = SignInSessionId(access::hash_of_secret("cookie")),
                   .person_id = person.id,
                   .identity_store_id = center.identity_store_id,
                   .person_epoch = person.epoch,
                   .created_at = house.clock().now(),
                   .expires_at = house.clock().now() + hours(8)};
        application.arn = "arn:aws:sso::" + operation::TestHouse::account.str() +
                          ":application/ssoins-1111222233334444/apl-5555666677778888";
        application.instance_arn = center.instance_arn;
        application.account_id = operation::TestHouse::account;
        application.name = "grafana";
        application.grants = {{.type = "authorization_code", .redirect_uris = {std::string(callback)}, .issuers = {}},
                              {.type = "refresh_token", .redirect_uris = {}, .issuers = {}}};
        client = house.user("grafana", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
                                       R"("Action":"sso-oauth:CreateTokenWithIAM","Resource":"*"}]})");
        write([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::identity_centers.put(tx, center));
            SEK_TRY(domain::people.put(tx, person));
            SEK_TRY(domain::memberships.put(tx, {.id = MembershipId("m-1"),
                                                 .identity_store_id = center.identity_store_id,
                                                 .group_id = DirectoryGroupId("g-1"),
                                                 .person_id = person.id}));
            SEK_TRY(domain::applications.put(tx, application));
            SEK_TRY(domain::application_assignments.put(tx, {.application_arn = application.arn,
                                                             .assignee_kind = domain::AssigneeKind::group,
                                                             .assignee_id = "g-1"}));
            return domain::sign_in_sessions.put(tx, session);
        });
    }

    void write(const std::function<Result<void>(store::Transaction&)>& fill) {
        const auto done = house.store().commit_and_wait(fill);
        ASSERT_TRUE(done) << done.error().message << done.error().cause;
    }
    // As the consent page's operation writes it.
    std::string consented(bool with_challenge = false) {
        const auto code = "code-" + std::to_string(++codes);
        write([&](store::Transaction& tx) -> Result<void> {
            domain::CodeGrant grant{.code_hash = access::hash_of_secret(code),
                                    .client_id = access::hash_of_secret(application.arn),
                                    .redirect_uri = std::string(callback),
                                    .code_challenge = {},
                                    .scopes = domain::client_of(application).scopes,
                                    .session_id = session.id,
                                    .person_id = person.id,
                                    .expires_at = house.clock().now() + minutes(2),
                                    .refreshes = true};
            if (with_challenge) grant.code_challenge = encode_base64url(crypto::sha256(verifier).view());
            return domain::code_grants.put(tx, grant);
        });
        return code;
    }
    sso_oidc::CreateTokenWithIAMRequest by_code(const std::string& code) const {
        sso_oidc::CreateTokenWithIAMRequest request{.client_id = application.arn, .grant_type = "authorization_code"};
        request.code = code;
        request.redirect_uri = std::string(callback);
        return request;
    }
    sso_oidc::CreateTokenWithIAMRequest by_refresh(const std::string& token) const {
        sso_oidc::CreateTokenWithIAMRequest request{.client_id = application.arn, .grant_type = "refresh_token"};
        request.refresh_token = token;
        return request;
    }
    Result<sso_oidc::CreateTokenWithIAMResponse> ask(sso_oidc::CreateTokenWithIAMRequest request) {
        return house.call<CreateTokenWithIAM>(client, std::move(request));
    }
    std::string code_of(const Result<sso_oidc::CreateTokenWithIAMResponse>& answer) {
        return answer ? "" : answer.error().code;
    }

    operation::TestHouse house;
    domain::IdentityCenter center;
    domain::Person person;
    domain::SignInSession session;
    domain::Application application;
    access::Caller client;
    int codes = 0;
};

TEST_F(ApplicationTokens, AnIdTokenNamesThePerson) {
    const auto token = ask(by_code(consented()));
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->token_type, "Bearer");
    EXPECT_TRUE(token->refresh_token.has_value());
    EXPECT_EQ(token->scope, std::vector<std::string>{"openid"});

    const auto snapshot = house.store().snapshot();
    const auto key = domain::id_token_keys.get(snapshot, center.instance_arn).value();
    ASSERT_TRUE(key);
    const std::vector keys{crypto::SigningKey::parse_der(key->private_key)->public_key()};
    const auto verified = crypto::verify_jwt(*token->id_token, keys);
    ASSERT_TRUE(verified);
    const auto claims = parse_json(verified->claims);
    EXPECT_EQ(find_text(*claims, "sub"), person.id.str());
    EXPECT_EQ(find_text(*claims, "aud"), application.arn);
    EXPECT_EQ(find_text(*claims, "iss"), "https://localhost:7443/oidc/d-1234567890");
    // The same key from then on.
    const auto again = ask(by_code(consented()));
    EXPECT_TRUE(crypto::verify_jwt(*again->id_token, keys));
}

// What an application holds does not open the portal's API, which gives role credentials.
TEST_F(ApplicationTokens, OpenNothingBesideTheirScopes) {
    const auto token = ask(by_code(consented()));
    const auto snapshot = house.store().snapshot();
    EXPECT_FALSE(access::authenticate_bearer(snapshot, *token->access_token, house.clock().now()));
    application.scopes = {{.name = "sso:account:access", .targets = {}}};
    const auto wider = ask(by_code(consented()));
    EXPECT_TRUE(access::authenticate_bearer(house.store().snapshot(), *wider->access_token, house.clock().now()));
}

TEST_F(ApplicationTokens, CodesServeOnceAndTheirChallengeHolds) {
    const auto code = consented();
    EXPECT_TRUE(ask(by_code(code)));
    EXPECT_EQ(code_of(ask(by_code(code))), "InvalidGrantException");
    auto proved = by_code(consented(true));
    EXPECT_EQ(code_of(ask(proved)), "InvalidGrantException");
    proved.code_verifier = std::string(64, 'w');
    EXPECT_EQ(code_of(ask(proved)), "InvalidGrantException");
    proved.code_verifier = verifier;
    EXPECT_TRUE(ask(proved));
    auto unasked = by_code(consented());
    unasked.code_verifier = verifier;
    EXPECT_EQ(code_of(ask(unasked)), "InvalidGrantException");
    auto elsewhere = by_code(consented());
    elsewhere.redirect_uri = "https://app.example.com/other";
    EXPECT_EQ(code_of(ask(elsewhere)), "InvalidGrantException");
}

TEST_F(ApplicationTokens, WhatIsTakenAwayEndsAtTheNextRequest) {
    auto token = ask(by_code(consented()));
    token = ask(by_refresh(*token->refresh_token));
    ASSERT_TRUE(token) << token.error().message;
    write([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::application_assignments.erase(tx, application.arn, domain::AssigneeKind::group, "g-1"));
        return {};
    });
    EXPECT_EQ(code_of(ask(by_refresh(*token->refresh_token))), "InvalidGrantException");
    EXPECT_EQ(code_of(ask(by_code(consented()))), "InvalidGrantException");
    write([&](store::Transaction& tx) -> Result<void> {
        auto open = application;
        open.assignment_required = false;
        return domain::applications.put(tx, open);
    });
    EXPECT_TRUE(ask(by_refresh(*token->refresh_token)));
    write([&](store::Transaction& tx) -> Result<void> {
        auto off = application;
        off.enabled = false;
        return domain::applications.put(tx, off);
    });
    EXPECT_EQ(code_of(ask(by_code(consented()))), "InvalidClientException");
}

TEST_F(ApplicationTokens, ADisabledPersonGetsNone) {
    const auto token = ask(by_code(consented()));
    write([&](store::Transaction& tx) -> Result<void> {
        auto leaver = person;
        leaver.enabled = false;
        ++leaver.epoch;
        return domain::people.put(tx, leaver);
    });
    EXPECT_EQ(code_of(ask(by_refresh(*token->refresh_token))), "InvalidGrantException");
    EXPECT_EQ(code_of(ask(by_code(consented()))), "InvalidGrantException");
}

TEST_F(ApplicationTokens, NeedAGrantOfTheirTypeAndThePermission) {
    auto request = by_code(consented());
    request.grant_type = "urn:ietf:params:oauth:grant-type:token-exchange";
    EXPECT_EQ(code_of(ask(request)), "UnauthorizedClientException");
    const auto stranger = house.user("stranger", "", AccountId("999888777666"));
    EXPECT_EQ(code_of(house.call<CreateTokenWithIAM>(stranger, by_code(consented()))), "AccessDeniedException");
    // The actor policy lets an account in that has no identity policy of its own for it.
    const auto nobody = house.user("nobody", "");
    EXPECT_EQ(code_of(house.call<CreateTokenWithIAM>(nobody, by_code(consented()))), "AccessDeniedException");
    write([&](store::Transaction& tx) -> Result<void> {
        auto with_policy = application;
        with_policy.actor_policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")" +
                                   nobody.arn + R"("},"Action":"sso-oauth:CreateTokenWithIAM","Resource":"*"}]})";
        return domain::applications.put(tx, with_policy);
    });
    EXPECT_TRUE(house.call<CreateTokenWithIAM>(nobody, by_code(consented())));
}

}  // namespace
}  // namespace sekisho::sso_service
