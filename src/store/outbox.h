#pragma once
// Outbox: carries out the effect rows that transactions have enqueued: at least once, those of one ordering key one at
// a time and in order of commit, not before their time, across restarts. Effects are idempotent by row id.
//
//   Outbox outbox(store);
//   outbox.register_worker("mail", [&](const OutboxRow& row, Completion completion) { send(row, std::move(completion));
//   }); outbox.start();
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"
#include "wire/shape.h"

namespace sekisho::store {

// A row's id: 20 hexadecimal digits (revision, index), in order of commit. Also its key on disk.
std::string outbox_row_id(Revision revision, std::size_t index);

struct OutboxRow {
    std::string id;  // not on disk: it is the key
    std::string kind;
    std::string ordering_key;
    Time not_before{};
    std::string payload;
    std::int32_t attempts = 0;  // that failed so far
    std::string last_failure;
    Time enqueued_at{};
    static const Shape shape;
};

class OutboxState;

// A worker's answer for one row: call one of these once, from any thread, even after the Outbox is gone (then the row
// runs again after the next start). Dropped without a call: failed("dropped").
class Completion {
 public:
    Completion(std::shared_ptr<OutboxState> state, std::string id) : state_(std::move(state)), id_(std::move(id)) {}
    Completion(Completion&&) noexcept = default;
    Completion& operator=(Completion&&) = delete;
    ~Completion();

    void done();                                        // deletes the row
    void retry_at(Time time, std::string reason = {});  // not a failure: attempts stays
    void failed(std::string reason);                    // tried again with back-off: 1 s doubled up to 5 minutes

 private:
    std::shared_ptr<OutboxState> state_;
    std::string id_;
};

using OutboxHandler = std::function<void(const OutboxRow&, Completion)>;

struct OutboxWorkerOptions {
    std::size_t parallel_max = 1;  // rows of this kind under way at once
    // Where the handler runs. None: on the outbox's own thread, and then it must only start the work, not wait for it.
    std::function<void(std::move_only_function<void()>)> run_on;
    // The outbox stops: rows that only wait for something are given back now (retry_at), so that it need not.
    std::function<void()> on_stop;
};

class Outbox {
 public:
    explicit Outbox(Store& store);
    ~Outbox();  // stop()

    // Before or after start(). Rows of a kind that has no worker wait for one (and hold their ordering key).
    void register_worker(std::string kind, OutboxHandler handler, OutboxWorkerOptions options = {});
    void start();
    // No handler is started any more; waits up to `grace` for those under way and for their rows' transactions.
    void stop(milliseconds grace = seconds(10));
    // Looks at the clock again; for tests that move a ManualClock.
    void wake();

    std::size_t depth() const;                       // rows that are not done
    std::optional<Time> oldest_enqueued_at() const;  // for the age metric and alarms; nothing: empty
    // Waits until no row is due or under way; for tests and an orderly stop. False: not within `limit`.
    bool wait_idle(milliseconds limit);

 private:
    std::shared_ptr<OutboxState> state_;
};

}  // namespace sekisho::store
