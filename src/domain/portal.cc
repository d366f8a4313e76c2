#include "domain/portal.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"

namespace sekisho::domain {
namespace {

using store::key;
using store::prefix;

bool is_older(const IdentityCenter& a, const IdentityCenter& b) {
    if (a.organization_id.has_value() != b.organization_id.has_value()) return a.organization_id.has_value();
    return a.created_at < b.created_at;
}

// The assignee ids under which the person's assignments stand: their own and their groups'.
Result<std::vector<std::string>> assignee_ids(const store::Reader& reader, const IdentityStoreId& identity_store,
                                              const PersonId& person) {
    std::vector<std::string> ids{person.str()};
    store::Page page;
    do {
        SEK_TRY(auto part, memberships.scan_by(reader, memberships_by_person, prefix(identity_store, person), page));
        for (const auto& membership : part.items) ids.push_back(membership.group_id.str());
        page.after = part.next.value_or("");
    } while (!page.after.empty());
    return ids;
}

Result<bool> is_of_instance(const store::Reader& reader, const Assignment& assignment) {
    SEK_TRY(const auto account, accounts.get(reader, assignment.account_id));
    SEK_TRY(const auto center, identity_centers.get(reader, assignment.instance_arn));
    return account && center && is_account_of(*center, *account);
}

// Those of accounts that are the instance's still.
Result<void> each_assignment(const store::Reader& reader, std::string_view index_prefix,
                             const std::function<void(const Assignment&)>& visit) {
    std::map<AccountId, bool> stands;
    store::Page page;
    do {
        SEK_TRY(auto part, assignments.scan_by(reader, assignments_by_assignee, index_prefix, page));
        for (const auto& assignment : part.items) {
            const auto [known, is_new] = stands.try_emplace(assignment.account_id, false);
            if (is_new) {
                SEK_TRY(known->second, is_of_instance(reader, assignment));
            }
            if (known->second) visit(assignment);
        }
        page.after = part.next.value_or("");
    } while (!page.after.empty());
    return {};
}

Result<std::optional<HeldRole>> role_of_set(const store::Reader& reader, const AccountId& account,
                                            const PermissionSetArn& arn) {
    SEK_TRY(auto set, permission_sets.get(reader, arn));
    SEK_TRY(auto role, provisioned_roles.get(reader, account, arn));
    if (!set || !role) return std::optional<HeldRole>();
    return std::optional<HeldRole>({.permission_set = std::move(*set), .provisioned = std::move(*role)});
}

// The start URL without what browsers and people add to it.
std::string_view without_ending(std::string_view url) {
    url = url.substr(0, url.find('#'));
    while (url.ends_with('/')) url.remove_suffix(1);
    return url;
}

}  // namespace

Result<std::optional<IdentityCenter>> portal_identity_center(const store::Reader& reader) {
    std::optional<IdentityCenter> found;
    SEK_TRY(identity_centers.each(reader, prefix(), [&](const IdentityCenter& center) {
        if (!found || is_older(center, *found)) found = center;
        return true;
    }));
    return found;
}

Result<std::optional<IdentityCenter>> identity_center_of_start_url(const store::Reader& reader,
                                                                   std::string_view public_url,
                                                                   std::string_view start_url) {
    const auto asked = without_ending(start_url);
    if (asked == std::string(public_url) + "/start") return portal_identity_center(reader);
    constexpr std::string_view scheme = "https://";
    constexpr std::string_view ending = ".awsapps.com/start";
    if (!asked.starts_with(scheme) || !asked.ends_with(ending) || asked.size() <= scheme.size() + ending.size()) {
        return std::optional<IdentityCenter>();
    }
    const auto label = asked.substr(scheme.size(), asked.size() - scheme.size() - ending.size());
    SEK_TRY(auto by_store, identity_centers.get_by(reader, identity_centers_by_store, IdentityStoreId(label)));
    if (by_store) return by_store;
    std::optional<IdentityCenter> found;
    SEK_TRY(identity_centers.each(reader, prefix(), [&](const IdentityCenter& center) {
        const auto& host = center.portal_host_name;
        if (host && (*host == label || *host == std::string(label) + ".awsapps.com")) found = center;
        return !found;
    }));
    return found;
}

Result<std::optional<Person>> find_person_by_name(const store::Reader& reader, const IdentityStoreId& identity_store,
                                                  std::string_view user_name) {
    SEK_TRY(auto found, people.scan_by(reader, people_by_name, key(identity_store, user_name), {.limit = 1}));
    if (found.items.empty() || found.items.front().user_name != user_name) return std::optional<Person>();
    // Read by key as well: a commit that rests on this person conflicts with a change of it.
    return people.get(reader, identity_store, found.items.front().id);
}

const Email* primary_email(const Person& person) {
    const auto primary = std::ranges::find(person.emails, true, &Email::primary);
    if (primary != person.emails.end()) return &*primary;
    return person.emails.empty() ? nullptr : &person.emails.front();
}

Result<void> end_all_sessions(store::Transaction& transaction, Person& person) {
    ++person.epoch;
    return people.put(transaction, person);
}

Result<std::vector<AccountId>> accounts_of_person(const store::Reader& reader, const IdentityStoreId& identity_store,
                                                  const PersonId& person) {
    SEK_TRY(const auto ids, assignee_ids(reader, identity_store, person));
    std::set<AccountId> accounts;
    for (const auto& id : ids) {
        SEK_TRY(each_assignment(reader, prefix(id),
                                [&](const Assignment& assignment) { accounts.insert(assignment.account_id); }));
    }
    return std::vector<AccountId>(accounts.begin(), accounts.end());
}

Result<std::vector<HeldAccount>> holdings_of_person(const store::Reader& reader, const IdentityStoreId& identity_store,
                                                    const PersonId& person) {
    SEK_TRY(const auto ids, assignee_ids(reader, identity_store, person));
    std::map<AccountId, std::set<PermissionSetArn>> held;
    for (const auto& id : ids) {
        SEK_TRY(each_assignment(reader, prefix(id), [&](const Assignment& assignment) {
            held[assignment.account_id].insert(assignment.permission_set_arn);
        }));
    }
    std::map<PermissionSetArn, std::shared_ptr<const PermissionSet>> sets;
    std::vector<HeldAccount> holdings;
    holdings.reserve(held.size());
    for (const auto& [account, arns] : held) {
        HeldAccount holding{.account_id = account, .permission_sets = {}};
        for (const auto& arn : arns) {
            const auto [known, is_new] = sets.try_emplace(arn);
            if (is_new) {
                SEK_TRY(auto set, permission_sets.get(reader, arn));
                if (set) known->second = std::make_shared<const PermissionSet>(std::move(*set));
            }
            if (known->second && provisioned_roles.exists(reader, account, arn)) {
                holding.permission_sets.push_back(known->second);
            }
        }
        std::ranges::sort(holding.permission_sets, {}, [](const auto& set) { return std::string_view(set->name); });
        holdings.push_back(std::move(holding));
    }
    return holdings;
}

Result<std::vector<HeldRole>> roles_of_person(const store::Reader& reader, const IdentityStoreId& identity_store,
                                              const PersonId& person, const AccountId& account) {
    SEK_TRY(const auto ids, assignee_ids(reader, identity_store, person));
    std::set<PermissionSetArn> sets;
    for (const auto& id : ids) {
        SEK_TRY(each_assignment(reader, prefix(id, account),
                                [&](const Assignment& assignment) { sets.insert(assignment.permission_set_arn); }));
    }
    std::vector<HeldRole> roles;
    for (const auto& arn : sets) {
        SEK_TRY(auto role, role_of_set(reader, account, arn));
        if (role) roles.push_back(std::move(*role));
    }
    std::ranges::sort(roles, {}, [](const HeldRole& role) { return role.permission_set.name; });
    return roles;
}

Result<std::optional<HeldRole>> find_role_of_person(const store::Reader& reader, const IdentityStoreId& identity_store,
                                                    const PersonId& person, const AccountId& account,
                                                    std::string_view role_name) {
    SEK_TRY(auto roles, roles_of_person(reader, identity_store, person, account));
    const auto found = std::ranges::find(
        roles, role_name, [](const HeldRole& role) { return std::string_view(role.permission_set.name); });
    if (found == roles.end()) return std::optional<HeldRole>();
    return std::optional<HeldRole>(std::move(*found));
}

}  // namespace sekisho::domain
