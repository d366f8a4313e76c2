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

    // The value of `row`'s bytes, by `make(std::string_view bytes) -> Result<T>` when it is not known yet; null when
    // the row is absent. Bytes that are not committed yet are made each time and not kept.
    template <class Make>
    Result<std::shared_ptr<const T>> get(const Reader& reader, std::string_view row, Make&& make) {
        return get(reader, row, row.size(), std::forward<Make>(make));
    }
    // Where several values hang on one row: `key` is the row's key, of `row_size` bytes, and then what tells them
    // apart.
    template <class Make>
    Result<std::shared_ptr<const T>> get(const Reader& reader, std::string_view key, std::size_t row_size,
                                         Make&& make) {
        const std::string_view row = key.substr(0, row_size);
        const Key hashed{key, std::hash<std::string_view>()(key)};
        Shard& shard = shards_[hashed.hash % shard_count];
        const std::uint64_t snapshot = reader.snapshot_number();
        if (snapshot != 0) {
            auto known = shard.find_in(hashed, reader.store_number(), snapshot);
            if (known.value && reader.note_read(row, known.revision)) return std::move(known.value);
        }
        const auto value = reader.get(row);
        if (!value) return std::shared_ptr<const T>();
        if (value->revision == 0) return make_value(value->bytes, make);
        const Stamp stamp{reader.store_number(), value->revision};
        if (auto found = shard.find(hashed, stamp, snapshot)) return found;
        SEK_TRY(std::shared_ptr<const T> made, make_value(value->bytes, make));
        shard.insert(hashed, {stamp, snapshot, made}, shard_items_max_);
        return made;
    }

 private:
    static constexpr std::size_t shard_count = 16;
    // Hashed once, for the shard and its map.
    struct Key {
        std::string_view text;
        std::size_t hash;
        friend bool operator==(const Key& a, const Key& b) { return a.text == b.text; }
    };
    struct HashOf {
        std::size_t operator()(const Key& key) const noexcept { return key.hash; }
    };
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
        std::size_t hash;
        Kept kept;
    };
    struct Known {
        Revision revision = 0;
        std::shared_ptr<const T> value;  // null: not known of that snapshot
    };
    // Least recently used goes first.
    struct Shard {
        Known find_in(const Key& key, std::uint64_t store, std::uint64_t snapshot) {
            const std::lock_guard lock(mutex);
            const auto found = by_key.find(key);
            if (found == by_key.end()) return {};
            const Kept& kept = found->second->kept;
            if (kept.stamp.store != store || kept.seen_in != snapshot) return {};
            entries.splice(entries.begin(), entries, found->second);
            return {kept.stamp.revision, kept.value};
        }
        std::shared_ptr<const T> find(const Key& key, const Stamp& stamp, std::uint64_t snapshot) {
            const std::lock_guard lock(mutex);
            const auto found = by_key.find(key);
            if (found == by_key.end() || found->second->kept.stamp != stamp) return nullptr;
            if (snapshot != 0) found->second->kept.seen_in = snapshot;
            entries.splice(entries.begin(), entries, found->second);
            return found->second->kept.value;
        }
        void insert(const Key& key, Kept kept, std::size_t items_max) {
            const std::lock_guard lock(mutex);
            if (const auto found = by_key.find(key); found != by_key.end()) {
                found->second->kept = std::move(kept);
                entries.splice(entries.begin(), entries, found->second);
                return;
            }
            entries.push_front({std::string(key.text), key.hash, std::move(kept)});
            by_key.emplace(Key{entries.front().key, key.hash}, entries.begin());
            if (entries.size() <= items_max) return;
            by_key.erase(Key{entries.back().key, entries.back().hash});
            entries.pop_back();
        }
        std::mutex mutex;
        std::list<Entry> entries;
        std::unordered_map<Key, typename std::list<Entry>::iterator, HashOf> by_key;
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
