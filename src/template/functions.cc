#include "template/functions.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <charconv>

#include "base/encoding.h"
#include "base/text.h"

namespace sekisho::templates {
namespace {

constexpr char ref_form[] = "Template error: every Ref object must have a single String value.";
constexpr char attribute_form[] =
    "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource "
    "attribute";
constexpr char join_form[] =
    "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings "
    "to "
    "be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.";
constexpr char split_form[] =
    "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be "
    "split "
    "or a function that returns a string to be split.";
constexpr char select_form[] =
    "Template error: every Fn::Select object requires two parameters, the first parameter must be a non-negative "
    "integer "
    "index and the second a list";
constexpr char sub_form[] =
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as "
    "first "
    "argument, and an optional second argument to specify a mapping of values to replace in the string";
constexpr char map_form[] =
    "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for "
    "return value";
constexpr char base64_form[] = "Template error: every Fn::Base64 object must have a String-typed value.";
constexpr char import_form[] = "Template error: every Fn::ImportValue object must have a String-typed value.";
constexpr char zones_form[] = "Template error: every Fn::GetAZs object must have a String-typed value.";
constexpr char cidr_form[] =
    "Template error: every Fn::Cidr object requires two to three parameters, (1) an IP address range, (2) a number of "
    "blocks and (3) the number of bits of each block";

const char* text_form(const json::value& argument, const char* complaint) {
    return may_be_text(argument) ? nullptr : complaint;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return {};
    return number;
}

Result<Value> refer(Evaluator& evaluator, const std::string& name) {
    if (name == "AWS::NoValue") return Value();
    const auto& scope = evaluator.scope();
    if (const auto found = scope.parameters.find(name); found != scope.parameters.end()) return Value(found->second);
    if (!scope.reference) {
        return template_error(
            fmt::format("Template error: unresolved reference to {} outside of Resources and Outputs", name));
    }
    SEK_TRY(auto value, scope.reference(name));
    return Value(std::move(value));
}

Result<Value> attribute(Evaluator& evaluator, const std::string& logical_id, const std::string& name) {
    if (!evaluator.scope().attribute) {
        return template_error(
            fmt::format("Template error: unresolved reference to {}.{} outside of Resources and "
                        "Outputs",
                        logical_id, name));
    }
    SEK_TRY(auto value, evaluator.scope().attribute(logical_id, name));
    return Value(std::move(value));
}

Result<Value> apply_ref(Evaluator& evaluator, const json::value& source) {
    return refer(evaluator, std::string(source.get_string()));
}

Result<Value> apply_attribute(Evaluator& evaluator, const json::value& source) {
    const auto names = attribute_names(source);
    SEK_TRY(const auto name, evaluator.text(names->second, attribute_form));
    return attribute(evaluator, names->first, name);
}

Result<Value> apply_join(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto delimiter, evaluator.text(argument(source, 0), join_form));
    SEK_TRY(const auto parts, evaluator.texts(argument(source, 1), join_form));
    SEK_TRY(evaluator.spend(delimiter.size() * parts.size()));
    return Value(json::string(join(parts, delimiter)));
}

Result<Value> apply_split(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto delimiter, evaluator.text(argument(source, 0), split_form));
    SEK_TRY(const auto text, evaluator.text(argument(source, 1), split_form));
    if (delimiter.empty()) return template_error(split_form);
    json::array parts;
    std::size_t begin = 0;
    for (;;) {
        const auto end = text.find(delimiter, begin);
        parts.emplace_back(std::string_view(text).substr(begin, end - begin));
        if (end == std::string::npos) break;
        begin = end + delimiter.size();
    }
    SEK_TRY(evaluator.spend(parts.size() * sizeof(json::value)));
    return Value(std::move(parts));
}

Result<Value> apply_select(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto index_text, evaluator.text(argument(source, 0), select_form));
    const auto index = whole_number(index_text);
    if (!index || *index < 0) return template_error(select_form);
    SEK_TRY(auto list, evaluator.value(argument(source, 1)));
    if (!list || !list->is_array()) return template_error(select_form);
    const auto& items = list->get_array();
    if (static_cast<std::uint64_t>(*index) >= items.size()) {
        return template_error(
            fmt::format("Template error: Fn::Select  cannot select nonexistent value at index {}", *index));
    }
    return Value(items[static_cast<std::size_t>(*index)]);
}

