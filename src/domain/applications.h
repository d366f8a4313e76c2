#pragma once
// Applications that people sign in to through IAM Identity Center, who may, and issuers whose tokens they exchange.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/customermanagedapps.html
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "domain/directory.h"
#include "domain/oidc_client.h"
#include "domain/permission_sets.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

// Whose tokens the JWT bearer grant takes, and for whom they must have been made.
struct ApplicationTokenIssuer {
    std::string issuer_arn;
    std::vector<std::string> audiences;
    static const Shape shape;
};

// How an application gets tokens (RFC 6749, RFC 7523, RFC 8693).
struct ApplicationGrant {
    std::string type;                        // authorization_code, refresh_token, urn:ietf:params:oauth:grant-type:..
    std::vector<std::string> redirect_uris;  // of authorization_code
    std::vector<ApplicationTokenIssuer> issuers;  // of jwt-bearer
    static const Shape shape;
};

struct ApplicationScope {
    std::string name;                  // sso:account:access
    std::vector<std::string> targets;  // empty: all
    static const Shape shape;
};

struct Application {
    std::string arn;
    InstanceArn instance_arn;
    AccountId account_id;
    std::string provider_arn;
    std::string name;
    std::optional<std::string> description;
    bool enabled = true;
    bool visible = true;  // in the portal
    std::string sign_in_origin;
    std::optional<std::string> url;
    bool assignment_required = true;
    std::vector<ApplicationGrant> grants;  // by type
    std::vector<ApplicationScope> scopes;  // by name
    std::string actor_policy;              // JSON: who may call CreateTokenWithIAM as the application; empty: nobody
    bool background_sessions = true;
    std::string client_token;
    Region created_in;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

struct ApplicationAssignment {
    std::string application_arn;
    AssigneeKind assignee_kind = AssigneeKind::user;
    std::string assignee_id;
    Time created_at{};
    static const Shape shape;
};

// An OpenID Connect issuer outside, whose tokens name people of the identity store.
struct TrustedTokenIssuer {
    std::string arn;
    InstanceArn instance_arn;
    std::string name;
    std::string issuer_url;
    std::string claim_path;      // in the token
    std::string attribute_path;  // in the identity store
    std::string client_token;
    Time created_at{};
    Tags tags;
    static const Shape shape;
};

// The key that an instance signs its ID tokens with, made at the first. Its public half is at <issuer>/keys.
struct IdTokenKey {
    InstanceArn instance_arn;
    Secret private_key;  // PKCS #8, DER; P-256
    static const Shape shape;
};

inline constexpr std::uint8_t applications_by_instance = 1;                // instance, arn
inline constexpr std::uint8_t applications_by_client_token = 2;            // unique: instance, token
extern const store::Table<Application> applications;                       // key(arn)
inline constexpr std::uint8_t application_assignments_by_assignee = 1;     // assignee, application
extern const store::Table<ApplicationAssignment> application_assignments;  // key(application, kind, assignee)
inline constexpr std::uint8_t trusted_token_issuers_by_instance = 1;       // instance, arn
inline constexpr std::uint8_t trusted_token_issuers_by_url = 2;            // unique: instance, issuer URL
extern const store::Table<IdTokenKey> id_token_keys;                       // key(instance)
extern const store::Table<TrustedTokenIssuer> trusted_token_issuers;       // key(arn)

// Who decides on an application having no assignment reads this; writers of assignments bump it.
std::string application_assignments_guard(std::string_view application_arn);
// Stands for the instance's set of applications and trusted token issuers.
std::string applications_guard(const InstanceArn& instance);

// The application's own setting of a kind, or nothing.
const ApplicationGrant* find_grant(const Application& application, std::string_view type);
// The application is there and switched on, and its JWT bearer grant names the issuer, which is there, too.
bool trusts_issuer(const store::Reader& reader, const std::string& application_arn, const std::string& issuer_arn);
// The one person of the store whose attribute has that value: `path` is userName, emails.value or externalIds.id (of
// the external ids that `issuer_url` has given). Nothing: nobody, several, or another path.
Result<std::optional<Person>> find_person_by_attribute(const store::Reader& reader, const IdentityStoreId& store,
                                                       std::string_view path, const std::string& value,
                                                       const std::string& issuer_url);
// "iss" of ID tokens: https://localhost:7443/oidc/d-1234567890.
std::string id_token_issuer(std::string_view public_url, const IdentityStoreId& store);
// The application as a client of the consent page: its ARN is its client id.
ClientRegistration client_of(const Application& application);
// Assigned itself or by one of its groups, or the application asks for no assignment.
Result<bool> may_sign_in_to(const store::Reader& reader, const Application& application, const IdentityStoreId& store,
                            const PersonId& person);

}  // namespace sekisho::domain
