#include "models/eks.h"
#include "models/sso.h"
#include "models/sso_oidc.h"
#include "wire/roundtrip_test.h"

namespace sekisho::wire {
namespace {

TEST(RoundTrip, Sso) {
    EXPECT_EQ(check_all(sso::Operations()), 4);
}

TEST(RoundTrip, SsoOidc) {
    EXPECT_EQ(check_all(sso_oidc::Operations()), 4);
}

TEST(RoundTrip, Eks) {
    EXPECT_EQ(check_all(eks::Operations()), 70);
}

}  // namespace
}  // namespace sekisho::wire
