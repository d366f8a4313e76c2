// Bringing a stack's resources to its model: creation, update, and the way back of an update that failed.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "access/liveness.h"
#include "base/text.h"
#include "services/cloudformation/stack_policy.h"
#include "services/cloudformation/stack_run.h"

namespace sekisho::cloudformation_service {

using domain::StackWork;

namespace {

constexpr std::size_t shown_properties_bytes_max = 16 * 1024;  // of an event
constexpr std::size_t name_suffix_characters = 12;

bool is_failed(const domain::StackResource& row) {
    return row.status == status::create_failed || row.status == status::update_failed;
}

}  // namespace

bool StackRun::is_done(const std::string& logical_id) const {
    const auto row = rows_.find(logical_id);
    return row != rows_.end() && row->second.operation == stack_.operation && row->second.work == StackWork::none &&
           (row->second.status == status::create_complete || row->second.status == status::update_complete);
}

// The caller may have gone, the time may be over, an export may be missing.
Result<std::optional<std::string>> StackRun::obstacle() {
    using Found = std::optional<std::string>;
    if (!stack_.undoes) {
        SEK_TRY(auto kept, stack_callers.get(moment_.tx, stack_.id));
        if (!kept) return Found("The principal that the stack acts for is not known.");
        const auto alive = access::check_liveness(moment_.tx, kept->caller, moment_.now);
        if (alive != access::Liveness::alive) {
            return Found(
                "The security token included in the request is invalid: the principal that the stack acts for is "
                "not active any more.");
        }
        const bool has_end = stack_.timeout_minutes > 0 && stack_.status == status::create_in_progress;
        if (has_end && moment_.now > stack_.operation_started_at + minutes(stack_.timeout_minutes)) {
            return Found("Stack creation time exceeded the specified timeout.");
        }
    }
    auto loaded = load_model(moment_.tx, stack_, stack_.model);
    if (!loaded) return Found(loaded.error().message);
    evaluation_ = std::move(*loaded);
    resolve_references(*evaluation_, moment_.tx, stack_, rows_);
    const bool has_secrets = std::ranges::any_of(stack_.model.parameters, &domain::StackParameter::no_echo);
    if (has_secrets) {
        SEK_TRY(masked_, load_model(moment_.tx, stack_, stack_.model, true));
        resolve_references(*masked_, moment_.tx, stack_, rows_);
    }
    SEK_TRY(const auto names, imported_names(*evaluation_));
    for (const auto& name : names) {
        if (!domain::stack_exports.exists(moment_.tx, stack_.account_id, stack_.region, name)) {
            return Found(fmt::format("No export named {} found.", name));
        }
    }
    return Found();
}

Result<bool> StackRun::take_imports() {
    constexpr std::size_t at_once = 10;
    SEK_TRY(const auto names, imported_names(*evaluation_));
    std::size_t taken = 0;
    for (const auto& name : names) {
        if (domain::stack_imports.exists(moment_.tx, stack_.account_id, stack_.region, name, stack_.id)) continue;
        if (++taken > at_once) return false;
        SEK_TRY(domain::stack_imports.put(moment_.tx, {.account_id = stack_.account_id,
                                                       .region = stack_.region,
                                                       .export_name = name,
                                                       .stack_id = stack_.id,
                                                       .stack_name = stack_.name}));
    }
    return taken == 0;
}

Result<void> StackRun::apply() {
    SEK_TRY(auto problem, obstacle());
    if (problem) return give_up(std::move(*problem));
    SEK_TRY(settle_rows());
    // What an operation before this one left behind is only where this one starts from.
    const bool has_failed = std::ranges::any_of(rows_, [&](const auto& entry) {
        return is_failed(entry.second) && entry.second.operation == stack_.operation;
    });
    if (has_failed) return give_up({});
    SEK_TRY(const bool may_remove, check_removals());
    if (!may_remove) return {};
    SEK_TRY(const bool has_imports, take_imports());
    if (!has_imports) return {};
    SEK_TRY(const bool is_complete, start_resources());
    if (!is_complete) return {};
    return finish_apply();
}

// The stack policy is asked before anything is changed: what an update takes away goes only when all else is done, and
// then nothing could be rolled back. False: the update has given up.
Result<bool> StackRun::check_removals() {
    constexpr std::size_t shown_max = 8;  // a transaction is small
    if (stack_.status != status::update_in_progress) return true;
    std::vector<std::string> kept;
    for (const auto& [id, row] : rows_) {
        if (!is_live(row) || evaluation_->is_to_be(id) || kept.size() == shown_max) continue;
        auto refused = refused_by_policy(stack_policy_in_force(stack_), PolicyAction::remove, id, row.type);
        if (!refused) continue;
        kept.push_back(id);
        auto shown = row;
        shown.status = status::update_failed;
        shown.status_reason = std::move(*refused);
        SEK_TRY(record_event(moment_, stack_, shown));
    }
    if (kept.empty()) return true;
    SEK_TRY(give_up(fmt::format("The following resource(s) failed to update: [{}].", fmt::join(kept, ", "))));
    return false;
}

Result<bool> StackRun::start_resources() {
    bool is_complete = true;
    for (const auto& resource : evaluation_->model.resources) {
        const auto needs = evaluation_->order.find(resource.logical_id);
        if (needs == evaluation_->order.end() || is_done(resource.logical_id)) continue;
        is_complete = false;
        if (!has_room()) break;
        const auto row = rows_.find(resource.logical_id);
        if (row != rows_.end() && row->second.work != StackWork::none) continue;
        const bool is_ready = std::ranges::all_of(needs->second, [&](const auto& id) { return is_done(id); });
        if (is_ready) SEK_TRY(start(resource));
    }
    return is_complete;
}

Result<void> StackRun::start(const templates::Resource& resource) {
    const auto* type = find_type(resource.type);
    const auto found = rows_.find(resource.logical_id);
    const bool is_there = found != rows_.end() && is_live(found->second) && found->second.type == resource.type &&
                          found->second.operation != 0;
    auto row = is_there ? found->second : domain::StackResource();
    const bool was_there = is_there && row.is_made;
    row.stack_id = stack_.id;
    row.logical_id = resource.logical_id;
    row.type = resource.type;
    row.depends_on.assign(evaluation_->order.at(resource.logical_id).begin(),
                          evaluation_->order.at(resource.logical_id).end());
    row.retain = resource.deletion_policy == templates::RemovalPolicy::retain;
    row.retain_unless_new = resource.deletion_policy == templates::RemovalPolicy::retain_except_on_create;
    row.retain_replaced = resource.update_replace_policy == templates::RemovalPolicy::retain;
    row.step = 0;
    row.operation = stack_.operation;

    auto properties = properties_of(*evaluation_, resource);
    const auto problem = properties ? check_properties(*type, *properties) : std::nullopt;
    if (!properties || problem) {
        row.work = was_there ? StackWork::change : StackWork::make;
        if (!was_there) row.is_new = true;
        auto reason = !properties ? properties.error().message
                                  : fmt::format("Properties validation failed for resource {} with message: [{}]",
                                                resource.logical_id, *problem);
        ++rows_written_;
        SEK_TRY(fail_row(moment_, stack_, row, std::move(reason)));
        rows_[row.logical_id] = std::move(row);
        return {};
    }
    const auto tags = tags_of(*type, stack_.model.tags, *properties);
    auto text = json::serialize(*properties);
    if (!was_there) {
        row.properties = Secret(std::move(text));
        row.tags = tags;
        row.replaced.reset();
        return start_make(std::move(row), *type, false);
    }
    if (is_rollback() && row.replaced) {
        // The old one is still there: it is the resource again, and the new one is what is to go.
        domain::ReplacedResource gone{row.is_made ? row.physical_id : std::string(), row.name_suffix, row.properties,
                                      row.attributes};
        row.is_made = true;
        row.physical_id = row.replaced->physical_id;
        row.name_suffix = row.replaced->name_suffix;
        row.properties = row.replaced->properties;
        row.attributes = row.replaced->attributes;
        row.replaced = std::move(gone);
        row.status = status::update_complete;
        row.status_reason.clear();
        return put_with_event(std::move(row));
    }
    const bool is_same = row.properties.expose() == text && row.tags == tags && !is_failed(row);
    if (is_same) {
        if (row.status == status::create_complete || row.status == status::update_complete) return put(std::move(row));
        row.status = status::update_complete;
        return put_with_event(std::move(row));
    }
    SEK_TRY(const auto now, parse_json(row.properties.expose()));
    bool replaces = false;
    bool differs = row.tags != tags || row.status == status::create_failed;
    for (const auto& property : type->properties) {
        const auto* before = find(now, property.name);
        const auto* after = properties->if_contains(property.name);
        const bool is_equal = (before == nullptr) == (after == nullptr) && (before == nullptr || *before == *after);
        if (is_equal) continue;
        differs = true;
        if (property.change == OnChange::replaces) replaces = true;
    }
    // What an update left failed and nothing else changes needs no other resource.
    if (differs && type->change == nullptr) replaces = true;
    if (!differs && type->change == nullptr) {
        row.status = status::update_complete;
        row.status_reason.clear();
        return put_with_event(std::move(row));
    }
    if (differs && stack_.status == status::update_in_progress) {
        auto refused =
            refused_by_policy(stack_policy_in_force(stack_), replaces ? PolicyAction::replace : PolicyAction::modify,
                              row.logical_id, row.type);
        if (refused) {
            row.work = StackWork::change;
            ++rows_written_;
            SEK_TRY(fail_row(moment_, stack_, row, std::move(*refused)));
            rows_[row.logical_id] = std::move(row);
            return {};
        }
    }
    row.previous_properties = row.properties;
    row.previous_tags = row.tags;
    row.properties = Secret(std::move(text));
    row.tags = tags;
    if (replaces) return start_make(std::move(row), *type, true);
    row.work = StackWork::change;
    row.status = status::update_in_progress;
    row.status_reason.clear();
    return put_with_event(std::move(row));
}

Result<void> StackRun::start_make(domain::StackResource row, const ResourceType& type, bool replaces) {
    if (replaces) {
        SEK_TRY(const auto before, parse_json(row.previous_properties.expose()));
        SEK_TRY(const auto after, parse_json(row.properties.expose()));
        const auto old_name = type.name_property.empty() ? std::nullopt : find_text(before, type.name_property);
        if (old_name && find_text(after, type.name_property) == old_name) {
            row.properties = row.previous_properties;
            row.work = StackWork::change;
            ++rows_written_;
            SEK_TRY(fail_row(moment_, stack_, row,
                             fmt::format("CloudFormation cannot update a stack when a custom-named resource requires "
                                         "replacing. Rename {} and update the stack again.",
                                         *old_name)));
            rows_[row.logical_id] = std::move(row);
            return {};
        }
        row.replaced = {row.physical_id, row.name_suffix, row.previous_properties, row.attributes};
        row.previous_properties = Secret();
        row.status = status::update_in_progress;
        row.status_reason = "Requested update requires the creation of a new physical resource; hence creating one.";
    } else {
        row.is_new = true;
        row.status = status::create_in_progress;
        row.status_reason.clear();
    }
    row.work = StackWork::make;
    row.is_made = false;
    row.physical_id.clear();
    row.attributes.clear();
    row.name_suffix = random_text(moment_.random, name_suffix_characters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    std::string shown(row.properties.expose());
    if (masked_ != nullptr) {
        const auto* resource = masked_->model.resource(row.logical_id);
        const auto made = properties_of(*masked_, *resource);
        shown = made ? json::serialize(*made) : std::string();
    }
    if (shown.size() > shown_properties_bytes_max) shown.clear();
    if (type.physical_id != nullptr) {
        SEK_TRY(const auto view, view_of(stack_, row));
        row.physical_id = type.physical_id(view);
    }
    return put_with_event(std::move(row), shown);
}

// The operation fails: what is under way ends here, and the stack goes back, or stays as it is.
Result<void> StackRun::give_up(std::string reason) {
    std::vector<std::string> under_way;
    for (const auto& [id, row] : rows_) {
        if (row.work == StackWork::make || row.work == StackWork::change) under_way.push_back(id);
    }
    for (const auto& id : under_way) {
        if (!has_room()) return {};
        auto row = rows_.at(id);
        const bool is_update = row.work == StackWork::change || row.replaced;
        ++rows_written_;
        SEK_TRY(
            fail_row(moment_, stack_, row, is_update ? "Resource update cancelled" : "Resource creation cancelled"));
        rows_[id] = std::move(row);
    }
    const bool stays = stack_.on_failure == "DO_NOTHING";
    auto why = reason.empty() ? failures() : reason + " ";
    if (is_rollback()) return set_status(status::update_rollback_failed, std::string(trim(why)));
    if (stack_.status == status::update_in_progress) {
        if (stays) return set_status(status::update_failed, std::move(why));
        stack_.undoes = true;
        stack_.model = stack_.previous_model.value_or(stack_.model);
        ++stack_.operation;
        SEK_TRY(domain::enqueue_stack_effect(moment_.tx, stack_));
        return set_status(status::update_rollback, std::move(why));
    }
    if (stays) return set_status(status::create_failed, std::move(why));
    stack_.undoes = true;
    if (stack_.on_failure == "DELETE") return set_status(status::delete_in_progress, why + "Delete requested by user.");
    return set_status(status::rollback_in_progress, why + "Rollback requested by user.");
}

// Exports as the outputs have them: a few at a time. True: they are.
Result<bool> StackRun::fit_exports(const std::vector<domain::StackOutput>& outputs) {
    constexpr std::size_t at_once = 10;
    std::size_t changed = 0;
    std::set<std::string> wanted;
    for (const auto& output : outputs) {
        if (output.export_name.empty()) continue;
        wanted.insert(output.export_name);
        SEK_TRY(const auto found,
                domain::stack_exports.get(moment_.tx, stack_.account_id, stack_.region, output.export_name));
        if (found && found->stack_id == stack_.id && found->value == output.value) continue;
        if (++changed > at_once) return false;
        SEK_TRY(domain::stack_exports.put(moment_.tx, {.account_id = stack_.account_id,
                                                       .region = stack_.region,
                                                       .name = output.export_name,
                                                       .value = output.value,
                                                       .stack_id = stack_.id,
                                                       .stack_arn = stack_.arn}));
    }
    SEK_TRY(const auto own,
            domain::stack_exports.scan_by(moment_.tx, domain::stack_exports_by_stack, store::prefix(stack_.id)));
    for (const auto& old : own.items) {
        if (wanted.contains(old.name)) continue;
        if (++changed > at_once) return false;
        SEK_TRY(domain::stack_exports.erase(moment_.tx, old.account_id, old.region, old.name));
    }
    return changed == 0;
}

// Why the outputs may not be exported so; nothing: they may.
Result<std::optional<std::string>> export_problem(const Moment& moment, const domain::Stack& stack,
                                                  const std::vector<domain::StackOutput>& outputs) {
    using Found = std::optional<std::string>;
    std::map<std::string, std::string> wanted;
    for (const auto& output : outputs) {
        if (output.export_name.empty()) continue;
        if (!wanted.emplace(output.export_name, output.value).second) {
            return Found(
                fmt::format("Duplicate Export names. More than one output exports the name {}.", output.export_name));
        }
        SEK_TRY(const auto other,
                domain::stack_exports.get(moment.tx, stack.account_id, stack.region, output.export_name));
        if (other && other->stack_id != stack.id) {
            return Found(
                fmt::format("Export with name {} is already exported by stack {}.", output.export_name,
                            other->stack_arn.substr(other->stack_arn.find('/') + 1,
                                                    other->stack_arn.rfind('/') - other->stack_arn.find('/') - 1)));
        }
    }
    SEK_TRY(const auto own,
            domain::stack_exports.scan_by(moment.tx, domain::stack_exports_by_stack, store::prefix(stack.id)));
    for (const auto& old : own.items) {
        const auto next = wanted.find(old.name);
        if (next != wanted.end() && next->second == old.value) continue;
        moment.tx.read_guard(domain::stack_imports_guard(stack.account_id, stack.region, old.name));
        SEK_TRY(const auto users,
                domain::stack_imports.scan(moment.tx, store::prefix(stack.account_id, stack.region, old.name),
                                           {.limit = 1}));
        if (users.items.empty()) continue;
        return Found(fmt::format("Export {} cannot be {} as it is in use by {}", old.name,
                                 next == wanted.end() ? "deleted" : "updated", users.items.front().stack_name));
    }
    return Found();
}

Result<void> StackRun::finish_apply() {
    const auto outputs = outputs_of(*evaluation_);
    if (!outputs) return give_up(outputs.error().message);
    SEK_TRY(const auto problem, export_problem(moment_, stack_, *outputs));
    if (problem) return give_up(*problem);
    SEK_TRY(const bool is_exported, fit_exports(*outputs));
    if (!is_exported) return {};
    stack_.outputs = *outputs;
    stack_.description = evaluation_->model.description;
    if (stack_.status == status::create_in_progress) return set_status(status::create_complete);
    return set_status(is_rollback() ? status::update_rollback_cleanup : status::update_cleanup);
}

}  // namespace sekisho::cloudformation_service
