#pragma once
// Shapes as XML: the answers of the query protocol. Our server writes them, our own client reads them.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/shape.h"

namespace sekisho::wire {

// The members of a structure as XML elements.
void encode_xml(const Shape& shape, const void* structure, std::string& out);

struct XmlElement {
    std::string name;  // without a namespace's prefix
    std::string text;  // of the element itself, references resolved
    std::vector<XmlElement> children;

    const XmlElement* find(std::string_view child) const;  // the first of that name, or null
};

// A whole document. No document type, no references but the five of XML 1.0 and numbers; nesting up to
// limits::json_depth_max. Attributes are read over. The error is SerializationException.
Result<XmlElement> parse_xml(std::string_view text);

// Members that are missing or unknown are passed over. Errors: SerializationException.
Result<void> decode_xml(const Shape& shape, const XmlElement& source, void* structure);

}  // namespace sekisho::wire
