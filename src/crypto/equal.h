#pragma once
// Equality in time that depends on the lengths only, never on where two texts differ. For everything secret.
#include <string_view>

#include "base/secret.h"

namespace sekisho::crypto {

bool equal(std::string_view a, std::string_view b);
inline bool equal(const Secret& a, const Secret& b) {
    return equal(a.expose(), b.expose());
}
inline bool equal(const Secret& a, std::string_view b) {
    return equal(a.expose(), b);
}

}  // namespace sekisho::crypto
