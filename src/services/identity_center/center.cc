// Sekisho's own operations on the organization's instance: what AWS has in its console only.
#include <algorithm>

#include "access/records.h"
#include "models/control.h"
#include "services/identity_center/instance.h"
#include "services/identity_center/make_center.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

// The instance that the request names, or the caller's own; of any region: these operations have none.
std::optional<domain::IdentityCenter> find_center(const Call& call, const std::optional<std::string>& instance_arn) {
    auto own = own_center(call);
    if (!instance_arn) return own;
    if (own && own->instance_arn.str() == *instance_arn) return own;
    auto named = domain::identity_centers.get(call.tx, *instance_arn);
    if (!named) return {};
    return std::move(*named);
}

template <class Request>
access::Permissions center_permissions(const Call& call, const Request& request) {
    access::Permission permission{.resource = request.instance_arn.value_or("arn:aws:sso:::instance/*")};
    permission.shown_resource = request.instance_arn.value_or("*");
    if (const auto center = find_center(call, request.instance_arn)) {
        permission.resource = center->instance_arn.str();
        permission.resource_account = center->owner_account_id;
    }
    return {std::move(permission)};
}

Result<domain::IdentityCenter> center_of(const Call& call, const std::optional<std::string>& instance_arn) {
    auto center = find_center(call, instance_arn);
    if (!center || center->owner_account_id != call.account()) {
        return control::errors::resource_not_found_exception("IAM Identity Center is not enabled in this account.");
    }
    return std::move(*center);
}

control::EnableIdentityCenterResponse enabled(const Call& call, const domain::IdentityCenter& center) {
    return {.instance_arn = center.instance_arn.str(),
            .identity_store_id = center.identity_store_id.str(),
            .portal_url = portal_url(call),
            .region = center.region.str()};
}

Result<control::EnableIdentityCenterResponse> enable_identity_center(
    Call& call, const control::EnableIdentityCenterRequest& request) {
    const auto account = access::cached_account(call.tx, call.account());
    if (!account || !account->organization_id) {
        return control::errors::conflict_exception(
            "Your account is not a member of an organization. Create an organization first.");
    }
    const auto organization = access::cached_organization(call.tx, *account->organization_id);
    if (!organization || organization->management_account_id != call.account()) {
        return control::errors::access_denied_exception(
            "IAM Identity Center can be enabled only by the organization's management account.");
    }
    const auto token = request.client_token.value_or("");
    if (const auto own = own_center(call); own && !token.empty() && own->client_token == token) {
        return enabled(call, *own);
    }
    SEK_TRY(const auto center, make_center(call, {.region = request.region ? Region(*request.region) : call.region(),
                                                  .organization_id = account->organization_id,
                                                  .name = {},
                                                  .client_token = token,
                                                  .tags = {}}));
    return enabled(call, center);
}

Result<control::DescribeIdentityCenterResponse> describe_identity_center(
    Call& call, const control::DescribeIdentityCenterRequest& request) {
    SEK_TRY(const auto center, center_of(call, request.instance_arn));
    control::DescribeIdentityCenterResponse response;
    response.instance_arn = center.instance_arn.str();
    response.identity_store_id = center.identity_store_id.str();
    response.portal_url = portal_url(call);
    response.region = center.region.str();
    response.owner_account_id = center.owner_account_id.str();
    response.start_url = start_url(center);
    response.created_date = center.created_at;
    response.host_name = center.portal_host_name;
    response.session_minutes = center.session_minutes_max;
    response.email_one_time_passwords = center.email_one_time_passwords;
    response.stable_role_names = center.stable_role_names;
    return response;
}

Result<control::UpdateIdentityCenterResponse> update_identity_center(
    Call& call, const control::UpdateIdentityCenterRequest& request) {
    SEK_TRY(auto center, center_of(call, request.instance_arn));
    if (request.email_one_time_passwords) center.email_one_time_passwords = *request.email_one_time_passwords;
    // Of roles that are made from now on: those that are there keep their names.
    if (request.stable_role_names) center.stable_role_names = *request.stable_role_names;
    SEK_TRY(domain::identity_centers.put(call.tx, center));
    return control::UpdateIdentityCenterResponse{.email_one_time_passwords = center.email_one_time_passwords,
                                                 .stable_role_names = center.stable_role_names};
}

// "team" or "team.awsapps.com": AWS has the portal at a sub-domain of awsapps.com.
Result<std::string> portal_label(std::string_view host_name) {
    constexpr std::string_view domain = ".awsapps.com";
    std::string_view label = host_name;
    if (label.ends_with(domain)) label.remove_suffix(domain.size());
    const bool is_label = label.find_first_of(".:") == std::string_view::npos && label.size() <= 63;
    // d-.. names are the identity stores'.
    if (label.empty() || !is_label || label.starts_with("d-") || label.starts_with("ssoins-")) {
        return control::errors::validation_exception("The host name must be one label below awsapps.com.");
    }
    return std::string(label);
}

