#pragma once
// What the tests of this room share: a folder that goes with the test, a store in it, a clock that threads may move.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <string>

#include "store/store.h"

namespace sekisho::store::testing {

class TemporaryFolder {
 public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "sekisho-store-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

class TestClock final : public Clock {
 public:
    explicit TestClock(Time now) : now_(now) {}
    Time now() const override { return now_.load(); }
    void advance(milliseconds by) { now_.store(now_.load() + by); }

 private:
    std::atomic<Time> now_;
};

inline StoreOptions options_in(const TemporaryFolder& folder) {
    return {.folder = folder.path() / "store", .map_bytes = 1ULL << 30, .durable = false};
}

inline std::unique_ptr<Store> open_store(StoreOptions options) {
    auto store = Store::open(std::move(options));
    EXPECT_TRUE(store) << (store ? "" : store.error().cause);
    return store ? std::move(*store) : nullptr;
}

}  // namespace sekisho::store::testing
