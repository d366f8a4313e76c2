#include <gtest/gtest.h>

#include <map>

#include "access/liveness.h"
#include "base/limits.h"
#include "crypto/jose.h"
#include "domain/iam.h"
#include "domain/oidc_provider.h"
#include "models/sts.h"
#include "operation/testing.h"
#include "services/sts/service.h"

namespace sekisho::sts_service {
namespace {

using operation::TestHouse;

constexpr std::string_view issuer = "https://localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9";
constexpr std::string_view provider_arn =
    "arn:aws:iam::111222333444:oidc-provider/localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9";
constexpr std::string_view role_arn = "arn:aws:iam::111222333444:role/irsa";
constexpr std::string_view subject = "system:serviceaccount:default:app";
constexpr std::string_view no_key_text =
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
    "documentation for requirements";

// The outside: documents by URL, and how often one was asked for.
struct Web {
    std::map<std::string, std::string> documents;
    int requests = 0;
};
Web web;

void register_with_web(operation::Registry& registry) {
    register_operations(registry);
    const auto fetch = [](std::string url, std::move_only_function<void(Result<std::string>)> done) {
        ++web.requests;
        const auto found = web.documents.find(url);
        if (found == web.documents.end()) return done(errors::service_unavailable("nobody there"));
        done(found->second);
    };
    register_web_identity(registry, std::make_shared<access::IssuerKeys>(fetch));
}

std::string trusting(std::string_view condition) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":")" +
           std::string(provider_arn) + R"("},"Action":"sts:AssumeRoleWithWebIdentity")" + std::string(condition) +
           "}]}";
}
constexpr std::string_view only_the_app =
    R"(,"Condition":{"StringEquals":{"localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9:sub":"system:serviceaccount:default:app",)"
    R"("localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9:aud":"sts.amazonaws.com"}})";

class WebIdentity : public testing::Test {
 protected:
    WebIdentity() {
        web = {};
        publish({key.public_key()});
        put_provider({"sts.amazonaws.com"});
        put_role(trusting(only_the_app));
    }
    void publish(const std::vector<crypto::PublicKey>& keys) {
        const auto base = std::string(issuer);
        web.documents[base + "/.well-known/openid-configuration"] =
            R"({"issuer":")" + base + R"(","jwks_uri":")" + base + R"(/keys"})";
        web.documents[base + "/keys"] = crypto::print_jwk_set(keys);
    }
    template <class Write>
    void commit(Write write) {
        const auto committed = house.store().commit_and_wait(write);
        ASSERT_TRUE(committed.has_value());
    }
    void put_provider(std::vector<std::string> clients) {
        commit([&](store::Transaction& tx) -> Result<void> {
            return domain::oidc_providers.put(tx, {.account_id = TestHouse::account,
                                                   .issuer = std::string(issuer.substr(8)),
                                                   .client_ids = clients,
                                                   .created_at = house.clock().now()});
        });
    }
    void put_role(const std::string& trust) {
        commit([&](store::Transaction& tx) -> Result<void> {
            return domain::roles.put(tx, {.account_id = TestHouse::account,
                                          .name = "irsa",
                                          .path = "/",
                                          .id = role_id,
                                          .trust_policy = trust,
                                          .created_at = house.clock().now()});
        });
    }
    // A token's claims, with further or other members at their end (the last of a name counts nowhere: give each once).
    std::string claims(std::string_view sub = subject, std::string_view audience = R"(["sts.amazonaws.com"])",
                       std::int64_t lives = 600, std::string_view more = "", std::string_view from = issuer) {
        const auto now = epoch_seconds(house.clock().now());
        return R"({"iss":")" + std::string(from) + R"(","sub":")" + std::string(sub) + R"(","aud":)" +
               std::string(audience) + R"(,"iat":)" + std::to_string(now) + R"(,"exp":)" + std::to_string(now + lives) +
               std::string(more) + "}";
    }
    std::string token(const std::string& text) { return crypto::sign_jwt(key, text).value(); }
    Result<sts::AssumeRoleWithWebIdentityResponse> assume(const std::string& web_identity_token,
                                                          std::string_view role = role_arn) {
        return house.call<sts::AssumeRoleWithWebIdentity>(
            access::Caller{},
            {.role_arn = std::string(role), .role_session_name = "pod", .web_identity_token = web_identity_token});
    }

