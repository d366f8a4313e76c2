#include "services/identity_center/user_record.h"

#include <algorithm>
#include <chrono>

#include "base/json.h"
#include "base/text.h"

namespace sekisho::identity_center_service {

namespace detail {

std::optional<std::string> text_or_absent(const std::string& text) {
    if (text.empty()) return {};
    return text;
}

identitystore::Name name_to_wire(const domain::Person& person) {
    return {.formatted = text_or_absent(person.formatted_name),
            .family_name = text_or_absent(person.family_name),
            .given_name = text_or_absent(person.given_name),
            .middle_name = text_or_absent(person.middle_name),
            .honorific_prefix = text_or_absent(person.honorific_prefix),
            .honorific_suffix = text_or_absent(person.honorific_suffix)};
}

void take_name(const identitystore::Name& name, domain::Person& person) {
    person.formatted_name = name.formatted.value_or("");
    person.family_name = name.family_name.value_or("");
    person.given_name = name.given_name.value_or("");
    person.middle_name = name.middle_name.value_or("");
    person.honorific_prefix = name.honorific_prefix.value_or("");
    person.honorific_suffix = name.honorific_suffix.value_or("");
}

}  // namespace detail

namespace {

bool is_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    return parse_iso8601(std::string(text) + "T00:00:00Z").has_value();
}

Result<void> check_required(const domain::Person& person) {
    std::vector<std::string> missing;
    const auto require = [&](const std::string& value, std::string_view name) {
        if (value.empty())
            missing.push_back(std::string(name) + ": The attribute " + std::string(name) + " is required");
    };
    if (person.user_name.empty()) return validation_error("userName is a required attribute");
    require(person.display_name, "displayname");
    require(person.given_name, "givenname");
    require(person.family_name, "familyname");
    if (missing.empty()) return {};
    return validation_error(join(missing, ", "));
}

}  // namespace

Result<void> check_person(const domain::Person& person) {
    SEK_TRY(check_required(person));
    SEK_TRY(check_name_is_free_to_use(person.user_name));
    for (const auto& email : person.emails) {
        if (email.value.empty()) return validation_error("emails.value is a required attribute");
    }
    if (std::ranges::count(person.photos, true, &domain::Photo::primary) > 1) {
        return validation_error("Only one photo can be designated as primary per user.");
    }
    if (person.birthdate && !is_date(*person.birthdate)) {
        return validation_error("birthdate must be in YYYY-MM-DD format.");
    }
    for (const auto& [name, document] : person.extensions) {
        if (name != enterprise_extension) return validation_error("The extension " + name + " is not supported.");
        const auto value = parse_json(document);
        if (!value || !value->is_object()) {
            return validation_error("The extension " + name + " must be an object.");
        }
    }
    return {};
}

}  // namespace sekisho::identity_center_service