Result<Value> apply_sub(Evaluator& evaluator, const json::value& source) {
    const bool has_map = source.is_array();
    const auto& text = has_map ? argument(source, 0) : source;
    SEK_TRY(const auto parts, split_sub(text.get_string()));
    std::string result;
    for (const auto& part : parts) {
        SEK_TRY(evaluator.spend(part.text.size()));
        if (!part.is_name) {
            result += part.text;
            continue;
        }
        const json::value* own = has_map ? find(argument(source, 1), part.text) : nullptr;
        Result<Value> value = Value();
        if (own != nullptr) {
            value = evaluator.value(*own);
        } else if (const auto dot = part.text.find('.'); dot != std::string::npos) {
            value = attribute(evaluator, part.text.substr(0, dot), part.text.substr(dot + 1));
        } else {
            value = refer(evaluator, part.text);
        }
        if (!value) return std::move(value).error();
        const auto replacement = *value ? scalar_text(**value) : std::nullopt;
        if (!replacement) {
            return template_error(
                fmt::format("Template error: variable {} in Fn::Sub expression does not resolve to a "
                            "string",
                            part.text));
        }
        SEK_TRY(evaluator.spend(replacement->size()));
        result += *replacement;
    }
    return Value(json::string(result));
}

Result<Value> apply_find_in_map(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto name, evaluator.text(argument(source, 0), map_form));
    SEK_TRY(const auto key, evaluator.text(argument(source, 1), map_form));
    SEK_TRY(const auto attribute_name, evaluator.text(argument(source, 2), map_form));
    const auto* mapping = evaluator.scope().model->mappings.if_contains(name);
    if (mapping == nullptr) {
        return template_error(
            fmt::format("Template error: Mapping named '{}' is not present in the 'Mappings' section of "
                        "template.",
                        name));
    }
    const auto* row = find(*mapping, key);
    const auto* found = row ? find(*row, attribute_name) : nullptr;
    if (found == nullptr) {
        return template_error(
            fmt::format("Template error: Unable to get mapping for {}::{}::{}", name, key, attribute_name));
    }
    SEK_TRY(evaluator.spend(json::serialize(*found).size()));
    return Value(*found);
}

Result<Value> apply_base64(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto text, evaluator.text(source, base64_form));
    return Value(json::string(encode_base64(text)));
}

Result<Value> apply_import(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto name, evaluator.text(source, import_form));
    if (!evaluator.scope().import) {
        return template_error("Template error: Fn::ImportValue is not allowed outside of Resources and Outputs");
    }
    SEK_TRY(auto value, evaluator.scope().import(name));
    return Value(json::string(value));
}

Result<Value> apply_zones(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(auto region, evaluator.text(source, zones_form));
    if (region.empty()) {
        const auto own = evaluator.scope().parameters.find("AWS::Region");
        if (own != evaluator.scope().parameters.end()) region = own->second.get_string();
    }
    json::array zones;
    if (evaluator.scope().zones) {
        for (const auto& zone : evaluator.scope().zones(region)) zones.emplace_back(zone);
    }
    return Value(std::move(zones));
}

Result<Value> apply_cidr(Evaluator& evaluator, const json::value& source) {
    SEK_TRY(const auto range, evaluator.text(argument(source, 0), cidr_form));
    SEK_TRY(const auto count_text, evaluator.text(argument(source, 1), cidr_form));
    std::string bits_text = range.find(':') == std::string::npos ? "8" : "64";
    if (source.get_array().size() == 3) {
        SEK_TRY(bits_text, evaluator.text(argument(source, 2), cidr_form));
    }
    const auto count = whole_number(count_text);
    const auto bits = whole_number(bits_text);
    if (!count || !bits) return template_error(cidr_form);
    SEK_TRY(const auto blocks, cidr_blocks(range, *count, *bits));
    json::array list;
    for (const auto& block : blocks) list.emplace_back(block);
    SEK_TRY(evaluator.spend(blocks.size() * 64));
    return Value(std::move(list));
}

const char* form_of_attribute(const json::value& source) {
    const auto names = attribute_names(source);
    return names && may_be_text(names->second) ? nullptr : attribute_form;
}

