// Finding people and groups while one types: by the beginnings of their names and addresses. What is read is what is
// found, however many there are.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "domain/portal.h"
#include "models/control.h"
#include "services/identity_center/directory.h"
#include "services/identity_center/service.h"

namespace sekisho::identity_center_service {
namespace {

using operation::Access;

constexpr std::int32_t results_default = 20;

template <class Request>
access::Permissions user_search_permissions(const Call& call, const Request& request) {
    auto permissions = on_store_of_any_region(call, request.identity_store_id);
    add_user(permissions, "*");
    return permissions;
}

template <class Request>
access::Permissions group_search_permissions(const Call& call, const Request& request) {
    auto permissions = on_store_of_any_region(call, request.identity_store_id);
    add_group(permissions, "*");
    return permissions;
}

std::vector<std::string> terms_of(const domain::Person& person) {
    auto terms = domain::words_of(person);
    terms.push_back(domain::fold_name(person.user_name));
    for (const auto& email : person.emails) terms.push_back(domain::fold_name(email.value));
    return terms;
}

std::vector<std::string> terms_of(const domain::DirectoryGroup& group) {
    auto terms = domain::words_of(group);
    terms.push_back(domain::fold_name(group.display_name));
    return terms;
}

// Each word begins one of the terms.
bool has_all(const std::vector<std::string>& terms, const std::vector<std::string>& words) {
    return std::ranges::all_of(words, [&](const std::string& word) {
        return std::ranges::any_of(terms, [&](const std::string& term) { return term.starts_with(word); });
    });
}

// Records for which each word of the text begins one of their terms. The longest word is looked up in the indexes, the
// others are compared.
template <class Record>
Result<std::vector<Record>> search(const Call& call, const store::Table<Record>& table,
                                   std::span<const std::uint8_t> indexes, const IdentityStoreId& store,
                                   std::string_view text, std::size_t most) {
    std::vector<std::string> words;
    const std::string folded = domain::fold_name(text);
    for (const auto word : split(folded, ' ')) {
        if (!word.empty()) words.emplace_back(word);
    }
    std::vector<Record> found;
    if (words.empty()) return found;
    const auto longest = std::ranges::max_element(words, {}, &std::string::size);
    const auto prefix = store::text_prefix(store::prefix(store), *longest);
    const auto is_known = [&](const Record& record) {
        return std::ranges::find(found, record.id, &Record::id) != found.end();
    };
    for (const auto index : indexes) {
        SEK_TRY(auto page,
                table.scan_by(call.tx, index, prefix, {.limit = words.size() == 1 ? most : limits::page_items_max}));
        for (auto& record : page.items) {
            if (found.size() == most) return found;
            if (!is_known(record) && has_all(terms_of(record), words)) found.push_back(std::move(record));
        }
    }
    return found;
}

Result<control::SearchUsersResponse> search_users(Call& call, const control::SearchUsersRequest& request) {
    static constexpr std::array indexes{domain::people_by_folded_name, domain::people_by_word, domain::people_by_email};
    SEK_TRY(const auto center, store_of_any_region(call, request.identity_store_id));
    SEK_TRY(const auto found, search(call, domain::people, indexes, center.identity_store_id, request.text,
                                     static_cast<std::size_t>(request.limit.value_or(results_default))));
    control::SearchUsersResponse response;
    for (const auto& person : found) {
        auto& view = response.users.emplace_back();
        view.user_id = person.id.str();
        view.user_name = person.user_name;
        if (!person.display_name.empty()) view.display_name = person.display_name;
        if (const auto* email = domain::primary_email(person)) view.email_address = email->value;
        view.status = person.enabled ? control::UserStatus::enabled : control::UserStatus::disabled;
    }
    return response;
}

Result<control::SearchGroupsResponse> search_groups(Call& call, const control::SearchGroupsRequest& request) {
    static constexpr std::array indexes{domain::directory_groups_by_name, domain::directory_groups_by_word};
    SEK_TRY(const auto center, store_of_any_region(call, request.identity_store_id));
    SEK_TRY(const auto found, search(call, domain::directory_groups, indexes, center.identity_store_id, request.text,
                                     static_cast<std::size_t>(request.limit.value_or(results_default))));
    control::SearchGroupsResponse response;
    for (const auto& group : found) {
        response.groups.push_back(
            {.group_id = group.id.str(), .display_name = group.display_name, .description = group.description});
    }
    return response;
}

}  // namespace

const operation::OperationTable search_operations = {
    operation::operation<control::SearchUsers>({.access = Access::read,
                                                .resources = user_search_permissions<control::SearchUsersRequest>,
                                                .handle = search_users}),
    operation::operation<control::SearchGroups>({.access = Access::read,
                                                 .resources = group_search_permissions<control::SearchGroupsRequest>,
                                                 .handle = search_groups}),
};

}  // namespace sekisho::identity_center_service
