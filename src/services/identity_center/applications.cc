// Customer managed applications: OAuth 2.0 clients that people sign in to.
#include <algorithm>

#include "base/limits.h"
#include "models/sso_admin.h"
#include "services/identity_center/application.h"
#include "services/identity_center/effects.h"
#include "services/identity_center/forget.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"
#include "services/identity_center/tags.h"

namespace sekisho::identity_center_service {
namespace {

constexpr std::string_view custom_provider = "arn:aws:sso::aws:applicationProvider/custom";

sso_admin::ApplicationProvider the_custom_provider() {
    sso_admin::ApplicationProvider provider{.application_provider_arn = std::string(custom_provider)};
    provider.federation_protocol = sso_admin::FederationProtocol::oauth;
    provider.display_data = sso_admin::DisplayData{
        .display_name = "Custom application", .icon_url = {}, .description = "An OAuth 2.0 application of your own."};
    return provider;
}

sso_admin::PortalOptions portal_options(const domain::Application& application) {
    sso_admin::PortalOptions options;
    options.visibility =
        application.visible ? sso_admin::ApplicationVisibility::enabled : sso_admin::ApplicationVisibility::disabled;
    if (!application.sign_in_origin.empty()) {
        const bool here = application.sign_in_origin == sso_admin::to_text(sso_admin::SignInOrigin::identity_center);
        options.sign_in_options = sso_admin::SignInOptions{
            .origin = here ? sso_admin::SignInOrigin::identity_center : sso_admin::SignInOrigin::application,
            .application_url = application.url};
    }
    return options;
}

// What DescribeApplication and ListApplications show alike.
template <class Wire>
Wire to_wire(const domain::Application& application, const domain::IdentityCenter& center) {
    Wire wire;
    wire.application_arn = application.arn;
    wire.application_provider_arn = application.provider_arn;
    wire.name = application.name;
    wire.application_account = application.account_id.str();
    wire.instance_arn = application.instance_arn.str();
    wire.identity_store_arn = domain::identity_store_arn(center);
    wire.status = application.enabled ? sso_admin::ApplicationStatus::enabled : sso_admin::ApplicationStatus::disabled;
    wire.portal_options = portal_options(application);
    wire.description = application.description;
    wire.created_date = application.created_at;
    wire.created_from = application.created_in.str();
    return wire;
}

// Signing in at the application itself needs its address.
Result<void> set_sign_in(domain::Application& application, const sso_admin::SignInOptions& options) {
    if (options.origin == sso_admin::SignInOrigin::application && !options.application_url) {
        return sso_admin::errors::validation_exception("ApplicationUrl is required when Origin is APPLICATION.");
    }
    application.sign_in_origin = sso_admin::to_text(options.origin);
    application.url = options.application_url;
    return {};
}

access::Permissions create_permissions(const Call& call, const sso_admin::CreateApplicationRequest& request) {
    auto permissions = on_instance(call, request.instance_arn);
    permissions.push_back({.resource = request.application_provider_arn});
    add_request_tags(permissions, tags_of(request.tags));
    return permissions;
}

Result<void> check_room_for_application(Call& call, const domain::IdentityCenter& center) {
    call.tx.read_guard(domain::applications_guard(center.instance_arn));
    std::size_t count = 0;
    store::Page page;
    do {
        SEK_TRY(auto part, domain::applications.scan_by(call.tx, domain::applications_by_instance,
                                                        store::prefix(center.instance_arn), page));
        count += part.items.size();
        page.after = part.next.value_or("");
    } while (!page.after.empty() && count < limits::applications_max);
    if (count < limits::applications_max) return {};
    return sso_admin::errors::service_quota_exceeded_exception(
        "An instance has at most " + std::to_string(limits::applications_max) + " applications.");
}

Result<sso_admin::CreateApplicationResponse> create_application(Call& call,
                                                                const sso_admin::CreateApplicationRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::CreateApplication>(call, request));
    sso_admin::CreateApplicationResponse response;
    response.instance_arn = center.instance_arn.str();
    response.identity_store_arn = domain::identity_store_arn(center);
    const auto token = request.client_token.value_or("");
    if (!token.empty()) {
        SEK_TRY(const auto made,
                domain::applications.get_by(call.tx, domain::applications_by_client_token, center.instance_arn, token));
        if (made) {
            response.application_arn = made->arn;
            return response;
        }
    }
    if (request.application_provider_arn != custom_provider) {
        return sso_admin::errors::resource_not_found_exception("Application provider not found: " +
                                                               request.application_provider_arn);
    }
    SEK_TRY(check_room_for_application(call, center));
    domain::Application application{
        .arn = "arn:aws:sso::" + call.account().str() + ":application/" + std::string(id_of(center.instance_arn)) +
               "/apl-" + random_hex(call.random, 16),
        .instance_arn = center.instance_arn,
        .account_id = call.account(),
        .provider_arn = request.application_provider_arn,
        .name = request.name,
        .description = request.description,
        .enabled =
            request.status.value_or(sso_admin::ApplicationStatus::enabled) == sso_admin::ApplicationStatus::enabled,
        .sign_in_origin = {},
        .url = {},
        .grants = {},
        .scopes = {},
        .actor_policy = {},
        .client_token = token,
        .created_in = call.region(),
        .created_at = call.now,
        .tags = {}};
    if (request.portal_options) {
        application.visible = request.portal_options->visibility.value_or(sso_admin::ApplicationVisibility::enabled) ==
                              sso_admin::ApplicationVisibility::enabled;
        if (request.portal_options->sign_in_options) {
            SEK_TRY(set_sign_in(application, *request.portal_options->sign_in_options));
        }
    }
    SEK_TRY(add_tags(application.tags, request.tags.value_or(std::vector<sso_admin::Tag>())));
    SEK_TRY(domain::applications.put(call.tx, application));
    response.application_arn = application.arn;
    return response;
}

Result<sso_admin::DescribeApplicationResponse> describe_application(
    Call& call, const sso_admin::DescribeApplicationRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    const auto center = find_instance(call, application.instance_arn);
    return to_wire<sso_admin::DescribeApplicationResponse>(application, *center);
}

Result<sso_admin::UpdateApplicationResponse> update_application(Call& call,
                                                                const sso_admin::UpdateApplicationRequest& request) {
    SEK_TRY(auto application, find_application(call, request.application_arn));
    if (request.name) application.name = *request.name;
    if (request.description) application.description = request.description;
    if (request.status) application.enabled = *request.status == sso_admin::ApplicationStatus::enabled;
    if (request.portal_options && request.portal_options->sign_in_options) {
        SEK_TRY(set_sign_in(application, *request.portal_options->sign_in_options));
    }
    SEK_TRY(domain::applications.put(call.tx, application));
    return sso_admin::UpdateApplicationResponse();
}

// The application is gone with this answer; its assignments follow.
Result<sso_admin::DeleteApplicationResponse> delete_application(Call& call,
                                                                const sso_admin::DeleteApplicationRequest& request) {
    SEK_TRY(const auto application, find_application(call, request.application_arn));
    const auto center = find_instance(call, application.instance_arn);
    SEK_TRY(domain::applications.erase(call.tx, application.arn));
    enqueue_forget_application(call.tx, *center, application.arn);
    return sso_admin::DeleteApplicationResponse();
}

Result<sso_admin::ListApplicationsResponse> list_applications(Call& call,
                                                              const sso_admin::ListApplicationsRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::ListApplications>(call, request));
    const auto filter = request.filter.value_or(sso_admin::ListApplicationsFilter());
    const auto scope = "ListApplications " + center.instance_arn.str() + " " + filter.application_account.value_or("") +
                       " " + filter.application_provider.value_or("");
    SEK_TRY(auto page, open_page(call, scope, request));
    page.limit = std::min(page.limit, limits::applications_page_max);
    SEK_TRY(const auto found, filtered_page(
                                  page,
                                  [&](const store::Page& part) {
                                      return domain::applications.scan_by(call.tx, domain::applications_by_instance,
                                                                          store::prefix(center.instance_arn), part);
                                  },
                                  [&](const domain::Application& a) {
                                      return filter.application_account.value_or(a.account_id.str()) ==
                                                 a.account_id.str() &&
                                             filter.application_provider.value_or(a.provider_arn) == a.provider_arn;
                                  }));
    sso_admin::ListApplicationsResponse response;
    response.applications.emplace();
    for (const auto& application : found.items) {
        response.applications->push_back(to_wire<sso_admin::Application>(application, center));
    }
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

// Of AWS's providers the one that anybody's own OAuth application has.
Result<sso_admin::ListApplicationProvidersResponse> list_application_providers(
    Call& call, const sso_admin::ListApplicationProvidersRequest& request) {
    SEK_TRY(open_page(call, "ListApplicationProviders", request));
    sso_admin::ListApplicationProvidersResponse response;
    response.application_providers = std::vector{the_custom_provider()};
    return response;
}

Result<sso_admin::DescribeApplicationProviderResponse> describe_application_provider(
    Call&, const sso_admin::DescribeApplicationProviderRequest& request) {
    if (request.application_provider_arn != custom_provider) {
        return sso_admin::errors::resource_not_found_exception("Application provider not found: " +
                                                               request.application_provider_arn);
    }
    auto provider = the_custom_provider();
    return sso_admin::DescribeApplicationProviderResponse{
        .application_provider_arn = std::move(provider.application_provider_arn),
        .federation_protocol = provider.federation_protocol,
        .display_data = std::move(provider.display_data),
        .resource_server_config = {}};
}

access::Permissions provider_permissions(const Call&, const sso_admin::DescribeApplicationProviderRequest& request) {
    return {{.resource = request.application_provider_arn}};
}

}  // namespace

const operation::OperationTable application_operations = {
    operation::operation<sso_admin::CreateApplication>(
        {.access = Access::write, .resources = create_permissions, .handle = create_application}),
    operation::operation<sso_admin::DescribeApplication>(
        {.access = Access::read,
         .resources = application_permissions<sso_admin::DescribeApplicationRequest>,
         .handle = describe_application}),
    operation::operation<sso_admin::UpdateApplication>(
        {.access = Access::write,
         .resources = application_permissions<sso_admin::UpdateApplicationRequest>,
         .handle = update_application}),
    operation::operation<sso_admin::DeleteApplication>(
        {.access = Access::write,
         .resources = application_permissions<sso_admin::DeleteApplicationRequest>,
         .handle = delete_application}),
    operation::operation<sso_admin::ListApplications>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::ListApplicationsRequest>,
         .handle = list_applications}),
    operation::operation<sso_admin::ListApplicationProviders>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_application_providers}),
    operation::operation<sso_admin::DescribeApplicationProvider>(
        {.access = Access::read, .resources = provider_permissions, .handle = describe_application_provider}),
};

}  // namespace sekisho::identity_center_service
