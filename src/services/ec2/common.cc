#include "services/ec2/common.h"

#include <fmt/format.h>

#include <set>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "wire/arn.h"
#include "wire/json_codec.h"

namespace sekisho::ec2_service {
namespace {

constexpr std::size_t tag_key_max = 127;
constexpr std::size_t tag_value_max = 255;

void add_region(const Call& call, access::ContextValues& context) {
    context.push_back({"ec2:Region", {call.region().str()}});
}

std::vector<ec2::Tag> requested_tags(const ResourceKind& kind, const TagSpecifications& specifications) {
    std::vector<ec2::Tag> tags;
    if (!specifications) return tags;
    for (const auto& specification : *specifications) {
        if (specification.resource_type != kind.type || !specification.tags) continue;
        tags.insert(tags.end(), specification.tags->begin(), specification.tags->end());
    }
    return tags;
}

std::string digest_of(const wire::OperationModel& model, const void* request) {
    std::string text;
    JsonWriter writer(text);
    wire::encode_json(*model.request, request, writer);
    return crypto::sha256(text).hex();
}

}  // namespace

ApiError error(std::string_view code, std::string message) {
    return {.code = std::string(code), .message = std::move(message)};
}
ApiError invalid_value(std::string message) {
    return error("InvalidParameterValue", std::move(message));
}
ApiError missing_parameter(std::string_view name) {
    return error("MissingParameter", fmt::format("The request must contain the parameter {}", name));
}
ApiError dependency_violation(std::string message) {
    return error("DependencyViolation", std::move(message));
}

std::string arn_of(const Call& call, const ResourceKind& kind, std::string_view id) {
    return wire::make_arn("ec2", call.region(), call.account(), fmt::format("{}/{}", to_text(kind.type), id));
}

access::Permission on_existing(const Call& call, const ResourceKind& kind, const std::string& id) {
    access::Permission permission{.resource = arn_of(call, kind, id)};
    add_region(call, permission.context);
    const auto tags = kind.tags(call.tx, call.account(), call.region(), id);
    if (!tags || !*tags) return permission;
    for (const auto& [key, value] : **tags) {
        permission.context.push_back({"aws:ResourceTag/" + key, {value}});
        permission.context.push_back({"ec2:ResourceTag/" + key, {value}});
    }
    return permission;
}

access::Permissions on_all(const Call& call) {
    access::Permission permission;
    add_region(call, permission.context);
    return {permission};
}

access::Permissions making(const Call& call, const ResourceKind& kind, std::string_view operation,
                           const TagSpecifications& specifications) {
    access::Permission make{.resource = arn_of(call, kind, "*")};
    add_region(call, make.context);
    const auto tags = requested_tags(kind, specifications);
    if (tags.empty()) return {make};
    std::vector<std::string> keys;
    for (const auto& tag : tags) {
        make.context.push_back({"aws:RequestTag/" + tag.key.value_or(""), {tag.value.value_or("")}});
        keys.push_back(tag.key.value_or(""));
    }
    make.context.push_back({"aws:TagKeys", std::move(keys)});
    auto tagging = make;
    tagging.action = ec2::CreateTags::model.iam_action;
    tagging.context.push_back({"ec2:CreateAction", {std::string(operation)}});
    return {std::move(make), std::move(tagging)};
}

Result<void> check_tags(const Call& call, const std::vector<ec2::Tag>& tags) {
    std::set<std::string> keys;
    for (const auto& tag : tags) {
        const auto key = tag.key.value_or("");
        if (key.empty()) return invalid_value("Tag key cannot be empty.");
        if (count_code_points(key) > tag_key_max) {
            return invalid_value(fmt::format("Tag key exceeds the maximum length of {} characters", tag_key_max));
        }
        if (count_code_points(tag.value.value_or("")) > tag_value_max) {
            return invalid_value(fmt::format("Tag value exceeds the maximum length of {} characters", tag_value_max));
        }
        // Services mark what they make, as CloudFormation does.
        if (starts_with_ignoring_case(key, "aws:") && !call.facts.is_inner) {
            return invalid_value("Tag keys starting with 'aws:' are reserved for internal use");
        }
        if (!keys.insert(key).second) return invalid_value(fmt::format("Duplicate tag key '{}' specified.", key));
    }
    if (tags.size() > limits::tags_max) {
        return error("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
    }
    return {};
}

Result<domain::Tags> read_tags(const Call& call, const ResourceKind& kind, const TagSpecifications& specifications) {
    domain::Tags tags;
    if (!specifications) return tags;
    for (const auto& specification : *specifications) {
        if (!specification.resource_type) return invalid_value("Tag specification resource type must have a value");
        if (*specification.resource_type == kind.type) continue;
        return invalid_value(fmt::format("'{}' is not a valid taggable resource type for this operation.",
                                         to_text(*specification.resource_type)));
    }
    const auto requested = requested_tags(kind, specifications);
    SEK_TRY(check_tags(call, requested));
    for (const auto& tag : requested) tags[*tag.key] = tag.value.value_or("");
    return tags;
}

std::vector<ec2::Tag> tags_to_wire(const domain::Tags& tags) {
    std::vector<ec2::Tag> wire;
    for (const auto& [key, value] : tags) wire.push_back({.key = key, .value = value});
    return wire;
}

Result<std::optional<std::string>> find_made(const Call& call, const wire::OperationModel& model,
                                             const std::optional<std::string>& token, const void* request) {
    if (!token || token->empty()) return std::optional<std::string>();
    SEK_TRY(const auto made,
            domain::ec2_client_tokens.get(call.tx, call.account(), call.region(), std::string(model.name), *token));
    if (!made || made->created_at + hours(24) < call.now) return std::optional<std::string>();
    if (made->request_digest == digest_of(model, request)) return std::optional(made->resource_id);
    return error("IdempotentParameterMismatch",
                 "The client token you have provided has already been used in a previous request with different "
                 "parameters.");
}

Result<void> remember_made(Call& call, const wire::OperationModel& model, const std::optional<std::string>& token,
                           const void* request, const std::string& resource_id) {
    if (!token || token->empty()) return {};
    return domain::ec2_client_tokens.put(call.tx, {.account_id = call.account(),
                                                   .region = call.region(),
                                                   .operation = std::string(model.name),
                                                   .token = *token,
                                                   .request_digest = digest_of(model, request),
                                                   .resource_id = resource_id,
                                                   .created_at = call.now});
}

}  // namespace sekisho::ec2_service
