#include "store/committer.h"

#include <exception>

#include "base/log.h"
#include "base/metrics.h"
#include "store/layout.h"
#include "store/outbox.h"

namespace sekisho::store {
namespace {

constexpr std::size_t batch_jobs_max = 512;  // keeps the engine's transaction small (it must never spill)

metrics::Counter& conflicts() {
    static metrics::Counter& counter = metrics::counter("sekisho_store_conflicts_total", "Transactions run again");
    return counter;
}

metrics::Counter& failures() {
    static metrics::Counter& counter =
        metrics::counter("sekisho_store_failures_total", "Batches that could not be written");
    return counter;
}

metrics::Counter& transactions() {
    static metrics::Counter& counter = metrics::counter("sekisho_store_transactions_total", "Durable transactions");
    return counter;
}

metrics::Histogram& batch_seconds() {
    static metrics::Histogram& histogram = metrics::histogram("sekisho_store_batch_seconds", "Durable group commits");
    return histogram;
}

ApiError closed_error() {
    return errors::service_unavailable("the store is closed");
}

}  // namespace

struct Committer::Job {
    Submission submission;
    std::unique_ptr<Transaction> fresh;
    Result<Revision> result = Revision{0};
    bool settled = false;                               // the result stands whatever becomes of the batch
    std::vector<std::pair<std::string, bool>> changes;  // key, erased
};

Committer::Committer(Engine& engine, const StoreOptions& options, Revision newest)
    : engine_(engine), options_(options), last_given_(newest), durable_(newest), thread_([this] { run(); }) {}

void Committer::close() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    wake_.notify_all();
    std::call_once(joined_, [this] { thread_.join(); });
}

void Committer::commit(Submission submission) {
    if (submission.transaction->empty()) return submission.done(submission.transaction->revision());
    submission.transaction->end_reading();
    std::optional<ApiError> refusal;
    {
        const std::lock_guard lock(mutex_);
        if (closing_) {
            refusal = closed_error();
        } else if (queue_.size() >= limits::commit_queue_max) {
            refusal = ApiError{.code = std::string(codes::queue_full),
                               .message = "Rate exceeded",
                               .http_status = 429,
                               .cause = "the store's commit queue is full",
                               .fields = {}};
        } else {
            queue_.push_back(std::move(submission));
        }
    }
    if (refusal) return submission.done(std::move(*refusal));
    wake_.notify_one();
}

WatchHandle Committer::watch(std::string prefix, Store::WatchCallback callback) {
    auto watch = std::make_shared<Watch>(std::move(prefix), std::move(callback));
    const std::lock_guard lock(watch_mutex_);
    watches_.push_back(watch);
    return WatchHandle([this, watch] {
        const std::lock_guard inner(watch_mutex_);
        std::erase(watches_, watch);
    });
}

std::vector<Committer::Job> Committer::take() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return closing_ || !queue_.empty(); });
    std::vector<Job> jobs;
    while (!queue_.empty() && jobs.size() < batch_jobs_max) {
        jobs.push_back({.submission = std::move(queue_.front())});
        queue_.pop_front();
    }
    return jobs;
}

void Committer::run() {
    for (;;) {
        std::vector<Job> jobs = take();
        if (jobs.empty()) return;  // closing, and all is done
        process(jobs);
    }
}

void Committer::process(std::vector<Job>& jobs) {
    const auto start = std::chrono::steady_clock::now();
    disk_is_full_ = options_.free_disk_bytes() < options_.free_disk_bytes_min ||
                    engine_.free_bytes() < map_reserve_bytes(options_.map_bytes);
    auto written = write_all(jobs);
    if (!written && jobs.size() > 1) {
        // One large transaction must not take the small ones beside it down.
        for (Job& job : jobs) (void)write_all({&job, 1});
    }
    batch_seconds().observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    finish(jobs);
}

Result<void> Committer::write_all(std::span<Job> jobs) {
    const auto fail = [&](const ApiError& error) -> Result<void> {
        failures().add();
        log::error("the store could not write", {{"cause", error.cause}, {"transactions", jobs.size()}});
        for (Job& job : jobs) {
            if (!job.settled) job.result = error;
            job.changes.clear();
        }
        return error;
    };
    auto batch = engine_.write();
    if (!batch) return fail(batch.error());
    batch_failed_ = false;
    const Revision before = last_given_;
    for (Job& job : jobs) {
        job.changes.clear();
        job.settled = false;
        job.result = judge(**batch, job);
        if (batch_failed_) return fail(job.result.error());
    }
    if (last_given_ == before) return {};
    if (auto committed = (*batch)->commit(last_given_); !committed) return fail(committed.error());
    durable_.store(last_given_, std::memory_order_release);
    return {};
}

