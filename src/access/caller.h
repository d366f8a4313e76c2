#pragma once
// Caller: who stands behind a request, after authentication. Every door makes one; handlers, authorization and the
// audit trail read it and nothing else about identity.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "wire/shape.h"

namespace sekisho::access {

enum class CallerKind : std::uint16_t {
    anonymous,     // unsigned operations (SSO-OIDC, sign-in pages)
    root,          // an account's root user
    user,          // an IAM user by an access key
    role_session,  // AssumeRole, single sign-on
    federated_user,
    person,        // a person by the portal's cookie or bearer token: no account, no IAM policies
    service,       // Sekisho itself: outbox workers
    web_identity,  // an outside identity while its role's trust policy is asked (AssumeRoleWithWebIdentity)
};
constexpr std::string_view caller_kind_names[] = {"anonymous",      "root",   "user",    "role_session",
                                                  "federated_user", "person", "service", "web_identity"};
constexpr std::span<const std::string_view> enum_names(CallerKind) {
    return caller_kind_names;
}

// The person for whom an application acts by a role (AssumeRole with ProvidedContexts): made by CreateTokenWithIAM.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/trustedidentitypropagation-identity-enhanced-iam-role-sessions.html
struct IdentityContext {
    IdentityStoreId identity_store_id;
    PersonId person_id;
    std::int64_t person_epoch = 0;
    SignInSessionId sign_in_session_id;
    std::string application_arn;
    Time expires_at{};  // until when a role may be assumed with it
    static const Shape shape;
};

// What a session hangs on. Liveness (liveness.h) checks each present part at every use.
struct SessionRoot {
    std::int64_t store_epoch = 0;  // restore starts another
    // Started by an IAM user (or root) with a key ...
    std::optional<PrincipalId> user_id;
    std::optional<AccountId> user_account_id;
    std::optional<AccessKeyId> user_access_key_id;
    std::string user_name;
    // ... or by a person through single sign-on.
    std::optional<PersonId> person_id;
    std::optional<IdentityStoreId> identity_store_id;
    std::int64_t person_epoch = 0;
    std::optional<SignInSessionId> sign_in_session_id;
    std::string person_name;  // user name, for the trail and Kubernetes
    // The grant that single sign-on's first role session rests on.
    std::optional<AccountId> grant_account_id;
    std::optional<PermissionSetArn> permission_set_arn;
    std::string assignee_kind;  // USER or GROUP
    std::string assignee_id;
    // ... or by a token of an OpenID Connect provider.
    std::optional<std::string> oidc_provider_arn;
    // Whoever started it: on whose behalf.
    std::optional<IdentityContext> identity_context;
    static const Shape shape;
};

struct Caller {
    CallerKind kind = CallerKind::anonymous;
    AccountId account_id;
    PrincipalId principal_id;   // AIDA.., AROA.., the account for root
    std::string arn;            // as GetCallerIdentity answers it
    std::string principal_arn;  // aws:PrincipalArn: the role's or user's own ARN, with its path
    std::string user_id;        // aws:userid: "AROA..:session", "AIDA.."
    AccessKeyId access_key_id;

    std::string user_name;  // IAM user or person
    std::string role_name;  // role sessions
    std::string session_name;
    std::string source_identity;
    std::map<std::string, std::string> principal_tags;  // of the user or role, overlaid by session tags
    std::vector<std::string> transitive_tag_keys;
    std::map<std::string, std::string> session_tags;
    std::vector<std::string> session_policies;  // documents
    std::vector<std::string> session_policy_arns;
    bool is_chained = false;     // the session was made by a role session
    std::optional<Time> mfa_at;  // when a second factor was shown
    std::optional<Time> issued_at;
    std::optional<Time> expires_at;
    SessionRoot root;

    bool is_signed_in() const { return kind != CallerKind::anonymous; }
    bool is_temporary() const {
        return kind == CallerKind::role_session || kind == CallerKind::federated_user || issued_at;
    }
    static const Shape shape;  // for work that goes on for its caller; there are no credentials in it
};

// Sekisho itself, acting in an account.
Caller service_caller(const AccountId& account);

}  // namespace sekisho::access
