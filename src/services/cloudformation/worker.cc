// Carries stacks out: the worker of the outbox kind `stack`. One thread for all stacks; the calls of a stack's
// resources run beside each other, as many as do not wait for one another.
#include <boost/json/serialize.hpp>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/log.h"
#include "models/control.h"
#include "services/cloudformation/machine.h"
#include "services/cloudformation/service.h"
#include "wire/json_codec.h"

namespace sekisho::cloudformation_service {
namespace {

using operation::Access;
using operation::Call;

constexpr std::size_t stacks_at_once = 1000;
constexpr int attempts_max = 20;  // of a call that the server could not answer
constexpr milliseconds attempt_wait{250};
constexpr milliseconds look_interval_min{20};  // changes of the store wake at most so often
constexpr std::string_view service_name = "cloudformation.amazonaws.com";

Result<control::AdvanceStackResponse> advance_stack(Call& call, const control::AdvanceStackRequest& request) {
    SEK_TRY(auto status, advance({call.tx, call.now, call.random}, request.stack_id, request.operation));
    control::AdvanceStackResponse response;
    if (!status.empty()) response.status = std::move(status);
    return response;
}

Result<control::RecordStackStepResponse> record_stack_step(Call& call, const control::RecordStackStepRequest& request) {
    const PendingCall pending{.logical_id = request.logical_id,
                              .work = enum_of<domain::StackWork>(request.work).value_or(domain::StackWork::none),
                              .step = static_cast<std::int32_t>(request.step),
                              .operation = request.operation,
                              .call = {},
                              .as_stack = true};
    const Moment moment{call.tx, call.now, call.random};
    if (request.failure) {
        SEK_TRY(record_failure(moment, request.stack_id, pending, *request.failure));
    } else {
        SEK_TRY(record_step(moment, request.stack_id, pending, nullptr));
    }
    return control::RecordStackStepResponse{};
}

// The handler error codes of the resource provider contract.
std::string_view handler_code(const ApiError& error) {
    const std::string_view code = error.code;
    if (code.starts_with("AccessDenied") || code == "UnauthorizedOperation") return "AccessDenied";
    if (code.find("NotFound") != std::string_view::npos || code == "NoSuchEntity") return "NotFound";
    if (code.find("AlreadyExists") != std::string_view::npos || code.find("Duplicate") != std::string_view::npos) {
        return "AlreadyExists";
    }
    if (code.find("InUse") != std::string_view::npos || code.find("Conflict") != std::string_view::npos) {
        return "ResourceConflict";
    }
    if (code.find("Limit") != std::string_view::npos) return "ServiceLimitExceeded";
    if (error.is_server_fault()) return "InternalFailure";
    return "InvalidRequest";
}

// What an AWS resource handler says of its service's error.
std::string handler_message(const ApiError& error, std::string_view request_id) {
    return "Resource handler returned message: \"" + error.message + "\" (RequestToken: " + std::string(request_id) +
           ", HandlerErrorCode: " + std::string(handler_code(error)) + ")";
}

// What still needs the resource may be on its way out, though no reference tells (a NAT gateway's address holds the
// attachment of its network's internet gateway): CloudFormation asks again.
bool is_held_by_others(const PendingCall& pending, const ApiError& error) {
    const bool is_removal = pending.work == domain::StackWork::remove || pending.work == domain::StackWork::discard;
    return is_removal && (error.code == "DependencyViolation" || error.code == "DeleteConflict");
}

bool is_transient(const ApiError& error) {
    return error.is_server_fault() || error.http_status == 429 || error.code.starts_with("Throttling") ||
           error.code == store::codes::conflict;
}

// A stack under way. Touched by the worker's thread only.
struct Job {
    domain::StackEffect effect;
    store::Completion completion;
    bool is_advancing = false;
    std::set<std::string> in_flight;                                          // logical ids
    std::map<std::string, int> attempts;                                      // logical id -> of its step
    std::map<std::string, std::chrono::steady_clock::time_point> not_before;  // after an attempt that failed
};
using JobPointer = std::shared_ptr<Job>;

// What other threads give the worker to do. Outlives it where they still hold it; then nothing is done any more.
class Queue {
 public:
    using Task = std::move_only_function<void()>;
    enum class Found : std::uint8_t { task, change, stop };

