// Taking resources away: what an update leaves behind, and everything, when a stack is deleted or rolls back.
#include <fmt/format.h>

#include "base/text.h"
#include "services/cloudformation/stack_run.h"

namespace sekisho::cloudformation_service {

using domain::StackWork;

namespace {

bool is_removing(const domain::StackResource& row) {
    return row.work == StackWork::remove || row.work == StackWork::discard;
}

}  // namespace

bool StackRun::is_removing_any() const {
    return std::ranges::any_of(rows_, [](const auto& entry) { return is_removing(entry.second); });
}

bool StackRun::is_retained(const domain::StackResource& row) const {
    if (std::ranges::find(stack_.retained, row.logical_id) != stack_.retained.end()) return true;
    if (row.retain) return true;
    return row.retain_unless_new && !(row.is_new && stack_.undoes);
}

// What no other target needs goes now; the others wait for it.
Result<void> StackRun::start_removals(const std::set<std::string>& targets) {
    std::set<std::string> needed;
    for (const auto& id : targets) needed.insert(rows_.at(id).depends_on.begin(), rows_.at(id).depends_on.end());
    for (const auto& id : targets) {
        if (!has_room()) return {};
        auto& row = rows_.at(id);
        const bool has_failed = row.status == status::delete_failed && row.operation == stack_.operation;
        if (is_removing(row) || has_failed || needed.contains(id)) continue;
        SEK_TRY(start_removal(row));
    }
    return {};
}

Result<void> StackRun::start_removal(domain::StackResource& source) {
    auto row = source;
    row.step = 0;
    row.status_reason.clear();
    row.operation = stack_.operation;
    if (row.replaced) {
        if (row.retain_replaced || row.replaced->physical_id.empty()) {
            row.replaced.reset();
            return put(std::move(row));
        }
        row.work = StackWork::discard;
        auto old = row;
        old.physical_id = row.replaced->physical_id;
        old.status = status::delete_in_progress;
        SEK_TRY(record_event(moment_, stack_, old));
        return put(std::move(row));
    }
    row.work = StackWork::none;
    if (is_retained(row)) {
        row.status = status::delete_skipped;
    } else if (!row.is_made) {
        row.status = status::delete_complete;
    } else {
        row.work = StackWork::remove;
        row.status = status::delete_in_progress;
    }
    return put_with_event(std::move(row));
}

Result<void> StackRun::clean_up() {
    SEK_TRY(evaluation_, load_model(moment_.tx, stack_, stack_.model));
    SEK_TRY(settle_rows());
    if (rows_written_ > 0) return {};
    std::set<std::string> targets;
    for (const auto& [id, row] : rows_) {
        if (row.replaced || (is_live(row) && !evaluation_->is_to_be(id))) targets.insert(id);
    }
    SEK_TRY(start_removals(targets));
    if (rows_written_ > 0 || is_removing_any()) return {};
    return finish_clean_up();
}

Result<void> StackRun::finish_clean_up() {
    constexpr std::size_t at_once = 8;
    std::size_t changed = 0;
    std::vector<std::string> ids;
    for (const auto& [id, row] : rows_) {
        if (row.is_new || (row.replaced && row.status == status::delete_failed)) ids.push_back(id);
    }
    for (const auto& id : ids) {
        if (++changed > at_once) return {};
        auto row = rows_.at(id);
        row.is_new = false;
        // What could not be taken away stays behind; its event says so.
        if (row.replaced && row.status == status::delete_failed) {
            row.replaced.reset();
            row.status = status::update_complete;
        }
        SEK_TRY(put(std::move(row)));
    }
    if (changed > 0) return {};
    SEK_TRY(const auto kept, imported_names(*evaluation_));
    SEK_TRY(const bool is_dropped, drop_imports(kept));
    if (!is_dropped) return {};
    SEK_TRY(const bool is_alone, drop_templates());
    if (!is_alone) return {};
    stack_.previous_model.reset();
    stack_.undoes = false;
    if (stack_.status == status::update_cleanup && !stack_.next_policy.empty()) {
        stack_.policy = std::move(stack_.next_policy);
    }
    stack_.policy_during_update.clear();
    stack_.next_policy.clear();
    return set_status(stack_.status == status::update_cleanup ? status::update_complete
                                                              : status::update_rollback_complete);
}

// Of models that the stack had, or was to have. True: none are left.
Result<bool> StackRun::drop_templates() {
    constexpr std::size_t at_once = 10;
    std::set<std::string> kept{stack_.model.template_id};
    SEK_TRY(domain::stack_change_sets.each(moment_.tx, store::prefix(stack_.id), [&](const auto& set) {
        kept.insert(set.model.template_id);
        return true;
    }));
    SEK_TRY(const auto found, domain::stack_templates.scan(moment_.tx, store::prefix(stack_.id), {.limit = 50}));
    std::size_t dropped = 0;
    for (const auto& text : found.items) {
        if (kept.contains(text.id)) continue;
        if (++dropped > at_once) return false;
        SEK_TRY(domain::stack_templates.erase(moment_.tx, stack_.id, text.id));
    }
    return dropped == 0;
}

Result<bool> StackRun::drop_imports(const std::set<std::string>& kept) {
    constexpr std::size_t at_once = 10;
    SEK_TRY(const auto own,
            domain::stack_imports.scan_by(moment_.tx, domain::stack_imports_by_stack, store::prefix(stack_.id)));
    std::size_t dropped = 0;
    for (const auto& import : own.items) {
        if (kept.contains(import.export_name)) continue;
        if (++dropped > at_once) return false;
        SEK_TRY(domain::stack_imports.erase(moment_.tx, import.account_id, import.region, import.export_name,
                                            import.stack_id));
    }
    return dropped == 0;
}

// Before anything is deleted: nobody imports from the stack, and nobody may begin to.
Result<bool> StackRun::drop_exports() {
    constexpr std::size_t at_once = 10;
    SEK_TRY(const auto own,
            domain::stack_exports.scan_by(moment_.tx, domain::stack_exports_by_stack, store::prefix(stack_.id)));
    for (const auto& old : own.items) {
        moment_.tx.read_guard(domain::stack_imports_guard(old.account_id, old.region, old.name));
        SEK_TRY(const auto users,
                domain::stack_imports.scan(moment_.tx, store::prefix(old.account_id, old.region, old.name)));
        if (users.items.empty()) continue;
        std::vector<std::string> names;
        for (const auto& user : users.items) names.push_back(user.stack_name);
        const auto last = names.back();
        names.pop_back();
        const auto listed = names.empty() ? last : join(names, ", ") + " and " + last;
        SEK_TRY(set_status(
            status::delete_failed,
            fmt::format("Delete canceled. Cannot delete export {} as it is in use by {}.", old.name, listed)));
        return false;
    }
    std::size_t dropped = 0;
    for (const auto& old : own.items) {
        if (++dropped > at_once) return false;
        SEK_TRY(domain::stack_exports.erase(moment_.tx, old.account_id, old.region, old.name));
    }
    return dropped == 0;
}

Result<void> StackRun::remove_all() {
    SEK_TRY(const bool is_free, drop_exports());
    if (!is_free) return {};
    SEK_TRY(settle_rows());
    if (rows_written_ > 0) return {};
    std::set<std::string> targets;
    for (const auto& [id, row] : rows_) {
        if (is_live(row)) targets.insert(id);
    }
    SEK_TRY(start_removals(targets));
    if (rows_written_ > 0 || is_removing_any()) return {};
    if (!targets.empty()) {
        const bool is_rollback = stack_.status == status::rollback_in_progress;
        return set_status(is_rollback ? status::rollback_failed : status::delete_failed, failures());
    }
    return finish_removal();
}

Result<void> StackRun::finish_removal() {
    SEK_TRY(const bool is_dropped, drop_imports({}));
    if (!is_dropped) return {};
    stack_.outputs.clear();
    if (stack_.status == status::rollback_in_progress) return set_status(status::rollback_complete);
    SEK_TRY(const auto sets, domain::stack_change_sets.scan(moment_.tx, store::prefix(stack_.id), {.limit = 10}));
    for (const auto& set : sets.items) SEK_TRY(domain::stack_change_sets.erase(moment_.tx, set.stack_id, set.name));
    if (!sets.items.empty()) return {};
    SEK_TRY(const bool is_alone, drop_templates());
    if (!is_alone) return {};
    SEK_TRY(auto text, domain::stack_templates.get(moment_.tx, stack_.id, stack_.model.template_id));
    if (text) {
        text->deleted_at = moment_.now;
        SEK_TRY(domain::stack_templates.put(moment_.tx, *text));
    }
    SEK_TRY(stack_callers.erase(moment_.tx, stack_.id));
    stack_.deleted_at = moment_.now;
    stack_.previous_model.reset();
    return set_status(status::delete_complete);
}

}  // namespace sekisho::cloudformation_service
