#include "kube/token_review.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <cctype>
#include <charconv>
#include <optional>

#include "base/encoding.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

namespace sekisho::kube {
namespace {

constexpr std::string_view token_prefix = "k8s-aws-v1.";
constexpr std::string_view cluster_header = "x-k8s-aws-id";
constexpr std::array<std::string_view, 9> allowed_parameters = {
    "action",        "version",         "x-amz-algorithm",      "x-amz-credential",   "x-amz-date",
    "x-amz-expires", "x-amz-signature", "x-amz-security-token", "x-amz-signedheaders"};
constexpr std::array sts_domains = {"amazonaws.com",    "api.aws",
                                    "amazonaws.com.cn", "api.amazonwebservices.com.cn",
                                    "c2s.ic.gov",       "sc2s.sgov.gov",
                                    "cloud.adc-e.uk",   "csp.hci.ic.gov",
                                    "amazonaws.eu",     "api.amazonwebservices.eu"};

ApiError refused(std::string message, int status = 403) {
    return ApiError{.code = "AccessDenied", .message = std::move(message), .http_status = status};
}
// What the token's own text says goes into answers, logs and the trail: printable, and not without end.
ApiError bad_format(std::string_view text) {
    constexpr std::size_t text_bytes_max = 256;
    std::string shown(text.substr(0, text_bytes_max));
    std::ranges::replace_if(shown, [](char c) { return c < ' ' || c > '~'; }, '?');
    return refused("input token was not properly formatted: " + shown);
}

// Upstream's region label: ^[[:alnum:]]([[:alnum:]\-]*[[:alnum:]])?$
bool is_region_label(std::string_view text) {
    const auto alphanumeric = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
           std::ranges::all_of(text, [&](char c) { return alphanumeric(c) || c == '-'; });
}

struct UrlParts {
    std::string_view host;
    std::string_view query;
};

// Rules 4 to 6, on the text itself: nothing is normalised that a signature was made over.
Result<UrlParts> split_url(std::string_view url, const StsHosts& hosts) {
    std::uint8_t odd = 0;  // looked at to the end: many bytes at a time
    for (const char c : url) odd |= static_cast<std::uint8_t>(c <= ' ') | static_cast<std::uint8_t>(c >= 0x7f);
    if (odd != 0) return bad_format("invalid character in URL");
    const std::size_t colon = url.find("://");
    const std::string_view scheme = colon == std::string_view::npos ? std::string_view() : url.substr(0, colon);
    if (scheme != "https") {
        return bad_format(fmt::format("unexpected scheme \"{}\" in pre-signed URL", scheme));
    }
    std::string_view rest = url.substr(colon + 3);
    const std::size_t host_end = rest.find_first_of("/?#");
    const std::string_view host = rest.substr(0, host_end);
    if (!hosts.allows(host)) return bad_format(fmt::format("unexpected hostname \"{}\" in pre-signed URL", host));
    rest.remove_prefix(host.size());
    if (!rest.starts_with("/?") || rest.contains('#')) return bad_format("unexpected path in pre-signed URL");
    return UrlParts{host, rest.substr(2)};
}

// The query's parameters by name. Rules 7 to 10: a key is refused when another equals it without case (CVE-2022-2385).
class Parameters {
 public:
    static Result<Parameters> parse(std::string_view query) {
        Parameters found;
        if (query.contains(';')) return bad_format("malformed query parameter");
        for (std::string_view piece : split(query, '&')) {
            const std::size_t equals = piece.find('=');
            const std::string_view raw_value =
                equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1);
            auto key = decode_uri(piece.substr(0, equals), true);
            auto value = decode_uri(raw_value, true);
            if (!key || !value || key->empty()) return bad_format("malformed query parameter");
            const std::size_t place = place_of(*key);
            if (place == allowed_parameters.size()) {
                return bad_format(fmt::format("non-whitelisted query parameter \"{}\"", *key));
            }
            auto& [spelled, kept] = found.values_[place];
            if (spelled == *key) return bad_format("query parameter with multiple values not supported");
            if (!spelled.empty()) return bad_format(fmt::format("duplicate query parameter found: \"{}\"", *key));
            spelled = std::move(*key);
            kept = std::move(*value);
        }
        return found;
    }

