#pragma once
// YAML 1.1 as Kubernetes tools read it (sigs.k8s.io/yaml): converted to JSON, plain scalars typed, anchors expanded.
// Limits against bombs: text bytes, depth, nodes after expansion, bytes after expansion.
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace sekisho::kube {

// The first document of `text`; null for an empty one. Error: the YAML parser's message with line and column.
Result<json::value> read_yaml(std::string_view text);

}  // namespace sekisho::kube
