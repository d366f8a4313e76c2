#include "models/cloudformation.h"
#include "wire/roundtrip_test.h"

namespace sekisho::wire {
namespace {

TEST(RoundTrip, CloudFormation) {
    EXPECT_EQ(check_all(cloudformation::Operations()), 92);
}

}  // namespace
}  // namespace sekisho::wire
