#include "wire/roundtrip_test.h"

#include "models/control.h"
#include "models/identitystore.h"
#include "models/organizations.h"
#include "models/signin.h"
#include "models/sso_admin.h"

namespace sekisho::wire {
namespace {

TEST(RoundTrip, Organizations) {
    EXPECT_EQ(check_all(organizations::Operations()), 63);
}

TEST(RoundTrip, SsoAdmin) {
    EXPECT_EQ(check_all(sso_admin::Operations()), 79);
}

TEST(RoundTrip, IdentityStore) {
    EXPECT_EQ(check_all(identitystore::Operations()), 22);
}

TEST(RoundTrip, SignIn) {
    EXPECT_EQ(check_all(signin::Operations()), 13);
}

TEST(RoundTrip, Sekisho) {
    EXPECT_GT(check_all(control::Operations()), 40);
}

}  // namespace
}  // namespace sekisho::wire
