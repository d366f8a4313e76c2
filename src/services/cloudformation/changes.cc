// What an update would change: the content of change sets, and whether there is anything to do.
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "services/cloudformation/input.h"
#include "services/cloudformation/machine.h"

namespace sekisho::cloudformation_service {
namespace {

using operation::Call;

// What a reference to a resource that is not made yet gives, as AWS prints it.
constexpr std::string_view known_after_apply = "{{changeSet:KNOWN_AFTER_APPLY}}";

class Comparison {
 public:
    Comparison(const Call& call, const domain::Stack& stack, const Desired& desired)
        : call_(call), stack_(stack), desired_(desired), scope_(desired.evaluation->scope) {}

    Result<std::vector<cloudformation::Change>> run() {
        SEK_TRY(rows_, load_rows(call_.tx, stack_.id));
        if (!stack_.model.template_id.empty()) {
            const auto old = load_model(call_.tx, stack_, stack_.model);
            if (old) old_ = std::move((*old)->model);
        }
        set_scope();
        std::map<std::string, cloudformation::Change> found;
        std::set<std::string> done;
        const auto& order = desired_.evaluation->order;
        while (done.size() < order.size()) {
            for (const auto& [id, needs] : order) {
                const bool is_ready = std::ranges::all_of(needs, [&](const auto& n) { return done.contains(n); });
                if (done.contains(id) || !is_ready) continue;
                done.insert(id);
                SEK_TRY(auto change, compare(*desired_.evaluation->model.resource(id)));
                if (change) found.emplace(id, wrap(std::move(*change)));
            }
        }
        std::vector<cloudformation::Change> changes;
        for (const auto& resource : desired_.evaluation->model.resources) {
            const auto at = found.find(resource.logical_id);
            if (at != found.end()) changes.push_back(std::move(at->second));
        }
        for (const auto& [id, row] : rows_) {
            if (order.contains(id) || !is_there(row)) continue;
            changes.push_back(wrap({.policy_action = row.retain ? cloudformation::PolicyAction::retain
                                                                : cloudformation::PolicyAction::delete_,
                                    .action = cloudformation::ChangeAction::remove,
                                    .logical_resource_id = id,
                                    .physical_resource_id = row.physical_id,
                                    .resource_type = row.type,
                                    .scope = std::vector<cloudformation::ResourceAttribute>(),
                                    .details = std::vector<cloudformation::ResourceChangeDetail>()}));
        }
        return changes;
    }

 private:
    static bool is_there(const domain::StackResource& row) {
        return row.status != status::delete_complete && row.status != status::delete_skipped;
    }
    static cloudformation::Change wrap(cloudformation::ResourceChange change) {
        return {.type = cloudformation::ChangeType::resource, .resource_change = std::move(change)};
    }

    void set_scope() {
        Evaluation& evaluation = *desired_.evaluation;
        resolve_references(evaluation, call_.tx, stack_, rows_);
        scope_ = evaluation.scope;
        const auto known_reference = evaluation.scope.reference;
        const auto known_attribute = evaluation.scope.attribute;
        scope_.reference = [this, known_reference](const std::string& id) -> Result<json::value> {
            if (uncertain_.contains(id)) return json::value(json::string(known_after_apply));
            return known_reference(id);
        };
        scope_.attribute = [this, known_attribute](const std::string& id,
                                                   const std::string& name) -> Result<json::value> {
            if (uncertain_.contains(id)) return json::value(json::string(known_after_apply));
            return known_attribute(id, name);
        };
    }

