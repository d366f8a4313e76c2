#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "domain/sessions.h"
#include "models/control.h"
#include "operation/testing.h"

namespace sekisho::operation {
namespace {

constexpr std::string_view everything =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

std::atomic<int> prepared{0};
std::atomic<int> handled{0};

Result<void> count(store::Transaction& tx, const std::string& address, Time now) {
    SEK_TRY(auto found, domain::address_failures.get(tx, address));
    auto counter = found.value_or(domain::AddressFailures{.address = address});
    ++counter.failures;
    counter.expires_at = now + days(1);
    return domain::address_failures.put(tx, counter);
}

// Reads, adds one, writes: loses counts unless a conflict runs it again.
Result<control::StopServerResponse> add_one(Call& call, const control::StopServerRequest&) {
    ++handled;
    SEK_TRY(count(call.tx, "counter", call.now));
    return control::StopServerResponse{};
}

Result<control::DisableUserResponse> refuse(Call& call, const control::DisableUserRequest&) {
    SEK_TRY(count(call.tx, "lost", call.now));
    SEK_TRY(count(call.on_refusal(), "kept", call.now));
    return control::errors::validation_exception("refused");
}

void prepare_number(const Call&, const control::EnableUserRequest&, PrepareDone done) {
    std::thread([number = ++prepared, done = std::move(done)]() mutable { done(make_prepared(number)); }).detach();
}
Result<control::EnableUserResponse> use_number(Call& call, const control::EnableUserRequest&) {
    if (call.prepared<int>() <= 0) return errors::internal_failure("nothing was prepared");
    SEK_TRY(count(call.tx, "prepared", call.now));
    return control::EnableUserResponse{};
}

Result<control::GetStatusResponse> look(Call&, const control::GetStatusRequest&) {
    return control::GetStatusResponse{};
}
Result<control::SignOutResponse> sign_out(Call&, const control::SignOutRequest&) {
    return control::SignOutResponse{};
}

// A change by its kind that has nothing to write, as AssumeRole has none.
Result<control::GetMailResponse> write_nothing(Call&, const control::GetMailRequest&) {
    return control::GetMailResponse{};
}

void register_test_operations(Registry& registry) {
    registry.add(
        control::service,
        {operation<control::StopServer>({.access = Access::write, .resources = any_resource, .handle = add_one}),
         operation<control::DisableUser>({.access = Access::write, .resources = any_resource, .handle = refuse}),
         operation<control::EnableUser>(
             {.access = Access::write, .resources = any_resource, .prepare = prepare_number, .handle = use_number}),
         operation<control::GetStatus>({.access = Access::read, .resources = any_resource, .handle = look}),
         operation<control::GetMail>({.access = Access::write, .resources = any_resource, .handle = write_nothing}),
         operation<control::SignOut>({.access = Access::write, .resources = any_person, .handle = sign_out})});
}

class PipelineTest : public ::testing::Test {
 protected:
    int counted(const std::string& address) {
        const auto found = domain::address_failures.get(house.store().snapshot(), address).value();
        return found ? found->failures : 0;
    }
    std::vector<std::string> trail() {
        std::vector<std::string> lines;
        house.pipeline().trail().scan_newest_first([&](std::string_view line, audit::TrailPlace) {
            lines.emplace_back(line);
            return true;
        });
        return lines;
    }
    TestHouse house{register_test_operations};
};

TEST_F(PipelineTest, ConflictsRunTheHandlerAgainAndLoseNothing) {
    constexpr int threads = 8, calls = 50;
    handled = 0;
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) {
        running.emplace_back([&] {
            for (int k = 0; k < calls; ++k) EXPECT_TRUE(house.call<control::StopServer>(house.administrator(), {}));
        });
    }
    for (auto& thread : running) thread.join();
    EXPECT_EQ(counted("counter"), threads * calls);
    EXPECT_GE(handled, threads * calls);
}

TEST_F(PipelineTest, ARefusalKeepsOnlyWhatItWroteOnRefusal) {
    EXPECT_EQ(house.call<control::DisableUser>(house.administrator(), {}).error().message, "refused");
    EXPECT_EQ(counted("kept"), 1);
    EXPECT_EQ(counted("lost"), 0);
}

TEST_F(PipelineTest, ACompanionsWritesComeAndGoWithTheOperation) {
    const auto call_with = [&](Result<void> verdict) {
        std::promise<std::string> code;
        house.pipeline().call(
            control::StopServer::model, house.administrator(), {},
            house.pipeline().make_request(control::StopServer::model),
            [verdict](Call& call, const void* response) -> Result<void> {
                if (response == nullptr) return errors::internal_failure("no response");
                SEK_TRY(count(call.tx, "companion", call.now));
                return verdict;
            },
            [&](Result<std::shared_ptr<void>> done) { code.set_value(done ? "" : done.error().code); });
        return code.get_future().get();
    };
    EXPECT_EQ(call_with({}), "");
    EXPECT_EQ(counted("counter"), 1);
    EXPECT_EQ(counted("companion"), 1);
    EXPECT_EQ(call_with(ApiError{.code = "Cancelled"}), "Cancelled");
    EXPECT_EQ(counted("counter"), 1);
    EXPECT_EQ(counted("companion"), 1);
    EXPECT_EQ(house.pipeline().make_request(control::Backup::model), nullptr);
}

TEST_F(PipelineTest, PreparationHappensOnceForEachCall) {
    constexpr int threads = 4, calls = 25;
    prepared = 0;
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) {
        running.emplace_back([&] {
            for (int k = 0; k < calls; ++k) EXPECT_TRUE(house.call<control::EnableUser>(house.administrator(), {}));
        });
    }
    for (auto& thread : running) thread.join();
    EXPECT_EQ(prepared, threads * calls);
    EXPECT_EQ(counted("prepared"), threads * calls);
}

