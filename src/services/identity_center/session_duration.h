#pragma once
// SessionDuration of permission sets.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sekisho::identity_center_service {

// ISO 8601 (PT8H, PT90M, P1DT2H) from one to twelve hours. ValidationException.
Result<std::int32_t> parse_session_duration(std::string_view text);
std::string print_session_duration(std::int32_t seconds);

}  // namespace sekisho::identity_center_service
