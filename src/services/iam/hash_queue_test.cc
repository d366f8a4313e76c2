#include "services/iam/hash_queue.h"

#include <gtest/gtest.h>

#include <future>

namespace sekisho::iam_service {
namespace {

TEST(HashQueue, RefusesWhatDoesNotFit) {
    std::promise<void> started;
    std::promise<void> release;
    std::promise<int> ran;
    auto gate = release.get_future().share();
    HashQueue queue(1);
    ASSERT_TRUE(queue.add([&, gate] {
        started.set_value();
        gate.wait();
    }));
    started.get_future().wait();  // it runs now and waits no more
    EXPECT_TRUE(queue.add([&] { ran.set_value(7); }));
    EXPECT_FALSE(queue.add([] {}));
    release.set_value();
    EXPECT_EQ(ran.get_future().get(), 7);
}

}  // namespace
}  // namespace sekisho::iam_service
