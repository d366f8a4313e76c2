// JSON as requests have it: a TokenReview read, an answer of twenty objects written.
#include <benchmark/benchmark.h>

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <cstdlib>
#include <string>

#include "base/json.h"

namespace sekisho {
namespace {

void read_token_review(benchmark::State& state) {
    const std::string text =
        R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":")" +
        std::string(1500, 'x') + R"("},"status":{"user":{}}})";
    for (auto _ : state) {
        std::array<unsigned char, 8192> buffer;
        json::monotonic_resource memory(buffer.data(), buffer.size());
        const auto value = parse_json(text, &memory);
        if (!value || find(*find(*value, "spec"), "token") == nullptr) std::abort();
    }
}
BENCHMARK(read_token_review);

void write_twenty_objects(benchmark::State& state) {
    for (auto _ : state) {
        std::string out;
        JsonWriter json(out);
        json.begin_object().name("Roles").begin_array();
        for (int i = 0; i < 20; ++i) {
            json.begin_object().member("RoleName", "AWSReservedSSO_EKSClusterAdminAccess_0123456789abcdef");
            json.member("Arn", "arn:aws:iam::111122223333:role/x").member("MaxSessionDuration", 3600).end_object();
        }
        json.end_array().end_object();
        benchmark::DoNotOptimize(out);
    }
}
BENCHMARK(write_twenty_objects);

}  // namespace
}  // namespace sekisho
