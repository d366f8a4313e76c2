#pragma once
// Liveness: is what stands behind a caller still there? The one function that every door asks at every use (API,
// portal, SSO tokens, TokenReview, gate). A person disabled, a session ended, a role deleted, a grant taken away:
// refused at the next request. A few point reads (design, section 5).
#include <memory>

#include "access/caller.h"
#include "base/result.h"
#include "domain/iam.h"
#include "store/reader.h"

namespace sekisho::access {

enum class Liveness : std::uint16_t {
    alive,
    expired,  // by its own end
    revoked,  // the person is disabled, signed out or deleted; or the grant is gone; or the store was restored
    gone,     // the user, role, key or account no longer exists or is not active
};

// The records that a caller of IAM is; null: not there (any more), or not of its kind.
struct Principal {
    std::shared_ptr<const domain::IamUser> user;
    std::shared_ptr<const domain::Role> role;
    std::shared_ptr<const domain::AccessKey> access_key;  // of long-term credentials
};
// `access_key`: by who has it already.
Principal find_principal(const store::Reader& reader, const Caller& caller,
                         std::shared_ptr<const domain::AccessKey> access_key = nullptr);

// The caller's own end, its root and the principal itself. May replace the grant of `caller.root` by another that holds
// the same permission set (user's own or another group's).
Liveness check_liveness(const store::Reader& reader, Caller& caller, Time now);
// The same, by who has found the principal in what `reader` reads.
Liveness check_liveness(const store::Reader& reader, const Principal& principal, Caller& caller, Time now);

// The person of an identity context and what it was made by are still there: the sign-in, and the application.
bool identity_context_stands(const store::Reader& reader, const IdentityContext& context, Time now);

// A grant of the permission set in the account that this person holds now: directly or through a group.
struct Grant {
    std::string assignee_kind;
    std::string assignee_id;
};
std::optional<Grant> find_grant(const store::Reader& reader, const AccountId& account,
                                const PermissionSetArn& permission_set, const IdentityStoreId& identity_store,
                                const PersonId& person);

}  // namespace sekisho::access
