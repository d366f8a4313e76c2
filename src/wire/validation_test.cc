#include "wire/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/eks.h"
#include "models/iam.h"
#include "models/organizations.h"
#include "models/sso_admin.h"
#include "models/sts.h"

namespace sekisho::wire {
namespace {

using testing::HasSubstr;

template <class Request>
std::string message_of(const Request& request, Protocol protocol = Protocol::query) {
    Violations violations;
    validate(Request::shape, &request, violations);
    return violations.empty() ? "" : violations.error(protocol).message;
}

constexpr auto role_arn = "arn:aws:iam::111122223333:role/a";

TEST(Validation, NothingWrong) {
    EXPECT_EQ(message_of(sts::AssumeRoleRequest{.role_arn = role_arn, .role_session_name = "ab"}), "");
}

// AWS's texts as localstack's snapshots recorded them (errors-and-records 4).
TEST(Validation, TextsOfAws) {
    EXPECT_EQ(
        message_of(sts::AssumeRoleRequest{.role_arn = role_arn, .role_session_name = "a"}),
        "1 validation error detected: Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have "
        "length greater than or equal to 2");
    EXPECT_EQ(
        message_of(sts::AssumeRoleRequest{.role_arn = role_arn, .role_session_name = "ab", .duration_seconds = 899}),
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must "
        "have value greater than or equal to 900");
    EXPECT_EQ(message_of(sts::AssumeRoleRequest{.role_arn = role_arn, .role_session_name = "a b"}),
              "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must "
              "satisfy regular expression pattern: [\\w+=,.@-]*");
    EXPECT_EQ(
        message_of(sts::AssumeRoleRequest{
            .role_arn = role_arn, .role_session_name = "ab", .transitive_tag_keys = std::vector<std::string>{"", "x"}}),
        "1 validation error detected: Value '[, x]' at 'transitiveTagKeys' failed to satisfy constraint: Member "
        "must satisfy constraint: [Member must have length less than or equal to 128, Member must have length "
        "greater than or equal to 1, Member must satisfy regular expression pattern: "
        "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+]");
}

TEST(Validation, PathsOfNestedMembers) {
    sts::AssumeRoleRequest request{.role_arn = role_arn, .role_session_name = "ab"};
    request.tags = std::vector<sts::Tag>{{.key = "a", .value = "b"}, {.key = "", .value = "b"}};
    EXPECT_THAT(message_of(request), HasSubstr("Value '' at 'tags.2.member.key' failed"));
}

TEST(Validation, CodesByProtocol) {
    Violations violations;
    violations.add_missing(Path::member(Path(), "RoleName"));
    EXPECT_EQ(violations.error(Protocol::query).code, "ValidationError");
    EXPECT_EQ(violations.error(Protocol::aws_json).code, "ValidationException");
    EXPECT_EQ(violations.error(Protocol::rest_json).code, "ValidationException");
    EXPECT_EQ(violations.error(Protocol::query).http_status, 400);
}

TEST(Validation, LengthsCountCodePoints) {
    std::string accents;
    for (int i = 0; i < 128; ++i) accents += "\xC3\xA9";
    sts::AssumeRoleRequest request{.role_arn = role_arn, .role_session_name = "ab"};
    request.tags = std::vector<sts::Tag>{{.key = accents, .value = ""}};
    EXPECT_EQ(message_of(request), "");
    request.tags->at(0).key += "\xC3\xA9";
    EXPECT_THAT(message_of(request), HasSubstr("length less than or equal to 128"));
}

TEST(Validation, SensitiveValuesAreNotRepeated) {
    const auto message = message_of(organizations::CreateAccountRequest{.email = "hunter2", .account_name = "n"});
    EXPECT_THAT(message, HasSubstr("Value at 'email' failed"));
    EXPECT_THAT(message, testing::Not(HasSubstr("hunter2")));
}

TEST(Validation, MapsNameKeysAndValues) {
    eks::TagResourceRequest request{.resource_arn = "arn",
                                    .tags = {{std::string(129, 'k'), "v"}, {"a", std::string(257, 'v')}}};
    const auto message = message_of(request, Protocol::rest_json);
    EXPECT_THAT(message, HasSubstr("at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member "
                                   "must have length less than or equal to 128, "));
    EXPECT_THAT(message,
                HasSubstr("Map value must satisfy constraint: [Member must have length less than or equal to 256]"));
}

TEST(Validation, LongValuesAndManyErrorsStayShort) {
    sts::AssumeRoleRequest request{.role_arn = std::string(1'000'000, '\t'),
                                   .role_session_name = std::string(1'000'000, ' ')};
    request.tags = std::vector<sts::Tag>(1000);
    const auto message = message_of(request);
    EXPECT_LT(message.size(), 10'000u);
    EXPECT_THAT(message, HasSubstr("validation errors detected"));
}

}  // namespace
}  // namespace sekisho::wire
