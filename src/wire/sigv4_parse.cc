// Reading signatures out of requests. Texts: AWS's own (recorded answers; IAM user guide,
// signature-v4-troubleshooting).
#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "wire/sigv4.h"
#include "wire/sigv4_canonical.h"

namespace sekisho::wire {
namespace {

using sigv4::find_header;
using Parsed = std::expected<SignatureV4, SignatureError>;
using Checked = std::expected<void, SignatureError>;

std::unexpected<SignatureError> incomplete(std::string message) {
    return std::unexpected(SignatureError{SignatureFailure::incomplete_signature, std::move(message)});
}

struct QueryParameter {
    std::string_view name;
    std::string_view value;  // as sent
};

template <class Visit>
void each_amz_parameter(std::string_view query, Visit&& visit) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (!starts_with_ignoring_case(part, "x-amz-")) continue;
        const std::size_t equals = std::min(part.find('='), part.size());
        visit(QueryParameter{part.substr(0, equals), part.substr(std::min(equals + 1, part.size()))});
    }
}

bool has_query_signature(std::string_view query) {
    bool found = false;
    each_amz_parameter(query, [&](const QueryParameter& p) {
        found = found || p.name == "X-Amz-Signature" || p.name == "X-Amz-Algorithm" || p.name == "X-Amz-Credential";
    });
    return found;
}

Checked read_scope(SignatureV4& out, std::string_view credential) {
    std::array<std::string_view, 5> parts;
    std::size_t count = 0;
    for (const std::string_view part : split(credential, '/')) {
        if (count < parts.size()) parts[count] = part;
        ++count;
    }
    if (count != parts.size()) {
        return incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            "got '" +
            std::string(credential) + "'");
    }
    out.access_key_id = parts[0];
    out.date = parts[1];
    out.region = parts[2];
    out.service = parts[3];
    if (parts[4] != sigv4::terminator) {
        return std::unexpected(SignatureError{SignatureFailure::bad_scope,
                                              "Credential should be scoped with a valid terminator: 'aws4_request'"});
    }
    return {};
}

Checked read_timestamp(SignatureV4& out, std::string_view text) {
    const auto time = parse_iso8601_basic(text);
    if (!time) {
        return incomplete("Date must be in ISO-8601 'basic format'. Got '" + std::string(text) +
                          "'. See http://en.wikipedia.org/wiki/ISO_8601");
    }
    out.time = *time;
    out.timestamp = text;
    if (const std::string_view day = text.substr(0, 8); day != out.date) {
        return std::unexpected(SignatureError{
            SignatureFailure::bad_scope,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" + out.date +
                "' != '" + std::string(day) + "', from '" + out.timestamp + "'."});
    }
    return {};
}

Checked check_signed_headers(std::string_view list) {
    const auto names = split(list, ';');
    if (names.size() > limits::header_count_max) return incomplete("SignedHeaders names too many headers.");
    for (auto name = names.begin(); name != names.end(); ++name) {
        const auto same = [&](std::string_view other) { return equals_ignoring_case(*name, other); };
        if (name->empty() || std::any_of(names.begin(), name, same)) {
            return incomplete("SignedHeaders must name each header once, separated by ';', got '" + std::string(list) +
                              "'");
        }
    }
    return {};
}

// The header may hold a secret of another scheme (a bearer token): then only its digest is repeated.
std::string describe_authorization(std::string_view value) {
    if (value.starts_with("AWS4-")) return "Authorization=" + std::string(value);
    return "(Hashed with SHA-256 and encoded with Base64) Authorization=" + encode_base64(crypto::sha256(value).view());
}

struct AuthorizationParts {
    std::string_view credential;
    std::string_view signed_headers;
    std::string_view signature;
};

