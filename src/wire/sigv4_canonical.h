#pragma once
// Private to sigv4*.cc: the canonical request (IAM user guide, "Create a signed AWS API request", step 1).
#include <string>
#include <string_view>

#include "wire/sigv4.h"

namespace sekisho::wire::sigv4 {

inline constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view terminator = "aws4_request";

// Appends the canonical request. False on a bad %-escape in the query and on a signed header that is not there.
bool append_canonical_request(std::string& out, const HttpRequestView& request, std::string_view signed_headers,
                              bool presigned, std::string_view payload_digest);
// Lower-case hex of the body's SHA-256.
std::string body_digest(std::string_view body);
// The first header of that name, in any case.
const HeaderView* find_header(const HttpRequestView& request, std::string_view name);
std::size_t count_headers(const HttpRequestView& request, std::string_view name);
// Whether a list "a;b;c" holds `name`, whatever its case.
bool lists_header(std::string_view signed_headers, std::string_view name);

}  // namespace sekisho::wire::sigv4
