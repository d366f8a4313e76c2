#include "domain/applications.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "domain/portal.h"

namespace sekisho::domain {

using store::key;
using store::unique;

namespace {

// URLs may be longer than a key.
std::string trusted_token_issuer_key(const TrustedTokenIssuer& issuer) {
    return key(issuer.instance_arn, encode_hex(crypto::sha256(issuer.issuer_url).view()));
}

}  // namespace

const Shape ApplicationTokenIssuer::shape = record_shape<ApplicationTokenIssuer>(
    "ApplicationTokenIssuer",
    {SEK_FIELD(1, ApplicationTokenIssuer, issuer_arn), SEK_FIELD(2, ApplicationTokenIssuer, audiences)});

const Shape ApplicationGrant::shape = record_shape<ApplicationGrant>(
    "ApplicationGrant", {SEK_FIELD(1, ApplicationGrant, type), SEK_FIELD(2, ApplicationGrant, redirect_uris),
                         SEK_FIELD(3, ApplicationGrant, issuers)});

const Shape ApplicationScope::shape = record_shape<ApplicationScope>(
    "ApplicationScope", {SEK_FIELD(1, ApplicationScope, name), SEK_FIELD(2, ApplicationScope, targets)});

const Shape Application::shape = record_shape<Application>(
    "Application",
    {SEK_FIELD(1, Application, arn), SEK_FIELD(2, Application, instance_arn), SEK_FIELD(3, Application, account_id),
     SEK_FIELD(4, Application, provider_arn), SEK_FIELD(5, Application, name), SEK_FIELD(6, Application, description),
     SEK_FIELD(7, Application, enabled), SEK_FIELD(8, Application, visible), SEK_FIELD(9, Application, sign_in_origin),
     SEK_FIELD(10, Application, url), SEK_FIELD(11, Application, assignment_required),
     SEK_FIELD(12, Application, grants), SEK_FIELD(13, Application, scopes), SEK_FIELD(14, Application, actor_policy),
     SEK_FIELD(15, Application, background_sessions), SEK_FIELD(16, Application, client_token),
     SEK_FIELD(17, Application, created_in), SEK_FIELD(18, Application, created_at), SEK_FIELD(19, Application, tags)});

const Shape ApplicationAssignment::shape = record_shape<ApplicationAssignment>(
    "ApplicationAssignment",
    {SEK_FIELD(1, ApplicationAssignment, application_arn), SEK_FIELD(2, ApplicationAssignment, assignee_kind),
     SEK_FIELD(3, ApplicationAssignment, assignee_id), SEK_FIELD(4, ApplicationAssignment, created_at)});

const Shape TrustedTokenIssuer::shape = record_shape<TrustedTokenIssuer>(
    "TrustedTokenIssuer",
    {SEK_FIELD(1, TrustedTokenIssuer, arn), SEK_FIELD(2, TrustedTokenIssuer, instance_arn),
     SEK_FIELD(3, TrustedTokenIssuer, name), SEK_FIELD(4, TrustedTokenIssuer, issuer_url),
     SEK_FIELD(5, TrustedTokenIssuer, claim_path), SEK_FIELD(6, TrustedTokenIssuer, attribute_path),
     SEK_FIELD(7, TrustedTokenIssuer, client_token), SEK_FIELD(8, TrustedTokenIssuer, created_at),
     SEK_FIELD(9, TrustedTokenIssuer, tags)});

const Shape IdTokenKey::shape = record_shape<IdTokenKey>(
    "IdTokenKey", {SEK_FIELD(1, IdTokenKey, instance_arn), SEK_FIELD(2, IdTokenKey, private_key)});

const store::Table<IdTokenKey> id_token_keys(67, "id_token_keys",
                                             [](const IdTokenKey& k) { return key(k.instance_arn); });

const store::Table<Application> applications(
    64, "applications", [](const Application& a) { return key(a.arn); },
    {.indexes = {{applications_by_instance, "by_instance", store::several,
                  [](const Application& a) { return std::vector{key(a.instance_arn, a.arn)}; }},
                 {applications_by_client_token, "by_client_token", unique,
                  [](const Application& a) {
                      if (a.client_token.empty()) return std::vector<std::string>();
                      return std::vector{key(a.instance_arn, a.client_token)};
                  }}},
     .guards = [](const Application& a) { return std::vector{applications_guard(a.instance_arn)}; }});

const store::Table<ApplicationAssignment> application_assignments(
    65, "application_assignments",
    [](const ApplicationAssignment& a) { return key(a.application_arn, a.assignee_kind, a.assignee_id); },
    {.indexes = {{application_assignments_by_assignee, "by_assignee", store::several,
                  [](const ApplicationAssignment& a) { return std::vector{key(a.assignee_id, a.application_arn)}; }}},
     .guards = [](const ApplicationAssignment& a) {
         return std::vector{application_assignments_guard(a.application_arn)};
     }});

const store::Table<TrustedTokenIssuer> trusted_token_issuers(
    66, "trusted_token_issuers", [](const TrustedTokenIssuer& i) { return key(i.arn); },
    {.indexes = {{trusted_token_issuers_by_instance, "by_instance", store::several,
                  [](const TrustedTokenIssuer& i) { return std::vector{key(i.instance_arn, i.arn)}; }},
                 {trusted_token_issuers_by_url, "by_url", unique,
                  [](const TrustedTokenIssuer& i) { return std::vector{trusted_token_issuer_key(i)}; }}},
     .guards = [](const TrustedTokenIssuer& i) { return std::vector{applications_guard(i.instance_arn)}; }});

std::string application_assignments_guard(std::string_view application_arn) {
    return key("application-assignments", application_arn);
}

std::string applications_guard(const InstanceArn& instance) {
    return key("applications", instance);
}

const ApplicationGrant* find_grant(const Application& application, std::string_view type) {
    const auto found = std::ranges::find(application.grants, type, &ApplicationGrant::type);
    return found == application.grants.end() ? nullptr : &*found;
}

bool trusts_issuer(const store::Reader& reader, const std::string& application_arn, const std::string& issuer_arn) {
    const auto application = applications.get(reader, application_arn);
    if (!application || !*application || !(*application)->enabled) return false;
    const auto* grant = find_grant(**application, jwt_bearer_grant);
    if (grant == nullptr) return false;
    return std::ranges::find(grant->issuers, issuer_arn, &ApplicationTokenIssuer::issuer_arn) != grant->issuers.end() &&
           trusted_token_issuers.exists(reader, issuer_arn);
}

Result<std::optional<Person>> find_person_by_attribute(const store::Reader& reader, const IdentityStoreId& store,
                                                       std::string_view path, const std::string& value,
                                                       const std::string& issuer_url) {
    using Found = std::optional<Person>;
    if (path == "userName") return find_person_by_name(reader, store, value);
    if (path == "emails.value") return people.get_by(reader, people_by_email, store, fold_name(value));
    if (path != "externalIds.id") return Found();
    SEK_TRY(auto named, people.scan_by(reader, people_by_external_id, key(store, issuer_url, value), {.limit = 2}));
    if (named.items.size() != 1) return Found();
    // Read by key as well: a commit that rests on this person conflicts with a change of it.
    return people.get(reader, store, named.items.front().id);
}

std::string id_token_issuer(std::string_view public_url, const IdentityStoreId& store) {
    return std::string(public_url) + "/oidc/" + store.str();
}

ClientRegistration client_of(const Application& application) {
    ClientRegistration client{.name = application.name,
                              .scopes = {std::string(openid_scope)},
                              .grant_types = {},
                              .redirect_uris = {},
                              .issued_at = application.created_at,
                              .nonce = {}};
    for (const auto& scope : application.scopes) client.scopes.push_back(scope.name);
    for (const auto& grant : application.grants) client.grant_types.push_back(grant.type);
    if (const auto* code = find_grant(application, authorization_code_grant))
        client.redirect_uris = code->redirect_uris;
    return client;
}

Result<bool> may_sign_in_to(const store::Reader& reader, const Application& application, const IdentityStoreId& store,
                            const PersonId& person) {
    if (!application.assignment_required) return true;
    if (application_assignments.exists(reader, application.arn, AssigneeKind::user, person)) return true;
    store::Page page;
    for (;;) {
        SEK_TRY(auto part, memberships.scan_by(reader, memberships_by_person, store::prefix(store, person), page));
        for (const auto& membership : part.items) {
            if (application_assignments.exists(reader, application.arn, AssigneeKind::group, membership.group_id)) {
                return true;
            }
        }
        if (!part.next) return false;
        page.after = std::move(*part.next);
    }
}

}  // namespace sekisho::domain