std::expected<AuthorizationParts, SignatureError> split_authorization(std::string_view value) {
    AuthorizationParts parts;
    for (const std::string_view piece : split(value.substr(sigv4::algorithm.size()), ',')) {
        const std::string_view part = trim(piece);
        if (part.empty()) continue;
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos) {
            return incomplete("'" + std::string(part) +
                              "' not a valid key=value pair (missing equal-sign) in Authorization header: '" +
                              std::string(value) + "'.");
        }
        const std::string_view name = part.substr(0, equals);
        std::string_view* slot = name == "Credential"      ? &parts.credential
                                 : name == "SignedHeaders" ? &parts.signed_headers
                                 : name == "Signature"     ? &parts.signature
                                                           : nullptr;
        if (slot == nullptr) continue;
        if (slot->data() != nullptr) {
            return incomplete("Authorization header holds '" + std::string(name) + "' more than once.");
        }
        *slot = part.substr(equals + 1);
    }
    return parts;
}

Checked check_single_headers(const HttpRequestView& request) {
    for (const std::string_view name :
         {"authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "host"}) {
        if (sigv4::count_headers(request, name) > 1) {
            return incomplete("Header '" + std::string(name) + "' must not be repeated.");
        }
    }
    return {};
}

Parsed parse_header_signature(const HttpRequestView& request, std::string_view value) {
    const bool is_ours = value.starts_with(sigv4::algorithm) &&
                         (value.size() == sigv4::algorithm.size() || value[sigv4::algorithm.size()] == ' ');
    AuthorizationParts parts;
    if (is_ours) {
        auto read = split_authorization(value);
        if (!read) return std::unexpected(std::move(read).error());
        parts = *read;
    } else if (value.starts_with("AWS4-")) {
        return incomplete("Unsupported AWS 'algorithm': '" + std::string(value.substr(0, value.find(' '))) + "'.");
    }
    const HeaderView* date = find_header(request, "x-amz-date");
    if (date == nullptr) date = find_header(request, "date");

    std::string missing;
    const auto require_part = [&missing](std::string_view part, std::string_view name) {
        if (part.empty()) missing += "Authorization header requires '" + std::string(name) + "' parameter. ";
    };
    require_part(parts.credential, "Credential");
    require_part(parts.signature, "Signature");
    require_part(parts.signed_headers, "SignedHeaders");
    if (date == nullptr) {
        missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    }
    if (!missing.empty()) return incomplete(missing + describe_authorization(value));

    SignatureV4 out;
    if (auto read = read_scope(out, parts.credential); !read) return std::unexpected(std::move(read).error());
    if (auto read = read_timestamp(out, trim(date->value)); !read) return std::unexpected(std::move(read).error());
    if (auto ok = check_signed_headers(parts.signed_headers); !ok) return std::unexpected(std::move(ok).error());
    // A time that is not signed could be moved at will.
    if (!sigv4::lists_header(parts.signed_headers, date->name)) {
        return std::unexpected(
            SignatureError{SignatureFailure::wrong_signature,
                           "'" + std::string(date->name) + "' must be a 'SignedHeader' in the AWS Authorization."});
    }
    out.signed_headers = parts.signed_headers;
    out.signature = parts.signature;
    if (const HeaderView* token = find_header(request, "x-amz-security-token")) out.session_token = trim(token->value);
    return out;
}

struct PresignedParts {
    std::optional<std::string> algorithm, credential, date, expires, signed_headers, signature, session_token;
};

std::expected<PresignedParts, SignatureError> read_presigned_parts(std::string_view query) {
    PresignedParts parts;
    std::vector<std::string_view> seen;
    seen.reserve(8);  // most have seven
    std::string problem;
    each_amz_parameter(query, [&](const QueryParameter& p) {
        const auto same = [&](std::string_view other) { return equals_ignoring_case(p.name, other); };
        if (std::ranges::any_of(seen, same)) {
            problem = "Query-string parameter '" + std::string(p.name) + "' must not be repeated.";
        }
        if (seen.size() > limits::header_count_max) {
            problem = "Too many query-string parameters.";
            return;
        }
        seen.push_back(p.name);
        auto* slot = p.name == "X-Amz-Algorithm"        ? &parts.algorithm
                     : p.name == "X-Amz-Credential"     ? &parts.credential
                     : p.name == "X-Amz-Date"           ? &parts.date
                     : p.name == "X-Amz-Expires"        ? &parts.expires
                     : p.name == "X-Amz-SignedHeaders"  ? &parts.signed_headers
                     : p.name == "X-Amz-Signature"      ? &parts.signature
                     : p.name == "X-Amz-Security-Token" ? &parts.session_token
                                                        : nullptr;
        if (slot == nullptr) return;
        *slot = decode_uri(p.value, /*plus_is_space=*/true);
        if (!*slot) problem = "Query-string parameter '" + std::string(p.name) + "' has a malformed value.";
    });
    if (!problem.empty()) return incomplete(std::move(problem));
    return parts;
}

Checked read_expires(SignatureV4& out, const std::optional<std::string>& text) {
    if (!text) return {};
    constexpr std::int64_t week_seconds = 7 * 24 * 3600;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size() || value < 0) {
        return incomplete("X-Amz-Expires should be a number");
    }
    if (value > week_seconds) {
        return incomplete(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
            "less than 604800 seconds");
    }
    out.expires_seconds = value;
    return {};
}