    TestHouse house{register_with_web};
    const crypto::SigningKey key = crypto::SigningKey::generate_p256().value();
    const PrincipalId role_id{domain::make_unique_id("AROA", TestHouse::account, system_random())};
};

void expect_error(const ApiError& error, std::string_view code, std::string_view message, int status) {
    EXPECT_EQ(error.code, code);
    EXPECT_EQ(error.message, message);
    EXPECT_EQ(error.http_status, status);
}
void expect_refused(const ApiError& error) {
    expect_error(error, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403);
}

TEST_F(WebIdentity, ATokenOpensTheRoleThatTrustsIt) {
    const auto answer = assume(token(claims()));
    ASSERT_TRUE(answer.has_value()) << answer.error().message << answer.error().cause;
    EXPECT_EQ(answer->assumed_role_user->arn, "arn:aws:sts::111222333444:assumed-role/irsa/pod");
    EXPECT_EQ(answer->subject_from_web_identity_token, subject);
    EXPECT_EQ(answer->audience, "sts.amazonaws.com");
    EXPECT_EQ(answer->provider, provider_arn);
    const auto claimed = house.environment().tokens->open(house.store().snapshot(), answer->credentials->session_token,
                                                          answer->credentials->access_key_id);
    ASSERT_TRUE(claimed.has_value());
    EXPECT_EQ(claimed->principal_id, role_id);
    EXPECT_EQ(claimed->expires_at, house.clock().now() + hours(1));
    EXPECT_FALSE(claimed->mfa_at || claimed->is_chained);
}

TEST_F(WebIdentity, TheSessionDiesWithTheProviderAndTheRole) {
    const auto answer = assume(token(claims())).value();
    const auto session =
        house.environment()
            .tokens
            ->open(house.store().snapshot(), answer.credentials->session_token, answer.credentials->access_key_id)
            .value();
    access::Caller caller;
    caller.kind = access::CallerKind::role_session;
    caller.account_id = session.account_id;
    caller.principal_id = session.principal_id;
    caller.role_name = session.principal_name;
    caller.issued_at = session.issued_at;
    caller.expires_at = session.expires_at;
    caller.root = session.root;
    const auto liveness = [&] { return access::check_liveness(house.store().snapshot(), caller, house.clock().now()); };
    EXPECT_EQ(liveness(), access::Liveness::alive);
    commit([](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::oidc_providers.erase(tx, TestHouse::account, issuer.substr(8)));
        return {};
    });
    EXPECT_EQ(liveness(), access::Liveness::gone);
    put_provider({"sts.amazonaws.com"});
    EXPECT_EQ(liveness(), access::Liveness::alive);
    commit([](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::roles.erase(tx, TestHouse::account, "irsa"));
        return {};
    });
    EXPECT_EQ(liveness(), access::Liveness::gone);
}

TEST_F(WebIdentity, TheTrustPolicyDecides) {
    expect_refused(assume(token(claims("system:serviceaccount:default:other"))).error());
    expect_refused(assume(token(claims()), "arn:aws:iam::111222333444:role/none").error());
    put_role(trusting(""));
    EXPECT_TRUE(assume(token(claims("somebody"))).has_value());
    put_role(trusting(
        R"(,"Condition":{"ForAnyValue:StringEquals":{"localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9:amr":"mfa"}})"));
    expect_refused(assume(token(claims())).error());
    EXPECT_TRUE(assume(token(claims(subject, R"("sts.amazonaws.com")", 600, R"(,"amr":["pwd","mfa"])"))).has_value());
    put_role(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":)"
             R"("arn:aws:iam::111222333444:oidc-provider/other.example"},"Action":"sts:AssumeRoleWithWebIdentity"}]})");
    expect_refused(assume(token(claims())).error());
    put_role(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]})");
    expect_refused(assume(token(claims())).error());
}

