// Who did what: the audit trail as administrators read it, newest first. The trail's lines come by a hook; they are
// read before the handler, because they lie in files.
#include "services/sekisho/activity.h"

#include <fmt/format.h>

#include <charconv>

#include "base/json.h"
#include "base/text.h"
#include "models/control.h"
#include "operation/work_pool.h"
#include "services/sekisho/service.h"
#include "services/sekisho/views.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

// A place as a page token holds it.
std::string print_place(const audit::TrailPlace& place) {
    return fmt::format("{}:{}", place.sequence, place.offset);
}

std::optional<audit::TrailPlace> parse_place(std::string_view text) {
    audit::TrailPlace place;
    const char* const end = text.data() + text.size();
    const auto [colon, no_sequence] = std::from_chars(text.data(), end, place.sequence);
    if (no_sequence != std::errc() || colon == end || *colon != ':') return {};
    const auto [stop, no_offset] = std::from_chars(colon + 1, end, place.offset);
    if (no_offset != std::errc() || stop != end) return {};
    return place;
}

std::optional<std::string> not_empty(std::optional<std::string> text) {
    if (text && text->empty()) return std::nullopt;
    return text;
}

// The person where there is one: the session's name of a role, else the principal's own.
std::optional<std::string> user_name_of(const json::value& identity) {
    if (auto name = not_empty(find_text(identity, "userName"))) return name;
    if (const auto principal = find_text(identity, "principalId")) {
        const std::size_t colon = principal->find(':');
        if (colon != std::string::npos) return principal->substr(colon + 1);
    }
    return not_empty(find_text(identity, "invokedBy"));
}

std::vector<std::string> resources_of(const json::value& record) {
    std::vector<std::string> arns;
    const auto* list = find(record, "resources");
    if (list == nullptr || !list->is_array()) return arns;
    for (const auto& entry : list->get_array()) {
        if (auto arn = find_text(entry, "ARN")) arns.push_back(std::move(*arn));
    }
    return arns;
}

std::optional<bool> boolean_of(const json::value& record, std::string_view name) {
    const auto* value = find(record, name);
    return value != nullptr && value->is_bool() ? std::optional(value->get_bool()) : std::nullopt;
}

std::optional<control::ActivityEvent> to_event(std::string_view line) {
    const auto record = parse_json(line);
    if (!record) return std::nullopt;
    const auto time = parse_iso8601(find_text(*record, "eventTime").value_or(""));
    if (!time) return std::nullopt;
    control::ActivityEvent event{.event_id = find_text(*record, "eventID").value_or(""),
                                 .event_time = *time,
                                 .event_name = find_text(*record, "eventName").value_or(""),
                                 .event_source = find_text(*record, "eventSource").value_or("")};
    if (const auto* identity = find(*record, "userIdentity")) {
        event.user_name = user_name_of(*identity);
        event.principal_arn = not_empty(find_text(*identity, "arn"));
    }
    event.account_id = find_text(*record, "recipientAccountId");
    event.region = find_text(*record, "awsRegion");
    event.source_address = find_text(*record, "sourceIPAddress");
    event.error_code = not_empty(find_text(*record, "errorCode"));
    event.error_message = not_empty(find_text(*record, "errorMessage"));
    event.read_only = boolean_of(*record, "readOnly");
    if (auto arns = resources_of(*record); !arns.empty()) event.resources = std::move(arns);
    event.record = std::string(line);
    return event;
}

// What can be said of a line before it is parsed: most lines fall here.
bool may_match(std::string_view line, const control::ListActivityRequest& request) {
    const auto has = [line](const std::optional<std::string>& text) {
        return !text || line.find(*text) != std::string_view::npos;
    };
    if (request.changes_only.value_or(false) && line.find("\"readOnly\":true") != std::string_view::npos) return false;
    if (request.failures_only.value_or(false) && line.find("\"errorCode\":") == std::string_view::npos) return false;
    return has(request.event_name) && has(request.event_source) && has(request.account_id);
}

bool matches(const control::ActivityEvent& event, const control::ListActivityRequest& request) {
    const auto is = [](const std::optional<std::string>& wanted, const std::optional<std::string>& actual) {
        return !wanted || wanted == actual;
    };
    if (request.user_name && !(event.user_name && equals_ignoring_case(*event.user_name, *request.user_name))) {
        return false;
    }
    if (request.changes_only.value_or(false) && event.read_only.value_or(false)) return false;
    if (request.failures_only.value_or(false) && !event.error_code) return false;
    if (request.end_time && event.event_time > *request.end_time) return false;
    return is(request.event_name, event.event_name) && is(request.event_source, event.event_source) &&
           is(request.account_id, event.account_id);
}

}  // namespace

ActivityPage read_activity(const ScanTrail& scan, const control::ListActivityRequest& request,
                           const std::optional<AccountId>& only_account,
                           const std::optional<audit::TrailPlace>& before) {
    ActivityPage page;
    const auto limit = page_limit(request);
    std::size_t scanned = 0;
    std::optional<audit::TrailPlace> last;
    const auto visit = [&](std::string_view line, audit::TrailPlace place) {
        if (page.events.size() == limit || scanned == activity_records_scanned_max) {
            page.next = last;
            return false;
        }
        ++scanned;
        last = place;
        if (!may_match(line, request)) return true;
        auto event = to_event(line);
        if (!event) return true;
        if (request.start_time && event->event_time < *request.start_time) return false;
        const bool is_visible = !only_account || event->account_id == only_account->str();
        if (is_visible && matches(*event, request)) page.events.push_back(std::move(*event));
        return true;
    };
    scan(visit, before);
    return page;
}

operation::Operation list_activity_operation(std::shared_ptr<const ServerHooks> hooks) {
    auto row = operation::operation<control::ListActivity>(
        {.access = Access::read,
         .resources = operation::any_resource,
         .handle = [](Call& call, const control::ListActivityRequest&) -> Result<control::ListActivityResponse> {
             const auto& page = call.prepared<ActivityPage>();
             control::ListActivityResponse response{.events = page.events};
             if (page.next) response.next_token = call.seal_page("ListActivity", print_place(*page.next));
             return response;
         }});
    row.prepare = [hooks = std::move(hooks)](const Call& call, const void* raw, operation::PrepareDone done) {
        const auto& request = *static_cast<const control::ListActivityRequest*>(raw);
        auto after = page_start(call, "ListActivity", request);
        if (!after) return done(std::move(after).error());
        const auto before = parse_place(*after);
        if (!before && !after->empty()) return done(control::errors::validation_exception("NextToken is not valid."));
        // An account reads its own records; the management account those of all.
        std::optional<AccountId> only_account = call.account();
        if (hooks->status().management_account_id == call.account()) only_account.reset();
        operation::prepare_on(
            operation::trail_pool(), std::move(done),
            [hooks, request, only_account, before]() -> Result<operation::Prepared> {
                return operation::make_prepared(read_activity(hooks->scan_trail, request, only_account, before));
            },
            control::errors::throttling_exception("Too many read the trail. Try again shortly."));
    };
    return row;
}

}  // namespace sekisho::control_service
