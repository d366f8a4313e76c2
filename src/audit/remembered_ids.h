#pragma once
// The newest ids that were seen, up to a bound. Ids are kept as 128 bits of their SHA-256.
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string_view>
#include <unordered_set>

#include "crypto/digest.h"

namespace sekisho::audit {

class RememberedIds {
 public:
    explicit RememberedIds(std::size_t bound) : bound_(bound) {}

    bool has(std::string_view id) const { return set_.contains(make_key(id)); }
    void add(std::string_view id) {
        const Key key = make_key(id);
        if (!set_.insert(key).second) return;
        order_.push_back(key);
        if (order_.size() <= bound_) return;
        set_.erase(order_.front());
        order_.pop_front();
    }
    // As if added before all others; false: there is no room.
    bool add_older(std::string_view id) {
        if (order_.size() >= bound_) return false;
        const Key key = make_key(id);
        if (set_.insert(key).second) order_.push_front(key);
        return true;
    }
    std::size_t size() const { return order_.size(); }

 private:
    using Key = std::array<std::uint64_t, 2>;
    struct Hash {
        std::size_t operator()(const Key& key) const { return key[0]; }
    };
    static Key make_key(std::string_view id) {
        const auto digest = crypto::sha256(id);
        Key key;
        std::memcpy(key.data(), digest.bytes.data(), sizeof(key));
        return key;
    }

    std::size_t bound_;
    std::unordered_set<Key, Hash> set_;
    std::deque<Key> order_;
};

}  // namespace sekisho::audit