Result<control::UpdatePortalHostNameResponse> update_portal_host_name(
    Call& call, const control::UpdatePortalHostNameRequest& request) {
    SEK_TRY(auto center, center_of(call, request.instance_arn));
    SEK_TRY(const auto label, portal_label(request.host_name));
    if (center.portal_host_name) {
        if (*center.portal_host_name == label) return control::UpdatePortalHostNameResponse{start_url(center)};
        return control::errors::conflict_exception("The portal's host name can be chosen once only.");
    }
    center.portal_host_name = label;
    if (auto put = domain::identity_centers.put(call.tx, center); !put) {
        if (put.error().code != store::codes::unique_index_violation) return std::move(put).error();
        return control::errors::conflict_exception("The host name is taken.");
    }
    return control::UpdatePortalHostNameResponse{start_url(center)};
}

control::MfaSettings to_wire(const domain::MfaSettings& settings) {
    control::MfaSettings wire;
    wire.prompt_mode = static_cast<control::MfaPromptMode>(settings.prompt);
    wire.when_no_device = static_cast<control::MissingDeviceAction>(settings.missing_device);
    if (settings.authenticator_apps) wire.types.push_back(control::MfaType::authenticator_app);
    if (settings.security_keys) wire.types.push_back(control::MfaType::security_key);
    wire.users_manage_devices = settings.users_manage_devices;
    wire.passkey_sign_in = settings.passkey_sign_in;
    return wire;
}

Result<control::GetMfaSettingsResponse> get_mfa_settings(Call& call, const control::GetMfaSettingsRequest& request) {
    SEK_TRY(const auto center, center_of(call, request.instance_arn));
    return control::GetMfaSettingsResponse{.settings = to_wire(center.mfa)};
}

Result<control::UpdateMfaSettingsResponse> update_mfa_settings(Call& call,
                                                               const control::UpdateMfaSettingsRequest& request) {
    SEK_TRY(auto center, center_of(call, request.instance_arn));
    auto& settings = center.mfa;
    if (request.prompt_mode) settings.prompt = static_cast<domain::MfaPrompt>(*request.prompt_mode);
    if (request.when_no_device) settings.missing_device = static_cast<domain::MissingDevice>(*request.when_no_device);
    if (request.users_manage_devices) settings.users_manage_devices = *request.users_manage_devices;
    if (request.passkey_sign_in) settings.passkey_sign_in = *request.passkey_sign_in;
    if (request.types) {
        const auto has = [&](control::MfaType type) {
            return std::ranges::find(*request.types, type) != request.types->end();
        };
        settings.authenticator_apps = has(control::MfaType::authenticator_app);
        settings.security_keys = has(control::MfaType::security_key);
    }
    const bool is_asked = settings.prompt != domain::MfaPrompt::never;
    if (is_asked && !settings.authenticator_apps && !settings.security_keys) {
        return control::errors::validation_exception("At least one MFA type is needed unless users are never asked.");
    }
    if (!settings.security_keys && !request.passkey_sign_in) settings.passkey_sign_in = false;
    if (settings.passkey_sign_in && !settings.security_keys) {
        return control::errors::validation_exception("Passkeys sign in only where security keys are allowed.");
    }
    SEK_TRY(domain::identity_centers.put(call.tx, center));
    return control::UpdateMfaSettingsResponse{.settings = to_wire(settings)};
}

}  // namespace

const operation::OperationTable center_operations = {
    operation::operation<control::EnableIdentityCenter>(
        {.access = Access::write, .resources = operation::any_resource, .handle = enable_identity_center}),
    operation::operation<control::DescribeIdentityCenter>(
        {.access = Access::read,
         .resources = center_permissions<control::DescribeIdentityCenterRequest>,
         .handle = describe_identity_center}),
    operation::operation<control::UpdateIdentityCenter>(
        {.access = Access::write,
         .resources = center_permissions<control::UpdateIdentityCenterRequest>,
         .handle = update_identity_center}),
    operation::operation<control::UpdatePortalHostName>(
        {.access = Access::write,
         .resources = center_permissions<control::UpdatePortalHostNameRequest>,
         .handle = update_portal_host_name}),
    operation::operation<control::GetMfaSettings>({.access = Access::read,
                                                   .resources = center_permissions<control::GetMfaSettingsRequest>,
                                                   .handle = get_mfa_settings}),
    operation::operation<control::UpdateMfaSettings>(
        {.access = Access::write,
         .resources = center_permissions<control::UpdateMfaSettingsRequest>,
         .handle = update_mfa_settings}),
};

}  // namespace sekisho::identity_center_service
