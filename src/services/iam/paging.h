#pragma once
// Marker and MaxItems, as every list of IAM has them.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "operation/call.h"
#include "store/table.h"

namespace sekisho::iam_service {

inline constexpr std::int32_t page_items_default = 100;

// Where a list goes on: the sealed marker's content. Error: ValidationError, "Invalid Marker.".
Result<std::string> open_marker(const operation::Call& call, std::string_view scope,
                                const std::optional<std::string>& marker);

// Puts a page's end into the answer.
template <class Response>
void close_page(const operation::Call& call, std::string_view scope, const std::optional<std::string>& next,
                Response& response) {
    response.is_truncated = next.has_value();
    if (next) response.marker = call.seal_page(scope, *next);
}

// A page of the records below a prefix that `keep` lets through. Looks at a bounded number of records: a page can have
// fewer items than asked for and still not be the last one, as AWS documents it.
template <class Record, class Keep>
Result<store::Slice<Record>> filtered_page(const store::Table<Record>& table, const store::Reader& reader,
                                           std::string_view prefix, store::Page page, Keep keep) {
    constexpr int rounds_max = 8;
    store::Slice<Record> result;
    const std::size_t wanted = page.limit;
    for (int round = 0; round < rounds_max; ++round) {
        page.limit = wanted - result.items.size();
        SEK_TRY(auto part, table.scan(reader, prefix, page));
        for (auto& record : part.items) {
            if (keep(record)) result.items.push_back(std::move(record));
        }
        result.next = std::move(part.next);
        if (!result.next || result.items.size() >= wanted) break;
        page.after = *result.next;
    }
    return result;
}

// A page of a list that one record holds whole (at most a few dozen items): the marker is the number of items before.
template <class Item, class Request, class Response>
Result<std::vector<Item>> page_of(const operation::Call& call, std::string_view scope, std::vector<Item> items,
                                  const Request& request, Response& response) {
    SEK_TRY(const auto after, open_marker(call, scope, request.marker));
    const std::size_t from = after.empty() ? 0 : std::min(items.size(), std::size_t{std::stoul(after)});
    const auto limit = static_cast<std::size_t>(request.max_items.value_or(page_items_default));
    const std::size_t to = std::min(items.size(), from + limit);
    std::optional<std::string> next;
    if (to < items.size()) next = std::to_string(to);
    close_page(call, scope, next, response);
    std::vector<Item> page;
    for (std::size_t i = from; i < to; ++i) page.push_back(std::move(items[i]));
    return page;
}

template <class Request>
Result<store::Page> store_page(const operation::Call& call, std::string_view scope, const Request& request) {
    SEK_TRY(auto after, open_marker(call, scope, request.marker));
    return store::Page{.after = std::move(after),
                       .limit = static_cast<std::size_t>(request.max_items.value_or(page_items_default))};
}

}  // namespace sekisho::iam_service
