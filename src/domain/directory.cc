#include "domain/directory.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstddef>

#include "base/text.h"
#include "crypto/digest.h"
#include "wire/arn.h"

namespace sekisho::domain {

using store::key;
using store::unique;

namespace {

// Each word is a row of an index: as many as names of people have, not as many as a text of the API may have.
constexpr std::size_t words_max = 8;

void add_words(std::string_view name, std::vector<std::string>& words) {
    const auto is_separator = [](char c) {
        return c > 0 && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9');  // folded text has no capitals
    };
    const std::string folded = fold_name(name);
    for (auto at = folded.begin(); at != folded.end() && words.size() < words_max;) {
        const auto begin = std::find_if_not(at, folded.end(), is_separator);
        at = std::find_if(begin, folded.end(), is_separator);
        if (begin == at) continue;
        std::string word(begin, at);
        if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
    }
}

template <class Record>
std::vector<std::string> word_keys(const Record& record) {
    std::vector<std::string> keys;
    for (const auto& word : words_of(record)) keys.push_back(key(record.identity_store_id, word));
    return keys;
}

}  // namespace

const Shape MfaSettings::shape = record_shape<MfaSettings>(
    "MfaSettings", {SEK_FIELD(1, MfaSettings, prompt), SEK_FIELD(2, MfaSettings, authenticator_apps),
                    SEK_FIELD(3, MfaSettings, security_keys), SEK_FIELD(4, MfaSettings, missing_device),
                    SEK_FIELD(5, MfaSettings, users_manage_devices), SEK_FIELD(6, MfaSettings, passkey_sign_in)});

const Shape AccessControlAttribute::shape = record_shape<AccessControlAttribute>(
    "AccessControlAttribute",
    {SEK_FIELD(1, AccessControlAttribute, key), SEK_FIELD(2, AccessControlAttribute, source)});

const Shape CenterRegion::shape = record_shape<CenterRegion>(
    "CenterRegion",
    {SEK_FIELD(1, CenterRegion, name), SEK_FIELD(2, CenterRegion, status), SEK_FIELD(3, CenterRegion, added_at)});

const Shape IdentityCenter::shape = record_shape<IdentityCenter>(
    "IdentityCenter",
    {SEK_FIELD(1, IdentityCenter, instance_arn), SEK_FIELD(2, IdentityCenter, identity_store_id),
     SEK_FIELD(3, IdentityCenter, owner_account_id), SEK_FIELD(4, IdentityCenter, organization_id),
     SEK_FIELD(5, IdentityCenter, region), SEK_FIELD(6, IdentityCenter, name), SEK_FIELD(7, IdentityCenter, status),
     SEK_FIELD(8, IdentityCenter, portal_host_name), SEK_FIELD(9, IdentityCenter, mfa),
     SEK_FIELD(10, IdentityCenter, session_minutes_max), SEK_FIELD(11, IdentityCenter, created_at),
     SEK_FIELD(12, IdentityCenter, tags), SEK_FIELD(13, IdentityCenter, client_token),
     SEK_FIELD(14, IdentityCenter, access_control_enabled), SEK_FIELD(15, IdentityCenter, access_control_attributes),
     SEK_FIELD(16, IdentityCenter, api_source_ranges), SEK_FIELD(17, IdentityCenter, stable_role_names),
     SEK_FIELD(18, IdentityCenter, email_one_time_passwords), SEK_FIELD(19, IdentityCenter, added_regions)});

const Shape Email::shape = record_shape<Email>("Email", {SEK_FIELD(1, Email, value), SEK_FIELD(2, Email, type),
                                                         SEK_FIELD(3, Email, primary), SEK_FIELD(4, Email, verified)});

const Shape PostalAddress::shape = record_shape<PostalAddress>(
    "PostalAddress", {SEK_FIELD(1, PostalAddress, street_address), SEK_FIELD(2, PostalAddress, locality),
                      SEK_FIELD(3, PostalAddress, region), SEK_FIELD(4, PostalAddress, postal_code),
                      SEK_FIELD(5, PostalAddress, country), SEK_FIELD(6, PostalAddress, formatted),
                      SEK_FIELD(7, PostalAddress, type), SEK_FIELD(8, PostalAddress, primary)});

const Shape PhoneNumber::shape = record_shape<PhoneNumber>(
    "PhoneNumber",
    {SEK_FIELD(1, PhoneNumber, value), SEK_FIELD(2, PhoneNumber, type), SEK_FIELD(3, PhoneNumber, primary)});

const Shape Photo::shape = record_shape<Photo>("Photo", {SEK_FIELD(1, Photo, value), SEK_FIELD(2, Photo, type),
                                                         SEK_FIELD(3, Photo, display), SEK_FIELD(4, Photo, primary)});

const Shape PersonRole::shape = record_shape<PersonRole>(
    "PersonRole", {SEK_FIELD(1, PersonRole, value), SEK_FIELD(2, PersonRole, type), SEK_FIELD(3, PersonRole, primary)});

const Shape ExternalId::shape =
    record_shape<ExternalId>("ExternalId", {SEK_FIELD(1, ExternalId, issuer), SEK_FIELD(2, ExternalId, id)});

const Shape Person::shape = record_shape<Person>("Person", {SEK_FIELD(1, Person, id),
                                                            SEK_FIELD(2, Person, identity_store_id),
                                                            SEK_FIELD(3, Person, user_name),
                                                            SEK_FIELD(4, Person, given_name),
                                                            SEK_FIELD(5, Person, family_name),
                                                            SEK_FIELD(6, Person, middle_name),
                                                            SEK_FIELD(7, Person, honorific_prefix),
                                                            SEK_FIELD(8, Person, honorific_suffix),
                                                            SEK_FIELD(9, Person, formatted_name),
                                                            SEK_FIELD(10, Person, display_name),
                                                            SEK_FIELD(11, Person, emails),
                                                            SEK_FIELD(12, Person, addresses),
                                                            SEK_FIELD(13, Person, phone_numbers),
                                                            SEK_FIELD(14, Person, external_ids),
                                                            SEK_FIELD(15, Person, nick_name),
                                                            SEK_FIELD(16, Person, profile_url),
                                                            SEK_FIELD(17, Person, user_type),
                                                            SEK_FIELD(18, Person, title),
                                                            SEK_FIELD(19, Person, preferred_language),
                                                            SEK_FIELD(20, Person, locale),
                                                            SEK_FIELD(21, Person, timezone),
                                                            SEK_FIELD(22, Person, birthdate),
                                                            SEK_FIELD(23, Person, website),
                                                            SEK_FIELD(26, Person, enabled),
                                                            SEK_FIELD(27, Person, epoch),
                                                            SEK_FIELD(28, Person, created_at),
                                                            SEK_FIELD(29, Person, updated_at),
                                                            SEK_FIELD(30, Person, created_by),
                                                            SEK_FIELD(31, Person, updated_by),
                                                            SEK_FIELD(32, Person, revision),
                                                            SEK_FIELD(33, Person, photos),
                                                            SEK_FIELD(34, Person, roles),
                                                            SEK_FIELD(35, Person, extensions)});

const Shape DirectoryGroup::shape = record_shape<DirectoryGroup>(
    "DirectoryGroup", {SEK_FIELD(1, DirectoryGroup, id), SEK_FIELD(2, DirectoryGroup, identity_store_id),
                       SEK_FIELD(3, DirectoryGroup, display_name), SEK_FIELD(4, DirectoryGroup, description),
                       SEK_FIELD(5, DirectoryGroup, external_ids), SEK_FIELD(6, DirectoryGroup, created_at),
                       SEK_FIELD(7, DirectoryGroup, updated_at), SEK_FIELD(8, DirectoryGroup, created_by),
                       SEK_FIELD(9, DirectoryGroup, updated_by), SEK_FIELD(10, DirectoryGroup, revision)});

const Shape Membership::shape = record_shape<Membership>(
    "Membership",
    {SEK_FIELD(1, Membership, id), SEK_FIELD(2, Membership, identity_store_id), SEK_FIELD(3, Membership, group_id),
     SEK_FIELD(4, Membership, person_id), SEK_FIELD(5, Membership, created_at), SEK_FIELD(6, Membership, updated_at),
     SEK_FIELD(7, Membership, created_by), SEK_FIELD(8, Membership, updated_by)});

const Shape Credentials::shape = record_shape<Credentials>(
    "Credentials", {SEK_FIELD(1, Credentials, person_id), SEK_FIELD(2, Credentials, password_hash),
                    SEK_FIELD(3, Credentials, former_password_hashes), SEK_FIELD(4, Credentials, change_required),
                    SEK_FIELD(5, Credentials, changed_at), SEK_FIELD(6, Credentials, failures),
                    SEK_FIELD(7, Credentials, locked_until), SEK_FIELD(8, Credentials, last_failure_at),
                    SEK_FIELD(9, Credentials, last_sign_in_at), SEK_FIELD(10, Credentials, language)});

const Shape MfaDevice::shape = record_shape<MfaDevice>(
    "MfaDevice", {SEK_FIELD(1, MfaDevice, id), SEK_FIELD(2, MfaDevice, person_id), SEK_FIELD(3, MfaDevice, kind),
                  SEK_FIELD(4, MfaDevice, name), SEK_FIELD(5, MfaDevice, seed), SEK_FIELD(6, MfaDevice, last_used_step),
                  SEK_FIELD(7, MfaDevice, registered_at), SEK_FIELD(8, MfaDevice, last_used_at),
                  SEK_FIELD(9, MfaDevice, credential_id), SEK_FIELD(10, MfaDevice, public_key),
                  SEK_FIELD(11, MfaDevice, sign_count), SEK_FIELD(12, MfaDevice, is_discoverable),
                  SEK_FIELD(13, MfaDevice, can_back_up), SEK_FIELD(14, MfaDevice, transports)});

const store::Table<IdentityCenter> identity_centers(
    50, "identity_centers", [](const IdentityCenter& c) { return key(c.instance_arn); },
    {.indexes = {{identity_centers_by_store, "by_store", unique,
                  [](const IdentityCenter& c) { return std::vector{key(c.identity_store_id)}; }},
                 {identity_centers_by_owner, "by_owner", unique,
                  [](const IdentityCenter& c) { return std::vector{key(c.owner_account_id)}; }},
                 {identity_centers_by_organization, "by_organization", unique,
                  [](const IdentityCenter& c) {
                      std::vector<std::string> keys;
                      if (c.organization_id) keys.push_back(key(*c.organization_id));
                      return keys;
                  }},
                 {identity_centers_by_portal_host, "by_portal_host", unique, [](const IdentityCenter& c) {
                      std::vector<std::string> keys;
                      if (c.portal_host_name) keys.push_back(key(*c.portal_host_name));
                      return keys;
                  }}}});

const store::Table<Person> people(
    51, "people", [](const Person& p) { return key(p.identity_store_id, p.id); },
    {.indexes = {{people_by_name, "by_name", store::several,
                  [](const Person& p) { return std::vector{key(p.identity_store_id, p.user_name)}; }},
                 {people_by_folded_name, "by_folded_name", unique,
                  [](const Person& p) { return std::vector{key(p.identity_store_id, fold_name(p.user_name))}; }},
                 {people_by_email, "by_email", unique,
                  [](const Person& p) {
                      std::vector<std::string> keys;
                      for (const auto& email : p.emails) {
                          keys.push_back(key(p.identity_store_id, fold_name(email.value)));
                      }
                      return keys;
                  }},
                 {people_by_external_id, "by_external_id", store::several,
                  [](const Person& p) {
                      std::vector<std::string> keys;
                      for (const auto& external : p.external_ids) {
                          keys.push_back(key(p.identity_store_id, external.issuer, external.id));
                      }
                      return keys;
                  }},
                 {people_by_word, "by_word", store::several, word_keys<Person>}}});

const store::Table<DirectoryGroup> directory_groups(
    52, "directory_groups", [](const DirectoryGroup& g) { return key(g.identity_store_id, g.id); },
    {.indexes = {
         {directory_groups_by_name, "by_name", unique,
          [](const DirectoryGroup& g) { return std::vector{key(g.identity_store_id, fold_name(g.display_name))}; }},
         {directory_groups_by_external_id, "by_external_id", store::several,
          [](const DirectoryGroup& g) {
              std::vector<std::string> keys;
              for (const auto& external : g.external_ids) {
                  keys.push_back(key(g.identity_store_id, external.issuer, external.id));
              }
              return keys;
          }},
         {directory_groups_by_word, "by_word", store::several, word_keys<DirectoryGroup>}}});

const store::Table<Membership> memberships(
    53, "memberships", [](const Membership& m) { return key(m.identity_store_id, m.group_id, m.person_id); },
    {.indexes = {{memberships_by_id, "by_id", unique,
                  [](const Membership& m) { return std::vector{key(m.identity_store_id, m.id)}; }},
                 {memberships_by_person, "by_person", store::several,
                  [](const Membership& m) { return std::vector{key(m.identity_store_id, m.person_id)}; }}}});

const store::Table<Credentials> credentials(54, "credentials", [](const Credentials& c) { return key(c.person_id); });

const store::Table<MfaDevice> mfa_devices(55, "mfa_devices", [](const MfaDevice& d) { return key(d.person_id, d.id); },
                                          {.indexes = {{mfa_devices_by_credential, "by_credential", unique,
                                                        [](const MfaDevice& d) {
                                                            std::vector<std::string> keys;
                                                            if (!d.credential_id.empty())
                                                                keys.push_back(key(credential_key(d.credential_id)));
                                                            return keys;
                                                        }}},
                                           .guards = [](const MfaDevice& d) {
                                               return std::vector{mfa_devices_guard(d.person_id)};
                                           }});

std::string mfa_devices_guard(const PersonId& person) {
    return key("mfa_devices", person);
}

std::string credential_key(std::string_view credential_id) {
    return crypto::sha256(credential_id).hex();
}

bool is_account_of(const IdentityCenter& center, const Account& account) {
    return center.organization_id && account.organization_id == center.organization_id;
}

bool identity_store_exists(const store::Reader& reader, const IdentityStoreId& id) {
    const store::TableBase::IndexInfo by_store{identity_centers_by_store, "by_store", unique};
    return reader.get(identity_centers.index_row_key(by_store, key(id), {})).has_value();
}

std::string identity_store_arn(const IdentityCenter& center) {
    return wire::make_arn("identitystore", "", center.owner_account_id,
                          "identitystore/" + center.identity_store_id.str());
}

std::string person_arn(const PersonId& id) {
    return wire::make_arn("identitystore", "", "", "user/" + id.str());
}

std::string directory_group_arn(const DirectoryGroupId& id) {
    return wire::make_arn("identitystore", "", "", "group/" + id.str());
}

std::string membership_arn(const MembershipId& id) {
    return wire::make_arn("identitystore", "", "", "membership/" + id.str());
}

std::vector<std::string> words_of(const Person& person) {
    std::vector<std::string> words;
    for (const auto* name : {&person.given_name, &person.family_name, &person.display_name}) add_words(*name, words);
    return words;
}

std::vector<std::string> words_of(const DirectoryGroup& group) {
    std::vector<std::string> words;
    add_words(group.display_name, words);
    return words;
}

std::string fold_name(std::string_view name) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(error);
    if (U_FAILURE(error)) return lower_ascii(name);
    const icu::UnicodeString folded = normalizer->normalize(
        icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size()))), error);
    if (U_FAILURE(error)) return lower_ascii(name);
    std::string out;
    folded.toUTF8String(out);
    return out;
}

}  // namespace sekisho::domain
