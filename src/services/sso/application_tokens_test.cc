#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "access/authenticate.h"
#include "access/id_token.h"
#include "access/issuer_keys.h"
#include "access/liveness.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
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

constexpr std::string_view issuer_url = "https://idp.example.com/tenant";
constexpr std::string_view jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::string_view token_exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view access_token_type = "urn:ietf:params:oauth:token-type:access_token";
constexpr std::string_view refresh_token_type = "urn:ietf:params:oauth:token-type:refresh_token";

// The outside: documents by URL.
std::map<std::string, std::string>& web() {
    static std::map<std::string, std::string> documents;
    return documents;
}

void register_tokens(operation::Registry& registry) {
    const auto fetch = [](std::string url, std::move_only_function<void(Result<std::string>)> done) {
        const auto found = web().find(url);
        if (found == web().end()) return done(errors::service_unavailable("nobody there"));
        done(found->second);
    };
    register_application_tokens(registry, std::make_shared<access::IssuerKeys>(fetch));
}

constexpr std::string_view callback = "https://app.example.com/callback";
const std::string verifier(64, 'v');

// A person with a sign-in session, and an application that one of their groups holds.
class ApplicationTokens : public testing::Test {
 protected:
    ApplicationTokens() : house({register_operations, register_tokens}) {
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
    for (const auto grant : {token_exchange, jwt_bearer}) {
        request.grant_type = grant;
        EXPECT_EQ(code_of(ask(request)), "UnauthorizedClientException");
    }
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

// An issuer outside that the application trusts, and a second application.
class ExchangedTokens : public ApplicationTokens {
 protected:
    ExchangedTokens() {
        web().clear();
        publish(key);
        issuer = {.arn = "arn:aws:sso::" + operation::TestHouse::account.str() +
                         ":trustedTokenIssuer/ssoins-1111222233334444/tti-1",
                  .instance_arn = center.instance_arn,
                  .name = "idp",
                  .issuer_url = std::string(issuer_url),
                  .claim_path = "email",
                  .attribute_path = "emails.value"};
        person.emails = {{.value = "EksAdmin@example.com", .primary = true}};
        person.external_ids = {{.issuer = std::string(issuer_url), .id = "ext-1"}};
        application.grants.push_back({.type = std::string(jwt_bearer),
                                      .redirect_uris = {},
                                      .issuers = {{.issuer_arn = issuer.arn, .audiences = {"grafana"}}}});
        other = application;
        other.arn.back() = '9';
        other.grants = {{.type = std::string(token_exchange), .redirect_uris = {}, .issuers = {}}};
        other.assignment_required = false;
        other.scopes = {{.name = "query:read", .targets = {}}};
        application.scopes = {{.name = "data:read", .targets = {other.arn}}};
        save();
    }
    void save() {
        write([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::trusted_token_issuers.put(tx, issuer));
            SEK_TRY(domain::people.put(tx, person));
            SEK_TRY(domain::applications.put(tx, application));
            return domain::applications.put(tx, other);
        });
    }
    static void publish(const crypto::SigningKey& signing) {
        const std::string base(issuer_url);
        web()[base + "/.well-known/openid-configuration"] =
            R"({"issuer":")" + base + R"(","jwks_uri":")" + base + R"(/keys"})";
        web()[base + "/keys"] = crypto::print_jwk_set(std::vector{signing.public_key()});
    }
    std::string claims(std::string_view more = R"(,"email":"eksadmin@example.com")", std::int64_t lives = 600,
                       std::string_view audience = "grafana") {
        const auto now = epoch_seconds(house.clock().now());
        return R"({"iss":")" + std::string(issuer_url) + R"(","sub":"s-1","aud":")" + std::string(audience) +
               R"(","iat":)" + std::to_string(now) + R"(,"exp":)" + std::to_string(now + lives) + std::string(more) +
               "}";
    }
    std::string assertion(const std::string& text) { return crypto::sign_jwt(key, text).value(); }
    Result<sso_oidc::CreateTokenWithIAMResponse> assert_token(const std::string& text) {
        sso_oidc::CreateTokenWithIAMRequest request{.client_id = application.arn,
                                                    .grant_type = std::string(jwt_bearer)};
        request.assertion = text;
        return ask(request);
    }
    Result<sso_oidc::CreateTokenWithIAMResponse> exchange(const std::string& subject,
                                                          std::optional<std::string> wanted = {},
                                                          std::optional<std::vector<std::string>> scopes = {}) {
        sso_oidc::CreateTokenWithIAMRequest request{.client_id = other.arn, .grant_type = std::string(token_exchange)};
        request.subject_token = subject;
        request.subject_token_type = std::string(access_token_type);
        request.requested_token_type = std::move(wanted);
        request.scope = std::move(scopes);
        return ask(request);
    }
    bool stands(const std::string& identity_context) {
        const auto context = house.environment().tokens->open_context(identity_context);
        return context && access::identity_context_stands(house.store().snapshot(), *context, house.clock().now());
    }

    const crypto::SigningKey key = crypto::SigningKey::generate_p256().value();
    domain::TrustedTokenIssuer issuer;
    domain::Application other;
};

