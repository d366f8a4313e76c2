#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include "audit/digest.h"
#include "audit/gathering.h"
#include "audit/record.h"
#include "audit/segments.h"
#include "audit/trail.h"
#include "base/json.h"
#include "base/random.h"

namespace sekisho::audit {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class TrailTest : public testing::Test {
 protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("audit_test_" + random_hex(system_random(), 12));
        key_ = *crypto::SigningKey::generate_p256();
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::unique_ptr<Trail> open(std::uint64_t segment_bytes = 64 << 20) {
        auto trail = Trail::open({.folder = folder_,
                                  .key = *key_,
                                  .clock = &clock_,
                                  .segment_bytes_max = segment_bytes,
                                  .sync_interval = milliseconds(5)});
        EXPECT_TRUE(trail) << trail.error().cause;
        return std::move(*trail);
    }
    VerifyReport check() const { return verify(folder_, key_->public_key()); }
    static std::vector<std::string> lines(const Trail& trail) {
        std::vector<std::string> found;
        trail.scan_newest_first([&](std::string_view line, TrailPlace) {
            found.emplace_back(line);
            return true;
        });
        return found;
    }
    // What is older than a record, from its place; and the places of all that are looked at.
    static std::vector<std::string> older_than(const Trail& trail, std::string_view wanted) {
        std::optional<TrailPlace> before;
        trail.scan_newest_first([&](std::string_view line, TrailPlace place) {
            if (line == wanted) before = place;
            return line != wanted;
        });
        EXPECT_TRUE(before.has_value());
        std::vector<std::string> found;
        trail.scan_newest_first(
            [&](std::string_view line, TrailPlace) {
                found.emplace_back(line);
                return true;
            },
            before);
        return found;
    }
    std::vector<fs::path> files(std::string_view extension) const {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(folder_)) {
            if (entry.path().extension() == extension) found.push_back(entry.path());
        }
        std::sort(found.begin(), found.end());
        return found;
    }
    static std::string read(const fs::path& path) {
        std::ostringstream out;
        out << std::ifstream(path, std::ios::binary).rdbuf();
        return out.str();
    }
    static void write(const fs::path& path, std::string_view text) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    }
    // A trail of three signed segments with two records each.
    void fill() {
        auto trail = open();
        for (int segment = 0; segment < 3; ++segment) {
            ASSERT_TRUE(trail->append(R"({"n":1})"));
            ASSERT_TRUE(trail->append(R"({"n":2})"));
            ASSERT_TRUE(trail->rotate());
        }
    }

    fs::path folder_;
    std::optional<crypto::SigningKey> key_;
    ManualClock clock_{*parse_iso8601("2026-11-24T00:24:11Z")};
};

TEST_F(TrailTest, KeepsRecordsAcrossRestartsNewestFirst) {
    ASSERT_TRUE(open()->append(R"({"n":1})"));
    auto trail = open();
    ASSERT_TRUE(trail->append(R"({"n":2})"));
    EXPECT_THAT(lines(*trail), ElementsAre(R"({"n":2})", R"({"n":1})"));
    EXPECT_EQ(files(".jsonl").size(), 1u);
}

