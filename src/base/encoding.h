#pragma once
// Text encodings of bytes. Decoders are strict: one wrong character, wrong padding or non-zero spare bits give nothing.
#include <optional>
#include <string>
#include <string_view>

namespace sekisho {

std::string encode_hex(std::string_view bytes);  // lower case
std::optional<std::string> decode_hex(std::string_view text);

std::string encode_base64(std::string_view bytes);  // RFC 4648 4, padded
std::optional<std::string> decode_base64(std::string_view text);

std::string encode_base64url(std::string_view bytes);  // RFC 4648 5, not padded
std::optional<std::string> decode_base64url(std::string_view text);

std::string encode_base32(std::string_view bytes);  // RFC 4648 6, not padded, upper case
std::optional<std::string> decode_base32(std::string_view text);

// RFC 3986 percent-encoding of everything but unreserved characters (AWS's UriEncode); `keep_slash` leaves '/' alone.
std::string encode_uri(std::string_view text, bool keep_slash = false);
// Nothing on a bad %-escape. `plus_is_space` for form bodies.
std::optional<std::string> decode_uri(std::string_view text, bool plus_is_space = false);

}  // namespace sekisho
