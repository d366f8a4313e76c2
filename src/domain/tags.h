#pragma once
// Tags as every AWS service has them: keys unique within a resource, in the order of their keys.
#include <map>
#include <string>

namespace sekisho::domain {

using Tags = std::map<std::string, std::string>;

}  // namespace sekisho::domain
