#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "models/iam.h"
#include "services/iam/service.h"
#include "services/iam/tag_operations.h"
#include "wire/arn.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::Call;
using operation::operation;

// The name within an ARN of this account; empty: not one.
std::string name_of(const Call& call, const std::string& arn) {
    const auto parsed = wire::Arn::parse(arn);
    const bool is_own = parsed && parsed->service == "iam" && parsed->account == call.account().str() &&
                        parsed->resource_type() == "saml-provider";
    return is_own ? std::string(parsed->resource_id()) : std::string();
}

Result<domain::SamlProvider> require_provider(const Call& call, const std::string& arn) {
    const auto name = name_of(call, arn);
    SEK_TRY(auto provider, domain::saml_providers.get(call.tx, call.account(), name));
    if (name.empty() || !provider) {
        return iam::errors::no_such_entity_exception("Manifest not found for arn " + arn);
    }
    return std::move(*provider);
}

Result<domain::SamlProvider> require_own(const Call& call, const std::string& arn) {
    SEK_TRY(auto provider, require_provider(call, arn));
    if (provider.is_protected) {
        return iam::errors::unmodifiable_entity_exception(
            "Cannot perform the operation on the protected SAML provider '" + provider.name +
            "' - this provider is only modifiable by AWS");
    }
    return provider;
}

Permissions on_provider(const Call& call, const std::string& arn, ContextValues context = {}) {
    access::Permission permission;
    permission.resource = arn;
    permission.context = std::move(context);
    const auto provider = domain::saml_providers.get(call.tx, call.account(), name_of(call, arn));
    if (provider && *provider) add_resource_tags(permission.context, (*provider)->tags);
    return {permission};
}

template <class Request>
Permissions on_named_provider(const Call& call, const Request& request) {
    return on_provider(call, request.saml_provider_arn);
}

// An outer look at the document: one XML element EntityDescriptor (or EntitiesDescriptor) from start to end.
bool looks_like_metadata(std::string_view text) {
    text = trim(text);
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (!text.starts_with('<') || !text.ends_with('>')) return false;
    const auto closing = text.rfind("</");
    const auto opening = text.find("Descriptor");
    return opening != text.npos && closing != text.npos && closing > opening &&
           text.substr(closing).find("Descriptor") != text.npos && text.find("<!DOCTYPE") == text.npos;
}

// The validUntil attribute of the outermost descriptor.
std::optional<Time> valid_until(std::string_view text) {
    const auto head = text.substr(0, text.find('>', text.find("Descriptor")));
    const auto at = head.find("validUntil=\"");
    if (at == head.npos) return {};
    const auto from = at + std::string_view("validUntil=\"").size();
    return parse_iso8601(head.substr(from, head.find('"', from) - from));
}

Result<void> set_metadata(domain::SamlProvider& provider, const std::string& document) {
    if (document.size() > limits::saml_metadata_bytes_max) {
        return iam::errors::limit_exceeded_exception("Cannot exceed quota for SAMLMetadataDocumentSize: " +
                                                     std::to_string(limits::saml_metadata_bytes_max));
    }
    if (!is_valid_utf8(document) || !looks_like_metadata(document)) {
        return iam::errors::invalid_input_exception("Could not parse metadata");
    }
    provider.metadata_document = document;
    provider.valid_until = valid_until(document);
    return {};
}

template <class Request>
Result<void> refuse_encryption(const Request& request) {
    if (request.assertion_encryption_mode || request.add_private_key) {
        return iam::errors::invalid_input_exception("Encrypted SAML assertions are not supported.");
    }
    return {};
}

Permissions create_permissions(const Call& call, const iam::CreateSAMLProviderRequest& request) {
    access::Permission permission;
    permission.resource = wire::make_saml_provider_arn(call.account(), request.name);
    add_request_tags(permission.context, request.tags);
    Permissions permissions{permission};
    if (request.tags && !request.tags->empty()) also(permissions, "iam:TagSAMLProvider");
    return permissions;
}

