#include "crypto/jose.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/text.h"

namespace sekisho::crypto {
namespace {

const SigningKey& rsa() {
    static const SigningKey key = SigningKey::generate_rsa().value();
    return key;
}
const SigningKey& p256() {
    static const SigningKey key = SigningKey::generate_p256().value();
    return key;
}
PublicKey jwk_key(std::string_view text) {
    return PublicKey::from_jwk(parse_json(text).value()).value();
}

// RFC 7515 appendix A.3: ES256.
TEST(Jose, Rfc7515Es256) {
    const PublicKey key = jwk_key(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})");
    constexpr std::string_view token =
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const auto verified = verify_jwt(token, std::span(&key, 1));
    ASSERT_TRUE(verified.has_value()) << verified.error().cause;
    EXPECT_TRUE(verified->claims.starts_with("{\"iss\":\"joe\",\r\n"));
}

// RFC 7515 appendix A.2: RS256.
TEST(Jose, Rfc7515Rs256) {
    const PublicKey key = jwk_key(
        R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})");
    constexpr std::string_view token =
        "eyJhbGciOiJSUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
        "O8W2Fp5jujGbds9uJdbF9CUAr7t"
        "1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
        "xi12j"
        "zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
        "IoypGlUPQ"
        "Ge77Rw";
    EXPECT_TRUE(verify_jwt(token, std::span(&key, 1)).has_value());
}

// RFC 7638 3.1.
TEST(Jose, Rfc7638Thumbprint) {
    const PublicKey key = jwk_key(
        R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})");
    EXPECT_EQ(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    EXPECT_EQ(key.kid(), "2011-04-29");
}

TEST(Jose, SignsAndVerifies) {
    for (const SigningKey* key : {&rsa(), &p256()}) {
        const auto token = sign_jwt(*key, R"({"sub":"x"})");
        ASSERT_TRUE(token.has_value());
        const auto verified = verify_jwt(*token, std::span(&key->public_key(), 1));
        ASSERT_TRUE(verified.has_value()) << verified.error().cause;
        EXPECT_EQ(verified->claims, R"({"sub":"x"})");
        EXPECT_EQ(verified->type, "JWT");
        EXPECT_EQ(verified->kid, key->public_key().kid());
    }
}

TEST(Jose, RefusesEveryChangedCharacter) {
    const std::string token = sign_jwt(p256(), R"({"sub":"x"})").value();
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(verify_jwt(changed, std::span(&p256().public_key(), 1)).has_value()) << i;
    }
}

// RFC 8725 2.1: "none", HMAC with the public key as its secret, the other key's algorithm.
TEST(Jose, TheTokenDoesNotChooseItsAlgorithm) {
    const auto with_header = [](std::string_view header, std::string_view signature) {
        return encode_base64url(header) + "." + encode_base64url("{}") + "." + encode_base64url(signature);
    };
    const std::vector<PublicKey> keys{rsa().public_key(), p256().public_key()};
    EXPECT_FALSE(verify_jwt(with_header(R"({"alg":"none"})", ""), keys).has_value());
    EXPECT_FALSE(verify_jwt(with_header(R"({"alg":"HS256"})", std::string(32, 'x')), keys).has_value());
    EXPECT_FALSE(verify_jwt(with_header(R"({})", ""), keys).has_value());
    const std::string body = encode_base64url(R"({"alg":"RS256"})") + "." + encode_base64url("{}");
    const std::string wrong = body + "." + encode_base64url(p256().sign(body).value());
    EXPECT_FALSE(verify_jwt(wrong, keys).has_value());
    const std::string critical = encode_base64url(R"({"alg":"ES256","crit":["exp"]})") + "." + encode_base64url("{}");
    EXPECT_FALSE(verify_jwt(critical + "." + encode_base64url(p256().sign(critical).value()), keys).has_value());
    for (const std::string_view text : {"", ".", "..", "a.b", "a.b.c.d", "!.!.!"}) {
        EXPECT_FALSE(verify_jwt(text, keys).has_value()) << text;
    }
}

TEST(Jose, KidPicksTheKey) {
    const std::string token = sign_jwt(p256(), "{}").value();
    const PublicKey renamed = p256().public_key().with_kid("another");
    EXPECT_FALSE(verify_jwt(token, std::span(&renamed, 1)).has_value());
}

TEST(Jose, KeysSurviveTheirTexts) {
    for (const SigningKey* key : {&rsa(), &p256()}) {
        const auto from_pem = SigningKey::parse_pem(key->to_pem());
        const auto from_der = SigningKey::parse_der(key->to_der());
        const auto public_key = PublicKey::parse_pem(key->public_key().to_pem());
        ASSERT_TRUE(from_pem && from_der && public_key);
        EXPECT_EQ(from_pem->public_key().kid(), key->public_key().kid());
        EXPECT_EQ(from_der->public_key().to_jwk(), key->public_key().to_jwk());
        EXPECT_EQ(public_key->thumbprint(), key->public_key().kid());
    }
    EXPECT_FALSE(SigningKey::parse_pem(Secret("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")));
    EXPECT_FALSE(SigningKey::parse_der(Secret("x")));
    EXPECT_FALSE(PublicKey::parse_pem(""));
}

TEST(Jose, JwkSets) {
    const std::vector<PublicKey> keys{rsa().public_key(), p256().public_key()};
    const std::string text = print_jwk_set(keys);
    EXPECT_FALSE(text.contains("\"d\"")) << "no private member";
    const auto parsed = parse_jwk_set(text);
    ASSERT_TRUE(parsed.has_value());
    ASSERT_EQ(parsed->size(), 2U);
    EXPECT_EQ((*parsed)[0].to_jwk(), keys[0].to_jwk());
    EXPECT_TRUE(verify_jwt(sign_jwt(rsa(), "{}").value(), *parsed).has_value());
    EXPECT_FALSE(parse_jwk_set("{}").has_value());
    const auto others = parse_jwk_set(
        R"({"keys":[{"kty":"oct","k":"AAAA"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},
            {"kty":"RSA","n":"AQAB","e":"AQAB"},7]})");
    ASSERT_TRUE(others.has_value());
    EXPECT_TRUE(others->empty()) << "short, foreign and malformed keys are left out";
}

}  // namespace
}  // namespace sekisho::crypto
