#pragma once
// The identity store of IAM Identity Center: people, groups, memberships, and the instance that owns them.
// https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "domain/organization.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

enum class MfaPrompt : std::uint16_t { always_on, context_aware, never };
constexpr std::string_view mfa_prompt_names[] = {"ALWAYS_ON", "CONTEXT_AWARE", "NEVER"};
constexpr std::span<const std::string_view> enum_names(MfaPrompt) {
    return mfa_prompt_names;
}

enum class MissingDevice : std::uint16_t { require_registration, require_email_otp, block, allow };
constexpr std::string_view missing_device_names[] = {"REQUIRE_REGISTRATION", "REQUIRE_EMAIL_OTP", "BLOCK", "ALLOW"};
constexpr std::span<const std::string_view> enum_names(MissingDevice) {
    return missing_device_names;
}

struct MfaSettings {
    MfaPrompt prompt = MfaPrompt::always_on;
    bool authenticator_apps = true;
    bool security_keys = true;
    MissingDevice missing_device = MissingDevice::require_registration;
    bool users_manage_devices = true;
    bool passkey_sign_in = false;  // a passkey is enough: no user name, no password
    static const Shape shape;
};

// Attribute-based access control: an attribute of the person becomes a session tag.
struct AccessControlAttribute {
    std::string key;     // of the tag
    std::string source;  // ${path:enterprise.division}
    static const Shape shape;
};

// A further region that an instance was added to. Nothing is copied: a record of what AddRegion was asked for.
struct CenterRegion {
    Region name;
    std::string status;  // ADDING, ACTIVE, REMOVING
    Time added_at{};
    static const Shape shape;
};
inline constexpr std::size_t center_regions_max = 32;  // of an instance, beside its own

// One organization's (or account's) Identity Center with its identity store.
struct IdentityCenter {
    InstanceArn instance_arn;
    IdentityStoreId identity_store_id;  // d-..
    AccountId owner_account_id;
    std::optional<OrganizationId> organization_id;  // absent: an account instance
    Region region;
    std::string name;
    std::string status;                           // ACTIVE, ..
    std::optional<std::string> portal_host_name;  // the sub-domain, settable once
    MfaSettings mfa;
    std::int32_t session_minutes_max = 480;  // of portal sign-ins
    Time created_at{};
    Tags tags;
    std::string client_token;  // of the request that made it
    bool access_control_enabled = false;
    std::vector<AccessControlAttribute> access_control_attributes;
    // From where the identity store's API may be called (CIDR); empty: from anywhere.
    std::vector<std::string> api_source_ranges;
    // Roles of permission sets get the same name in every account, each time that they are made (reserved_roles.h).
    bool stable_role_names = false;
    // People without a password may have a code sent to their address, and set one (AWS: "Send email OTP").
    bool email_one_time_passwords = false;
    std::vector<CenterRegion> added_regions;
    static const Shape shape;
};

struct Email {
    std::string value;
    std::string type;
    bool primary = false;
    bool verified = false;
    static const Shape shape;
};
struct PostalAddress {
    std::string street_address, locality, region, postal_code, country, formatted, type;
    bool primary = false;
    static const Shape shape;
};
struct PhoneNumber {
    std::string value;
    std::string type;
    bool primary = false;
    static const Shape shape;
};
struct Photo {
    std::string value, type, display;
    bool primary = false;
    static const Shape shape;
};
struct PersonRole {
    std::string value, type;
    bool primary = false;
    static const Shape shape;
};
struct ExternalId {
    std::string issuer;
    std::string id;
    static const Shape shape;
};

struct Person {
    PersonId id;
    IdentityStoreId identity_store_id;
    std::string user_name;  // compared exactly at sign-in
    std::string given_name, family_name, middle_name, honorific_prefix, honorific_suffix, formatted_name;
    std::string display_name;
    std::vector<Email> emails;
    std::vector<PostalAddress> addresses;
    std::vector<PhoneNumber> phone_numbers;
    std::vector<ExternalId> external_ids;
    std::optional<std::string> nick_name, profile_url, user_type, title, preferred_language, locale, timezone,
        birthdate, website;
    std::vector<Photo> photos;
    std::vector<PersonRole> roles;
    std::map<std::string, std::string> extensions;  // aws:identitystore:enterprise to JSON text
    bool enabled = true;
    std::int64_t epoch = 1;     // bumped by disable: every session before it is dead
    std::int64_t revision = 1;  // of the API: counts changes by an administrator
    Time created_at{};
    Time updated_at{};
    std::string created_by, updated_by;
    static const Shape shape;
};

struct DirectoryGroup {
    DirectoryGroupId id;
    IdentityStoreId identity_store_id;
    std::string display_name;
    std::optional<std::string> description;
    std::vector<ExternalId> external_ids;
    std::int64_t revision = 1;
    Time created_at{};
    Time updated_at{};
    std::string created_by, updated_by;
    static const Shape shape;
};

