#pragma once
// RevisionCache: values derived from stored bytes (decoded records, compiled policies), kept as long as the bytes keep
// their revision. Never stale: a look-up reads the key and compares revisions, unless it did so in this very snapshot.
// Bounded; thread-safe; one object serves any number of stores.
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
        Shard& shard = shards_[std::hash<std::string_view>()(key) % shard_count];
        const std::uint64_t snapshot = reader.snapshot_number();
        if (snapshot != 0) {
            const auto known = shard.find_in(key, reader.store_number(), snapshot);
            if (known.value && reader.note_read(key, known.revision)) return known.value;
        }
        const auto value = reader.get(key);
        if (!value) return std::shared_ptr<const T>();
        if (value->revision == 0) return make_value(value->bytes, make);
        const Stamp stamp{reader.store_number(), value->revision};
        if (auto found = shard.find(key, stamp, snapshot)) return found;
        SEK_TRY(std::shared_ptr<const T> made, make_value(value->bytes, make));
        shard.insert(key, {stamp, snapshot, made}, shard_items_max_);
        return made;
    }

 private:
    static constexpr std::size_t shard_count = 16;
    struct Stamp {
        std::uint64_t store;
        Revision revision;
        friend bool operator==(const Stamp&, const Stamp&) = default;
    };
    struct Kept {
        Stamp stamp;
        std::uint64_t seen_in = 0;  // the snapshot that last had this stamp for the key
        std::shared_ptr<const T> value;
    };
    struct Entry {
        std::string key;
        Kept kept;
    };
    struct Known {
        Revision revision = 0;
        std::shared_ptr<const T> value;  // null: not known of that snapshot
    };
    // Least recently used goes first.
    struct Shard {
        Known find_in(std::string_view key, std::uint64_t store, std::uint64_t snapshot) {
            const std::lock_guard lock(mutex);
            const auto found = by_key.find(key);
            if (found == by_key.end()) return {};
            const Kept& kept = found->second->kept;
            if (kept.stamp.store != store || kept.seen_in != snapshot) return {};
            entries.splice(entries.begin(), entries, found->second);
            return {kept.stamp.revision, kept.value};
        }
        std::shared_ptr<const T> find(std::string_view key, const Stamp& stamp, std::uint64_t snapshot) {
            const std::lock_guard lock(mutex);
            const auto found = by_key.find(key);
            if (found == by_key.end() || found->second->kept.stamp != stamp) return nullptr;
            if (snapshot != 0) found->second->kept.seen_in = snapshot;
            entries.splice(entries.begin(), entries, found->second);
            return found->second->kept.value;
        }
        void insert(std::string_view key, Kept kept, std::size_t items_max) {
            const std::lock_guard lock(mutex);
            if (const auto found = by_key.find(key); found != by_key.end()) {
                found->second->kept = std::move(kept);
                entries.splice(entries.begin(), entries, found->second);
                return;
            }
            entries.push_front({std::string(key), std::move(kept)});
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
