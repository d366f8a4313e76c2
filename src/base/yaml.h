#pragma once
// YAML 1.1 converted to JSON: anchors expanded, merge keys not known. Limits against bombs: text bytes, depth, nodes
// after expansion, bytes after expansion.
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace sekisho {

// What a dialect does otherwise than Kubernetes' tools (sigs.k8s.io/yaml), which are the default.
struct YamlDialect {
    json::value (*plain)(std::string_view text) = nullptr;  // the type of a scalar without quotes and tag
    // The value of a node with a tag of its own ("!Sub"). An error ends the reading.
    Result<json::value> (*tagged)(std::string_view tag, json::value value) = nullptr;
    bool unique_keys = false;  // a key that comes twice is an error
};

// The first document of `text`; null for an empty one. Error: InvalidYaml, the parser's message with line and column.
Result<json::value> read_yaml(std::string_view text, const YamlDialect& dialect = {});

}  // namespace sekisho
