#pragma once
// Validation by the model, with AWS's own texts:
//   2 validation errors detected: Value 'x' at 'roleName' failed to satisfy constraint: Member must have length ...
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/model.h"
#include "wire/path.h"

namespace sekisho::wire {

// What decoding and validation found wrong, in the order of the model.
class Violations {
 public:
    // `shown`: "Value 'x'", or "Value" for sensitive shapes and "Value null" for what is missing.
    void add(std::string_view shown, const Path& path, std::string_view constraint);
    // A required member that the request does not have; its default value is not judged as well.
    void add_missing(const Path& path);
    void add_unknown_name(const Shape& shape, std::string_view value, const Path& path);
    bool empty() const { return violations_.empty(); }
    bool is_missing(const Path& path) const;
    // ValidationError (query) or ValidationException (JSON), 400. EC2 names the first only: MissingParameter or
    // InvalidParameterValue.
    ApiError error(Protocol protocol) const;

 private:
    struct Violation {
        std::string shown;
        std::string path;
        std::string constraint;
    };
    ApiError ec2_error() const;

    std::vector<Violation> violations_;
    std::vector<std::string> missing_;  // paths
    std::size_t dropped_ = 0;
};

// Lengths, ranges and patterns of all that is there. What is missing, and names that an enumeration does not have, the
// decoders add.
void validate(const Shape& shape, const void* value, Violations& violations);

}  // namespace sekisho::wire
