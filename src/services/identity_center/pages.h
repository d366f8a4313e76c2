#pragma once
// Pages of lists, as all operations here have them (MaxResults, NextToken).
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "operation/call.h"
#include "store/table.h"

namespace sekisho::identity_center_service {

inline constexpr std::size_t page_items_default = 100;
inline constexpr std::size_t scanned_items_max = 1000;  // of a filtered list, for one page

// The store's page that the request asks for. `scope` names the list and what filters it; a token of another list is
// a ValidationException.
template <class Request>
Result<store::Page> open_page(const operation::Call& call, std::string_view scope, const Request& request) {
    const auto after = call.open_page(scope, request.next_token.value_or(""));
    if (!after) return ApiError{.code = "ValidationException", .message = "The NextToken is not valid."};
    store::Page page{.after = *after, .limit = page_items_default};
    if constexpr (requires { request.max_results; }) {
        page.limit = static_cast<std::size_t>(request.max_results.value_or(static_cast<int>(page_items_default)));
    }
    return page;
}

inline std::optional<std::string> seal_next(const operation::Call& call, std::string_view scope,
                                            const std::optional<std::string>& next) {
    if (!next) return {};
    return call.seal_page(scope, *next);
}

// A page of what `keep` wants: scan(page) gives slices; looks at no more than scanned_items_max records.
template <class Scan, class Keep>
auto filtered_page(store::Page page, Scan&& scan, Keep&& keep) -> decltype(scan(page)) {
    const std::size_t wanted = page.limit;
    std::size_t scanned = 0;
    typename decltype(scan(page))::value_type result;
    for (;;) {
        page.limit = wanted - result.items.size();
        SEK_TRY(auto part, scan(page));
        scanned += part.items.size();
        for (auto& item : part.items) {
            if (keep(item)) result.items.push_back(std::move(item));
        }
        result.next = std::move(part.next);
        if (!result.next || result.items.size() == wanted || scanned >= scanned_items_max) return result;
        page.after = *result.next;
    }
}

// Lists within one record: a page's token is the place of its first item.
template <class Item>
Result<store::Slice<Item>> slice_of(const std::vector<Item>& all, const store::Page& page) {
    std::size_t from = 0;
    if (!page.after.empty()) {
        std::from_chars(page.after.data(), page.after.data() + page.after.size(), from);
    }
    store::Slice<Item> slice;
    for (std::size_t i = from; i < all.size() && slice.items.size() < page.limit; ++i) slice.items.push_back(all[i]);
    if (from + slice.items.size() < all.size()) slice.next = std::to_string(from + slice.items.size());
    return slice;
}

}  // namespace sekisho::identity_center_service
