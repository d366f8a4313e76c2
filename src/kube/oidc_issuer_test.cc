#include "kube/oidc_issuer.h"

#include <gtest/gtest.h>

#include <array>

#include "base/json.h"
#include "crypto/jose.h"
#include "operation/testing.h"

namespace sekisho::kube {
namespace {

using operation::TestHouse;

domain::Cluster cluster(const std::string& id, const std::string& key) {
    domain::Cluster made;
    made.account_id = TestHouse::account;
    made.region = Region("us-east-1");
    made.name = "c" + id;
    made.id = id;
    made.oidc_issuer = "https://localhost:7443/oidc/id/" + id;
    made.service_account_key = key;
    return made;
}

net::Response get(TestHouse& house, const std::string& path) {
    net::Request request;
    request.method = "GET";
    request.target = path;
    return serve_oidc_issuer(house.store().snapshot(), request);
}

TEST(OidcIssuer, ServesDiscoveryAndKeys) {
    const auto key = crypto::SigningKey::generate_rsa().value();
    TestHouse house{};
    ASSERT_TRUE(house.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::clusters.put(tx, cluster("RECORD", "")));
        return domain::clusters.put(tx, cluster("LOCAL", key.public_key().to_pem()));
    }));
    const auto found = get(house, "/oidc/id/LOCAL/.well-known/openid-configuration");
    ASSERT_EQ(found.status, 200);
    const auto discovery = parse_json(found.body).value();
    EXPECT_EQ(find_text(discovery, "issuer"), "https://localhost:7443/oidc/id/LOCAL");
    EXPECT_EQ(find_text(discovery, "jwks_uri"), "https://localhost:7443/oidc/id/LOCAL/keys");

    const auto keys = crypto::parse_jwk_set(get(house, "/oidc/id/LOCAL/keys").body).value();
    ASSERT_EQ(keys.size(), 1u);
    const auto token = crypto::sign_jwt(key, R"({"sub":"system:serviceaccount:default:a"})").value();
    // The signer of the test calls its key by another name than kube-apiserver does.
    const std::array renamed{keys[0].with_kid(key.public_key().kid())};
    EXPECT_TRUE(crypto::verify_jwt(token, renamed).has_value());
    EXPECT_EQ(keys[0].kid().size(), 43u);

    EXPECT_EQ(get(house, "/oidc/id/RECORD/keys").body, R"({"keys":[]})");  // nothing is signed there
    EXPECT_EQ(get(house, "/oidc/id/NONE/keys").status, 404);
    EXPECT_EQ(get(house, "/oidc/id/LOCAL/other").status, 404);
    EXPECT_EQ(get(house, "/oidc/id/").status, 404);
}

}  // namespace
}  // namespace sekisho::kube
