#pragma once
// Small text helpers on ASCII and UTF-8.
#include <string>
#include <string_view>
#include <vector>

namespace sekisho {

constexpr char lower_ascii(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
std::string lower_ascii(std::string_view text);
constexpr char upper_ascii(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
bool equal_lower_ascii(std::string_view a, std::string_view b);
// Inline is what most comparisons end with: names of other lengths.
inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && (a == b || equal_lower_ascii(a, b));
}
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);
std::string_view trim(std::string_view text);  // spaces, tabs, CR and LF at both ends
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string replace_all(std::string text, std::string_view from, std::string_view to);
bool is_valid_utf8(std::string_view text);  // RFC 3629: no overlong forms, no surrogates
std::size_t count_code_points(std::string_view utf8);
std::string escape_html(std::string_view text);  // & < > " '
std::string escape_xml(std::string_view text);   // & < > " and control characters as references

}  // namespace sekisho
