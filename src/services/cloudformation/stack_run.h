#pragma once
// One advance() of a stack, inside the machine only: the phases (apply a model, clean up after it, remove everything)
// and what they write. A transaction is small (100 keys): each advance takes a few rows, and the next one goes on.
#include <set>
#include <string>

#include "services/cloudformation/machine.h"

namespace sekisho::cloudformation_service {

class StackRun {
 public:
    StackRun(const Moment& moment, domain::Stack stack) : moment_(moment), stack_(std::move(stack)) {}
    Result<void> load();
    Result<void> go();
    const domain::Stack& stack() const { return stack_; }

 private:
    // apply.cc: bring every resource to the stack's model.
    Result<void> apply();
    Result<std::optional<std::string>> obstacle();  // why the whole operation cannot go on
    Result<bool> check_removals();                  // true: the stack policy lets them be
    Result<bool> take_imports();                    // true: all are recorded
    Result<bool> start_resources();                 // true: all are where the model wants them
    Result<void> start(const templates::Resource& resource);
    Result<void> start_make(domain::StackResource row, const ResourceType& type, bool replaces);
    Result<void> settle_rows();
    Result<void> give_up(std::string reason);
    Result<void> finish_apply();

    // removal.cc: take away what the model does not have, or everything.
    Result<void> clean_up();
    Result<void> remove_all();
    Result<void> start_removals(const std::set<std::string>& targets);
    Result<void> start_removal(domain::StackResource& row);
    Result<bool> drop_exports();  // true: none are left
    Result<bool> drop_templates();
    Result<bool> drop_imports(const std::set<std::string>& kept);
    Result<void> finish_removal();
    Result<void> finish_clean_up();
    bool is_removing_any() const;
    bool is_retained(const domain::StackResource& row) const;

    Result<bool> fit_exports(const std::vector<domain::StackOutput>& outputs);
    Result<void> set_status(std::string_view new_status, std::string reason = {});
    Result<void> put(domain::StackResource row);
    Result<void> put_with_event(domain::StackResource row, std::string_view properties = {});
    Result<void> settle(domain::StackResource row);
    bool is_rollback() const { return stack_.status == status::update_rollback; }
    bool has_room() const { return rows_written_ < 8 && bytes_written_ < 300'000; }
    // What failed, for the stack's reason: "The following resource(s) failed to create: [A]. ".
    std::string failures() const;
    bool is_done(const std::string& logical_id) const;

    const Moment& moment_;
    domain::Stack stack_;
    ResourceRows rows_;
    EvaluationPointer evaluation_;
    EvaluationPointer masked_;  // null: no NoEcho parameters
    std::size_t rows_written_ = 0;
    std::size_t bytes_written_ = 0;
};

Result<ResourceView> view_of(const domain::Stack& stack, const domain::StackResource& row);
ApiCalls plan_of(const ResourceType& type, const ResourceView& view);
Result<void> fail_row(const Moment& moment, const domain::Stack& stack, domain::StackResource& row, std::string reason);
bool is_at(const domain::StackResource& row, const PendingCall& pending);
bool is_live(const domain::StackResource& row);  // there, or perhaps there

}  // namespace sekisho::cloudformation_service
