#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sekisho {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view base32_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

using ReverseTable = std::array<std::int8_t, 256>;

constexpr ReverseTable reverse(std::string_view alphabet) {
    ReverseTable table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}

constexpr ReverseTable base64_values = reverse(base64_alphabet);
constexpr ReverseTable base64url_values = reverse(base64url_alphabet);
constexpr ReverseTable base32_values = reverse(base32_alphabet);

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Writes `bytes` as digits of `bits` bits each, most significant first, without padding.
std::string encode_bits(std::string_view bytes, unsigned bits, std::string_view alphabet) {
    std::string text((bytes.size() * 8 + bits - 1) / bits, '\0');
    char* out = text.data();
    if (bits == 6) {  // whole groups at once: tokens are long
        for (; bytes.size() >= 3; bytes.remove_prefix(3)) {
            const auto byte = [in = bytes.data()](int at) { return std::uint32_t{static_cast<unsigned char>(in[at])}; };
            const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
            const char* const digits = alphabet.data();
            out[0] = digits[group >> 18];
            out[1] = digits[group >> 12 & 63];
            out[2] = digits[group >> 6 & 63];
            out[3] = digits[group & 63];
            out += 4;
        }
    }
    std::uint32_t window = 0;
    unsigned held = 0;
    for (unsigned char byte : bytes) {
        window = (window << 8) | byte;
        held += 8;
        while (held >= bits) {
            held -= bits;
            *out++ = alphabet[(window >> held) & ((1u << bits) - 1)];
        }
    }
    if (held > 0) *out++ = alphabet[(window << (bits - held)) & ((1u << bits) - 1)];
    return text;
}

std::optional<std::string> decode_bits(std::string_view text, unsigned bits, const ReverseTable& values) {
    std::string bytes(text.size() * bits / 8, '\0');
    char* out = bytes.data();
    if (bits == 6) {  // as above
        for (; text.size() >= 4; text.remove_prefix(4)) {
            const auto digit = [&, in = text.data()](int at) {
                return int{values[static_cast<unsigned char>(in[at])]};
            };
            const int group = digit(0) << 18 | digit(1) << 12 | digit(2) << 6 | digit(3);
            if (group < 0) return {};
            out[0] = static_cast<char>(group >> 16);
            out[1] = static_cast<char>(group >> 8);
            out[2] = static_cast<char>(group);
            out += 3;
        }
    }
    std::uint32_t window = 0;
    unsigned held = 0;
    for (unsigned char c : text) {
        const int value = values[c];
        if (value < 0) return {};
        window = (window << bits) | static_cast<std::uint32_t>(value);
        held += bits;
        if (held >= 8) {
            held -= 8;
            *out++ = static_cast<char>((window >> held) & 0xff);
        }
    }
    // A whole unused digit, or spare bits that are not zero: another text means the same bytes.
    if (held >= bits || (window & ((1u << held) - 1)) != 0) return {};
    return bytes;
}

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

}  // namespace

std::string encode_hex(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (unsigned char byte : bytes) {
        text.push_back(hex_digits[byte >> 4]);
        text.push_back(hex_digits[byte & 15]);
    }
    return text;
}

std::optional<std::string> decode_hex(std::string_view text) {
    if (text.size() % 2 != 0) return {};
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return {};
        bytes.push_back(static_cast<char>(high << 4 | low));
    }
    return bytes;
}

std::string encode_base64(std::string_view bytes) {
    std::string text = encode_bits(bytes, 6, base64_alphabet);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return {};
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return decode_bits(text, 6, base64_values);
}

std::string encode_base64url(std::string_view bytes) {
    return encode_bits(bytes, 6, base64url_alphabet);
}

std::optional<std::string> decode_base64url(std::string_view text) {
    return decode_bits(text, 6, base64url_values);
}

std::string encode_base32(std::string_view bytes) {
    return encode_bits(bytes, 5, base32_alphabet);
}

std::optional<std::string> decode_base32(std::string_view text) {
    return decode_bits(text, 5, base32_values);
}

std::string encode_uri(std::string_view text, bool keep_slash) {
    std::string out;
    out.reserve(text.size() + 16);
    for (char c : text) {
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.push_back('%');
        out.push_back("0123456789ABCDEF"[byte >> 4]);
        out.push_back("0123456789ABCDEF"[byte & 15]);
    }
    return out;
}

// Spans between escapes are taken whole: most texts have none.
std::optional<std::string> decode_uri(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    while (true) {
        const std::size_t escape = std::min(text.find('%'), text.size());
        out.append(text, 0, escape);
        if (plus_is_space) {
            for (auto plus = out.find('+', out.size() - escape); plus != out.npos; plus = out.find('+', plus + 1)) {
                out[plus] = ' ';
            }
        }
        if (escape == text.size()) return out;
        if (text.size() - escape < 3) return {};
        const int high = hex_value(text[escape + 1]), low = hex_value(text[escape + 2]);
        if (high < 0 || low < 0) return {};
        out.push_back(static_cast<char>(high << 4 | low));
        text.remove_prefix(escape + 3);
    }
}

}  // namespace sekisho
