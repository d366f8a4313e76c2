#include "services/identity_center/effects.h"

#include "base/json.h"

namespace sekisho::identity_center_service {
namespace {

struct PayloadMember {
    std::string_view name;
    std::string EffectPayload::* member;
};
constexpr PayloadMember payload_members[] = {
    {"owner", &EffectPayload::owner_account_id},       {"region", &EffectPayload::region},
    {"instance", &EffectPayload::instance_arn},        {"store", &EffectPayload::identity_store_id},
    {"request", &EffectPayload::request_id},           {"permissionSet", &EffectPayload::permission_set_arn},
    {"account", &EffectPayload::account_id},           {"principalType", &EffectPayload::principal_type},
    {"principal", &EffectPayload::principal_id},       {"application", &EffectPayload::application_arn},
    {"changedRegion", &EffectPayload::changed_region},
};

EffectPayload payload_of(const domain::IdentityCenter& center) {
    EffectPayload payload;
    payload.owner_account_id = center.owner_account_id.str();
    payload.region = center.region.str();
    payload.instance_arn = center.instance_arn.str();
    payload.identity_store_id = center.identity_store_id.str();
    return payload;
}

std::string ordering_key(const PermissionSetArn& permission_set) {
    return "identity-center " + permission_set.str();
}

}  // namespace

std::string print_payload(const EffectPayload& payload) {
    std::string text;
    JsonWriter writer(text);
    writer.begin_object();
    for (const auto& [name, member] : payload_members) {
        if (!(payload.*member).empty()) writer.member(name, std::string_view(payload.*member));
    }
    writer.end_object();
    return text;
}

std::optional<EffectPayload> parse_payload(std::string_view text) {
    const auto value = parse_json(text);
    if (!value || !value->is_object()) return {};
    EffectPayload payload;
    for (const auto& [name, member] : payload_members) payload.*member = find_text(*value, name).value_or("");
    return payload;
}

void enqueue_request(store::Transaction& transaction, const domain::IdentityCenter& center,
                     const domain::ProvisioningRequest& request) {
    auto payload = payload_of(center);
    payload.request_id = request.id;
    const bool is_assignment = request.kind != domain::provisioning_kind;
    transaction.enqueue({.kind = std::string(is_assignment ? assignment_effect : provisioning_effect),
                         .ordering_key = ordering_key(request.permission_set_arn),
                         .payload = print_payload(payload)});
}

void enqueue_collect(store::Transaction& transaction, const domain::IdentityCenter& center,
                     const PermissionSetArn& permission_set, const std::optional<AccountId>& account) {
    auto payload = payload_of(center);
    payload.permission_set_arn = permission_set.str();
    if (account) payload.account_id = account->str();
    transaction.enqueue({.kind = std::string(collect_effect),
                         .ordering_key = ordering_key(permission_set),
                         .payload = print_payload(payload)});
}

void enqueue_forget(store::Transaction& transaction, const domain::IdentityCenter& center, domain::AssigneeKind kind,
                    std::string_view id) {
    auto payload = payload_of(center);
    payload.principal_type = domain::assignee_kind_names[static_cast<std::size_t>(kind)];
    payload.principal_id = id;
    transaction.enqueue({.kind = std::string(forget_effect),
                         .ordering_key = "identity-center " + std::string(id),
                         .payload = print_payload(payload)});
}

void enqueue_forget_application(store::Transaction& transaction, const domain::IdentityCenter& center,
                                std::string_view application_arn) {
    auto payload = payload_of(center);
    payload.application_arn = application_arn;
    transaction.enqueue({.kind = std::string(forget_application_effect),
                         .ordering_key = "identity-center " + payload.application_arn,
                         .payload = print_payload(payload)});
}

void enqueue_forget_instance(store::Transaction& transaction, const domain::IdentityCenter& center) {
    transaction.enqueue({.kind = std::string(forget_instance_effect),
                         .ordering_key = "identity-center " + center.instance_arn.str(),
                         .payload = print_payload(payload_of(center))});
}

void enqueue_region_change(store::Transaction& transaction, const domain::IdentityCenter& center,
                           std::string_view region) {
    auto payload = payload_of(center);
    payload.changed_region = region;
    transaction.enqueue({.kind = std::string(region_effect),
                         .ordering_key = "identity-center " + center.instance_arn.str(),
                         .payload = print_payload(payload)});
}

}  // namespace sekisho::identity_center_service
