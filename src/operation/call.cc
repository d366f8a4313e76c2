#include "operation/call.h"

namespace sekisho::operation {
namespace {

std::string page_purpose(const Call& call, std::string_view scope) {
    return "page\n" + call.account().str() + "\n" + call.region().str() + "\n" + std::string(scope);
}

}  // namespace

std::string Call::seal_page(std::string_view scope, std::string_view after) const {
    return environment.tokens->seal(page_purpose(*this, scope), after);
}

std::optional<std::string> Call::open_page(std::string_view scope, std::string_view token) const {
    if (token.empty()) return std::string();
    return environment.tokens->open_sealed(page_purpose(*this, scope), token);
}

}  // namespace sekisho::operation
