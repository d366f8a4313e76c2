#include "services/cloudformation/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "access/records.h"
#include "access/session_token.h"
#include "domain/iam.h"
#include "policy/document.h"
#include "services/cloudformation/stack_run.h"
#include "wire/arn.h"

namespace sekisho::cloudformation_service {

using domain::StackWork;

const Shape StackCaller::shape =
    record_shape<StackCaller>("StackCaller", {SEK_FIELD(1, StackCaller, stack_id), SEK_FIELD(2, StackCaller, caller)});

const store::Table<StackCaller> stack_callers(147, "stack_callers",
                                              [](const StackCaller& c) { return store::key(c.stack_id); });

namespace {

constexpr std::string_view service_principal = "cloudformation.amazonaws.com";

bool trusts_us(const domain::Role& role) {
    const auto trust = policy::parse(role.trust_policy, policy::Use::trust);
    return trust && std::ranges::any_of(trust->statements, [](const policy::Statement& statement) {
               return statement.effect == policy::Effect::allow && statement.principals && !statement.not_principal &&
                      (statement.principals->everyone ||
                       std::ranges::find(statement.principals->service, service_principal) !=
                           statement.principals->service.end());
           });
}

Result<json::object> parse_object(std::string_view text) {
    if (text.empty()) return json::object();
    SEK_TRY(auto value, parse_json(text));
    if (!value.is_object()) return errors::internal_failure("a stack resource's record holds no object");
    return std::move(value.get_object());
}

}  // namespace

Result<access::Caller> make_stack_caller(const operation::Call& call, const std::string& role_arn) {
    auto caller = call.caller;
    if (role_arn.empty()) {
        // Its end is the session's; what the stack does for it is not bound to that, but to who stands behind it.
        caller.expires_at.reset();
        caller.root.sign_in_session_id.reset();
        return caller;
    }
    const auto name = wire::role_name(role_arn);
    const auto role = name ? access::cached_role(call.tx, call.account(), name->name) : nullptr;
    if (!role || domain::role_arn(*role) != role_arn || !trusts_us(*role)) {
        return validation_error(fmt::format("Role {} is invalid or cannot be assumed", role_arn));
    }
    access::Caller session;
    session.kind = access::CallerKind::role_session;
    session.account_id = call.account();
    session.principal_id = role->id;
    session.role_name = role->name;
    session.session_name = "AWSCloudFormation";
    session.principal_arn = domain::role_arn(*role);
    session.arn = wire::make_assumed_role_arn(call.account(), role->name, session.session_name);
    session.user_id = role->id.str() + ":" + session.session_name;
    session.principal_tags = role->tags;
    session.issued_at = call.now;
    session.root.store_epoch = access::read_store_epoch(call.tx);
    return session;
}

Result<ResourceRows> load_rows(const store::Reader& reader, const std::string& stack_id) {
    std::vector<std::string> ids;
    SEK_TRY(domain::stack_resources.each(reader, store::prefix(stack_id), [&](const domain::StackResource& row) {
        ids.push_back(row.logical_id);
        return true;
    }));
    // Each read by itself: a row that changes meanwhile is a conflict.
    ResourceRows rows;
    for (const auto& id : ids) {
        SEK_TRY(auto row, domain::stack_resources.get(reader, stack_id, id));
        if (row) rows.emplace(id, std::move(*row));
    }
    return rows;
}

Result<ResourceView> view_of(const domain::Stack& stack, const domain::StackResource& row) {
    ResourceView view{.stack = stack, .record = row, .physical_id = row.physical_id};
    SEK_TRY(view.properties, parse_object(row.properties.expose()));
    SEK_TRY(view.attributes, parse_object(row.attributes));
    view.tags = row.tags;
    if (row.work == StackWork::change) {
        SEK_TRY(view.before, parse_object(row.previous_properties.expose()));
        view.tags_before = row.previous_tags;
    }
    if (row.work == StackWork::discard && row.replaced) {
        view.physical_id = row.replaced->physical_id;
        SEK_TRY(view.properties, parse_object(row.replaced->properties.expose()));
        SEK_TRY(view.attributes, parse_object(row.replaced->attributes));
    }
    return view;
}

ApiCalls plan_of(const ResourceType& type, const ResourceView& view) {
    switch (view.record.work) {
        case StackWork::make:
            return type.make(view);
        case StackWork::change:
            return type.change(view);
        case StackWork::remove:
        case StackWork::discard:
            if (view.physical_id.empty()) return {};
            return type.remove(view);
        case StackWork::none:
            return {};
    }
    return {};
}

Result<Pending> pending_calls(const store::Reader& reader, const std::string& stack_id, std::int64_t operation) {
    Pending pending;
    SEK_TRY(const auto stack, domain::stacks.get(reader, stack_id));
    if (!stack || stack->operation != operation || !status::is_busy(stack->status)) {
        pending.is_over = true;
        return pending;
    }
    pending.status = stack->status;
    SEK_TRY(const auto rows, load_rows(reader, stack_id));
    for (const auto& [id, row] : rows) {
        if (row.work == StackWork::none) continue;
        const auto* type = find_type(row.type);
        SEK_TRY(const auto view, view_of(*stack, row));
        auto plan = plan_of(*type, view);
        if (static_cast<std::size_t>(row.step) >= plan.size()) continue;
        auto& call = plan[static_cast<std::size_t>(row.step)];
        if (call.waits && type->standing != nullptr && type->standing(reader, view).state != Standing::ready) continue;
        pending.calls.push_back({.logical_id = id,
                                 .work = row.work,
                                 .step = row.step,
                                 .operation = row.operation,
                                 .call = std::move(call),
                                 .as_stack = stack->undoes});
    }
    return pending;
}

bool is_at(const domain::StackResource& row, const PendingCall& pending) {
    return row.operation == pending.operation && row.work == pending.work && row.step == pending.step;
}

Result<void> record_step(const Moment& moment, const std::string& stack_id, const PendingCall& pending,
                         const json::value* response) {
    SEK_TRY(const auto stack, domain::stacks.get(moment.tx, stack_id));
    SEK_TRY(auto row, domain::stack_resources.get(moment.tx, stack_id, pending.logical_id));
    if (!stack || !row || !is_at(*row, pending)) {
        return ApiError{.code = "Cancelled", .message = "The stack does not need this any more."};
    }
    SEK_TRY(auto attributes, parse_object(row->attributes));
    bool is_made = false;
    for (const auto& [attribute, path] : pending.call.captures) {
        const auto* found = response == nullptr ? nullptr : at_path(*response, path);
        if (found == nullptr) continue;
        if (attribute == physical_id_capture) {
            row->physical_id = templates::scalar_text(*found).value_or("");
            is_made = true;
        } else {
            attributes.insert_or_assign(attribute, *found);
        }
    }
    row->attributes = json::serialize(attributes);
    ++row->step;
    if (row->work == StackWork::make) row->is_made = true;
    row->updated_at = moment.now;
    if (is_made && row->work == StackWork::make) {
        row->status_reason = "Resource creation Initiated";
        SEK_TRY(record_event(moment, *stack, *row));
    }
    return domain::stack_resources.put(moment.tx, *row);
}

Result<void> record_failure(const Moment& moment, const std::string& stack_id, const PendingCall& pending,
                            std::string reason) {
    SEK_TRY(const auto stack, domain::stacks.get(moment.tx, stack_id));
    SEK_TRY(auto row, domain::stack_resources.get(moment.tx, stack_id, pending.logical_id));
    if (!stack || !row || !is_at(*row, pending)) return {};
    return fail_row(moment, *stack, *row, std::move(reason));
}

Result<void> fail_row(const Moment& moment, const domain::Stack& stack, domain::StackResource& row,
                      std::string reason) {
    const bool is_update = row.work == StackWork::change || (row.work == StackWork::make && row.replaced);
    const bool is_removal = row.work == StackWork::remove || row.work == StackWork::discard;
    row.status = is_removal ? status::delete_failed : is_update ? status::update_failed : status::create_failed;
    row.status_reason = std::move(reason);
    row.work = StackWork::none;
    row.updated_at = moment.now;
    SEK_TRY(record_event(moment, stack, row));
    return domain::stack_resources.put(moment.tx, row);
}

Result<void> begin_operation(const Moment& moment, domain::Stack& stack, std::string_view new_status,
                             std::string reason, const access::Caller& caller) {
    stack.status = new_status;
    stack.status_reason = std::move(reason);
    stack.undoes = false;
    ++stack.operation;
    stack.operation_started_at = moment.now;
    SEK_TRY(stack_callers.put(moment.tx, {.stack_id = stack.id, .caller = caller}));
    SEK_TRY(record_stack_event(moment, stack));
    return domain::enqueue_stack_effect(moment.tx, stack);
}

Result<std::string> advance(const Moment& moment, const std::string& stack_id, std::int64_t operation) {
    SEK_TRY(auto stack, domain::stacks.get(moment.tx, stack_id));
    if (!stack) return std::string();
    if (stack->operation != operation || !status::is_busy(stack->status)) return stack->status;
    StackRun run(moment, std::move(*stack));
    SEK_TRY(run.load());
    SEK_TRY(run.go());
    return run.stack().status;
}

}  // namespace sekisho::cloudformation_service
