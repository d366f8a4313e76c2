#include "audit/trail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "audit/digest.h"
#include "audit/file.h"
#include "audit/gathering.h"
#include "audit/remembered_ids.h"
#include "audit/segments.h"
#include "base/log.h"
#include "base/metrics.h"
#include "crypto/digest.h"

namespace sekisho::audit {

namespace {

constexpr std::uint64_t reread_bytes_max = 64ULL << 20;

struct Segment {
    File file;
    std::string name;
    std::uint64_t sequence = 0;
    Time started_at{};
    Time written_at{};
    std::atomic<std::uint64_t> size{0};  // whole records only
};
using SegmentPointer = std::shared_ptr<Segment>;

// Records of threads that came while another one was writing.
struct Batch {
    std::string bytes;
    std::uint64_t records = 0;
    bool is_done = false;
    std::optional<ApiError> error;
};

// Of one thread (gathering.h).
struct Gathered {
    bool is_open = false;
    std::string lines;
    std::uint64_t records = 0;
    void* trail = nullptr;  // which all of them are for
    Result<void> (*write)(void* trail, std::string& lines, std::uint64_t records) = nullptr;
};
thread_local Gathered gathered;

metrics::Counter& records_total() {
    static metrics::Counter& counter = metrics::counter("sekisho_audit_records_total", "Records appended to the trail");
    return counter;
}
metrics::Counter& failures_total() {
    static metrics::Counter& counter =
        metrics::counter("sekisho_audit_failures_total", "Writes, syncs and digests of the trail that failed");
    return counter;
}

Result<SegmentPointer> open_segment(const std::filesystem::path& folder, const SegmentFile& found, int flags) {
    auto segment = std::make_shared<Segment>();
    segment->name = found.name;
    segment->sequence = found.sequence;
    segment->started_at = found.started_at;
    const auto path = folder / found.name;
    segment->file = File(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0600));
    if (!segment->file) return file_error("open " + path.string(), errno);
    struct stat status{};
    if (::fstat(segment->file.get(), &status) != 0) return file_error("stat " + path.string(), errno);
    segment->size = static_cast<std::uint64_t>(status.st_size);
    segment->written_at = Time(seconds(status.st_mtim.tv_sec));
    return segment;
}

// A crash of the machine may leave half a record at the end; nobody was told that it was written.
Result<void> cut_torn_line(const std::filesystem::path& folder, Segment& segment) {
    SEK_TRY(const FileMap map, FileMap::open(folder / segment.name));
    const std::size_t newline = map.bytes().rfind('\n');
    const std::size_t whole = newline == std::string_view::npos ? 0 : newline + 1;
    if (whole == map.bytes().size()) return {};
    log::warning("audit trail: cut off half a record after a crash",
                 {{"segment", segment.name}, {"bytes", map.bytes().size() - whole}});
    if (::ftruncate(segment.file.get(), static_cast<off_t>(whole)) != 0) return file_error("truncate", errno);
    segment.size = whole;
    return {};
}

}  // namespace

struct Trail::State {
    explicit State(TrailOptions given) : options(std::move(given)), ids(options.remembered_ids) {}

    Result<void> start();
    Result<void> append(std::string_view line);
    bool gather(std::string_view line);
    Result<void> write_lines(std::string& lines, std::uint64_t records);
    void lead(std::unique_lock<std::mutex>& lock);
    Result<void> write(Batch& batch);
    Result<void> make_room(std::size_t bytes);
    Result<void> flush();
    Result<void> sign(Segment& segment);
    std::size_t sign_closed(const std::vector<SegmentPointer>& segments);
    void close_segment();
    bool is_old(const Segment& segment) const;
    void run();
    void stop();
    void read_back_ids(const Trail& trail);

    TrailOptions options;
    std::atomic<bool> takes_records{true};  // the last write went well

