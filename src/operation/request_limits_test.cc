#include "operation/request_limits.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace sekisho::operation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyTime start = SteadyTime(std::chrono::hours(1));

access::Caller user(std::string id) {
    access::Caller caller;
    caller.kind = access::CallerKind::user;
    caller.principal_id = PrincipalId(std::move(id));
    return caller;
}

// How many failures an address may have at one moment.
int failures_taken(RequestLimits& limits, std::string_view address, SteadyTime now) {
    int count = 0;
    while (limits.admits_address(address, now)) {
        limits.count_failure(address, now);
        ++count;
    }
    return count;
}

TEST(RequestLimitsTest, AnAddressMayFailTenSecondsWorthThenAtItsRate) {
    RequestLimits limits({.failures_per_address = 5});
    EXPECT_EQ(failures_taken(limits, "192.0.2.1", start), 50);
    EXPECT_FALSE(limits.admits_address("192.0.2.1", start));
    EXPECT_TRUE(limits.admits_address("192.0.2.2", start));
    EXPECT_EQ(failures_taken(limits, "192.0.2.1", start + seconds(1)), 5);
    EXPECT_EQ(failures_taken(limits, "192.0.2.1", start + seconds(60)), 50);
}

TEST(RequestLimitsTest, SignedRequestsCostAnAddressNothing) {
    RequestLimits limits({.failures_per_address = 1});
    for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(limits.admits_caller(user("AIDA1"), "192.0.2.1", start));
    EXPECT_EQ(failures_taken(limits, "192.0.2.1", start), 10);
}

TEST(RequestLimitsTest, AnonymousRequestsCostATenthOfAFailure) {
    RequestLimits limits({.failures_per_address = 1});
    int taken = 0;
    while (limits.admits_address("192.0.2.1", start)) {
        EXPECT_TRUE(limits.admits_caller(access::Caller{}, "192.0.2.1", start));
        ++taken;
    }
    EXPECT_EQ(taken, 100);
}

TEST(RequestLimitsTest, AnIpv6NetworkIsOneAddressAndAMappedOneIsItsIpv4) {
    RequestLimits limits({.failures_per_address = 1});
    failures_taken(limits, "2001:db8:1:2::1", start);
    EXPECT_FALSE(limits.admits_address("2001:db8:1:2:ffff::9", start));
    EXPECT_TRUE(limits.admits_address("2001:db8:1:3::1", start));
    failures_taken(limits, "::ffff:192.0.2.1", start);
    EXPECT_FALSE(limits.admits_address("192.0.2.1", start));
}

TEST(RequestLimitsTest, PrincipalsAreLimitedWhereConfigured) {
    RequestLimits limits({.requests_per_principal = 2});
    const auto taken = [&](const access::Caller& caller, SteadyTime now) {
        int count = 0;
        while (limits.admits_caller(caller, "192.0.2.1", now)) ++count;
        return count;
    };
    EXPECT_EQ(taken(user("AIDA1"), start), 20);
    EXPECT_EQ(taken(user("AIDA1"), start + milliseconds(500)), 1);
    EXPECT_EQ(taken(user("AIDA2"), start), 20);
    // A person is the same in every role.
    access::Caller first = user("AROA1"), second = user("AROA2");
    first.root.person_id = second.root.person_id = PersonId("person");
    EXPECT_EQ(taken(first, start), 20);
    EXPECT_EQ(taken(second, start), 0);
}

TEST(RequestLimitsTest, TheTableIsBoundedAndForgetsTheLeastOffender) {
    RateBuckets buckets;
    constexpr std::uint64_t offender = 1;
    buckets.charge(offender, seconds(1000), start);
    for (std::uint64_t key = 3; key < 2'000'001; key += 2) buckets.charge(key, milliseconds(1), start);
    EXPECT_TRUE(buckets.is_spent(offender, start));
}

TEST(RequestLimitsTest, ThreadsLoseNoMoreThanTheirRaces) {
    RequestLimits limits({.failures_per_address = 10'000});
    limits.count_failure("192.0.2.1", start);
    constexpr int threads = 4, each = 40'000 / threads;
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) {
        running.emplace_back([&] {
            for (int k = 0; k < each; ++k) limits.count_failure("192.0.2.1", start);
        });
    }
    for (auto& thread : running) thread.join();
    EXPECT_TRUE(limits.admits_address("192.0.2.1", start));
    EXPECT_EQ(failures_taken(limits, "192.0.2.1", start), 100'000 - 40'001);
}

}  // namespace
}  // namespace sekisho::operation
