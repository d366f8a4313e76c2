#pragma once
// Temporary credentials: a sealed, self-contained token. Issuing writes nothing; checking reads nothing but the live chain
// (liveness.h). The secret access key is derived from the token, so neither is stored.
#include <optional>
#include <string>
#include <string_view>

#include "access/caller.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/seal.h"

namespace sekisho::access {

// What a token says. The names of the field's numbers are those of the record codec (store/record_codec.h).
struct SessionClaims {
    AccessKeyId access_key_id;
    CallerKind kind = CallerKind::role_session;
    AccountId account_id;
    PrincipalId principal_id;  // the role's or user's unique id
    std::string name;          // session name; of a user's session: the user's name; of a federated user: its name
    std::string source_identity;
    bool is_chained = false;
    std::optional<Time> mfa_at;
    Time issued_at{};
    Time expires_at{};
    std::map<std::string, std::string> session_tags;
    std::vector<std::string> transitive_tag_keys;
    std::vector<std::string> session_policies;
    std::vector<std::string> session_policy_arns;
    SessionRoot root;
    std::string nonce;                      // 16 bytes: the secret key is derived from it
    std::optional<std::string> extension;   // hash of the record that holds policies and tags when they are large
    std::uint64_t store_revision() const { return static_cast<std::uint64_t>(revision); }
    std::int64_t revision = 0;              // of the store when it was issued
    static const Shape shape;
};

struct TemporaryCredentials {
    AccessKeyId access_key_id;
    Secret secret_access_key;
    std::string session_token;
    Time expires_at{};
};

// Policies and tags of a session whose token would be too long for the header and for an EKS token (4,096 bytes): one
// content-addressed record that ends with the session.
struct SessionExtension {
    std::string hash;
    std::map<std::string, std::string> session_tags;
    std::vector<std::string> transitive_tag_keys;
    std::vector<std::string> session_policies;
    std::vector<std::string> session_policy_arns;
    Time expires_at{};
    static const Shape shape;
};

class SessionTokens {
   public:
    // `master_key`: 32 bytes; the token key and the secret-key key are derived from it.
    explicit SessionTokens(std::string_view master_key);

    // Gives `claims` an access key id and a nonce, and makes the credentials. When the token would pass
    // limits::session_token_inline_bytes_max the large members are moved out of `claims` into the given extension, which
    // the caller stores in the same transaction.
    TemporaryCredentials issue(SessionClaims& claims, Random& random, std::optional<SessionExtension>& extension) const;
    // Nothing: not ours, tampered with, or for another access key.
    std::optional<SessionClaims> open(std::string_view token, std::string_view access_key_id) const;
    Secret secret_access_key(const SessionClaims& claims) const;

    // Other sealed values of the house (pagination tokens, client registrations, device codes), bound to a purpose.
    std::string seal(std::string_view purpose, std::string_view plain) const;
    std::optional<std::string> open_sealed(std::string_view purpose, std::string_view sealed) const;

   private:
    crypto::KeyRing ring_;
    Secret secret_key_key_;
};

}  // namespace sekisho::access
