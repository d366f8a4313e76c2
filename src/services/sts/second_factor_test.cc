#include <gtest/gtest.h>

#include "base/limits.h"
#include "crypto/totp.h"
#include "domain/iam.h"
#include "domain/virtual_mfa.h"
#include "models/sts.h"
#include "operation/refusal.h"
#include "operation/testing.h"
#include "services/sts/service.h"

namespace sekisho::sts_service {
namespace {

using operation::TestHouse;

constexpr std::string_view serial_number = "arn:aws:iam::111222333444:mfa/ann";
constexpr std::string_view role_arn = "arn:aws:iam::111222333444:role/guarded";
constexpr std::string_view trusts_with_mfa =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111222333444:root"},)"
    R"("Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},)"
    R"("NumericLessThan":{"aws:MultiFactorAuthAge":"600"}}}]})";
constexpr std::string_view everything =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
constexpr std::string_view wrong_code_text = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
constexpr std::string_view no_device_text =
    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and "
    "associated with this user.";

class SecondFactor : public testing::Test {
 protected:
    SecondFactor() {
        const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::virtual_mfa_devices.put(tx, {.account_id = TestHouse::account,
                                                         .path = "/",
                                                         .name = "ann",
                                                         .seed = seed,
                                                         .created_at = house.clock().now(),
                                                         .user_id = ann.principal_id,
                                                         .enabled_at = house.clock().now()}));
            return domain::roles.put(
                tx, {.account_id = TestHouse::account,
                     .name = "guarded",
                     .path = "/",
                     .id = PrincipalId(domain::make_unique_id("AROA", TestHouse::account, system_random())),
                     .trust_policy = std::string(trusts_with_mfa),
                     .created_at = house.clock().now()});
        });
        EXPECT_TRUE(committed.has_value());
    }
    std::string code(std::int64_t steps = 0) {
        return crypto::totp_code(seed, crypto::totp_step(house.clock().now()) + steps);
    }
    Result<sts::AssumeRoleResponse> assume(const access::Caller& caller, std::optional<std::string> token_code,
                                           std::string_view device = serial_number) {
        sts::AssumeRoleRequest request{.role_arn = std::string(role_arn), .role_session_name = "s"};
        if (token_code) request.serial_number = std::string(device);
        request.token_code = std::move(token_code);
        return house.call<sts::AssumeRole>(caller, request);
    }
    // The caller that uses these credentials.
    access::Caller caller_with(const sts::Credentials& credentials) {
        const auto snapshot = house.store().snapshot();
        const auto claims =
            house.environment().tokens->open(snapshot, credentials.session_token, credentials.access_key_id).value();
        access::Caller caller = ann;
        caller.kind = claims.kind;
        caller.access_key_id = claims.access_key_id;
        caller.mfa_at = claims.mfa_at;
        caller.issued_at = claims.issued_at;
        caller.expires_at = claims.expires_at;
        caller.root = claims.root;
        return caller;
    }

    TestHouse house{register_operations};
    const Secret seed{std::string(20, 's')};
    const access::Caller ann = house.user("ann", everything);
};

void expect_denied(const ApiError& error, std::string_view message) {
    EXPECT_EQ(error.code, "AccessDenied");
    EXPECT_EQ(error.message, message);
    EXPECT_EQ(error.http_status, 403);
}

TEST_F(SecondFactor, OpensARoleThatAsksForIt) {
    EXPECT_TRUE(assume(ann, {}).error().message.starts_with("User: arn:aws:iam::111222333444:user/ann is not"));
    const auto session = assume(ann, code());
    ASSERT_TRUE(session.has_value()) << session.error().message;
    EXPECT_EQ(caller_with(*session->credentials).mfa_at, house.clock().now());
}

TEST_F(SecondFactor, ACodeIsTakenOnce) {
    EXPECT_TRUE(assume(ann, code()).has_value());
    expect_denied(assume(ann, code()).error(), wrong_code_text);
    expect_denied(assume(ann, code(-1)).error(), wrong_code_text);
    EXPECT_TRUE(assume(ann, code(1)).has_value());
    expect_denied(
        house.call<sts::GetSessionToken>(ann, {.serial_number = std::string(serial_number), .token_code = code(1)})
            .error(),
        wrong_code_text);
}

TEST_F(SecondFactor, WrongCodesAreCountedAndLock) {
    for (int i = 0; i < limits::user_failures_free; ++i) expect_denied(assume(ann, code(50)).error(), wrong_code_text);
    expect_denied(assume(ann, code()).error(), wrong_code_text);
    house.clock().advance(seconds(limits::lock_seconds_first));
    EXPECT_TRUE(assume(ann, code()).has_value());
}

TEST_F(SecondFactor, OnlyTheUsersOwnDeviceCounts) {
    const auto bob = house.user("bob", everything);
    expect_denied(assume(bob, code()).error(), no_device_text);
    expect_denied(assume(ann, code(), "arn:aws:iam::111222333444:mfa/none").error(), no_device_text);
    expect_denied(assume(ann, code(), "GAHT12345678").error(), no_device_text);
    expect_denied(
        house.call<sts::GetSessionToken>(ann, {.serial_number = std::string(serial_number), .token_code = {}}).error(),
        no_device_text);
}

