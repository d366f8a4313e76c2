// A point read of 100,000 rows that lie in memory, alone and with the snapshot that every request takes.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "store/key.h"
#include "store/testing.h"

namespace sekisho::store {
namespace {

constexpr std::uint64_t row_count = 100'000;

struct Filled {
    testing::TemporaryFolder folder;
    std::unique_ptr<Store> store;

    Filled() {
        auto opened = Store::open(testing::options_in(folder));
        if (!opened) std::abort();
        store = std::move(*opened);
        for (std::uint64_t first = 0; first < row_count; first += 100) {
            const auto committed = store->commit_and_wait([&](Transaction& tx) -> Result<void> {
                for (std::uint64_t i = first; i < first + 100; ++i) tx.put(key("bench", i), std::string(300, 'x'));
                return {};
            });
            if (!committed) std::abort();
        }
    }
};

void get(benchmark::State& state) {
    const Filled filled;
    const auto snapshot = filled.store->snapshot();
    std::uint64_t i = 0;
    for (auto _ : state) {
        i = (i * 6364136223846793005 + 1442695040888963407) % row_count;
        if (!snapshot.get(key("bench", i))) std::abort();
    }
}
BENCHMARK(get);

void snapshot_and_get(benchmark::State& state) {
    const Filled filled;
    for (auto _ : state) {
        const auto snapshot = filled.store->snapshot();
        if (!snapshot.get(key("bench", std::uint64_t{7}))) std::abort();
    }
}
BENCHMARK(snapshot_and_get);

}  // namespace
}  // namespace sekisho::store
