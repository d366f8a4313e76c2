#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "domain/oidc_provider.h"
#include "services/iam/service.h"
#include "services/iam/tag_operations.h"
#include "wire/arn.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

Result<domain::OidcProvider> require_provider(const Call& call, const std::string& arn) {
    SEK_TRY(auto provider, domain::find_oidc_provider(call.tx, call.account(), arn));
    if (provider) return std::move(*provider);
    return iam::errors::no_such_entity_exception("OpenIDConnect Provider not found for arn " + arn);
}

Permissions on_provider(const Call& call, const std::string& arn, ContextValues context = {}) {
    access::Permission permission;
    permission.resource = arn;
    permission.context = std::move(context);
    const auto provider = domain::find_oidc_provider(call.tx, call.account(), arn);
    if (provider && *provider) {
        // Whatever name it was asked for by, policies see the one, and who is refused only what he wrote.
        permission.shown_resource = arn;
        permission.resource = domain::oidc_provider_arn(**provider);
        add_resource_tags(permission.context, (*provider)->tags);
    }
    return {permission};
}

template <class Request>
Permissions on_named_provider(const Call& call, const Request& request) {
    return on_provider(call, request.open_id_connect_provider_arn);
}

// What an issuer's URL is after its scheme; empty where it is none. Only for the ARN: check_url judges.
std::string issuer_of(std::string_view url) {
    constexpr std::string_view scheme = "https://";
    return url.starts_with(scheme) ? std::string(url.substr(scheme.size())) : std::string();
}

// OpenID Connect Core 2 (iss): https, without query and fragment. A port is taken, unlike at AWS: issuers of our own
// clusters have one.
Result<std::string> check_url(const std::string& url) {
    if (!url.contains("://")) {
        return ApiError{.code = "ValidationError", .message = "Invalid Open ID Connect Provider URL"};
    }
    if (!url.starts_with("https://")) {
        return iam::errors::invalid_input_exception(
            "Invalid Open ID Connect Provider URL. The URL must begin with https://.");
    }
    auto issuer = issuer_of(url);
    const auto host = std::string_view(issuer).substr(0, issuer.find_first_of(":/"));
    const bool is_plain = std::ranges::all_of(issuer, [](char c) {
        return c > ' ' && c < 0x7f && std::string_view("?#@\\<>\"'`{}|^%*").find(c) == std::string_view::npos;
    });
    if (host.empty() || !is_plain) {
        return ApiError{.code = "ValidationError", .message = "Invalid Open ID Connect Provider URL"};
    }
    return issuer;
}

Result<std::vector<std::string>> check_thumbprints(const std::vector<std::string>& thumbprints) {
    if (thumbprints.size() > limits::oidc_thumbprints_max) {
        return iam::errors::invalid_input_exception("Thumbprint list must contain fewer than 5 entries.");
    }
    std::vector<std::string> checked;
    for (const auto& thumbprint : thumbprints) {
        auto lower = lower_ascii(thumbprint);
        const bool is_hex = lower.size() == 40 && lower.find_first_not_of("0123456789abcdef") == std::string_view::npos;
        if (!is_hex) return iam::errors::invalid_input_exception("Thumbprint " + thumbprint + " is not valid.");
        checked.push_back(std::move(lower));
    }
    return checked;
}

// A client that is there already stays once.
Result<void> add_client(domain::OidcProvider& provider, const std::string& client) {
    if (std::ranges::find(provider.client_ids, client) != provider.client_ids.end()) return {};
    if (provider.client_ids.size() >= limits::oidc_client_ids_max) {
        return iam::errors::limit_exceeded_exception("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: " +
                                                     std::to_string(limits::oidc_client_ids_max));
    }
    provider.client_ids.push_back(client);
    return {};
}

Permissions create_permissions(const Call& call, const iam::CreateOpenIDConnectProviderRequest& request) {
    access::Permission permission;
    permission.resource = wire::make_oidc_provider_arn(call.account(), issuer_of(request.url));
    add_request_tags(permission.context, request.tags);
    Permissions permissions{permission};
    if (request.tags && !request.tags->empty()) also(permissions, "iam:TagOpenIDConnectProvider");
    return permissions;
}

Result<void> check_room_for_provider(const Call& call) {
    call.tx.read_guard(domain::oidc_providers_guard(call.account()));
    SEK_TRY(const auto others, domain::oidc_providers.scan(call.tx, store::prefix(call.account())));
    if (others.items.size() < limits::oidc_providers_max) return {};
    return iam::errors::limit_exceeded_exception("Cannot exceed quota for OpenIdConnectProvidersPerAccount: " +
                                                 std::to_string(limits::oidc_providers_max));
}

Result<iam::CreateOpenIDConnectProviderResponse> create_provider(
    Call& call, const iam::CreateOpenIDConnectProviderRequest& request) {
    domain::OidcProvider provider;
    provider.account_id = call.account();
    SEK_TRY(provider.issuer, check_url(request.url));
    if (domain::oidc_providers.exists(call.tx, provider.account_id, provider.issuer)) {
        return iam::errors::entity_already_exists_exception("Provider with url " + request.url + " already exists.");
    }
    SEK_TRY(check_room_for_provider(call));
    for (const auto& client : request.client_id_list.value_or(std::vector<std::string>())) {
        SEK_TRY(add_client(provider, client));
    }
    SEK_TRY(provider.thumbprints, check_thumbprints(request.thumbprint_list.value_or(std::vector<std::string>())));
    provider.created_at = call.now;
    if (request.tags) SEK_TRY(add_tags(provider.tags, *request.tags));
    SEK_TRY(domain::oidc_providers.put(call.tx, provider));
    return iam::CreateOpenIDConnectProviderResponse{.open_id_connect_provider_arn = domain::oidc_provider_arn(provider),
                                                    .tags = tags_or_none(provider.tags)};
}

