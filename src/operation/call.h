#pragma once
// Call: what a handler is given. A handler is a plain function of (snapshot, caller, request): no I/O, no waiting; time
// and randomness are fixed for the call, so a re-run after a conflict does the same again (design, idea 1).
#include <memory>
#include <string>
#include <string_view>

#include "access/caller.h"
#include "access/facts.h"
#include "access/session_token.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace sekisho::operation {

class Registry;

// What is fixed while the server runs.
struct Environment {
    std::string public_url;  // https://localhost:7443, without a slash at its end
    const access::SessionTokens* tokens = nullptr;
    bool sends_mail = false;       // SMTP is configured: mail leaves; otherwise it stays in the outbox, readable
    std::string cluster_provider;  // what CreateCluster makes: "local" or "record"
    std::string home;              // the home's folder, for status texts
    std::string version;
    const Registry* registry = nullptr;  // every operation that has a row, for ListOperations
};

// What .prepare made, of the type that the operation's handler asks for (make_prepared, Call::prepared).
using Prepared = std::shared_ptr<const void>;
template <class T>
Prepared make_prepared(T value) {
    return std::make_shared<const T>(std::move(value));
}

class Call {
 public:
    Call(store::Transaction& transaction, const access::Caller& who, const access::RequestFacts& request_facts,
         Time time, Random& source, const Environment& fixed, Prepared prepared_value)
        : tx(transaction),
          caller(who),
          facts(request_facts),
          now(time),
          random(source),
          environment(fixed),
          prepared_(std::move(prepared_value)) {}

    store::Transaction& tx;
    const access::Caller& caller;
    const access::RequestFacts& facts;
    const Time now;
    Random& random;
    const Environment& environment;

    const AccountId& account() const { return caller.account_id; }
    const Region& region() const { return facts.region; }
    // The value that the operation's .prepare made.
    template <class T>
    const T& prepared() const {
        return *static_cast<const T*>(prepared_.get());
    }
    // Writes that are committed together with a refusal: failed-password counters, lock-out, token-reuse marks.
    store::Transaction& on_refusal() { return tx.on_refusal(); }

    // Pagination tokens: sealed, and bound to this caller's account and operation (`scope`: the operation's name and
    // the filters that the list was started with). An empty token is the start; a token of another list is refused.
    std::string seal_page(std::string_view scope, std::string_view after) const;
    std::optional<std::string> open_page(std::string_view scope, std::string_view token) const;

 private:
    const Prepared prepared_;
};

}  // namespace sekisho::operation
