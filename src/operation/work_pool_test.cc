#include "operation/work_pool.h"

#include <gtest/gtest.h>

#include <future>

namespace sekisho::operation {
namespace {

TEST(WorkPool, RefusesWhatDoesNotFit) {
    std::promise<void> started;
    std::promise<void> release;
    std::promise<int> ran;
    auto gate = release.get_future().share();
    WorkPool pool(1, 1);
    ASSERT_TRUE(pool.submit([&, gate] {
        started.set_value();
        gate.wait();
    }));
    started.get_future().wait();  // it runs now and waits no more
    EXPECT_TRUE(pool.submit([&] { ran.set_value(7); }));
    EXPECT_FALSE(pool.submit([] {}));
    release.set_value();
    EXPECT_EQ(ran.get_future().get(), 7);
}

}  // namespace
}  // namespace sekisho::operation
