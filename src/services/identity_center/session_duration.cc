#include "services/identity_center/session_duration.h"

#include <charconv>
#include <optional>

#include "base/limits.h"
#include "models/sso_admin.h"

namespace sekisho::identity_center_service {
namespace {

std::optional<std::int64_t> seconds_of(char unit, bool in_time) {
    if (!in_time && unit == 'D') return 86'400;
    if (!in_time && unit == 'W') return 7 * 86'400;
    if (in_time && unit == 'H') return 3600;
    if (in_time && unit == 'M') return 60;
    if (in_time && unit == 'S') return 1;
    return {};
}

std::optional<std::int64_t> parse(std::string_view text) {
    if (!text.starts_with('P') || text.size() < 3) return {};
    text.remove_prefix(1);
    std::int64_t total = 0;
    bool in_time = false;
    while (!text.empty()) {
        if (text.front() == 'T' && !in_time) {
            in_time = true;
            text.remove_prefix(1);
            continue;
        }
        std::int32_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end == text.data() + text.size() || number < 0) return {};
        const auto unit = seconds_of(*end, in_time);
        if (!unit) return {};
        total += number * *unit;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    }
    return total;
}

}  // namespace

Result<std::int32_t> parse_session_duration(std::string_view text) {
    const auto seconds = parse(text);
    if (!seconds || *seconds < limits::permission_set_session_seconds_min ||
        *seconds > limits::permission_set_session_seconds_max) {
        return sso_admin::errors::validation_exception("The session duration must be from PT1H to PT12H.");
    }
    return static_cast<std::int32_t>(*seconds);
}

std::string print_session_duration(std::int32_t seconds) {
    std::string text = "PT";
    if (seconds / 3600 > 0) text += std::to_string(seconds / 3600) + "H";
    if (seconds % 3600 / 60 > 0) text += std::to_string(seconds % 3600 / 60) + "M";
    if (seconds % 60 > 0) text += std::to_string(seconds % 60) + "S";
    return text;
}

}  // namespace sekisho::identity_center_service
