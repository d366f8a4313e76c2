#pragma once
// Simple values (no structure, list or map) as the plain text that forms, XML, URIs and headers carry.
#include <string>
#include <string_view>

#include "wire/shape.h"

namespace sekisho::wire {

std::string print_scalar(const Shape& shape, const void* value);

enum class ScalarOutcome : std::uint8_t { read, unknown_name, malformed };
// Timestamps are ISO 8601 (seconds since the epoch where the shape says so); blobs base64. `unknown_name`: the
// enumeration has no such name; the value is left alone.
ScalarOutcome read_scalar(const Shape& shape, std::string_view text, void* value);

}  // namespace sekisho::wire
