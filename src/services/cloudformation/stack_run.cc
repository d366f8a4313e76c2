#include "services/cloudformation/stack_run.h"

#include <fmt/format.h>

namespace sekisho::cloudformation_service {

using domain::StackWork;

bool is_live(const domain::StackResource& row) {
    return row.status != status::delete_complete && row.status != status::delete_skipped;
}

Result<void> StackRun::load() {
    SEK_TRY(rows_, load_rows(moment_.tx, stack_.id));
    return {};
}

Result<void> StackRun::go() {
    const auto& now = stack_.status;
    if (now == status::create_in_progress || now == status::update_in_progress || now == status::update_rollback) {
        return apply();
    }
    if (now == status::rollback_in_progress || now == status::delete_in_progress) return remove_all();
    return clean_up();
}

Result<void> StackRun::set_status(std::string_view new_status, std::string reason) {
    stack_.status = new_status;
    stack_.status_reason = std::move(reason);
    SEK_TRY(record_stack_event(moment_, stack_));
    return domain::stacks.put(moment_.tx, stack_);
}

Result<void> StackRun::put(domain::StackResource row) {
    ++rows_written_;
    bytes_written_ += row.properties.expose().size() + row.previous_properties.expose().size();
    if (row.replaced) bytes_written_ += row.replaced->properties.expose().size();
    SEK_TRY(domain::stack_resources.put(moment_.tx, row));
    rows_[row.logical_id] = std::move(row);
    return {};
}

Result<void> StackRun::put_with_event(domain::StackResource row, std::string_view properties) {
    row.updated_at = moment_.now;
    SEK_TRY(record_event(moment_, stack_, row, properties));
    bytes_written_ += properties.size();
    return put(std::move(row));
}

// A row whose calls are all done: has it settled?
Result<void> StackRun::settle(domain::StackResource row) {
    const auto* type = find_type(row.type);
    SEK_TRY(const auto view, view_of(stack_, row));
    if (static_cast<std::size_t>(row.step) < plan_of(*type, view).size()) {
        // Calls that wait for the resource wait in vain when it fails.
        if (type->standing == nullptr || row.step == 0) return {};
        const auto standing = type->standing(moment_.tx, view);
        if (standing.state != Standing::failed) return {};
        ++rows_written_;
        SEK_TRY(fail_row(moment_, stack_, row, standing.reason));
        rows_[row.logical_id] = std::move(row);
        return {};
    }
    const auto standing = type->standing == nullptr ? Standing() : type->standing(moment_.tx, view);
    if (standing.state == Standing::pending) return {};
    if (standing.state == Standing::failed) {
        ++rows_written_;
        SEK_TRY(fail_row(moment_, stack_, row, standing.reason));
        rows_[row.logical_id] = std::move(row);
        return {};
    }
    const auto work = row.work;
    if (work == StackWork::make) row.is_made = true;
    if (work == StackWork::make && type->made_id != nullptr) row.physical_id = type->made_id(view);
    row.work = StackWork::none;
    row.step = 0;
    row.status_reason.clear();
    if (work == StackWork::discard) {
        // The event is the old one's; the row goes on as the new one.
        auto old = row;
        old.physical_id = row.replaced->physical_id;
        old.status = status::delete_complete;
        SEK_TRY(record_event(moment_, stack_, old));
        row.replaced.reset();
        return put(std::move(row));
    }
    row.operation = stack_.operation;
    row.previous_properties = Secret();
    row.previous_tags.clear();
    if (work == StackWork::remove) {
        row.status = status::delete_complete;
    } else {
        row.status = row.status == status::create_in_progress ? status::create_complete : status::update_complete;
    }
    return put_with_event(std::move(row));
}

Result<void> StackRun::settle_rows() {
    std::vector<std::string> ids;
    for (const auto& [id, row] : rows_) {
        if (row.work != StackWork::none) ids.push_back(id);
    }
    for (const auto& id : ids) {
        if (!has_room()) return {};
        SEK_TRY(settle(rows_.at(id)));
    }
    return {};
}

std::string StackRun::failures() const {
    std::string text;
    for (const auto& [failed, verb] :
         {std::pair(status::create_failed, "create"), std::pair(status::update_failed, "update"),
          std::pair(status::delete_failed, "delete")}) {
        std::vector<std::string_view> names;
        for (const auto& [id, row] : rows_) {
            if (row.status == failed) names.push_back(id);
        }
        if (!names.empty()) {
            text += fmt::format("The following resource(s) failed to {}: [{}]. ", verb, fmt::join(names, ", "));
        }
    }
    return text;
}

}  // namespace sekisho::cloudformation_service
