#include "base/ids.h"

#include <algorithm>

namespace sekisho {

bool is_account_id(std::string_view text) {
    return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_region(std::string_view text) {
    // Two or more lower-case words and a number: us-east-1, us-gov-west-1, ap-southeast-5.
    if (text.size() < 5 || text.size() > 32) return false;
    const auto last_dash = text.rfind('-');
    if (last_dash == std::string_view::npos || last_dash + 1 == text.size()) return false;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto words = text.substr(0, last_dash);
    return std::ranges::all_of(text.substr(last_dash + 1), is_digit) && words.find('-') != std::string_view::npos &&
           !words.starts_with('-') && !words.ends_with('-') && words.find("--") == std::string_view::npos &&
           std::ranges::all_of(words, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

}  // namespace sekisho
