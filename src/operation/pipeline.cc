#include "operation/pipeline.h"

#include "base/log.h"
#include "base/metrics.h"
#include "operation/audit_record.h"
#include "operation/event_record.h"
#include "operation/refusal.h"

namespace sekisho::operation {
namespace {

// Row payload: the event id (36 characters), then the record.
std::string audit_payload(std::string_view event_id, std::string_view record) {
    return std::string(event_id) + std::string(record);
}

bool is_permission_rule(const Operation& operation) {
    return operation.rule == Rule::permissions;
}

// Who a rule lets in; IAM's own decision comes after.
Result<void> check_rule(const Operation& operation, const access::Caller& caller) {
    const auto protocol = operation.model->service->protocol;
    const auto missing = [&] {
        return authentication_error(protocol, wire::make_signature_error(wire::SignatureFailure::missing_token));
    };
    using access::CallerKind;
    switch (operation.rule) {
        case Rule::anyone:
            return {};
        case Rule::inner:
            if (caller.kind != CallerKind::service) return missing();
            return {};
        case Rule::person:
            if (caller.kind != CallerKind::person) return missing();
            return {};
        case Rule::signed_in:
        case Rule::permissions:
            if (caller.kind == CallerKind::anonymous || caller.kind == CallerKind::person) return missing();
            return {};
    }
    return missing();
}

}  // namespace

Pipeline::Pipeline(store::Store& store, const Registry& registry, const Environment& environment, audit::Trail& trail,
                   const Clock& clock, const RequestRates& rates)
    : store_(store), registry_(registry), environment_(environment), trail_(trail), clock_(clock), limits_(rates) {}

Pipeline::~Pipeline() = default;

std::shared_ptr<void> Pipeline::make_request(const wire::OperationModel& model) const {
    const Operation* operation = registry_.find(model);
    return operation == nullptr ? nullptr : operation->make_request();
}

void Pipeline::call(const wire::OperationModel& model, access::Caller caller, access::RequestFacts facts,
                    std::shared_ptr<void> request, Companion companion,
                    std::move_only_function<void(Result<std::shared_ptr<void>>)> done) {
    const Operation* operation = registry_.find(model);
    if (operation == nullptr) return done(not_implemented(model));
    auto run = std::make_shared<Run>();
    run->operation = operation;
    run->caller = std::move(caller);
    run->facts = std::move(facts);
    run->facts.is_inner = true;
    run->now = clock_.now();
    run->request = std::move(request);
    run->companion = std::move(companion);
    run->answer = std::move(done);
    start(std::move(run));
}

void Pipeline::start(RunPointer run) {
    run->seed = crypto::random_seed();
    run->event_id = random_uuid(crypto::thread_random());
    if (run->facts.request_id.empty()) run->facts.request_id = random_uuid(crypto::thread_random());
    if (auto allowed = check_rule(*run->operation, run->caller); !allowed) return finish(*run, std::move(allowed));
    if (run->operation->prepare) return prepare(std::move(run));
    execute(std::move(run));
}

// Liveness and authorization, on the state that the call sees. Every attempt begins with it.
Result<void> Pipeline::judge(Run& run, Call& call) {
    if (!std::exchange(run.is_live, false)) {
        const auto alive = access::check_liveness(call.tx, run.caller, run.now);
        if (alive != access::Liveness::alive) return liveness_error(run.protocol(), alive);
    }
    if (!is_permission_rule(*run.operation)) return {};
    const auto& permissions_of = run.operation->permissions;
    auto permissions = permissions_of ? permissions_of(call, run.request.get()) : access::Permissions(1);
    for (auto& permission : permissions) {
        if (permission.action.empty()) permission.action = run.operation->model->iam_action;
    }
    const auto refusal = access::authorize(call.tx, run.caller, run.facts, run.now, permissions);
    if (!refusal) return {};
    auto denied = access_denied(run.protocol(), run.caller, *refusal);
    // EC2's refusals of changes carry what they rested on.
    if (run.protocol() == wire::Protocol::ec2_query && run.operation->access == Access::write) {
        denied.message += ". Encoded authorization failure message: " +
                          encode_authorization_message(*environment_.tokens, run.caller, *refusal);
    }
    return denied;
}

void Pipeline::prepare(RunPointer run) {
    const auto transaction = take_transaction(*run);
    crypto::Drbg random(run->seed);
    Call call(*transaction, run->caller, run->facts, run->now, random, environment_, run->prepared);
    if (auto allowed = judge(*run, call); !allowed) return finish(*run, std::move(allowed));
    run->operation->prepare(call, run->request.get(), [this, run](Result<Prepared> value) {
        if (!value) return finish(*run, std::move(value).error());
        run->prepared = std::move(*value);
        execute(run);
    });
}

Result<void> Pipeline::attempt(Run& run, store::Transaction& transaction) {
    run.is_audited = false;
    crypto::Drbg random(run.seed);
    Call call(transaction, run.caller, run.facts, run.now, random, environment_, run.prepared);
    SEK_TRY(judge(run, call));
    SEK_TRY(run.response, run.operation->handle(call, run.request.get()));
    if (run.companion) SEK_TRY(run.companion(call, run.response.get()));
    // What wrote nothing (AssumeRole seals its session into the token) has no commit for its record to go with:
    // finish() leaves that in the trail.
    if (run.operation->access == Access::write && !transaction.empty()) SEK_TRY(audit_change(run, transaction));
    return {};
}

// The record of a change commits with it, so there is no acknowledged change without its record (design, idea 3).
Result<void> Pipeline::audit_change(Run& run, store::Transaction& transaction) {
    const auto record = print_audit_record({.operation = run.operation,
                                            .model = run.operation->model,
                                            .caller = run.caller,
                                            .facts = run.facts,
                                            .now = run.now,
                                            .event_id = run.event_id,
                                            .request = run.request.get(),
                                            .response = run.response.get()});
    transaction.enqueue(
        {.kind = std::string(audit_effect), .ordering_key = {}, .payload = audit_payload(run.event_id, record)});
    run.is_audited = true;
    return {};
}

// The one that the door has authenticated on, or a new one.
std::unique_ptr<store::Transaction> Pipeline::take_transaction(Run& run) {
    return run.transaction ? std::move(run.transaction) : store_.transaction();
}

void Pipeline::execute(RunPointer run) {
    auto transaction = take_transaction(*run);
    auto outcome = std::make_shared<Result<void>>(attempt(*run, *transaction));
    if (!*outcome) transaction->refuse();
    if (transaction->empty()) return finish(*run, std::move(*outcome));

    store_.commit({.transaction = std::move(transaction),
                   .again =
                       [this, run, outcome](store::Transaction& fresh) {
                           *outcome = attempt(*run, fresh);
                           if (!*outcome) fresh.refuse();
                           return !fresh.empty();
                       },
                   .done =
                       [this, run, outcome](Result<store::Revision> committed) {
                           if (!committed) {
                               // The refusal's own writes were lost: the caller still reads the refusal.
                               if (!*outcome) return finish(*run, std::move(*outcome));
                               const auto& service = *run->operation->model->service;
                               return finish(*run, commit_error(service, std::move(committed).error()));
                           }
                           finish(*run, std::move(*outcome));
                       }});
}

void Pipeline::finish(Run& run, Result<void> outcome) {
    const auto& model = *run.operation->model;
    if (!outcome || !run.is_audited) {
        const auto record = print_audit_record({.operation = run.operation,
                                                .model = &model,
                                                .caller = run.caller,
                                                .facts = run.facts,
                                                .now = run.now,
                                                .event_id = run.event_id,
                                                .request = run.request.get(),
                                                .response = outcome ? run.response.get() : nullptr,
                                                .error = outcome ? nullptr : &outcome.error()});
        // No answer without its record.
        if (auto kept = trail_.append(record); !kept && outcome) outcome = std::move(kept);
    }
    if (!outcome && outcome.error().is_server_fault()) {
        log::error("a request failed", {{"service", model.service->name},
                                        {"operation", model.name},
                                        {"request_id", run.facts.request_id},
                                        {"code", outcome.error().code},
                                        {"cause", outcome.error().cause}});
    }
    static metrics::Histogram& seconds =
        metrics::histogram("sekisho_request_seconds", "From a request's start to its answer");
    static metrics::Counter& succeeded =
        metrics::counter("sekisho_requests_total", "Requests answered", {{"outcome", "success"}});
    static metrics::Counter& refused =
        metrics::counter("sekisho_requests_total", "Requests answered", {{"outcome", "refused"}});
    static metrics::Counter& failed =
        metrics::counter("sekisho_requests_total", "Requests answered", {{"outcome", "failed"}});
    (outcome ? succeeded : outcome.error().is_server_fault() ? failed : refused).add();
    seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - run.started).count());
    if (!outcome) return run.answer(std::move(outcome).error());
    run.answer(std::move(run.response));
}

void register_audit_worker(store::Outbox& outbox, audit::Trail& trail) {
    // Rows are appended one after another in the order of their commits, on the outbox's own thread; many wait at once
    // for the trail's next sync, and only then are they done: a power cut loses no record of an acknowledged change.
    constexpr std::size_t waiting_max = 10'000;
    outbox.register_worker(std::string(audit_effect),
                           [&trail](const store::OutboxRow& row, store::Completion completion) {
                               constexpr std::size_t id_length = 36;
                               const std::string_view payload(row.payload);
                               auto kept = trail.append_once(payload.substr(0, id_length), payload.substr(id_length));
                               if (!kept) return completion.failed(kept.error().cause);
                               trail.when_synced([completion = std::move(completion)](Result<void> synced) mutable {
                                   if (!synced) return completion.failed(synced.error().cause);
                                   completion.done();
                               });
                           },
                           {.parallel_max = waiting_max});
}

}  // namespace sekisho::operation