    // By its name in allowed_parameters; null: not there.
    std::string* find(std::string_view name) {
        auto& [spelled, value] = values_[place_of(name)];
        return spelled.empty() ? nullptr : &value;
    }

 private:
    static std::size_t place_of(std::string_view key) {
        const auto is_key = [&](std::string_view name) { return equals_ignoring_case(name, key); };
        return static_cast<std::size_t>(std::ranges::find_if(allowed_parameters, is_key) - allowed_parameters.begin());
    }
    std::array<std::pair<std::string, std::string>, allowed_parameters.size()> values_;  // as spelled, decoded
};

// Rules 11 to 13, and the algorithm, which STS would check.
Result<void> check_parameters(EksToken& token, Parameters& parameters) {
    const std::string* action = parameters.find("action");
    if (action == nullptr || *action != "GetCallerIdentity") {
        return bad_format("unexpected action parameter in pre-signed URL");
    }
    const std::string* version = parameters.find("version");
    if (version == nullptr || *version != "2011-06-15")
        return bad_format("unexpected version parameter in pre-signed URL");
    const std::string* algorithm = parameters.find("x-amz-algorithm");
    if (algorithm == nullptr || *algorithm != "AWS4-HMAC-SHA256") {
        return bad_format("unexpected X-Amz-Algorithm parameter in pre-signed URL");
    }
    const std::string* headers = parameters.find("x-amz-signedheaders");
    const auto signs = [&](std::string_view name) {
        return headers != nullptr && std::ranges::any_of(split(*headers, ';'), [&](std::string_view header) {
                   return equals_ignoring_case(header, name);
               });
    };
    if (!signs(cluster_header)) {
        return bad_format("client did not sign the x-k8s-aws-id header in the pre-signed URL");
    }
    if (!signs("host")) return bad_format("client did not sign the host header in the pre-signed URL");
    token.signed_headers = *headers;

    const std::string* expires = parameters.find("x-amz-expires");
    int seconds_valid = -1;
    const std::string text = expires == nullptr ? std::string() : *expires;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds_valid);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() || seconds_valid < 0 ||
        seconds_valid > 900) {
        return bad_format(fmt::format("invalid X-Amz-Expires parameter in pre-signed URL: {}", text));
    }
    return {};
}

// Rules 14 and 15, and STS's own: not from the future.
Result<void> check_date(EksToken& token, Parameters& parameters, Time now) {
    const std::string* date = parameters.find("x-amz-date");
    if (date == nullptr || date->empty()) {
        return bad_format("X-Amz-Date parameter must be present in pre-signed URL");
    }
    const auto signed_at = parse_iso8601_basic(*date);
    if (!signed_at)
        return bad_format(fmt::format("error parsing X-Amz-Date parameter {} into format 20060102T150405Z", *date));
    token.signed_at = *signed_at;
    if (now > *signed_at + seconds(limits::eks_token_age_seconds_max)) {
        return bad_format(fmt::format("X-Amz-Date parameter is expired (15 minute expiration) {}", *date));
    }
    if (*signed_at > now + seconds(limits::eks_token_future_seconds_max)) {
        return bad_format(fmt::format("X-Amz-Date parameter is not yet current {}", *date));
    }
    return {};
}

// Rule 16 and the credential scope.
Result<void> check_credential(EksToken& token, Parameters& parameters) {
    std::string* credential = parameters.find("x-amz-credential");
    std::string* signature = parameters.find("x-amz-signature");
    if (credential == nullptr || signature == nullptr) return bad_format("not a signed URL");
    const auto parts = split(*credential, '/');
    if (parts.size() != 5 || parts[0].empty() || !is_region_label(parts[2]) || parts[3] != "sts" ||
        parts[4] != "aws4_request") {
        return bad_format("invalid X-Amz-Credential parameter in pre-signed URL");
    }
    const std::string* date = parameters.find("x-amz-date");
    if (parts[1] != std::string_view(*date).substr(0, 8)) {
        return bad_format("date in credential scope does not match X-Amz-Date");
    }
    if (signature->size() != 64 || !decode_hex(*signature)) return bad_format("invalid X-Amz-Signature parameter");
    token.access_key_id = std::string(parts[0]);
    token.region = std::string(parts[2]);
    token.credential = std::move(*credential);
    token.signature = std::move(*signature);
    if (std::string* session = parameters.find("x-amz-security-token")) token.session_token = std::move(*session);
    return {};
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& values) {
    json.name(name).begin_array();
    for (const std::string& value : values) json.text(value);
    json.end_array();
}

