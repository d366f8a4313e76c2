#include "domain/sessions.h"

#include <algorithm>
#include <cstddef>

#include "base/limits.h"
#include "domain/cidr.h"

namespace sekisho::domain {

using store::key;
using store::unique;

const Shape SignInSession::shape = record_shape<SignInSession>(
    "SignInSession", {SEK_FIELD(1, SignInSession, id), SEK_FIELD(2, SignInSession, person_id),
                      SEK_FIELD(3, SignInSession, identity_store_id), SEK_FIELD(4, SignInSession, person_epoch),
                      SEK_FIELD(5, SignInSession, created_at), SEK_FIELD(6, SignInSession, expires_at),
                      SEK_FIELD(7, SignInSession, mfa_done), SEK_FIELD(8, SignInSession, credential_types),
                      SEK_FIELD(9, SignInSession, source_address), SEK_FIELD(10, SignInSession, user_agent),
                      SEK_FIELD(11, SignInSession, store_epoch), SEK_FIELD(12, SignInSession, application_arn),
                      SEK_FIELD(13, SignInSession, token_issuer_arn)});

const Shape MailedToken::shape = record_shape<MailedToken>(
    "MailedToken",
    {SEK_FIELD(1, MailedToken, token_hash), SEK_FIELD(2, MailedToken, purpose), SEK_FIELD(3, MailedToken, person_id),
     SEK_FIELD(4, MailedToken, identity_store_id), SEK_FIELD(5, MailedToken, account_id),
     SEK_FIELD(6, MailedToken, created_at), SEK_FIELD(7, MailedToken, expires_at), SEK_FIELD(8, MailedToken, email)});

const Shape DeviceGrant::shape = record_shape<DeviceGrant>(
    "DeviceGrant",
    {SEK_FIELD(1, DeviceGrant, device_code_hash), SEK_FIELD(2, DeviceGrant, user_code),
     SEK_FIELD(3, DeviceGrant, client_id), SEK_FIELD(4, DeviceGrant, client_name), SEK_FIELD(5, DeviceGrant, scopes),
     SEK_FIELD(6, DeviceGrant, state), SEK_FIELD(7, DeviceGrant, session_id), SEK_FIELD(8, DeviceGrant, person_id),
     SEK_FIELD(9, DeviceGrant, source_address), SEK_FIELD(10, DeviceGrant, last_polled_at),
     SEK_FIELD(11, DeviceGrant, interval_seconds), SEK_FIELD(12, DeviceGrant, created_at),
     SEK_FIELD(13, DeviceGrant, expires_at), SEK_FIELD(14, DeviceGrant, identity_store_id),
     SEK_FIELD(15, DeviceGrant, refreshes)});

const Shape CodeGrant::shape = record_shape<CodeGrant>(
    "CodeGrant",
    {SEK_FIELD(1, CodeGrant, code_hash), SEK_FIELD(2, CodeGrant, client_id), SEK_FIELD(3, CodeGrant, redirect_uri),
     SEK_FIELD(4, CodeGrant, code_challenge), SEK_FIELD(5, CodeGrant, scopes), SEK_FIELD(6, CodeGrant, session_id),
     SEK_FIELD(7, CodeGrant, person_id), SEK_FIELD(8, CodeGrant, used), SEK_FIELD(9, CodeGrant, expires_at),
     SEK_FIELD(10, CodeGrant, refreshes), SEK_FIELD(11, CodeGrant, access_token_hash),
     SEK_FIELD(12, CodeGrant, refresh_chain_id)});

const Shape RefreshChain::shape = record_shape<RefreshChain>(
    "RefreshChain", {SEK_FIELD(1, RefreshChain, id), SEK_FIELD(2, RefreshChain, client_id),
                     SEK_FIELD(3, RefreshChain, session_id), SEK_FIELD(4, RefreshChain, person_id),
                     SEK_FIELD(5, RefreshChain, current_hash), SEK_FIELD(6, RefreshChain, former_hash),
                     SEK_FIELD(7, RefreshChain, rotated_at), SEK_FIELD(8, RefreshChain, current_token),
                     SEK_FIELD(9, RefreshChain, scopes), SEK_FIELD(10, RefreshChain, expires_at)});

const Shape AccessToken::shape = record_shape<AccessToken>(
    "AccessToken",
    {SEK_FIELD(1, AccessToken, token_hash), SEK_FIELD(2, AccessToken, session_id), SEK_FIELD(3, AccessToken, person_id),
     SEK_FIELD(4, AccessToken, identity_store_id), SEK_FIELD(5, AccessToken, person_epoch),
     SEK_FIELD(6, AccessToken, client_id), SEK_FIELD(7, AccessToken, scopes), SEK_FIELD(8, AccessToken, created_at),
     SEK_FIELD(9, AccessToken, expires_at), SEK_FIELD(10, AccessToken, application_arn)});

const Shape AddressFailures::shape = record_shape<AddressFailures>(
    "AddressFailures", {SEK_FIELD(1, AddressFailures, address), SEK_FIELD(2, AddressFailures, failures),
                        SEK_FIELD(3, AddressFailures, locked_until), SEK_FIELD(4, AddressFailures, expires_at)});

const Shape SignInRecord::shape = record_shape<SignInRecord>(
    "SignInRecord", {SEK_FIELD(1, SignInRecord, id), SEK_FIELD(2, SignInRecord, person_id),
                     SEK_FIELD(3, SignInRecord, at), SEK_FIELD(4, SignInRecord, succeeded),
                     SEK_FIELD(5, SignInRecord, credential_types), SEK_FIELD(6, SignInRecord, source_address),
                     SEK_FIELD(7, SignInRecord, user_agent), SEK_FIELD(8, SignInRecord, expires_at)});

const Shape UsedChallenge::shape = record_shape<UsedChallenge>(
    "UsedChallenge", {SEK_FIELD(1, UsedChallenge, challenge_hash), SEK_FIELD(2, UsedChallenge, expires_at)});

std::string mailed_tokens_guard(const PersonId& person) {
    return key("mailed_tokens", person);
}

std::string device_grants_guard(std::string_view address) {
    return key("device_grants", counted_address(address));
}

namespace {

template <class Record>
std::optional<Time> end_of(const Record& record) {
    return record.expires_at;
}

}  // namespace

const store::Table<SignInSession> sign_in_sessions(
    70, "sign_in_sessions", [](const SignInSession& s) { return key(s.id); },
    {.indexes = {{sign_in_sessions_by_person, "by_person", store::several,
                  [](const SignInSession& s) { return std::vector{key(s.person_id)}; }}},
     .expires_at = end_of<SignInSession>});

const store::Table<MailedToken> mailed_tokens(71, "mailed_tokens",
                                              [](const MailedToken& t) { return key(t.token_hash); },
                                              {.indexes = {{mailed_tokens_by_person, "by_person", store::several,
                                                            [](const MailedToken& t) {
                                                                std::vector<std::string> keys;
                                                                if (t.person_id)
                                                                    keys.push_back(key(*t.person_id, t.purpose));
                                                                return keys;
                                                            }}},
                                               .expires_at = end_of<MailedToken>,
                                               .guards = [](const MailedToken& t) {
                                                   std::vector<std::string> guards;
                                                   if (t.person_id) guards.push_back(mailed_tokens_guard(*t.person_id));
                                                   return guards;
                                               }});

const store::Table<DeviceGrant> device_grants(
    72, "device_grants", [](const DeviceGrant& g) { return key(g.device_code_hash); },
    {.indexes = {{device_grants_by_user_code, "by_user_code", unique,
                  [](const DeviceGrant& g) { return std::vector{key(g.user_code)}; }},
                 {device_grants_by_address, "by_address", store::several,
                  [](const DeviceGrant& g) { return std::vector{key(counted_address(g.source_address))}; }}},
     .expires_at = end_of<DeviceGrant>,
     .guards = [](const DeviceGrant& g) { return std::vector{device_grants_guard(g.source_address)}; }});

const store::Table<CodeGrant> code_grants(73, "code_grants", [](const CodeGrant& g) { return key(g.code_hash); },
                                          {.expires_at = end_of<CodeGrant>});

const store::Table<RefreshChain> refresh_chains(74, "refresh_chains", [](const RefreshChain& c) { return key(c.id); },
                                                {.indexes = {{refresh_chains_by_session, "by_session", store::several,
                                                              [](const RefreshChain& c) {
                                                                  return std::vector{key(c.session_id)};
                                                              }}},
                                                 .expires_at = end_of<RefreshChain>});

const store::Table<AccessToken> access_tokens(
    75, "access_tokens", [](const AccessToken& t) { return key(t.token_hash); },
    {.indexes = {{access_tokens_by_session, "by_session", store::several,
                  [](const AccessToken& t) { return std::vector{key(t.session_id)}; }}},
     .expires_at = end_of<AccessToken>});

const store::Table<AddressFailures> address_failures(76, "address_failures",
                                                     [](const AddressFailures& f) { return key(f.address); },
                                                     {.expires_at = end_of<AddressFailures>});

const store::Table<SignInRecord> sign_in_records(77, "sign_in_records",
                                                 [](const SignInRecord& r) { return key(r.person_id, r.id); },
                                                 {.expires_at = end_of<SignInRecord>});

const store::Table<UsedChallenge> used_challenges(78, "used_challenges",
                                                  [](const UsedChallenge& c) { return key(c.challenge_hash); },
                                                  {.expires_at = end_of<UsedChallenge>});

std::optional<Time> lock_after(std::int32_t failures, std::int32_t free, Time now) {
    if (failures < free) return {};
    const int doublings = std::min(failures - free, 20);
    const auto length = std::min(limits::lock_seconds_first << doublings, limits::lock_seconds_max);
    return now + seconds(length);
}

}  // namespace sekisho::domain