TEST_F(ExchangedTokens, AnAssertionOfATrustedIssuerIsThePerson) {
    const auto token = assert_token(assertion(claims()));
    ASSERT_TRUE(token) << token.error().message << token.error().cause;
    EXPECT_EQ(token->token_type, "Bearer");
    EXPECT_EQ(token->issued_token_type, access_token_type);
    EXPECT_TRUE(token->refresh_token) << "the application has that grant";
    EXPECT_EQ(token->scope, (std::vector<std::string>{"openid", "data:read"}));
    const auto said = access::read_unverified(*token->id_token);
    EXPECT_EQ(said->claims.subject, person.id.str());
    const auto payload = crypto::read_unverified_jwt(*token->id_token)->claims;
    EXPECT_EQ(access::claim_at(payload, "sts:identity_context"), token->aws_additional_details->identity_context);
    EXPECT_LE(token->aws_additional_details->identity_context->size(), 2048u) << "what STS takes";
    EXPECT_TRUE(stands(*token->aws_additional_details->identity_context));
    EXPECT_TRUE(ask(by_refresh(*token->refresh_token)));
    // The other attributes that a claim may name.
    issuer.claim_path = "identity.name";
    issuer.attribute_path = "userName";
    save();
    EXPECT_TRUE(assert_token(assertion(claims(R"(,"identity":{"name":"eksadmin"})"))));
    EXPECT_EQ(code_of(assert_token(assertion(claims(R"(,"identity":{"name":"EKSADMIN"})")))), "InvalidGrantException");
    issuer.claim_path = "sub";
    issuer.attribute_path = "externalIds.id";
    save();
    EXPECT_TRUE(assert_token(assertion(claims(R"(,"x":1)").replace(claims().find("s-1"), 3, "ext-1"))));
    issuer.attribute_path = "title";
    save();
    EXPECT_EQ(code_of(assert_token(assertion(claims()))), "InvalidGrantException");
}

