#pragma once
// CloudFormation stacks: their resources, templates, events, change sets, exports and who imports them.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "domain/tags.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

struct StackParameter {
    std::string key;
    Secret value;  // NoEcho values are secrets
    bool no_echo = false;
    static const Shape shape;
};

struct StackOutput {
    std::string key;
    std::string value;
    std::string description;
    std::string export_name;
    static const Shape shape;
};

// What a stack is to be, or was: the template (a StackTemplate's id) and its inputs.
struct StackModel {
    std::string template_id;
    std::vector<StackParameter> parameters;
    Tags tags;
    std::vector<std::string> capabilities;
    std::vector<std::string> notification_arns;
    static const Shape shape;
};

struct Stack {
    std::string id;  // uuid, the last part of the ARN; never used again
    AccountId account_id;
    Region region;
    std::string name;
    std::string arn;
    std::string status;  // AWS's names: CREATE_IN_PROGRESS, ...
    std::string status_reason;
    std::string description;
    StackModel model;
    std::optional<StackModel> previous_model;  // where the rollback of an update goes back to
    std::vector<StackOutput> outputs;
    std::string role_arn;    // empty: the caller's own permissions
    std::string on_failure;  // ROLLBACK, DELETE, DO_NOTHING
    bool termination_protection = false;
    std::string policy;                // the stack policy, JSON; empty: none
    std::string policy_during_update;  // in its place, for the newest update
    std::string next_policy;           // the policy once that update is complete
    std::int32_t timeout_minutes = 0;  // 0: none
    std::string client_request_token;  // of the newest operation
    std::string change_set_id;
    std::vector<std::string> retained;  // logical ids that a deletion leaves alone
    bool undoes = false;                // rolls back by itself: not with its caller's permissions
    std::int64_t operation = 0;         // counts create, update, delete, ...: outbox rows of older ones have ended
    Time operation_started_at{};
    Time created_at{};
    std::optional<Time> updated_at;
    std::optional<Time> deleted_at;
    static const Shape shape;
};

// What is being done to a resource.
enum class StackWork : std::uint16_t {
    none,
    make,     // a first or, when `replaced` is there, another physical resource
    change,   // in place, from previous_properties to properties
    remove,   // the physical resource
    discard,  // the one that was replaced
};
constexpr std::string_view stack_work_names[] = {"none", "make", "change", "remove", "discard"};
constexpr std::span<const std::string_view> enum_names(StackWork) {
    return stack_work_names;
}

// A physical resource that another one has replaced, until the update ends or rolls back.
struct ReplacedResource {
    std::string physical_id;
    std::string name_suffix;
    Secret properties;
    std::string attributes;
    static const Shape shape;
};

struct StackResource {
    std::string stack_id;
    std::string logical_id;
    std::string type;
    std::string physical_id;  // what Ref gives
    std::string status;       // AWS's names; the last one
    std::string status_reason;
    Secret properties;           // JSON, functions applied; may hold NoEcho values
    Secret previous_properties;  // of the model before, while `work` is change
    std::string attributes;      // JSON: what Fn::GetAtt gives
    StackWork work = StackWork::none;
    std::int32_t step = 0;       // calls of the work that are done
    std::string name_suffix;     // of generated names, drawn before the resource is made
    std::int64_t operation = 0;  // the stack's, that brought it where it is
    bool is_made = false;        // its first call was done: there is something to remove
    bool is_new = false;         // made by the stack's operation under way
    std::optional<ReplacedResource> replaced;
    std::vector<std::string> depends_on;  // resources that go after this one
    bool retain = false;                  // DeletionPolicy
    bool retain_replaced = false;         // UpdateReplacePolicy
    bool retain_unless_new = false;       // RetainExceptOnCreate
    Tags tags;                            // of the stack, as the resource was given them
    Tags previous_tags;
    Time updated_at{};
    static const Shape shape;
};

struct StackTemplate {
    std::string stack_id;
    std::string id;
    std::string body;
    std::optional<Time> deleted_at;  // with its stack
    static const Shape shape;
};

struct StackEvent {
    std::string stack_id;
    std::int64_t number = 0;  // in order; two of one number happened at once
    std::string id;
    std::string stack_arn;
    std::string stack_name;
    std::string logical_id;
    std::string physical_id;
    std::string type;
    std::string status;
    std::string status_reason;
    std::string properties;  // JSON, NoEcho values masked; empty: not shown
    std::string client_request_token;
    Time created_at{};
    static const Shape shape;
};

struct StackChangeSet {
    std::string stack_id;
    std::string name;
    std::string arn;
    std::string description;
    std::string type;  // CREATE, UPDATE
    std::string status;
    std::string status_reason;
    std::string execution_status;
    StackModel model;
    std::string changes;  // JSON, as DescribeChangeSet answers them
    std::string role_arn;
    std::string on_failure;
    std::string client_token;
    Time created_at{};
    static const Shape shape;
};

struct StackExport {
    AccountId account_id;
    Region region;
    std::string name;
    std::string value;
    std::string stack_id;
    std::string stack_arn;
    static const Shape shape;
};

struct StackImport {
    AccountId account_id;
    Region region;
    std::string export_name;
    std::string stack_id;
    std::string stack_name;
    static const Shape shape;
};

inline constexpr std::uint8_t stacks_by_name = 1;             // unique: (account, region, name) of those not deleted
inline constexpr std::uint8_t stacks_by_time = 2;             // (account, region, created at)
inline constexpr std::uint8_t stack_change_sets_by_arn = 1;   // unique
inline constexpr std::uint8_t stack_exports_by_stack = 1;     // (stack)
inline constexpr std::uint8_t stack_imports_by_stack = 1;     // (stack)
extern const store::Table<Stack> stacks;                      // key(id); 90 days after the deletion it is gone
extern const store::Table<StackResource> stack_resources;     // key(stack, logical id)
extern const store::Table<StackTemplate> stack_templates;     // key(stack, id)
extern const store::Table<StackEvent> stack_events;           // key(stack, number, id)
extern const store::Table<StackChangeSet> stack_change_sets;  // key(stack, name)
extern const store::Table<StackExport> stack_exports;         // key(account, region, name)
extern const store::Table<StackImport> stack_imports;         // key(account, region, export, stack)

// The guard of an export's set of importers.
std::string stack_imports_guard(const AccountId& account, const Region& region, std::string_view export_name);

// Work on a stack: the payload of outbox rows of kind stack_effect, whose ordering key is the stack's id.
inline constexpr std::string_view stack_effect = "stack";
struct StackEffect {
    AccountId account_id;
    Region region;
    std::string stack_id;
    std::int64_t operation = 0;
    static const Shape shape;
};
Result<void> enqueue_stack_effect(store::Transaction& transaction, const Stack& stack);
Result<StackEffect> read_stack_effect(std::string_view payload);

}  // namespace sekisho::domain
