#include "services/signin/dpop.h"

#include "services/signin/test_login.h"

namespace sekisho::signin_service {
namespace {

const Time now = *parse_iso8601("2026-11-29T03:00:00Z");
const ProvenRequest request{.method = "POST", .host = "localhost:7443", .path = "/v1/token", .now = now};
constexpr std::string_view uri = "https://localhost:7443/v1/token";

TEST(Dpop, AProofNamesItsKey) {
    const auto key = *crypto::SigningKey::generate_p256();
    const auto proven = verify_proof(make_proof(key, uri, now, "id"), request);
    ASSERT_TRUE(proven);
    EXPECT_EQ(proven->thumbprint, key.public_key().thumbprint());
    EXPECT_EQ(proven->proof_id, "id");
}

TEST(Dpop, TheAddressIsThatOfTheRequest) {
    const auto key = *crypto::SigningKey::generate_p256();
    const auto is_for = [&](std::string_view address, std::string_view host) {
        auto asked = request;
        asked.host = host;
        return verify_proof(make_proof(key, address, now, "id"), asked).has_value();
    };
    EXPECT_TRUE(is_for("HTTPS://LOCALHOST:7443/v1/token?a=b#c", "localhost:7443"));
    EXPECT_TRUE(is_for("https://us-east-1.signin.aws.amazon.com/v1/token", "us-east-1.signin.aws.amazon.com:443"));
    for (const auto* other : {"http://localhost:7443/v1/token", "https://localhost/v1/token", "https://localhost:7443",
                              "https://localhost:7443/v1/tokens", "https://localhost:7443.evil/v1/token", ""}) {
        EXPECT_FALSE(is_for(other, "localhost:7443")) << other;
    }
}

TEST(Dpop, ProofsOfOtherThingsAreRefused) {
    const auto key = *crypto::SigningKey::generate_p256();
    EXPECT_FALSE(verify_proof(make_proof(key, uri, now, "id", "GET"), request));
    EXPECT_FALSE(verify_proof(make_proof(key, uri, now, "id", "POST", "JWT"), request));
    EXPECT_FALSE(verify_proof(make_proof(key, uri, now, ""), request));
    EXPECT_FALSE(verify_proof(make_proof(key, uri, now, std::string(257, 'x')), request));
    for (const auto by : {minutes(6), -minutes(6)}) {
        EXPECT_FALSE(verify_proof(make_proof(key, uri, now + by, "id"), request));
    }
    for (const auto* text : {"", ".", "..", "a.b.c"}) EXPECT_FALSE(verify_proof(text, request)) << text;
}

// A key that is not the signer's, and a key that should have stayed at home.
TEST(Dpop, TheKeyIsPublicAndTheSigners) {
    const auto key = *crypto::SigningKey::generate_p256();
    const auto other = *crypto::SigningKey::generate_p256();
    const auto proof = make_proof(key, uri, now, "id");
    const auto foreign = make_proof(other, uri, now, "id");
    EXPECT_FALSE(verify_proof(foreign.substr(0, foreign.find('.')) + proof.substr(proof.find('.')), request));
    std::string header = R"({"typ":"dpop+jwt","alg":"ES256","jwk":)" + key.public_key().to_jwk();
    header.back() = ',';
    header += R"("d":"AA"}})";
    const auto text = encode_base64url(header) + proof.substr(proof.find('.'), proof.rfind('.') - proof.find('.'));
    EXPECT_FALSE(verify_proof(text + "." + encode_base64url(*key.sign(text)), request));
}

}  // namespace
}  // namespace sekisho::signin_service