    std::mutex mutex;  // of everything down to `waiting`
    std::condition_variable written;
    std::condition_variable wake;
    std::shared_ptr<Batch> pending;
    bool writing = false;                // somebody writes `current`, which is theirs meanwhile
    SegmentPointer current;              // null: the next record starts one
    std::vector<SegmentPointer> closed;  // to be signed
    std::uint64_t last_sequence = 0;
    std::optional<ApiError> broken;
    bool dirty = false;
    bool stopping = false;
    std::vector<std::move_only_function<void(Result<void>)>> waiting;

    std::mutex flush_mutex;  // of syncing and signing
    std::optional<std::string> previous_sha256;

    std::mutex ids_mutex;
    RememberedIds ids;
    bool ids_are_read = false;

    std::thread thread;
};

Result<void> Trail::State::start() {
    std::error_code error;
    if (std::filesystem::create_directories(options.folder, error); error) {
        return file_error("make " + options.folder.string(), error.value());
    }
    if (::chmod(options.folder.c_str(), 0700) != 0) return file_error("chmod " + options.folder.string(), errno);
    SEK_TRY(const auto files, list_segments(options.folder));
    for (const SegmentFile& file : files) {
        last_sequence = file.sequence;
        if (file.has_digest) {
            SEK_TRY(const FileMap digest, FileMap::open(options.folder / digest_name(file.name)));
            previous_sha256 = crypto::sha256(digest.bytes()).hex();
            continue;
        }
        SEK_TRY(SegmentPointer segment, open_segment(options.folder, file, 0));
        SEK_TRY(cut_torn_line(options.folder, *segment));
        if (&file == &files.back()) {
            current = std::move(segment);
        } else {
            closed.push_back(std::move(segment));
        }
    }
    thread = std::thread([this] { run(); });
    return {};
}

bool Trail::State::is_old(const Segment& segment) const {
    return options.clock->now() - segment.started_at >= options.segment_age_max;
}

Result<void> Trail::State::append(std::string_view line) {
    if (line.empty() || line.find('\n') != std::string_view::npos) {
        return errors::internal_failure("an audit record must be one line");
    }
    if (gather(line)) return {};
    std::string lines = std::string(line) + '\n';
    return write_lines(lines, 1);
}

bool Trail::State::gather(std::string_view line) {
    const bool is_free = gathered.records == 0 || gathered.trail == this;
    if (!gathered.is_open || !is_free || !takes_records.load(std::memory_order_relaxed)) return false;
    gathered.lines.append(line).push_back('\n');
    ++gathered.records;
    gathered.trail = this;
    gathered.write = [](void* trail, std::string& lines, std::uint64_t records) {
        return static_cast<State*>(trail)->write_lines(lines, records);
    };
    return true;
}

// `lines` is lent meanwhile: what one thread writes alone is not copied.
Result<void> Trail::State::write_lines(std::string& lines, std::uint64_t records) {
    std::unique_lock lock(mutex);
    if (broken) return *broken;
    if (!pending) pending = std::make_shared<Batch>();
    const std::shared_ptr<Batch> batch = pending;
    const bool is_first = batch->bytes.empty();
    if (is_first) {
        batch->bytes.swap(lines);
    } else {
        batch->bytes.append(lines);
    }
    batch->records += records;
    while (!batch->is_done) {
        if (writing) {
            written.wait(lock);
        } else {
            lead(lock);
        }
    }
    if (is_first) batch->bytes.swap(lines);
    takes_records.store(!batch->error.has_value(), std::memory_order_relaxed);
    if (batch->error) return *batch->error;
    return {};
}

// Writes the pending batch for all its threads.
void Trail::State::lead(std::unique_lock<std::mutex>& lock) {
    writing = true;
    const std::shared_ptr<Batch> batch = std::exchange(pending, nullptr);
    auto room = make_room(batch->bytes.size());
    lock.unlock();
    auto outcome = room ? write(*batch) : std::move(room);
    lock.lock();
    writing = false;
    batch->is_done = true;
    if (outcome) {
        records_total().add(batch->records);
        if (!dirty) {
            dirty = true;
            wake.notify_one();
        }
    } else {
        failures_total().add();
        batch->error = std::move(outcome).error();
    }
    written.notify_all();
}

