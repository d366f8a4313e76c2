#include "services/sts/role_request.h"

#include "access/records.h"
#include "services/sts/session_request.h"

namespace sekisho::sts_service {

std::optional<RoleReference> parse_role(const std::string& arn) {
    const auto parsed = wire::Arn::parse(arn);
    if (!parsed || !is_account_id(parsed->account)) return {};
    auto name = wire::entity_name(*parsed, "role");
    if (!name) return {};
    return RoleReference{AccountId(parsed->account), std::move(*name)};
}

std::shared_ptr<const domain::Role> find_role(const store::Reader& reader, const std::string& arn) {
    constexpr std::string_view before_account = "arn:aws:iam::";
    constexpr std::size_t account_digits = 12;
    std::string_view rest = arn;
    const auto skip = [&rest](std::string_view part) {
        if (!rest.starts_with(part)) return false;
        rest.remove_prefix(part.size());
        return true;
    };
    if (!skip(before_account) || rest.size() <= account_digits) return nullptr;
    const AccountId account(rest.substr(0, account_digits));
    rest.remove_prefix(account_digits);
    // By its name, in any case; then path and name must be as they are written.
    auto role = access::cached_role(reader, account, rest.substr(rest.rfind('/') + 1));
    return role && skip(":role") && skip(role->path) && rest == role->name ? role : nullptr;
}

void add_role_tags(access::ContextValues& context, const domain::Role& role) {
    for (const auto& [key, value] : role.tags) {
        context.push_back({"aws:ResourceTag/" + key, {value}});
        context.push_back({"iam:ResourceTag/" + key, {value}});
    }
}

Result<seconds> session_seconds(const std::optional<std::int32_t>& requested, const domain::Role& role) {
    const std::int32_t length = requested.value_or(3600);
    if (length > role.session_seconds_max) {
        return validation_error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    }
    return seconds(length);
}

access::SessionClaims role_session_claims(const operation::Call& call, const domain::Role& role,
                                          const std::string& session_name) {
    access::SessionClaims claims;
    claims.kind = access::CallerKind::role_session;
    claims.account_id = role.account_id;
    claims.principal_id = role.id;
    claims.principal_name = role.name;
    claims.session_name = session_name;
    claims.issued_at = call.now;
    return claims;
}

sts::AssumedRoleUser assumed_role_user(const domain::Role& role, const std::string& session_name) {
    return {.assumed_role_id = role.id.str() + ":" + session_name,
            .arn = wire::make_assumed_role_arn(role.account_id, role.name, session_name)};
}

}  // namespace sekisho::sts_service
