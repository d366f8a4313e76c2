// Registrations and assertions of a key made of software, and everything that must be refused (WebAuthn Level 3, 7).
#include "crypto/webauthn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "crypto/cbor.h"
#include "crypto/test_authenticator.h"

namespace sekisho::crypto {
namespace {

using testing::HasSubstr;

const WebauthnCeremony ceremony{.rp_id = "localhost",
                                .origin = "https://localhost:7443",
                                .challenge = "sixteen-bytes-of",
                                .needs_user_verification = true};

Result<WebauthnRegistration> register_with(const TestAuthenticator& authenticator,
                                           const WebauthnCeremony& asked = ceremony) {
    const auto made = authenticator.create(ceremony.challenge);
    return verify_registration(asked, made.client_data, made.attestation_object);
}

Result<WebauthnAssertion> sign_in_with(const TestAuthenticator& authenticator, const StoredCredential& stored,
                                       const WebauthnCeremony& asked = ceremony) {
    const auto made = authenticator.get(ceremony.challenge);
    return verify_assertion(asked, stored, made.view());
}

TEST(Webauthn, RegistersAndSignsIn) {
    TestAuthenticator authenticator;
    const auto registered = register_with(authenticator);
    ASSERT_TRUE(registered) << registered.error().cause;
    EXPECT_EQ(registered->credential_id, authenticator.credential_id);
    EXPECT_EQ(registered->sign_count, 1);
    EXPECT_TRUE(registered->user_verified);
    EXPECT_FALSE(registered->can_back_up);
    authenticator.sign_count = 2;
    const auto signed_in = sign_in_with(authenticator, {.public_key = registered->public_key, .sign_count = 1});
    ASSERT_TRUE(signed_in) << signed_in.error().cause;
    EXPECT_EQ(signed_in->sign_count, 2);
    EXPECT_TRUE(signed_in->user_verified);
}

// Each trick is refused at the registration and at the sign-in, for its own reason.
struct Trick {
    const char* cause;
    std::function<void(TestAuthenticator&, WebauthnCeremony&)> play;
};

TEST(Webauthn, RefusesTricks) {
    const Trick tricks[] = {
        {"another origin", [](auto& a, auto&) { a.origin = "https://localhost.evil.example"; }},
        {"another origin", [](auto& a, auto&) { a.origin = "http://localhost:7443"; }},
        {"another origin", [](auto& a, auto&) { a.origin = "https://localhost:7444"; }},
        {"another relying party", [](auto& a, auto&) { a.rp_id = "evil.example"; }},
        {"another challenge", [](auto&, auto& asked) { asked.challenge = "another challeng"; }},
        {"another challenge", [](auto&, auto& asked) { asked.challenge.clear(); }},
        {"another type", [](auto& a, auto&) { a.type = "payment.get"; }},
        {"user was not verified", [](auto& a, auto&) { a.flags = TestAuthenticator::present; }},
        {"nobody was present", [](auto& a, auto&) { a.flags = TestAuthenticator::verified; }},
        {"without being able to", [](auto& a, auto&) { a.flags |= 0x10; }},
        {"framed", [](auto& a, auto&) { a.more_client_data = ",\"crossOrigin\":true"; }},
        {"framed", [](auto& a, auto&) { a.more_client_data = ",\"crossOrigin\":\"false\""; }},
        {"framed", [](auto& a, auto&) { a.more_client_data = ",\"topOrigin\":\"https://evil.example\""; }},
        {"not JSON", [](auto& a, auto&) { a.more_client_data = ","; }},
        {"malformed extensions", [](auto& a, auto&) { a.flags |= 0x80; }},
    };
    const TestAuthenticator good;
    const std::string stored = good.cose_key();
    for (const auto& trick : tricks) {
        auto authenticator = good;
        auto asked = ceremony;
        trick.play(authenticator, asked);
        const auto registered = register_with(authenticator, asked);
        ASSERT_FALSE(registered) << trick.cause;
        EXPECT_THAT(registered.error().cause, HasSubstr(trick.cause));
        const auto signed_in = sign_in_with(authenticator, {.public_key = stored}, asked);
        ASSERT_FALSE(signed_in) << trick.cause;
        EXPECT_THAT(signed_in.error().cause, HasSubstr(trick.cause));
    }
}

TEST(Webauthn, AnAnswerOfOneKindIsNotOneOfTheOther) {
    const TestAuthenticator authenticator;
    const auto created = authenticator.create(ceremony.challenge);
    const auto assertion = authenticator.get(ceremony.challenge);
    EXPECT_FALSE(verify_registration(ceremony, assertion.client_data, created.attestation_object));
    const StoredCredential stored{.public_key = {}};
    EXPECT_FALSE(verify_assertion(ceremony, stored,
                                  {.client_data = created.client_data,
                                   .authenticator_data = assertion.authenticator_data,
                                   .signature = assertion.signature}));
}

TEST(Webauthn, WithoutUserVerificationWhereItIsNotAskedFor) {
    TestAuthenticator authenticator;
    authenticator.flags = TestAuthenticator::present;
    auto asked = ceremony;
    asked.needs_user_verification = false;
    const auto signed_in = sign_in_with(authenticator, {.public_key = authenticator.cose_key()}, asked);
    ASSERT_TRUE(signed_in);
    EXPECT_FALSE(signed_in->user_verified);
}

TEST(Webauthn, TheCounterNeverStandsStillNorGoesBack) {
    TestAuthenticator authenticator;
    const std::string stored = authenticator.cose_key();
    const auto at = [&](std::uint32_t shown, std::int64_t known) {
        authenticator.sign_count = shown;
        return sign_in_with(authenticator, {.public_key = stored, .sign_count = known}).has_value();
    };
    EXPECT_TRUE(at(8, 7));
    EXPECT_FALSE(at(7, 7));
    EXPECT_FALSE(at(6, 7));
    EXPECT_FALSE(at(0, 7));
    EXPECT_TRUE(at(0, 0));  // does not count
    EXPECT_TRUE(at(0xFFFFFFFF, 0x7FFFFFFF));
}

TEST(Webauthn, BackupEligibilityNeverChanges) {
    TestAuthenticator authenticator;
    const std::string stored = authenticator.cose_key();
    EXPECT_FALSE(sign_in_with(authenticator, {.public_key = stored, .can_back_up = true}));
    authenticator.flags |= TestAuthenticator::can_back_up;
    EXPECT_TRUE(sign_in_with(authenticator, {.public_key = stored, .can_back_up = true}));
    EXPECT_FALSE(sign_in_with(authenticator, {.public_key = stored, .can_back_up = false}));
}

TEST(Webauthn, ASignatureIsOverEveryByte) {
    TestAuthenticator authenticator;
    const std::string stored = authenticator.cose_key();
    const auto good = authenticator.get(ceremony.challenge);
    const auto check = [&](const TestAuthenticator::Assertion& made) {
        return verify_assertion(ceremony, {.public_key = stored}, made.view()).has_value();
    };
    ASSERT_TRUE(check(good));
    auto changed = good;
    changed.client_data.insert(changed.client_data.size() - 1, " ");
    EXPECT_FALSE(check(changed));
    changed = good;
    changed.authenticator_data.back() = '\x05';  // of the counter
    EXPECT_FALSE(check(changed));
    changed = good;
    changed.authenticator_data += "x";
    EXPECT_FALSE(check(changed));
    for (std::size_t i = 0; i < good.signature.size(); ++i) {
        changed = good;
        changed.signature[i] = static_cast<char>(changed.signature[i] ^ 1);
        EXPECT_FALSE(check(changed)) << i;
    }
    EXPECT_FALSE(sign_in_with(authenticator, {.public_key = TestAuthenticator().cose_key()}));
}

TEST(Webauthn, RefusesKeysOfOtherKinds) {
    struct Weak : TestAuthenticator {
        std::string cose;
    };
    const TestAuthenticator good;
    const std::string key = good.cose_key();
    // algorithm ES384; curve P-384; a point off the curve; a private member more; a symmetric key.
    std::string es384 = key;
    es384.replace(es384.find('\x26'), 1, "\x38\x22");
    std::string off_curve = key;
    off_curve.back() = static_cast<char>(off_curve.back() ^ 1);
    std::string with_private = key + cbor_integer(-4) + cbor_bytes(std::string(32, 'd'));
    with_private[0] = '\xa6';
    const std::string symmetric =
        cbor_head(5, 2) + cbor_integer(1) + cbor_integer(4) + cbor_integer(-1) + cbor_bytes("k");
    for (const auto& bad : {es384, off_curve, with_private, symmetric, std::string(), key + "\x01"}) {
        EXPECT_FALSE(sign_in_with(good, {.public_key = bad}));
    }
}

TEST(Cbor, IsReadStrictly) {
    const auto reads = [](std::string_view text) { return read_cbor(text).has_value() && text.empty(); };
    using namespace std::string_literals;
    for (const auto& good :
         {"\x00"s, "\x18\x18"s, "\x19\x01\x00"s, "\x1a\x00\x01\x00\x00"s, "\x20"s, "\x41x"s, "\x61x"s, "\x82\x01\x02"s,
          "\xa1\x01\x02"s, "\xf4"s, "\xf5"s, "\xf6"s, "\x81\x81\x81\x81\x01"s}) {
        EXPECT_TRUE(reads(good)) << encode_hex(good);
    }
    for (const auto& bad : {""s,
                            "\x18\x17"s,
                            "\x19\x00\xff"s,
                            "\x1a\x00\x00\xff\xff"s,
                            "\x1b\x00\x00\x00\x00\xff\xff\xff\xff"s,
                            "\x42x"s,
                            "\x5f\x41x\xff"s,
                            "\xbf\xff"s,
                            "\x9f\xff"s,
                            "\xa2\x01\x02\x01\x03"s,
                            "\xa1\x01"s,
                            "\xc1\x00"s,
                            "\xf9\x00\x00"s,
                            "\xf7"s,
                            "\xf8\x20"s,
                            "\x1c"s,
                            "\x1f"s,
                            "\x1b\xff\xff\xff\xff\xff\xff\xff\xff"s,
                            "\x81\x81\x81\x81\x81\x01"s,
                            "\x9b\x00\x00\x00\x01\x00\x00\x00\x00"s,
                            "\xb8\x41"s}) {
        EXPECT_FALSE(reads(bad)) << encode_hex(bad);
    }
}

}  // namespace
}  // namespace sekisho::crypto
