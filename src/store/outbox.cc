#include "store/outbox.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "store/layout.h"
#include "store/record_codec.h"

namespace sekisho::store {
namespace {

constexpr milliseconds back_off_first = seconds(1);
constexpr milliseconds back_off_max = minutes(5);
constexpr milliseconds wait_max = seconds(1);  // the clock may jump
constexpr std::size_t failure_text_max = 500;

milliseconds back_off(std::int32_t failures) {
    const int doublings = std::clamp(failures - 1, 0, 20);
    return std::min(back_off_max, milliseconds(back_off_first.count() << doublings));
}

std::string row_key(std::string_view id) {
    return row_prefix(outbox_table).append(id);
}

std::optional<OutboxRow> read_row(const Reader& reader, std::string_view id) {
    const auto value = reader.get(row_key(id));
    if (!value) return std::nullopt;
    OutboxRow row;
    if (auto decoded = decode_record(OutboxRow::shape, value->bytes, &row, {}); !decoded) {
        log::error("an outbox row does not decode", {{"id", id}, {"cause", decoded.error().cause}});
        return std::nullopt;
    }
    row.id = id;
    return row;
}

// What becomes of a row after its worker has answered.
struct Answer {
    enum class What : std::uint8_t { done, retry, failed } what;
    Time time{};
    std::string reason;
};

Result<void> carry_answer(Transaction& transaction, const std::string& id, const Answer& answer, Time now, Time& due) {
    auto row = read_row(transaction, id);
    if (!row) return {};
    if (answer.what == Answer::What::done) {
        transaction.erase(row_key(id));
        return {};
    }
    row->last_failure = answer.reason.substr(0, failure_text_max);
    if (answer.what == Answer::What::failed) {
        ++row->attempts;
        row->not_before = now + back_off(row->attempts);
    } else {
        row->not_before = answer.time;
    }
    due = row->not_before;
    SEK_TRY(const std::string bytes, encode_record(OutboxRow::shape, &*row, {}));
    transaction.put(row_key(id), bytes);
    return {};
}

metrics::Gauge& depth_gauge() {
    static metrics::Gauge& gauge = metrics::gauge("sekisho_outbox_rows", "Outbox rows that are not done");
    return gauge;
}

metrics::Gauge& age_gauge() {
    static metrics::Gauge& gauge = metrics::gauge("sekisho_outbox_oldest_seconds", "Age of the oldest outbox row");
    return gauge;
}

}  // namespace

const Shape OutboxRow::shape =
    record_shape<OutboxRow>("OutboxRow", {SEK_FIELD(1, OutboxRow, kind), SEK_FIELD(2, OutboxRow, ordering_key),
                                          SEK_FIELD(3, OutboxRow, not_before), SEK_FIELD(4, OutboxRow, payload),
                                          SEK_FIELD(5, OutboxRow, attempts), SEK_FIELD(6, OutboxRow, last_failure),
                                          SEK_FIELD(7, OutboxRow, enqueued_at)});

std::string outbox_row_id(Revision revision, std::size_t index) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    for (int shift = 60; shift >= 0; shift -= 4) id.push_back(digits[revision >> shift & 15]);
    for (int shift = 12; shift >= 0; shift -= 4) id.push_back(digits[index >> shift & 15]);
    return id;
}

std::string encode_effect(const Effect& effect, Time now) {
    const OutboxRow row{.id = {},
                        .kind = effect.kind,
                        .ordering_key = effect.ordering_key,
                        .not_before = effect.not_before,
                        .payload = effect.payload,
                        .attempts = 0,
                        .last_failure = {},
                        .enqueued_at = now};
    auto bytes = encode_record(OutboxRow::shape, &row, {});
    return bytes ? *std::move(bytes) : std::string();  // a row without secrets always encodes
}

// Which rows wait, which are under way. The rows themselves stay in the store.
class OutboxState : public std::enable_shared_from_this<OutboxState> {
 public:
    explicit OutboxState(Store& store) : store_(&store) {}

