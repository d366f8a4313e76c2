#include "store/key.h"

#include "crypto/digest.h"

namespace sekisho::store {
namespace {

constexpr char hashed_mark = '\xff';

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    for (const char c : text) {
        out.push_back(c);
        if (c == '\0') out.push_back('\xff');
    }
    return out;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

}  // namespace

namespace detail {

void append_text(std::string& out, std::string_view text) {
    constexpr std::string_view end("\0\1", 2);
    if (text.size() <= key_text_bytes_max && (text.empty() || text.front() != hashed_mark)) {
        const std::string escaped = escape(text);
        if (escaped.size() <= key_text_bytes_max && out.size() + escaped.size() + end.size() <= key_parts_bytes_max) {
            out.append(escaped).append(end);
            return;
        }
    }
    out.push_back(hashed_mark);
    out.append(crypto::sha256(text).hex()).append(end);
}

void append_unsigned(std::string& out, std::uint64_t value) {
    append_big_endian(out, value, 8);
}

void append_signed(std::string& out, std::int64_t value) {
    append_big_endian(out, static_cast<std::uint64_t>(value) ^ (1ULL << 63), 8);
}

void append_short(std::string& out, std::uint16_t value) {
    append_big_endian(out, value, 2);
}

}  // namespace detail

std::string text_prefix(std::string first, std::string_view text) {
    return first.append(escape(text));
}

std::string prefix_end(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && end.back() == '\xff') end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    return end;
}

}  // namespace sekisho::store
