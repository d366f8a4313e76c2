#pragma once
// The outbox rows of Identity Center: what goes on after the answer. Carried out by workers.cc through inner
// operations.
#include <optional>
#include <string>
#include <string_view>

#include "domain/directory.h"
#include "domain/permission_sets.h"
#include "store/store.h"

namespace sekisho::identity_center_service {

inline constexpr std::string_view assignment_effect = "identity-center.assignment";
inline constexpr std::string_view provisioning_effect = "identity-center.provisioning";
inline constexpr std::string_view collect_effect = "identity-center.collect";
inline constexpr std::string_view forget_effect = "identity-center.forget";
inline constexpr std::string_view forget_application_effect = "identity-center.forget-application";
inline constexpr std::string_view forget_instance_effect = "identity-center.forget-instance";
inline constexpr std::string_view region_effect = "identity-center.region";

// What such a row says; members that a kind has no use for are empty.
struct EffectPayload {
    std::string owner_account_id;
    std::string region;
    std::string instance_arn;
    std::string identity_store_id;
    std::string request_id;
    std::string permission_set_arn;
    std::string account_id;
    std::string principal_type;
    std::string principal_id;
    std::string application_arn;
    std::string changed_region;
};
std::string print_payload(const EffectPayload& payload);
std::optional<EffectPayload> parse_payload(std::string_view text);

// Everything on one permission set goes in the order of its requests.
void enqueue_request(store::Transaction& transaction, const domain::IdentityCenter& center,
                     const domain::ProvisioningRequest& request);
// Deletes the role of the permission set in the account (in all of them when there is none), unless it is assigned.
void enqueue_collect(store::Transaction& transaction, const domain::IdentityCenter& center,
                     const PermissionSetArn& permission_set, const std::optional<AccountId>& account);
void enqueue_forget(store::Transaction& transaction, const domain::IdentityCenter& center, domain::AssigneeKind kind,
                    std::string_view id);
void enqueue_forget_application(store::Transaction& transaction, const domain::IdentityCenter& center,
                                std::string_view application_arn);
// What a deleted instance leaves behind.
void enqueue_forget_instance(store::Transaction& transaction, const domain::IdentityCenter& center);
// A region that is being added or removed gets where it goes.
void enqueue_region_change(store::Transaction& transaction, const domain::IdentityCenter& center,
                           std::string_view region);

}  // namespace sekisho::identity_center_service
