#pragma once
// Reader: what can be read at one revision: a Snapshot, or a Transaction (which sees its own writes).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "store/key.h"

namespace sekisho::crypto {
class KeyRing;
}

namespace sekisho::store {

// Every committed transaction has the next revision; each value keeps the revision of the transaction that wrote it.
// Revisions never repeat. 0: nothing there, or a write of this transaction that is not committed yet.
using Revision = std::uint64_t;

struct Value {
    // Of a Snapshot: valid as long as it lives. Of a Transaction: until it writes the same key, is committed, or goes.
    std::string_view bytes;
    Revision revision = 0;
};

// Keys k with from <= k < to; an empty `to` is open.
struct Range {
    std::string from;
    std::string to;

    static Range prefix(std::string_view prefix) { return {std::string(prefix), prefix_end(prefix)}; }
};

enum class Direction : std::uint8_t { forward, backward };

// A reference to a callable bool(std::string_view key, std::string_view bytes, Revision), false: stop here.
class Visitor {
 public:
    template <class Callable>
        requires(!std::is_same_v<std::remove_cvref_t<Callable>, Visitor>)
    Visitor(Callable&& callable)
        : context_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
          call_([](void* context, std::string_view key, std::string_view bytes, Revision revision) -> bool {
              return (*static_cast<std::remove_reference_t<Callable>*>(context))(key, bytes, revision);
          }) {}
    bool operator()(std::string_view key, std::string_view bytes, Revision revision) const {
        return call_(context_, key, bytes, revision);
    }

 private:
    void* context_;
    bool (*call_)(void*, std::string_view, std::string_view, Revision);
};

class Reader {
 public:
    virtual ~Reader() = default;
    // Reads cannot fail but by a broken disk or memory map; such a failure ends the process with a log line.
    virtual std::optional<Value> get(std::string_view key) const = 0;
    virtual void scan(const Range& range, Direction direction, Visitor visitor) const = 0;
    virtual Revision revision() const = 0;  // of the newest transaction that this reader sees
    // Readers of one store that give the same number look at the same committed rows (own writes aside). 0: what this
    // one looks at is not committed yet.
    virtual std::uint64_t snapshot_number() const = 0;
    // Instead of get(), by who knows that the key has this revision in this snapshot. False: this reader sees another
    // value (an own write), get() gives it.
    virtual bool note_read(std::string_view key, Revision revision) const = 0;
    virtual std::uint64_t store_number() const = 0;  // tells the open stores of one process apart
    // Seals the secret fields of records; null: the store was opened without one.
    virtual const crypto::KeyRing* key_ring() const = 0;
};

}  // namespace sekisho::store