TEST_F(TrailTest, IsReadableByItsOwnerOnly) {
    ASSERT_TRUE(open()->append("{}"));
    struct stat status{};
    ASSERT_EQ(::stat(folder_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u);
    ASSERT_EQ(::stat(files(".jsonl").at(0).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(TrailTest, RefusesWhatIsNotOneLine) {
    auto trail = open();
    EXPECT_FALSE(trail->append(""));
    EXPECT_FALSE(trail->append("a\nb"));
    EXPECT_TRUE(lines(*trail).empty());
}

TEST_F(TrailTest, RotatesBySizeAndByAge) {
    auto trail = open(20);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(trail->append(R"({"n":123})"));  // 10 bytes each: two in a segment
    EXPECT_EQ(files(".jsonl").size(), 2u);
    clock_.advance(hours(1));
    ASSERT_TRUE(trail->append("{}"));
    EXPECT_EQ(files(".jsonl").size(), 3u);
    ASSERT_TRUE(trail->sync());
    EXPECT_EQ(files(".digest").size(), 2u);
    const auto report = check();
    EXPECT_TRUE(report.ok()) << report.problems[0];
    EXPECT_EQ(report.segments, 2u);
    EXPECT_EQ(report.records, 4u);
    EXPECT_EQ(report.unsigned_segments, 1u);
}

TEST_F(TrailTest, ScansFromAPlaceOn) {
    auto trail = open(20);  // two records of 10 bytes in a segment
    for (const auto* line : {R"({"n":101})", R"({"n":102})", R"({"n":103})", R"({"n":104})", R"({"n":105})"}) {
        ASSERT_TRUE(trail->append(line));
    }
    ASSERT_EQ(files(".jsonl").size(), 3u);
    EXPECT_THAT(older_than(*trail, R"({"n":105})"),
                ElementsAre(R"({"n":104})", R"({"n":103})", R"({"n":102})", R"({"n":101})"));
    EXPECT_THAT(older_than(*trail, R"({"n":104})"), ElementsAre(R"({"n":103})", R"({"n":102})", R"({"n":101})"));
    EXPECT_THAT(older_than(*trail, R"({"n":101})"), ElementsAre());
    // A segment that is gone takes nothing from the older ones; a place beyond the newest is the newest.
    std::optional<TrailPlace> third;
    trail->scan_newest_first([&](std::string_view line, TrailPlace place) {
        if (line == R"({"n":103})") third = place;
        return true;
    });
    ASSERT_TRUE(third);
    ASSERT_TRUE(fs::remove(files(".jsonl").at(1)));
    std::vector<std::string> left;
    const auto keep = [&](std::string_view line, TrailPlace) {
        left.emplace_back(line);
        return true;
    };
    trail->scan_newest_first(keep, third);
    EXPECT_THAT(left, ElementsAre(R"({"n":102})", R"({"n":101})"));
    left.clear();
    trail->scan_newest_first(keep, TrailPlace{.sequence = ~std::uint64_t{0}, .offset = 0});
    EXPECT_EQ(left.size(), 3u);
}

TEST_F(TrailTest, ManyThreadsLoseNothing) {
    constexpr int threads = 8;
    constexpr int each = 500;
    {
        auto trail = open(4096);
        std::vector<std::jthread> running;
        for (int thread = 0; thread < threads; ++thread) {
            running.emplace_back([&trail, thread] {
                for (int i = 0; i < each; ++i) {
                    ASSERT_TRUE(
                        trail->append("{\"t\":" + std::to_string(thread) + ",\"i\":" + std::to_string(i) + "}"));
                }
            });
        }
    }
    auto trail = open();
    auto found = lines(*trail);
    EXPECT_EQ(found.size(), threads * each);
    std::sort(found.begin(), found.end());
    EXPECT_EQ(std::unique(found.begin(), found.end()), found.end());
    ASSERT_TRUE(trail->rotate());
    const auto report = check();
    EXPECT_TRUE(report.ok()) << report.problems[0];
    EXPECT_EQ(report.records, threads * each);
}

TEST_F(TrailTest, AppendsAnEventIdOnceAcrossRestarts) {
    const std::string line = R"({"eventID":"11111111-2222-4333-8444-555555555555","readOnly":false})";
    {
        auto trail = open();
        ASSERT_TRUE(trail->append_once("11111111-2222-4333-8444-555555555555", line));
        ASSERT_TRUE(trail->append_once("11111111-2222-4333-8444-555555555555", line));
        ASSERT_TRUE(trail->rotate());
    }
    auto trail = open();
    ASSERT_TRUE(trail->append_once("11111111-2222-4333-8444-555555555555", line));
    ASSERT_TRUE(trail->append_once("21111111-2222-4333-8444-555555555555", "{}"));
    EXPECT_THAT(lines(*trail), ElementsAre("{}", line));
}

TEST_F(TrailTest, CutsOffATornLine) {
    ASSERT_TRUE(open()->append(R"({"n":1})"));
    std::ofstream(files(".jsonl").at(0), std::ios::app) << R"({"n":2,"to)";
    auto trail = open();
    ASSERT_TRUE(trail->append(R"({"n":3})"));
    EXPECT_THAT(lines(*trail), ElementsAre(R"({"n":3})", R"({"n":1})"));
}

TEST_F(TrailTest, SignsSegmentsThatACrashLeftUnsigned) {
    fill();
    fs::remove(files(".digest").at(2));  // closed, but the process was killed before it was signed
    auto trail = open();
    ASSERT_TRUE(trail->append("{}"));
    ASSERT_TRUE(trail->rotate());
    const auto report = check();
    EXPECT_TRUE(report.ok()) << report.problems[0];
    EXPECT_EQ(report.records, 7u);
}

TEST_F(TrailTest, FailsClosedOnAFullDiskAndRecovers) {
    auto trail = open();
    ASSERT_TRUE(trail->append(R"({"n":1})"));
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit full = before;
    full.rlim_cur = 12;  // the first 4 bytes of the next record go in, then the write fails
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
    const auto refused = trail->append(R"({"n":2})");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().http_status, 503);
    ASSERT_TRUE(trail->append(R"({"n":3})"));
    EXPECT_THAT(lines(*trail), ElementsAre(R"({"n":3})", R"({"n":1})"));
}

TEST_F(TrailTest, GatheredRecordsAreThereAfterOneWrite) {
    auto trail = open();
    gather_records();
    ASSERT_TRUE(trail->append(R"({"n":1})"));
    ASSERT_TRUE(trail->append(R"({"n":2})"));
    std::thread([&] { ASSERT_TRUE(trail->append(R"({"n":0})")); }).join();  // gathering is a thread's own
    EXPECT_THAT(lines(*trail), ElementsAre(R"({"n":0})"));
    ASSERT_TRUE(write_gathered());
    EXPECT_THAT(lines(*trail), ElementsAre(R"({"n":2})", R"({"n":1})", R"({"n":0})"));
    ASSERT_TRUE(trail->append(R"({"n":3})"));  // gathering ended
    EXPECT_EQ(lines(*trail).size(), 4u);
    ASSERT_TRUE(write_gathered());
    EXPECT_EQ(lines(*trail).size(), 4u);
}

TEST_F(TrailTest, NothingIsGatheredWhileTheDiskTakesNothing) {
    auto trail = open();
    ASSERT_TRUE(trail->append(R"({"n":1})"));
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit full = before;
    full.rlim_cur = 12;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
    gather_records();
    EXPECT_TRUE(trail->append(R"({"n":2})"));
    const auto first = write_gathered();
    gather_records();
    const auto second = trail->append(R"({"n":3})");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_FALSE(first);
    EXPECT_FALSE(second);
    EXPECT_TRUE(trail->append(R"({"n":4})"));
    EXPECT_TRUE(write_gathered());
    EXPECT_THAT(lines(*trail), ElementsAre(R"({"n":4})", R"({"n":1})"));
}

TEST_F(TrailTest, CallsBackAfterTheSync) {
    auto trail = open();
    ASSERT_TRUE(trail->append("{}"));
    std::promise<bool> synced;
    trail->when_synced([&](Result<void> outcome) { synced.set_value(outcome.has_value()); });
    EXPECT_TRUE(synced.get_future().get());
}

TEST_F(TrailTest, VerifyFindsAChangedRecord) {
    fill();
    std::string text = read(files(".jsonl").at(1));
    text[5] = '9';
    write(files(".jsonl").at(1), text);
    const auto report = check();
    ASSERT_EQ(report.problem_count, 1u);
    EXPECT_THAT(report.problems[0], HasSubstr("content was changed"));
}

TEST_F(TrailTest, VerifyFindsARemovedSegment) {
    fill();
    fs::remove(files(".jsonl").at(1));
    EXPECT_THAT(check().problems, ElementsAre(HasSubstr("it is missing")));
    fs::remove(files(".digest").at(1));
    EXPECT_THAT(check().problems, ElementsAre(HasSubstr("are missing"), HasSubstr("the digest before it")));
}

TEST_F(TrailTest, VerifyFindsARemovedBeginning) {
    fill();
    fs::remove(files(".jsonl").at(0));
    fs::remove(files(".digest").at(0));
    EXPECT_FALSE(check().ok());
}

TEST_F(TrailTest, VerifyFindsARemovedDigest) {
    fill();
    fs::remove(files(".digest").at(0));
    EXPECT_FALSE(check().ok());
}

TEST_F(TrailTest, VerifyFindsADigestOfAnotherKey) {
    fill();
    const auto other = *crypto::SigningKey::generate_p256();
    const auto report = verify(folder_, other.public_key());
    EXPECT_EQ(report.problem_count, 3u);
    EXPECT_THAT(report.problems[0], HasSubstr("signature does not fit"));
}

TEST_F(TrailTest, VerifyFindsSwappedDigests) {
    fill();
    const auto digests = files(".digest");
    const std::string first = read(digests.at(0));
    write(digests.at(0), read(digests.at(1)));
    write(digests.at(1), first);
    EXPECT_FALSE(check().ok());
}

Record sample() {
    Record record;
    record.user_identity.type = IdentityType::assumed_role;
    record.user_identity.principal_id = "AROAEXAMPLE:alice";
    record.user_identity.arn = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_View_0123456789abcdef/alice";
    record.user_identity.account_id = "111122223333";
    record.user_identity.access_key_id = "ASIAEXAMPLE";
    SessionContext context;
    context.issuer = {.type = IdentityType::role,
                      .principal_id = "AROAEXAMPLE",
                      .arn = "arn:aws:iam::111122223333:role/View",
                      .account_id = "111122223333",
                      .user_name = "View"};
    context.creation_date = *parse_iso8601("2026-11-24T00:24:11Z");
    context.source_identity = "alice";
    record.user_identity.session_context = context;
    record.user_identity.on_behalf_of = {.user_id = "u-1", .identity_store_arn = "arn:aws:identitystore::1:d"};
    record.event_time = *parse_iso8601("2026-11-24T00:24:12.345Z");
    record.event_source = "sts.amazonaws.com";
    record.event_name = "GetCallerIdentity";
    record.aws_region = "us-east-1";
    record.source_ip_address = "192.0.2.1";
    record.event_id = "11111111-2222-4333-8444-555555555555";
    record.read_only = true;
    record.tls_details = {.tls_version = "TLSv1.3",
                          .cipher_suite = "TLS_AES_128_GCM_SHA256",
                          .client_provided_host_header = "sts.us-east-1.amazonaws.com"};
    return record;
}

TEST(RecordTest, PrintsWhatCloudTrailPrints) {
    EXPECT_EQ(print(sample()),
              R"({"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:alice",)"
              R"("arn":"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_View_0123456789abcdef/alice",)"
              R"("accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":)"
              R"({"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/View",)"
              R"("accountId":"111122223333","userName":"View"},"webIdFederationData":{},"attributes":)"
              R"({"creationDate":"2026-11-24T00:24:11Z","mfaAuthenticated":"false"},"sourceIdentity":"alice"},)"
              R"("onBehalfOf":{"userId":"u-1","identityStoreArn":"arn:aws:identitystore::1:d"}},)"
              R"("eventTime":"2026-11-24T00:24:12Z","eventSource":"sts.amazonaws.com",)"
              R"("eventName":"GetCallerIdentity","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1",)"
              R"("requestParameters":null,"responseElements":null,)"
              R"("eventID":"11111111-2222-4333-8444-555555555555","readOnly":true,"eventType":"AwsApiCall",)"
              R"("managementEvent":true,"eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3",)"
              R"("cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"sts.us-east-1.amazonaws.com"}})");
}

