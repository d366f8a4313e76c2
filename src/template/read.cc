#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "base/yaml.h"
#include "template/template.h"

namespace sekisho::templates {
namespace {

// Texts stay texts (account ids with a leading zero, versions like 1.30, dates); only what prints as it was written
// has a type.
json::value plain_scalar(std::string_view text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = read.ec == std::errc() && read.ptr == text.data() + text.size();
    if (is_number && std::to_string(number) == text) return number;
    return json::string(text);
}

// "!GetAtt A.B" is {"Fn::GetAtt": ["A", "B"]}; "!Ref" and "!Condition" have no Fn::.
Result<json::value> long_form(std::string_view tag, json::value value) {
    static constexpr std::string_view functions[] = {
        "And",    "Base64",      "Cidr",      "Equals",       "FindInMap", "GetAtt",           "GetAZs",
        "If",     "ImportValue", "Join",      "Not",          "Or",        "Select",           "Split",
        "Sub",    "Transform",   "Length",    "ToJsonString", "Contains",  "EachMemberEquals", "EachMemberIn",
        "RefAll", "ValueOf",     "ValueOfAll"};
    const std::string_view name = tag.substr(1);
    if (name == "GetAtt" && value.is_string()) {
        const std::string_view text(value.get_string());
        const auto dot = text.find('.');
        if (dot == std::string_view::npos) return template_error("every Fn::GetAtt object requires two parameters");
        value = json::array({text.substr(0, dot), text.substr(dot + 1)});
    }
    if (name == "Ref" || name == "Condition") return json::value(json::object({{name, std::move(value)}}));
    for (const auto function : functions) {
        if (name == function) return json::value(json::object({{"Fn::" + std::string(name), std::move(value)}}));
    }
    return template_error(fmt::format("the tag {} is not known", tag));
}

}  // namespace

ApiError template_error(std::string message) {
    return {.code = "ValidationError", .message = std::move(message)};
}

Result<json::value> read_template(std::string_view body) {
    const auto text = trim(body);
    if (text.empty()) return template_error("Template format error: unsupported structure.");
    Result<json::value> read = json::value();
    if (text.front() == '{') {
        read = parse_json(text);
        if (!read) return template_error("Template format error: JSON not well-formed.");
    } else {
        read = read_yaml(body, {.plain = plain_scalar, .tagged = long_form, .unique_keys = true});
        if (!read) return template_error("Template format error: YAML not well-formed. (" + read.error().message + ")");
    }
    if (!read->is_object()) return template_error("Template format error: unsupported structure.");
    return read;
}

}  // namespace sekisho::templates
