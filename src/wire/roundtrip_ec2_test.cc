#include "models/autoscaling.h"
#include "models/ec2.h"
#include "wire/roundtrip_test.h"

namespace sekisho::wire {
namespace {

TEST(RoundTrip, Ec2) {
    EXPECT_EQ(check_all(ec2::Operations()), 76);
}

TEST(RoundTrip, AutoScaling) {
    EXPECT_EQ(check_all(autoscaling::Operations()), 1);
}

}  // namespace
}  // namespace sekisho::wire