Result<iam::GetOpenIDConnectProviderResponse> get_provider(Call& call,
                                                           const iam::GetOpenIDConnectProviderRequest& request) {
    SEK_TRY(const auto provider, require_provider(call, request.open_id_connect_provider_arn));
    return iam::GetOpenIDConnectProviderResponse{.url = provider.issuer,
                                                 .client_id_list = provider.client_ids,
                                                 .thumbprint_list = provider.thumbprints,
                                                 .create_date = provider.created_at,
                                                 .tags = tags_to_wire(provider.tags)};
}

Permissions list_permissions(const Call& call, const iam::ListOpenIDConnectProvidersRequest&) {
    access::Permission permission;
    permission.resource = wire::make_oidc_provider_arn(call.account(), "*");
    return {permission};
}

Result<iam::ListOpenIDConnectProvidersResponse> list_providers(Call& call,
                                                               const iam::ListOpenIDConnectProvidersRequest&) {
    iam::ListOpenIDConnectProvidersResponse response;
    auto& list = response.open_id_connect_provider_list.emplace();
    SEK_TRY(
        domain::oidc_providers.each(call.tx, store::prefix(call.account()), [&](const domain::OidcProvider& provider) {
            list.push_back({.arn = domain::oidc_provider_arn(provider)});
            return true;
        }));
    return response;
}

// Of one that is not there: done already, as AWS documents it.
Result<iam::DeleteOpenIDConnectProviderResponse> delete_provider(
    Call& call, const iam::DeleteOpenIDConnectProviderRequest& request) {
    SEK_TRY(const auto provider,
            domain::find_oidc_provider(call.tx, call.account(), request.open_id_connect_provider_arn));
    if (provider) SEK_TRY(domain::oidc_providers.erase(call.tx, provider->account_id, provider->issuer));
    return iam::DeleteOpenIDConnectProviderResponse{};
}

Result<iam::AddClientIDToOpenIDConnectProviderResponse> add_client_id(
    Call& call, const iam::AddClientIDToOpenIDConnectProviderRequest& request) {
    SEK_TRY(auto provider, require_provider(call, request.open_id_connect_provider_arn));
    SEK_TRY(add_client(provider, request.client_id));
    SEK_TRY(domain::oidc_providers.put(call.tx, provider));
    return iam::AddClientIDToOpenIDConnectProviderResponse{};
}

Result<iam::RemoveClientIDFromOpenIDConnectProviderResponse> remove_client_id(
    Call& call, const iam::RemoveClientIDFromOpenIDConnectProviderRequest& request) {
    SEK_TRY(auto provider, require_provider(call, request.open_id_connect_provider_arn));
    std::erase(provider.client_ids, request.client_id);
    SEK_TRY(domain::oidc_providers.put(call.tx, provider));
    return iam::RemoveClientIDFromOpenIDConnectProviderResponse{};
}

Result<iam::UpdateOpenIDConnectProviderThumbprintResponse> update_thumbprints(
    Call& call, const iam::UpdateOpenIDConnectProviderThumbprintRequest& request) {
    SEK_TRY(auto provider, require_provider(call, request.open_id_connect_provider_arn));
    SEK_TRY(provider.thumbprints, check_thumbprints(request.thumbprint_list));
    SEK_TRY(domain::oidc_providers.put(call.tx, provider));
    return iam::UpdateOpenIDConnectProviderThumbprintResponse{};
}

struct ProviderTags {
    using Tag = iam::TagOpenIDConnectProvider;
    using Untag = iam::UntagOpenIDConnectProvider;
    using List = iam::ListOpenIDConnectProviderTags;
    static const std::string& name(const auto& request) { return request.open_id_connect_provider_arn; }
    static constexpr auto permissions = on_provider;
    static constexpr auto find = require_provider;
    static Result<void> save(Call& call, const domain::OidcProvider& provider) {
        return domain::oidc_providers.put(call.tx, provider);
    }
};

// An operation on the one provider that its request names.
template <class Op>
operation::Operation row(Access access, Result<typename Op::Response> (*handle)(Call&, const typename Op::Request&)) {
    return operation<Op>({.access = access, .resources = on_named_provider<typename Op::Request>, .handle = handle});
}

}  // namespace

const operation::OperationTable oidc_provider_operations = with_tag_operations<ProviderTags>({
    operation<iam::CreateOpenIDConnectProvider>(
        {.access = Access::write, .resources = create_permissions, .handle = create_provider}),
    operation<iam::ListOpenIDConnectProviders>(
        {.access = Access::read, .resources = list_permissions, .handle = list_providers}),
    row<iam::GetOpenIDConnectProvider>(Access::read, get_provider),
    row<iam::DeleteOpenIDConnectProvider>(Access::write, delete_provider),
    row<iam::AddClientIDToOpenIDConnectProvider>(Access::write, add_client_id),
    row<iam::RemoveClientIDFromOpenIDConnectProvider>(Access::write, remove_client_id),
    row<iam::UpdateOpenIDConnectProviderThumbprint>(Access::write, update_thumbprints),
});

}  // namespace sekisho::iam_service
