#include "services/cloudformation/evaluation.h"

#include <fmt/format.h>

#include "domain/ec2.h"
#include "template/parameters.h"

namespace sekisho::cloudformation_service {
namespace {

using templates::template_error;

// The first three zones of a region, as EC2 names them.
std::vector<std::string> zones_of(const std::string& region) {
    return {region + "a", region + "b", region + "c"};
}

Result<void> check_types(const templates::Template& model) {
    std::set<std::string> unknown;
    for (const auto& resource : model.resources) {
        if (find_type(resource.type) == nullptr) unknown.insert(resource.type);
    }
    if (unknown.empty()) return {};
    return template_error(
        fmt::format("Template format error: Unrecognized resource types: [{}]", fmt::join(unknown, ", ")));
}

bool is_attribute_of(const std::string& type, const std::string& name) {
    const auto& known = find_type(type)->attributes;
    return std::ranges::find(known, name) != known.end();
}

Result<void> check_attributes(const templates::Template& model) {
    const auto check = [&](const templates::Reference& reference) -> Result<void> {
        const auto* resource = model.resource(reference.name);
        if (resource == nullptr || reference.attribute.empty() || reference.attribute == "?") return {};
        if (is_attribute_of(resource->type, reference.attribute)) return {};
        return template_error(
            fmt::format("Template error: resource {} does not support attribute type {} in Fn::GetAtt", reference.name,
                        reference.attribute));
    };
    for (const auto& resource : model.resources) {
        SEK_TRY(templates::visit_references(nullptr, resource.properties, check));
    }
    for (const auto& output : model.outputs) SEK_TRY(templates::visit_references(nullptr, output.value, check));
    return {};
}

Result<void> collect_imports(const templates::Scope& scope, const json::value& value, std::set<std::string>& names) {
    if (value.is_array()) {
        for (const auto& item : value.get_array()) SEK_TRY(collect_imports(scope, item, names));
        return {};
    }
    if (!value.is_object()) return {};
    const auto function = templates::function_name(value);
    if (function == "Fn::ImportValue") {
        SEK_TRY(auto name, templates::evaluate_text(scope, value.get_object().begin()->value()));
        names.insert(std::move(name));
        return {};
    }
    if (function == "Fn::If") {
        const auto& branches = value.get_object().begin()->value().get_array();
        const bool is_true = templates::holds(scope, branches[0].get_string());
        return collect_imports(scope, branches[is_true ? 1 : 2], names);
    }
    for (const auto& [name, member] : value.get_object()) SEK_TRY(collect_imports(scope, member, names));
    return {};
}

}  // namespace

Result<EvaluationPointer> evaluate_model(const domain::Stack& stack, const domain::StackModel& model,
                                         std::string_view body, bool masked) {
    auto made = std::make_unique<Evaluation>();
    SEK_TRY(made->model, templates::parse_template(body));
    SEK_TRY(check_types(made->model));
    templates::ParameterTexts given;
    for (const auto& parameter : model.parameters) given[parameter.key] = parameter.value.expose();
    SEK_TRY(auto complete, templates::complete_parameters(made->model, given));
    made->scope.model = &made->model;
    templates::add_pseudo_parameters(made->scope, {.account_id = stack.account_id.str(),
                                                   .region = stack.region.str(),
                                                   .stack_id = stack.arn,
                                                   .stack_name = stack.name,
                                                   .notification_arns = model.notification_arns});
    if (masked) {
        for (const auto& parameter : made->model.parameters) {
            if (parameter.no_echo) complete[parameter.name] = "****";
        }
    }
    templates::add_parameters(made->scope, complete);
    made->scope.zones = zones_of;
    SEK_TRY(templates::evaluate_conditions(made->scope));
    SEK_TRY(made->order, templates::dependencies(made->scope));
    SEK_TRY(check_attributes(made->model));
    return made;
}

Result<EvaluationPointer> load_model(const store::Reader& reader, const domain::Stack& stack,
                                     const domain::StackModel& model, bool masked) {
    SEK_TRY(const auto text, domain::stack_templates.get(reader, stack.id, model.template_id));
    if (!text) return errors::internal_failure("a stack without its template");
    return evaluate_model(stack, model, text->body, masked);
}

void resolve_references(Evaluation& evaluation, const store::Reader& reader, const domain::Stack& stack,
                        const ResourceRows& rows) {
    evaluation.scope.reference = [&rows](const std::string& id) -> Result<json::value> {
        const auto row = rows.find(id);
        if (row == rows.end() || row->second.physical_id.empty()) {
            return template_error("Template error: resource " + id + " does not exist");
        }
        return json::value(json::string(row->second.physical_id));
    };
    evaluation.scope.attribute = [&rows, &reader, &stack](const std::string& id,
                                                          const std::string& name) -> Result<json::value> {
        const auto row = rows.find(id);
        const auto* type = row == rows.end() ? nullptr : find_type(row->second.type);
        if (type != nullptr && type->attribute_now != nullptr) {
            auto now = type->attribute_now(reader, stack, row->second.physical_id, name);
            if (now) return std::move(*now);
        }
        Result<json::value> attributes = json::value(json::object());
        if (row != rows.end() && !row->second.attributes.empty()) attributes = parse_json(row->second.attributes);
        const auto* found = attributes ? find(*attributes, name) : nullptr;
        if (found == nullptr) {
            if (type == nullptr || !is_attribute_of(row->second.type, name)) {
                return template_error(fmt::format(
                    "Template error: resource {} does not support attribute type {} in Fn::GetAtt", id, name));
            }
            // One that the type has and this resource does not.
            if (std::ranges::find(type->empty_attributes, name) != type->empty_attributes.end()) {
                return json::value(json::string());
            }
            return template_error(fmt::format("Attribute '{}' does not exist", name));
        }
        return *found;
    };
    evaluation.scope.import = [&reader, &stack](const std::string& name) -> Result<std::string> {
        SEK_TRY(const auto found, domain::stack_exports.get(reader, stack.account_id, stack.region, name));
        if (!found) return template_error(fmt::format("No export named {} found.", name));
        return found->value;
    };
}

namespace {

ApiError no_such_value(std::string_view what, const std::string& value) {
    return template_error(fmt::format("Template error: the {} '{}' does not exist", what, value));
}

// What rules may ask of a parameter's value: CloudFormation user guide, "Rules", "Supported attributes".
Result<std::string> attribute_of_value(const store::Reader& reader, const domain::Stack& stack, const std::string& type,
                                       const std::string& value, const std::string& attribute) {
    constexpr std::string_view tags_prefix = "Tags.";
    const domain::Tags* tags = nullptr;
    std::optional<domain::Vpc> vpc;
    std::optional<domain::Subnet> subnet;
    std::optional<domain::SecurityGroup> group;
    if (type == "AWS::EC2::VPC::Id") {
        SEK_TRY(vpc, domain::vpcs.get(reader, stack.account_id, stack.region, value));
        if (!vpc) return no_such_value("VPC", value);
        if (attribute == "DefaultNetworkAcl") return vpc->network_acl_id;
        if (attribute == "DefaultSecurityGroup") {
            SEK_TRY(const auto groups,
                    domain::security_groups.scan_by(reader, domain::by_vpc,
                                                    store::prefix(stack.account_id, stack.region, value)));
            for (const auto& item : groups.items) {
                if (item.name == "default") return item.id;
            }
        }
        tags = &vpc->tags;
    } else if (type == "AWS::EC2::Subnet::Id") {
        SEK_TRY(subnet, domain::subnets.get(reader, stack.account_id, stack.region, value));
        if (!subnet) return no_such_value("subnet", value);
        if (attribute == "VpcId") return subnet->vpc_id;
        if (attribute == "AvailabilityZone") return subnet->zone;
        tags = &subnet->tags;
    } else if (type == "AWS::EC2::SecurityGroup::Id") {
        SEK_TRY(group, domain::security_groups.get(reader, stack.account_id, stack.region, value));
        if (!group) return no_such_value("security group", value);
        tags = &group->tags;
    }
    if (tags != nullptr && attribute.starts_with(tags_prefix)) {
        const auto found = tags->find(attribute.substr(tags_prefix.size()));
        return found == tags->end() ? std::string() : found->second;
    }
    return template_error(
        fmt::format("Template error: parameters of type {} have no attribute {} in rules", type, attribute));
}

}  // namespace

Result<void> check_model_rules(Evaluation& evaluation, const store::Reader& reader, const domain::Stack& stack) {
    evaluation.scope.value_attribute = [&](const std::string& type, const std::string& value,
                                           const std::string& attribute) {
        return attribute_of_value(reader, stack, type, value, attribute);
    };
    auto checked = templates::check_rules(evaluation.scope);
    evaluation.scope.value_attribute = nullptr;
    return checked;
}

Result<std::set<std::string>> imported_names(const Evaluation& evaluation) {
    std::set<std::string> names;
    templates::Scope scope = evaluation.scope;
    scope.reference = nullptr;
    scope.attribute = nullptr;
    scope.import = nullptr;
    for (const auto& resource : evaluation.model.resources) {
        if (evaluation.is_to_be(resource.logical_id)) SEK_TRY(collect_imports(scope, resource.properties, names));
    }
    for (const auto& output : evaluation.model.outputs) {
        if (templates::holds(scope, output.condition)) SEK_TRY(collect_imports(scope, output.value, names));
    }
    return names;
}

Result<std::vector<domain::StackOutput>> outputs_of(const Evaluation& evaluation) {
    std::vector<domain::StackOutput> outputs;
    for (const auto& output : evaluation.model.outputs) {
        if (!templates::holds(evaluation.scope, output.condition)) continue;
        SEK_TRY(const auto value, templates::evaluate(evaluation.scope, output.value));
        auto text = value ? templates::scalar_text(*value) : std::nullopt;
        if (!text) {
            return template_error(
                fmt::format("Template format error: Output {} is malformed. The Value field of every "
                            "Outputs member must evaluate to a String.",
                            output.name));
        }
        domain::StackOutput made{.key = output.name, .value = std::move(*text), .description = output.description};
        if (output.export_name) {
            SEK_TRY(made.export_name, templates::evaluate_text(evaluation.scope, *output.export_name));
        }
        outputs.push_back(std::move(made));
    }
    return outputs;
}

std::string required_capability(const templates::Template& model) {
    std::string needed;
    for (const auto& resource : model.resources) {
        const auto* type = find_type(resource.type);
        if (type == nullptr || !type->is_iam) continue;
        if (!type->name_property.empty() && resource.properties.get_object().contains(type->name_property)) {
            return "CAPABILITY_NAMED_IAM";
        }
        needed = "CAPABILITY_IAM";
    }
    return needed;
}

Result<json::object> properties_of(const Evaluation& evaluation, const templates::Resource& resource) {
    SEK_TRY(auto made, templates::evaluate(evaluation.scope, resource.properties));
    if (!made || !made->is_object()) return template_error("Template format error: Properties must be an object.");
    return std::move(made->get_object());
}

domain::Tags tags_of(const ResourceType& type, const domain::Tags& stack_tags, const json::object& properties) {
    if (!type.takes_tags) return {};
    auto tags = stack_tags;
    const auto* own = properties.if_contains("Tags");
    if (own != nullptr && own->is_object()) {
        for (const auto& [key, value] : own->get_object()) {
            tags.insert_or_assign(std::string(key), templates::scalar_text(value).value_or(""));
        }
    } else if (own != nullptr && own->is_array()) {
        for (const auto& tag : own->get_array()) {
            const auto* value = find(tag, "Value");
            if (const auto key = find_text(tag, "Key")) {
                tags.insert_or_assign(*key, value ? templates::scalar_text(*value).value_or("") : "");
            }
        }
    }
    return tags;
}

}  // namespace sekisho::cloudformation_service
