#pragma once
// The pipeline: the one way from a request to its answer (design, ideas 1 and 3).
//
//   limits -> authenticate -> liveness -> decode -> authorize -> prepare -> handle -> commit -> audit -> encode
//
// Two doors lead into it: serve(), for requests from the network, and call(), for our own pages and workers. Both run
// the same steps from liveness on. After a conflict the steps from liveness to handle run again on the newest state,
// inside the committer's batch, where they cannot conflict again.
#include <chrono>
#include <functional>
#include <memory>

#include "audit/trail.h"
#include "crypto/drbg.h"
#include "net/http.h"
#include "operation/operation.h"
#include "operation/request_limits.h"
#include "store/outbox.h"

namespace sekisho::operation {

class Pipeline {
 public:
    // Everything given outlives the pipeline.
    Pipeline(store::Store& store, const Registry& registry, const Environment& environment, audit::Trail& trail,
             const Clock& clock, const RequestRates& rates = {});
    ~Pipeline();

    // A request of an AWS client. Answers in the protocol of its service, errors too. Called on an I/O thread; returns
    // at once; answers from there or from another thread.
    void serve(net::Request&& request, net::Responder responder);

    // An operation called by our own code, as `caller` (a person's page, or service_caller for workers).
    template <class Op>
    void call(access::Caller caller, access::RequestFacts facts, typename Op::Request request,
              std::move_only_function<void(Result<typename Op::Response>)> done) {
        this->call(Op::model, std::move(caller), std::move(facts),
                   std::make_shared<typename Op::Request>(std::move(request)), nullptr,
                   [done = std::move(done)](Result<std::shared_ptr<void>> response) mutable {
                       if (!response) return done(std::move(response).error());
                       done(std::move(*static_cast<typename Op::Response*>(response->get())));
                   });
    }

    // What the caller of an operation must not lose: written in the operation's own transaction, after its handler, so
    // that the two cannot come apart. An error refuses the operation. May run again after a conflict.
    using Companion = std::function<Result<void>(Call& call, const void* response)>;
    // An operation by its model, for code that works on any (CloudFormation). `request` comes of make_request and is
    // complete; the answer is the response of the model's shape. An operation without a row answers "not implemented".
    void call(const wire::OperationModel& model, access::Caller caller, access::RequestFacts facts,
              std::shared_ptr<void> request, Companion companion,
              std::move_only_function<void(Result<std::shared_ptr<void>>)> done);
    std::shared_ptr<void> make_request(const wire::OperationModel& model) const;  // null: no row

    // The same steps for a door that is not an operation (TokenReview): a read-only look at the newest state.
    store::Store& store() { return store_; }
    const Environment& environment() const { return environment_; }
    const Clock& clock() const { return clock_; }
    audit::Trail& trail() { return trail_; }

    // A run: one request on its way. Made by a door, which also answers it.
    struct Run {
        const Operation* operation = nullptr;
        access::Caller caller;
        access::RequestFacts facts;
        Time now{};
        std::unique_ptr<store::Transaction> transaction;  // that the caller was authenticated on; null: none yet
        bool is_live = false;                             // and found alive on, just now
        crypto::Drbg::Seed seed{};
        std::string event_id;
        std::shared_ptr<void> request;
        std::shared_ptr<void> response;
        Prepared prepared;
        Companion companion;
        bool is_audited = false;  // the record is in the transaction
        std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
        // The response, or what is answered instead.
        std::move_only_function<void(Result<std::shared_ptr<void>>)> answer;

        wire::Protocol protocol() const { return operation->model->service->protocol; }
    };
    using RunPointer = std::shared_ptr<Run>;

 private:
    void start(RunPointer run);
    Result<void> judge(Run& run, Call& call);
    void prepare(RunPointer run);
    std::unique_ptr<store::Transaction> take_transaction(Run& run);
    void execute(RunPointer run);
    Result<void> attempt(Run& run, store::Transaction& transaction);
    Result<void> audit_change(Run& run, store::Transaction& transaction);
    void finish(Run& run, Result<void> outcome);

    store::Store& store_;
    const Registry& registry_;
    const Environment& environment_;
    audit::Trail& trail_;
    const Clock& clock_;
    RequestLimits limits_;
};

// Appends the audit rows of committed changes to the trail.
void register_audit_worker(store::Outbox& outbox, audit::Trail& trail);

}  // namespace sekisho::operation
