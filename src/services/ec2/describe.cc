#include "services/ec2/describe.h"

#include <algorithm>

namespace sekisho::ec2_service {

bool matches_wildcards(std::string_view pattern, std::string_view text) {
    // Where to go on when what follows the last star does not match: one character later.
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    std::size_t p = 0;
    std::size_t t = 0;
    while (t < text.size()) {
        const bool is_escaped = p + 1 < pattern.size() && pattern[p] == '\\';
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (is_escaped ? pattern[p + 1] == text[t]
                              : p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            p += is_escaped ? 2 : 1;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool matches_filter(const ec2::Filter& filter, const std::vector<std::string>& values) {
    if (!filter.values) return false;
    return std::ranges::any_of(*filter.values, [&](const std::string& pattern) {
        return std::ranges::any_of(values, [&](const auto& value) { return matches_wildcards(pattern, value); });
    });
}

ApiError invalid_filter(const ec2::Filter& filter) {
    return invalid_value("The filter '" + filter.name.value_or("null") + "' is invalid");
}

std::optional<std::vector<std::string>> tag_filter_values(const ec2::Filter& filter, const domain::Tags& tags) {
    const auto name = filter.name.value_or("");
    std::vector<std::string> values;
    if (name == "tag-key") {
        for (const auto& [key, value] : tags) values.push_back(key);
        return values;
    }
    constexpr std::string_view prefix = "tag:";
    if (!name.starts_with(prefix)) return {};
    if (const auto tag = tags.find(name.substr(prefix.size())); tag != tags.end()) values.push_back(tag->second);
    return values;
}

Result<std::string> open_page(const Call& call, const PageAsked& asked) {
    auto after = call.open_page(asked.scope, asked.next_token.value_or(""));
    if (!after) return invalid_value("Invalid value '" + asked.next_token.value_or("") + "' for nextToken.");
    return std::move(*after);
}

std::size_t page_limit(const PageAsked& asked) {
    return static_cast<std::size_t>(std::clamp(asked.max_results.value_or(1000), 1, 1000));
}

}  // namespace sekisho::ec2_service
