#include "portal/assets.h"

#include <algorithm>
#include <cstdlib>

namespace sekisho::portal {

std::string_view Asset::content_type() const {
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    return "image/svg+xml";
}

const Asset* find_asset(std::string_view path) {
    const auto assets = all_assets();
    const auto found = std::find_if(assets.begin(), assets.end(), [path](const Asset& a) { return a.path == path; });
    return found == assets.end() ? nullptr : &*found;
}

std::string_view asset_path(std::string_view name) {
    const auto assets = all_assets();
    const auto found = std::find_if(assets.begin(), assets.end(), [name](const Asset& a) { return a.name == name; });
    if (found == assets.end()) std::abort();
    return found->path;
}

}  // namespace sekisho::portal