const char* form_of_sub(const json::value& source) {
    if (source.is_string()) return nullptr;
    if (!is_list_of(source, 1, 2) || !argument(source, 0).is_string()) return sub_form;
    if (source.get_array().size() == 1) return sub_form;
    return argument(source, 1).is_object() && function_name(argument(source, 1)).empty() ? nullptr : sub_form;
}

constexpr Function functions[] = {
    {"Ref", Place::values,
     [](const json::value& a) { return a.is_string() && !a.get_string().empty() ? nullptr : ref_form; }, apply_ref},
    {"Fn::GetAtt", Place::values, form_of_attribute, apply_attribute},
    {"Fn::Join", Place::values,
     [](const json::value& a) -> const char* {
         return is_list_of(a, 2, 2) && argument(a, 0).is_string() && may_be_list(argument(a, 1)) ? nullptr : join_form;
     },
     apply_join},
    {"Fn::Split", Place::values,
     [](const json::value& a) -> const char* {
         return is_list_of(a, 2, 2) && argument(a, 0).is_string() && may_be_text(argument(a, 1)) ? nullptr : split_form;
     },
     apply_split},
    {"Fn::Select", Place::values,
     [](const json::value& a) -> const char* {
         return is_list_of(a, 2, 2) && may_be_text(argument(a, 0)) && may_be_list(argument(a, 1)) ? nullptr
                                                                                                  : select_form;
     },
     apply_select},
    {"Fn::Sub", Place::values, form_of_sub, apply_sub},
    {"Fn::FindInMap", Place::values,
     [](const json::value& a) -> const char* {
         return is_list_of(a, 3, 3) && may_be_text(argument(a, 0)) && may_be_text(argument(a, 1)) &&
                        may_be_text(argument(a, 2))
                    ? nullptr
                    : map_form;
     },
     apply_find_in_map},
    {"Fn::Base64", Place::values, [](const json::value& a) { return text_form(a, base64_form); }, apply_base64},
    {"Fn::ImportValue", Place::values, [](const json::value& a) { return text_form(a, import_form); }, apply_import},
    {"Fn::GetAZs", Place::values, [](const json::value& a) { return text_form(a, zones_form); }, apply_zones},
    {"Fn::Cidr", Place::values,
     [](const json::value& a) -> const char* {
         return is_list_of(a, 2, 3) && may_be_text(argument(a, 0)) && may_be_text(argument(a, 1)) ? nullptr : cidr_form;
     },
     apply_cidr},
};

}  // namespace

const std::span<const Function> value_functions = functions;

std::optional<std::pair<std::string, json::value>> attribute_names(const json::value& source) {
    if (source.is_string()) {
        const std::string_view text(source.get_string());
        const auto dot = text.find('.');
        if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) return {};
        return std::pair(std::string(text.substr(0, dot)), json::value(text.substr(dot + 1)));
    }
    if (!is_list_of(source, 2, 2) || !argument(source, 0).is_string() || argument(source, 0).get_string().empty()) {
        return {};
    }
    return std::pair(std::string(argument(source, 0).get_string()), argument(source, 1));
}

Result<std::vector<SubPart>> split_sub(std::string_view text) {
    std::vector<SubPart> parts;
    std::string literal;
    while (!text.empty()) {
        if (!text.starts_with("${")) {
            const auto next = std::min(text.find("${", 1), text.size());
            literal += text.substr(0, next);
            text.remove_prefix(next);
            continue;
        }
        const auto end = text.find('}');
        if (end == std::string_view::npos) {
            return template_error("Template error: every ${ in Fn::Sub syntax must be closed by }");
        }
        const auto name = trim(text.substr(2, end - 2));
        text.remove_prefix(end + 1);
        if (name.starts_with('!')) {
            literal += "${" + std::string(name.substr(1)) + "}";
            continue;
        }
        const bool is_name = !name.empty() && name.find_first_not_of(
                                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                  "0123456789_.:") == std::string_view::npos;
        if (!is_name) {
            return template_error(
                "Template error: variable names in Fn::Sub syntax must contain only alphanumeric "
                "characters, underscores, periods, and colons");
        }
        if (!literal.empty()) parts.push_back({false, std::exchange(literal, {})});
        parts.push_back({true, std::string(name)});
    }
    if (!literal.empty()) parts.push_back({false, std::move(literal)});
    return parts;
}

}  // namespace sekisho::templates
