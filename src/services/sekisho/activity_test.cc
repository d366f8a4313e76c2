// A page of the trail: what is in it, in which order, whose, and where the next one begins.
#include "services/sekisho/activity.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operation/testing.h"

namespace sekisho::control_service {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

struct Line {
    int second = 0;
    std::string id;
    std::string name = "CreateUser";
    std::string user = "alice";
    std::string account = "111122223333";
    bool read_only = false;
    std::string error;
};

std::string print(const Line& line) {
    return fmt::format(
        R"({{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"AROAEXAMPLE:{}",)"
        R"("arn":"arn:aws:sts::{}:assumed-role/r/{}"}},"eventTime":"2026-11-25T10:00:{:02}Z",)"
        R"("eventSource":"iam.amazonaws.com","eventName":"{}","awsRegion":"us-east-1","sourceIPAddress":"127.0.0.1",)"
        R"({}"readOnly":{},"resources":[{{"ARN":"arn:aws:iam::1:user/x"}}],"eventID":"{}","recipientAccountId":"{}"}})",
        line.user, line.account, line.user, line.second, line.name,
        line.error.empty() ? "" : "\"errorCode\":\"" + line.error + "\",\"errorMessage\":\"no\",", line.read_only,
        line.id, line.account);
}

class Activity : public testing::Test {
 protected:
    // Oldest first, as they are written.
    void write(const Line& line) { lines_.push_back(print(line)); }
    ActivityPage read(control::ListActivityRequest request = {}, std::optional<AccountId> only = {},
                      const std::optional<audit::TrailPlace>& before = {}) {
        visited_ = 0;
        // A place is the line's number.
        const ScanTrail scan = [this](const auto& visit, const auto& place) {
            for (auto number = place ? place->offset : lines_.size(); number-- > 0;) {
                ++visited_;
                if (!visit(lines_[number], {.sequence = 1, .offset = number})) return;
            }
        };
        return read_activity(scan, request, only, before);
    }
    static std::vector<std::string> ids(const ActivityPage& page) {
        std::vector<std::string> found;
        for (const auto& event : page.events) found.push_back(event.event_id);
        return found;
    }
    std::vector<std::string> lines_;
    std::size_t visited_ = 0;
};

TEST_F(Activity, NewestFirstAndPersonFirst) {
    write({.second = 1, .id = "a"});
    write({.second = 2, .id = "b", .error = "AccessDenied"});
    const auto page = read();
    EXPECT_THAT(ids(page), ElementsAre("b", "a"));
    EXPECT_EQ(page.events[0].user_name, "alice");
    EXPECT_EQ(page.events[0].error_code, "AccessDenied");
    EXPECT_FALSE(page.events[1].error_code);
    EXPECT_THAT(page.events[1].resources, testing::Optional(ElementsAre("arn:aws:iam::1:user/x")));
    EXPECT_EQ(page.events[1].record, lines_[0]);
    EXPECT_FALSE(page.next);
}

TEST_F(Activity, Filters) {
    write({.second = 1, .id = "a", .user = "bob"});
    write({.second = 2, .id = "b", .name = "ListUsers", .read_only = true});
    write({.second = 3, .id = "c", .error = "AccessDenied"});
    EXPECT_THAT(ids(read({.user_name = "BOB"})), ElementsAre("a"));
    EXPECT_THAT(ids(read({.event_name = "ListUsers"})), ElementsAre("b"));
    EXPECT_THAT(ids(read({.event_name = "alice"})), ElementsAre()) << "a word elsewhere in the record is no match";
    EXPECT_THAT(ids(read({.event_source = "eks.amazonaws.com"})), ElementsAre());
    EXPECT_THAT(ids(read({.changes_only = true})), ElementsAre("c", "a"));
    EXPECT_THAT(ids(read({.failures_only = true})), ElementsAre("c"));
    const auto second = parse_iso8601("2026-11-25T10:00:02Z");
    EXPECT_THAT(ids(read({.start_time = second})), ElementsAre("c", "b"));
    EXPECT_THAT(ids(read({.end_time = second})), ElementsAre("b", "a"));
}

TEST_F(Activity, AnAccountSeesItsOwn) {
    write({.second = 1, .id = "a"});
    write({.second = 2, .id = "b", .account = "444455556666"});
    EXPECT_THAT(ids(read({}, AccountId("444455556666"))), ElementsAre("b"));
    EXPECT_THAT(ids(read({.account_id = "111122223333"}, AccountId("444455556666"))), ElementsAre());
    EXPECT_THAT(ids(read({.account_id = "111122223333"})), ElementsAre("a"));
}

TEST_F(Activity, PagesFollowEachOtherThoughRecordsCome) {
    // Many in one second: their times are equal.
    for (const auto* id : {"a", "b", "c", "d", "e"}) write({.second = 5, .id = id});
    control::ListActivityRequest request{.max_results = 2};
    const auto first = read(request);
    EXPECT_THAT(ids(first), ElementsAre("e", "d"));
    ASSERT_TRUE(first.next);
    write({.second = 6, .id = "new"});
    const auto second = read(request, {}, first.next);
    EXPECT_THAT(ids(second), ElementsAre("c", "b"));
    EXPECT_EQ(visited_, 3u) << "an old page costs what it shows";
    const auto third = read(request, {}, second.next);
    EXPECT_THAT(ids(third), ElementsAre("a"));
    EXPECT_FALSE(third.next);
}

TEST_F(Activity, ALongSearchStopsAndGoesOn) {
    write({.second = 1, .id = "needle", .user = "bob"});
    for (std::size_t i = 0; i < activity_records_scanned_max + 10; ++i) {
        write({.second = 2, .id = "hay-" + std::to_string(i), .name = "ListUsers", .read_only = true});
    }
    const control::ListActivityRequest request{.changes_only = true};
    const auto first = read(request);
    EXPECT_THAT(first.events, SizeIs(0));
    EXPECT_LE(visited_, activity_records_scanned_max + 1);
    ASSERT_TRUE(first.next);
    EXPECT_THAT(ids(read(request, {}, first.next)), ElementsAre("needle"));
}

TEST_F(Activity, ABrokenLineIsPassedOver) {
    write({.second = 1, .id = "a"});
    lines_.push_back("{\"eventTime\":\"2026-11-25T10:00:09Z\", torn");
    EXPECT_THAT(ids(read()), ElementsAre("a"));
}

}  // namespace
}  // namespace sekisho::control_service
