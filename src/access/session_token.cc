#include "access/session_token.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/equal.h"
#include "domain/iam.h"
#include "store/record_codec.h"

namespace sekisho::access {
namespace {

constexpr std::string_view session_purpose = "sekisho session token";
constexpr std::string_view identity_context_purpose = "identity context";

store::RevisionCache<SessionExtension>& extension_cache() {
    static store::RevisionCache<SessionExtension> cache(4096);
    return cache;
}

}  // namespace

const Shape SessionClaims::shape = record_shape<SessionClaims>(
    "SessionClaims", {SEK_FIELD(1, SessionClaims, access_key_id), SEK_FIELD(2, SessionClaims, kind),
                      SEK_FIELD(3, SessionClaims, account_id), SEK_FIELD(4, SessionClaims, principal_id),
                      SEK_FIELD(5, SessionClaims, principal_name), SEK_FIELD(6, SessionClaims, session_name),
                      SEK_FIELD(7, SessionClaims, source_identity), SEK_FIELD(8, SessionClaims, is_chained),
                      SEK_FIELD(9, SessionClaims, mfa_at), SEK_FIELD(10, SessionClaims, issued_at),
                      SEK_FIELD(11, SessionClaims, expires_at), SEK_FIELD(12, SessionClaims, session_tags),
                      SEK_FIELD(13, SessionClaims, transitive_tag_keys), SEK_FIELD(14, SessionClaims, session_policies),
                      SEK_FIELD(15, SessionClaims, session_policy_arns), SEK_FIELD(16, SessionClaims, root),
                      SEK_FIELD(17, SessionClaims, nonce), SEK_FIELD(18, SessionClaims, extension_hash),
                      SEK_FIELD(19, SessionClaims, store_revision)});

const Shape SessionExtension::shape = record_shape<SessionExtension>(
    "SessionExtension",
    {SEK_FIELD(1, SessionExtension, hash), SEK_FIELD(2, SessionExtension, session_tags),
     SEK_FIELD(3, SessionExtension, transitive_tag_keys), SEK_FIELD(4, SessionExtension, session_policies),
     SEK_FIELD(5, SessionExtension, session_policy_arns), SEK_FIELD(6, SessionExtension, expires_at)});

const store::Table<SessionExtension> session_extensions(
    100, "session_extensions", [](const SessionExtension& e) { return store::key(e.hash); },
    {.expires_at = [](const SessionExtension& e) -> std::optional<Time> { return e.expires_at; }});

const Shape StoreEpoch::shape = record_shape<StoreEpoch>("StoreEpoch", {SEK_FIELD(1, StoreEpoch, number)});

const store::Table<StoreEpoch> store_epochs(101, "store_epochs", [](const StoreEpoch&) { return store::key("epoch"); });

std::int64_t read_store_epoch(const store::Reader& reader) {
    static store::RevisionCache<StoreEpoch> cache(16);
    const auto epoch = store_epochs.get_shared(cache, reader, "epoch");
    // One that does not decode ends every session: no token has it.
    if (!epoch) return -1;
    return *epoch ? (*epoch)->number : 0;
}

SessionTokens::SessionTokens(std::string_view master_key)
    : secret_key_key_(crypto::derive(Secret(std::string(master_key)), "sekisho session secret key")) {
    const auto added = ring_.add(1, crypto::derive(Secret(std::string(master_key)), "sekisho session token key"));
    if (!added) std::abort();  // a derived key always has the right length
}

std::uint64_t SessionTokens::next_serial() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

Secret SessionTokens::secret_access_key(const SessionClaims& claims) const {
    // 30 bytes are 40 characters of base64: the form of AWS's secret access keys.
    thread_local std::uint64_t keyed_for = 0;
    thread_local std::optional<crypto::HmacKey> key;
    if (keyed_for != serial_) {
        key.emplace(secret_key_key_.expose());
        keyed_for = serial_;
    }
    const auto mac = key->mac(claims.access_key_id.str() + claims.nonce);
    return Secret(encode_base64(mac.view().substr(0, 30)));
}

Result<TemporaryCredentials> SessionTokens::issue(store::Transaction& transaction, SessionClaims claims,
                                                  Random& random) const {
    claims.access_key_id = domain::make_access_key_id("ASIA", claims.account_id, random);
    claims.nonce = random_bytes(random, 16);
    claims.root.store_epoch = read_store_epoch(transaction);
    claims.store_revision = static_cast<std::int64_t>(transaction.revision());
    SEK_TRY(auto plain, store::encode_record(SessionClaims::shape, &claims, {}));
    if (plain.size() > limits::session_token_inline_bytes_max) {
        SessionExtension extension{.session_tags = std::exchange(claims.session_tags, {}),
                                   .transitive_tag_keys = std::exchange(claims.transitive_tag_keys, {}),
                                   .session_policies = std::exchange(claims.session_policies, {}),
                                   .session_policy_arns = std::exchange(claims.session_policy_arns, {}),
                                   .expires_at = claims.expires_at};
        SEK_TRY(const auto content, store::encode_record(SessionExtension::shape, &extension, {}));
        extension.hash = encode_base64url(crypto::sha256(content).view());
        claims.extension_hash = extension.hash;
        SEK_TRY(session_extensions.put(transaction, extension));
        SEK_TRY(plain, store::encode_record(SessionClaims::shape, &claims, {}));
    }
    return TemporaryCredentials{.access_key_id = claims.access_key_id,
                                .secret_access_key = secret_access_key(claims),
                                .session_token = encode_base64url(ring_.seal(plain, session_purpose)),
                                .expires_at = claims.expires_at};
}

std::optional<SessionClaims> SessionTokens::open(const store::Reader& reader, std::string_view token,
                                                 std::string_view access_key_id) const {
    if (token.size() > limits::session_token_bytes_max) return {};
    const auto sealed = decode_base64url(token);
    if (!sealed) return {};
    const auto plain = ring_.open(*sealed, session_purpose);
    if (!plain) return {};
    SessionClaims claims;
    if (!store::decode_record(SessionClaims::shape, *plain, &claims, {})) return {};
    if (!crypto::equal(claims.access_key_id.str(), access_key_id)) return {};
    if (claims.extension_hash) {
        const auto extension = session_extensions.get_shared(extension_cache(), reader, *claims.extension_hash);
        if (!extension || !*extension) return {};
        claims.session_tags = (*extension)->session_tags;
        claims.transitive_tag_keys = (*extension)->transitive_tag_keys;
        claims.session_policies = (*extension)->session_policies;
        claims.session_policy_arns = (*extension)->session_policy_arns;
    }
    return claims;
}

Result<std::string> SessionTokens::seal_context(const IdentityContext& context) const {
    SEK_TRY(const auto plain, store::encode_record(IdentityContext::shape, &context, {}));
    return seal(identity_context_purpose, plain);
}

std::optional<IdentityContext> SessionTokens::open_context(std::string_view sealed) const {
    const auto plain = open_sealed(identity_context_purpose, sealed);
    IdentityContext context;
    if (!plain || !store::decode_record(IdentityContext::shape, *plain, &context, {})) return {};
    return context;
}

std::string SessionTokens::seal(std::string_view purpose, std::string_view plain) const {
    return encode_base64url(ring_.seal(plain, purpose));
}

std::optional<std::string> SessionTokens::open_sealed(std::string_view purpose, std::string_view sealed) const {
    const auto bytes = decode_base64url(sealed);
    return bytes ? ring_.open(*bytes, purpose) : std::nullopt;
}

}  // namespace sekisho::access
