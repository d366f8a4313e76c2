// AWS::IAM::*. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
#include <map>

#include "models/iam.h"
#include "services/cloudformation/types.h"

namespace sekisho::cloudformation_service {
namespace {

constexpr std::size_t name_characters_max = 64;        // of roles and users
constexpr std::size_t long_name_characters_max = 128;  // of groups, policies and instance profiles

// What roles, users and groups have alike.
struct Principal {
    std::string_view name_member;
    const wire::OperationModel* attach;
    const wire::OperationModel* detach;
    const wire::OperationModel* put;
    const wire::OperationModel* take;
};
constexpr Principal role{"RoleName", &iam::AttachRolePolicy::model, &iam::DetachRolePolicy::model,
                         &iam::PutRolePolicy::model, &iam::DeleteRolePolicy::model};
constexpr Principal user{"UserName", &iam::AttachUserPolicy::model, &iam::DetachUserPolicy::model,
                         &iam::PutUserPolicy::model, &iam::DeleteUserPolicy::model};
constexpr Principal group{"GroupName", &iam::AttachGroupPolicy::model, &iam::DetachGroupPolicy::model,
                          &iam::PutGroupPolicy::model, &iam::DeleteGroupPolicy::model};

std::string name_of(const ResourceView& view, std::string_view property, std::size_t most) {
    const auto name = view.text(property);
    return name.empty() ? view.generated_name(most) : name;
}

std::map<std::string, json::value> inline_policies(const json::object& properties) {
    std::map<std::string, json::value> policies;
    const auto* list = properties.if_contains("Policies");
    if (list == nullptr || !list->is_array()) return policies;
    for (const auto& item : list->get_array()) {
        const auto name = find_text(item, "PolicyName");
        const auto* document = find(item, "PolicyDocument");
        if (name && document) policies[*name] = *document;
    }
    return policies;
}

// Brings managed and inline policies from `before` to `properties`.
void fit_policies(const Principal& api, const std::string& name, const ResourceView& view, ApiCalls& calls) {
    const auto managed = difference(view, "ManagedPolicyArns");
    const json::object who{{api.name_member, name}};
    const auto with = [&](std::string_view member, const json::value& value) {
        auto request = who;
        request[member] = value;
        return request;
    };
    for (const auto& arn : managed.added) calls.push_back({api.attach, with("PolicyArn", json::string(arn))});
    const auto now = inline_policies(view.before), next = inline_policies(view.properties);
    for (const auto& [policy_name, document] : next) {
        const auto found = now.find(policy_name);
        if (found != now.end() && found->second == document) continue;
        auto request = with("PolicyName", json::string(policy_name));
        request["PolicyDocument"] = document;
        calls.push_back({api.put, std::move(request)});
    }
    for (const auto& arn : managed.removed) {
        calls.push_back({api.detach, with("PolicyArn", json::string(arn)), {}, true});
    }
    for (const auto& [policy_name, document] : now) {
        if (!next.contains(policy_name)) {
            calls.push_back({api.take, with("PolicyName", json::string(policy_name)), {}, true});
        }
    }
}

// Takes everything off what is to be deleted.
void take_policies(const Principal& api, const ResourceView& view, ApiCalls& calls) {
    const json::object who{{api.name_member, view.physical_id}};
    for (const auto& arn : texts_of(view.properties, "ManagedPolicyArns")) {
        auto request = who;
        request["PolicyArn"] = arn;
        calls.push_back({api.detach, std::move(request), {}, true});
    }
    for (const auto& [name, document] : inline_policies(view.properties)) {
        auto request = who;
        request["PolicyName"] = name;
        calls.push_back({api.take, std::move(request), {}, true});
    }
}

void fit_tags(const wire::OperationModel& tag, const wire::OperationModel& untag, const json::object& who,
              const ResourceView& view, ApiCalls& calls) {
    if (view.tags == view.tags_before) return;
    json::array gone;
    for (const auto& [key, value] : view.tags_before) {
        if (!view.tags.contains(key)) gone.emplace_back(key);
    }
    auto request = who;
    if (!gone.empty()) {
        request["TagKeys"] = std::move(gone);
        calls.push_back({&untag, request});
        request.erase("TagKeys");
    }
    if (view.tags.empty()) return;
    request["Tags"] = tag_list(view.tags);
    calls.push_back({&tag, std::move(request)});
}

ApiCalls make_role(const ResourceView& view) {
    auto request =
        pick(view, {"AssumeRolePolicyDocument", "Path", "Description", "MaxSessionDuration", "PermissionsBoundary"});
    const auto name = name_of(view, "RoleName", name_characters_max);
    request["RoleName"] = name;
    if (!view.tags.empty()) request["Tags"] = tag_list(view.tags);
    ApiCalls calls{{&iam::CreateRole::model,
                    std::move(request),
                    {{physical_id_capture, "Role.RoleName"}, {"Arn", "Role.Arn"}, {"RoleId", "Role.RoleId"}}}};
    fit_policies(role, name, view, calls);
    return calls;
}

ApiCalls change_role(const ResourceView& view) {
    const json::object who{{"RoleName", view.physical_id}};
    ApiCalls calls;
    if (view.changes("AssumeRolePolicyDocument")) {
        auto request = who;
        request["PolicyDocument"] = *view.property("AssumeRolePolicyDocument");
        calls.push_back({&iam::UpdateAssumeRolePolicy::model, std::move(request)});
    }
    if (view.changes("Description") || view.changes("MaxSessionDuration")) {
        auto request = who;
        request["Description"] = view.text("Description");
        const auto seconds = view.text("MaxSessionDuration");
        request["MaxSessionDuration"] = seconds.empty() ? "3600" : seconds;
        calls.push_back({&iam::UpdateRole::model, std::move(request)});
    }
    if (view.changes("PermissionsBoundary")) {
        auto request = who;
        if (const auto* boundary = view.property("PermissionsBoundary")) {
            request["PermissionsBoundary"] = *boundary;
            calls.push_back({&iam::PutRolePermissionsBoundary::model, std::move(request)});
        } else {
            calls.push_back({&iam::DeleteRolePermissionsBoundary::model, std::move(request), {}, true});
        }
    }
    fit_policies(role, view.physical_id, view, calls);
    fit_tags(iam::TagRole::model, iam::UntagRole::model, who, view, calls);
    return calls;
}

ApiCalls remove_role(const ResourceView& view) {
    ApiCalls calls;
    take_policies(role, view, calls);
    calls.push_back({&iam::DeleteRole::model, {{"RoleName", view.physical_id}}, {}, true});
    return calls;
}

void fit_groups(const std::string& name, const ResourceView& view, ApiCalls& calls) {
    const auto groups = difference(view, "Groups");
    for (const auto& joined : groups.added) {
        calls.push_back({&iam::AddUserToGroup::model, {{"GroupName", joined}, {"UserName", name}}});
    }
    for (const auto& left : groups.removed) {
        calls.push_back({&iam::RemoveUserFromGroup::model, {{"GroupName", left}, {"UserName", name}}, {}, true});
    }
}

// LoginProfile: {Password, PasswordResetRequired}.
void fit_login(const std::string& name, const ResourceView& view, ApiCalls& calls) {
    if (!view.changes("LoginProfile")) return;
    const auto* profile = view.property("LoginProfile");
    if (profile == nullptr || !profile->is_object()) {
        calls.push_back({&iam::DeleteLoginProfile::model, {{"UserName", name}}, {}, true});
        return;
    }
    auto request = profile->get_object();
    request["UserName"] = name;
    const bool is_there = view.before.contains("LoginProfile");
    calls.push_back({is_there ? &iam::UpdateLoginProfile::model : &iam::CreateLoginProfile::model, std::move(request)});
}

ApiCalls make_user(const ResourceView& view) {
    auto request = pick(view, {"Path", "PermissionsBoundary"});
    const auto name = name_of(view, "UserName", name_characters_max);
    request["UserName"] = name;
    if (!view.tags.empty()) request["Tags"] = tag_list(view.tags);
    ApiCalls calls{
        {&iam::CreateUser::model, std::move(request), {{physical_id_capture, "User.UserName"}, {"Arn", "User.Arn"}}}};
    fit_login(name, view, calls);
    fit_groups(name, view, calls);
    fit_policies(user, name, view, calls);
    return calls;
}

ApiCalls change_user(const ResourceView& view) {
    const json::object who{{"UserName", view.physical_id}};
    ApiCalls calls;
    if (view.changes("PermissionsBoundary")) {
        auto request = who;
        if (const auto* boundary = view.property("PermissionsBoundary")) {
            request["PermissionsBoundary"] = *boundary;
            calls.push_back({&iam::PutUserPermissionsBoundary::model, std::move(request)});
        } else {
            calls.push_back({&iam::DeleteUserPermissionsBoundary::model, std::move(request), {}, true});
        }
    }
    fit_login(view.physical_id, view, calls);
    fit_groups(view.physical_id, view, calls);
    fit_policies(user, view.physical_id, view, calls);
    fit_tags(iam::TagUser::model, iam::UntagUser::model, who, view, calls);
    return calls;
}

ApiCalls remove_user(const ResourceView& view) {
    ApiCalls calls;
    if (view.properties.contains("LoginProfile")) {
        calls.push_back({&iam::DeleteLoginProfile::model, {{"UserName", view.physical_id}}, {}, true});
    }
    for (const auto& left : texts_of(view.properties, "Groups")) {
        calls.push_back(
            {&iam::RemoveUserFromGroup::model, {{"GroupName", left}, {"UserName", view.physical_id}}, {}, true});
    }
    take_policies(user, view, calls);
    calls.push_back({&iam::DeleteUser::model, {{"UserName", view.physical_id}}, {}, true});
    return calls;
}

ApiCalls make_group(const ResourceView& view) {
    auto request = pick(view, {"Path"});
    const auto name = name_of(view, "GroupName", long_name_characters_max);
    request["GroupName"] = name;
    ApiCalls calls{{&iam::CreateGroup::model,
                    std::move(request),
                    {{physical_id_capture, "Group.GroupName"}, {"Arn", "Group.Arn"}}}};
    fit_policies(group, name, view, calls);
    return calls;
}

ApiCalls change_group(const ResourceView& view) {
    ApiCalls calls;
    fit_policies(group, view.physical_id, view, calls);
    return calls;
}

ApiCalls remove_group(const ResourceView& view) {
    ApiCalls calls;
    take_policies(group, view, calls);
    calls.push_back({&iam::DeleteGroup::model, {{"GroupName", view.physical_id}}, {}, true});
    return calls;
}

struct Holders {
    std::string_view property;
    const Principal& api;
};
constexpr Holders holders[] = {{"Roles", role}, {"Users", user}, {"Groups", group}};

// A managed policy's attachments, by the policy's side.
void fit_holders(const std::string& arn, const ResourceView& view, ApiCalls& calls) {
    for (const auto& [property, api] : holders) {
        const auto names = difference(view, property);
        for (const auto& name : names.added) {
            calls.push_back({api.attach, {{api.name_member, name}, {"PolicyArn", arn}}});
        }
        for (const auto& name : names.removed) {
            calls.push_back({api.detach, {{api.name_member, name}, {"PolicyArn", arn}}, {}, true});
        }
    }
}

ApiCalls make_managed_policy(const ResourceView& view) {
    auto request = pick(view, {"PolicyDocument", "Path", "Description"});
    request["PolicyName"] = name_of(view, "ManagedPolicyName", long_name_characters_max);
    ApiCalls calls{{&iam::CreatePolicy::model,
                    std::move(request),
                    {{physical_id_capture, "Policy.Arn"},
                     {"PolicyArn", "Policy.Arn"},
                     {"PolicyId", "Policy.PolicyId"},
                     {"DefaultVersionId", "Policy.DefaultVersionId"}}}};
    fit_holders(view.physical_id, view, calls);
    return calls;
}

ApiCalls change_managed_policy(const ResourceView& view) {
    ApiCalls calls;
    if (view.changes("PolicyDocument")) {
        calls.push_back({&iam::CreatePolicyVersion::model,
                         {{"PolicyArn", view.physical_id},
                          {"PolicyDocument", *view.property("PolicyDocument")},
                          {"SetAsDefault", true}},
                         {{"DefaultVersionId", "PolicyVersion.VersionId"}}});
        // A policy has at most five versions: the one before goes. After the call above DefaultVersionId is the new
        // one.
        const auto version = view.attribute("DefaultVersionId");
        const auto number = version.size() > 1 ? std::atoll(version.c_str() + 1) : 0;
        calls.push_back({&iam::DeletePolicyVersion::model,
                         {{"PolicyArn", view.physical_id}, {"VersionId", "v" + std::to_string(number - 1)}},
                         {},
                         true});
    }
    fit_holders(view.physical_id, view, calls);
    return calls;
}

ApiCalls remove_managed_policy(const ResourceView& view) {
    ApiCalls calls;
    for (const auto& [property, api] : holders) {
        for (const auto& name : texts_of(view.properties, property)) {
            calls.push_back({api.detach, {{api.name_member, name}, {"PolicyArn", view.physical_id}}, {}, true});
        }
    }
    calls.push_back({&iam::DeletePolicy::model, {{"PolicyArn", view.physical_id}}, {}, true});
    return calls;
}

// An inline policy of several holders.
ApiCalls fit_inline_policy(const ResourceView& view) {
    const auto name = view.text("PolicyName");
    const bool is_changed = view.changes("PolicyDocument");
    ApiCalls calls;
    for (const auto& [property, api] : holders) {
        const auto names = difference(view, property);
        for (const auto& holder : is_changed ? texts_of(view.properties, property) : names.added) {
            calls.push_back({api.put,
                             {{api.name_member, holder},
                              {"PolicyName", name},
                              {"PolicyDocument", *view.property("PolicyDocument")}}});
        }
        for (const auto& holder : names.removed) {
            calls.push_back({api.take, {{api.name_member, holder}, {"PolicyName", name}}, {}, true});
        }
    }
    return calls;
}

ApiCalls remove_inline_policy(const ResourceView& view) {
    ApiCalls calls;
    for (const auto& [property, api] : holders) {
        for (const auto& holder : texts_of(view.properties, property)) {
            calls.push_back({api.take, {{api.name_member, holder}, {"PolicyName", view.text("PolicyName")}}, {}, true});
        }
    }
    return calls;
}

ApiCalls make_instance_profile(const ResourceView& view) {
    auto request = pick(view, {"Path"});
    const auto name = name_of(view, "InstanceProfileName", long_name_characters_max);
    request["InstanceProfileName"] = name;
    ApiCalls calls{{&iam::CreateInstanceProfile::model,
                    std::move(request),
                    {{physical_id_capture, "InstanceProfile.InstanceProfileName"}, {"Arn", "InstanceProfile.Arn"}}}};
    for (const auto& held : texts_of(view.properties, "Roles")) {
        calls.push_back({&iam::AddRoleToInstanceProfile::model, {{"InstanceProfileName", name}, {"RoleName", held}}});
    }
    return calls;
}

ApiCalls change_instance_profile(const ResourceView& view) {
    // A profile holds one role: the old one goes first.
    const auto roles = difference(view, "Roles");
    const json::value name = json::string(view.physical_id);
    ApiCalls calls;
    for (const auto& left : roles.removed) {
        calls.push_back({&iam::RemoveRoleFromInstanceProfile::model,
                         {{"InstanceProfileName", name}, {"RoleName", left}},
                         {},
                         true});
    }
    for (const auto& held : roles.added) {
        calls.push_back({&iam::AddRoleToInstanceProfile::model, {{"InstanceProfileName", name}, {"RoleName", held}}});
    }
    return calls;
}

ApiCalls remove_instance_profile(const ResourceView& view) {
    ApiCalls calls;
    for (const auto& held : texts_of(view.properties, "Roles")) {
        calls.push_back({&iam::RemoveRoleFromInstanceProfile::model,
                         {{"InstanceProfileName", view.physical_id}, {"RoleName", held}},
                         {},
                         true});
    }
    calls.push_back({&iam::DeleteInstanceProfile::model, {{"InstanceProfileName", view.physical_id}}, {}, true});
    return calls;
}

ApiCalls make_oidc_provider(const ResourceView& view) {
    auto request = pick(view, {"Url", "ClientIdList", "ThumbprintList"});
    if (!view.tags.empty()) request["Tags"] = tag_list(view.tags);
    return {{&iam::CreateOpenIDConnectProvider::model,
             std::move(request),
             {{physical_id_capture, "OpenIDConnectProviderArn"}, {"Arn", "OpenIDConnectProviderArn"}}}};
}

ApiCalls change_oidc_provider(const ResourceView& view) {
    const json::object who{{"OpenIDConnectProviderArn", view.physical_id}};
    ApiCalls calls;
    if (view.changes("ThumbprintList")) {
        auto request = who;
        request["ThumbprintList"] = view.property("ThumbprintList") ? *view.property("ThumbprintList") : json::array();
        calls.push_back({&iam::UpdateOpenIDConnectProviderThumbprint::model, std::move(request)});
    }
    const auto clients = difference(view, "ClientIdList");
    for (const auto& client : clients.added) {
        auto request = who;
        request["ClientID"] = client;
        calls.push_back({&iam::AddClientIDToOpenIDConnectProvider::model, std::move(request)});
    }
    for (const auto& client : clients.removed) {
        auto request = who;
        request["ClientID"] = client;
        calls.push_back({&iam::RemoveClientIDFromOpenIDConnectProvider::model, std::move(request), {}, true});
    }
    fit_tags(iam::TagOpenIDConnectProvider::model, iam::UntagOpenIDConnectProvider::model, who, view, calls);
    return calls;
}

ApiCalls remove_oidc_provider(const ResourceView& view) {
    return {{&iam::DeleteOpenIDConnectProvider::model, {{"OpenIDConnectProviderArn", view.physical_id}}, {}, true}};
}

constexpr auto replaces = OnChange::replaces;
constexpr auto in_place = OnChange::in_place;

}  // namespace

const ResourceTypes iam_types = {
    {.name = "AWS::IAM::Role",
     .properties = {{"AssumeRolePolicyDocument", in_place, true},
                    {"Description"},
                    {"ManagedPolicyArns"},
                    {"MaxSessionDuration"},
                    {"Path", replaces},
                    {"PermissionsBoundary"},
                    {"Policies"},
                    {"RoleName", replaces},
                    {"Tags"}},
     .attributes = {"Arn", "RoleId"},
     .make = make_role,
     .change = change_role,
     .remove = remove_role,
     .is_iam = true,
     .name_property = "RoleName",
     .takes_tags = true},
    {.name = "AWS::IAM::User",
     .properties = {{"Groups"},
                    {"LoginProfile"},
                    {"ManagedPolicyArns"},
                    {"Path", replaces},
                    {"PermissionsBoundary"},
                    {"Policies"},
                    {"Tags"},
                    {"UserName", replaces}},
     .attributes = {"Arn"},
     .make = make_user,
     .change = change_user,
     .remove = remove_user,
     .is_iam = true,
     .name_property = "UserName",
     .takes_tags = true},
    {.name = "AWS::IAM::Group",
     .properties = {{"GroupName", replaces}, {"ManagedPolicyArns"}, {"Path", replaces}, {"Policies"}},
     .attributes = {"Arn"},
     .make = make_group,
     .change = change_group,
     .remove = remove_group,
     .is_iam = true,
     .name_property = "GroupName"},
    {.name = "AWS::IAM::ManagedPolicy",
     .properties = {{"Description", replaces},
                    {"Groups"},
                    {"ManagedPolicyName", replaces},
                    {"Path", replaces},
                    {"PolicyDocument", in_place, true},
                    {"Roles"},
                    {"Users"}},
     .attributes = {"PolicyArn", "PolicyId", "DefaultVersionId"},
     .make = make_managed_policy,
     .change = change_managed_policy,
     .remove = remove_managed_policy,
     .is_iam = true,
     .name_property = "ManagedPolicyName"},
    {.name = "AWS::IAM::Policy",
     .properties =
         {{"Groups"}, {"PolicyDocument", in_place, true}, {"PolicyName", replaces, true}, {"Roles"}, {"Users"}},
     .make = fit_inline_policy,
     .change = fit_inline_policy,
     .remove = remove_inline_policy,
     .physical_id = [](const ResourceView& view) { return view.generated_name(long_name_characters_max); },
     .is_iam = true},
    {.name = "AWS::IAM::InstanceProfile",
     .properties = {{"InstanceProfileName", replaces}, {"Path", replaces}, {"Roles", in_place, true}},
     .attributes = {"Arn"},
     .make = make_instance_profile,
     .change = change_instance_profile,
     .remove = remove_instance_profile,
     .is_iam = true,
     .name_property = "InstanceProfileName"},
    {.name = "AWS::IAM::OIDCProvider",
     .properties = {{"ClientIdList"}, {"Tags"}, {"ThumbprintList"}, {"Url", replaces, true}},
     .attributes = {"Arn"},
     .make = make_oidc_provider,
     .change = change_oidc_provider,
     .remove = remove_oidc_provider,
     .is_iam = true,
     .takes_tags = true},
};

}  // namespace sekisho::cloudformation_service
