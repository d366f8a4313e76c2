// A password's hash: nearly all that a sign-in costs.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "crypto/password.h"
#include "crypto/test_argon2.h"

namespace sekisho::crypto {
namespace {

void password(benchmark::State& state) {
    const Secret text("Quiet-Harbour-42!");
    for (auto _ : state) {
        const auto hashed = hash_password(text, system_random());
        if (!hashed) std::abort();
        benchmark::DoNotOptimize(*hashed);
    }
}
BENCHMARK(password)->Name("hash_password");

// The same hash by each build that runs here, without hash_password's memory.
[[maybe_unused]] const bool registered = [] {
    for (const auto& build : argon2_builds()) {
        if (!build.runs_here) continue;
        benchmark::RegisterBenchmark((std::string("argon2id/") + build.name).c_str(), [build](benchmark::State& state) {
            for (auto _ : state) benchmark::DoNotOptimize(argon2id_by(build, {}));
        });
    }
    return true;
}();

}  // namespace
}  // namespace sekisho::crypto
