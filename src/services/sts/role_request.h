#pragma once
// What the operations that give a role's session have in common.
#include <memory>
#include <optional>
#include <string>

#include "access/authorize.h"
#include "access/session_token.h"
#include "domain/iam.h"
#include "models/sts.h"
#include "operation/call.h"
#include "wire/arn.h"

namespace sekisho::sts_service {

// A trust policy that trusts nobody.
inline constexpr std::string_view no_trust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*"}]})";

struct RoleReference {
    AccountId account;
    wire::EntityName name;
};
std::optional<RoleReference> parse_role(const std::string& arn);
// The role that an ARN names with its path; null: no such role.
std::shared_ptr<const domain::Role> find_role(const store::Reader& reader, const std::string& arn);

// aws:ResourceTag/k and iam:ResourceTag/k.
void add_role_tags(access::ContextValues& context, const domain::Role& role);
// Error: ValidationError, more than the role allows.
Result<seconds> session_seconds(const std::optional<std::int32_t>& requested, const domain::Role& role);
// Of a session that begins now; when it ends and what it hangs on is the operation's.
access::SessionClaims role_session_claims(const operation::Call& call, const domain::Role& role,
                                          const std::string& session_name);
sts::AssumedRoleUser assumed_role_user(const domain::Role& role, const std::string& session_name);

}  // namespace sekisho::sts_service
