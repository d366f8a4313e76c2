#include "models/iam.h"
#include "models/sts.h"
#include "wire/roundtrip_test.h"

namespace sekisho::wire {
namespace {

TEST(RoundTrip, Iam) {
    EXPECT_EQ(check_all(iam::Operations()), 180);
}

TEST(RoundTrip, Sts) {
    EXPECT_EQ(check_all(sts::Operations()), 11);
}

}  // namespace
}  // namespace sekisho::wire