TEST_F(ExchangedTokens, WhatIsWrongWithAnAssertion) {
    const auto refused = [&](const std::string& text) { return code_of(assert_token(text)); };
    EXPECT_EQ(refused(assertion(claims(R"(,"email":"nobody@example.com")"))), "InvalidGrantException");
    EXPECT_EQ(refused(assertion(claims(R"(,"email":["eksadmin@example.com"])"))), "InvalidGrantException");
    EXPECT_EQ(refused(assertion(claims(R"(,"email":"eksadmin@example.com","email_verified":false)"))),
              "InvalidGrantException");
    EXPECT_EQ(refused(assertion(claims("", 600))), "InvalidGrantException");
    EXPECT_EQ(refused(assertion(claims(R"(,"email":"eksadmin@example.com")", -1))), "ExpiredTokenException");
    EXPECT_EQ(refused(assertion(claims(R"(,"email":"eksadmin@example.com")", 600, "other"))), "InvalidGrantException");
    const auto later = std::to_string(epoch_seconds(house.clock().now()) + limits::oidc_skew_seconds + 1);
    EXPECT_EQ(refused(assertion(claims(R"(,"email":"eksadmin@example.com","nbf":)" + later))), "InvalidGrantException");
    EXPECT_EQ(refused("nonsense"), "InvalidGrantException");
    const auto forged = crypto::SigningKey::generate_p256().value();
    EXPECT_EQ(refused(crypto::sign_jwt(forged, claims()).value()), "InvalidGrantException");
    auto endless = claims();
    endless = endless.substr(0, endless.find(R"("exp")")) + R"("email":"eksadmin@example.com"})";
    EXPECT_EQ(refused(assertion(endless)), "InvalidGrantException");
    auto stranger = claims();
    stranger.replace(stranger.find("tenant"), 6, "others");
    EXPECT_EQ(refused(assertion(stranger)), "InvalidGrantException");
    sso_oidc::CreateTokenWithIAMRequest without{.client_id = application.arn, .grant_type = std::string(jwt_bearer)};
    EXPECT_EQ(code_of(ask(without)), "InvalidRequestException");
    without.assertion = assertion(claims());
    without.scope = std::vector<std::string>{"data:write"};
    EXPECT_EQ(code_of(ask(without)), "InvalidScopeException");
    without.scope = std::vector<std::string>{"aws", "sts:identity_context"};
    const auto narrow = ask(without);
    ASSERT_TRUE(narrow);
    EXPECT_FALSE(narrow->id_token) << "openid was not asked for";
    EXPECT_TRUE(narrow->aws_additional_details->identity_context);
    // RFC 7523 3, item 7.
    const auto once = assertion(claims(R"(,"email":"eksadmin@example.com","jti":"1")"));
    EXPECT_EQ(refused(once), "");
    EXPECT_EQ(refused(once), "InvalidGrantException");
    web().clear();
    house.clock().advance(seconds(limits::oidc_keys_seconds));
    EXPECT_EQ(refused(assertion(claims())), "InvalidGrantException");
}

TEST_F(ExchangedTokens, WhatTheyHangOnEndsThemAtOnce) {
    const auto holds = [&](const sso_oidc::CreateTokenWithIAMResponse& token) {
        const bool context = stands(*token.aws_additional_details->identity_context);
        const bool refreshes = ask(by_refresh(*token.refresh_token)).has_value();
        EXPECT_EQ(context, refreshes);
        EXPECT_EQ(context, exchange(*token.access_token).has_value());
        return context;
    };
    const auto made = [&] { return assert_token(assertion(claims())).value(); };
    auto token = made();
    EXPECT_TRUE(holds(token));
    // The issuer is deleted, and made again.
    write([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::trusted_token_issuers.erase(tx, issuer.arn));
        return {};
    });
    EXPECT_FALSE(holds(token));
    EXPECT_EQ(code_of(assert_token(assertion(claims()))), "InvalidGrantException");
    save();
    // The grant is taken away.
    token = made();
    const auto grants = application.grants;
    std::erase_if(application.grants, [](const auto& grant) { return grant.type == jwt_bearer; });
    save();
    EXPECT_FALSE(holds(token));
    EXPECT_EQ(code_of(assert_token(assertion(claims()))), "UnauthorizedClientException");
    application.grants = grants;
    save();
    // The person is disabled.
    token = made();
    person.enabled = false;
    ++person.epoch;
    save();
    EXPECT_FALSE(holds(token));
    EXPECT_EQ(code_of(assert_token(assertion(claims()))), "InvalidGrantException");
    person.enabled = true;
    save();
    // The instance is deleted.
    token = made();
    write([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::identity_centers.erase(tx, center.instance_arn));
        return {};
    });
    EXPECT_FALSE(holds(token));
    EXPECT_EQ(code_of(assert_token(assertion(claims()))), "InvalidGrantException");
}

