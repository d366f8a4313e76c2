#include "services/identity_center/forget.h"

#include "domain/applications.h"
#include "domain/reserved_roles.h"
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

// The records that hang on a first one, and then itself, one after the other while there are keys for them.
template <class Scan, class ForgetParts, class Erase>
Result<void> forget_each(Budget& budget, std::size_t cost, Scan&& scan, ForgetParts&& forget_parts, Erase&& erase) {
    for (;;) {
        SEK_TRY(const auto part, scan(Page{.after = {}, .limit = 1}));
        if (part.items.empty()) return {};
        SEK_TRY(forget_parts(part.items.front()));
        if (budget.keys < cost) budget.all_gone = false;
        if (!budget.all_gone) return {};
        SEK_TRY(erase(part.items.front()));
        budget.keys -= cost;
    }
}

// A role with the most policies that a set has takes most of a transaction.
constexpr std::size_t role_cost = 60;

Result<void> forget_roles(store::Transaction& transaction, const domain::PermissionSet& set, Budget& budget) {
    SEK_TRY(budget.spend(
        6,
        [&](const Page& page) {
            return domain::assignments.scan_by(transaction, domain::assignments_by_permission_set,
                                               store::prefix(set.arn), page);
        },
        [&](const domain::Assignment& a) -> Result<void> {
            SEK_TRY(domain::assignments.erase(transaction, a.account_id, a.permission_set_arn, a.assignee_kind,
                                              a.assignee_id));
            return {};
        }));
    return budget.spend(
        role_cost,
        [&](const Page& page) {
            return domain::provisioned_roles.scan_by(transaction, domain::provisioned_roles_by_permission_set,
                                                     store::prefix(set.arn), page);
        },
        [&](const domain::ProvisionedRole& r) -> Result<void> {
            SEK_TRY(domain::erase_reserved_role(transaction, r.account_id, r.role_name));
            SEK_TRY(domain::provisioned_roles.erase(transaction, r.account_id, r.permission_set_arn));
            SEK_TRY(domain::saml_providers.erase(transaction, r.account_id,
                                                 domain::single_sign_on_provider_name(set.instance_arn, r.account_id)));
            return {};
        });
}

Result<void> forget_permission_sets(store::Transaction& transaction, const InstanceArn& instance, Budget& budget) {
    return forget_each(
        budget, 3,
        [&](const Page& page) {
            return domain::permission_sets.scan_by(transaction, domain::permission_sets_by_name,
                                                   store::prefix(instance), page);
        },
        [&](const domain::PermissionSet& set) { return forget_roles(transaction, set, budget); },
        [&](const domain::PermissionSet& set) -> Result<void> {
            SEK_TRY(domain::permission_sets.erase(transaction, set.arn));
            return {};
        });
}

Result<void> forget_applications(store::Transaction& transaction, const InstanceArn& instance, Budget& budget) {
    SEK_TRY(forget_each(
        budget, 5,
        [&](const Page& page) {
            return domain::applications.scan_by(transaction, domain::applications_by_instance, store::prefix(instance),
                                                page);
        },
        [&](const domain::Application& application) {
            return forget_application_assignments(transaction, budget, [&](const Page& page) {
                return domain::application_assignments.scan(transaction, store::prefix(application.arn), page);
            });
        },
        [&](const domain::Application& application) -> Result<void> {
            SEK_TRY(domain::applications.erase(transaction, application.arn));
            return {};
        }));
    SEK_TRY(budget.spend(
        4,
        [&](const Page& page) {
            return domain::trusted_token_issuers.scan_by(transaction, domain::trusted_token_issuers_by_instance,
                                                         store::prefix(instance), page);
        },
        [&](const domain::TrustedTokenIssuer& issuer) -> Result<void> {
            SEK_TRY(domain::trusted_token_issuers.erase(transaction, issuer.arn));
            return {};
        }));
    SEK_TRY(budget.spend(
        1, [&](const Page& page) { return domain::id_token_keys.scan(transaction, store::prefix(instance), page); },
        [&](const domain::IdTokenKey& key) -> Result<void> {
            SEK_TRY(domain::id_token_keys.erase(transaction, key.instance_arn));
            return {};
        }));
    return budget.spend(
        3,
        [&](const Page& page) {
            return domain::provisioning_requests.scan(transaction, store::prefix(instance), page);
        },
        [&](const domain::ProvisioningRequest& r) -> Result<void> {
            SEK_TRY(domain::provisioning_requests.erase(transaction, r.instance_arn, r.kind, r.id));
            return {};
        });
}

Result<void> forget_directory(store::Transaction& transaction, const IdentityStoreId& store, Budget& budget) {
    SEK_TRY(forget_each(
        budget, 10,
        [&](const Page& page) { return domain::directory_groups.scan(transaction, store::prefix(store), page); },
        [&](const domain::DirectoryGroup& group) {
            return forget_memberships(transaction, store, domain::AssigneeKind::group, group.id, budget);
        },
        [&](const domain::DirectoryGroup& group) -> Result<void> {
            SEK_TRY(domain::directory_groups.erase(transaction, store, group.id));
            return {};
        }));
    return forget_each(
        budget, 16, [&](const Page& page) { return domain::people.scan(transaction, store::prefix(store), page); },
        [&](const domain::Person& person) { return forget_sign_in(transaction, person.id, budget); },
        [&](const domain::Person& person) -> Result<void> {
            SEK_TRY(domain::people.erase(transaction, store, person.id));
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

Result<bool> forget_some_of_instance(store::Transaction& transaction, const InstanceArn& instance,
                                     const IdentityStoreId& store, std::size_t keys) {
    Budget budget{.keys = keys};
    SEK_TRY(forget_permission_sets(transaction, instance, budget));
    SEK_TRY(forget_applications(transaction, instance, budget));
    SEK_TRY(forget_directory(transaction, store, budget));
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