struct Membership {
    MembershipId id;
    IdentityStoreId identity_store_id;
    DirectoryGroupId group_id;
    PersonId person_id;
    Time created_at{};
    Time updated_at{};
    std::string created_by, updated_by;
    static const Shape shape;
};

// A person's sign-in secrets and the state of guessing at them. Apart from Person: listing people never reads it.
struct Credentials {
    PersonId person_id;
    Secret password_hash;                        // Argon2id, PHC form; empty: none set yet
    std::vector<Secret> former_password_hashes;  // the two before it, newest first
    bool change_required = false;                // a one-time password
    Time changed_at{};
    std::int32_t failures = 0;  // since the last complete sign-in, or since a day without one
    std::optional<Time> locked_until;
    std::optional<Time> last_failure_at;
    std::optional<Time> last_sign_in_at;
    std::string language;  // chosen on our pages: "en", "ja"; empty: not chosen
    static const Shape shape;
};

enum class MfaKind : std::uint16_t { authenticator_app, security_key };
constexpr std::string_view mfa_kind_names[] = {"AUTHENTICATOR_APP", "SECURITY_KEY"};
constexpr std::span<const std::string_view> enum_names(MfaKind) {
    return mfa_kind_names;
}

struct MfaDevice {
    std::string id;  // uuid
    PersonId person_id;
    MfaKind kind = MfaKind::authenticator_app;
    std::string name;
    Secret seed;                      // of TOTP
    std::int64_t last_used_step = 0;  // TOTP: no code is used twice
    Time registered_at{};
    std::optional<Time> last_used_at;
    // Of a security key (WebAuthn Level 3, 4 "credential record").
    std::string credential_id;
    std::string public_key;        // COSE_Key, as the authenticator sent it
    std::int64_t sign_count = 0;   // 0 for ever: it does not count
    bool is_discoverable = false;  // a passkey: it knows whose it is
    bool can_back_up = false;
    std::vector<std::string> transports;  // usb, nfc, ble, internal, hybrid
    static const Shape shape;
};

inline constexpr std::uint8_t identity_centers_by_store = 1;         // unique: identity store
inline constexpr std::uint8_t identity_centers_by_owner = 2;         // unique: owner account
inline constexpr std::uint8_t identity_centers_by_organization = 3;  // unique: organization
inline constexpr std::uint8_t identity_centers_by_portal_host = 4;   // unique: portal host name
extern const store::Table<IdentityCenter> identity_centers;          // key(instance arn)
inline constexpr std::uint8_t people_by_name = 1;                    // store, exact user name (what sign-in asks)
inline constexpr std::uint8_t people_by_folded_name = 2;             // unique: store, fold_name(user name)
inline constexpr std::uint8_t people_by_email = 3;                   // unique: store, fold_name(address)
inline constexpr std::uint8_t people_by_external_id = 4;             // store, issuer, id
inline constexpr std::uint8_t people_by_word = 5;                    // store, each of words_of(person)
extern const store::Table<Person> people;                            // key(store, id)
inline constexpr std::uint8_t directory_groups_by_name = 1;          // unique: store, fold_name(display name)
inline constexpr std::uint8_t directory_groups_by_external_id = 2;
inline constexpr std::uint8_t directory_groups_by_word = 3;   // store, each of words_of(group)
extern const store::Table<DirectoryGroup> directory_groups;   // key(store, id)
inline constexpr std::uint8_t memberships_by_id = 1;          // unique: store, id
inline constexpr std::uint8_t memberships_by_person = 2;      // store, person
extern const store::Table<Membership> memberships;            // key(store, group, person)
extern const store::Table<Credentials> credentials;           // key(person)
inline constexpr std::uint8_t mfa_devices_by_credential = 1;  // unique: hash of the credential id
extern const store::Table<MfaDevice> mfa_devices;             // key(person, id)
// Stands for the set of a person's devices: a decision on it (none yet, too many) reads this guard.
std::string mfa_devices_guard(const PersonId& person);
// Credential ids may be longer than a key of the store.
std::string credential_key(std::string_view credential_id);

// Accounts of the instance's organization are what its assignments are for: one that has left gives nobody anything.
bool is_account_of(const IdentityCenter& center, const Account& account);
std::string identity_store_arn(const IdentityCenter& center);
// An instance has it: people and groups of one that was deleted are nobody any more. One read.
bool identity_store_exists(const store::Reader& reader, const IdentityStoreId& id);
std::string person_arn(const PersonId& id);
std::string directory_group_arn(const DirectoryGroupId& id);
std::string membership_arn(const MembershipId& id);

// NFKC and case folding (Unicode TR 36): two names that look alike fold to one.
std::string fold_name(std::string_view name);
// The words of the names that people read, folded: by their beginnings a search finds someone.
std::vector<std::string> words_of(const Person& person);
std::vector<std::string> words_of(const DirectoryGroup& group);

}  // namespace sekisho::domain
