#include "server/oidc_issuers.h"

#include <gtest/gtest.h>

#include <array>

#include "base/json.h"
#include "crypto/jose.h"
#include "domain/applications.h"
#include "domain/clusters.h"
#include "operation/testing.h"

namespace sekisho::server {
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
    return serve_oidc_issuer(house.store().snapshot(), "https://localhost:7443", request);
}

TEST(OidcIssuers, ServeDiscoveryAndKeysOfClusters) {
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

TEST(OidcIssuers, ServeTheKeyOfIdTokens) {
    TestHouse house{};
    const InstanceArn instance("arn:aws:sso:::instance/ssoins-1111222233334444");
    const auto key = crypto::SigningKey::generate_p256().value();
    ASSERT_TRUE(house.store().commit_and_wait([&](store::Transaction& tx) {
        return domain::identity_centers.put(tx, {.instance_arn = instance,
                                                 .identity_store_id = IdentityStoreId("d-1234567890"),
                                                 .owner_account_id = TestHouse::account});
    }));
    EXPECT_EQ(get(house, "/oidc/d-1234567890/keys").status, 404);  // nothing is signed yet
    ASSERT_TRUE(house.store().commit_and_wait([&](store::Transaction& tx) {
        return domain::id_token_keys.put(tx, {.instance_arn = instance, .private_key = key.to_der()});
    }));
    const auto discovery = parse_json(get(house, "/oidc/d-1234567890/.well-known/openid-configuration").body).value();
    EXPECT_EQ(find_text(discovery, "issuer"), "https://localhost:7443/oidc/d-1234567890");
    const auto keys = get(house, "/oidc/d-1234567890/keys").body;
    EXPECT_FALSE(keys.contains("\"d\""));  // the private half stays
    const auto token = crypto::sign_jwt(key, R"({"sub":"somebody"})").value();
    EXPECT_TRUE(crypto::verify_jwt(token, crypto::parse_jwk_set(keys).value()).has_value());
}

}  // namespace
}  // namespace sekisho::server