    void post(Task task) {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        changed_.notify_all();
    }
    // The store has changed.
    void wake() {
        const std::lock_guard lock(mutex_);
        if (is_store_changed_) return;
        is_store_changed_ = true;
        changed_.notify_all();
    }
    void stop() {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        changed_.notify_all();
    }
    // The next task; or, when somebody looks for changes of the store, that it is time to look.
    Found wait(Task& task, bool looks) {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (is_stopped_) return Found::stop;
            if (!tasks_.empty()) {
                task = std::move(tasks_.front());
                tasks_.pop_front();
                return Found::task;
            }
            const auto due = looked_at_ + (is_store_changed_ ? look_interval_min : attempt_wait);
            if (!looks) {
                changed_.wait(lock);
            } else if (std::chrono::steady_clock::now() < due) {
                changed_.wait_until(lock, due);
            } else {
                is_store_changed_ = false;
                looked_at_ = std::chrono::steady_clock::now();
                return Found::change;
            }
        }
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;
    bool is_store_changed_ = false;
    bool is_stopped_ = false;
    std::chrono::steady_clock::time_point looked_at_{};
};

class Worker {
 public:
    explicit Worker(operation::Pipeline& pipeline)
        : pipeline_(pipeline),
          watch_(pipeline.store().watch({}, [queue = queue_](std::span<const store::Change>) { queue->wake(); })),
          thread_([this] { run(); }) {}
    ~Worker() {
        queue_->stop();
        thread_.join();
    }

    // Every row goes back to the outbox; the next start takes it from there.
    void give_back() {
        auto done = std::make_shared<std::promise<void>>();
        queue_->post([this, done] {
            for (const auto& job : jobs_) job->completion.retry_at(pipeline_.clock().now());
            jobs_.clear();
            done->set_value();
        });
        done->get_future().wait();
    }

    void take(const store::OutboxRow& row, store::Completion completion) {
        auto effect = domain::read_stack_effect(row.payload);
        if (!effect) return completion.failed("a payload that is not readable");
        auto job = std::make_shared<Job>(Job{.effect = std::move(*effect), .completion = std::move(completion)});
        queue_->post([this, job] {
            jobs_.insert(job);
            look(job);
        });
    }

 private:
    void run() {
        Queue::Task task;
        for (;;) {
            switch (queue_->wait(task, !jobs_.empty())) {
                case Queue::Found::task:
                    task();
                    task = nullptr;
                    break;
                case Queue::Found::stop:
                    return;
                default:
                    for (const auto& job : std::vector(jobs_.begin(), jobs_.end())) look(job);
            }
        }
    }

    // What a stack needs now: nothing more, a step of its own, calls of its resources, or to wait.
    void look(const JobPointer& job) {
        if (!jobs_.contains(job) || job->is_advancing) return;
        const auto& effect = job->effect;
        const auto trial = pipeline_.store().transaction();
        const auto now = pipeline_.clock().now();
        const auto follows = advance({*trial, now, system_random()}, effect.stack_id, effect.operation);
        if (!follows) return end(job, follows.error());
        if (!trial->empty()) return advance_job(job);
        const auto pending = pending_calls(pipeline_.store().snapshot(), effect.stack_id, effect.operation);
        if (!pending) return end(job, pending.error());
        if (pending->is_over && job->in_flight.empty()) {
            job->completion.done();
            jobs_.erase(job);
            return;
        }
        for (const auto& call : pending->calls) {
            if (job->in_flight.contains(call.logical_id)) continue;
            const auto wait = job->not_before.find(call.logical_id);
            if (wait != job->not_before.end() && std::chrono::steady_clock::now() < wait->second) continue;
            start(job, call);
        }
    }

    // Our own records cannot be read or written: the outbox tries again later, and says so.
    void end(const JobPointer& job, const ApiError& error) {
        log::error("a stack cannot go on",
                   {{"stack", job->effect.stack_id}, {"cause", error.message + " " + error.cause}});
        job->completion.failed(error.message + " " + error.cause);
        jobs_.erase(job);
    }

    access::RequestFacts facts_of(const Job& job) const {
        access::RequestFacts facts;
        facts.region = job.effect.region;
        facts.source_address = service_name;
        facts.user_agent = service_name;
        return facts;
    }

    void advance_job(const JobPointer& job) {
        job->is_advancing = true;
        control::AdvanceStackRequest request{.stack_id = job->effect.stack_id, .operation = job->effect.operation};
        pipeline_.call<control::AdvanceStack>(
            access::service_caller(job->effect.account_id), facts_of(*job), std::move(request),
            [this, queue = queue_, job](Result<control::AdvanceStackResponse> response) {
                queue->post([this, job, error = response ? ApiError() : response.error()] {
                    job->is_advancing = false;
                    if (error.code.empty()) return look(job);
                    // What passes is tried again at the next look.
                    if (!is_transient(error)) end(job, error);
                });
            });
    }

