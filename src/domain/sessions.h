#pragma once
// Sign-in sessions of people and what hangs on them: invitations, device and code grants, access and refresh tokens.
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

// A person signed in at the portal. Tokens and role sessions made from it die with it.
struct SignInSession {
    SignInSessionId id;  // random; the cookie holds it, we hold its hash as key
    PersonId person_id;
    IdentityStoreId identity_store_id;
    std::int64_t person_epoch = 0;
    Time created_at{};
    Time expires_at{};
    bool mfa_done = false;
    std::string credential_types;  // "PASSWORD,TOTP" (CloudTrail's form)
    std::string source_address;
    std::string user_agent;
    std::int64_t store_epoch = 0;  // restore starts another: what was restored signs nobody in
    // Of a session that an application opened with a trusted issuer's token: it stands while the application trusts it.
    std::string application_arn;
    std::string token_issuer_arn;
    static const Shape shape;
};

// A mail's secret: an invitation, an address to verify, a password to reset. Only its hash is kept.
struct MailedToken {
    std::string token_hash;  // SHA-256, hex
    std::string purpose;     // invitation, verify-email, reset-password, email-otp
    std::optional<PersonId> person_id;
    std::optional<IdentityStoreId> identity_store_id;
    std::optional<AccountId> account_id;  // of the organization's e-mail verification
    Time created_at{};
    Time expires_at{};
    std::string email;  // that it was sent to
    static const Shape shape;
};

// One try to sign in, as its person and administrators see it. Kept for 90 days.
struct SignInRecord {
    std::string id;  // time-ordered
    PersonId person_id;
    Time at{};
    bool succeeded = false;
    std::string credential_types;  // shown: "PASSWORD,TOTP"; of a failure, the one that was wrong
    std::string source_address;
    std::string user_agent;
    Time expires_at{};
    static const Shape shape;
};

// A WebAuthn challenge, or another secret for one use, that was shown: nothing is kept of those that were not.
struct UsedChallenge {
    std::string challenge_hash;
    Time expires_at{};
    static const Shape shape;
};

// RFC 8628: one device's wish to act for a person.
struct DeviceGrant {
    std::string device_code_hash;
    std::string user_code;  // ABCD-EFGH
    std::string client_id;  // sealed value; its hash here
    std::string client_name;
    std::vector<std::string> scopes;
    std::string state;  // pending, allowed, denied, used
    std::optional<SignInSessionId> session_id;
    std::optional<PersonId> person_id;
    std::string source_address;  // of the device
    std::optional<Time> last_polled_at;
    std::int32_t interval_seconds = 1;
    Time created_at{};
    Time expires_at{};
    IdentityStoreId identity_store_id;  // whose people may decide
    bool refreshes = false;             // a refresh token comes with the access token
    static const Shape shape;
};

// RFC 6749 4.1 with RFC 7636 (PKCE): a code for one redemption.
struct CodeGrant {
    std::string code_hash;
    std::string client_id;
    std::string redirect_uri;
    std::string code_challenge;
    std::vector<std::string> scopes;
    SignInSessionId session_id;
    PersonId person_id;
    bool used = false;
    Time expires_at{};
    bool refreshes = false;
    // What came of it: taken back when the code is shown a second time (RFC 6749 4.1.2).
    std::string access_token_hash;
    std::string refresh_chain_id;
    static const Shape shape;
};

// A chain of refresh tokens. Rotation keeps the last one for 60 seconds: two CLIs may refresh at once.
struct RefreshChain {
    std::string id;
    std::string client_id;
    SignInSessionId session_id;
    PersonId person_id;
    std::string current_hash;
    std::string former_hash;
    std::optional<Time> rotated_at;
    Secret current_token;  // to answer the same successor again
    std::vector<std::string> scopes;
    Time expires_at{};
    static const Shape shape;
};

// The portal's bearer token (x-amz-sso_bearer_token).
struct AccessToken {
    std::string token_hash;
    SignInSessionId session_id;
    PersonId person_id;
    IdentityStoreId identity_store_id;
    std::int64_t person_epoch = 0;
    std::string client_id;
    std::vector<std::string> scopes;
    Time created_at{};
    Time expires_at{};
    std::string application_arn;  // whose it is; empty: a public client's
    static const Shape shape;
};

// Failed tries from one address, whoever was tried; or at one user name that nobody has (so that names that exist and
// names that do not are locked alike).
struct AddressFailures {
    std::string address;  // counted_address (cidr.h); or "name", store and user name as key(...) makes them
    std::int32_t failures = 0;
    std::optional<Time> locked_until;
    Time expires_at{};
    static const Shape shape;
};

// Guessing at a secret: after `free` failures each one locks, for a time that doubles (limits.h). Nothing: not yet.
std::optional<Time> lock_after(std::int32_t failures, std::int32_t free, Time now);

// All of these end by themselves: the sweeper deletes them after expires_at.
inline constexpr std::uint8_t sign_in_sessions_by_person = 1;
extern const store::Table<SignInSession> sign_in_sessions;     // key(id)
inline constexpr std::uint8_t mailed_tokens_by_person = 1;     // person, purpose
extern const store::Table<MailedToken> mailed_tokens;          // key(token hash)
std::string mailed_tokens_guard(const PersonId& person);       // of a person's mailed tokens
inline constexpr std::uint8_t device_grants_by_user_code = 1;  // unique
inline constexpr std::uint8_t device_grants_by_address = 2;    // counted_address of the device: capped
extern const store::Table<DeviceGrant> device_grants;          // key(device code hash)
std::string device_grants_guard(std::string_view address);     // of the grants that an address has started
extern const store::Table<CodeGrant> code_grants;              // key(code hash)
inline constexpr std::uint8_t refresh_chains_by_session = 1;
extern const store::Table<RefreshChain> refresh_chains;  // key(id)
inline constexpr std::uint8_t access_tokens_by_session = 1;
extern const store::Table<AccessToken> access_tokens;         // key(token hash)
extern const store::Table<AddressFailures> address_failures;  // key(address)
extern const store::Table<SignInRecord> sign_in_records;      // key(person, id)
extern const store::Table<UsedChallenge> used_challenges;     // key(hash)

}  // namespace sekisho::domain
