#pragma once
// A house with an IAM user who has a password, and a command line with its key, for this room's tests.
#include <gtest/gtest.h>

#include <string>

#include "access/authenticate.h"
#include "access/liveness.h"
#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/jose.h"
#include "crypto/password.h"
#include "crypto/totp.h"
#include "domain/iam.h"
#include "domain/login.h"
#include "domain/virtual_mfa.h"
#include "models/signin.h"
#include "operation/testing.h"
#include "services/signin/service.h"

namespace sekisho::signin_service {

inline const std::string good_password = "Quiet-Harbour-42!";
inline const std::string verifier = "a-verifier-of-forty-three-characters-or-more.~_";
inline constexpr std::string_view callback = "http://127.0.0.1:43210/oauth/callback";
inline constexpr std::string_view login_policy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["signin:AuthorizeOAuth2Access",)"
    R"("signin:CreateOAuth2Token"],"Resource":"arn:aws:signin:*:*:oauth2/public-client/*"},)"
    R"({"Effect":"Allow","Action":"iam:ChangePassword","Resource":"arn:aws:iam::*:user/alice"}]})";

// A DPoP header as AWS's clients make it; claims of another request by `uri`, `method` and `now`.
inline std::string make_proof(const crypto::SigningKey& key, std::string_view uri, Time now, std::string_view id,
                              std::string_view method = "POST", std::string_view type = "dpop+jwt") {
    std::string header;
    JsonWriter(header)
        .begin_object()
        .member("typ", type)
        .member("alg", "ES256")
        .name("jwk")
        .raw(key.public_key().to_jwk())
        .end_object();
    std::string claims;
    JsonWriter(claims)
        .begin_object()
        .member("htm", method)
        .member("htu", uri)
        .member("iat", epoch_seconds(now))
        .member("jti", id)
        .end_object();
    const std::string text = encode_base64url(header) + "." + encode_base64url(claims);
    return text + "." + encode_base64url(*key.sign(text));
}

class Login : public testing::Test {
 protected:
    Login() : house({register_operations}), user(house.user("alice", login_policy)) { set_password(good_password); }

    template <class F>
    void write(F fill) {
        const auto done =
            house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> { return fill(tx); });
        ASSERT_TRUE(done) << done.error().message << done.error().cause;
    }
    void set_password(const std::string& password, bool reset_required = false) {
        domain::LoginProfile profile;
        profile.account_id = operation::TestHouse::account;
        profile.user_name = "alice";
        profile.password_hash = Secret(*crypto::hash_password(Secret(password), system_random()));
        profile.password_reset_required = reset_required;
        profile.created_at = house.clock().now();
        write([&](store::Transaction& tx) { return domain::login_profiles.put(tx, profile); });
    }
    void set_password_policy(domain::IamPasswordPolicy policy) {
        policy.account_id = operation::TestHouse::account;
        write([&](store::Transaction& tx) { return domain::iam_password_policies.put(tx, policy); });
    }
    void add_device() {
        domain::VirtualMfaDevice device;
        device.account_id = operation::TestHouse::account;
        device.path = "/";
        device.name = "phone";
        device.seed = Secret(std::string(20, 's'));
        device.user_id = user.principal_id;
        write([&](store::Transaction& tx) { return domain::virtual_mfa_devices.put(tx, device); });
    }
    std::string code_now() {
        return crypto::totp_code(Secret(std::string(20, 's')), crypto::totp_step(house.clock().now()));
    }
    Result<signin::SignInOutcome> enter(const std::string& password, const std::string& name = "alice",
                                        const std::string& account = operation::TestHouse::account.str()) {
        return house.call<signin::VerifyPassword>(
            {}, {.account = account, .user_name = name, .password = password, .return_to = {}});
    }
    Result<signin::SignInOutcome> replace_password(const signin::SignInOutcome& asked, const std::string& current,
                                                   const std::string& password) {
        return house.call<signin::ReplacePassword>(
            {}, {.attempt_token = asked.attempt_token.value_or(""), .old_password = current, .new_password = password});
    }
    // The browser's session.
    access::Caller signed_in(const std::string& session_token) {
        const auto snapshot = house.store().snapshot();
        const auto caller = access::authenticate_login(snapshot, session_token, house.clock().now());
        return caller ? *caller : access::Caller{};
    }
    access::Caller sign_in() {
        const auto entered = enter(good_password);
        EXPECT_TRUE(entered) << entered.error().message;
        return entered ? signed_in(entered->session_token.value_or("")) : access::Caller{};
    }

    static signin::AuthorizeOAuth2AccessRequest asked() {
        return {.client_id = std::string(domain::same_device_client),
                .redirect_uri = std::string(callback),
                .code_challenge = encode_base64url(crypto::sha256(verifier).view()),
                .code_challenge_method = "SHA-256",
                .response_type = "code",
                .scope = "openid",
                .state = "state"};
    }
    std::string allow() {
        const auto allowed = house.call<signin::AuthorizeOAuth2Access>(sign_in(), asked());
        EXPECT_TRUE(allowed) << allowed.error().message;
        return allowed ? allowed->code : "";
    }
    std::string proof(const crypto::SigningKey& with) {
        return make_proof(with, "https:///v1/token", house.clock().now(), "proof-" + std::to_string(++proofs_made));
    }
    signin::CreateOAuth2TokenRequest redemption(const std::string& code) {
        return {.token_input = {.client_id = std::string(domain::same_device_client),
                                .grant_type = "authorization_code",
                                .code = code,
                                .redirect_uri = std::string(callback),
                                .code_verifier = verifier,
                                .refresh_token = {}},
                .dpop = proof(key)};
    }
    Result<signin::CreateOAuth2TokenResponse> redeem(const std::string& code) {
        return house.call<signin::CreateOAuth2Token>({}, redemption(code));
    }
    signin::CreateOAuth2TokenResponseBody log_in() {
        auto made = redeem(allow());
        EXPECT_TRUE(made) << made.error().message;
        return made ? made->token_output : signin::CreateOAuth2TokenResponseBody{};
    }
    Result<signin::CreateOAuth2TokenResponse> refresh(const std::string& token) { return refresh(token, key); }
    Result<signin::CreateOAuth2TokenResponse> refresh(const std::string& token, const crypto::SigningKey& with) {
        return house.call<signin::CreateOAuth2Token>(
            {}, {.token_input = {.client_id = std::string(domain::same_device_client),
                                 .grant_type = "refresh_token",
                                 .code = {},
                                 .redirect_uri = {},
                                 .code_verifier = {},
                                 .refresh_token = token},
                 .dpop = proof(with)});
    }
    // What stands behind credentials that were given.
    std::optional<access::SessionClaims> claims_of(const signin::AccessToken& token) {
        const auto snapshot = house.store().snapshot();
        return house.environment().tokens->open(snapshot, token.session_token, token.access_key_id);
    }
    access::Liveness liveness_of(const signin::AccessToken& token) {
        const auto claims = claims_of(token);
        if (!claims) return access::Liveness::gone;
        access::Caller caller;
        caller.kind = claims->kind;
        caller.account_id = claims->account_id;
        caller.principal_id = claims->principal_id;
        caller.user_name = claims->principal_name;
        caller.issued_at = claims->issued_at;
        caller.expires_at = claims->expires_at;
        caller.root = claims->root;
        const auto snapshot = house.store().snapshot();
        return access::check_liveness(snapshot, caller, house.clock().now());
    }
    static std::string error_of(const ApiError& error) {
        for (const auto& [name, value] : error.fields) {
            if (name == "error") return value;
        }
        return error.code;
    }

    operation::TestHouse house;
    access::Caller user;
    crypto::SigningKey key = *crypto::SigningKey::generate_p256();
    int proofs_made = 0;
};

}  // namespace sekisho::signin_service
