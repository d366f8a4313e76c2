#include "base/text.h"
#include "models/iam.h"
#include "services/iam/entity.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/service.h"
#include "services/iam/tag_operations.h"
#include "services/iam/tags.h"
#include "services/iam/wire_forms.h"
#include "wire/arn.h"

namespace sekisho::iam_service {

Result<iam::InstanceProfile> profile_to_wire(const store::Reader& reader, const domain::InstanceProfile& profile) {
    iam::InstanceProfile wire;
    wire.path = profile.path;
    wire.instance_profile_name = profile.name;
    wire.instance_profile_id = profile.id;
    wire.arn = domain::instance_profile_arn(profile);
    wire.create_date = profile.created_at;
    if (profile.role_name) {
        SEK_TRY(const auto role, domain::roles.get(reader, profile.account_id, lower_ascii(*profile.role_name)));
        if (role) wire.roles.push_back(role_to_wire(reader, *role));
    }
    return wire;
}

namespace {

using operation::Access;
using operation::Call;
using operation::operation;

Result<domain::InstanceProfile> require_profile(const Call& call, const std::string& name) {
    SEK_TRY(auto profile, domain::instance_profiles.get(call.tx, call.account(), lower_ascii(name)));
    if (profile) return std::move(*profile);
    return iam::errors::no_such_entity_exception("Instance Profile " + name + " cannot be found.");
}

Permissions on_profile(const Call& call, const std::string& name, ContextValues context = {}) {
    const auto profile = domain::instance_profiles.get(call.tx, call.account(), lower_ascii(name));
    access::Permission permission;
    permission.resource = profile && *profile ? domain::instance_profile_arn(**profile)
                                              : wire::make_instance_profile_arn(call.account(), "/", name);
    permission.shown_resource = "instance profile " + name;
    permission.context = std::move(context);
    if (profile && *profile) add_resource_tags(permission.context, (*profile)->tags);
    return {permission};
}

template <class Request>
Permissions on_named_profile(const Call& call, const Request& request) {
    return on_profile(call, request.instance_profile_name);
}

Permissions create_permissions(const Call& call, const iam::CreateInstanceProfileRequest& request) {
    ContextValues context;
    add_request_tags(context, request.tags);
    Permissions permissions{on_new(call, "instance-profile", request.path, request.instance_profile_name,
                                   "instance profile", std::move(context))};
    if (request.tags && !request.tags->empty()) also(permissions, "iam:TagInstanceProfile");
    return permissions;
}

Result<iam::CreateInstanceProfileResponse> create_instance_profile(Call& call,
                                                                   const iam::CreateInstanceProfileRequest& request) {
    const auto& name = request.instance_profile_name;
    if (domain::instance_profiles.exists(call.tx, call.account(), lower_ascii(name))) {
        return iam::errors::entity_already_exists_exception("Instance Profile " + name + " already exists.");
    }
    domain::InstanceProfile profile;
    profile.account_id = call.account();
    profile.name = name;
    profile.path = request.path.value_or("/");
    profile.id = domain::make_unique_id("AIPA", call.account(), call.random);
    profile.created_at = call.now;
    if (request.tags) SEK_TRY(add_tags(profile.tags, *request.tags));
    SEK_TRY(domain::instance_profiles.put(call.tx, profile));
    iam::CreateInstanceProfileResponse response;
    SEK_TRY(response.instance_profile, profile_to_wire(call.tx, profile));
    response.instance_profile.tags = tags_or_none(profile.tags);
    return response;
}

Result<iam::GetInstanceProfileResponse> get_instance_profile(Call& call,
                                                             const iam::GetInstanceProfileRequest& request) {
    SEK_TRY(const auto profile, require_profile(call, request.instance_profile_name));
    iam::GetInstanceProfileResponse response;
    SEK_TRY(response.instance_profile, profile_to_wire(call.tx, profile));
    response.instance_profile.tags = tags_to_wire(profile.tags);
    return response;
}

Permissions list_permissions(const Call& call, const iam::ListInstanceProfilesRequest& request) {
    return on_path(call, "instance-profile", request.path_prefix);
}

Result<iam::ListInstanceProfilesResponse> list_instance_profiles(Call& call,
                                                                 const iam::ListInstanceProfilesRequest& request) {
    const auto prefix = request.path_prefix.value_or("/");
    const auto scope = "ListInstanceProfiles\n" + prefix;
    SEK_TRY(auto page, store_page(call, scope, request));
    SEK_TRY(const auto found,
            filtered_page(domain::instance_profiles, call.tx, store::prefix(call.account()), std::move(page),
                          [&](const domain::InstanceProfile& profile) { return profile.path.starts_with(prefix); }));
    iam::ListInstanceProfilesResponse response;
    for (const auto& profile : found.items) {
        SEK_TRY(auto wire, profile_to_wire(call.tx, profile));
        response.instance_profiles.push_back(std::move(wire));
    }
    close_page(call, scope, found.next, response);
    return response;
}

Permissions list_for_role_permissions(const Call& call, const iam::ListInstanceProfilesForRoleRequest& request) {
    return on_entity(call, EntityKind::role, request.role_name);
}

Result<iam::ListInstanceProfilesForRoleResponse> list_instance_profiles_for_role(
    Call& call, const iam::ListInstanceProfilesForRoleRequest& request) {
    SEK_TRY(const auto role, require_role(call.tx, call.account(), request.role_name));
    const auto scope = "ListInstanceProfilesForRole\n" + role.id.str();
    SEK_TRY(const auto page, store_page(call, scope, request));
    SEK_TRY(const auto found,
            domain::instance_profiles.scan_by(call.tx, domain::instance_profiles_by_role,
                                              store::key(call.account(), lower_ascii(role.name)), page));
    iam::ListInstanceProfilesForRoleResponse response;
    for (const auto& profile : found.items) {
        SEK_TRY(auto wire, profile_to_wire(call.tx, profile));
        response.instance_profiles.push_back(std::move(wire));
    }
    close_page(call, scope, found.next, response);
    return response;
}

Result<iam::DeleteInstanceProfileResponse> delete_instance_profile(Call& call,
                                                                   const iam::DeleteInstanceProfileRequest& request) {
    SEK_TRY(const auto profile, require_profile(call, request.instance_profile_name));
    if (profile.role_name) {
        return iam::errors::delete_conflict_exception(
            "Cannot delete entity, must remove roles from instance profile first.");
    }
    SEK_TRY([[maybe_unused]] const bool existed,
            domain::instance_profiles.erase(call.tx, call.account(), lower_ascii(profile.name)));
    return iam::DeleteInstanceProfileResponse{};
}

// Handing a role to EC2 also needs iam:PassRole on it (IAM user guide, "Grant a user permissions to pass a role").
Permissions add_role_permissions(const Call& call, const iam::AddRoleToInstanceProfileRequest& request) {
    auto permissions = on_profile(call, request.instance_profile_name);
    auto pass = on_entity(call, EntityKind::role, request.role_name, {{"iam:PassedToService", {"ec2.amazonaws.com"}}});
    pass.front().action = "iam:PassRole";
    permissions.push_back(std::move(pass.front()));
    return permissions;
}

Result<iam::AddRoleToInstanceProfileResponse> add_role(Call& call,
                                                       const iam::AddRoleToInstanceProfileRequest& request) {
    SEK_TRY(auto profile, require_profile(call, request.instance_profile_name));
    SEK_TRY(const auto role, require_modifiable(call.tx, call.account(), EntityKind::role, request.role_name));
    if (profile.role_name) {
        return iam::errors::limit_exceeded_exception("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    }
    profile.role_name = role.name;
    SEK_TRY(domain::instance_profiles.put(call.tx, profile));
    return iam::AddRoleToInstanceProfileResponse{};
}

Result<iam::RemoveRoleFromInstanceProfileResponse> remove_role(
    Call& call, const iam::RemoveRoleFromInstanceProfileRequest& request) {
    SEK_TRY(auto profile, require_profile(call, request.instance_profile_name));
    if (!profile.role_name || !equals_ignoring_case(*profile.role_name, request.role_name)) {
        return no_such_entity(EntityKind::role, request.role_name);
    }
    profile.role_name.reset();
    SEK_TRY(domain::instance_profiles.put(call.tx, profile));
    return iam::RemoveRoleFromInstanceProfileResponse{};
}

struct ProfileTags {
    using Tag = iam::TagInstanceProfile;
    using Untag = iam::UntagInstanceProfile;
    using List = iam::ListInstanceProfileTags;
    static const std::string& name(const auto& request) { return request.instance_profile_name; }
    static constexpr auto permissions = on_profile;
    static constexpr auto find = require_profile;
    static Result<void> save(Call& call, const domain::InstanceProfile& profile) {
        return domain::instance_profiles.put(call.tx, profile);
    }
};

}  // namespace

const operation::OperationTable instance_profile_operations = with_tag_operations<ProfileTags>({
    operation<iam::CreateInstanceProfile>(
        {.access = Access::write, .resources = create_permissions, .handle = create_instance_profile}),
    operation<iam::GetInstanceProfile>({.access = Access::read,
                                        .resources = on_named_profile<iam::GetInstanceProfileRequest>,
                                        .handle = get_instance_profile}),
    operation<iam::ListInstanceProfiles>(
        {.access = Access::read, .resources = list_permissions, .handle = list_instance_profiles}),
    operation<iam::ListInstanceProfilesForRole>(
        {.access = Access::read, .resources = list_for_role_permissions, .handle = list_instance_profiles_for_role}),
    operation<iam::DeleteInstanceProfile>({.access = Access::write,
                                           .resources = on_named_profile<iam::DeleteInstanceProfileRequest>,
                                           .handle = delete_instance_profile}),
    operation<iam::AddRoleToInstanceProfile>(
        {.access = Access::write, .resources = add_role_permissions, .handle = add_role}),
    operation<iam::RemoveRoleFromInstanceProfile>(
        {.access = Access::write,
         .resources = on_named_profile<iam::RemoveRoleFromInstanceProfileRequest>,
         .handle = remove_role}),
});

}  // namespace sekisho::iam_service
