#include "services/iam/tags.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace sekisho::iam_service {
namespace {

constexpr std::size_t tags_max = 50;

domain::Tags::iterator find_ignoring_case(domain::Tags& tags, std::string_view key) {
    return std::ranges::find_if(tags, [&](const auto& tag) { return equals_ignoring_case(tag.first, key); });
}

}  // namespace

Result<void> add_tags(domain::Tags& tags, const std::vector<iam::Tag>& added) {
    std::set<std::string> keys;
    for (const auto& tag : added) {
        if (!keys.insert(lower_ascii(tag.key)).second) {
            return iam::errors::invalid_input_exception(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        }
        if (starts_with_ignoring_case(tag.key, "aws:")) {
            return ApiError{.code = "ValidationError",
                            .message = "aws: prefixed tag key names are not allowed for external use."};
        }
        const auto found = find_ignoring_case(tags, tag.key);
        if (found == tags.end()) {
            tags.emplace(tag.key, tag.value);
        } else {
            found->second = tag.value;
        }
    }
    if (tags.size() > tags_max) {
        return iam::errors::limit_exceeded_exception(
            "The number of tags has reached the maximum limit for the resource: 50");
    }
    return {};
}

void remove_tags(domain::Tags& tags, const std::vector<std::string>& keys) {
    for (const auto& key : keys) {
        if (const auto found = find_ignoring_case(tags, key); found != tags.end()) tags.erase(found);
    }
}

std::vector<iam::Tag> tags_to_wire(const domain::Tags& tags) {
    std::vector<iam::Tag> wire;
    for (const auto& [key, value] : tags) wire.push_back({.key = key, .value = value});
    return wire;
}

std::optional<std::vector<iam::Tag>> tags_or_none(const domain::Tags& tags) {
    if (tags.empty()) return {};
    return tags_to_wire(tags);
}

void add_request_tags(access::ContextValues& context, const std::optional<std::vector<iam::Tag>>& tags) {
    if (!tags || tags->empty()) return;
    std::vector<std::string> keys;
    for (const auto& tag : *tags) {
        context.push_back({"aws:RequestTag/" + tag.key, {tag.value}});
        keys.push_back(tag.key);
    }
    context.push_back({"aws:TagKeys", std::move(keys)});
}

void add_tag_keys(access::ContextValues& context, const std::vector<std::string>& keys) {
    if (!keys.empty()) context.push_back({"aws:TagKeys", keys});
}

void add_resource_tags(access::ContextValues& context, const domain::Tags& tags) {
    for (const auto& [key, value] : tags) {
        context.push_back({"aws:ResourceTag/" + key, {value}});
        context.push_back({"iam:ResourceTag/" + key, {value}});
    }
}

}  // namespace sekisho::iam_service
