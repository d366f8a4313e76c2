#include "store/key.h"

#include <algorithm>

#include "crypto/digest.h"

namespace sekisho::store {
namespace {

constexpr char hashed_mark = '\xff';

// Spans between zero bytes are taken whole: nearly every text has none.
void append_escaped(std::string& out, std::string_view text) {
    for (auto zero = text.find('\0'); zero != text.npos; zero = text.find('\0')) {
        out.append(text, 0, zero + 1).push_back('\xff');
        text.remove_prefix(zero + 1);
    }
    out.append(text);
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

}  // namespace

namespace detail {

void append_text(std::string& out, std::size_t start, std::string_view text) {
    constexpr std::string_view end("\0\1", 2);
    const auto fits = [&](std::size_t size) {
        return size <= key_text_bytes_max && out.size() - start + size + end.size() <= key_parts_bytes_max;
    };
    if (fits(text.size()) && (text.empty() || text.front() != hashed_mark)) {
        if (text.find('\0') == text.npos) {
            out.append(text).append(end);
            return;
        }
        if (fits(text.size() + static_cast<std::size_t>(std::ranges::count(text, '\0')))) {
            append_escaped(out, text);
            out.append(end);
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
    append_escaped(first, text);
    return first;
}

std::string prefix_end(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && end.back() == '\xff') end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    return end;
}

}  // namespace sekisho::store
