#pragma once
// AWS Signature Version 4 (IAM user guide, "AWS Signature Version 4 for API requests"): reading, verifying and making
// signatures of requests, in the Authorization header or presigned in the query. Pure: who owns the access key, and
// whether they may do what they ask, is access's business. About 1.8 us to verify a presigned request whose signing key
// is in the cache.
//
//   parse_signature -> look up the secret of signature.access_key_id -> verify_signature
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"

namespace sekisho::wire {

struct HeaderView {
    std::string_view name;  // any case
    std::string_view value;
};

// A request as it came: nothing decoded, nothing normalised. Under HTTP/2, `host` carries :authority.
struct HttpRequestView {
    std::string_view method;
    std::string_view path;   // before '?'
    std::string_view query;  // after '?'
    std::span<const HeaderView> headers;
    std::string_view body;
};

// Why a signature is refused. Each protocol has its own code for each (see wire's error envelopes).
enum class SignatureFailure : std::uint8_t {
    missing_token,         // MissingAuthenticationToken: not signed at all
    incomplete_signature,  // IncompleteSignature: cannot be read
    invalid_key,           // InvalidClientTokenId, UnrecognizedClientException: unknown key, bad session token
    wrong_signature,       // SignatureDoesNotMatch, InvalidSignatureException
    bad_scope,             // the same codes, with a text about the credential scope
    expired,               // the same codes, "Signature expired: .."
    not_yet_current,       // the same codes, "Signature not yet current: .."
    expired_token,         // ExpiredToken, ExpiredTokenException: the session behind the key has ended
};
struct SignatureError {
    SignatureFailure failure;
    std::string message;  // AWS's text
};
SignatureError make_signature_error(SignatureFailure failure);  // with AWS's general text for it

// What a request says about its signature.
struct SignatureV4 {
    std::string access_key_id;
    std::string date;  // of the scope, YYYYMMDD
    std::string region;
    std::string service;
    std::string timestamp;  // X-Amz-Date as sent, YYYYMMDDTHHMMSSZ
    Time time{};
    std::string signed_headers;  // "host;x-amz-date"
    std::string signature;
    std::string session_token;  // empty: none
    bool presigned = false;
    std::optional<std::int64_t> expires_seconds;  // presigned: X-Amz-Expires
};

// The request carries an AWS4 signature, readable or not.
bool has_signature(const HttpRequestView& request);
// Refuses repeated Authorization headers, a signature in both places, repeated X-Amz- parameters (names compared
// without case), bad dates, and a scope that is not of five parts or not of the timestamp's day.
std::expected<SignatureV4, SignatureError> parse_signature(const HttpRequestView& request);

struct VerifyOptions {
    Time now{};
    // STS's presigned GetCallerIdentity: X-Amz-Expires is ignored, age and skew rule (kubernetes-sigs/
    // aws-iam-authenticator#160).
    bool ignore_expires = false;
    std::int64_t age_seconds_max = 15 * 60;     // limits::signature_skew_seconds_max; from now backwards
    std::int64_t future_seconds_max = 15 * 60;  // limits::signature_skew_seconds_max
    std::string_view service = {};              // expected scope; empty: any
    std::string_view region = {};               // expected scope; empty: any that has a region's form
};
// Checks scope, time, that `host` and every x-amz- header are signed, the body's digest (an x-amz-content-sha256 header
// must equal it; UNSIGNED-PAYLOAD is for S3 only and refused) and the signature, in constant time.
std::expected<void, SignatureError> verify_signature(const HttpRequestView& request, const SignatureV4& signature,
                                                     const Secret& secret_key, const VerifyOptions& options);

struct Credentials {
    std::string access_key_id;
    Secret secret_key;
    std::string session_token = {};  // empty: long-term credentials
};
// The headers to add to the request: Authorization, X-Amz-Date and, for a session, X-Amz-Security-Token. The request
// must have its Host header already; all its headers are signed but those that proxies change.
std::vector<std::pair<std::string, std::string>> sign_request(const HttpRequestView& request,
                                                              const Credentials& credentials, std::string_view region,
                                                              std::string_view service, Time time);
// The query of the presigned request: the request's own, then the X-Amz- parameters. All given headers are signed.
std::string presign_query(const HttpRequestView& request, const Credentials& credentials, std::string_view region,
                          std::string_view service, Time time, std::int64_t expires_seconds);

// The steps, for tests and explanations. Nothing on a bad %-escape in the query or a signed header that is not there.
std::optional<std::string> canonical_request(const HttpRequestView& request, std::string_view signed_headers,
                                             bool presigned);

}  // namespace sekisho::wire