void write_extra(JsonWriter& json, const AwsIdentity& identity) {
    const std::pair<std::string_view, const std::string&> extras[] = {
        {"accessKeyId", identity.access_key_id},
        {"arn", identity.arn},
        {"canonicalArn", identity.canonical_arn},
        {"principalId", identity.principal_id},
        {"sessionName", identity.session_name},
        {"sigs.k8s.io/aws-iam-authenticator/principalId", identity.principal_id},
        {"sekisho/personId", identity.person_id},
        {"sekisho/sourceIdentity", identity.source_identity}};
    json.name("extra").begin_object();
    for (const auto& [name, value] : extras) {
        const bool ours = name.starts_with("sekisho/");
        if (!ours || !value.empty()) json.name(name).begin_array().text(value).end_array();
    }
    json.end_object();
}

ReviewAnswer malformed(int status, std::string text) {
    return ReviewAnswer{.status = status,
                        .body = text + "\n",
                        .content_type = "text/plain; charset=utf-8",
                        .outcome = ReviewOutcome::malformed_request,
                        .reason = std::move(text)};
}

ReviewAnswer refuse(const TokenReviewRequest& request, ReviewOutcome outcome, const ApiError& error,
                    AwsIdentity identity) {
    const std::string reason = error.cause.empty() ? error.message : error.message + ": " + error.cause;
    ReviewAnswer answer{.outcome = outcome, .reason = reason, .identity = std::move(identity)};
    // What could not be judged must not be cached by kube-apiserver as refused: it retries 429 and 5xx.
    if (error.http_status == 429 || error.is_server_fault()) {
        answer.outcome = ReviewOutcome::unavailable;
        answer.status = error.http_status;
    }
    answer.body =
        encode_refused(request, answer.outcome == ReviewOutcome::invalid_token ? error.message : "Unauthorized");
    return answer;
}

}  // namespace

StsHosts::StsHosts(std::vector<std::string> own) : own_(std::move(own)) {
    for (std::string& host : own_) host = lower_ascii(host);
}

bool StsHosts::allows(std::string_view host) const {
    const std::string name = lower_ascii(host);
    if (std::ranges::find(own_, name) != own_.end()) return true;
    if (name == "sts.amazonaws.com") return true;
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) return false;
    const std::string_view service = std::string_view(name).substr(0, dot);
    if (service != "sts" && service != "sts-fips") return false;
    const std::string_view rest = std::string_view(name).substr(dot + 1);
    const std::size_t region_end = rest.find('.');
    if (region_end == std::string_view::npos || !is_region_label(rest.substr(0, region_end))) return false;
    return std::ranges::find(sts_domains, rest.substr(region_end + 1)) != sts_domains.end();
}

Result<EksToken> parse_eks_token(std::string_view text, const StsHosts& hosts, Time now) {
    if (text.size() > limits::eks_token_bytes_max) return bad_format("token is too large");
    if (!text.starts_with(token_prefix)) {
        return bad_format(fmt::format("token is missing expected \"{}\" prefix", token_prefix));
    }
    const auto url = decode_base64url(text.substr(token_prefix.size()));
    if (!url) return bad_format("illegal base64 data");
    SEK_TRY(const UrlParts parts, split_url(*url, hosts));
    EksToken token;
    token.host = std::string(parts.host);
    token.raw_query = std::string(parts.query);
    SEK_TRY(auto parameters, Parameters::parse(parts.query));
    SEK_TRY(check_parameters(token, parameters));
    SEK_TRY(check_date(token, parameters, now));
    SEK_TRY(check_credential(token, parameters));
    return token;
}

