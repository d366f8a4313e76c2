#pragma once
// Shapes as JSON (the awsJson and rest-json protocols).
#include "base/json.h"
#include "base/result.h"
#include "wire/shape.h"
#include "wire/validation.h"

namespace sekisho::wire {

// Members of a JSON object into a structure. Members that the model does not know are ignored; a value of another type
// is a SerializationException; null is absent; what is missing goes to `violations`. With `skip_bound`, members that
// travel elsewhere (uri, query string, headers) are not looked for.
Result<void> decode_json(const Shape& shape, const json::value& source, void* structure, Violations& violations,
                         bool skip_bound = false);

// The structure as a JSON object. Absent optional members are left out. Timestamps are seconds since the epoch with
// milliseconds.
void encode_json(const Shape& shape, const void* structure, JsonWriter& writer, bool skip_bound = false);
// One value of any kind.
void encode_json_value(const Shape& shape, const void* value, JsonWriter& writer);

}  // namespace sekisho::wire
