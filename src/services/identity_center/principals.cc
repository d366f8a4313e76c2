#include "services/identity_center/principals.h"

namespace sekisho::identity_center_service {

domain::AssigneeKind kind_of(sso_admin::PrincipalType type) {
    return type == sso_admin::PrincipalType::group ? domain::AssigneeKind::group : domain::AssigneeKind::user;
}

sso_admin::PrincipalType type_of(domain::AssigneeKind kind) {
    return kind == domain::AssigneeKind::group ? sso_admin::PrincipalType::group : sso_admin::PrincipalType::user;
}

Result<void> check_principal(const Call& call, const domain::IdentityCenter& center, sso_admin::PrincipalType type,
                             const std::string& id) {
    const bool exists = type == sso_admin::PrincipalType::group
                            ? domain::directory_groups.exists(call.tx, center.identity_store_id, id)
                            : domain::people.exists(call.tx, center.identity_store_id, id);
    if (exists) return {};
    return sso_admin::errors::resource_not_found_exception(std::string(sso_admin::to_text(type)) + " not found.");
}

Result<std::vector<std::string>> assignees_of(const Call& call, const domain::IdentityCenter& center,
                                              const std::string& id, sso_admin::PrincipalType type) {
    std::vector<std::string> ids{id};
    if (type == sso_admin::PrincipalType::group) return ids;
    store::Page page;
    for (;;) {
        SEK_TRY(auto part, domain::memberships.scan_by(call.tx, domain::memberships_by_person,
                                                       store::prefix(center.identity_store_id, id), page));
        for (const auto& membership : part.items) ids.push_back(membership.group_id.str());
        if (!part.next) return ids;
        page.after = std::move(*part.next);
    }
}

}  // namespace sekisho::identity_center_service