    void register_worker(std::string kind, OutboxHandler handler, OutboxWorkerOptions options);
    void start();
    void stop(milliseconds grace);
    void wake();
    void answer(const std::string& id, Answer answer);
    std::size_t depth() const;
    std::optional<Time> oldest() const;
    bool wait_idle(milliseconds limit);

 private:
    struct Entry {
        std::string kind;
        std::string ordering_key;
        Time due;
        Time enqueued_at;
    };
    struct Worker {
        OutboxHandler handler;
        OutboxWorkerOptions options;
        std::size_t running = 0;
    };
    struct Start {
        OutboxRow row;
        std::shared_ptr<Worker> worker;
    };

    void run();
    void load();
    void take_new(std::unique_lock<std::mutex>& lock);
    void add(const OutboxRow& row);
    void offer(const std::string& id);
    void remove(const std::string& id);
    void settled(const std::string& id, bool gone, Time due);
    std::vector<std::string> choose(Time now);
    void dispatch(const std::string& id, std::unique_lock<std::mutex>& lock);
    void set_metrics(Time now) const;
    Time next_due() const;
    bool is_idle(Time now) const;

    Store* store_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool started_ = false;
    bool woken_ = false;
    bool taking_ = false;  // rows that are neither in new_ids_ nor in entries_
    std::vector<std::string> new_ids_;
    std::map<std::string, Entry> entries_;                                    // by id: in order of commit
    std::unordered_map<std::string, std::set<std::string>> by_ordering_key_;  // ids; the first one is next
    std::map<std::string, std::set<std::pair<Time, std::string>>> ready_;  // by kind: (due, id) of rows that are next
    std::set<std::string> running_;
    std::map<std::string, std::shared_ptr<Worker>> workers_;
    std::thread thread_;
    WatchHandle watch_;
};

void OutboxState::register_worker(std::string kind, OutboxHandler handler, OutboxWorkerOptions options) {
    const std::lock_guard lock(mutex_);
    options.parallel_max = std::max<std::size_t>(options.parallel_max, 1);
    const auto old = workers_.find(kind);
    const std::size_t running = old == workers_.end() ? 0 : old->second->running;
    workers_[std::move(kind)] = std::make_shared<Worker>(std::move(handler), std::move(options), running);
    woken_ = true;
    wake_.notify_all();
}

void OutboxState::start() {
    {
        const std::lock_guard lock(mutex_);
        if (started_) return;
        started_ = true;
    }
    // The watch comes before the load: a row is seen by one of the two at least.
    watch_ = store_->watch(row_prefix(outbox_table), [this](std::span<const Change> changes) {
        const std::lock_guard lock(mutex_);
        for (const Change& change : changes) {
            if (!change.erased) new_ids_.emplace_back(change.key.substr(row_prefix_bytes));
        }
        wake_.notify_all();
    });
    load();
    thread_ = std::thread([this] { run(); });
}

void OutboxState::load() {
    const Snapshot snapshot = store_->snapshot();
    const std::lock_guard lock(mutex_);
    snapshot.scan(Range::prefix(row_prefix(outbox_table)), Direction::forward,
                  [&](std::string_view key, std::string_view, Revision) {
                      if (const auto row = read_row(snapshot, key.substr(row_prefix_bytes))) add(*row);
                      return true;
                  });
}

void OutboxState::add(const OutboxRow& row) {
    if (!entries_.emplace(row.id, Entry{row.kind, row.ordering_key, row.not_before, row.enqueued_at}).second) return;
    if (row.ordering_key.empty()) return offer(row.id);
    auto& ids = by_ordering_key_[row.ordering_key];
    ids.insert(row.id);
    if (*ids.begin() == row.id) offer(row.id);
}

void OutboxState::offer(const std::string& id) {
    const Entry& entry = entries_.at(id);
    ready_[entry.kind].emplace(entry.due, id);
}

