#pragma once
// Secret: bytes that must not be printed, logged or compared in variable time, and are wiped when they go.
// Look inside with expose(), which is easy to find in a review. Constant-time comparison is crypto/equal.h.
#include <string>
#include <string_view>
#include <utility>

namespace sekisho {

class Secret {
 public:
    Secret() = default;
    explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.wipe(); }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            wipe();
            bytes_ = other.bytes_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            bytes_ = std::move(other.bytes_);
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    std::string_view expose() const { return bytes_; }
    bool empty() const { return bytes_.empty(); }

 private:
    void wipe();
    std::string bytes_;
};

}  // namespace sekisho
