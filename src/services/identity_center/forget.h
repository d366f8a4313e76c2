#pragma once
// What a deleted person, group, application or instance leaves behind: memberships, assignments, and a person's
// credentials, MFA devices, sign-in sessions and mailed links. Nothing of it is in force any more once the person or
// group is gone: whoever grants something by it reads the person or group first. So it may go in as many transactions
// as it takes.
#include "domain/directory.h"
#include "domain/permission_sets.h"
#include "store/store.h"

namespace sekisho::identity_center_service {

// Erases what takes at most `keys` keys; true: nothing is left. Roles that lose their last assignment are collected by
// the outbox.
Result<bool> forget_some(store::Transaction& transaction, const domain::IdentityCenter& center,
                         domain::AssigneeKind kind, std::string_view id, std::size_t keys);

// The beginning at once, and the rest (and what was being written meanwhile) by the outbox.
Result<void> forget_later(store::Transaction& transaction, const domain::IdentityCenter& center,
                          domain::AssigneeKind kind, std::string_view id);

// So for a deleted application's assignments.
Result<bool> forget_some_of_application(store::Transaction& transaction, std::string_view application_arn,
                                        std::size_t keys);
// So for all that a deleted instance had: its people, groups, permission sets with their roles, applications.
Result<bool> forget_some_of_instance(store::Transaction& transaction, const InstanceArn& instance,
                                     const IdentityStoreId& store, std::size_t keys);

}  // namespace sekisho::identity_center_service
