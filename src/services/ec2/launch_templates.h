#pragma once
// What launch templates and their versions share.
#include "services/ec2/common.h"

namespace sekisho::ec2_service {

ec2::LaunchTemplate to_wire(const domain::LaunchTemplate& launch_template);
// By id or by name: exactly one.
Result<domain::LaunchTemplate> find_template(const Call& call, const std::optional<std::string>& id,
                                             const std::optional<std::string>& name);
Result<domain::LaunchTemplate> find_template_by_name(const Call& call, const std::string& name);
template <class Request>
access::Permissions on_template(const Call& call, const Request& request) {
    if (request.launch_template_id) return {on_existing(call, launch_template_kind, *request.launch_template_id)};
    // The ARN names the id, which a refused caller is not told.
    const auto found = request.launch_template_name
                           ? domain::launch_templates.get_by(call.tx, domain::by_name, call.account(), call.region(),
                                                             *request.launch_template_name)
                           : Result<std::optional<domain::LaunchTemplate>>(std::optional<domain::LaunchTemplate>());
    auto permission = on_existing(call, launch_template_kind, found && *found ? (*found)->id : "*");
    permission.shown_resource = arn_of(call, launch_template_kind, "*");
    return {std::move(permission)};
}

// The data of a version: what the request says over what the source version said.
Result<std::string> encode_data(const ec2::RequestLaunchTemplateData& request, const std::string& source);
Result<void> put_version(Call& call, const domain::LaunchTemplate& launch_template, std::int64_t number,
                         const std::optional<std::string>& description, std::string data);
// "$Latest", "$Default" or a number; nothing: no number.
std::optional<std::int64_t> version_number(const domain::LaunchTemplate& launch_template, std::string_view text);
ApiError no_version(const domain::LaunchTemplate& launch_template, std::string_view version);

}  // namespace sekisho::ec2_service
