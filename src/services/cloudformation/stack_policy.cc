#include "services/cloudformation/stack_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/json.h"
#include "policy/document.h"
#include "policy/pattern.h"
#include "services/cloudformation/input.h"

namespace sekisho::cloudformation_service {
namespace {

constexpr std::string_view actions[] = {"Update:Modify", "Update:Replace", "Update:Delete"};
constexpr std::string_view every_action = "Update:*";

struct TypeCondition {
    bool is_pattern;  // StringLike
    std::vector<std::string> types;
};

struct PolicyStatement {
    bool denies = false;
    bool not_action = false;
    std::vector<std::string> actions;
    bool not_resource = false;
    std::vector<std::string> resources;
    std::vector<TypeCondition> conditions;
};

ApiError invalid() {
    return validation_error("Error validating stack policy: Invalid stack policy");
}

// One text or a list of them, of which there is at least one.
Result<std::vector<std::string>> texts(const json::value& value) {
    if (value.is_string()) return std::vector{std::string(value.get_string())};
    if (!value.is_array() || value.get_array().empty()) return invalid();
    std::vector<std::string> found;
    for (const auto& item : value.get_array()) {
        if (!item.is_string()) return invalid();
        found.emplace_back(item.get_string());
    }
    return found;
}

Result<std::vector<std::string>> read_actions(const json::value& value) {
    SEK_TRY(auto found, texts(value));
    for (const auto& action : found) {
        if (action != every_action && std::ranges::find(actions, action) == std::end(actions)) return invalid();
    }
    return found;
}

Result<std::vector<TypeCondition>> read_conditions(const json::value& value) {
    if (!value.is_object()) return invalid();
    std::vector<TypeCondition> found;
    for (const auto& [name, keys] : value.get_object()) {
        if ((name != "StringEquals" && name != "StringLike") || !keys.is_object()) return invalid();
        for (const auto& [key, types] : keys.get_object()) {
            if (key != "ResourceType") return invalid();
            SEK_TRY(auto listed, texts(types));
            found.push_back({name == "StringLike", std::move(listed)});
        }
    }
    return found;
}

Result<PolicyStatement> read_statement(const json::value& source) {
    if (!source.is_object()) return invalid();
    PolicyStatement made;
    bool has_effect = false, has_principal = false;
    for (const auto& [name, value] : source.get_object()) {
        if (name == "Effect") {
            if (!value.is_string() || (value.get_string() != "Allow" && value.get_string() != "Deny")) return invalid();
            made.denies = value.get_string() == "Deny";
            has_effect = true;
        } else if (name == "Principal") {
            // Everybody: who may update is IAM's matter.
            if (!value.is_string() || value.get_string() != "*") return invalid();
            has_principal = true;
        } else if (name == "Action" || name == "NotAction") {
            if (!made.actions.empty()) return invalid();
            made.not_action = name == "NotAction";
            SEK_TRY(made.actions, read_actions(value));
        } else if (name == "Resource" || name == "NotResource") {
            if (!made.resources.empty()) return invalid();
            made.not_resource = name == "NotResource";
            SEK_TRY(made.resources, texts(value));
        } else if (name == "Condition") {
            SEK_TRY(made.conditions, read_conditions(value));
        } else if (name != "Sid") {
            return invalid();
        }
    }
    if (!has_effect || !has_principal || made.actions.empty() || made.resources.empty()) return invalid();
    return made;
}

Result<std::vector<PolicyStatement>> read_policy(std::string_view text) {
    const auto source = parse_json(text);
    if (!source || !source->is_object() || policy::has_repeated_key(text)) return invalid();
    std::vector<PolicyStatement> statements;
    for (const auto& [name, value] : source->get_object()) {
        if (name == "Version" || name == "Id") continue;
        if (name != "Statement") return invalid();
        if (!value.is_array()) {
            SEK_TRY(auto only, read_statement(value));
            statements.push_back(std::move(only));
            continue;
        }
        for (const auto& item : value.get_array()) {
            SEK_TRY(auto next, read_statement(item));
            statements.push_back(std::move(next));
        }
    }
    return statements;
}

bool like(const std::string& pattern, std::string_view text) {
    return policy::glob(policy::encode_glob(pattern), text);
}

bool applies(const PolicyStatement& statement, std::string_view action, std::string_view resource,
             std::string_view type) {
    const bool names_action =
        std::ranges::any_of(statement.actions, [&](const auto& a) { return a == every_action || a == action; });
    const bool names_resource =
        std::ranges::any_of(statement.resources, [&](const auto& pattern) { return like(pattern, resource); });
    const auto holds = [&](const TypeCondition& condition) {
        return std::ranges::any_of(condition.types, [&](const auto& listed) {
            return condition.is_pattern ? like(listed, type) : listed == type;
        });
    };
    return names_action != statement.not_action && names_resource != statement.not_resource &&
           std::ranges::all_of(statement.conditions, holds);
}

}  // namespace

Result<std::string> read_stack_policy(std::string_view name, const std::optional<std::string>& body,
                                      const std::optional<std::string>& url) {
    if (body && url) return validation_error(fmt::format("You cannot specify both {0}URL and {0}Body", name));
    if (url) return refuse_url(fmt::format("{}URL", name), *url);
    if (!body) return std::string();
    SEK_TRY(read_policy(*body));
    return *body;
}

const std::string& stack_policy_in_force(const domain::Stack& stack) {
    const bool has_own = stack.status == status::update_in_progress && !stack.policy_during_update.empty();
    return has_own ? stack.policy_during_update : stack.policy;
}

std::optional<std::string> refused_by_policy(std::string_view policy, PolicyAction action, std::string_view logical_id,
                                             std::string_view type) {
    if (policy.empty()) return {};
    const auto statements = read_policy(policy);
    if (!statements) return statements.error().message;
    if (statements->empty()) return {};
    const auto name = actions[static_cast<std::size_t>(action)];
    const auto resource = fmt::format("LogicalResourceId/{}", logical_id);
    bool is_allowed = false;
    for (std::size_t i = 0; i < statements->size(); ++i) {
        const auto& statement = (*statements)[i];
        if (!applies(statement, name, resource, type)) continue;
        if (statement.denies) {
            return fmt::format("Action denied by stack policy: Statement [#{}] does not allow [{}] for resource [{}]",
                               i, name, resource);
        }
        is_allowed = true;
    }
    if (is_allowed) return {};
    return fmt::format("Action not allowed by stack policy: no statement allows [{}] for resource [{}]", name,
                       resource);
}

}  // namespace sekisho::cloudformation_service
