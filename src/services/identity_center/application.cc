#include "services/identity_center/application.h"

#include "models/sso_admin.h"
#include "wire/arn.h"

namespace sekisho::identity_center_service {
namespace {

access::Permissions on_resource(std::string_view arn, const domain::Tags* tags) {
    access::Permission permission{.resource = std::string(arn)};
    if (const auto parsed = wire::Arn::parse(arn)) permission.resource_account = AccountId(parsed->account);
    permission.context.push_back({"sso:ApplicationAccount", {permission.resource_account.str()}});
    if (tags != nullptr) {
        for (const auto& [key, value] : *tags) permission.context.push_back({"aws:ResourceTag/" + key, {value}});
    }
    return {std::move(permission)};
}

bool is_callers(const Call& call, std::string_view instance_arn) {
    const auto center = find_instance(call, instance_arn);
    return center && center->owner_account_id == call.account();
}

ApiError not_found(std::string_view kind, std::string_view arn) {
    return sso_admin::errors::resource_not_found_exception(std::string(kind) + " not found: " + std::string(arn));
}

}  // namespace

access::Permissions on_application(const Call& call, std::string_view arn) {
    const auto found = domain::applications.get(call.tx, arn);
    return on_resource(arn, found && *found ? &(*found)->tags : nullptr);
}

access::Permissions on_trusted_token_issuer(const Call& call, std::string_view arn) {
    const auto found = domain::trusted_token_issuers.get(call.tx, arn);
    return on_resource(arn, found && *found ? &(*found)->tags : nullptr);
}

Result<domain::Application> find_application(const Call& call, std::string_view arn) {
    SEK_TRY(auto application, domain::applications.get(call.tx, arn));
    if (!application || !is_callers(call, application->instance_arn)) return not_found("Application", arn);
    return std::move(*application);
}

Result<domain::TrustedTokenIssuer> find_trusted_token_issuer(const Call& call, std::string_view arn) {
    SEK_TRY(auto issuer, domain::trusted_token_issuers.get(call.tx, arn));
    if (!issuer || !is_callers(call, issuer->instance_arn)) return not_found("Trusted token issuer", arn);
    return std::move(*issuer);
}

}  // namespace sekisho::identity_center_service
