#pragma once
// IAM users and accounts' root users signed in by their password: in a browser (the console), and on command lines by
// OAuth 2.0 (`aws login`, AWS Sign-In's CreateOAuth2Token). Credentials made from either hang on a LoginSession and die
// with it.
// https://docs.aws.amazon.com/signin/latest/APIReference/
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

// The two clients that AWS Sign-In knows without registration, and the resources that permissions name them by:
// arn:aws:signin:<region>:<account>:oauth2/public-client/<localhost or remote>.
inline constexpr std::string_view same_device_client = "arn:aws:signin:::devtools/same-device";
inline constexpr std::string_view cross_device_client = "arn:aws:signin:::devtools/cross-device";
std::string public_client_arn(std::string_view client_id, const Region& region, const AccountId& account);

inline constexpr std::int64_t login_session_seconds = 12 * 60 * 60;  // AWS: a refresh token lasts 12 hours at most
inline constexpr std::int32_t login_credentials_seconds = 15 * 60;   // of CreateOAuth2Token
inline constexpr std::int64_t dpop_age_seconds_max = 5 * 60;         // either way, for clocks that are off

// A browser's session, or a command line's.
struct LoginSession {
    SignInSessionId id;  // a browser's: the hash of the secret in its cookie
    AccountId account_id;
    PrincipalId user_id;         // of the root user: root_principal (iam.h)
    std::string user_name;       // empty: the account's root user
    std::string password_stamp;  // iam_password.h: the session ends when the password is another
    std::optional<Time> mfa_at;
    Time created_at{};
    Time expires_at{};
    std::string source_address;
    std::string user_agent;
    std::int64_t store_epoch = 0;  // restore starts another
    std::string client_id;         // of a command line; empty: a browser
    static const Shape shape;
};

// RFC 6749 4.1 with RFC 7636 (PKCE): a code for one redemption.
struct LoginCode {
    std::string code_hash;
    SignInSessionId session_id;  // the browser's, in which it was allowed
    std::string client_id;
    std::string redirect_uri;
    std::string code_challenge;
    Time expires_at{};
    std::optional<SignInSessionId> redeemed_as;  // the session that it gave: ended when the code is shown again
    static const Shape shape;
};

// How a command line's session goes on: refresh tokens rotate, and are good with one key only (RFC 9449).
struct LoginRefresh {
    SignInSessionId session_id;
    std::string client_id;
    std::string key_thumbprint;  // RFC 7638, of the key that redeemed the code
    std::string current_hash;
    std::string former_hash;
    std::optional<Time> rotated_at;
    Secret current_token;  // to answer the same successor again
    Time expires_at{};
    static const Shape shape;
};

// A mailed link to set the password of an account's root user: the newest one, for one use. Only its hash is kept.
struct RootPasswordLink {
    AccountId account_id;
    std::string token_hash;  // SHA-256, hex
    std::string email;       // that it was sent to: good while the account has that address
    Time created_at{};
    Time expires_at{};
    std::int64_t store_epoch = 0;  // restore starts another
    static const Shape shape;
};

// What id tokens are signed with; one of each home.
struct LoginTokenKey {
    std::string name;
    Secret private_key;  // PKCS #8
    static const Shape shape;
};

extern const store::Table<LoginSession> login_sessions;           // key(id); expires
extern const store::Table<LoginCode> login_codes;                 // key(code hash); expires
extern const store::Table<LoginRefresh> login_refreshes;          // key(session id); expires
extern const store::Table<LoginTokenKey> login_token_keys;        // key(name)
extern const store::Table<RootPasswordLink> root_password_links;  // key(account); expires

// A link's token names its account, under which the link is kept.
std::string root_password_token(const AccountId& account, std::string_view secret);
AccountId account_of_root_password_token(std::string_view token);

// A refresh token is a sealed value that names its session: an old one is known for what it was.
inline constexpr std::string_view login_refresh_purpose = "signin refresh token";
std::string refresh_token_plain(const SignInSessionId& session, std::string_view nonce);
SignInSessionId session_of_refresh_token(std::string_view plain);

}  // namespace sekisho::domain
