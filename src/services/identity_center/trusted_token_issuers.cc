// OpenID Connect issuers outside, whose tokens an application may exchange for tokens of the same person here.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/setuptrustedtokenissuer.html
#include "models/sso_admin.h"
#include "services/identity_center/application.h"
#include "services/identity_center/pages.h"
#include "services/identity_center/service.h"
#include "services/identity_center/tags.h"

namespace sekisho::identity_center_service {
namespace {

template <class Request>
access::Permissions issuer_permissions(const Call& call, const Request& request) {
    return on_trusted_token_issuer(call, request.trusted_token_issuer_arn);
}

access::Permissions create_permissions(const Call& call, const sso_admin::CreateTrustedTokenIssuerRequest& request) {
    auto permissions = on_instance(call, request.instance_arn);
    add_request_tags(permissions, tags_of(request.tags));
    return permissions;
}

// Whoever can answer for the address could make tokens for anybody: plain http is not taken.
Result<void> check_url(std::string_view url) {
    if (url.starts_with("https://")) return {};
    return sso_admin::errors::validation_exception("IssuerUrl must be an https URL.");
}

Result<void> put(Call& call, const domain::TrustedTokenIssuer& issuer) {
    auto done = domain::trusted_token_issuers.put(call.tx, issuer);
    if (done || done.error().code != store::codes::unique_index_violation) return done;
    return sso_admin::errors::conflict_exception("A trusted token issuer with this IssuerUrl already exists.");
}

Result<sso_admin::CreateTrustedTokenIssuerResponse> create_issuer(
    Call& call, const sso_admin::CreateTrustedTokenIssuerRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::CreateTrustedTokenIssuer>(call, request));
    const auto& wanted = request.trusted_token_issuer_configuration.oidc_jwt_configuration;
    if (!wanted) return sso_admin::errors::validation_exception("OidcJwtConfiguration is required.");
    SEK_TRY(check_url(wanted->issuer_url));
    SEK_TRY(const auto known, domain::trusted_token_issuers.scan_by(call.tx, domain::trusted_token_issuers_by_instance,
                                                                    store::prefix(center.instance_arn),
                                                                    {.limit = limits::trusted_token_issuers_max}));
    const auto token = request.client_token.value_or("");
    for (const auto& issuer : known.items) {
        if (!token.empty() && issuer.client_token == token) {
            return sso_admin::CreateTrustedTokenIssuerResponse{.trusted_token_issuer_arn = issuer.arn};
        }
    }
    call.tx.read_guard(domain::applications_guard(center.instance_arn));
    if (known.items.size() >= limits::trusted_token_issuers_max) {
        return sso_admin::errors::service_quota_exceeded_exception(
            "An instance has at most " + std::to_string(limits::trusted_token_issuers_max) + " trusted token issuers.");
    }
    domain::TrustedTokenIssuer issuer{.arn = "arn:aws:sso::" + call.account().str() + ":trustedTokenIssuer/" +
                                             std::string(id_of(center.instance_arn)) + "/tti-" +
                                             random_uuid(call.random),
                                      .instance_arn = center.instance_arn,
                                      .name = request.name,
                                      .issuer_url = wanted->issuer_url,
                                      .claim_path = wanted->claim_attribute_path,
                                      .attribute_path = wanted->identity_store_attribute_path,
                                      .client_token = token,
                                      .created_at = call.now,
                                      .tags = {}};
    SEK_TRY(add_tags(issuer.tags, request.tags.value_or(std::vector<sso_admin::Tag>())));
    SEK_TRY(put(call, issuer));
    return sso_admin::CreateTrustedTokenIssuerResponse{.trusted_token_issuer_arn = issuer.arn};
}

Result<sso_admin::DescribeTrustedTokenIssuerResponse> describe_issuer(
    Call& call, const sso_admin::DescribeTrustedTokenIssuerRequest& request) {
    SEK_TRY(const auto issuer, find_trusted_token_issuer(call, request.trusted_token_issuer_arn));
    sso_admin::DescribeTrustedTokenIssuerResponse response;
    response.trusted_token_issuer_arn = issuer.arn;
    response.name = issuer.name;
    response.trusted_token_issuer_type = sso_admin::TrustedTokenIssuerType::oidc_jwt;
    response.trusted_token_issuer_configuration.emplace().oidc_jwt_configuration =
        sso_admin::OidcJwtConfiguration{.issuer_url = issuer.issuer_url,
                                        .claim_attribute_path = issuer.claim_path,
                                        .identity_store_attribute_path = issuer.attribute_path,
                                        .jwks_retrieval_option = sso_admin::JwksRetrievalOption::open_id_discovery};
    return response;
}

Result<sso_admin::UpdateTrustedTokenIssuerResponse> update_issuer(
    Call& call, const sso_admin::UpdateTrustedTokenIssuerRequest& request) {
    SEK_TRY(auto issuer, find_trusted_token_issuer(call, request.trusted_token_issuer_arn));
    if (request.name) issuer.name = *request.name;
    if (request.trusted_token_issuer_configuration &&
        request.trusted_token_issuer_configuration->oidc_jwt_configuration) {
        const auto& wanted = *request.trusted_token_issuer_configuration->oidc_jwt_configuration;
        if (wanted.claim_attribute_path) issuer.claim_path = *wanted.claim_attribute_path;
        if (wanted.identity_store_attribute_path) issuer.attribute_path = *wanted.identity_store_attribute_path;
    }
    SEK_TRY(put(call, issuer));
    return sso_admin::UpdateTrustedTokenIssuerResponse();
}

// Grants that name it trust nobody any more by it: they look it up.
Result<sso_admin::DeleteTrustedTokenIssuerResponse> delete_issuer(
    Call& call, const sso_admin::DeleteTrustedTokenIssuerRequest& request) {
    SEK_TRY(const auto issuer, find_trusted_token_issuer(call, request.trusted_token_issuer_arn));
    SEK_TRY(domain::trusted_token_issuers.erase(call.tx, issuer.arn));
    return sso_admin::DeleteTrustedTokenIssuerResponse();
}

Result<sso_admin::ListTrustedTokenIssuersResponse> list_issuers(
    Call& call, const sso_admin::ListTrustedTokenIssuersRequest& request) {
    SEK_TRY(const auto center, instance_of<sso_admin::ListTrustedTokenIssuers>(call, request));
    const auto scope = "ListTrustedTokenIssuers " + center.instance_arn.str();
    SEK_TRY(const auto page, open_page(call, scope, request));
    SEK_TRY(const auto found, domain::trusted_token_issuers.scan_by(call.tx, domain::trusted_token_issuers_by_instance,
                                                                    store::prefix(center.instance_arn), page));
    sso_admin::ListTrustedTokenIssuersResponse response;
    response.trusted_token_issuers.emplace();
    for (const auto& issuer : found.items) {
        response.trusted_token_issuers->push_back(
            {.trusted_token_issuer_arn = issuer.arn,
             .name = issuer.name,
             .trusted_token_issuer_type = sso_admin::TrustedTokenIssuerType::oidc_jwt});
    }
    response.next_token = seal_next(call, scope, found.next);
    return response;
}

}  // namespace

const operation::OperationTable trusted_token_issuer_operations = {
    operation::operation<sso_admin::CreateTrustedTokenIssuer>(
        {.access = Access::write, .resources = create_permissions, .handle = create_issuer}),
    operation::operation<sso_admin::DescribeTrustedTokenIssuer>(
        {.access = Access::read,
         .resources = issuer_permissions<sso_admin::DescribeTrustedTokenIssuerRequest>,
         .handle = describe_issuer}),
    operation::operation<sso_admin::UpdateTrustedTokenIssuer>(
        {.access = Access::write,
         .resources = issuer_permissions<sso_admin::UpdateTrustedTokenIssuerRequest>,
         .handle = update_issuer}),
    operation::operation<sso_admin::DeleteTrustedTokenIssuer>(
        {.access = Access::write,
         .resources = issuer_permissions<sso_admin::DeleteTrustedTokenIssuerRequest>,
         .handle = delete_issuer}),
    operation::operation<sso_admin::ListTrustedTokenIssuers>(
        {.access = Access::read,
         .resources = instance_permissions<sso_admin::ListTrustedTokenIssuersRequest>,
         .handle = list_issuers}),
};

}  // namespace sekisho::identity_center_service
