#pragma once
// The pipeline: the one way from a request to its answer (design, ideas 1 and 3).
//
//   limits -> authenticate -> liveness -> decode -> authorize -> prepare -> handle -> commit -> audit -> encode
//
// Two doors lead into it: serve(), for requests from the network, and call(), for our own pages and workers. Both run the
// same steps from liveness on. After a conflict the steps from liveness to handle run again on the newest state, inside the
// committer's batch, where they cannot conflict again.
#include <functional>
#include <memory>

#include "audit/trail.h"
#include "net/http.h"
#include "operation/operation.h"

namespace sekisho::operation {

class Pipeline {
   public:
    // Everything given outlives the pipeline.
    Pipeline(store::Store& store, const Registry& registry, const Environment& environment, audit::Trail& trail,
             const Clock& clock);
    ~Pipeline();

    // A request of an AWS client. Answers in the protocol of its service, errors too. Called on an I/O thread; returns at
    // once; answers from there or from another thread.
    void serve(net::Request&& request, net::Responder responder);

    // An operation called by our own code, as `caller` (a person's page, or service_caller for workers).
    template <class Op>
    void call(access::Caller caller, access::RequestFacts facts, typename Op::Request request,
              std::move_only_function<void(Result<typename Op::Response>)> done) {
        run_inner(Op::model, std::move(caller), std::move(facts),
                  std::make_shared<typename Op::Request>(std::move(request)),
                  [done = std::move(done)](Result<std::shared_ptr<void>> response) mutable {
                      if (!response) return done(std::move(response).error());
                      done(std::move(*static_cast<typename Op::Response*>(response->get())));
                  });
    }

    // The same steps for a door that is not an operation (TokenReview): a read-only look at the newest state.
    store::Store& store() { return store_; }
    const Environment& environment() const { return environment_; }
    const Clock& clock() const { return clock_; }
    audit::Trail& trail() { return trail_; }

   private:
    struct Run;
    using RunPointer = std::shared_ptr<Run>;

    void run_inner(const wire::OperationModel& model, access::Caller caller, access::RequestFacts facts,
                   std::shared_ptr<void> request, std::move_only_function<void(Result<std::shared_ptr<void>>)> done);
    void start(RunPointer run);
    void prepared(RunPointer run, Result<std::any> value);
    Result<void> execute(Run& run, store::Transaction& transaction);
    void commit(RunPointer run, std::unique_ptr<store::Transaction> transaction);
    void finish(Run& run, Result<void> outcome);

    store::Store& store_;
    const Registry& registry_;
    const Environment& environment_;
    audit::Trail& trail_;
    const Clock& clock_;
};

}  // namespace sekisho::operation
