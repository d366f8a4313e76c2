#pragma once
// TagX, UntagX and ListXTags: alike for every kind of resource. A kind says what differs:
//
//   struct UserTags {
//       using Tag = iam::TagUser;    // the operations; also Untag, List
//       static const std::string& name(const auto& request);                  // which resource a request names
//       static Permissions permissions(const Call&, const std::string& name, ContextValues context);
//       static Result<Record> find(const Call&, const std::string& name);     // to look at; Record has `tags`
//       static Result<Record> change(const Call&, const std::string& name);   // to write; none: as find
//       static Result<void> save(Call&, const Record&);
//   };
#include <string>
#include <utility>

#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/tags.h"

namespace sekisho::iam_service {

template <class Kind>
struct TagOperations {
    using Call = operation::Call;
    using TagRequest = typename Kind::Tag::Request;
    using UntagRequest = typename Kind::Untag::Request;
    using ListRequest = typename Kind::List::Request;
    using ListResponse = typename Kind::List::Response;

    static Permissions tag_permissions(const Call& call, const TagRequest& request) {
        ContextValues context;
        add_request_tags(context, request.tags);
        return Kind::permissions(call, Kind::name(request), std::move(context));
    }
    static Permissions untag_permissions(const Call& call, const UntagRequest& request) {
        ContextValues context;
        add_tag_keys(context, request.tag_keys);
        return Kind::permissions(call, Kind::name(request), std::move(context));
    }
    static Permissions list_permissions(const Call& call, const ListRequest& request) {
        return Kind::permissions(call, Kind::name(request), {});
    }
    static auto to_change(const Call& call, const std::string& name) {
        if constexpr (requires { Kind::change(call, name); }) {
            return Kind::change(call, name);
        } else {
            return Kind::find(call, name);
        }
    }
    static Result<typename Kind::Tag::Response> tag(Call& call, const TagRequest& request) {
        SEK_TRY(auto record, to_change(call, Kind::name(request)));
        SEK_TRY(add_tags(record.tags, request.tags));
        SEK_TRY(Kind::save(call, record));
        return typename Kind::Tag::Response{};
    }
    static Result<typename Kind::Untag::Response> untag(Call& call, const UntagRequest& request) {
        SEK_TRY(auto record, to_change(call, Kind::name(request)));
        remove_tags(record.tags, request.tag_keys);
        SEK_TRY(Kind::save(call, record));
        return typename Kind::Untag::Response{};
    }
    static Result<ListResponse> list(Call& call, const ListRequest& request) {
        SEK_TRY(const auto record, Kind::find(call, Kind::name(request)));
        const auto scope = std::string(Kind::List::model.name) + "\n" + Kind::name(request);
        ListResponse response;
        SEK_TRY(response.tags, page_of(call, scope, tags_to_wire(record.tags), request, response));
        return response;
    }
};

// The table with the three rows of a kind added.
template <class Kind>
operation::OperationTable with_tag_operations(operation::OperationTable table) {
    using Of = TagOperations<Kind>;
    using operation::Access;
    table.push_back(operation::operation<typename Kind::Tag>(
        {.access = Access::write, .resources = Of::tag_permissions, .handle = Of::tag}));
    table.push_back(operation::operation<typename Kind::Untag>(
        {.access = Access::write, .resources = Of::untag_permissions, .handle = Of::untag}));
    table.push_back(operation::operation<typename Kind::List>(
        {.access = Access::read, .resources = Of::list_permissions, .handle = Of::list}));
    return table;
}

}  // namespace sekisho::iam_service
