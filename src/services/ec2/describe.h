#pragma once
// Lists of EC2: by ids, by filters, in pages. A resource's filters are rows of data; tag:KEY and tag-key come along.
#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/ec2/common.h"

namespace sekisho::ec2_service {

template <class Record>
struct FilterRow {
    std::string_view name;
    std::vector<std::string> (*values)(const Record&);  // any of them may match
};
using Filters = std::optional<std::vector<ec2::Filter>>;
using Ids = std::optional<std::vector<std::string>>;

// `*` is any text and `?` one character; a backslash takes them as they are.
bool matches_wildcards(std::string_view pattern, std::string_view text);
bool matches_filter(const ec2::Filter& filter, const std::vector<std::string>& values);
ApiError invalid_filter(const ec2::Filter& filter);
// Of tag:KEY and tag-key; nothing for other filters.
std::optional<std::vector<std::string>> tag_filter_values(const ec2::Filter& filter, const domain::Tags& tags);

template <class Record>
Result<bool> matches(std::span<const FilterRow<Record>> rows, const Filters& filters, const Record& record) {
    if (!filters) return true;
    for (const auto& filter : *filters) {
        const auto row = std::ranges::find(rows, filter.name.value_or(""), &FilterRow<Record>::name);
        std::optional<std::vector<std::string>> values;
        if (row != rows.end()) values = row->values(record);
        if constexpr (requires { record.tags; }) {
            if (!values) values = tag_filter_values(filter, record.tags);
        }
        if (!values) return invalid_filter(filter);
        if (!matches_filter(filter, *values)) return false;
    }
    return true;
}
// The filters are known, even when there is nothing to look at.
template <class Record>
Result<void> check_filters(std::span<const FilterRow<Record>> rows, const Filters& filters) {
    SEK_TRY(matches(rows, filters, Record{}));
    return {};
}

struct PageAsked {
    std::string scope;  // the operation
    std::optional<std::string> next_token;
    std::optional<std::int32_t> max_results;
};
template <class Record>
struct Found {
    std::vector<Record> records;
    std::optional<std::string> next_token;
};

Result<std::string> open_page(const Call& call, const PageAsked& asked);
std::size_t page_limit(const PageAsked& asked);

// Of a list that is in memory: the page that is asked for.
template <class Item>
Result<Found<Item>> page_of(const Call& call, std::vector<Item> items, const PageAsked& asked) {
    SEK_TRY(const auto after, open_page(call, asked));
    const std::size_t first = std::min(items.size(), after.empty() ? 0 : static_cast<std::size_t>(std::stoul(after)));
    const std::size_t last = std::min(items.size(), first + page_limit(asked));
    Found<Item> found;
    found.records.assign(std::make_move_iterator(items.begin() + static_cast<std::ptrdiff_t>(first)),
                         std::make_move_iterator(items.begin() + static_cast<std::ptrdiff_t>(last)));
    if (last < items.size()) found.next_token = call.seal_page(asked.scope, std::to_string(last));
    return found;
}

// What matches of a list in memory.
template <class Item>
Result<std::vector<Item>> select(std::span<const FilterRow<Item>> rows, const Filters& filters,
                                 std::vector<Item> items) {
    SEK_TRY(check_filters(rows, filters));
    std::vector<Item> kept;
    for (auto& item : items) {
        SEK_TRY(const bool is_meant, matches(rows, filters, item));
        if (is_meant) kept.push_back(std::move(item));
    }
    return kept;
}

// Records of a table: those of the ids (each must be there), or all, that match.
template <class Record>
Result<Found<Record>> describe(const Call& call, const store::Table<Record>& table, const ResourceKind& kind,
                               std::span<const FilterRow<Record>> rows, const Ids& ids, const Filters& filters,
                               const PageAsked& asked) {
    SEK_TRY(check_filters(rows, filters));
    Found<Record> found;
    if (ids && !ids->empty()) {
        if (asked.max_results) {
            return error("InvalidParameterCombination", "The parameter " + std::string(to_text(kind.type)) +
                                                            "Ids cannot be used with the parameter maxResults");
        }
        for (const auto& id : *ids) {
            SEK_TRY(auto record, find(call, table, kind, id));
            SEK_TRY(const bool is_meant, matches(rows, filters, record));
            if (is_meant) found.records.push_back(std::move(record));
        }
        return found;
    }
    SEK_TRY(auto after, open_page(call, asked));
    const auto limit = page_limit(asked);
    store::Page page{.after = std::move(after)};
    for (;;) {
        page.limit = std::min(limit - found.records.size(), limits::page_items_max);
        SEK_TRY(auto slice, table.scan(call.tx, store::prefix(call.account(), call.region()), page));
        for (auto& record : slice.items) {
            SEK_TRY(const bool is_meant, matches(rows, filters, record));
            if (is_meant) found.records.push_back(std::move(record));
        }
        if (!slice.next) return found;
        page.after = std::move(*slice.next);
        if (found.records.size() < limit) continue;
        found.next_token = call.seal_page(asked.scope, page.after);
        return found;
    }
}

}  // namespace sekisho::ec2_service
