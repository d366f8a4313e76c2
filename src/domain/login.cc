#include "domain/login.h"

#include "wire/arn.h"

namespace sekisho::domain {
namespace {

using store::key;

template <class Record>
std::optional<Time> end_of(const Record& record) {
    return record.expires_at;
}

}  // namespace

const Shape LoginSession::shape = record_shape<LoginSession>(
    "LoginSession",
    {SEK_FIELD(1, LoginSession, id), SEK_FIELD(2, LoginSession, account_id), SEK_FIELD(3, LoginSession, user_id),
     SEK_FIELD(4, LoginSession, user_name), SEK_FIELD(5, LoginSession, password_stamp),
     SEK_FIELD(6, LoginSession, mfa_at), SEK_FIELD(7, LoginSession, created_at), SEK_FIELD(8, LoginSession, expires_at),
     SEK_FIELD(9, LoginSession, source_address), SEK_FIELD(10, LoginSession, user_agent),
     SEK_FIELD(11, LoginSession, store_epoch), SEK_FIELD(12, LoginSession, client_id)});

const Shape LoginCode::shape =
    record_shape<LoginCode>("LoginCode", {SEK_FIELD(1, LoginCode, code_hash), SEK_FIELD(2, LoginCode, session_id),
                                          SEK_FIELD(3, LoginCode, client_id), SEK_FIELD(4, LoginCode, redirect_uri),
                                          SEK_FIELD(5, LoginCode, code_challenge), SEK_FIELD(6, LoginCode, expires_at),
                                          SEK_FIELD(7, LoginCode, redeemed_as)});

const Shape LoginRefresh::shape = record_shape<LoginRefresh>(
    "LoginRefresh", {SEK_FIELD(1, LoginRefresh, session_id), SEK_FIELD(2, LoginRefresh, client_id),
                     SEK_FIELD(3, LoginRefresh, key_thumbprint), SEK_FIELD(4, LoginRefresh, current_hash),
                     SEK_FIELD(5, LoginRefresh, former_hash), SEK_FIELD(6, LoginRefresh, rotated_at),
                     SEK_FIELD(7, LoginRefresh, current_token), SEK_FIELD(8, LoginRefresh, expires_at)});

const Shape LoginTokenKey::shape = record_shape<LoginTokenKey>(
    "LoginTokenKey", {SEK_FIELD(1, LoginTokenKey, name), SEK_FIELD(2, LoginTokenKey, private_key)});

const store::Table<LoginSession> login_sessions(150, "login_sessions", [](const LoginSession& s) { return key(s.id); },
                                                {.expires_at = end_of<LoginSession>});
const store::Table<LoginCode> login_codes(151, "login_codes", [](const LoginCode& c) { return key(c.code_hash); },
                                          {.expires_at = end_of<LoginCode>});
const store::Table<LoginRefresh> login_refreshes(152, "login_refreshes",
                                                 [](const LoginRefresh& r) { return key(r.session_id); },
                                                 {.expires_at = end_of<LoginRefresh>});
const store::Table<LoginTokenKey> login_token_keys(153, "login_token_keys",
                                                   [](const LoginTokenKey& k) { return key(k.name); });

const Shape RootPasswordLink::shape = record_shape<RootPasswordLink>(
    "RootPasswordLink", {SEK_FIELD(1, RootPasswordLink, account_id), SEK_FIELD(2, RootPasswordLink, token_hash),
                         SEK_FIELD(3, RootPasswordLink, email), SEK_FIELD(4, RootPasswordLink, created_at),
                         SEK_FIELD(5, RootPasswordLink, expires_at), SEK_FIELD(6, RootPasswordLink, store_epoch)});

const store::Table<RootPasswordLink> root_password_links(154, "root_password_links",
                                                         [](const RootPasswordLink& l) { return key(l.account_id); },
                                                         {.expires_at = end_of<RootPasswordLink>});

std::string root_password_token(const AccountId& account, std::string_view secret) {
    return account.str() + "." + std::string(secret);
}

AccountId account_of_root_password_token(std::string_view token) {
    return AccountId(token.substr(0, token.find('.')));
}

std::string public_client_arn(std::string_view client_id, const Region& region, const AccountId& account) {
    const std::string_view client = client_id == same_device_client ? "localhost" : "remote";
    return wire::make_arn("signin", region, account, "oauth2/public-client/" + std::string(client));
}

std::string refresh_token_plain(const SignInSessionId& session, std::string_view nonce) {
    return session.str() + "." + std::string(nonce);
}

SignInSessionId session_of_refresh_token(std::string_view plain) {
    return SignInSessionId(plain.substr(0, plain.find('.')));
}

}  // namespace sekisho::domain