TEST_F(PipelineTest, NothingIsPreparedForWhoMayNot) {
    prepared = 0;
    const auto refused = house.call<control::EnableUser>(house.user("nobody", ""), {});
    EXPECT_EQ(refused.error().code, "AccessDeniedException");
    EXPECT_EQ(prepared, 0);
}

TEST_F(PipelineTest, RulesLetInOnlyTheirKindOfCaller) {
    EXPECT_EQ(house.call<control::SignOut>(house.administrator(), {}).error().code,
              "MissingAuthenticationTokenException");
    EXPECT_EQ(house.call<control::GetStatus>(access::Caller{}, {}).error().code, "MissingAuthenticationTokenException");
    EXPECT_TRUE(house.call<control::GetStatus>(house.user("reader", everything), {}));
}

TEST_F(PipelineTest, OperationsWithoutARowSaySo) {
    EXPECT_EQ(house.call<control::ListMail>(house.administrator(), {}).error().code, "NotImplementedException");
}

TEST_F(PipelineTest, EveryCallLeavesItsRecord) {
    ASSERT_TRUE(house.call<control::StopServer>(house.administrator(), {}));
    ASSERT_TRUE(house.call<control::GetStatus>(house.administrator(), {}));
    ASSERT_FALSE(house.call<control::GetStatus>(house.user("nobody", ""), {}));
    ASSERT_TRUE(house.settle());
    int changes = 0, reads = 0, refusals = 0;
    for (const auto& line : trail()) {
        if (line.contains("\"eventName\":\"StopServer\"") && line.contains("\"readOnly\":false")) ++changes;
        if (!line.contains("\"eventName\":\"GetStatus\"")) continue;
        line.contains("\"errorCode\":\"AccessDeniedException\"") ? ++refusals : ++reads;
    }
    EXPECT_EQ(changes, 1);
    EXPECT_EQ(reads, 1);
    EXPECT_EQ(refusals, 1);
}

TEST_F(PipelineTest, AChangeThatWroteNothingIsRecordedAtOnce) {
    const auto before = house.store().revision();
    ASSERT_TRUE(house.call<control::GetMail>(house.administrator(), {}));
    EXPECT_EQ(house.store().revision(), before);
    ASSERT_EQ(trail().size(), 1U);  // in the file before the answer, without the outbox
    EXPECT_TRUE(trail()[0].contains("\"eventName\":\"GetMail\""));
    EXPECT_TRUE(trail()[0].contains("\"readOnly\":false"));
}

}  // namespace
}  // namespace sekisho::operation
