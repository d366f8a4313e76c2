#pragma once
// RevisionCache: values derived from stored bytes (decoded records, compiled policies), kept as long as the bytes keep
// their revision. Never stale: every look-up reads the key (about 1 microsecond) and compares revisions. Bounded;
// thread-safe; one object serves any number of stores.
#include <array>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "store/reader.h"

namespace sekisho::store {

template <class T>
class RevisionCache {
 public:
    explicit RevisionCache(std::size_t items_max) : shard_items_max_(items_max / shard_count + 1) {}

    // The value of `key`'s bytes, by `make(std::string_view bytes) -> Result<T>` when it is not known yet; null when
    // the key is absent. Bytes that are not committed yet are made each time and not kept.
    template <class Make>
    Result<std::shared_ptr<const T>> get(const Reader& reader, std::string_view key, Make&& make) {
        const auto value = reader.get(key);
        if (!value) return std::shared_ptr<const T>();
        if (value->revision == 0) return make_value(value->bytes, make);
        Shard& shard = shards_[std::hash<std::string_view>()(key) % shard_count];
        const Stamp stamp{reader.store_number(), value->revision};
        if (auto found = shard.find(key, stamp)) return found;
        SEK_TRY(std::shared_ptr<const T> made, make_value(value->bytes, make));
        shard.insert(key, stamp, made, shard_items_max_);
        return made;
    }

 private:
    static constexpr std::size_t shard_count = 16;
    struct Stamp {
        std::uint64_t store;
        Revision revision;
        friend bool operator==(const Stamp&, const Stamp&) = default;
    };
    struct Entry {
        std::string key;
        Stamp stamp;
        std::shared_ptr<const T> value;
    };
    // Least recently used goes first.
    struct Shard {
        std::shared_ptr<const T> find(std::string_view key, const Stamp& stamp) {
            const std::lock_guard lock(mutex);
            const auto found = by_key.find(key);
            if (found == by_key.end() || found->second->stamp != stamp) return nullptr;
            entries.splice(entries.begin(), entries, found->second);
            return found->second->value;
        }
        void insert(std::string_view key, const Stamp& stamp, std::shared_ptr<const T> value, std::size_t items_max) {
            const std::lock_guard lock(mutex);
            if (const auto found = by_key.find(key); found != by_key.end()) {
                found->second->stamp = stamp;
                found->second->value = std::move(value);
                entries.splice(entries.begin(), entries, found->second);
                return;
            }
            entries.push_front({std::string(key), stamp, std::move(value)});
            by_key.emplace(entries.front().key, entries.begin());
            if (entries.size() <= items_max) return;
            by_key.erase(entries.back().key);
            entries.pop_back();
        }
        std::mutex mutex;
        std::list<Entry> entries;
        std::unordered_map<std::string_view, typename std::list<Entry>::iterator> by_key;
    };

    template <class Make>
    static Result<std::shared_ptr<const T>> make_value(std::string_view bytes, Make& make) {
        SEK_TRY(auto made, make(bytes));
        return std::make_shared<const T>(std::move(made));
    }

    const std::size_t shard_items_max_;
    std::array<Shard, shard_count> shards_;
};

}  // namespace sekisho::store