Result<TokenReviewRequest> parse_token_review(std::string_view body) {
    const auto malformed_body = [] { return refused("expected a request body to be a TokenReview", 400); };
    std::array<unsigned char, 8192> buffer;
    json::monotonic_resource memory(buffer.data(), buffer.size());
    const auto value = parse_json(body, &memory);
    if (!value || !value->is_object()) return malformed_body();
    TokenReviewRequest request;
    request.api_version = find_text(*value, "apiVersion").value_or("");
    const bool known =
        request.api_version == "authentication.k8s.io/v1" || request.api_version == "authentication.k8s.io/v1beta1";
    if (!known || find_text(*value, "kind") != "TokenReview") return malformed_body();
    const json::value* spec = find(*value, "spec");
    auto token = spec == nullptr ? std::nullopt : find_text(*spec, "token");
    if (!token) return malformed_body();
    request.token = std::move(*token);
    const json::value* audiences = find(*spec, "audiences");
    if (audiences == nullptr || audiences->is_null()) return request;
    if (!audiences->is_array() || audiences->get_array().size() > 100) return malformed_body();
    for (const json::value& audience : audiences->get_array()) {
        if (!audience.is_string()) return malformed_body();
        request.audiences.emplace_back(audience.get_string());
    }
    return request;
}

std::string encode_accepted(const TokenReviewRequest& request, const AwsIdentity& identity,
                            const KubernetesUser& user) {
    std::string body;
    body.reserve(1024);  // most
    JsonWriter json(body);
    json.begin_object().member("apiVersion", request.api_version).member("kind", "TokenReview");
    json.name("metadata").begin_object().name("creationTimestamp").null().end_object();
    json.name("spec").begin_object().end_object();
    json.name("status").begin_object().member("authenticated", true).name("user").begin_object();
    json.member("username", user.username);
    json.member("uid", fmt::format("aws-iam-authenticator:{}:{}", identity.account_id, identity.principal_id));
    write_texts(json, "groups", user.groups);
    write_extra(json, identity);
    json.end_object();
    if (!request.audiences.empty()) write_texts(json, "audiences", request.audiences);
    json.end_object().end_object();
    return body;
}

std::string encode_refused(const TokenReviewRequest& request, std::string_view error) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("apiVersion", request.api_version).member("kind", "TokenReview");
    json.name("metadata").begin_object().name("creationTimestamp").null().end_object();
    json.name("spec").begin_object().end_object();
    json.name("status").begin_object().member("authenticated", false);
    json.name("user").begin_object().end_object().member("error", error);
    json.end_object().end_object();
    return body;
}

std::string_view review_outcome_name(ReviewOutcome outcome) {
    switch (outcome) {
        case ReviewOutcome::success:
            return "success";
        case ReviewOutcome::malformed_request:
            return "malformed_request";
        case ReviewOutcome::invalid_token:
            return "invalid_token";
        case ReviewOutcome::refused_principal:
            return "refused_principal";
        case ReviewOutcome::unknown_user:
            return "unknown_user";
        case ReviewOutcome::unavailable:
            return "unavailable";
    }
    return "unavailable";
}

ReviewAnswer review_token(std::string_view method, std::string_view body, const ReviewContext& context) {
    if (method != "POST") return malformed(405, "expected POST");
    if (body.empty()) return malformed(400, "expected a request body");
    auto request = parse_token_review(body);
    if (!request) return malformed(400, request.error().message);
    const auto token = parse_eks_token(request->token, context.hosts, context.now);
    if (!token) return refuse(*request, ReviewOutcome::invalid_token, token.error(), {});
    auto verified = context.verify(*token, context.cluster_name);
    if (!verified) return refuse(*request, ReviewOutcome::refused_principal, verified.error(), {});
    auto identity = identify(std::move(*verified));
    if (!identity) return refuse(*request, ReviewOutcome::refused_principal, identity.error(), {});
    auto user = context.map(*identity);
    if (!user) return refuse(*request, ReviewOutcome::unknown_user, user.error(), std::move(*identity));
    ReviewAnswer answer{.body = encode_accepted(*request, *identity, *user)};
    answer.identity = std::move(*identity);
    answer.user = std::move(*user);
    return answer;
}

}  // namespace sekisho::kube
