#include "access/liveness.h"

#include "access/records.h"
#include "access/session_token.h"
#include "domain/applications.h"
#include "domain/iam_password.h"
#include "domain/oidc_provider.h"
#include "domain/sessions.h"
#include "wire/arn.h"

namespace sekisho::access {
namespace {

bool account_is_active(const store::Reader& reader, const AccountId& id) {
    const auto account = cached_account(reader, id);
    return account && account->state == domain::AccountState::active;
}

bool user_is_there(const store::Reader& reader, const AccountId& account, std::string_view name,
                   const PrincipalId& id) {
    const auto user = cached_user(reader, account, name);
    return user && user->id == id;
}

bool key_is_active(const store::Reader& reader, const AccessKeyId& id) {
    const auto key = cached_access_key(reader, id);
    return key && key->active;
}

bool is_account_of_instance(const store::Reader& reader, const AccountId& id, const PermissionSetArn& permission_set) {
    const auto account = cached_account(reader, id);
    const auto center = cached_identity_center(reader, domain::instance_arn_of(permission_set));
    return account && center && domain::is_account_of(*center, *account);
}

bool oidc_provider_is_there(const store::Reader& reader, std::string_view arn) {
    const auto parsed = wire::Arn::parse(arn);
    return parsed && domain::oidc_providers.exists(reader, AccountId(parsed->account), parsed->resource_id());
}

bool grant_stands(const store::Reader& reader, const SessionRoot& root) {
    const auto kind = root.assignee_kind == "GROUP" ? domain::AssigneeKind::group : domain::AssigneeKind::user;
    if (!domain::assignments.exists(reader, *root.grant_account_id, *root.permission_set_arn, kind, root.assignee_id)) {
        return false;
    }
    return kind == domain::AssigneeKind::user ||
           domain::memberships.exists(reader, *root.identity_store_id, DirectoryGroupId(root.assignee_id),
                                      *root.person_id);
}

Liveness check_person(const store::Reader& reader, SessionRoot& root, Time now) {
    const auto person = cached_person(reader, *root.identity_store_id, *root.person_id);
    if (!person || !person->enabled || person->epoch != root.person_epoch) return Liveness::revoked;
    if (!domain::identity_store_exists(reader, *root.identity_store_id)) return Liveness::revoked;
    if (root.sign_in_session_id) {
        const auto session = cached_sign_in_session(reader, *root.sign_in_session_id);
        if (!session || session->person_id != *root.person_id || session->store_epoch != read_store_epoch(reader)) {
            return Liveness::revoked;
        }
        if (session->expires_at <= now) return Liveness::expired;
        if (!session->token_issuer_arn.empty() &&
            !domain::trusts_issuer(reader, session->application_arn, session->token_issuer_arn)) {
            return Liveness::revoked;
        }
    }
    if (!root.grant_account_id) return Liveness::alive;
    if (!is_account_of_instance(reader, *root.grant_account_id, *root.permission_set_arn)) return Liveness::revoked;
    if (grant_stands(reader, root)) return Liveness::alive;
    // The grant that the session was made by is gone; what another grant still gives stays (design, section 5).
    auto other =
        find_grant(reader, *root.grant_account_id, *root.permission_set_arn, *root.identity_store_id, *root.person_id);
    if (!other) return Liveness::revoked;
    root.assignee_kind = std::move(other->assignee_kind);
    root.assignee_id = std::move(other->assignee_id);
    return Liveness::alive;
}

// An IAM user or root user signed in by password: the session, and the password that it was made with.
Liveness check_login(const store::Reader& reader, const SignInSessionId& id, Time now) {
    const auto session = cached_login_session(reader, id);
    if (!session || session->store_epoch != read_store_epoch(reader)) return Liveness::revoked;
    if (session->expires_at <= now) return Liveness::expired;
    const auto profile = cached_login_profile(reader, session->account_id, session->user_name);
    if (!profile || domain::password_stamp(*profile) != session->password_stamp) return Liveness::revoked;
    return Liveness::alive;
}

Liveness check_root(const store::Reader& reader, const AccountId& caller_account, SessionRoot& root, Time now) {
    if (root.store_epoch != read_store_epoch(reader)) return Liveness::revoked;
    if (root.identity_context && !identity_context_stands(reader, *root.identity_context, now)) {
        return Liveness::revoked;
    }
    if (root.person_id) return check_person(reader, root, now);
    if (root.oidc_provider_arn && !oidc_provider_is_there(reader, *root.oidc_provider_arn)) return Liveness::gone;
    if (root.user_access_key_id && !key_is_active(reader, *root.user_access_key_id)) return Liveness::gone;
    if (root.user_id && !root.user_name.empty()) {
        const auto& account = root.user_account_id.value_or(caller_account);
        if (!account_is_active(reader, account)) return Liveness::gone;
        if (!user_is_there(reader, account, root.user_name, *root.user_id)) return Liveness::gone;
    }
    if (root.sign_in_session_id) return check_login(reader, *root.sign_in_session_id, now);
    return Liveness::alive;
}

}  // namespace

Principal find_principal(const store::Reader& reader, const Caller& caller,
                         std::shared_ptr<const domain::AccessKey> access_key) {
    Principal principal{.user = nullptr, .role = nullptr, .access_key = std::move(access_key)};
    if (caller.kind == CallerKind::user || caller.kind == CallerKind::federated_user) {
        principal.user = cached_user(reader, caller.account_id, caller.user_name);
    } else if (caller.kind == CallerKind::role_session) {
        principal.role = cached_role(reader, caller.account_id, caller.role_name);
    }
    if (!principal.access_key && !caller.issued_at && !caller.access_key_id.empty()) {
        principal.access_key = cached_access_key(reader, caller.access_key_id);
    }
    return principal;
}

Liveness check_liveness(const store::Reader& reader, Caller& caller, Time now) {
    return check_liveness(reader, find_principal(reader, caller), caller, now);
}

Liveness check_liveness(const store::Reader& reader, const Principal& principal, Caller& caller, Time now) {
    if (caller.kind == CallerKind::anonymous || caller.kind == CallerKind::service) return Liveness::alive;
    if (caller.expires_at && *caller.expires_at <= now) return Liveness::expired;
    if (caller.kind == CallerKind::person) return check_root(reader, caller.account_id, caller.root, now);
    if (!account_is_active(reader, caller.account_id)) return Liveness::gone;
    switch (caller.kind) {
        case CallerKind::role_session:
            if (!principal.role || principal.role->id != caller.principal_id) return Liveness::gone;
            break;
        case CallerKind::user:
        case CallerKind::federated_user:
            if (!principal.user || principal.user->id != caller.principal_id) return Liveness::gone;
            break;
        default:
            break;
    }
    if (caller.issued_at) return check_root(reader, caller.account_id, caller.root, now);
    return principal.access_key && principal.access_key->active ? Liveness::alive : Liveness::gone;
}

bool identity_context_stands(const store::Reader& reader, const IdentityContext& context, Time now) {
    const auto application = domain::applications.get(reader, context.application_arn);
    if (!application || !*application || !(*application)->enabled) return false;
    SessionRoot root;
    root.person_id = context.person_id;
    root.identity_store_id = context.identity_store_id;
    root.person_epoch = context.person_epoch;
    root.sign_in_session_id = context.sign_in_session_id;
    return check_person(reader, root, now) == Liveness::alive;
}

std::optional<Grant> find_grant(const store::Reader& reader, const AccountId& account,
                                const PermissionSetArn& permission_set, const IdentityStoreId& identity_store,
                                const PersonId& person) {
    std::optional<Grant> found;
    const auto visit = [&](const domain::Assignment& assignment) {
        const bool holds =
            assignment.assignee_kind == domain::AssigneeKind::user
                ? assignment.assignee_id == person.str()
                : domain::memberships.exists(reader, identity_store, DirectoryGroupId(assignment.assignee_id), person);
        if (holds) {
            found = Grant{std::string(domain::assignee_kind_names[static_cast<int>(assignment.assignee_kind)]),
                          assignment.assignee_id};
        }
        return !holds;
    };
    if (!domain::assignments.each(reader, store::key(account, permission_set), visit)) return {};
    return found;
}

}  // namespace sekisho::access
