#include "wire/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/equal.h"
#include "wire/sigv4_canonical.h"

namespace sekisho::wire {
namespace {

using Checked = std::expected<void, SignatureError>;

static_assert(VerifyOptions{}.age_seconds_max == limits::signature_skew_seconds_max);
static_assert(VerifyOptions{}.future_seconds_max == limits::signature_skew_seconds_max);

struct Scope {
    std::string_view date;
    std::string_view region;
    std::string_view service;
};

crypto::HmacKey derive_signing_key(const Secret& secret, const Scope& scope) {
    const Secret start("AWS4" + std::string(secret.expose()));
    auto key = crypto::hmac_sha256(start.expose(), scope.date);
    key = crypto::hmac_sha256(key.view(), scope.region);
    key = crypto::hmac_sha256(key.view(), scope.service);
    key = crypto::hmac_sha256(key.view(), sigv4::terminator);
    return crypto::HmacKey(key.view());
}

// Keys of this thread, by credential and scope: deriving one costs as much as the rest of a verification. Each name has
// one place; a newcomer takes it over, so there is nothing to grow or to tidy.
const crypto::HmacKey& signing_key(std::string_view access_key_id, const Secret& secret, const Scope& scope) {
    struct Entry {
        std::string name;
        Secret secret;
        std::optional<crypto::HmacKey> key;
    };
    constexpr std::size_t places = 256;
    thread_local const auto entries = std::make_unique<std::array<Entry, places>>();
    thread_local std::string name;
    name.assign(access_key_id);
    for (const std::string_view part : {scope.date, scope.region, scope.service}) name.append("/").append(part);
    Entry& entry = (*entries)[std::hash<std::string>()(name) % places];
    // The secret too: a key id that was deleted and made again must not find its old key.
    if (!entry.key || entry.name != name || !crypto::equal(entry.secret, secret)) {
        entry.key.emplace(derive_signing_key(secret, scope));
        entry.name = name;
        entry.secret = secret;
    }
    return *entry.key;
}

std::array<char, 64> sign_canonical_request(const crypto::HmacKey& key, std::string_view timestamp, const Scope& scope,
                                            std::string_view canonical) {
    thread_local std::string text;
    text.assign(sigv4::algorithm).append("\n").append(timestamp).append("\n").append(scope.date);
    text.append("/").append(scope.region).append("/").append(scope.service).append("/").append(sigv4::terminator);
    const auto digest = crypto::sha256(canonical).hex_characters();
    text.append("\n").append(digest.data(), digest.size());
    return key.mac(text).hex_characters();
}

std::string describe_seconds(std::int64_t count) {
    if (count % 60 == 0) return std::to_string(count / 60) + " min.";
    return std::to_string(count) + " sec.";
}

Checked check_scope(const SignatureV4& signature, const VerifyOptions& options) {
    const bool region_matches =
        options.region.empty() ? is_region(signature.region) : signature.region == options.region;
    if (!region_matches) return std::unexpected(make_signature_error(SignatureFailure::bad_scope));
    if (!options.service.empty() && signature.service != options.service) {
        return std::unexpected(
            SignatureError{SignatureFailure::bad_scope,
                           "Credential should be scoped to correct service: '" + std::string(options.service) + "'. "});
    }
    return {};
}

Checked check_time(const SignatureV4& signature, const VerifyOptions& options) {
    const bool by_expires = signature.presigned && signature.expires_seconds && !options.ignore_expires;
    const std::int64_t age = by_expires ? *signature.expires_seconds : options.age_seconds_max;
    // `sign`: how the bound was counted from now.
    const auto outside = [&](SignatureFailure failure, std::string_view what, std::string_view relation, Time bound,
                             std::string_view sign, std::int64_t distance) {
        return std::unexpected(
            SignatureError{failure, fmt::format("Signature {}: {} is {} {} ({} {} {})", what, signature.timestamp,
                                                relation, format_iso8601_basic(bound),
                                                format_iso8601_basic(options.now), sign, describe_seconds(distance))});
    };
    if (const Time oldest = options.now - seconds(age); signature.time < oldest) {
        return outside(SignatureFailure::expired, "expired", "now earlier than", oldest, "-", age);
    }
    const std::int64_t ahead = options.future_seconds_max;
    if (const Time newest = options.now + seconds(ahead); signature.time > newest) {
        return outside(SignatureFailure::not_yet_current, "not yet current", "still later than", newest, "+", ahead);
    }
    return {};
}

// IAM user guide: `host` and every x-amz- header of the request must be among the signed headers.
Checked check_signed_headers(const HttpRequestView& request, const SignatureV4& signature) {
    const auto must_be_signed = [](std::string_view name) {
        return std::unexpected(
            SignatureError{SignatureFailure::wrong_signature,
                           "'" + std::string(name) + "' must be a 'SignedHeader' in the AWS Authorization."});
    };
    if (!sigv4::lists_header(signature.signed_headers, "host")) return must_be_signed("Host");
    for (const HeaderView& header : request.headers) {
        if (starts_with_ignoring_case(header.name, "x-amz-") &&
            !sigv4::lists_header(signature.signed_headers, header.name)) {
            return must_be_signed(header.name);
        }
    }
    return {};
}

}  // namespace

Checked verify_signature(const HttpRequestView& request, const SignatureV4& signature, const Secret& secret_key,
                         const VerifyOptions& options) {
    if (auto ok = check_scope(signature, options); !ok) return ok;
    if (auto ok = check_time(signature, options); !ok) return ok;
    if (auto ok = check_signed_headers(request, signature); !ok) return ok;

    const std::string digest = sigv4::body_digest(request.body);
    const HeaderView* claimed = sigv4::find_header(request, "x-amz-content-sha256");
    if (claimed != nullptr && trim(claimed->value) != digest) {
        return std::unexpected(make_signature_error(SignatureFailure::wrong_signature));
    }
    thread_local std::string canonical;
    canonical.clear();
    if (!sigv4::append_canonical_request(canonical, request, signature.signed_headers, signature.presigned, digest)) {
        return std::unexpected(make_signature_error(SignatureFailure::wrong_signature));
    }
    const Scope scope{signature.date, signature.region, signature.service};
    const crypto::HmacKey& key = signing_key(signature.access_key_id, secret_key, scope);
    const auto expected = sign_canonical_request(key, signature.timestamp, scope, canonical);
    if (!crypto::equal({expected.data(), expected.size()}, signature.signature)) {
        return std::unexpected(make_signature_error(SignatureFailure::wrong_signature));
    }
    return {};
}

namespace {

// Headers that proxies and HTTP stacks change on the way (botocore's list).
bool is_changed_on_the_way(std::string_view name) {
    static constexpr std::array<std::string_view, 8> names = {
        "authorization", "connection", "expect", "te", "transfer-encoding", "user-agent", "trailer", "x-amzn-trace-id"};
    return std::ranges::any_of(names, [name](std::string_view other) { return equals_ignoring_case(name, other); });
}

std::string list_signed_headers(std::span<const HeaderView> headers) {
    std::vector<std::string> names;
    for (const HeaderView& header : headers) {
        if (!is_changed_on_the_way(header.name)) names.push_back(lower_ascii(header.name));
    }
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    return join(names, ";");
}

std::string make_credential(const Credentials& credentials, const Scope& scope) {
    std::string out = credentials.access_key_id;
    for (const std::string_view part : {scope.date, scope.region, scope.service, sigv4::terminator}) {
        out.append("/").append(part);
    }
    return out;
}

std::string make_signature(const HttpRequestView& request, const Credentials& credentials, const Scope& scope,
                           std::string_view timestamp, std::string_view signed_headers, bool presigned) {
    std::string canonical;
    // Our own query with a bad %-escape: the server will refuse it too, with its reason.
    static_cast<void>(sigv4::append_canonical_request(canonical, request, signed_headers, presigned,
                                                      sigv4::body_digest(request.body)));
    const auto signature =
        sign_canonical_request(derive_signing_key(credentials.secret_key, scope), timestamp, scope, canonical);
    return {signature.data(), signature.size()};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> sign_request(const HttpRequestView& request,
                                                              const Credentials& credentials, std::string_view region,
                                                              std::string_view service, Time time) {
    const std::string timestamp = format_iso8601_basic(time);
    const Scope scope{std::string_view(timestamp).substr(0, 8), region, service};
    std::vector<std::pair<std::string, std::string>> added{{"X-Amz-Date", timestamp}};
    if (!credentials.session_token.empty()) added.emplace_back("X-Amz-Security-Token", credentials.session_token);

    std::vector<HeaderView> headers(request.headers.begin(), request.headers.end());
    for (const auto& [name, value] : added) headers.push_back({name, value});
    HttpRequestView whole = request;
    whole.headers = headers;
    const std::string signed_headers = list_signed_headers(headers);
    const std::string signature = make_signature(whole, credentials, scope, timestamp, signed_headers, false);
    added.emplace_back("Authorization", std::string(sigv4::algorithm) +
                                            " Credential=" + make_credential(credentials, scope) +
                                            ", SignedHeaders=" + signed_headers + ", Signature=" + signature);
    return added;
}

std::string presign_query(const HttpRequestView& request, const Credentials& credentials, std::string_view region,
                          std::string_view service, Time time, std::int64_t expires_seconds) {
    const std::string timestamp = format_iso8601_basic(time);
    const Scope scope{std::string_view(timestamp).substr(0, 8), region, service};
    const std::string signed_headers = list_signed_headers(request.headers);
    std::string query(request.query);
    if (!query.empty()) query.push_back('&');
    query.append("X-Amz-Algorithm=").append(sigv4::algorithm);
    query.append("&X-Amz-Credential=").append(encode_uri(make_credential(credentials, scope)));
    query.append("&X-Amz-Date=").append(timestamp);
    query.append("&X-Amz-Expires=").append(std::to_string(expires_seconds));
    if (!credentials.session_token.empty()) {
        query.append("&X-Amz-Security-Token=").append(encode_uri(credentials.session_token));
    }
    query.append("&X-Amz-SignedHeaders=").append(encode_uri(signed_headers));
    HttpRequestView whole = request;
    whole.query = query;
    const std::string signature = make_signature(whole, credentials, scope, timestamp, signed_headers, true);
    return query.append("&X-Amz-Signature=").append(signature);
}

}  // namespace sekisho::wire
