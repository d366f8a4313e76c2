#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/limits.h"
#include "services/ec2/describe.h"
#include "services/ec2/launch_templates.h"
#include "services/ec2/service.h"
#include "wire/json_codec.h"
#include "wire/scalar_text.h"

namespace sekisho::ec2_service {

using domain::LaunchTemplate;
using domain::LaunchTemplateVersion;

namespace {

// A request's shapes and an answer's have the same members under the same names.
void copy_members(const Shape& from_shape, const void* from, const Shape& to_shape, void* to);

void copy_value(const Shape& from_shape, const void* from, const Shape& to_shape, void* to) {
    if (from_shape.kind == Kind::structure) return copy_members(from_shape, from, to_shape, to);
    if (from_shape.kind == Kind::list) {
        for (std::size_t i = 0; i < from_shape.list->size(from); ++i) {
            copy_value(*from_shape.element, from_shape.list->at(from, i), *to_shape.element, to_shape.list->append(to));
        }
        return;
    }
    (void)wire::read_scalar(to_shape, wire::print_scalar(from_shape, from), to);
}

void copy_members(const Shape& from_shape, const void* from, const Shape& to_shape, void* to) {
    for (const auto& member : from_shape.members) {
        const auto target = std::ranges::find(to_shape.members, member.name, &Member::name);
        if (target == to_shape.members.end()) continue;
        const void* value = static_cast<const char*>(from) + member.offset;
        if (member.optional != nullptr && !member.optional->has(value)) continue;
        if (member.optional != nullptr) value = member.optional->get(value);
        void* field = static_cast<char*>(to) + target->offset;
        if (target->optional != nullptr) field = target->optional->emplace(field);
        copy_value(*member.shape, value, *target->shape, field);
    }
}

Result<ec2::ResponseLaunchTemplateData> decode_data(std::string_view text) {
    ec2::ResponseLaunchTemplateData data;
    if (text.empty()) return data;
    SEK_TRY(const auto value, parse_json(text));
    wire::Violations passed_over;
    SEK_TRY(wire::decode_json(ec2::ResponseLaunchTemplateData::shape, value, &data, passed_over));
    return data;
}

Result<ec2::LaunchTemplateVersion> to_wire(const LaunchTemplate& launch_template,
                                           const LaunchTemplateVersion& version) {
    ec2::LaunchTemplateVersion wire;
    wire.launch_template_id = launch_template.id;
    wire.launch_template_name = launch_template.name;
    wire.version_number = version.number;
    if (!version.description.empty()) wire.version_description = version.description;
    wire.create_time = version.created_at;
    wire.created_by = version.created_by;
    wire.default_version = version.number == launch_template.default_version;
    SEK_TRY(wire.launch_template_data, decode_data(version.data.expose()));
    return wire;
}

Result<std::optional<LaunchTemplateVersion>> get_version(const Call& call, const LaunchTemplate& launch_template,
                                                         std::int64_t number) {
    return domain::launch_template_versions.get(call.tx, call.account(), call.region(), launch_template.id, number);
}

}  // namespace

Result<std::string> encode_data(const ec2::RequestLaunchTemplateData& request, const std::string& source) {
    SEK_TRY(auto data, decode_data(source));
    copy_members(ec2::RequestLaunchTemplateData::shape, &request, ec2::ResponseLaunchTemplateData::shape, &data);
    std::string text;
    JsonWriter writer(text);
    wire::encode_json(ec2::ResponseLaunchTemplateData::shape, &data, writer);
    return text;
}

Result<void> put_version(Call& call, const LaunchTemplate& launch_template, std::int64_t number,
                         const std::optional<std::string>& description, std::string data) {
    return domain::launch_template_versions.put(call.tx, {.account_id = call.account(),
                                                          .region = call.region(),
                                                          .template_id = launch_template.id,
                                                          .number = number,
                                                          .description = description.value_or(""),
                                                          .created_by = call.caller.arn,
                                                          .data = Secret(std::move(data)),
                                                          .created_at = call.now});
}

std::optional<std::int64_t> version_number(const LaunchTemplate& launch_template, std::string_view text) {
    if (text == "$Latest") return launch_template.latest_version;
    if (text == "$Default") return launch_template.default_version;
    std::int64_t number = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || stop != text.data() + text.size()) return {};
    return number;
}

ApiError no_version(const LaunchTemplate& launch_template, std::string_view version) {
    return error("InvalidLaunchTemplateId.VersionNotFound",
                 "Could not find the specified version " + std::string(version) + " for the launch template with ID " +
                     launch_template.id + ".");
}

