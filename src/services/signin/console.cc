// The console's session: credentials for it, and its end.
#include "access/authenticate.h"
#include "services/signin/login_credentials.h"
#include "services/signin/service.h"

namespace sekisho::signin_service {
namespace {

using operation::Access;
using operation::Call;

constexpr seconds console_credentials_seconds{3600};

// The session that the caller is: by a cookie, not by credentials made from it or from a key.
Result<domain::LoginSession> own_session(const Call& call) {
    const auto& id = call.caller.root.sign_in_session_id;
    if (id && call.caller.access_key_id.empty()) {
        SEK_TRY(auto session, domain::login_sessions.get(call.tx, *id));
        if (session) return std::move(*session);
    }
    return signin::errors::invalid_token_exception("This sign-in has ended. Start again.");
}

Result<signin::GetConsoleCredentialsResponse> get_console_credentials(Call& call,
                                                                      const signin::GetConsoleCredentialsRequest&) {
    SEK_TRY(const auto session, own_session(call));
    SEK_TRY(const auto credentials, issue_credentials(call, session, console_credentials_seconds));
    return signin::GetConsoleCredentialsResponse{.credentials = to_wire(credentials),
                                                 .expiration = credentials.expires_at};
}

Result<signin::EndConsoleSessionResponse> end_console_session(Call& call, const signin::EndConsoleSessionRequest&) {
    SEK_TRY(const auto session, own_session(call));
    SEK_TRY([[maybe_unused]] const bool existed, domain::login_sessions.erase(call.tx, session.id));
    return signin::EndConsoleSessionResponse{};
}

}  // namespace

Result<access::TemporaryCredentials> issue_credentials(Call& call, const domain::LoginSession& session,
                                                       seconds lifetime) {
    access::SessionClaims claims;
    claims.kind = session.user_name.empty() ? access::CallerKind::root : access::CallerKind::user;
    claims.account_id = session.account_id;
    claims.principal_id = session.user_id;
    claims.principal_name = session.user_name;
    claims.mfa_at = session.mfa_at;
    claims.issued_at = call.now;
    claims.expires_at = std::min<Time>(call.now + lifetime, session.expires_at);
    claims.root = access::caller_of_login(call.tx, session).root;
    return call.environment.tokens->issue(call.tx, std::move(claims), call.random);
}

signin::AccessToken to_wire(const access::TemporaryCredentials& credentials) {
    return {.access_key_id = credentials.access_key_id.str(),
            .secret_access_key = std::string(credentials.secret_access_key.expose()),
            .session_token = credentials.session_token};
}

const operation::OperationTable console_operations = {
    operation::operation<signin::GetConsoleCredentials>(
        {.access = Access::write, .resources = operation::any_signed_in, .handle = get_console_credentials}),
    operation::operation<signin::EndConsoleSession>(
        {.access = Access::write, .resources = operation::any_signed_in, .handle = end_console_session}),
};

}  // namespace sekisho::signin_service