Result<void> Trail::State::make_room(std::size_t bytes) {
    if (current && current->size > 0 && (current->size + bytes > options.segment_bytes_max || is_old(*current))) {
        close_segment();
    }
    if (current) return {};
    const SegmentFile file{.sequence = last_sequence + 1,
                           .started_at = options.clock->now(),
                           .name = segment_name(last_sequence + 1, options.clock->now())};
    SEK_TRY(current, open_segment(options.folder, file, O_CREAT | O_EXCL));
    last_sequence = file.sequence;
    return sync_folder(options.folder);
}

void Trail::State::close_segment() {
    if (!current || current->size == 0) return;
    closed.push_back(std::move(current));
    current = nullptr;
    wake.notify_one();
}

Result<void> Trail::State::write(Batch& batch) {
    auto outcome = write_all(current->file.get(), batch.bytes);
    if (outcome) {
        current->size += batch.bytes.size();
        current->written_at = options.clock->now();
        return {};
    }
    // Half a record must not stay before the next one.
    if (::ftruncate(current->file.get(), static_cast<off_t>(current->size.load())) != 0) {
        const std::lock_guard guard(mutex);
        broken = file_error("audit trail: a failed write could not be taken back", errno);
    }
    return outcome;
}

Result<void> Trail::State::sign(Segment& segment) {
    const std::filesystem::path path = options.folder / segment.name;
    SEK_TRY(const FileMap content, FileMap::open(path));
    const Digest digest{.sequence = segment.sequence,
                        .segment = segment.name,
                        .bytes = content.bytes().size(),
                        .records = count_lines(content.bytes()),
                        .sha256 = crypto::sha256(content.bytes()).hex(),
                        .started_at = segment.started_at,
                        .ended_at = segment.written_at,
                        .previous_sha256 = previous_sha256};
    SEK_TRY(const std::string text, print_signed(digest, options.key));
    SEK_TRY(replace_file(options.folder / digest_name(segment.name), text));
    previous_sha256 = crypto::sha256(text).hex();
    return {};
}

Result<void> Trail::State::flush() {
    const std::lock_guard flushing(flush_mutex);
    std::unique_lock lock(mutex);
    const std::vector<SegmentPointer> to_sign = closed;
    const SegmentPointer open = current;
    auto callbacks = std::exchange(waiting, {});
    dirty = false;
    lock.unlock();

    Result<void> outcome = open ? sync_file(open->file.get()) : Result<void>();
    for (const SegmentPointer& segment : to_sign) {
        if (outcome) outcome = sync_file(segment->file.get());
    }
    std::size_t signed_count = 0;
    if (outcome) signed_count = sign_closed(to_sign);

    lock.lock();
    closed.erase(closed.begin(), closed.begin() + static_cast<std::ptrdiff_t>(signed_count));
    if (!outcome) {
        // After a failed sync the kernel may have dropped the pages: no later success can be believed.
        failures_total().add();
        log::error("audit trail: cannot be written to the disk", {{"reason", outcome.error().cause}});
        broken = outcome.error();
    }
    lock.unlock();
    for (auto& callback : callbacks) callback(outcome);
    return outcome;
}

// How many were signed; the rest is tried again later (a full disk takes no digest either).
std::size_t Trail::State::sign_closed(const std::vector<SegmentPointer>& segments) {
    std::size_t count = 0;
    for (const SegmentPointer& segment : segments) {
        if (const auto outcome = sign(*segment); !outcome) {
            failures_total().add();
            log::error("audit trail: a segment cannot be signed",
                       {{"segment", segment->name}, {"reason", outcome.error().cause}});
            break;
        }
        ++count;
    }
    return count;
}

// Syncs `sync_interval` after the first record since the last sync; closes a segment when its time is over, also when
// nobody writes any more.
void Trail::State::run() {
    std::unique_lock lock(mutex);
    const auto ended = [this] { return stopping; };
    while (!stopping) {
        if (broken) {
            wake.wait(lock, ended);
        } else if (dirty || !closed.empty() || !waiting.empty()) {
            wake.wait_for(lock, options.sync_interval, ended);
            if (stopping) break;
            lock.unlock();
            (void)flush();  // what fails is logged, counted and kept in `broken`
            lock.lock();
        } else if (current && current->size > 0) {
            wake.wait_for(lock, options.segment_age_max);
        } else {
            wake.wait(lock);
        }
        if (!writing && current && is_old(*current)) close_segment();
    }
}