TEST(RecordTest, IsOneLineOfJsonWhateverIsInIt) {
    Record record = sample();
    record.user_agent = "a\nb\"c\x01";
    record.request_parameters = R"({"eventID":"not this one"})";
    const std::string line = print(record);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto value = parse_json(line);
    ASSERT_TRUE(value);
    EXPECT_EQ(find_text(*value, "userAgent"), "a\nb\"c\x01");
    EXPECT_EQ(find_event_id(line), record.event_id);
}

TEST(RecordTest, CutsErrorMessagesBetweenCharacters) {
    Record record = sample();
    const std::string message = std::string(1023, 'x') + "\xE9\x96\xA2";
    record.error_message = message;
    const auto value = parse_json(print(record));
    ASSERT_TRUE(value);
    EXPECT_EQ(find_text(*value, "errorMessage"), std::string(1023, 'x'));
}

TEST(SegmentsTest, ReadsLinesBackwards) {
    std::vector<std::string> found;
    EXPECT_TRUE(each_line_backward("a\n\nb\nc", [&](std::string_view line) {
        found.emplace_back(line);
        return true;
    }));
    EXPECT_THAT(found, ElementsAre("c", "b", "a"));
    EXPECT_FALSE(each_line_backward("a\nb\n", [](std::string_view) { return false; }));
}

}  // namespace
}  // namespace sekisho::audit
