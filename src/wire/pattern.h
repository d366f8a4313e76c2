#pragma once
// Patterns of the API models: does a whole text match? RE2, so the time is linear in the text whatever the pattern.
#include <string_view>

namespace sekisho::wire {

// `pattern` must live as long as the process (it is a model's). A pattern that cannot be compiled ends the process: a
// test compiles all of them.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace sekisho::wire
