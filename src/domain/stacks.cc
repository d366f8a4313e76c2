#include "domain/stacks.h"

#include <cstddef>

#include "store/record_codec.h"

namespace sekisho::domain {

using store::key;

namespace {

constexpr days history_kept{90};  // of deleted stacks and of events, as AWS

std::optional<Time> after_history(const std::optional<Time>& end) {
    return end ? std::optional<Time>(*end + history_kept) : std::nullopt;
}

}  // namespace

const Shape StackParameter::shape = record_shape<StackParameter>(
    "StackParameter",
    {SEK_FIELD(1, StackParameter, key), SEK_FIELD(2, StackParameter, value), SEK_FIELD(3, StackParameter, no_echo)});

const Shape StackOutput::shape = record_shape<StackOutput>(
    "StackOutput", {SEK_FIELD(1, StackOutput, key), SEK_FIELD(2, StackOutput, value),
                    SEK_FIELD(3, StackOutput, description), SEK_FIELD(4, StackOutput, export_name)});

const Shape StackModel::shape =
    record_shape<StackModel>("StackModel", {SEK_FIELD(1, StackModel, template_id), SEK_FIELD(2, StackModel, parameters),
                                            SEK_FIELD(3, StackModel, tags), SEK_FIELD(4, StackModel, capabilities),
                                            SEK_FIELD(5, StackModel, notification_arns)});

const Shape Stack::shape = record_shape<Stack>("Stack", {SEK_FIELD(1, Stack, id),
                                                         SEK_FIELD(2, Stack, account_id),
                                                         SEK_FIELD(3, Stack, region),
                                                         SEK_FIELD(4, Stack, name),
                                                         SEK_FIELD(5, Stack, arn),
                                                         SEK_FIELD(6, Stack, status),
                                                         SEK_FIELD(7, Stack, status_reason),
                                                         SEK_FIELD(8, Stack, description),
                                                         SEK_FIELD(9, Stack, model),
                                                         SEK_FIELD(10, Stack, previous_model),
                                                         SEK_FIELD(11, Stack, outputs),
                                                         SEK_FIELD(12, Stack, role_arn),
                                                         SEK_FIELD(13, Stack, on_failure),
                                                         SEK_FIELD(14, Stack, termination_protection),
                                                         SEK_FIELD(15, Stack, timeout_minutes),
                                                         SEK_FIELD(16, Stack, client_request_token),
                                                         SEK_FIELD(17, Stack, change_set_id),
                                                         SEK_FIELD(18, Stack, retained),
                                                         SEK_FIELD(19, Stack, operation),
                                                         SEK_FIELD(20, Stack, operation_started_at),
                                                         SEK_FIELD(21, Stack, created_at),
                                                         SEK_FIELD(22, Stack, updated_at),
                                                         SEK_FIELD(23, Stack, deleted_at),
                                                         SEK_FIELD(24, Stack, undoes),
                                                         SEK_FIELD(25, Stack, policy),
                                                         SEK_FIELD(26, Stack, policy_during_update),
                                                         SEK_FIELD(27, Stack, next_policy)});

const Shape ReplacedResource::shape = record_shape<ReplacedResource>(
    "ReplacedResource", {SEK_FIELD(1, ReplacedResource, physical_id), SEK_FIELD(2, ReplacedResource, name_suffix),
                         SEK_FIELD(3, ReplacedResource, properties), SEK_FIELD(4, ReplacedResource, attributes)});

const Shape StackResource::shape =
    record_shape<StackResource>("StackResource", {SEK_FIELD(1, StackResource, stack_id),
                                                  SEK_FIELD(2, StackResource, logical_id),
                                                  SEK_FIELD(3, StackResource, type),
                                                  SEK_FIELD(4, StackResource, physical_id),
                                                  SEK_FIELD(5, StackResource, status),
                                                  SEK_FIELD(6, StackResource, status_reason),
                                                  SEK_FIELD(7, StackResource, properties),
                                                  SEK_FIELD(8, StackResource, previous_properties),
                                                  SEK_FIELD(9, StackResource, attributes),
                                                  SEK_FIELD(10, StackResource, work),
                                                  SEK_FIELD(11, StackResource, step),
                                                  SEK_FIELD(12, StackResource, name_suffix),
                                                  SEK_FIELD(13, StackResource, operation),
                                                  SEK_FIELD(14, StackResource, is_new),
                                                  SEK_FIELD(15, StackResource, replaced),
                                                  SEK_FIELD(16, StackResource, depends_on),
                                                  SEK_FIELD(17, StackResource, retain),
                                                  SEK_FIELD(18, StackResource, retain_replaced),
                                                  SEK_FIELD(19, StackResource, retain_unless_new),
                                                  SEK_FIELD(20, StackResource, tags),
                                                  SEK_FIELD(21, StackResource, previous_tags),
                                                  SEK_FIELD(22, StackResource, updated_at),
                                                  SEK_FIELD(23, StackResource, is_made)});

const Shape StackTemplate::shape = record_shape<StackTemplate>(
    "StackTemplate", {SEK_FIELD(1, StackTemplate, stack_id), SEK_FIELD(2, StackTemplate, id),
                      SEK_FIELD(3, StackTemplate, body), SEK_FIELD(4, StackTemplate, deleted_at)});

const Shape StackEvent::shape = record_shape<StackEvent>(
    "StackEvent",
    {SEK_FIELD(1, StackEvent, stack_id), SEK_FIELD(2, StackEvent, number), SEK_FIELD(3, StackEvent, id),
     SEK_FIELD(4, StackEvent, stack_arn), SEK_FIELD(5, StackEvent, stack_name), SEK_FIELD(6, StackEvent, logical_id),
     SEK_FIELD(7, StackEvent, physical_id), SEK_FIELD(8, StackEvent, type), SEK_FIELD(9, StackEvent, status),
     SEK_FIELD(10, StackEvent, status_reason), SEK_FIELD(11, StackEvent, properties),
     SEK_FIELD(12, StackEvent, client_request_token), SEK_FIELD(13, StackEvent, created_at)});

const Shape StackChangeSet::shape = record_shape<StackChangeSet>(
    "StackChangeSet", {SEK_FIELD(1, StackChangeSet, stack_id), SEK_FIELD(2, StackChangeSet, name),
                       SEK_FIELD(3, StackChangeSet, arn), SEK_FIELD(4, StackChangeSet, description),
                       SEK_FIELD(5, StackChangeSet, type), SEK_FIELD(6, StackChangeSet, status),
                       SEK_FIELD(7, StackChangeSet, status_reason), SEK_FIELD(8, StackChangeSet, execution_status),
                       SEK_FIELD(9, StackChangeSet, model), SEK_FIELD(10, StackChangeSet, changes),
                       SEK_FIELD(11, StackChangeSet, role_arn), SEK_FIELD(12, StackChangeSet, on_failure),
                       SEK_FIELD(13, StackChangeSet, client_token), SEK_FIELD(14, StackChangeSet, created_at)});

const Shape StackExport::shape = record_shape<StackExport>(
    "StackExport",
    {SEK_FIELD(1, StackExport, account_id), SEK_FIELD(2, StackExport, region), SEK_FIELD(3, StackExport, name),
     SEK_FIELD(4, StackExport, value), SEK_FIELD(5, StackExport, stack_id), SEK_FIELD(6, StackExport, stack_arn)});

const Shape StackImport::shape = record_shape<StackImport>(
    "StackImport",
    {SEK_FIELD(1, StackImport, account_id), SEK_FIELD(2, StackImport, region), SEK_FIELD(3, StackImport, export_name),
     SEK_FIELD(4, StackImport, stack_id), SEK_FIELD(5, StackImport, stack_name)});

const Shape StackEffect::shape = record_shape<StackEffect>(
    "StackEffect", {SEK_FIELD(1, StackEffect, account_id), SEK_FIELD(2, StackEffect, region),
                    SEK_FIELD(3, StackEffect, stack_id), SEK_FIELD(4, StackEffect, operation)});

const store::Table<Stack> stacks(140, "stacks", [](const Stack& s) { return key(s.id); },
                                 {.indexes = {{stacks_by_name, "by_name", store::unique,
                                               [](const Stack& s) {
                                                   if (s.deleted_at) return std::vector<std::string>();
                                                   return std::vector{key(s.account_id, s.region, s.name)};
                                               }},
                                              {stacks_by_time, "by_time", store::several,
                                               [](const Stack& s) {
                                                   return std::vector{key(s.account_id, s.region, s.created_at)};
                                               }}},
                                  .expires_at = [](const Stack& s) { return after_history(s.deleted_at); }});

const store::Table<StackResource> stack_resources(141, "stack_resources",
                                                  [](const StackResource& r) { return key(r.stack_id, r.logical_id); },
                                                  {.expires_at = [](const StackResource& r) {
                                                      return r.status == "DELETE_COMPLETE" ||
                                                                     r.status == "DELETE_SKIPPED"
                                                                 ? after_history(r.updated_at)
                                                                 : std::nullopt;
                                                  }});

const store::Table<StackTemplate> stack_templates(142, "stack_templates",
                                                  [](const StackTemplate& t) { return key(t.stack_id, t.id); },
                                                  {.expires_at = [](const StackTemplate& t) {
                                                      return after_history(t.deleted_at);
                                                  }});

const store::Table<StackEvent> stack_events(143, "stack_events",
                                            [](const StackEvent& e) { return key(e.stack_id, e.number, e.id); },
                                            {.expires_at = [](const StackEvent& e) {
                                                return after_history(e.created_at);
                                            }});

const store::Table<StackChangeSet> stack_change_sets(
    144, "stack_change_sets", [](const StackChangeSet& c) { return key(c.stack_id, c.name); },
    {.indexes = {{stack_change_sets_by_arn, "by_arn", store::unique,
                  [](const StackChangeSet& c) { return std::vector{key(c.arn)}; }}}});

const store::Table<StackExport> stack_exports(
    145, "stack_exports", [](const StackExport& e) { return key(e.account_id, e.region, e.name); },
    {.indexes = {{stack_exports_by_stack, "by_stack", store::several,
                  [](const StackExport& e) { return std::vector{key(e.stack_id)}; }}}});

const store::Table<StackImport> stack_imports(
    146, "stack_imports", [](const StackImport& i) { return key(i.account_id, i.region, i.export_name, i.stack_id); },
    {.indexes = {{stack_imports_by_stack, "by_stack", store::several,
                  [](const StackImport& i) { return std::vector{key(i.stack_id)}; }}},
     .guards = [](const StackImport& i) {
         return std::vector{stack_imports_guard(i.account_id, i.region, i.export_name)};
     }});

std::string stack_imports_guard(const AccountId& account, const Region& region, std::string_view export_name) {
    return "stack_imports/" + account.str() + "/" + region.str() + "/" + std::string(export_name);
}

Result<void> enqueue_stack_effect(store::Transaction& transaction, const Stack& stack) {
    const StackEffect effect{
        .account_id = stack.account_id, .region = stack.region, .stack_id = stack.id, .operation = stack.operation};
    SEK_TRY(auto payload, store::encode_record(StackEffect::shape, &effect, {}));
    transaction.enqueue({.kind = std::string(stack_effect), .ordering_key = stack.id, .payload = std::move(payload)});
    return {};
}

Result<StackEffect> read_stack_effect(std::string_view payload) {
    StackEffect effect;
    SEK_TRY(store::decode_record(StackEffect::shape, payload, &effect, {}));
    return effect;
}

}  // namespace sekisho::domain
