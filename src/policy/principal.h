#pragma once
// Who asks, and how a policy's Principal element names them. IAM user guide, "AWS JSON policy elements: Principal" and
// "NotPrincipal".
#include <cstdint>
#include <string_view>

#include "policy/document.h"

namespace sekisho::policy {

enum class PrincipalKind : std::uint8_t {
    root,            // an account's root user
    user,            // an IAM user
    role,            // a role session (arn:aws:sts::..:assumed-role/R/S)
    federated_user,  // a GetFederationToken session
    federated,       // an outside identity before it holds a role (AssumeRoleWithSAML, ..WithWebIdentity)
    service,         // an AWS service
    anonymous,
};

struct Principal {
    PrincipalKind kind = PrincipalKind::anonymous;
    std::string_view arn;  // user, session or root ARN; a service's name; the provider's ARN or host for `federated`
    std::string_view account;  // 12 digits; empty for services, outside identities and anonymous callers
    // role: the role's own ARN; federated_user: the ARN of the user who federated; federated: the provider's other ARN,
    // where it has two.
    std::string_view issuer;
    std::string_view unique_id;  // AIDA.. or AROA.., without a session name; may be empty
};

// How far a Principal element names the caller. `account`: only through its account, which grants nothing by itself.
// `issuer`: through the role (or federating user) behind the session: boundaries and session policies still limit.
// `direct`: the user, the session, or everyone.
enum class Named : std::uint8_t { no, account, issuer, direct };

Named names(const Principals& principals, const Principal& principal);

}  // namespace sekisho::policy