TEST_F(SecondFactor, TheRootUsersOwnDeviceCountsToo) {
    const auto root_id = domain::root_principal(TestHouse::account);
    const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::virtual_mfa_devices.put(tx, {.account_id = TestHouse::account,
                                                     .path = "/",
                                                     .name = std::string(domain::root_device_name),
                                                     .seed = seed,
                                                     .created_at = house.clock().now(),
                                                     .user_id = root_id,
                                                     .enabled_at = house.clock().now()}));
        return domain::access_keys.put(tx, {.id = AccessKeyId("AKIAQAAAAAAAGMKEM7X5"),
                                            .account_id = TestHouse::account,
                                            .user_name = {},
                                            .user_id = root_id,
                                            .secret = Secret("secret")});
    });
    ASSERT_TRUE(committed.has_value());
    access::Caller root;
    root.kind = access::CallerKind::root;
    root.account_id = TestHouse::account;
    root.principal_id = root_id;
    root.access_key_id = AccessKeyId("AKIAQAAAAAAAGMKEM7X5");
    root.arn = root.principal_arn = "arn:aws:iam::111222333444:root";
    const std::string root_device = "arn:aws:iam::111222333444:mfa/root-account-mfa-device";
    expect_denied(house.call<sts::GetSessionToken>(ann, {.serial_number = root_device, .token_code = code()}).error(),
                  no_device_text);
    const auto session = house.call<sts::GetSessionToken>(root, {.serial_number = root_device, .token_code = code()});
    ASSERT_TRUE(session.has_value()) << session.error().message;
    EXPECT_EQ(caller_with(*session->credentials).mfa_at, house.clock().now());
}

TEST_F(SecondFactor, AClaimAloneOpensNothing) {
    // Whoever may not assume the role with the right code is refused as without one, and no code is tried.
    const auto nobody = house.user("nobody", "");
    const auto committed = house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        return domain::virtual_mfa_devices.put(tx, {.account_id = TestHouse::account,
                                                    .path = "/",
                                                    .name = "nobody",
                                                    .seed = seed,
                                                    .created_at = house.clock().now(),
                                                    .user_id = nobody.principal_id,
                                                    .enabled_at = house.clock().now()});
    });
    ASSERT_TRUE(committed.has_value());
    const auto right = assume(nobody, code(), "arn:aws:iam::111222333444:mfa/nobody").error();
    const auto wrong = assume(nobody, code(50), "arn:aws:iam::111222333444:mfa/nobody").error();
    EXPECT_TRUE(right.message.starts_with("User: arn:aws:iam::111222333444:user/nobody is not authorized"));
    EXPECT_EQ(right.message, wrong.message);
}

TEST_F(SecondFactor, LastsAsLongAsItsSession) {
    const auto answer =
        house.call<sts::GetSessionToken>(ann, {.serial_number = std::string(serial_number), .token_code = code()});
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    const auto session = caller_with(*answer->credentials);
    EXPECT_TRUE(assume(session, {}).has_value()) << "aws:MultiFactorAuthPresent";
    house.clock().advance(minutes(11));
    EXPECT_FALSE(assume(session, {}).has_value()) << "aws:MultiFactorAuthAge";
    const auto plain = caller_with(*house.call<sts::GetSessionToken>(ann, {})->credentials);
    EXPECT_FALSE(plain.mfa_at.has_value());
    EXPECT_FALSE(assume(plain, {}).has_value());
}

TEST_F(SecondFactor, LongTermKeysDoNotHaveTheKey) {
    // The well-known deny of everything without a second factor: BoolIfExists meets long-term keys, Bool does not.
    constexpr std::string_view denies =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny",)"
        R"("Action":"*","Resource":"*","Condition":{")";
    constexpr std::string_view without = R"(":{"aws:MultiFactorAuthPresent":"false"}}}]})";
    const auto strict = house.user("strict", std::string(denies) + "BoolIfExists" + std::string(without));
    const auto lax = house.user("lax", std::string(denies) + "Bool" + std::string(without));
    EXPECT_FALSE(house.call<sts::GetAccessKeyInfo>(strict, {.access_key_id = "AKIASP2TPHJSQH3FJXYZ"}).has_value());
    EXPECT_TRUE(house.call<sts::GetAccessKeyInfo>(lax, {.access_key_id = "AKIASP2TPHJSQH3FJXYZ"}).has_value());
}

TEST_F(SecondFactor, RefusalsAreDecodedByTheirAccount) {
    const access::Refusal refusal{.reason = "because",
                                  .explicitly_denied = true,
                                  .permission = {.action = "ec2:RunInstances",
                                                 .resource = "arn:aws:ec2:us-east-1:111222333444:instance/*",
                                                 .context = {{"ec2:InstanceType", {"t3.micro"}}}}};
    const auto message = operation::encode_authorization_message(*house.environment().tokens, ann, refusal);
    const auto decoded =
        house.call<sts::DecodeAuthorizationMessage>(house.administrator(), {.encoded_message = message});
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->decoded_message,
              R"({"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[]},"failures":{"items":[]},)"
              R"("context":{"principal":{"id":")" +
                  ann.user_id +
                  R"(","name":"ann","arn":"arn:aws:iam::111222333444:user/ann"},"action":"ec2:RunInstances",)"
                  R"("resource":"arn:aws:ec2:us-east-1:111222333444:instance/*","conditions":{"items":[)"
                  R"({"key":"ec2:InstanceType","values":{"items":[{"value":"t3.micro"}]}}]}}})");
    const auto stranger = house.user("stranger", everything, AccountId("999888777666"));
    for (const auto& [caller, text] : {std::pair{stranger, message}, {ann, message + "x"}, {ann, "nonsense"}}) {
        const auto error = house.call<sts::DecodeAuthorizationMessage>(caller, {.encoded_message = text}).error();
        EXPECT_EQ(error.code, "InvalidAuthorizationMessageException");
    }
}

}  // namespace
}  // namespace sekisho::sts_service
