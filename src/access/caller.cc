#include "access/caller.h"

#include <cstddef>

namespace sekisho::access {

const Shape IdentityContext::shape = record_shape<IdentityContext>(
    "IdentityContext", {SEK_FIELD(1, IdentityContext, identity_store_id), SEK_FIELD(2, IdentityContext, person_id),
                        SEK_FIELD(3, IdentityContext, person_epoch), SEK_FIELD(4, IdentityContext, sign_in_session_id),
                        SEK_FIELD(5, IdentityContext, application_arn), SEK_FIELD(6, IdentityContext, expires_at)});

const Shape SessionRoot::shape = record_shape<SessionRoot>(
    "SessionRoot", {SEK_FIELD(1, SessionRoot, store_epoch), SEK_FIELD(2, SessionRoot, user_id),
                    SEK_FIELD(3, SessionRoot, user_access_key_id), SEK_FIELD(4, SessionRoot, person_id),
                    SEK_FIELD(5, SessionRoot, identity_store_id), SEK_FIELD(6, SessionRoot, person_epoch),
                    SEK_FIELD(7, SessionRoot, sign_in_session_id), SEK_FIELD(8, SessionRoot, person_name),
                    SEK_FIELD(9, SessionRoot, grant_account_id), SEK_FIELD(10, SessionRoot, permission_set_arn),
                    SEK_FIELD(11, SessionRoot, assignee_kind), SEK_FIELD(12, SessionRoot, assignee_id),
                    SEK_FIELD(13, SessionRoot, user_name), SEK_FIELD(14, SessionRoot, user_account_id),
                    SEK_FIELD(15, SessionRoot, oidc_provider_arn), SEK_FIELD(16, SessionRoot, identity_context)});

const Shape Caller::shape = record_shape<Caller>("Caller", {SEK_FIELD(1, Caller, kind),
                                                            SEK_FIELD(2, Caller, account_id),
                                                            SEK_FIELD(3, Caller, principal_id),
                                                            SEK_FIELD(4, Caller, arn),
                                                            SEK_FIELD(5, Caller, principal_arn),
                                                            SEK_FIELD(6, Caller, user_id),
                                                            SEK_FIELD(7, Caller, access_key_id),
                                                            SEK_FIELD(8, Caller, user_name),
                                                            SEK_FIELD(9, Caller, role_name),
                                                            SEK_FIELD(10, Caller, session_name),
                                                            SEK_FIELD(11, Caller, source_identity),
                                                            SEK_FIELD(12, Caller, principal_tags),
                                                            SEK_FIELD(13, Caller, transitive_tag_keys),
                                                            SEK_FIELD(14, Caller, session_tags),
                                                            SEK_FIELD(15, Caller, session_policies),
                                                            SEK_FIELD(16, Caller, session_policy_arns),
                                                            SEK_FIELD(17, Caller, is_chained),
                                                            SEK_FIELD(18, Caller, mfa_at),
                                                            SEK_FIELD(19, Caller, issued_at),
                                                            SEK_FIELD(20, Caller, expires_at),
                                                            SEK_FIELD(21, Caller, root)});

Caller service_caller(const AccountId& account) {
    Caller caller;
    caller.kind = CallerKind::service;
    caller.account_id = account;
    caller.principal_id = PrincipalId("sekisho.internal");
    caller.arn = caller.principal_arn = "arn:aws:iam::" + account.str() + ":root";
    caller.user_id = "sekisho.internal";
    return caller;
}

}  // namespace sekisho::access