Parsed parse_presigned(const HttpRequestView& request) {
    auto read = read_presigned_parts(request.query);
    if (!read) return std::unexpected(std::move(read).error());
    PresignedParts& parts = *read;

    std::string missing;
    const auto require_part = [&missing](const std::optional<std::string>& part, std::string_view name) {
        if (!part || part->empty()) missing += "AWS query-string parameters must include '" + std::string(name) + "'. ";
    };
    require_part(parts.algorithm, "X-Amz-Algorithm");
    require_part(parts.credential, "X-Amz-Credential");
    require_part(parts.signature, "X-Amz-Signature");
    require_part(parts.signed_headers, "X-Amz-SignedHeaders");
    require_part(parts.date, "X-Amz-Date");
    if (!missing.empty()) return incomplete(missing + "Re-examine the query-string parameters.");
    if (*parts.algorithm != sigv4::algorithm) {
        return incomplete("Unsupported AWS 'algorithm': '" + *parts.algorithm + "'.");
    }

    SignatureV4 out;
    out.presigned = true;
    if (auto ok = read_scope(out, *parts.credential); !ok) return std::unexpected(std::move(ok).error());
    if (auto ok = read_timestamp(out, *parts.date); !ok) return std::unexpected(std::move(ok).error());
    if (auto ok = read_expires(out, parts.expires); !ok) return std::unexpected(std::move(ok).error());
    if (auto ok = check_signed_headers(*parts.signed_headers); !ok) return std::unexpected(std::move(ok).error());
    out.signed_headers = std::move(*parts.signed_headers);
    out.signature = std::move(*parts.signature);
    if (parts.session_token) out.session_token = std::move(*parts.session_token);
    return out;
}

}  // namespace

SignatureError make_signature_error(SignatureFailure failure) {
    switch (failure) {
        case SignatureFailure::missing_token:
            return {failure, "Missing Authentication Token"};
        case SignatureFailure::invalid_key:
            return {failure, "The security token included in the request is invalid."};
        case SignatureFailure::expired_token:
            return {failure, "The security token included in the request is expired"};
        case SignatureFailure::bad_scope:
            return {failure, "Credential should be scoped to a valid region. "};
        case SignatureFailure::incomplete_signature:
            return {failure, "The request signature does not conform to AWS standards."};
        case SignatureFailure::wrong_signature:
        case SignatureFailure::expired:
        case SignatureFailure::not_yet_current:
            break;
    }
    return {
        failure,
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details."};
}

bool has_signature(const HttpRequestView& request) {
    const HeaderView* header = find_header(request, "authorization");
    return (header != nullptr && trim(header->value).starts_with("AWS4-")) || has_query_signature(request.query);
}

Parsed parse_signature(const HttpRequestView& request) {
    if (auto ok = check_single_headers(request); !ok) return std::unexpected(std::move(ok).error());
    const HeaderView* header = find_header(request, "authorization");
    const bool presigned = has_query_signature(request.query);
    if (header == nullptr && !presigned) {
        return std::unexpected(make_signature_error(SignatureFailure::missing_token));
    }
    if (header != nullptr && presigned) {
        return incomplete(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the "
            "Authorization header should be specified.");
    }
    return presigned ? parse_presigned(request) : parse_header_signature(request, trim(header->value));
}

}  // namespace sekisho::wire
