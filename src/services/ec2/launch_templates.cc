#include "services/ec2/launch_templates.h"

#include <algorithm>

#include "services/ec2/describe.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {

using domain::LaunchTemplate;
using Values = std::vector<std::string>;

ec2::LaunchTemplate to_wire(const LaunchTemplate& launch_template) {
    ec2::LaunchTemplate wire;
    wire.launch_template_id = launch_template.id;
    wire.launch_template_name = launch_template.name;
    wire.create_time = launch_template.created_at;
    wire.created_by = launch_template.created_by;
    wire.default_version_number = launch_template.default_version;
    wire.latest_version_number = launch_template.latest_version;
    wire.tags = tags_to_wire(launch_template.tags);
    return wire;
}

Result<LaunchTemplate> find_template_by_name(const Call& call, const std::string& name) {
    SEK_TRY(auto found, domain::launch_templates.get_by(call.tx, domain::by_name, call.account(), call.region(), name));
    if (found) return std::move(*found);
    return error("InvalidLaunchTemplateName.NotFoundException",
                 "The specified launch template, with template name " + name + ", does not exist.");
}

Result<LaunchTemplate> find_template(const Call& call, const std::optional<std::string>& id,
                                     const std::optional<std::string>& name) {
    if (id.has_value() == name.has_value()) {
        return error(id ? "InvalidParameterCombination" : "MissingParameter",
                     "Either a launch template ID or a launch template name must be specified in the request, but not "
                     "both.");
    }
    if (name) return find_template_by_name(call, *name);
    return find(call, domain::launch_templates, launch_template_kind, *id);
}

namespace {

constexpr std::size_t name_min = 3;
constexpr std::size_t name_max = 128;

Result<void> check_name(const std::string& name) {
    const bool is_plain = std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("()./_-").find(c) != std::string_view::npos;
    });
    if (is_plain && name.size() >= name_min && name.size() <= name_max) return {};
    return error("InvalidLaunchTemplateName.MalformedException",
                 "The name of the launch template is invalid: it has 3 to 128 letters, digits, and ( ) . - / _.");
}

Result<ec2::CreateLaunchTemplateResult> create_template(Call& call, const ec2::CreateLaunchTemplateRequest& request) {
    const auto& model = ec2::CreateLaunchTemplate::model;
    SEK_TRY(const auto made, find_made(call, model, request.client_token, &request));
    if (made) {
        SEK_TRY(const auto known, find(call, domain::launch_templates, launch_template_kind, *made));
        return ec2::CreateLaunchTemplateResult{.launch_template = to_wire(known)};
    }
    SEK_TRY(check_name(request.launch_template_name));
    SEK_TRY(const auto other, domain::launch_templates.get_by(call.tx, domain::by_name, call.account(), call.region(),
                                                              request.launch_template_name));
    if (other) {
        return error("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
    }
    SEK_TRY(auto tags, read_tags(call, launch_template_kind, request.tag_specifications));
    auto launch_template = new_record<LaunchTemplate>(call, launch_template_kind.prefix, std::move(tags));
    launch_template.name = request.launch_template_name;
    launch_template.created_by = call.caller.arn;
    SEK_TRY(auto data, encode_data(request.launch_template_data, {}));
    SEK_TRY(domain::launch_templates.put(call.tx, launch_template));
    SEK_TRY(put_version(call, launch_template, 1, request.version_description, std::move(data)));
    SEK_TRY(remember_made(call, model, request.client_token, &request, launch_template.id));
    return ec2::CreateLaunchTemplateResult{.launch_template = to_wire(launch_template)};
}

access::Permissions create_permissions(const Call& call, const ec2::CreateLaunchTemplateRequest& request) {
    return making(call, launch_template_kind, "CreateLaunchTemplate", request.tag_specifications);
}

Result<ec2::ModifyLaunchTemplateResult> modify_template(Call& call, const ec2::ModifyLaunchTemplateRequest& request) {
    SEK_TRY(auto launch_template, find_template(call, request.launch_template_id, request.launch_template_name));
    if (!request.default_version) return missing_parameter("SetDefaultVersion");
    const auto number = version_number(launch_template, *request.default_version);
    const bool is_there = number && domain::launch_template_versions.exists(call.tx, call.account(), call.region(),
                                                                            launch_template.id, *number);
    if (!is_there) return no_version(launch_template, *request.default_version);
    launch_template.default_version = *number;
    SEK_TRY(domain::launch_templates.put(call.tx, launch_template));
    return ec2::ModifyLaunchTemplateResult{.launch_template = to_wire(launch_template)};
}

Result<ec2::DeleteLaunchTemplateResult> delete_template(Call& call, const ec2::DeleteLaunchTemplateRequest& request) {
    SEK_TRY(const auto launch_template, find_template(call, request.launch_template_id, request.launch_template_name));
    std::vector<std::int64_t> numbers;
    SEK_TRY(domain::launch_template_versions.each(
        call.tx, store::prefix(call.account(), call.region(), launch_template.id), [&](const auto& version) {
            numbers.push_back(version.number);
            return true;
        }));
    for (const auto number : numbers) {
        SEK_TRY(
            domain::launch_template_versions.erase(call.tx, call.account(), call.region(), launch_template.id, number));
    }
    SEK_TRY(domain::launch_templates.erase(call.tx, call.account(), call.region(), launch_template.id));
    return ec2::DeleteLaunchTemplateResult{.launch_template = to_wire(launch_template)};
}

constexpr FilterRow<LaunchTemplate> filters[] = {
    {"create-time", [](const LaunchTemplate& t) { return Values{format_iso8601(t.created_at)}; }},
    {"launch-template-name", [](const LaunchTemplate& t) { return Values{t.name}; }},
};

Result<ec2::DescribeLaunchTemplatesResult> describe_templates(Call& call,
                                                              const ec2::DescribeLaunchTemplatesRequest& request) {
    Ids ids = request.launch_template_ids;
    for (const auto& name : request.launch_template_names.value_or(Values())) {
        const auto found = find_template_by_name(call, name);
        if (!found) {
            return error("InvalidLaunchTemplateName.NotFoundException",
                         "At least one of the launch templates specified in the request does not exist.");
        }
        if (!ids) ids.emplace();
        ids->push_back(found->id);
    }
    SEK_TRY(const auto found, describe<LaunchTemplate>(
                                  call, domain::launch_templates, launch_template_kind, filters, ids, request.filters,
                                  {"DescribeLaunchTemplates", request.next_token, request.max_results}));
    ec2::DescribeLaunchTemplatesResult result;
    result.next_token = found.next_token;
    result.launch_templates.emplace();
    for (const auto& launch_template : found.records) result.launch_templates->push_back(to_wire(launch_template));
    return result;
}

}  // namespace

const operation::OperationTable launch_template_operations = {
    row<ec2::CreateLaunchTemplate>(
        {.access = Access::write, .resources = create_permissions, .handle = create_template}),
    row<ec2::ModifyLaunchTemplate>({.access = Access::write,
                                    .resources = on_template<ec2::ModifyLaunchTemplateRequest>,
                                    .handle = modify_template}),
    row<ec2::DeleteLaunchTemplate>({.access = Access::write,
                                    .resources = on_template<ec2::DeleteLaunchTemplateRequest>,
                                    .handle = delete_template}),
    row<ec2::DescribeLaunchTemplates>({.access = Access::read,
                                       .resources = anywhere<ec2::DescribeLaunchTemplatesRequest>,
                                       .handle = describe_templates}),
};

}  // namespace sekisho::ec2_service
