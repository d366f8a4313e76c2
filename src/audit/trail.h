#pragma once
// Trail: where records are kept. A folder of segments (JSON lines, mode 0600): `<sequence>-<start>.jsonl`, each closed
// one with its `.digest` beside it (digest.h). A record is in the file (page cache) before append() returns, so a
// killed process loses none; the disk has it within a second.
//
//   SEK_TRY(auto trail, Trail::open({.folder = home / "audit", .key = key}));
//   SEK_TRY(trail->append(print(record)));
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "crypto/jose.h"

namespace sekisho::audit {

struct TrailOptions {
    std::filesystem::path folder;  // made (mode 0700) if missing; one process at a time
    crypto::SigningKey key;        // signs the digests
    const Clock* clock = &system_clock();
    std::uint64_t segment_bytes_max = 64ULL << 20;
    milliseconds segment_age_max{hours(1)};
    milliseconds sync_interval{1000};
    std::size_t remembered_ids = 20'000;  // of append_once
};

// A place in the trail: the beginning of a record. It stays where it is for as long as its segment is kept.
struct TrailPlace {
    std::uint64_t sequence = 0;  // of the segment
    std::uint64_t offset = 0;    // in bytes
};

class Trail {
 public:
    // Goes on with the newest segment (a torn last line is cut off). Errors: the folder cannot be made, read or
    // written.
    static Result<std::unique_ptr<Trail>> open(TrailOptions options);
    // Syncs what is written. The segment stays open: the next start goes on with it.
    ~Trail();
    Trail(const Trail&) = delete;
    Trail& operator=(const Trail&) = delete;

    // One record, without newline; thread-safe. Threads that come at the same time share one write. Error (503, the
    // caller's operation must fail): the disk is full or broken. About 1.5 microseconds.
    Result<void> append(std::string_view line);
    // The same for records that may come twice (outbox rows): the second of one event id does nothing. The newest
    // `remembered_ids` are known, across restarts too (the first call reads the newest segment's ids).
    Result<void> append_once(std::string_view event_id, std::string_view line);
    // Everything appended before is on the disk when it returns. Error: the disk.
    Result<void> sync();
    // Calls `done` after the next sync, on the trail's thread: what was appended before is then on the disk. An outbox
    // row is done only after that.
    void when_synced(std::move_only_function<void(Result<void>)> done);
    // Closes the segment and signs it, now.
    Result<void> rotate();

    // Records from the newest to the oldest, as they are in the files when it is called; false: stop. From any thread.
    // `before`: only those older than the one there; newer segments are not opened.
    using Visit = std::function<bool(std::string_view line, TrailPlace place)>;
    void scan_newest_first(const Visit& visit, const std::optional<TrailPlace>& before = {}) const;

 private:
    struct State;
    explicit Trail(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace sekisho::audit
