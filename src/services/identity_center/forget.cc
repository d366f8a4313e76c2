#include "services/identity_center/forget.h"

#include "domain/applications.h"
#include "domain/sessions.h"
#include "services/identity_center/effects.h"

namespace sekisho::identity_center_service {
namespace {

using store::Page;

// Of one transaction: rows, index and expiry rows, guards and outbox rows of each erased record.
struct Budget {
    std::size_t keys;
    bool all_gone = true;

    // Erases records of the slices that scan(page) gives while there are keys for them.
    template <class Scan, class Erase>
    Result<void> spend(std::size_t cost, Scan&& scan, Erase&& erase) {
        const std::size_t count = keys / cost;
        if (count == 0) {
            SEK_TRY(const auto rest, scan(Page{.after = {}, .limit = 1}));
            all_gone = all_gone && rest.items.empty();
            return {};
        }
        SEK_TRY(const auto part, scan(Page{.after = {}, .limit = count}));
        for (const auto& item : part.items) SEK_TRY(erase(item));
        keys -= part.items.size() * cost;
        all_gone = all_gone && !part.next;
        return {};
    }
};

Result<void> forget_assignments(store::Transaction& transaction, const domain::IdentityCenter& center,
                                std::string_view id, Budget& budget) {
    constexpr std::size_t cost = 6;
    return budget.spend(
        cost,
        [&](const Page& page) {
            return domain::assignments.scan_by(transaction, domain::assignments_by_assignee, store::prefix(id), page);
        },
        [&](const domain::Assignment& a) -> Result<void> {
            SEK_TRY(domain::assignments.erase(transaction, a.account_id, a.permission_set_arn, a.assignee_kind,
                                              a.assignee_id));
            enqueue_collect(transaction, center, a.permission_set_arn, a.account_id);
            return {};
        });
}

// Of a principal, or of an application: scan says which.
template <class Scan>
Result<void> forget_application_assignments(store::Transaction& transaction, Budget& budget, Scan&& scan) {
    constexpr std::size_t cost = 3;
    return budget.spend(cost, scan, [&](const domain::ApplicationAssignment& a) -> Result<void> {
        SEK_TRY(domain::application_assignments.erase(transaction, a.application_arn, a.assignee_kind, a.assignee_id));
        return {};
    });
}

Result<void> forget_memberships(store::Transaction& transaction, const IdentityStoreId& store,
                                domain::AssigneeKind kind, std::string_view id, Budget& budget) {
    constexpr std::size_t cost = 3;
    return budget.spend(
        cost,
        [&](const Page& page) {
            if (kind == domain::AssigneeKind::group) {
                return domain::memberships.scan(transaction, store::prefix(store, id), page);
            }
            return domain::memberships.scan_by(transaction, domain::memberships_by_person, store::prefix(store, id),
                                               page);
        },
        [&](const domain::Membership& m) -> Result<void> {
            SEK_TRY(domain::memberships.erase(transaction, store, m.group_id, m.person_id));
            return {};
        });
}

Result<void> forget_sign_in(store::Transaction& transaction, std::string_view person, Budget& budget) {
    SEK_TRY(budget.spend(
        2, [&](const Page& page) { return domain::credentials.scan(transaction, store::prefix(person), page); },
        [&](const domain::Credentials& c) -> Result<void> {
            SEK_TRY(domain::credentials.erase(transaction, c.person_id));
            return {};
        }));
    SEK_TRY(budget.spend(
        3, [&](const Page& page) { return domain::mfa_devices.scan(transaction, store::prefix(person), page); },
        [&](const domain::MfaDevice& d) -> Result<void> {
            SEK_TRY(domain::mfa_devices.erase(transaction, d.person_id, d.id));
            return {};
        }));
    SEK_TRY(budget.spend(
        2, [&](const Page& page) { return domain::sign_in_records.scan(transaction, store::prefix(person), page); },
        [&](const domain::SignInRecord& r) -> Result<void> {
            SEK_TRY(domain::sign_in_records.erase(transaction, r.person_id, r.id));
            return {};
        }));
    constexpr std::size_t cost = 4;
    SEK_TRY(budget.spend(
        cost,
        [&](const Page& page) {
            return domain::sign_in_sessions.scan_by(transaction, domain::sign_in_sessions_by_person,
                                                    store::prefix(person), page);
        },
        [&](const domain::SignInSession& s) -> Result<void> {
            SEK_TRY(domain::sign_in_sessions.erase(transaction, s.id));
            return {};
        }));
    return budget.spend(
        cost,
        [&](const Page& page) {
            return domain::mailed_tokens.scan_by(transaction, domain::mailed_tokens_by_person, store::prefix(person),
                                                 page);
        },
        [&](const domain::MailedToken& t) -> Result<void> {
            SEK_TRY(domain::mailed_tokens.erase(transaction, t.token_hash));
            return {};
        });
}

}  // namespace

Result<bool> forget_some(store::Transaction& transaction, const domain::IdentityCenter& center,
                         domain::AssigneeKind kind, std::string_view id, std::size_t keys) {
    Budget budget{.keys = keys};
    SEK_TRY(forget_assignments(transaction, center, id, budget));
    SEK_TRY(forget_application_assignments(transaction, budget, [&](const Page& page) {
        return domain::application_assignments.scan_by(transaction, domain::application_assignments_by_assignee,
                                                       store::prefix(id), page);
    }));
    if (kind == domain::AssigneeKind::user) SEK_TRY(forget_sign_in(transaction, id, budget));
    SEK_TRY(forget_memberships(transaction, center.identity_store_id, kind, id, budget));
    return budget.all_gone;
}

Result<bool> forget_some_of_application(store::Transaction& transaction, std::string_view application_arn,
                                        std::size_t keys) {
    Budget budget{.keys = keys};
    SEK_TRY(forget_application_assignments(transaction, budget, [&](const Page& page) {
        return domain::application_assignments.scan(transaction, store::prefix(application_arn), page);
    }));
    return budget.all_gone;
}

Result<void> forget_later(store::Transaction& transaction, const domain::IdentityCenter& center,
                          domain::AssigneeKind kind, std::string_view id) {
    constexpr std::size_t keys_at_once = 60;  // beside those of the person and the audit record
    SEK_TRY(forget_some(transaction, center, kind, id, keys_at_once));
    enqueue_forget(transaction, center, kind, id);
    return {};
}

}  // namespace sekisho::identity_center_service
