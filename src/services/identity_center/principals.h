#pragma once
// Users and groups as those to whom accounts and applications are assigned.
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "domain/permission_sets.h"
#include "models/sso_admin.h"
#include "services/identity_center/instance.h"
#include "store/table.h"

namespace sekisho::identity_center_service {

domain::AssigneeKind kind_of(sso_admin::PrincipalType type);
sso_admin::PrincipalType type_of(domain::AssigneeKind kind);
// ResourceNotFoundException.
Result<void> check_principal(const Call& call, const domain::IdentityCenter& center, sso_admin::PrincipalType type,
                             const std::string& id);
// A user and their groups, in order: whose assignments are theirs.
Result<std::vector<std::string>> assignees_of(const Call& call, const domain::IdentityCenter& center,
                                              const std::string& id, sso_admin::PrincipalType type);

// Pages go over several prefixes of one index: the place is the number of the assignee, then the place within.
struct AssigneePlace {
    std::size_t assignee = 0;
    std::string after;

    static AssigneePlace parse(std::string_view text) {
        AssigneePlace place;
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) return place;
        std::from_chars(text.data(), text.data() + colon, place.assignee);
        place.after = text.substr(colon + 1);
        return place;
    }
    std::string print() const { return std::to_string(assignee) + ":" + after; }
};

// A page of what scan(assignee, page) gives for each of them, one after the other.
template <class Scan>
auto page_over_assignees(const std::vector<std::string>& assignees, const store::Page& page, Scan&& scan)
    -> decltype(scan(assignees.front(), page)) {
    typename decltype(scan(assignees.front(), page))::value_type result;
    auto place = AssigneePlace::parse(page.after);
    while (place.assignee < assignees.size()) {
        if (result.items.size() == page.limit) {
            result.next = place.print();
            return result;
        }
        const store::Page rest{.after = place.after, .limit = page.limit - result.items.size()};
        SEK_TRY(auto part, scan(assignees[place.assignee], rest));
        for (auto& item : part.items) result.items.push_back(std::move(item));
        place.after = part.next.value_or("");
        if (!part.next) ++place.assignee;
    }
    return result;
}

}  // namespace sekisho::identity_center_service