void Trail::State::stop() {
    {
        const std::lock_guard guard(mutex);
        stopping = true;
    }
    wake.notify_all();
    if (thread.joinable()) thread.join();
    (void)flush();
}

void Trail::State::read_back_ids(const Trail& trail) {
    std::uint64_t bytes = 0;
    trail.scan_newest_first([&](std::string_view line, TrailPlace) {
        bytes += line.size();
        if (bytes > reread_bytes_max) return false;
        const bool is_read = line.find("\"readOnly\":true") != std::string_view::npos;
        return is_read || ids.add_older(find_event_id(line));
    });
}

Trail::Trail(std::unique_ptr<State> state) : state_(std::move(state)) {}

Trail::~Trail() {
    state_->stop();
}

Result<std::unique_ptr<Trail>> Trail::open(TrailOptions options) {
    auto state = std::make_unique<State>(std::move(options));
    SEK_TRY(state->start());
    return std::unique_ptr<Trail>(new Trail(std::move(state)));
}

Result<void> Trail::append(std::string_view line) {
    return state_->append(line);
}

Result<void> Trail::append_once(std::string_view event_id, std::string_view line) {
    const std::lock_guard guard(state_->ids_mutex);
    if (!state_->ids_are_read) {
        state_->read_back_ids(*this);
        state_->ids_are_read = true;
    }
    if (state_->ids.has(event_id)) return {};
    SEK_TRY(state_->append(line));
    state_->ids.add(event_id);
    return {};
}

Result<void> Trail::sync() {
    {
        const std::lock_guard guard(state_->mutex);
        if (state_->broken) return *state_->broken;
    }
    return state_->flush();
}

void Trail::when_synced(std::move_only_function<void(Result<void>)> done) {
    std::unique_lock lock(state_->mutex);
    if (state_->broken || state_->stopping) {
        const ApiError error = state_->broken.value_or(errors::service_unavailable("the audit trail is closing"));
        lock.unlock();
        return done(error);
    }
    state_->waiting.push_back(std::move(done));
    state_->wake.notify_one();
}

Result<void> Trail::rotate() {
    {
        std::unique_lock lock(state_->mutex);
        state_->written.wait(lock, [this] { return !state_->writing; });
        state_->close_segment();
    }
    return sync();
}

void Trail::scan_newest_first(const Visit& visit, const std::optional<TrailPlace>& before) const {
    const auto files = list_segments(state_->options.folder);
    if (!files) return;
    SegmentPointer open;
    {
        const std::lock_guard guard(state_->mutex);
        open = state_->current;
    }
    for (auto file = files->rbegin(); file != files->rend(); ++file) {
        if (!file->has_segment || (before && file->sequence > before->sequence)) continue;
        const auto map = FileMap::open(state_->options.folder / file->name);
        if (!map) continue;
        std::string_view bytes = map->bytes();
        if (before && file->sequence == before->sequence)
            bytes = bytes.substr(0, std::min(bytes.size(), before->offset));
        // What is being written beyond that may be taken back.
        if (open && open->name == file->name) bytes = bytes.substr(0, std::min<std::size_t>(bytes.size(), open->size));
        const auto visit_here = [&](std::string_view line) {
            return visit(
                line, {.sequence = file->sequence, .offset = static_cast<std::uint64_t>(line.data() - bytes.data())});
        };
        if (!each_line_backward(bytes, visit_here)) return;
    }
}

void gather_records() {
    gathered.is_open = true;
}

Result<void> write_gathered() {
    gathered.is_open = false;
    if (gathered.records == 0) return {};
    const auto records = std::exchange(gathered.records, 0);
    auto outcome = gathered.write(gathered.trail, gathered.lines, records);
    gathered.lines.clear();
    return outcome;
}

}  // namespace sekisho::audit
