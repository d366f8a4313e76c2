// SimulatePrincipalPolicy, SimulateCustomPolicy and the context keys that policies look at.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
#include "base/limits.h"
#include "models/iam.h"
#include "services/iam/paging.h"
#include "services/iam/permissions.h"
#include "services/iam/service.h"
#include "services/iam/simulation.h"
#include "wire/arn.h"

namespace sekisho::iam_service {
namespace {

using operation::Access;
using operation::any_resource;
using operation::Call;
using operation::operation;

using Texts = std::optional<std::vector<std::string>>;

struct SourceName {
    EntityKind kind;
    wire::EntityName name;
};

std::optional<SourceName> parse_source(const Call& call, const std::string& arn) {
    const auto parsed = wire::Arn::parse(arn);
    if (!parsed || parsed->account != call.account().str()) return {};
    for (const auto kind : {EntityKind::user, EntityKind::group, EntityKind::role}) {
        if (const auto name = wire::entity_name(*parsed, kind_name(kind))) return SourceName{kind, *name};
    }
    return {};
}

template <class Request>
Permissions on_source(const Call& call, const Request& request) {
    const auto source = parse_source(call, request.policy_source_arn);
    access::Permission permission;
    permission.resource = request.policy_source_arn;
    if (source) {
        auto of_entity = on_entity(call, source->kind, source->name.name);
        of_entity.front().resource = request.policy_source_arn;
        return of_entity;
    }
    return {permission};
}

Result<Entity> require_source(const Call& call, const std::string& arn) {
    const auto source = parse_source(call, arn);
    if (!source) return iam::errors::invalid_input_exception("Invalid Entity Arn: " + arn);
    SEK_TRY(auto entity, require_entity(call.tx, call.account(), source->kind, source->name.name));
    if (entity.arn() != arn) return no_such_entity(source->kind, source->name.name);
    return entity;
}

Result<void> add_inputs(Simulation& simulation, const Texts& policies, const Texts& boundaries,
                        const std::optional<std::string>& resource_policy) {
    int number = 0;
    for (const auto& text : policies.value_or(std::vector<std::string>())) {
        SEK_TRY(
            simulation.add_identity("PolicyInputList." + std::to_string(++number), iam::PolicySourceType::none, text));
    }
    number = 0;
    if (boundaries && !boundaries->empty()) simulation.clear_boundary();
    for (const auto& text : boundaries.value_or(std::vector<std::string>())) {
        SEK_TRY(simulation.add_boundary("PermissionsBoundaryPolicyInputList." + std::to_string(++number), text));
    }
    if (resource_policy) SEK_TRY(simulation.set_resource_policy(*resource_policy));
    return {};
}

// The account within an owner's ARN, or the text itself when it is an account.
std::string owner_account(const std::optional<std::string>& owner) {
    if (!owner) return {};
    if (is_account_id(*owner)) return *owner;
    const auto arn = wire::Arn::parse(*owner);
    return arn ? arn->account : std::string();
}

template <class Request>
Result<iam::SimulatePolicyResponse> run(const Call& call, Simulation& simulation, const Simulation::Caller& caller,
                                        const Request& request) {
    if (request.context_entries) simulation.set_context(*request.context_entries);
    const auto resources = request.resource_arns.value_or(std::vector<std::string>{"*"});
    if (request.action_names.size() * resources.size() > limits::simulation_results_max) {
        return iam::errors::invalid_input_exception(
            "The simulation has too many combinations of actions and resources.");
    }
    const auto owner = owner_account(request.resource_owner);
    std::vector<iam::EvaluationResult> results;
    for (const auto& action : request.action_names) {
        if (action.find(':') == action.npos || action.find('*') != action.npos) {
            return iam::errors::invalid_input_exception("Invalid action: " + action);
        }
        for (const auto& resource : resources) {
            results.push_back(simulation.decide(caller, action, resource, owner));
        }
    }
    iam::SimulatePolicyResponse response;
    SEK_TRY(response.evaluation_results, page_of(call, "SimulatePolicy", std::move(results), request, response));
    return response;
}

Result<Simulation::Caller> caller_of(const Call& call, const std::optional<std::string>& given,
                                     const std::string& otherwise) {
    Simulation::Caller caller{.arn = given.value_or(otherwise), .account = call.account().str()};
    const auto arn = wire::Arn::parse(caller.arn);
    if (!arn) return iam::errors::invalid_input_exception("Invalid Caller Arn: " + caller.arn);
    caller.account = arn->account;
    if (arn->resource.starts_with("role/")) caller.kind = policy::PrincipalKind::role;
    return caller;
}

Result<iam::SimulatePolicyResponse> simulate_custom(Call& call, const iam::SimulateCustomPolicyRequest& request) {
    if (request.ordered_organization_policy_input_list) {
        return iam::errors::invalid_input_exception("OrderedOrganizationPolicyInputList is not supported.");
    }
    Simulation simulation;
    SEK_TRY(add_inputs(simulation, request.policy_input_list, request.permissions_boundary_policy_input_list,
                       request.resource_policy));
    SEK_TRY(const auto caller,
            caller_of(call, request.caller_arn, wire::make_user_arn(call.account(), "/", "simulated")));
    return run(call, simulation, caller, request);
}

Result<iam::SimulatePolicyResponse> simulate_principal(Call& call, const iam::SimulatePrincipalPolicyRequest& request) {
    if (request.policy_exclusion_list && !request.policy_exclusion_list->empty()) {
        return iam::errors::invalid_input_exception("PolicyExclusionList is not supported.");
    }
    SEK_TRY(const auto entity, require_source(call, request.policy_source_arn));
    if (request.resource_policy && !request.caller_arn && entity.kind != EntityKind::user) {
        return iam::errors::invalid_input_exception("CallerArn is required with a resource policy.");
    }
    Simulation simulation;
    SEK_TRY(simulation.add_entity(call.tx, entity));
    SEK_TRY(add_inputs(simulation, request.policy_input_list, request.permissions_boundary_policy_input_list,
                       request.resource_policy));
    SEK_TRY(const auto caller, caller_of(call, request.caller_arn, request.policy_source_arn));
    return run(call, simulation, caller, request);
}

iam::GetContextKeysForPolicyResponse keys_of(const Simulation& simulation) {
    iam::GetContextKeysForPolicyResponse response;
    response.context_key_names.emplace(simulation.context_keys().begin(), simulation.context_keys().end());
    return response;
}

Result<iam::GetContextKeysForPolicyResponse> custom_keys(Call&,
                                                         const iam::GetContextKeysForCustomPolicyRequest& request) {
    Simulation simulation;
    SEK_TRY(add_inputs(simulation, request.policy_input_list, std::nullopt, std::nullopt));
    return keys_of(simulation);
}

Result<iam::GetContextKeysForPolicyResponse> principal_keys(
    Call& call, const iam::GetContextKeysForPrincipalPolicyRequest& request) {
    SEK_TRY(const auto entity, require_source(call, request.policy_source_arn));
    Simulation simulation;
    SEK_TRY(simulation.add_entity(call.tx, entity));
    SEK_TRY(add_inputs(simulation, request.policy_input_list, std::nullopt, std::nullopt));
    return keys_of(simulation);
}

}  // namespace

const operation::OperationTable simulation_operations = {
    operation<iam::SimulateCustomPolicy>(
        {.access = Access::read, .resources = any_resource, .handle = simulate_custom}),
    operation<iam::SimulatePrincipalPolicy>({.access = Access::read,
                                             .resources = on_source<iam::SimulatePrincipalPolicyRequest>,
                                             .handle = simulate_principal}),
    operation<iam::GetContextKeysForCustomPolicy>(
        {.access = Access::read, .resources = any_resource, .handle = custom_keys}),
    operation<iam::GetContextKeysForPrincipalPolicy>(
        {.access = Access::read,
         .resources = on_source<iam::GetContextKeysForPrincipalPolicyRequest>,
         .handle = principal_keys}),
};

}  // namespace sekisho::iam_service
