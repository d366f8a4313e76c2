#pragma once
// TestHouse: a whole house on a temporary store, for the tests of services: the real pipeline with authorization, audit
// trail and outbox, without a network. Not part of the program.
//
//   TestHouse house(iam_service::register_operations);
//   auto made = house.call<iam::CreateRole>(house.administrator(), {.role_name = "r", ..});
#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "operation/pipeline.h"

namespace sekisho::operation {

class TestHouse {
 public:
    using RegisterOperations = void (*)(Registry&);
    explicit TestHouse(std::initializer_list<RegisterOperations> services);
    ~TestHouse();

    // The management account and its IAM user `admin` with AdministratorAccess.
    static const AccountId account;
    const access::Caller& administrator() const { return administrator_; }
    // Another user of an account (made when it is not there) with one inline policy; an empty document: none.
    access::Caller user(std::string_view name, std::string_view policy_document, const AccountId& of = account);
    // A role session without writing a token; the role must exist.
    access::Caller role_session(const AccountId& of, std::string_view role_name, std::string_view session_name);

    // Runs the operation through the pipeline and waits.
    template <class Op>
    Result<typename Op::Response> call(const access::Caller& caller, typename Op::Request request,
                                       std::string_view region = "us-east-1") {
        // Shared: the thread that answers is still inside set_value when this one wakes.
        auto promise = std::make_shared<std::promise<Result<typename Op::Response>>>();
        auto answer = promise->get_future();
        access::RequestFacts facts;
        facts.region = Region(region);
        facts.source_address = "203.0.113.7";
        pipeline_->call<Op>(
            caller, std::move(facts), std::move(request),
            [promise](Result<typename Op::Response> response) { promise->set_value(std::move(response)); });
        return answer.get();
    }

    store::Store& store() { return *store_; }
    store::Outbox& outbox() { return *outbox_; }
    Pipeline& pipeline() { return *pipeline_; }
    ManualClock& clock() { return clock_; }
    Environment& environment() { return environment_; }
    // Starts the outbox and waits until what is due is done; false: not within 10 s.
    bool settle();

 private:
    std::filesystem::path folder_;
    ManualClock clock_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<audit::Trail> trail_;
    std::unique_ptr<access::SessionTokens> tokens_;
    Registry registry_;
    Environment environment_;
    std::unique_ptr<Pipeline> pipeline_;
    std::unique_ptr<store::Outbox> outbox_;
    bool started_ = false;
    access::Caller administrator_;
};

}  // namespace sekisho::operation
