#pragma once
// What an operation is: a model (generated), who may call it and on what, an optional slow preparation, and a handler.
// One row in its resource's table:
//
//   const OperationTable role_operations = {
//       operation<iam::CreateRole>({.access = Access::write, .resources = role_from_request, .handle = create_role}),
//   };
#include <functional>
#include <memory>
#include <type_traits>
#include <vector>

#include "access/authorize.h"
#include "operation/call.h"
#include "wire/model.h"

namespace sekisho::operation {

enum class Access : std::uint8_t { read, write };

// Who may call, when it is not decided by IAM on resources.
enum class Rule : std::uint8_t {
    permissions,  // IAM decides on the permissions that the operation names
    signed_in,    // any authenticated AWS principal, no permission needed (GetCallerIdentity)
    person,       // a person, by bearer token or portal session, for itself
    anyone,       // unsigned (SSO-OIDC, sign-in pages)
    inner,        // Sekisho's own workers
};
// Rows name these where a function of permissions would stand.
inline constexpr auto any_signed_in = std::integral_constant<Rule, Rule::signed_in>{};
inline constexpr auto any_person = std::integral_constant<Rule, Rule::person>{};
inline constexpr auto anyone = std::integral_constant<Rule, Rule::anyone>{};
inline constexpr auto workers_only = std::integral_constant<Rule, Rule::inner>{};
// IAM decides on the operation's own action and "*".
struct AnyResource {};
inline constexpr AnyResource any_resource;

// The permissions that a request needs. Pure: reads, never fails; a missing resource gives the ARN that the request
// names, so that a refused caller learns nothing of what exists. An empty action is the operation's own.
template <class Request>
using PermissionsOf = access::Permissions (*)(const Call&, const Request&);

// No default: an operation without declared resources does not compile.
template <class Request>
class Resources {
 public:
    Resources() = delete;
    Resources(PermissionsOf<Request> function) : function_(function) {}
    Resources(AnyResource) {}
    template <Rule rule>
    Resources(std::integral_constant<Rule, rule>) : rule_(rule) {}

    Rule rule() const { return rule_; }
    PermissionsOf<Request> function() const { return function_; }

 private:
    Rule rule_ = Rule::permissions;
    PermissionsOf<Request> function_ = nullptr;
};

using PrepareDone = std::move_only_function<void(Result<Prepared>)>;
// Slow or outside work before the handler: a password hash, an outbound request. Reads the call's snapshot only before
// it returns; answers later from any thread; writes nothing. Its value reaches the handler as call.prepared<T>().
template <class Request>
using PrepareOf = void (*)(const Call&, const Request&, PrepareDone);

template <class Op>
struct Spec {
    Access access;
    Resources<typename Op::Request> resources;
    PrepareOf<typename Op::Request> prepare = nullptr;
    Result<typename Op::Response> (*handle)(Call&, const typename Op::Request&);
};

// A function of a row without its types, and how to call it: two pointers, where a std::function would be an object
// with code of its own for each of a thousand types.
template <class Signature>
class Erased;
template <class Value, class... Arguments>
class Erased<Value(Arguments...)> {
 public:
    using Any = void (*)();
    Erased() = default;
    // `call` knows the type that `function` had.
    template <class Function>
    Erased(Function* function, Value (*call)(Any, Arguments...))
        : function_(reinterpret_cast<Any>(function)), call_(call) {}
    explicit operator bool() const { return function_ != nullptr; }
    Value operator()(Arguments... arguments) const { return call_(function_, std::forward<Arguments>(arguments)...); }

 private:
    Any function_ = nullptr;
    Value (*call_)(Any, Arguments...) = nullptr;
};

// An operation without its types: what the pipeline works on.
struct Operation {
    const wire::OperationModel* model;
    Access access;
    Rule rule;
    Erased<access::Permissions(const Call&, const void* request)> permissions;   // none: its own action on "*"
    std::function<void(const Call&, const void* request, PrepareDone)> prepare;  // none: nothing is slow
    Erased<Result<std::shared_ptr<void>>(Call&, const void* request)> handle;    // gives the response
    std::shared_ptr<void> (*make_request)();
};
using OperationTable = std::vector<Operation>;

// `handler`: of a Spec<Op>, its type left out.
template <class Op>
Result<std::shared_ptr<void>> run_handler(void (*handler)(), Call& call, const void* request) {
    using Handle = decltype(Spec<Op>::handle);
    auto response = reinterpret_cast<Handle>(handler)(call, *static_cast<const typename Op::Request*>(request));
    if (!response) return std::move(response).error();
    return std::shared_ptr<void>(std::make_shared<typename Op::Response>(std::move(*response)));
}

template <class Op>
Operation operation(Spec<Op> spec) {
    using Request = typename Op::Request;
    using Any = void (*)();
    return {
        .model = &Op::model,
        .access = spec.access,
        .rule = spec.resources.rule(),
        .permissions = {spec.resources.function(),
                        [](Any function, const Call& call, const void* request) {
                            return reinterpret_cast<PermissionsOf<Request>>(function)(
                                call, *static_cast<const Request*>(request));
                        }},
        .prepare = spec.prepare == nullptr
                       ? nullptr
                       : std::function(Erased<void(const Call&, const void*, PrepareDone)>{
                             spec.prepare,
                             [](Any function, const Call& call, const void* request, PrepareDone done) {
                                 reinterpret_cast<PrepareOf<Request>>(function)(
                                     call, *static_cast<const Request*>(request), std::move(done));
                             }}),
        .handle = {spec.handle, run_handler<Op>},
        .make_request = []() -> std::shared_ptr<void> { return std::make_shared<Request>(); },
    };
}

// Every operation that has a row, by model; the models' other operations answer "not implemented".
class Registry {
 public:
    // Aborts when two rows name one operation: our own mistake.
    void add(const wire::ServiceModel& service, const OperationTable& table);
    const Operation* find(const wire::OperationModel& model) const;
    const std::vector<const wire::ServiceModel*>& services() const { return services_; }

 private:
    using Row = std::pair<const wire::OperationModel*, Operation>;
    std::vector<const wire::ServiceModel*> services_;
    std::vector<Row> operations_;  // sorted by address
};

}  // namespace sekisho::operation