TEST_F(ExchangedTokens, AnotherApplicationsTokenIsExchanged) {
    const auto token = ask(by_code(consented())).value();
    const auto exchanged = exchange(*token.access_token);
    ASSERT_TRUE(exchanged) << exchanged.error().message;
    EXPECT_EQ(exchanged->issued_token_type, access_token_type);
    EXPECT_FALSE(exchanged->refresh_token);
    EXPECT_EQ(exchanged->scope, (std::vector<std::string>{"openid", "query:read"})) << "of the new one's own";
    EXPECT_NE(exchanged->access_token, token.access_token);
    EXPECT_EQ(access::read_unverified(*exchanged->id_token)->claims.audiences, std::vector{other.arn});
    EXPECT_EQ(code_of(exchange(*token.access_token, {}, std::vector<std::string>{"data:read"})),
              "InvalidScopeException");
    EXPECT_EQ(code_of(exchange(*token.access_token, std::string(refresh_token_type))), "UnauthorizedClientException");
    EXPECT_EQ(code_of(exchange(*token.access_token, "urn:ietf:params:oauth:token-type:jwt")),
              "InvalidRequestException");
    other.grants.push_back({.type = "refresh_token", .redirect_uris = {}, .issuers = {}});
    save();
    const auto refreshing = exchange(*token.access_token, std::string(refresh_token_type));
    EXPECT_EQ(refreshing->issued_token_type, refresh_token_type);
    EXPECT_TRUE(refreshing->refresh_token && refreshing->access_token);
    // What was exchanged is not exchanged on by the same application, nor a token that nobody has given.
    EXPECT_EQ(code_of(exchange(*refreshing->access_token)), "InvalidGrantException");
    EXPECT_EQ(code_of(exchange("nonsense")), "InvalidGrantException");
    sso_oidc::CreateTokenWithIAMRequest untyped{.client_id = other.arn, .grant_type = std::string(token_exchange)};
    untyped.subject_token = token.access_token;
    EXPECT_EQ(code_of(ask(untyped)), "InvalidRequestException");
    house.clock().advance(hours(1));
    EXPECT_EQ(code_of(exchange(*token.access_token)), "InvalidGrantException");
}

TEST_F(ExchangedTokens, TheFirstApplicationMustNameTheOther) {
    const auto token = ask(by_code(consented())).value();
    application.scopes.front().targets.clear();
    save();
    EXPECT_EQ(code_of(exchange(*token.access_token)), "InvalidGrantException") << "no target named: none";
    application.scopes = {{.name = "later:read", .targets = {other.arn}}};
    save();
    EXPECT_EQ(code_of(exchange(*token.access_token)), "InvalidGrantException") << "a scope that the token has not";
    application.scopes = {{.name = "data:read", .targets = {other.arn}}};
    application.enabled = false;
    save();
    EXPECT_EQ(code_of(exchange(*token.access_token)), "InvalidGrantException");
    application.enabled = true;
    save();
    EXPECT_TRUE(exchange(*token.access_token));
    other.assignment_required = true;
    save();
    EXPECT_EQ(code_of(exchange(*token.access_token)), "InvalidGrantException") << "nobody assigned it to the person";
    other.assignment_required = false;
    save();
    write([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::application_assignments.erase(tx, application.arn, domain::AssigneeKind::group, "g-1"));
        return {};
    });
    EXPECT_EQ(code_of(exchange(*token.access_token)), "InvalidGrantException")
        << "the first one is not theirs any more";
}

}  // namespace
}  // namespace sekisho::sso_service
