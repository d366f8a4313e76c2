#include "access/caller.h"

#include <cstddef>

namespace sekisho::access {

const Shape SessionRoot::shape = record_shape<SessionRoot>(
    "SessionRoot", {SEK_FIELD(1, SessionRoot, store_epoch), SEK_FIELD(2, SessionRoot, user_id),
                    SEK_FIELD(3, SessionRoot, user_access_key_id), SEK_FIELD(4, SessionRoot, person_id),
                    SEK_FIELD(5, SessionRoot, identity_store_id), SEK_FIELD(6, SessionRoot, person_epoch),
                    SEK_FIELD(7, SessionRoot, sign_in_session_id), SEK_FIELD(8, SessionRoot, person_name),
                    SEK_FIELD(9, SessionRoot, grant_account_id), SEK_FIELD(10, SessionRoot, permission_set_arn),
                    SEK_FIELD(11, SessionRoot, assignee_kind), SEK_FIELD(12, SessionRoot, assignee_id),
                    SEK_FIELD(13, SessionRoot, user_name), SEK_FIELD(14, SessionRoot, user_account_id),
                    SEK_FIELD(15, SessionRoot, oidc_provider_arn)});

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
