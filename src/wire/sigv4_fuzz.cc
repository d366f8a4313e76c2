// Input: lines "method path query", then "name:value" headers up to an empty line, then the body. Nothing crashes, and
// no input verifies unless its author signed it with a secret that the fuzzer cannot know.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"
#include "wire/sigv4.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sekisho;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto next_line = [&rest] {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return line;
    };
    const auto first = split(next_line(), ' ');
    wire::HttpRequestView request;
    request.method = first[0];
    if (first.size() > 1) request.path = first[1];
    if (first.size() > 2) request.query = first[2];
    std::vector<wire::HeaderView> headers;
    for (std::string_view line = next_line(); !line.empty(); line = next_line()) {
        const std::size_t colon = std::min(line.find(':'), line.size());
        headers.push_back({line.substr(0, colon), line.substr(std::min(colon + 1, line.size()))});
    }
    request.headers = headers;
    request.body = rest;

    const auto signature = wire::parse_signature(request);
    if (signature) {
        wire::VerifyOptions options;
        options.now = signature->time;
        const Secret secret("one that no input holds");
        if (wire::verify_signature(request, *signature, secret, options)) std::abort();
    }
    if (!wire::has_signature(request) && signature) std::abort();
    // What our signer signs, our verifier takes, whatever the rest of the request is.
    std::vector<wire::HeaderView> unsigned_headers{{"host", "localhost"}};
    for (const auto& header : headers) {
        if (equals_ignoring_case(header.name, "content-type")) unsigned_headers.push_back(header);
    }
    request.headers = unsigned_headers;
    if (wire::has_signature(request) || !wire::canonical_request(request, "host", false)) return 0;
    const wire::Credentials credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE", .secret_key = Secret("secret")};
    const Time now = time_from_epoch_seconds(1'795'000'000);
    const auto added = wire::sign_request(request, credentials, "us-east-1", "sts", now);
    for (const auto& [name, value] : added) unsigned_headers.push_back({name, value});
    request.headers = unsigned_headers;
    const auto ours = wire::parse_signature(request);
    if (!ours || !wire::verify_signature(request, *ours, credentials.secret_key, {.now = now})) std::abort();
    return 0;
}
