// AWS::SSO::*. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SSO.html
#include <algorithm>

#include "domain/permission_sets.h"
#include "models/sso_admin.h"
#include "services/cloudformation/types.h"

namespace sekisho::cloudformation_service {
namespace {

using domain::StackWork;

constexpr auto replaces = OnChange::replaces;

json::object set_of(const ResourceView& view) {
    return {{"InstanceArn", view.text("InstanceArn")}, {"PermissionSetArn", view.attribute("PermissionSetArn")}};
}

json::object with(json::object request, std::string_view member, json::value value) {
    request[member] = std::move(value);
    return request;
}

// Customer managed policies, by name and path.
json::array references_of(const json::object& properties) {
    const auto* list = properties.if_contains("CustomerManagedPolicyReferences");
    return list != nullptr && list->is_array() ? list->get_array() : json::array();
}

void fit_references(const ResourceView& view, ApiCalls& calls) {
    const auto now = references_of(view.before), next = references_of(view.properties);
    const auto has = [](const json::array& all, const json::value& one) {
        return std::ranges::find(all, one) != all.end();
    };
    for (const auto& reference : next) {
        if (has(now, reference)) continue;
        calls.push_back({&sso_admin::AttachCustomerManagedPolicyReferenceToPermissionSet::model,
                         with(set_of(view), "CustomerManagedPolicyReference", reference)});
    }
    for (const auto& reference : now) {
        if (has(next, reference)) continue;
        calls.push_back({&sso_admin::DetachCustomerManagedPolicyReferenceFromPermissionSet::model,
                         with(set_of(view), "CustomerManagedPolicyReference", reference),
                         {},
                         true});
    }
}

void fit_policies(const ResourceView& view, ApiCalls& calls) {
    const auto managed = difference(view, "ManagedPolicies");
    for (const auto& arn : managed.added) {
        calls.push_back({&sso_admin::AttachManagedPolicyToPermissionSet::model,
                         with(set_of(view), "ManagedPolicyArn", json::string(arn))});
    }
    for (const auto& arn : managed.removed) {
        calls.push_back({&sso_admin::DetachManagedPolicyFromPermissionSet::model,
                         with(set_of(view), "ManagedPolicyArn", json::string(arn)),
                         {},
                         true});
    }
    fit_references(view, calls);
    if (view.changes("InlinePolicy")) {
        if (const auto* document = view.property("InlinePolicy")) {
            calls.push_back(
                {&sso_admin::PutInlinePolicyToPermissionSet::model, with(set_of(view), "InlinePolicy", *document)});
        } else {
            calls.push_back({&sso_admin::DeleteInlinePolicyFromPermissionSet::model, set_of(view), {}, true});
        }
    }
    if (view.changes("PermissionsBoundary")) {
        if (const auto* boundary = view.property("PermissionsBoundary")) {
            calls.push_back({&sso_admin::PutPermissionsBoundaryToPermissionSet::model,
                             with(set_of(view), "PermissionsBoundary", *boundary)});
        } else {
            calls.push_back({&sso_admin::DeletePermissionsBoundaryFromPermissionSet::model, set_of(view), {}, true});
        }
    }
}

ApiCalls make_permission_set(const ResourceView& view) {
    auto request = pick(view, {"InstanceArn", "Name", "Description", "SessionDuration"});
    if (const auto* relay = view.property("RelayStateType")) request["RelayState"] = *relay;
    if (!view.tags.empty()) request["Tags"] = tag_list(view.tags);
    ApiCalls calls{{&sso_admin::CreatePermissionSet::model,
                    std::move(request),
                    {{physical_id_capture, "PermissionSet.PermissionSetArn"},
                     {"PermissionSetArn", "PermissionSet.PermissionSetArn"}}}};
    fit_policies(view, calls);
    return calls;
}

ApiCalls change_permission_set(const ResourceView& view) {
    ApiCalls calls;
    if (view.changes("Description") || view.changes("SessionDuration") || view.changes("RelayStateType")) {
        auto request = set_of(view);
        for (const auto property : {"Description", "SessionDuration"}) {
            if (const auto* value = view.property(property)) request[property] = *value;
        }
        if (const auto* relay = view.property("RelayStateType")) request["RelayState"] = *relay;
        calls.push_back({&sso_admin::UpdatePermissionSet::model, std::move(request)});
    }
    fit_policies(view, calls);
    const json::object who{{"InstanceArn", view.text("InstanceArn")},
                           {"ResourceArn", view.attribute("PermissionSetArn")}};
    if (view.tags != view.tags_before) {
        json::array gone;
        for (const auto& [key, value] : view.tags_before) {
            if (!view.tags.contains(key)) gone.emplace_back(key);
        }
        if (!gone.empty()) calls.push_back({&sso_admin::UntagResource::model, with(who, "TagKeys", std::move(gone))});
        if (!view.tags.empty()) {
            calls.push_back({&sso_admin::TagResource::model, with(who, "Tags", tag_list(view.tags))});
        }
    }
    // The roles that the set already has in accounts follow it.
    calls.push_back({&sso_admin::ProvisionPermissionSet::model,
                     with(set_of(view), "TargetType", "ALL_PROVISIONED_ACCOUNTS"),
                     {{"RequestId", "PermissionSetProvisioningStatus.RequestId"}}});
    return calls;
}

ApiCalls remove_permission_set(const ResourceView& view) {
    return {{&sso_admin::DeletePermissionSet::model, set_of(view), {}, true}};
}

// The request that was accepted last, of one kind.
Standing request_standing(const store::Reader& reader, const ResourceView& view, std::string_view kind) {
    const auto request = domain::provisioning_requests.get(reader, InstanceArn(view.text("InstanceArn")), kind,
                                                           view.attribute("RequestId"));
    if (!request || !*request) return {};
    if ((*request)->status == domain::request_failed) return {Standing::failed, (*request)->failure_reason};
    return {(*request)->status == domain::request_succeeded ? Standing::ready : Standing::pending};
}

Standing permission_set_standing(const store::Reader& reader, const ResourceView& view) {
    if (view.record.work != StackWork::change) return {};
    return request_standing(reader, view, domain::provisioning_kind);
}

Standing assignment_standing(const store::Reader& reader, const ResourceView& view) {
    const bool removes = view.record.work == StackWork::remove || view.record.work == StackWork::discard;
    return request_standing(reader, view,
                            removes ? domain::assignment_deletion_kind : domain::assignment_creation_kind);
}

json::object assignment_request(const ResourceView& view) {
    return pick(view, {"InstanceArn", "PermissionSetArn", "TargetId", "TargetType", "PrincipalId", "PrincipalType"});
}

ApiCalls make_assignment(const ResourceView& view) {
    return {{&sso_admin::CreateAccountAssignment::model,
             assignment_request(view),
             {{"RequestId", "AccountAssignmentCreationStatus.RequestId"}}}};
}

ApiCalls remove_assignment(const ResourceView& view) {
    return {{&sso_admin::DeleteAccountAssignment::model,
             assignment_request(view),
             {{"RequestId", "AccountAssignmentDeletionStatus.RequestId"}},
             true}};
}

std::string assignment_id(const ResourceView& view) {
    std::string id;
    for (const auto property :
         {"InstanceArn", "TargetId", "TargetType", "PermissionSetArn", "PrincipalType", "PrincipalId"}) {
        id += (id.empty() ? "" : "|") + view.text(property);
    }
    return id;
}

}  // namespace

const ResourceTypes sso_types = {
    {.name = "AWS::SSO::PermissionSet",
     .properties = {{"CustomerManagedPolicyReferences"},
                    {"Description"},
                    {"InlinePolicy"},
                    {"InstanceArn", replaces, true},
                    {"ManagedPolicies"},
                    {"Name", replaces, true},
                    {"PermissionsBoundary"},
                    {"RelayStateType"},
                    {"SessionDuration"},
                    {"Tags"}},
     .attributes = {"PermissionSetArn"},
     .make = make_permission_set,
     .change = change_permission_set,
     .remove = remove_permission_set,
     .standing = permission_set_standing,
     .made_id =
         [](const ResourceView& view) { return view.text("InstanceArn") + "|" + view.attribute("PermissionSetArn"); },
     .name_property = "Name",
     .takes_tags = true},
    {.name = "AWS::SSO::Assignment",
     .properties = {{"InstanceArn", replaces, true},
                    {"PermissionSetArn", replaces, true},
                    {"PrincipalId", replaces, true},
                    {"PrincipalType", replaces, true},
                    {"TargetId", replaces, true},
                    {"TargetType", replaces, true}},
     .make = make_assignment,
     .remove = remove_assignment,
     .standing = assignment_standing,
     .physical_id = assignment_id},
};

}  // namespace sekisho::cloudformation_service
