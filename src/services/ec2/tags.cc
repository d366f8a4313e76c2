#include "services/ec2/describe.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using Values = std::vector<std::string>;

// Every resource is there and can be tagged, before the first is changed.
Result<void> check_resources(const Call& call, const Values& ids) {
    if (ids.empty()) return missing_parameter("resourceIdSet");
    for (const auto& id : ids) {
        const auto* kind = kind_of_id(id);
        if (kind == nullptr) return error("InvalidID", "The ID '" + id + "' is not valid");
        SEK_TRY(check_id(*kind, id));
        SEK_TRY(const auto tags, kind->tags(call.tx, call.account(), call.region(), id));
        if (!tags) return not_found(*kind, id);
    }
    return {};
}

template <class Change>
Result<void> change_tags(Call& call, const Values& ids, Change change) {
    SEK_TRY(check_resources(call, ids));
    for (const auto& id : ids) {
        const auto& kind = *kind_of_id(id);
        SEK_TRY(auto tags, kind.tags(call.tx, call.account(), call.region(), id));
        change(*tags);
        if (tags->size() > limits::tags_max) {
            return error("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
        }
        SEK_TRY(kind.put_tags(call.tx, call.account(), call.region(), id, std::move(*tags)));
    }
    return {};
}

Result<ec2::CreateTags::Response> create_tags(Call& call, const ec2::CreateTagsRequest& request) {
    if (request.tags.empty()) return missing_parameter("tagSet");
    SEK_TRY(check_tags(call, request.tags));
    SEK_TRY(change_tags(call, request.resources, [&](domain::Tags& tags) {
        for (const auto& tag : request.tags) tags[*tag.key] = tag.value.value_or("");
    }));
    return ec2::CreateTags::Response{};
}

// A tag without a value goes whatever its value is; with one, only when it has that value. No tags: all go but AWS's
// own.
Result<ec2::DeleteTags::Response> delete_tags(Call& call, const ec2::DeleteTagsRequest& request) {
    SEK_TRY(change_tags(call, request.resources, [&](domain::Tags& tags) {
        if (!request.tags) {
            std::erase_if(tags, [](const auto& tag) { return !tag.first.starts_with("aws:"); });
            return;
        }
        for (const auto& tag : *request.tags) {
            const auto at = tags.find(tag.key.value_or(""));
            if (at != tags.end() && (!tag.value || *tag.value == at->second)) tags.erase(at);
        }
    }));
    return ec2::DeleteTags::Response{};
}

access::Permissions on_resources(const Call& call, const Values& ids, const std::vector<ec2::Tag>& tags) {
    access::Permissions permissions;
    for (const auto& id : ids) {
        const auto* kind = kind_of_id(id);
        if (kind == nullptr) continue;
        auto permission = on_existing(call, *kind, id);
        Values keys;
        for (const auto& tag : tags) {
            keys.push_back(tag.key.value_or(""));
            if (tag.value) permission.context.push_back({"aws:RequestTag/" + keys.back(), {*tag.value}});
        }
        if (!keys.empty()) permission.context.push_back({"aws:TagKeys", std::move(keys)});
        permissions.push_back(std::move(permission));
    }
    return permissions.empty() ? on_all(call) : permissions;
}
access::Permissions create_permissions(const Call& call, const ec2::CreateTagsRequest& request) {
    return on_resources(call, request.resources, request.tags);
}
access::Permissions delete_permissions(const Call& call, const ec2::DeleteTagsRequest& request) {
    return on_resources(call, request.resources, request.tags.value_or(std::vector<ec2::Tag>()));
}

struct ShownTag {
    std::string resource_id;
    ec2::ResourceType type{};
    std::string key;
    std::string value;
};
constexpr FilterRow<ShownTag> filters[] = {
    {"key", [](const ShownTag& t) { return Values{t.key}; }},
    {"resource-id", [](const ShownTag& t) { return Values{t.resource_id}; }},
    {"resource-type", [](const ShownTag& t) { return Values{std::string(to_text(t.type))}; }},
    {"value", [](const ShownTag& t) { return Values{t.value}; }},
};

// tag:KEY of this operation asks for the value of that key.
Filters without_tag_names(const Filters& asked) {
    if (!asked) return {};
    auto rewritten = *asked;
    for (std::size_t i = 0; i < asked->size(); ++i) {
        const auto name = (*asked)[i].name.value_or("");
        if (!name.starts_with("tag:")) continue;
        rewritten[i].name = "value";
        rewritten.push_back({.name = "key", .values = Values{name.substr(4)}});
    }
    return rewritten;
}

Result<ec2::DescribeTagsResult> describe_tags(Call& call, const ec2::DescribeTagsRequest& request) {
    std::vector<ShownTag> all;
    for (const auto* kind : all_kinds()) {
        SEK_TRY(
            kind->each(call.tx, call.account(), call.region(), [&](const std::string& id, const domain::Tags& tags) {
                for (const auto& [key, value] : tags) all.push_back({id, kind->type, key, value});
            }));
    }
    SEK_TRY(auto kept, select<ShownTag>(filters, without_tag_names(request.filters), std::move(all)));
    SEK_TRY(const auto page, page_of(call, std::move(kept), {"DescribeTags", request.next_token, request.max_results}));
    ec2::DescribeTagsResult result;
    result.tags.emplace();
    for (const auto& tag : page.records) {
        result.tags->push_back(
            {.key = tag.key, .resource_id = tag.resource_id, .resource_type = tag.type, .value = tag.value});
    }
    result.next_token = page.next_token;
    return result;
}

}  // namespace

const operation::OperationTable tag_operations = {
    row<ec2::CreateTags>({.access = Access::write, .resources = create_permissions, .handle = create_tags}),
    row<ec2::DeleteTags>({.access = Access::write, .resources = delete_permissions, .handle = delete_tags}),
    row<ec2::DescribeTags>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeTagsRequest>, .handle = describe_tags}),
};

}  // namespace sekisho::ec2_service
