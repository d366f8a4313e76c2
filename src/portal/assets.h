#pragma once
// The files of src/portal/assets, in the program.
#include <span>
#include <string_view>

namespace sekisho::portal {

struct Asset {
    std::string_view name;  // portal.css
    std::string_view path;  // /assets/portal.<hash>.css: another content has another path, so it is cached for long
    std::string_view bytes;

    std::string_view content_type() const;
};

std::span<const Asset> all_assets();
// Null: none has that path.
const Asset* find_asset(std::string_view path);
// The path of a file that is there; aborts for one that is not: our own mistake.
std::string_view asset_path(std::string_view name);

}  // namespace sekisho::portal
