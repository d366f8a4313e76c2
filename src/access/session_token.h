#pragma once
// Temporary credentials: a sealed, self-contained token. Issuing writes nothing; checking reads nothing but the live
// chain (liveness.h). The secret access key is derived from the token, so neither is stored.
#include <optional>
#include <string>
#include <string_view>

#include "access/caller.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/seal.h"
#include "store/table.h"

namespace sekisho::access {

// What a token says.
struct SessionClaims {
    AccessKeyId access_key_id;
    CallerKind kind = CallerKind::role_session;  // role_session; user or root: GetSessionToken; federated_user
    AccountId account_id;
    PrincipalId principal_id;    // the role's or user's unique id; the account for root
    std::string principal_name;  // the role's or user's name
    std::string session_name;    // of a role session; of a federated user: its name
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
    std::string nonce;                          // the secret access key is derived from it
    std::optional<std::string> extension_hash;  // tags and policies are in this SessionExtension
    std::int64_t store_revision = 0;            // when it was issued: a node behind it must wait before judging
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

extern const store::Table<SessionExtension> session_extensions;  // key(hash); expires

// Sessions of another epoch than the store's are dead. `sekisho restore` starts the next one.
struct StoreEpoch {
    std::int64_t number = 0;
    static const Shape shape;
};
extern const store::Table<StoreEpoch> store_epochs;  // one record, key("epoch"); none: epoch 0
std::int64_t read_store_epoch(const store::Reader& reader);

class SessionTokens {
 public:
    // `master_key`: 32 bytes; the token key and the secret-key key are derived from it.
    explicit SessionTokens(std::string_view master_key);

    // Completes `claims` (access key id, nonce, store epoch and revision) and makes the credentials. Tags and policies
    // that would take the token past limits::session_token_inline_bytes_max go to a SessionExtension, written by
    // `transaction`.
    Result<TemporaryCredentials> issue(store::Transaction& transaction, SessionClaims claims, Random& random) const;
    // Nothing: not ours, tampered with, for another access key, or its extension is gone.
    std::optional<SessionClaims> open(const store::Reader& reader, std::string_view token,
                                      std::string_view access_key_id) const;
    Secret secret_access_key(const SessionClaims& claims) const;

    // The context assertion that CreateTokenWithIAM gives and AssumeRole takes.
    Result<std::string> seal_context(const IdentityContext& context) const;
    std::optional<IdentityContext> open_context(std::string_view sealed) const;

    // Other sealed values of the house (pagination tokens, client registrations, device codes), bound to a purpose.
    std::string seal(std::string_view purpose, std::string_view plain) const;
    std::optional<std::string> open_sealed(std::string_view purpose, std::string_view sealed) const;

 private:
    crypto::KeyRing ring_;
    Secret secret_key_key_;
    const std::uint64_t serial_ = next_serial();  // tells key rings apart in the contexts kept by threads
    static std::uint64_t next_serial();
};

}  // namespace sekisho::access