    Result<std::optional<cloudformation::ResourceChange>> compare(const templates::Resource& resource) {
        const auto* type = find_type(resource.type);
        const auto row = rows_.find(resource.logical_id);
        cloudformation::ResourceChange change{.action = cloudformation::ChangeAction::add,
                                              .logical_resource_id = resource.logical_id,
                                              .resource_type = resource.type,
                                              .scope = std::vector<cloudformation::ResourceAttribute>(),
                                              .details = std::vector<cloudformation::ResourceChangeDetail>()};
        if (row == rows_.end() || !is_there(row->second)) {
            uncertain_.insert(resource.logical_id);
            return std::optional(std::move(change));
        }
        if (row->second.type != resource.type) {
            return validation_error(
                "Update of resource type is not permitted. The new template modifies resource type of "
                "the following resources: [" +
                resource.logical_id + "]");
        }
        SEK_TRY(const auto made, templates::evaluate(scope_, resource.properties));
        const json::value next = made ? *made : json::value(json::object());
        SEK_TRY(const auto now, parse_json(row->second.properties.expose()));
        change.action = cloudformation::ChangeAction::modify;
        change.physical_resource_id = row->second.physical_id;
        change.replacement = cloudformation::Replacement::false_;
        for (const auto& property : type->properties) describe(*type, property, resource, now, next, change);
        const auto tags = tags_of(*type, desired_.model.tags, next.get_object());
        if (tags != row->second.tags) {
            change.scope->push_back(cloudformation::ResourceAttribute::tags);
            change.details->push_back({.target =
                                           cloudformation::ResourceTargetDefinition{
                                               .attribute = cloudformation::ResourceAttribute::tags,
                                               .requires_recreation = cloudformation::RequiresRecreation::never},
                                       .evaluation = cloudformation::EvaluationType::static_,
                                       .change_source = cloudformation::ChangeSource::direct_modification});
        }
        if (change.details->empty()) return std::optional<cloudformation::ResourceChange>();
        if (change.replacement != cloudformation::Replacement::false_) uncertain_.insert(resource.logical_id);
        return std::optional(std::move(change));
    }

    void describe(const ResourceType& type, const Property& property, const templates::Resource& resource,
                  const json::value& now, const json::value& next, cloudformation::ResourceChange& change) const {
        using namespace cloudformation;
        const auto* before = find(now, property.name);
        const auto* after = find(next, property.name);
        if (before == nullptr && after == nullptr) return;
        if (before != nullptr && after != nullptr && *before == *after) return;
        if (property.name == "Tags" && type.takes_tags) return;
        const bool is_dynamic =
            after != nullptr && json::serialize(*after).find(known_after_apply) != std::string::npos;
        const bool replaces = property.change == OnChange::replaces || type.change == nullptr;
        if (replaces && change.replacement != Replacement::true_) {
            change.replacement = is_dynamic ? Replacement::conditional : Replacement::true_;
        }
        // The same text in the template before: something that it refers to has changed.
        const auto* old = old_ ? old_->resource(resource.logical_id) : nullptr;
        const auto* old_text = old ? find(old->properties, property.name) : nullptr;
        const auto* text = find(resource.properties, property.name);
        const bool is_same_text = old_text != nullptr && text != nullptr && *old_text == *text;
        ResourceChangeDetail detail;
        detail.target = ResourceTargetDefinition{.attribute = ResourceAttribute::properties,
                                                 .name = std::string(property.name),
                                                 .requires_recreation = !replaces    ? RequiresRecreation::never
                                                                        : is_dynamic ? RequiresRecreation::conditionally
                                                                                     : RequiresRecreation::always};
        detail.evaluation = is_dynamic ? EvaluationType::dynamic : EvaluationType::static_;
        detail.change_source = is_dynamic     ? ChangeSource::resource_reference
                               : is_same_text ? ChangeSource::parameter_reference
                                              : ChangeSource::direct_modification;
        change.details->push_back(std::move(detail));
        if (change.scope->empty()) change.scope->push_back(ResourceAttribute::properties);
    }

    const Call& call_;
    const domain::Stack& stack_;
    const Desired& desired_;
    templates::Scope scope_;
    ResourceRows rows_;
    std::optional<templates::Template> old_;
    std::set<std::string> uncertain_;  // added or replaced: what they will be is not known
};

}  // namespace

Result<std::vector<cloudformation::Change>> compute_changes(const Call& call, const domain::Stack& stack,
                                                            const Desired& desired) {
    return Comparison(call, stack, desired).run();
}

Result<bool> is_unchanged(const Call& call, const domain::Stack& stack, const Desired& desired,
                          const std::vector<cloudformation::Change>& changes) {
    if (!changes.empty() || desired.model.tags != stack.model.tags) return false;
    SEK_TRY(const auto rows, load_rows(call.tx, stack.id));
    resolve_references(*desired.evaluation, call.tx, stack, rows);
    SEK_TRY(const auto outputs, outputs_of(*desired.evaluation));
    return std::ranges::equal(outputs, stack.outputs, [](const auto& a, const auto& b) {
        return a.key == b.key && a.value == b.value && a.export_name == b.export_name && a.description == b.description;
    });
}

}  // namespace sekisho::cloudformation_service