Result<Revision> Committer::judge(Batch& batch, Job& job) {
    const auto still_stands = [&](const Transaction& transaction) {
        return transaction.reads_.each([&](std::string_view key, Revision revision) {
            const auto value = batch.get(key);
            return (value ? value->revision : 0) == revision;
        });
    };
    Transaction& first = *job.submission.transaction;
    const bool stands = still_stands(first) && (!first.refusal_ || still_stands(*first.refusal_));
    if (stands) return apply(batch, job, first);
    conflicts().add();
    if (job.submission.again) return rerun(batch, job);
    job.settled = true;
    return ApiError{.code = std::string(codes::conflict),
                    .message = "The data changed meanwhile; try again.",
                    .http_status = 409,
                    .cause = "conflict",
                    .fields = {}};
}

Result<Revision> Committer::rerun(Batch& batch, Job& job) {
    job.fresh = std::make_unique<Transaction>(Snapshot(&batch));
    bool is_wanted = false;
    try {
        is_wanted = job.submission.again(*job.fresh);
    } catch (const std::exception& exception) {
        job.settled = true;
        return errors::internal_failure(std::string("a re-run threw: ") + exception.what());
    }
    job.fresh->end_reading();
    if (!is_wanted) return batch.revision();
    return apply(batch, job, *job.fresh);
}

Result<Revision> Committer::apply(Batch& batch, Job& job, Transaction& transaction) {
    if (transaction.empty()) return batch.revision();
    const Transaction& chosen = transaction.refused_ ? *transaction.refusal_ : transaction;
    std::size_t bytes = 0;
    bool adds = !chosen.effects_.empty();
    std::string breach;
    for (const auto& [key, value] : chosen.writes_) {
        bytes += key.size() + (value ? value->size() : 0);
        adds = adds || value.has_value();
        if (key.empty() || key.size() > limits::key_bytes_max)
            breach = "a key of " + std::to_string(key.size()) + " bytes";
    }
    for (const Effect& effect : chosen.effects_) bytes += effect.payload.size();
    const std::size_t keys = chosen.writes_.size() + chosen.effects_.size();
    if (keys > limits::transaction_keys_max) breach = std::to_string(keys) + " keys";
    if (bytes > limits::transaction_bytes_max) breach = std::to_string(bytes) + " bytes";
    if (!breach.empty()) {
        job.settled = true;
        return errors::internal_failure("a transaction with " + breach);
    }
    if (adds && disk_is_full_) {
        job.settled = true;
        return store_full_error("less than the reserve is left of the disk or the map");
    }
    auto written = write_rows(batch, job, chosen);
    if (!written) batch_failed_ = true;
    return written;
}

Result<Revision> Committer::write_rows(Batch& batch, Job& job, const Transaction& chosen) {
    const Revision revision = ++last_given_;
    for (const auto& [key, value] : chosen.writes_) {
        if (value) {
            SEK_TRY(batch.put(key, *value, revision));
        } else {
            SEK_TRY(batch.erase(key));
        }
        job.changes.emplace_back(key, !value);
    }
    const Time now = options_.clock->now();
    for (std::size_t i = 0; i < chosen.effects_.size(); ++i) {
        std::string key = row_prefix(outbox_table).append(outbox_row_id(revision, i));
        SEK_TRY(batch.put(key, encode_effect(chosen.effects_[i], now), revision));
        job.changes.emplace_back(std::move(key), false);
    }
    return revision;
}

void Committer::finish(std::vector<Job>& jobs) {
    notify(jobs);
    for (Job& job : jobs) {
        if (job.result && !job.changes.empty()) transactions().add();
        job.submission.transaction.reset();
        job.fresh.reset();
        job.submission.done(std::move(job.result));
    }
}

void Committer::notify(const std::vector<Job>& jobs) {
    const std::lock_guard lock(watch_mutex_);
    std::vector<Change> changes;
    for (const auto& watch : watches_) {
        changes.clear();
        for (const Job& job : jobs) {
            for (const auto& [key, erased] : job.changes) {
                if (key.starts_with(watch->prefix)) changes.push_back({key, *job.result, erased});
            }
        }
        if (!changes.empty()) watch->callback(changes);
    }
}

}  // namespace sekisho::store
