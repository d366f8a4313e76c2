#include "wire/audit_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/control.h"
#include "models/iam.h"
#include "models/sso_oidc.h"
#include "models/sts.h"

namespace sekisho::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

template <class T>
std::string print(const T& value) {
    return print_for_audit(T::shape, &value);
}

TEST(AuditJson, LowerCamelNames) {
    EXPECT_EQ(print(sts::AssumeRoleRequest{.role_arn = "arn", .role_session_name = "s", .duration_seconds = 900}),
              R"({"roleArn":"arn","roleSessionName":"s","durationSeconds":900})");
    EXPECT_EQ(print(sts::GetCallerIdentityRequest{}), "");
}

TEST(AuditJson, SecretsDoNotShow) {
    const auto token = print(sso_oidc::CreateTokenRequest{
        .client_id = "id", .client_secret = "hunter2", .grant_type = "refresh_token", .refresh_token = "hunter2"});
    EXPECT_THAT(token, HasSubstr(R"("clientSecret":"HIDDEN_DUE_TO_SECURITY_REASONS")"));
    EXPECT_THAT(token, Not(HasSubstr("hunter2")));
    iam::CreateAccessKeyResponse key;
    key.access_key.access_key_id = "AKIA";
    key.access_key.secret_access_key = "hunter2";
    EXPECT_THAT(print(key), Not(HasSubstr("hunter2")));
    EXPECT_THAT(print(key), HasSubstr("AKIA"));
    EXPECT_THAT(print(iam::ChangePasswordRequest{.old_password = "hunter2", .new_password = "hunter3"}),
                Not(HasSubstr("hunter")));
    EXPECT_THAT(print(control::SetPasswordRequest{.identity_store_id = "d-1", .user_id = "u", .password = "hunter2"}),
                Not(HasSubstr("hunter2")));
}

// A sensitive shape stays hidden inside lists and maps.
TEST(AuditJson, SensitiveElements) {
    static constexpr Shape secret{.kind = Kind::text, .name = "S", .sensitive = true};
    static const Shape list{.kind = Kind::list, .name = "L", .element = &secret, .list = &list_access<std::string>};
    static const Shape map{.kind = Kind::map, .name = "M", .element = &secret, .map = &map_access<std::string>};
    struct Holder {
        std::vector<std::string> texts;
        std::map<std::string, std::string> named;
    };
    static const Member members[] = {
        {.name = "Texts", .wire_name = "Texts", .offset = offsetof(Holder, texts), .shape = &list},
        {.name = "Named", .wire_name = "Named", .offset = offsetof(Holder, named), .shape = &map}};
    static const Shape shape{.kind = Kind::structure, .name = "Holder", .members = members};
    const Holder holder{{"hunter2"}, {{"k", "hunter2"}}};
    EXPECT_EQ(print_for_audit(shape, &holder),
              R"({"texts":["HIDDEN_DUE_TO_SECURITY_REASONS"],"named":{"k":"HIDDEN_DUE_TO_SECURITY_REASONS"}})");
}

TEST(AuditJson, LongTextsAreCutAtACharacter) {
    std::string long_text(4095, 'a');
    long_text += "\xC3\xA9 tail";
    const auto printed = print(iam::CreateRoleRequest{.role_name = "r", .assume_role_policy_document = long_text});
    EXPECT_THAT(printed, HasSubstr(std::string(4095, 'a') + "\""));
}

}  // namespace
}  // namespace sekisho::wire