// eksctl takes the port out of the provider's ARN and of condition keys.
TEST_F(WebIdentity, AClustersIssuerGoesByANameWithoutPort) {
    const std::string name = "localhost/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9";
    const auto trust = [&](std::string_view effect, std::string_view federated, std::string_view key) {
        return R"({"Effect":")" + std::string(effect) +
               R"(","Principal":{"Federated":"arn:aws:iam::111222333444:oidc-provider/)" + std::string(federated) +
               R"("},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{")" + std::string(key) +
               R"(:sub":"system:serviceaccount:default:app"}}})";
    };
    const auto policy = [](const std::string& statements) {
        return R"({"Version":"2012-10-17","Statement":[)" + statements + "]}";
    };
    const std::string full(issuer.substr(8));
    for (const auto& federated : {name, full}) {
        for (const auto& key_name : {name, full}) {
            put_role(policy(trust("Allow", federated, key_name)));
            EXPECT_TRUE(assume(token(claims())).has_value()) << federated << " " << key_name;
            expect_refused(assume(token(claims("system:serviceaccount:default:other"))).error());
            // Neither name is a way around a Deny of the other.
            put_role(policy(trust("Allow", name, name) + "," + trust("Deny", federated, key_name)));
            expect_refused(assume(token(claims())).error());
        }
    }
    // A namesake of another port takes the name from both.
    put_role(policy(trust("Allow", name, name)));
    commit([&](store::Transaction& tx) -> Result<void> {
        return domain::oidc_providers.put(tx, {.account_id = TestHouse::account,
                                               .issuer = "localhost:666" + name.substr(name.find('/')),
                                               .created_at = house.clock().now()});
    });
    expect_refused(assume(token(claims())).error());
}

TEST_F(WebIdentity, TheAudienceIsAClientOfTheProvider) {
    for (const char* audience : {R"("kubernetes")", R"([])", R"(["a","b"])", "7"}) {
        expect_error(assume(token(claims(subject, audience))).error(), "InvalidIdentityToken",
                     "Incorrect token audience", 400);
    }
    EXPECT_TRUE(assume(token(claims(subject, R"(["a","sts.amazonaws.com"])"))).has_value());
    // The authorized party stands for the audience.
    expect_error(assume(token(claims(subject, R"("sts.amazonaws.com")", 600, R"(,"azp":"other")"))).error(),
                 "InvalidIdentityToken", "Incorrect token audience", 400);
    put_provider({"app"});
    put_role(trusting(""));
    EXPECT_EQ(assume(token(claims(subject, R"("x")", 600, R"(,"azp":"app")")))->audience, "app");
}

TEST_F(WebIdentity, TimesAreChecked) {
    const auto now = epoch_seconds(house.clock().now());
    expect_error(assume(token(claims(subject, R"("sts.amazonaws.com")", -5))).error(), "ExpiredTokenException",
                 "Token expired: current date/time " + std::to_string(now) +
                     " must be before the expiration date/time " + std::to_string(now - 5),
                 400);
    const auto later = R"(,"nbf":)" + std::to_string(now + limits::oidc_skew_seconds + 1);
    EXPECT_EQ(assume(token(claims(subject, R"("sts.amazonaws.com")", 600, later))).error().code,
              "InvalidIdentityToken");
    const auto soon = R"(,"nbf":)" + std::to_string(now + limits::oidc_skew_seconds);
    EXPECT_TRUE(assume(token(claims(subject, R"("sts.amazonaws.com")", 600, soon))).has_value());
    const auto endless = R"({"iss":")" + std::string(issuer) + R"(","sub":"s","aud":"sts.amazonaws.com"})";
    EXPECT_EQ(assume(token(endless)).error().message, "Missing a required claim: exp");
}

