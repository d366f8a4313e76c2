#pragma once
// Temporary credentials of a user or root user who is signed in: its own, hung on the session.
#include "access/session_token.h"
#include "domain/login.h"
#include "models/signin.h"
#include "operation/call.h"

namespace sekisho::signin_service {

// They end after `lifetime`, or with the session, whichever comes first.
Result<access::TemporaryCredentials> issue_credentials(operation::Call& call, const domain::LoginSession& session,
                                                       seconds lifetime);
signin::AccessToken to_wire(const access::TemporaryCredentials& credentials);

}  // namespace sekisho::signin_service
