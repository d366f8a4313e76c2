#include "access/authenticate.h"

#include <algorithm>

#include "access/liveness.h"
#include "access/records.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "domain/oidc_client.h"
#include "wire/arn.h"

namespace sekisho::access {
namespace {

using wire::SignatureFailure;

std::unexpected<wire::SignatureError> refuse(SignatureFailure failure) {
    return std::unexpected(wire::make_signature_error(failure));
}

void describe_user(const domain::IamUser& user, Caller& caller) {
    caller.user_name = user.name;
    caller.principal_arn = domain::user_arn(user);
    caller.arn = caller.principal_arn;
    caller.user_id = user.id.str();
    caller.principal_tags = user.tags;
}

void describe_root(Caller& caller) {
    caller.arn = caller.principal_arn = wire::make_root_arn(caller.account_id);
    caller.user_id = caller.account_id.str();
}

void describe_role_session(const domain::Role& role, Caller& caller) {
    caller.role_name = role.name;
    caller.principal_arn = domain::role_arn(role);
    caller.arn = wire::make_assumed_role_arn(caller.account_id, role.name, caller.session_name);
    caller.user_id = role.id.str() + ":" + caller.session_name;
    caller.principal_tags = role.tags;
}

void describe_federated_user(Caller& caller) {
    caller.arn = caller.principal_arn = wire::make_federated_user_arn(caller.account_id, caller.session_name);
    caller.user_id = caller.account_id.str() + ":" + caller.session_name;
}

// Principal tags are the role's or user's own, overlaid by the session's (IAM user guide, "Passing session tags").
// Liveness refuses who is not there.
void describe(const Principal& principal, Caller& caller) {
    if (principal.user) describe_user(*principal.user, caller);
    if (principal.role) describe_role_session(*principal.role, caller);
    if (caller.kind == CallerKind::federated_user) describe_federated_user(caller);
    if (caller.kind == CallerKind::root) describe_root(caller);
    for (const auto& [tag, value] : caller.session_tags) caller.principal_tags[tag] = value;
}

Caller caller_of_claims(SessionClaims&& claims) {
    Caller caller;
    caller.kind = claims.kind;
    caller.account_id = std::move(claims.account_id);
    caller.principal_id = std::move(claims.principal_id);
    caller.access_key_id = std::move(claims.access_key_id);
    (claims.kind == CallerKind::role_session ? caller.role_name : caller.user_name) = std::move(claims.principal_name);
    caller.session_name = std::move(claims.session_name);
    caller.source_identity = std::move(claims.source_identity);
    caller.session_tags = std::move(claims.session_tags);
    caller.transitive_tag_keys = std::move(claims.transitive_tag_keys);
    caller.session_policies = std::move(claims.session_policies);
    caller.session_policy_arns = std::move(claims.session_policy_arns);
    caller.is_chained = claims.is_chained;
    caller.mfa_at = claims.mfa_at;
    caller.issued_at = claims.issued_at;
    caller.expires_at = claims.expires_at;
    caller.root = std::move(claims.root);
    return caller;
}

Caller caller_of_key(const domain::AccessKey& key) {
    Caller caller;
    caller.kind = key.user_name.empty() ? CallerKind::root : CallerKind::user;
    caller.account_id = key.account_id;
    caller.principal_id = key.user_id;
    caller.access_key_id = key.id;
    caller.user_name = key.user_name;
    return caller;
}

Authenticated<Caller> live(const store::Reader& reader, Caller caller, Time now,
                           std::shared_ptr<const domain::AccessKey> access_key = nullptr) {
    const auto principal = find_principal(reader, caller, std::move(access_key));
    describe(principal, caller);
    switch (check_liveness(reader, principal, caller, now)) {
        case Liveness::alive:
            return caller;
        case Liveness::expired:
            return refuse(SignatureFailure::expired_token);
        default:
            return refuse(SignatureFailure::invalid_key);
    }
}

// `prove` is given what gives the secret of the credentials.
template <class Prove>
Authenticated<Caller> caller_of_credentials(const store::Reader& reader, const SessionTokens& tokens,
                                            std::string_view access_key_id, std::string_view session_token, Time now,
                                            Prove&& prove) {
    if (!session_token.empty()) {
        auto claims = tokens.open(reader, session_token, access_key_id);
        if (!claims) return refuse(SignatureFailure::invalid_key);
        if (auto proven = prove([&] { return tokens.secret_access_key(*claims); }); !proven) {
            return std::unexpected(std::move(proven).error());
        }
        return live(reader, caller_of_claims(std::move(*claims)), now);
    }
    const auto key = cached_access_key(reader, AccessKeyId(access_key_id));
    if (!key || !key->active) return refuse(SignatureFailure::invalid_key);
    if (auto proven = prove([&] { return key->secret; }); !proven) return std::unexpected(std::move(proven).error());
    return live(reader, caller_of_key(*key), now, key);
}

}  // namespace

Authenticated<Caller> authenticate_signature(const store::Reader& reader, const SessionTokens& tokens,
                                             const wire::HttpRequestView& request, const wire::VerifyOptions& options,
                                             Region* region) {
    const auto signature = wire::parse_signature(request);
    if (!signature) return std::unexpected(signature.error());
    if (region != nullptr) *region = Region(signature->region);

    return caller_of_credentials(
        reader, tokens, signature->access_key_id, signature->session_token, options.now,
        [&](auto&& secret) { return wire::verify_signature(request, *signature, secret(), options); });
}

Authenticated<Caller> authenticate_again(const store::Reader& reader, const SessionTokens& tokens,
                                         std::string_view access_key_id, std::string_view session_token, Time now) {
    return caller_of_credentials(reader, tokens, access_key_id, session_token, now,
                                 [](auto&&) { return Authenticated<void>(); });
}

namespace {

Authenticated<Caller> live_person(const store::Reader& reader, SessionRoot root, std::optional<Time> expires_at,
                                  Time now) {
    Caller caller;
    caller.kind = CallerKind::person;
    if (const auto person = cached_person(reader, *root.identity_store_id, *root.person_id)) {
        caller.user_name = root.person_name = person->user_name;
    }
    caller.arn = caller.principal_arn = "arn:aws:identitystore:::user/" + root.person_id->str();
    caller.user_id = root.person_id->str();
    caller.principal_id = PrincipalId(root.person_id->str());
    caller.expires_at = expires_at;
    root.store_epoch = read_store_epoch(reader);
    caller.root = std::move(root);
    return live(reader, std::move(caller), now);
}

}  // namespace

Authenticated<Caller> authenticate_bearer(const store::Reader& reader, std::string_view token, Time now) {
    const auto record = domain::access_tokens.get(reader, hash_of_secret(token));
    if (!record || !*record) return refuse(SignatureFailure::invalid_key);
    const auto& found = **record;
    // A client without scopes is of the time before them; an application's token opens what its scopes say, not this.
    if (!found.scopes.empty() && std::ranges::find(found.scopes, domain::account_access_scope) == found.scopes.end()) {
        return refuse(SignatureFailure::invalid_key);
    }
    return live_person(reader,
                       {.person_id = found.person_id,
                        .identity_store_id = found.identity_store_id,
                        .person_epoch = found.person_epoch,
                        .sign_in_session_id = found.session_id},
                       found.expires_at, now);
}

Authenticated<Caller> authenticate_session(const store::Reader& reader, std::string_view session_secret, Time now) {
    const auto session = cached_sign_in_session(reader, SignInSessionId(hash_of_secret(session_secret)));
    if (!session) return refuse(SignatureFailure::invalid_key);
    return live_person(reader,
                       {.person_id = session->person_id,
                        .identity_store_id = session->identity_store_id,
                        .person_epoch = session->person_epoch,
                        .sign_in_session_id = session->id},
                       session->expires_at, now);
}

Caller caller_of_login(const store::Reader& reader, const domain::LoginSession& session) {
    Caller caller;
    caller.kind = session.user_name.empty() ? CallerKind::root : CallerKind::user;
    caller.account_id = session.account_id;
    caller.principal_id = session.user_id;
    caller.user_name = session.user_name;
    caller.mfa_at = session.mfa_at;
    caller.issued_at = session.created_at;
    caller.expires_at = session.expires_at;
    caller.root = {.store_epoch = session.store_epoch,
                   .user_id = session.user_id,
                   .user_account_id = session.account_id,
                   .user_name = session.user_name,
                   .sign_in_session_id = session.id};
    describe(find_principal(reader, caller), caller);
    return caller;
}

Authenticated<Caller> authenticate_login(const store::Reader& reader, std::string_view session_secret, Time now) {
    const auto session = cached_login_session(reader, SignInSessionId(hash_of_secret(session_secret)));
    if (!session) return refuse(SignatureFailure::invalid_key);
    return live(reader, caller_of_login(reader, *session), now);
}

namespace {

std::shared_ptr<const domain::LoginSession> session_of_grant(const store::Reader& reader, const SessionTokens& tokens,
                                                             const json::value& body) {
    if (const auto code = find_text(body, "code")) {
        const auto known = domain::login_codes.get(reader, hash_of_secret(*code));
        return known && *known ? cached_login_session(reader, (*known)->session_id) : nullptr;
    }
    const auto plain = tokens.open_sealed(domain::login_refresh_purpose, find_text(body, "refreshToken").value_or(""));
    return plain ? cached_login_session(reader, domain::session_of_refresh_token(*plain)) : nullptr;
}

}  // namespace

Caller claimed_by_grant(const store::Reader& reader, const SessionTokens& tokens, std::string_view body) {
    Caller claimed;
    const auto parsed = parse_json(body);
    const auto session = parsed ? session_of_grant(reader, tokens, *parsed) : nullptr;
    if (!session) return claimed;
    const auto user = caller_of_login(reader, *session);
    claimed.account_id = user.account_id;
    claimed.user_name = user.user_name;
    claimed.arn = user.arn;
    claimed.user_id = user.user_id;
    return claimed;
}

std::string hash_of_secret(std::string_view secret) {
    return crypto::sha256(secret).hex();
}

}  // namespace sekisho::access