void OutboxState::remove(const std::string& id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    const std::string ordering_key = std::move(found->second.ordering_key);
    entries_.erase(found);
    if (ordering_key.empty()) return;
    const auto ids = by_ordering_key_.find(ordering_key);
    ids->second.erase(id);
    if (ids->second.empty()) {
        by_ordering_key_.erase(ids);
    } else {
        offer(*ids->second.begin());
    }
}

void OutboxState::take_new(std::unique_lock<std::mutex>& lock) {
    std::vector<std::string> ids;
    ids.swap(new_ids_);
    std::erase_if(ids, [&](const std::string& id) { return entries_.contains(id); });
    if (ids.empty()) return;
    taking_ = true;
    lock.unlock();
    std::vector<OutboxRow> rows;
    {
        const Snapshot snapshot = store_->snapshot();
        for (const std::string& id : ids) {
            if (auto row = read_row(snapshot, id)) rows.push_back(std::move(*row));
        }
    }
    lock.lock();
    for (const OutboxRow& row : rows) add(row);
    taking_ = false;
}

std::vector<std::string> OutboxState::choose(Time now) {
    std::vector<std::string> chosen;
    for (auto& [kind, rows] : ready_) {
        const auto worker = workers_.find(kind);
        if (worker == workers_.end()) continue;
        Worker& at = *worker->second;
        while (!rows.empty() && rows.begin()->first <= now && at.running < at.options.parallel_max) {
            chosen.push_back(rows.begin()->second);
            rows.erase(rows.begin());
            running_.insert(chosen.back());
            ++at.running;
        }
    }
    return chosen;
}

void OutboxState::dispatch(const std::string& id, std::unique_lock<std::mutex>& lock) {
    const std::shared_ptr<Worker> worker = workers_.at(entries_.at(id).kind);
    lock.unlock();
    auto row = read_row(store_->snapshot(), id);
    if (row) {
        Completion completion(shared_from_this(), id);
        if (worker->options.run_on) {
            worker->options.run_on([worker, row = std::move(*row), completion = std::move(completion)]() mutable {
                worker->handler(row, std::move(completion));
            });
        } else {
            worker->handler(*row, std::move(completion));
        }
        lock.lock();
        return;
    }
    settled(id, true, {});
    lock.lock();
}

Time OutboxState::next_due() const {
    Time next = Time::max();
    for (const auto& [kind, rows] : ready_) {
        const auto worker = workers_.find(kind);
        if (rows.empty() || worker == workers_.end()) continue;
        if (worker->second->running < worker->second->options.parallel_max) next = std::min(next, rows.begin()->first);
    }
    return next;
}

bool OutboxState::is_idle(Time now) const {
    return !taking_ && running_.empty() && new_ids_.empty() && next_due() > now;
}

void OutboxState::set_metrics(Time now) const {
    depth_gauge().set(static_cast<std::int64_t>(entries_.size()));
    const Time oldest = entries_.empty() ? now : entries_.begin()->second.enqueued_at;
    age_gauge().set(std::chrono::duration_cast<seconds>(now - oldest).count());
}

void OutboxState::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        woken_ = false;
        take_new(lock);
        const Time now = store_->clock().now();
        set_metrics(now);
        for (const std::string& id : choose(now)) dispatch(id, lock);
        changed_.notify_all();
        if (stopping_ || woken_ || !new_ids_.empty()) continue;
        const Time due = next_due();
        const milliseconds wait =
            due == Time::max() ? wait_max : std::clamp(due - store_->clock().now(), milliseconds(0), wait_max);
        wake_.wait_for(lock, wait, [&] { return stopping_ || woken_ || !new_ids_.empty(); });
    }
}

