#pragma once
// Validation by the model, with AWS's own texts:
//   2 validation errors detected: Value 'x' at 'roleName' failed to satisfy constraint: Member must have length ...
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/model.h"

namespace sekisho::wire {

// What decoding and validation found wrong, in the order of the model.
class Violations {
 public:
    // `shown`: "Value 'x'", or "Value" for sensitive shapes and "Value null" for what is missing.
    void add(std::string_view shown, std::string_view path, std::string_view constraint);
    void add_missing(std::string_view path) { add("Value null", path, "Member must not be null"); }
    void add_unknown_name(const Shape& shape, std::string_view value, std::string_view path);
    bool empty() const { return texts_.empty(); }
    // ValidationError (query) or ValidationException (JSON), 400.
    ApiError error(Protocol protocol) const;

 private:
    std::vector<std::string> texts_;
    std::size_t dropped_ = 0;
};

// Lengths, ranges and patterns of all that is there. What is missing, and names that an enumeration does not have, the
// decoders add.
void validate(const Shape& shape, const void* value, Violations& violations);

// "RoleName" -> "roleName": paths are printed so, in the query protocol too.
std::string lower_first(std::string_view name);

}  // namespace sekisho::wire
