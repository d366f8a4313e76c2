#pragma once
// People between the wire and the store, and the rules on their attributes.
#include <vector>

#include "services/identity_center/directory.h"

namespace sekisho::identity_center_service {

namespace detail {

std::optional<std::string> text_or_absent(const std::string& text);

template <class Wire>
void fill_lists(const domain::Person& person, Wire& wire) {
    const auto each = [](const auto& from, auto& to, auto convert) {
        if (from.empty()) return;
        to.emplace();
        for (const auto& item : from) to->push_back(convert(item));
    };
    const auto absent = [](const std::string& text) { return text_or_absent(text); };
    each(person.emails, wire.emails, [&](const domain::Email& e) {
        return identitystore::Email{.value = e.value, .type = absent(e.type), .primary = e.primary};
    });
    each(person.addresses, wire.addresses, [&](const domain::PostalAddress& a) {
        return identitystore::Address{.street_address = absent(a.street_address),
                                      .locality = absent(a.locality),
                                      .region = absent(a.region),
                                      .postal_code = absent(a.postal_code),
                                      .country = absent(a.country),
                                      .formatted = absent(a.formatted),
                                      .type = absent(a.type),
                                      .primary = a.primary};
    });
    each(person.phone_numbers, wire.phone_numbers, [&](const domain::PhoneNumber& n) {
        return identitystore::PhoneNumber{.value = n.value, .type = absent(n.type), .primary = n.primary};
    });
    each(person.photos, wire.photos, [&](const domain::Photo& p) {
        return identitystore::Photo{
            .value = p.value, .type = absent(p.type), .display = absent(p.display), .primary = p.primary};
    });
    each(person.roles, wire.roles, [&](const domain::PersonRole& r) {
        return identitystore::Role{.value = r.value, .type = absent(r.type), .primary = r.primary};
    });
    each(person.external_ids, wire.external_ids,
         [](const domain::ExternalId& e) { return identitystore::ExternalId{.issuer = e.issuer, .id = e.id}; });
}

identitystore::Name name_to_wire(const domain::Person& person);
void take_name(const identitystore::Name& name, domain::Person& person);

template <class Wire>
void take_lists(const Wire& wire, domain::Person& person) {
    const auto each = [](const auto& from, auto& to, auto convert) {
        to.clear();
        if (!from) return;
        for (const auto& item : *from) to.push_back(convert(item));
    };
    const auto old_emails = person.emails;
    each(wire.emails, person.emails, [&](const identitystore::Email& e) {
        domain::Email email{
            .value = e.value.value_or(""), .type = e.type.value_or(""), .primary = e.primary.value_or(false)};
        // A new address is not verified; one that stays keeps what it was.
        for (const auto& old : old_emails) {
            if (old.value == email.value) email.verified = old.verified;
        }
        return email;
    });
    each(wire.addresses, person.addresses, [](const identitystore::Address& a) {
        return domain::PostalAddress{.street_address = a.street_address.value_or(""),
                                     .locality = a.locality.value_or(""),
                                     .region = a.region.value_or(""),
                                     .postal_code = a.postal_code.value_or(""),
                                     .country = a.country.value_or(""),
                                     .formatted = a.formatted.value_or(""),
                                     .type = a.type.value_or(""),
                                     .primary = a.primary.value_or(false)};
    });
    each(wire.phone_numbers, person.phone_numbers, [](const identitystore::PhoneNumber& n) {
        return domain::PhoneNumber{
            .value = n.value.value_or(""), .type = n.type.value_or(""), .primary = n.primary.value_or(false)};
    });
    each(wire.photos, person.photos, [](const identitystore::Photo& p) {
        return domain::Photo{.value = p.value,
                             .type = p.type.value_or(""),
                             .display = p.display.value_or(""),
                             .primary = p.primary.value_or(false)};
    });
    each(wire.roles, person.roles, [](const identitystore::Role& r) {
        return domain::PersonRole{
            .value = r.value.value_or(""), .type = r.type.value_or(""), .primary = r.primary.value_or(false)};
    });
}

}  // namespace detail

// Into a User or a DescribeUserResponse. `extensions`: the names that are wanted.
template <class Wire>
void fill_user(const domain::Person& person, const std::vector<std::string>& extensions, Wire& wire) {
    wire.identity_store_id = person.identity_store_id.str();
    wire.user_id = person.id.str();
    wire.user_arn = domain::person_arn(person.id);
    wire.revision = std::to_string(person.revision);
    wire.user_name = person.user_name;
    wire.name = detail::name_to_wire(person);
    wire.display_name = detail::text_or_absent(person.display_name);
    wire.nick_name = person.nick_name;
    wire.profile_url = person.profile_url;
    wire.user_type = person.user_type;
    wire.title = person.title;
    wire.preferred_language = person.preferred_language;
    wire.locale = person.locale;
    wire.timezone = person.timezone;
    wire.website = person.website;
    wire.birthdate = person.birthdate;
    wire.user_status = person.enabled ? identitystore::UserStatus::enabled : identitystore::UserStatus::disabled;
    wire.created_at = person.created_at;
    wire.created_by = detail::text_or_absent(person.created_by);
    wire.updated_at = person.updated_at;
    wire.updated_by = detail::text_or_absent(person.updated_by);
    detail::fill_lists(person, wire);
    for (const auto& name : extensions) {
        const auto found = person.extensions.find(name);
        if (found == person.extensions.end()) continue;
        if (!wire.extensions) wire.extensions.emplace();
        wire.extensions->insert(*found);
    }
}

// From a CreateUserRequest or a User: all attributes that an administrator sets.
template <class Wire>
void take_user(const Wire& wire, domain::Person& person) {
    person.user_name = wire.user_name.value_or("");
    detail::take_name(wire.name.value_or(identitystore::Name()), person);
    person.display_name = wire.display_name.value_or("");
    person.nick_name = wire.nick_name;
    person.profile_url = wire.profile_url;
    person.user_type = wire.user_type;
    person.title = wire.title;
    person.preferred_language = wire.preferred_language;
    person.locale = wire.locale;
    person.timezone = wire.timezone;
    person.website = wire.website;
    person.birthdate = wire.birthdate;
    person.extensions = wire.extensions.value_or(std::map<std::string, std::string>());
    detail::take_lists(wire, person);
}

// What AWS asks of a user of Identity Center: a user name that is not reserved, display name, given and family name, at
// most one primary photo, a birthdate that is a date, the enterprise extension only.
Result<void> check_person(const domain::Person& person);

inline constexpr std::string_view enterprise_extension = "aws:identitystore:enterprise";

}  // namespace sekisho::identity_center_service
