#pragma once
// Engine: the seam to what keeps the rows. One implementation today, over LMDB (lmdb_engine.cc).
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "store/reader.h"
#include "store/store.h"

namespace sekisho::store {

// One state of the rows. Taken from an engine and given back by release().
class View {
 public:
    virtual ~View() = default;
    virtual std::optional<Value> get(std::string_view key) = 0;
    virtual void scan(const Range& range, Direction direction, const Visitor& visitor) = 0;
    virtual Revision revision() = 0;
    virtual std::uint64_t snapshot_number() = 0;
    virtual void release() = 0;

    std::uint64_t store_number = 0;
    const crypto::KeyRing* key_ring = nullptr;
};

// The one durable write transaction; reads see its writes. Dropped without commit: nothing happened. Errors:
// codes::store_full or internal; after an error only dropping it is left.
class Batch : public View {
 public:
    virtual Result<void> put(std::string_view key, std::string_view bytes, Revision revision) = 0;
    virtual Result<void> erase(std::string_view key) = 0;
    virtual Result<void> commit(Revision newest) = 0;
    void release() override {}
};

class Engine {
 public:
    virtual ~Engine() = default;
    virtual View* read() = 0;
    // On one thread only, one at a time.
    virtual Result<std::unique_ptr<Batch>> write() = 0;
    virtual Result<void> copy(const std::filesystem::path& file) = 0;
    virtual std::uint64_t used_bytes() = 0;
    // How much more the engine can take before its own bound (a lower bound while there is plenty).
    virtual std::uint64_t free_bytes() = 0;
};

// Below this much free space new data is refused, so that deleting (which needs pages of its own) goes on.
std::uint64_t map_reserve_bytes(std::uint64_t map_bytes);
ApiError store_full_error(std::string cause);

// Errors: as Store::open.
Result<std::unique_ptr<Engine>> open_lmdb_engine(const StoreOptions& options, std::uint64_t store_number);

}  // namespace sekisho::store
