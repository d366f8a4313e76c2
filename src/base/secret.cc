#include "base/secret.h"

#include <cstring>

namespace sekisho {

void Secret::wipe() {
    if (bytes_.capacity() == 0) return;
    bytes_.resize(bytes_.capacity());
    explicit_bzero(bytes_.data(), bytes_.size());
    bytes_.clear();
}

}  // namespace sekisho
