// A presigned GetCallerIdentity with a session token, as every EKS token carries one; its signing key is in the cache.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <string>

#include "wire/sigv4.h"

namespace sekisho::wire {
namespace {

void verify_presigned(benchmark::State& state) {
    const Time now = parse_iso8601_basic("20261124T120000Z").value();
    const Credentials credentials{.access_key_id = "ASIAQAAAAAAAGMKEM7X5",
                                  .secret_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                                  .session_token = std::string(600, 'x')};
    const std::array headers{HeaderView{"host", "sts.us-east-1.amazonaws.com"}, HeaderView{"x-k8s-aws-id", "cluster"}};
    HttpRequestView request{.method = "GET",
                            .path = "/",
                            .query = "Action=GetCallerIdentity&Version=2011-06-15",
                            .headers = headers,
                            .body = {}};
    const std::string query = presign_query(request, credentials, "us-east-1", "sts", now, 60);
    request.query = query;
    for (auto _ : state) {
        const auto signature = parse_signature(request);
        if (!signature || !verify_signature(request, *signature, credentials.secret_key, {.now = now})) std::abort();
    }
}
BENCHMARK(verify_presigned);

}  // namespace
}  // namespace sekisho::wire