    // The principal that a call is made as.
    Result<access::Caller> caller_of(const Job& job, const PendingCall& pending) {
        if (pending.as_stack) return access::service_caller(job.effect.account_id);
        SEK_TRY(auto kept, stack_callers.get(pipeline_.store().snapshot(), job.effect.stack_id));
        if (!kept) return errors::internal_failure("a stack without its caller");
        return std::move(kept->caller);
    }

    Result<std::shared_ptr<void>> request_of(const PendingCall& pending) {
        const auto& model = *pending.call.operation;
        auto request = pipeline_.make_request(model);
        if (!request) {
            return validation_error("The operation " + std::string(model.name) + " is not supported here.");
        }
        SEK_TRY(const auto fitted, fit_request(*model.request, pending.call.request));
        wire::Violations violations;
        SEK_TRY(wire::decode_json(*model.request, fitted, request.get(), violations));
        wire::validate(*model.request, request.get(), violations);
        if (!violations.empty()) return violations.error(model.service->protocol);
        return request;
    }

    void start(const JobPointer& job, const PendingCall& pending) {
        job->in_flight.insert(pending.logical_id);
        auto request = request_of(pending);
        auto caller = caller_of(*job, pending);
        auto facts = facts_of(*job);
        facts.request_id = random_uuid(system_random());
        if (!pending.as_stack) facts.called_via = service_name;
        if (!request || !caller) {
            return finish(job, pending, !request ? std::move(request).error() : std::move(caller).error(),
                          facts.request_id);
        }
        const auto stack_id = job->effect.stack_id;
        const auto* shape = pending.call.operation->response;
        const auto companion = [pending, stack_id, shape](Call& call, const void* response) -> Result<void> {
            std::string text;
            JsonWriter writer(text);
            wire::encode_json(*shape, response, writer);
            SEK_TRY(const auto value, parse_json(text));
            return record_step({call.tx, call.now, call.random}, stack_id, pending, &value);
        };
        const auto request_id = facts.request_id;
        pipeline_.call(
            *pending.call.operation, std::move(*caller), std::move(facts), std::move(*request), companion,
            [this, queue = queue_, job, pending, request_id](Result<std::shared_ptr<void>> response) {
                queue->post([this, job, pending, request_id, error = response ? ApiError() : response.error()] {
                    finish(job, pending, error, request_id);
                });
            });
    }

    // On the worker's thread. An error without a code: the call was answered and its step is recorded.
    void finish(const JobPointer& job, const PendingCall& pending, const ApiError& error,
                const std::string& request_id) {
        const auto& id = pending.logical_id;
        const bool is_missing = pending.call.tolerates_missing && handler_code(error) == "NotFound";
        if (error.code.empty() || error.code == "Cancelled") {
            job->in_flight.erase(id);
            job->attempts.erase(id);
            return look(job);
        }
        const bool may_pass = is_transient(error) || is_held_by_others(pending, error);
        if (!is_missing && may_pass && ++job->attempts[id] < attempts_max) {
            job->in_flight.erase(id);
            job->not_before[id] = std::chrono::steady_clock::now() + attempt_wait;
            return;
        }
        control::RecordStackStepRequest request{.stack_id = job->effect.stack_id,
                                                .operation = pending.operation,
                                                .logical_id = id,
                                                .work = std::string(enum_text(pending.work)),
                                                .step = pending.step};
        if (!is_missing) request.failure = handler_message(error, request_id);
        pipeline_.call<control::RecordStackStep>(
            access::service_caller(job->effect.account_id), facts_of(*job), std::move(request),
            [this, queue = queue_, job, id](Result<control::RecordStackStepResponse>) {
                queue->post([this, job, id] {
                    job->in_flight.erase(id);
                    job->attempts.erase(id);
                    look(job);
                });
            });
    }

    operation::Pipeline& pipeline_;
    const std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
    std::set<JobPointer> jobs_;  // of the worker's thread
    store::WatchHandle watch_;
    std::thread thread_;
};

}  // namespace

const operation::OperationTable machine_operations = {
    operation::operation<control::AdvanceStack>(
        {.access = Access::write, .resources = operation::workers_only, .handle = advance_stack}),
    operation::operation<control::RecordStackStep>(
        {.access = Access::write, .resources = operation::workers_only, .handle = record_stack_step}),
};

void register_workers(store::Outbox& outbox, operation::Pipeline& pipeline) {
    auto worker = std::make_shared<Worker>(pipeline);
    outbox.register_worker(
        std::string(domain::stack_effect),
        [worker](const store::OutboxRow& row, store::Completion completion) {
            worker->take(row, std::move(completion));
        },
        {.parallel_max = stacks_at_once, .run_on = {}, .on_stop = [worker] { worker->give_back(); }});
}

}  // namespace sekisho::cloudformation_service