namespace {

Result<ec2::CreateLaunchTemplateVersionResult> create_version(Call& call,
                                                              const ec2::CreateLaunchTemplateVersionRequest& request) {
    const auto& model = ec2::CreateLaunchTemplateVersion::model;
    SEK_TRY(auto launch_template, find_template(call, request.launch_template_id, request.launch_template_name));
    SEK_TRY(const auto made, find_made(call, model, request.client_token, &request));
    ec2::CreateLaunchTemplateVersionResult result;
    if (made) {
        const auto number = version_number(launch_template, *made);
        SEK_TRY(const auto known, get_version(call, launch_template, number.value_or(0)));
        if (!known) return no_version(launch_template, *made);
        SEK_TRY(result.launch_template_version, to_wire(launch_template, *known));
        return result;
    }
    std::string source;
    if (request.source_version) {
        const auto number = version_number(launch_template, *request.source_version);
        SEK_TRY(auto version, get_version(call, launch_template, number.value_or(0)));
        if (!version) return no_version(launch_template, *request.source_version);
        source = version->data.expose();
    }
    if (launch_template.next_version > limits::launch_template_versions_max) {
        return error("VersionLimitExceeded", "The maximum number of launch template versions has been reached.");
    }
    SEK_TRY(auto data, encode_data(request.launch_template_data, source));
    const auto number = launch_template.next_version++;
    launch_template.latest_version = number;
    SEK_TRY(domain::launch_templates.put(call.tx, launch_template));
    SEK_TRY(put_version(call, launch_template, number, request.version_description, std::move(data)));
    SEK_TRY(remember_made(call, model, request.client_token, &request, std::to_string(number)));
    SEK_TRY(const auto version, get_version(call, launch_template, number));
    SEK_TRY(result.launch_template_version, to_wire(launch_template, *version));
    return result;
}

ec2::ResponseError missing_version(const LaunchTemplate& launch_template, const std::string& text) {
    return {.code = ec2::LaunchTemplateErrorCode::launch_template_version_does_not_exist,
            .message = no_version(launch_template, text).message};
}
ec2::ResponseError default_version(const LaunchTemplate& launch_template) {
    return {
        .code = ec2::LaunchTemplateErrorCode::unexpected_error,
        .message = "The default version of the launch template with ID " + launch_template.id + " cannot be deleted."};
}

Result<ec2::DeleteLaunchTemplateVersionsResult> delete_versions(
    Call& call, const ec2::DeleteLaunchTemplateVersionsRequest& request) {
    SEK_TRY(auto launch_template, find_template(call, request.launch_template_id, request.launch_template_name));
    ec2::DeleteLaunchTemplateVersionsResult result;
    auto& deleted = result.successfully_deleted_launch_template_versions.emplace();
    auto& refused = result.unsuccessfully_deleted_launch_template_versions.emplace();
    for (const auto& text : request.versions) {
        const auto number = version_number(launch_template, text).value_or(0);
        SEK_TRY(const auto version, get_version(call, launch_template, number));
        if (!version || number == launch_template.default_version) {
            refused.push_back({.launch_template_id = launch_template.id,
                               .launch_template_name = launch_template.name,
                               .version_number = number,
                               .response_error = version ? default_version(launch_template)
                                                         : missing_version(launch_template, text)});
            continue;
        }
        SEK_TRY(
            domain::launch_template_versions.erase(call.tx, call.account(), call.region(), launch_template.id, number));
        deleted.push_back({.launch_template_id = launch_template.id,
                           .launch_template_name = launch_template.name,
                           .version_number = number});
    }
    launch_template.latest_version = 0;
    SEK_TRY(domain::launch_template_versions.each(
        call.tx, store::prefix(call.account(), call.region(), launch_template.id), [&](const auto& version) {
            launch_template.latest_version = version.number;
            return true;
        }));
    SEK_TRY(domain::launch_templates.put(call.tx, launch_template));
    return result;
}

using Values = std::vector<std::string>;
struct ShownVersion {
    ec2::LaunchTemplateVersion wire;
};
constexpr FilterRow<ShownVersion> filters[] = {
    {"create-time", [](const ShownVersion& v) { return Values{format_iso8601(v.wire.create_time.value_or(Time()))}; }},
    {"is-default-version",
     [](const ShownVersion& v) { return Values{text_of(v.wire.default_version.value_or(false))}; }},
    {"image-id",
     [](const ShownVersion& v) {
         return v.wire.launch_template_data ? Values{v.wire.launch_template_data->image_id.value_or("")} : Values();
     }},
    {"instance-type",
     [](const ShownVersion& v) {
         return v.wire.launch_template_data ? Values{v.wire.launch_template_data->instance_type.value_or("")}
                                            : Values();
     }},
};

// Without a template: the $Latest or $Default versions of all.
Result<std::vector<ShownVersion>> versions_of_all(const Call& call, const Values& versions) {
    std::vector<ShownVersion> shown;
    std::vector<LaunchTemplate> all;
    SEK_TRY(
        domain::launch_templates.each(call.tx, store::prefix(call.account(), call.region()), [&](const auto& found) {
            all.push_back(found);
            return true;
        }));
    for (const auto& launch_template : all) {
        for (const auto& text : versions) {
            if (!text.starts_with('$')) return error("MissingParameter", "A launch template must be specified.");
            SEK_TRY(const auto version,
                    get_version(call, launch_template, version_number(launch_template, text).value_or(0)));
            if (!version) continue;
            SEK_TRY(auto wire, to_wire(launch_template, *version));
            shown.push_back({std::move(wire)});
        }
    }
    return shown;
}

Result<std::vector<ShownVersion>> versions_of_template(const Call& call,
                                                       const ec2::DescribeLaunchTemplateVersionsRequest& request) {
    SEK_TRY(const auto launch_template, find_template(call, request.launch_template_id, request.launch_template_name));
    std::vector<LaunchTemplateVersion> versions;
    if (request.versions && !request.versions->empty()) {
        for (const auto& text : *request.versions) {
            SEK_TRY(auto version,
                    get_version(call, launch_template, version_number(launch_template, text).value_or(0)));
            if (!version) return no_version(launch_template, text);
            versions.push_back(std::move(*version));
        }
    } else {
        const auto lowest = version_number(launch_template, request.min_version.value_or("1")).value_or(1);
        const auto highest = version_number(launch_template, request.max_version.value_or("$Latest")).value_or(0);
        SEK_TRY(domain::launch_template_versions.each(
            call.tx, store::prefix(call.account(), call.region(), launch_template.id), [&](const auto& version) {
                if (version.number >= lowest && version.number <= highest) versions.push_back(version);
                return true;
            }));
        std::ranges::reverse(versions);  // the newest first, as EC2 lists them
    }
    std::vector<ShownVersion> shown;
    for (const auto& version : versions) {
        SEK_TRY(auto wire, to_wire(launch_template, version));
        shown.push_back({std::move(wire)});
    }
    return shown;
}

Result<ec2::DescribeLaunchTemplateVersionsResult> describe_versions(
    Call& call, const ec2::DescribeLaunchTemplateVersionsRequest& request) {
    const bool names_one = request.launch_template_id || request.launch_template_name;
    if (!names_one && !request.versions) return error("MissingParameter", "A launch template must be specified.");
    std::vector<ShownVersion> shown;
    if (names_one) {
        SEK_TRY(shown, versions_of_template(call, request));
    } else {
        SEK_TRY(shown, versions_of_all(call, *request.versions));
    }
    SEK_TRY(auto kept, select<ShownVersion>(filters, request.filters, std::move(shown)));
    SEK_TRY(auto page, page_of(call, std::move(kept),
                               {"DescribeLaunchTemplateVersions", request.next_token, request.max_results}));
    ec2::DescribeLaunchTemplateVersionsResult result;
    result.launch_template_versions.emplace();
    for (auto& version : page.records) result.launch_template_versions->push_back(std::move(version.wire));
    result.next_token = page.next_token;
    return result;
}

}  // namespace

const operation::OperationTable launch_template_version_operations = {
    row<ec2::CreateLaunchTemplateVersion>({.access = Access::write,
                                           .resources = on_template<ec2::CreateLaunchTemplateVersionRequest>,
                                           .handle = create_version}),
    row<ec2::DeleteLaunchTemplateVersions>({.access = Access::write,
                                            .resources = on_template<ec2::DeleteLaunchTemplateVersionsRequest>,
                                            .handle = delete_versions}),
    row<ec2::DescribeLaunchTemplateVersions>({.access = Access::read,
                                              .resources = anywhere<ec2::DescribeLaunchTemplateVersionsRequest>,
                                              .handle = describe_versions}),
};

}  // namespace sekisho::ec2_service
