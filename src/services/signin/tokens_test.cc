#include <functional>

#include "base/limits.h"
#include "services/signin/test_login.h"

namespace sekisho::signin_service {
namespace {

using Tokens = Login;

TEST_F(Tokens, ACodeGivesCredentialsOfTheUser) {
    const auto output = log_in();
    EXPECT_EQ(output.token_type, "aws_sigv4");
    EXPECT_EQ(output.expires_in, 900);
    const auto claims = claims_of(output.access_token);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->kind, access::CallerKind::user);
    EXPECT_EQ(claims->principal_id, user.principal_id);
    EXPECT_EQ(claims->expires_at, house.clock().now() + minutes(15));
    EXPECT_EQ(liveness_of(output.access_token), access::Liveness::alive);
    const auto jwt = crypto::read_unverified_jwt(output.id_token.value_or(""));
    ASSERT_TRUE(jwt);
    EXPECT_EQ(find_text(*parse_json(jwt->claims), "sub"), user.arn);
}

// What a browser or a thief could bend: none of it is answered by a redirect.
TEST_F(Tokens, BadRequestsForACodeAreRefused) {
    using Request = signin::AuthorizeOAuth2AccessRequest;
    const std::function<void(Request&)> bends[] = {
        [](Request& r) { r.client_id = "arn:aws:signin:::devtools/other"; },
        [](Request& r) { r.client_id = domain::cross_device_client; },  // with the other's address
        [](Request& r) { r.redirect_uri = "https://evil.example/oauth/callback"; },
        [](Request& r) { r.redirect_uri = "http://127.0.0.1:1@evil.example/oauth/callback"; },
        [](Request& r) { r.redirect_uri = "http://127.0.0.1.evil.example:80/oauth/callback"; },
        [](Request& r) { r.redirect_uri = "http://localhost:43210/oauth/callback"; },
        [](Request& r) { r.redirect_uri = "http://127.0.0.1:/oauth/callback"; },
        [](Request& r) { r.redirect_uri = "http://127.0.0.1:65536/oauth/callback"; },
        [](Request& r) { r.redirect_uri = "http://127.0.0.1:80/evil?/oauth/callback"; },
        [](Request& r) { r.code_challenge_method = "plain"; },
        [](Request& r) { r.code_challenge_method.reset(); },
        [](Request& r) { r.code_challenge.reset(); },
        [](Request& r) { r.code_challenge = "short"; },
        [](Request& r) { r.response_type = "token"; },
        [](Request& r) { r.scope = "openid admin"; },
        [](Request& r) { r.state.reset(); },
    };
    const auto caller = sign_in();
    for (const auto& bend : bends) {
        auto request = asked();
        bend(request);
        const auto refused = house.call<signin::AuthorizeOAuth2Access>(caller, request);
        ASSERT_FALSE(refused) << request.client_id << " " << request.redirect_uri;
        EXPECT_EQ(refused.error().code, "InvalidRequestException");
    }
}

TEST_F(Tokens, AnotherDeviceIsShownTheCode) {
    auto request = asked();
    request.client_id = domain::cross_device_client;
    const auto caller = sign_in();
    for (const auto* page : {"https://localhost:7443/v1/sessions/confirmation",
                             "https://us-east-1.signin.aws.amazon.com/v1/sessions/confirmation"}) {
        request.redirect_uri = page;
        const auto allowed = house.call<signin::AuthorizeOAuth2Access>(caller, request);
        ASSERT_TRUE(allowed) << page;
        EXPECT_TRUE(allowed->cross_device);
    }
    for (const auto* other : {"http://localhost/v1/sessions/confirmation", "https://a/b/v1/sessions/confirmation",
                              "https://a?/v1/sessions/confirmation", "https://a/v1/sessions/confirmation?x"}) {
        request.redirect_uri = other;
        EXPECT_FALSE(house.call<signin::AuthorizeOAuth2Access>(caller, request)) << other;
    }
}

TEST_F(Tokens, BothActionsArePermissions) {
    const auto code = allow();
    const auto caller = sign_in();
    domain::PrincipalPolicies none;
    none.principal_id = user.principal_id;
    write([&](store::Transaction& tx) { return domain::principal_policies.put(tx, none); });
    EXPECT_EQ(house.call<signin::AuthorizeOAuth2Access>(caller, asked()).error().code, "AccessDeniedException");
    const auto refused = redeem(code);
    ASSERT_FALSE(refused);
    EXPECT_EQ(error_of(refused.error()), "INSUFFICIENT_PERMISSIONS");
    EXPECT_EQ(refused.error().http_status, 403);
}

TEST_F(Tokens, ACodeIsBoundToItsRequest) {
    using Request = signin::CreateOAuth2TokenRequest;
    const auto code = allow();
    const std::function<void(Request&)> bends[] = {
        [](Request& r) { r.token_input.code_verifier = verifier + "x"; },
        [](Request& r) { r.token_input.code_verifier.reset(); },
        [](Request& r) { r.token_input.redirect_uri = "http://127.0.0.1:43211/oauth/callback"; },
        [](Request& r) { r.token_input.client_id = domain::cross_device_client; },
        [](Request& r) { r.token_input.code = "another"; },
        [](Request& r) { r.dpop.reset(); },
        [](Request& r) { r.dpop->back() = r.dpop->back() == 'A' ? 'B' : 'A'; },
    };
    for (const auto& bend : bends) {
        auto request = redemption(code);
        bend(request);
        const auto refused = house.call<signin::CreateOAuth2Token>({}, request);
        ASSERT_FALSE(refused);
        EXPECT_EQ(error_of(refused.error()), "INVALID_REQUEST");
    }
    EXPECT_TRUE(redeem(code));
}

TEST_F(Tokens, ACodeIsShortLived) {
    const auto code = allow();
    house.clock().advance(seconds(limits::authorization_code_seconds));
    const auto late = redeem(code);
    EXPECT_EQ(error_of(late.error()), "AUTHCODE_EXPIRED");
    EXPECT_EQ(late.error().http_status, 401);
}

TEST_F(Tokens, ACodeShownTwiceTakesBackWhatItGave) {
    const auto code = allow();
    const auto first = redeem(code);
    ASSERT_TRUE(first);
    EXPECT_FALSE(redeem(code));
    EXPECT_EQ(liveness_of(first->token_output.access_token), access::Liveness::revoked);
    EXPECT_FALSE(refresh(first->token_output.refresh_token));
}

TEST_F(Tokens, AProofIsTakenOnce) {
    const auto output = log_in();
    signin::CreateOAuth2TokenRequest request{
        .token_input = {.client_id = std::string(domain::same_device_client), .grant_type = "refresh_token"},
        .dpop = proof(key)};
    request.token_input.refresh_token = output.refresh_token;
    EXPECT_TRUE(house.call<signin::CreateOAuth2Token>({}, request));
    const auto replayed = house.call<signin::CreateOAuth2Token>({}, request);
    ASSERT_FALSE(replayed);
    EXPECT_EQ(replayed.error().message, "The DPoP proof was used before.");
}

TEST_F(Tokens, ARefreshTokenIsGoodWithItsKeyOnly) {
    const auto output = log_in();
    const auto thief = *crypto::SigningKey::generate_p256();
    EXPECT_EQ(error_of(refresh(output.refresh_token, thief).error()), "INVALID_REQUEST");
    const auto made = refresh(output.refresh_token);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_FALSE(made->token_output.id_token);
    EXPECT_EQ(liveness_of(made->token_output.access_token), access::Liveness::alive);
}

TEST_F(Tokens, RefreshTokensRotateAndALateReuseEndsTheSession) {
    const auto output = log_in();
    const auto first = refresh(output.refresh_token);
    ASSERT_TRUE(first);
    EXPECT_NE(first->token_output.refresh_token, output.refresh_token);
    // Two command lines at once.
    EXPECT_EQ(refresh(output.refresh_token)->token_output.refresh_token, first->token_output.refresh_token);
    house.clock().advance(seconds(limits::refresh_reuse_seconds + 1));
    EXPECT_FALSE(refresh(output.refresh_token));
    EXPECT_EQ(liveness_of(first->token_output.access_token), access::Liveness::revoked);
    EXPECT_EQ(error_of(refresh(first->token_output.refresh_token).error()), "TOKEN_EXPIRED");
}

TEST_F(Tokens, TheSessionEndsAfterTwelveHours) {
    const auto output = log_in();
    house.clock().advance(hours(12) - minutes(5));
    const auto last = refresh(output.refresh_token);
    ASSERT_TRUE(last) << last.error().message;
    EXPECT_EQ(last->token_output.expires_in, 300);
    house.clock().advance(minutes(5));
    const auto late = refresh(last->token_output.refresh_token);
    EXPECT_EQ(error_of(late.error()), "TOKEN_EXPIRED");
    EXPECT_EQ(late.error().http_status, 401);
}

// Each of these is in force at the next request.
TEST_F(Tokens, WhatStandsBehindCredentialsIsAskedForAtEveryUse) {
    const auto ended_by = [this](const std::function<void()>& change) {
        const auto output = log_in();
        EXPECT_EQ(liveness_of(output.access_token), access::Liveness::alive);
        change();
        EXPECT_NE(liveness_of(output.access_token), access::Liveness::alive);
        const auto refused = refresh(output.refresh_token);
        ASSERT_FALSE(refused);
        EXPECT_EQ(error_of(refused.error()), "USER_CREDENTIALS_CHANGED");
        EXPECT_EQ(refused.error().http_status, 403);
    };
    ended_by([this] { set_password(good_password); });  // even the same one: it was set anew
    ended_by([this] {
        write([](store::Transaction& tx) -> Result<void> {
            SEK_TRY([[maybe_unused]] const bool had,
                    domain::login_profiles.erase(tx, operation::TestHouse::account, "alice"));
            return {};
        });
    });
    set_password(good_password);
    ended_by([this] {
        write([](store::Transaction& tx) -> Result<void> {
            SEK_TRY([[maybe_unused]] const bool was,
                    domain::iam_users.erase(tx, operation::TestHouse::account, "alice"));
            return {};
        });
    });
}

// The trail names whom an unsigned request speaks for; it gives no rights.
TEST_F(Tokens, AGrantNamesItsUserToTheTrailOnly) {
    const auto output = log_in();
    const auto snapshot = house.store().snapshot();
    const auto body = R"({"refreshToken":")" + output.refresh_token + R"("})";
    const auto claimed = access::claimed_by_grant(snapshot, *house.environment().tokens, body);
    EXPECT_EQ(claimed.arn, user.arn);
    EXPECT_FALSE(claimed.is_signed_in());
    for (const auto* other : {"", "{}", "[", R"({"code":"x"})", R"({"refreshToken":"x"})"}) {
        EXPECT_TRUE(access::claimed_by_grant(snapshot, *house.environment().tokens, other).arn.empty());
    }
}

}  // namespace
}  // namespace sekisho::signin_service