Result<iam::CreateSAMLProviderResponse> create_provider(Call& call, const iam::CreateSAMLProviderRequest& request) {
    SEK_TRY(refuse_encryption(request));
    if (domain::saml_providers.exists(call.tx, call.account(), request.name)) {
        return iam::errors::entity_already_exists_exception("SAML provider with name " + request.name +
                                                            " already exists.");
    }
    domain::SamlProvider provider;
    provider.account_id = call.account();
    provider.name = request.name;
    provider.created_at = call.now;
    SEK_TRY(set_metadata(provider, request.saml_metadata_document));
    if (request.tags) SEK_TRY(add_tags(provider.tags, *request.tags));
    SEK_TRY(domain::saml_providers.put(call.tx, provider));
    return iam::CreateSAMLProviderResponse{
        .saml_provider_arn = wire::make_saml_provider_arn(call.account(), provider.name),
        .tags = tags_or_none(provider.tags)};
}

Result<iam::GetSAMLProviderResponse> get_provider(Call& call, const iam::GetSAMLProviderRequest& request) {
    SEK_TRY(const auto provider, require_provider(call, request.saml_provider_arn));
    iam::GetSAMLProviderResponse response;
    response.saml_metadata_document = provider.metadata_document;
    response.create_date = provider.created_at;
    response.valid_until = provider.valid_until;
    response.tags = tags_to_wire(provider.tags);
    return response;
}

Permissions list_permissions(const Call& call, const iam::ListSAMLProvidersRequest&) {
    access::Permission permission;
    permission.resource = wire::make_saml_provider_arn(call.account(), "*");
    return {permission};
}

Result<iam::ListSAMLProvidersResponse> list_providers(Call& call, const iam::ListSAMLProvidersRequest&) {
    iam::ListSAMLProvidersResponse response;
    response.saml_provider_list.emplace();
    SEK_TRY(
        domain::saml_providers.each(call.tx, store::prefix(call.account()), [&](const domain::SamlProvider& provider) {
            response.saml_provider_list->push_back({.arn = wire::make_saml_provider_arn(call.account(), provider.name),
                                                    .valid_until = provider.valid_until,
                                                    .create_date = provider.created_at});
            return true;
        }));
    return response;
}

Result<iam::UpdateSAMLProviderResponse> update_provider(Call& call, const iam::UpdateSAMLProviderRequest& request) {
    SEK_TRY(refuse_encryption(request));
    SEK_TRY(auto provider, require_own(call, request.saml_provider_arn));
    if (request.saml_metadata_document) SEK_TRY(set_metadata(provider, *request.saml_metadata_document));
    SEK_TRY(domain::saml_providers.put(call.tx, provider));
    return iam::UpdateSAMLProviderResponse{.saml_provider_arn = request.saml_provider_arn};
}

Result<iam::DeleteSAMLProviderResponse> delete_provider(Call& call, const iam::DeleteSAMLProviderRequest& request) {
    SEK_TRY(const auto provider, require_own(call, request.saml_provider_arn));
    SEK_TRY([[maybe_unused]] const bool existed, domain::saml_providers.erase(call.tx, call.account(), provider.name));
    return iam::DeleteSAMLProviderResponse{};
}

struct ProviderTags {
    using Tag = iam::TagSAMLProvider;
    using Untag = iam::UntagSAMLProvider;
    using List = iam::ListSAMLProviderTags;
    static const std::string& name(const auto& request) { return request.saml_provider_arn; }
    static constexpr auto permissions = on_provider;
    static constexpr auto find = require_provider;
    static constexpr auto change = require_own;
    static Result<void> save(Call& call, const domain::SamlProvider& provider) {
        return domain::saml_providers.put(call.tx, provider);
    }
};

}  // namespace

const operation::OperationTable saml_provider_operations = with_tag_operations<ProviderTags>({
    operation<iam::CreateSAMLProvider>(
        {.access = Access::write, .resources = create_permissions, .handle = create_provider}),
    operation<iam::GetSAMLProvider>(
        {.access = Access::read, .resources = on_named_provider<iam::GetSAMLProviderRequest>, .handle = get_provider}),
    operation<iam::ListSAMLProviders>(
        {.access = Access::read, .resources = list_permissions, .handle = list_providers}),
    operation<iam::UpdateSAMLProvider>({.access = Access::write,
                                        .resources = on_named_provider<iam::UpdateSAMLProviderRequest>,
                                        .handle = update_provider}),
    operation<iam::DeleteSAMLProvider>({.access = Access::write,
                                        .resources = on_named_provider<iam::DeleteSAMLProviderRequest>,
                                        .handle = delete_provider}),
});

}  // namespace sekisho::iam_service