void OutboxState::answer(const std::string& id, Answer answer) {
    Store* store = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (!running_.contains(id)) return;  // stopped meanwhile: the row runs again after the next start
        store = store_;
    }
    if (store == nullptr) return;
    const auto due = std::make_shared<Time>();
    const bool gone = answer.what == Answer::What::done;
    if (!gone) log::info("an outbox row is put off", {{"id", id}, {"reason", answer.reason}});
    const Time now = store->clock().now();
    auto fill = [id, answer = std::move(answer), now, due](Transaction& transaction) {
        return carry_answer(transaction, id, answer, now, *due).has_value() && !transaction.empty();
    };
    auto transaction = store->transaction();
    fill(*transaction);
    store->commit({.transaction = std::move(transaction),
                   .again = std::move(fill),
                   .done = [self = shared_from_this(), id, gone, due, now](Result<Revision> committed) {
                       // The answer is not on disk: the effect runs again, as at-least-once allows.
                       if (!committed) return self->settled(id, false, now + back_off_first);
                       self->settled(id, gone, *due);
                   }});
}

void OutboxState::settled(const std::string& id, bool gone, Time due) {
    const std::lock_guard lock(mutex_);
    running_.erase(id);
    if (const auto found = entries_.find(id); found != entries_.end()) {
        if (const auto worker = workers_.find(found->second.kind); worker != workers_.end()) --worker->second->running;
        if (gone) {
            remove(id);
        } else {
            found->second.due = due;
            offer(id);
        }
    }
    woken_ = true;
    wake_.notify_all();
    changed_.notify_all();
}

void OutboxState::wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    wake_.notify_all();
}

void OutboxState::stop(milliseconds grace) {
    {
        std::unique_lock lock(mutex_);
        if (!started_ || stopping_) return;
        stopping_ = true;
        wake_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    watch_ = WatchHandle();
    for (const auto& [kind, worker] : workers_) {
        if (worker->options.on_stop) worker->options.on_stop();
    }
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, grace, [&] { return running_.empty(); })) {
        log::warning("outbox rows were under way at the stop; they run again", {{"rows", running_.size()}});
    }
    running_.clear();
    store_ = nullptr;
}

std::size_t OutboxState::depth() const {
    const std::lock_guard lock(mutex_);
    return entries_.size() + new_ids_.size();
}

std::optional<Time> OutboxState::oldest() const {
    const std::lock_guard lock(mutex_);
    if (entries_.empty()) return std::nullopt;
    return entries_.begin()->second.enqueued_at;
}

bool OutboxState::wait_idle(milliseconds limit) {
    std::unique_lock lock(mutex_);
    // Counted on the loop's own view: it runs again after every change.
    return changed_.wait_for(lock, limit, [&] { return store_ == nullptr || is_idle(store_->clock().now()); });
}

// Completion

Completion::~Completion() {
    if (state_) failed("dropped");
}

void Completion::done() {
    if (state_) std::exchange(state_, nullptr)->answer(id_, {.what = Answer::What::done, .reason = {}});
}

void Completion::retry_at(Time time, std::string reason) {
    if (state_) std::exchange(state_, nullptr)->answer(id_, {Answer::What::retry, time, std::move(reason)});
}

void Completion::failed(std::string reason) {
    if (state_) std::exchange(state_, nullptr)->answer(id_, {Answer::What::failed, {}, std::move(reason)});
}

// Outbox

Outbox::Outbox(Store& store) : state_(std::make_shared<OutboxState>(store)) {}

Outbox::~Outbox() {
    stop();
}

void Outbox::register_worker(std::string kind, OutboxHandler handler, OutboxWorkerOptions options) {
    state_->register_worker(std::move(kind), std::move(handler), std::move(options));
}

void Outbox::start() {
    state_->start();
}

void Outbox::stop(milliseconds grace) {
    state_->stop(grace);
}

void Outbox::wake() {
    state_->wake();
}

std::size_t Outbox::depth() const {
    return state_->depth();
}

std::optional<Time> Outbox::oldest_enqueued_at() const {
    return state_->oldest();
}

bool Outbox::wait_idle(milliseconds limit) {
    return state_->wait_idle(limit);
}

}  // namespace sekisho::store