TEST_F(WebIdentity, ForgedTokensAreRefused) {
    const auto other = crypto::SigningKey::generate_p256().value();
    expect_error(assume(crypto::sign_jwt(other, claims()).value()).error(), "InvalidIdentityToken", no_key_text, 400);
    auto changed = token(claims());
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(assume(changed).has_value());
    for (const char* text : {"nonsense", "a.b.c", "...."}) {
        expect_error(assume(text).error(), "InvalidIdentityToken",
                     "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
                     400);
    }
}

TEST_F(WebIdentity, TheIssuerIsAProviderOfTheRolesAccount) {
    const auto from = [&](std::string_view other) {
        return assume(token(claims(subject, R"("sts.amazonaws.com")", 600, "", other))).error();
    };
    expect_error(from("https://other.example"), "InvalidIdentityToken",
                 "No OpenIDConnect provider found in your account for https://other.example", 400);
    expect_error(
        from("localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"), "InvalidIdentityToken",
        "No OpenIDConnect provider found in your account for localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9",
        400);
    expect_error(assume(token(claims()), "arn:aws:iam::999888777666:role/irsa").error(), "InvalidIdentityToken",
                 "No OpenIDConnect provider found in your account for " + std::string(issuer), 400);
    EXPECT_EQ(web.requests, 0) << "nobody is asked for a token of a stranger";
}

TEST_F(WebIdentity, AnIssuerThatIsNotThereIsSaidSo) {
    web.documents.clear();
    expect_error(assume(token(claims())).error(), "IDPCommunicationError", no_key_text, 400);
    // A failure is kept for a moment, so that tokens cannot make us call out at will.
    publish({key.public_key()});
    EXPECT_EQ(assume(token(claims())).error().code, "IDPCommunicationError");
    EXPECT_EQ(web.requests, 1);
    house.clock().advance(seconds(limits::oidc_retry_seconds));
    EXPECT_TRUE(assume(token(claims())).has_value());
}

TEST_F(WebIdentity, TheDiscoveryDocumentIsTheIssuersOwn) {
    const auto discovery = std::string(issuer) + "/.well-known/openid-configuration";
    for (
        const char* document :
        {"nonsense", "{}",
         R"({"issuer":"https://other.example","jwks_uri":"https://localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9/keys"})",
         R"({"issuer":"https://localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9","jwks_uri":"http://localhost/keys"})",
         R"({"issuer":"https://localhost:7443/oidc/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"})"}) {
        web.documents[discovery] = document;
        expect_error(assume(token(claims())).error(), "InvalidIdentityToken", no_key_text, 400);
        house.clock().advance(seconds(limits::oidc_retry_seconds));
    }
}

TEST_F(WebIdentity, KeysAreKeptAndFollowARotation) {
    EXPECT_TRUE(assume(token(claims())).has_value());
    EXPECT_TRUE(assume(token(claims())).has_value());
    EXPECT_EQ(web.requests, 2) << "discovery and keys, once";
    const auto next = crypto::SigningKey::generate_rsa().value();
    publish({key.public_key(), next.public_key()});
    house.clock().advance(seconds(limits::oidc_retry_seconds));
    EXPECT_TRUE(assume(crypto::sign_jwt(next, claims()).value()).has_value());
    EXPECT_EQ(web.requests, 4);
    house.clock().advance(seconds(limits::oidc_keys_seconds - 1));
    EXPECT_TRUE(assume(token(claims())).has_value());
    EXPECT_EQ(web.requests, 4);
    house.clock().advance(seconds(1));
    EXPECT_TRUE(assume(token(claims())).has_value());
    EXPECT_EQ(web.requests, 6);
}

TEST_F(WebIdentity, SessionsLastAsLongAsTheRoleAllows) {
    const auto error =
        house
            .call<sts::AssumeRoleWithWebIdentity>(access::Caller{}, {.role_arn = std::string(role_arn),
                                                                     .role_session_name = "pod",
                                                                     .web_identity_token = token(claims()),
                                                                     .duration_seconds = 3601})
            .error();
    expect_error(error, "ValidationError",
                 "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", 400);
}

}  // namespace
}  // namespace sekisho::sts_service
