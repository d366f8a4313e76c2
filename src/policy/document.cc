#include "policy/document.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "policy/condition.h"

namespace sekisho::policy {
namespace {

struct OperatorName {
    Operator op;
    std::string_view name;
};
constexpr std::array operator_names = {
    OperatorName{Operator::string_equals, "StringEquals"},
    OperatorName{Operator::string_not_equals, "StringNotEquals"},
    OperatorName{Operator::string_equals_ignore_case, "StringEqualsIgnoreCase"},
    OperatorName{Operator::string_not_equals_ignore_case, "StringNotEqualsIgnoreCase"},
    OperatorName{Operator::string_like, "StringLike"},
    OperatorName{Operator::string_not_like, "StringNotLike"},
    OperatorName{Operator::numeric_equals, "NumericEquals"},
    OperatorName{Operator::numeric_not_equals, "NumericNotEquals"},
    OperatorName{Operator::numeric_less_than, "NumericLessThan"},
    OperatorName{Operator::numeric_less_than_equals, "NumericLessThanEquals"},
    OperatorName{Operator::numeric_greater_than, "NumericGreaterThan"},
    OperatorName{Operator::numeric_greater_than_equals, "NumericGreaterThanEquals"},
    OperatorName{Operator::date_equals, "DateEquals"},
    OperatorName{Operator::date_not_equals, "DateNotEquals"},
    OperatorName{Operator::date_less_than, "DateLessThan"},
    OperatorName{Operator::date_less_than_equals, "DateLessThanEquals"},
    OperatorName{Operator::date_greater_than, "DateGreaterThan"},
    OperatorName{Operator::date_greater_than_equals, "DateGreaterThanEquals"},
    OperatorName{Operator::boolean, "Bool"},
    OperatorName{Operator::binary_equals, "BinaryEquals"},
    OperatorName{Operator::ip_address, "IpAddress"},
    OperatorName{Operator::not_ip_address, "NotIpAddress"},
    OperatorName{Operator::arn_equals, "ArnEquals"},
    OperatorName{Operator::arn_not_equals, "ArnNotEquals"},
    OperatorName{Operator::arn_like, "ArnLike"},
    OperatorName{Operator::arn_not_like, "ArnNotLike"},
    OperatorName{Operator::null, "Null"},
};

ApiError malformed(Use use, std::string message) {
    if (use == Use::scp || use == Use::rcp) {
        return {.code = "MalformedPolicyDocumentException",
                .message = "The provided policy document does not meet the requirements of the specified policy type."};
    }
    return {.code = "MalformedPolicyDocument", .message = std::move(message)};
}

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool has_repeated_key(std::string_view text) {
    struct Scope {
        bool is_object;
        bool expects_key;
        std::set<std::string> keys;
    };
    std::vector<Scope> scopes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            std::size_t end = i + 1;
            while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
            if (!scopes.empty() && scopes.back().is_object && scopes.back().expects_key) {
                const auto key = parse_json(text.substr(i, end - i + 1));  // escapes: "A" and "\u0041" are one key
                if (!key || !scopes.back().keys.insert(std::string(key->get_string())).second) return true;
                scopes.back().expects_key = false;
            }
            i = end;
        } else if (c == '{' || c == '[') {
            scopes.push_back({c == '{', true, {}});
        } else if (c == '}' || c == ']') {
            scopes.pop_back();
        } else if (c == ',' && !scopes.empty()) {
            scopes.back().expects_key = true;
        }
    }
    return false;
}

namespace {

// Reads one document. Every function that returns false or an error ends the reading.
class Reader {
 public:
    explicit Reader(Use use) : use_(use) {}

    Result<Document> document(const json::value& source) {
        if (!source.is_object()) return syntax_error();
        Document document;
        const json::value* statements = nullptr;
        for (const auto& [name, value] : source.get_object()) {
            if (name == "Version") {
                SEK_TRY(document.version, version(value));
            } else if (name == "Id") {
                if (!value.is_string()) return syntax_error();
                document.id = std::string(value.get_string());
            } else if (name == "Statement") {
                statements = &value;
            } else {
                return syntax_error();
            }
        }
        if (statements == nullptr) return syntax_error();
        SEK_TRY(read_statements(*statements, document));
        return document;
    }

 private:
    ApiError syntax_error() const { return malformed(use_, "Syntax errors in policy."); }
    ApiError fault(std::string message) const { return malformed(use_, std::move(message)); }

    Result<Version> version(const json::value& value) const {
        if (value.is_string() && value.get_string() == "2012-10-17") return Version::v2012;
        if (value.is_string() && value.get_string() == "2008-10-17") return Version::v2008;
        return syntax_error();
    }

    Result<void> read_statements(const json::value& source, Document& document) {
        if (source.is_object()) {
            SEK_TRY(auto only, statement(source));
            document.statements.push_back(std::move(only));
            return {};
        }
        if (!source.is_array() || source.get_array().empty() ||
            source.get_array().size() > limits::policy_statements_max) {
            return syntax_error();
        }
        std::set<std::string> sids;
        for (const auto& item : source.get_array()) {
            SEK_TRY(auto next, statement(item));
            if (next.sid && !next.sid->empty() && !sids.insert(*next.sid).second) {
                return fault("Statement IDs (SID) in a single policy must be unique.");
            }
            document.statements.push_back(std::move(next));
        }
        return {};
    }

    Result<Statement> statement(const json::value& source) {
        if (!source.is_object()) return syntax_error();
        Statement made;
        bool has_effect = false, has_action = false, has_resource = false;
        for (const auto& [key, value] : source.get_object()) {
            const std::string_view name(key.data(), key.size());
            if (name == "Sid") {
                if (!value.is_string()) return syntax_error();
                made.sid = std::string(value.get_string());
                SEK_TRY(check_sid(*made.sid));
            } else if (name == "Effect") {
                if (!value.is_string() || (value.get_string() != "Allow" && value.get_string() != "Deny")) {
                    return syntax_error();
                }
                made.effect = value.get_string() == "Allow" ? Effect::allow : Effect::deny;
                has_effect = true;
            } else if (name == "Principal" || name == "NotPrincipal") {
                if (made.principals) return syntax_error();
                made.not_principal = name == "NotPrincipal";
                SEK_TRY(made.principals, principals(value));
            } else if (name == "Action" || name == "NotAction") {
                if (has_action) return syntax_error();
                has_action = true;
                made.not_action = name == "NotAction";
                SEK_TRY(made.actions, actions(value));
            } else if (name == "Resource" || name == "NotResource") {
                if (has_resource) return syntax_error();
                has_resource = true;
                made.not_resource = name == "NotResource";
                SEK_TRY(made.resources, resources(value));
            } else if (name == "Condition") {
                SEK_TRY(made.conditions, conditions(value));
            } else {
                return syntax_error();
            }
        }
        if (!has_effect) return syntax_error();
        SEK_TRY(check_elements(made));
        return made;
    }

    // IAM's own policies name their statements with letters and digits only; those of resources may have more.
    Result<void> check_sid(std::string_view sid) const {
        const bool is_strict = use_ == Use::identity || use_ == Use::boundary || use_ == Use::session;
        if (!is_strict || std::ranges::all_of(sid, is_alphanumeric)) return {};
        return fault(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
            "[0-9A-Za-z]*");
    }

    // Which elements a statement must and must not have, by where the policy is attached.
    Result<void> check_elements(const Statement& made) const {
        if (made.actions.empty()) return fault("Policy statement must contain actions.");
        const bool is_resource_kind = use_ == Use::resource || use_ == Use::trust || use_ == Use::rcp;
        if (!is_resource_kind && made.principals) return fault("Policy document should not specify a principal.");
        if (is_resource_kind && !made.principals) return fault("Missing required field Principal");
        if (use_ == Use::rcp && (!made.principals->everyone || made.not_principal)) return syntax_error();
        if (use_ == Use::trust && !made.resources.empty()) {
            return fault(made.not_resource ? "Has prohibited field NotResource" : "Has prohibited field Resource");
        }
        const auto is_foreign = [](const std::string& action) { return !starts_with_ignoring_case(action, "sts:"); };
        if (use_ == Use::trust && std::ranges::any_of(made.actions, is_foreign)) {
            return fault("AssumeRole policy may only specify STS AssumeRole actions.");
        }
        // IAM user guide, "NotPrincipal": not supported with Allow; in a trust policy it would open the role to anyone.
        if (use_ == Use::trust && made.not_principal && made.effect == Effect::allow) {
            return fault("Allow with NotPrincipal is not allowed.");
        }
        const bool may_lack_resource = use_ == Use::trust || use_ == Use::resource;
        if (made.resources.empty() && !may_lack_resource) return fault("Policy statement must contain resources.");
        return {};
    }

    Result<std::vector<std::string>> texts(const json::value& value) {
        std::vector<std::string> found;
        const auto add = [&](const json::value& item) {
            if (!item.is_string() || ++values_ > limits::policy_values_max) return false;
            found.emplace_back(item.get_string());
            return true;
        };
        if (value.is_string()) {
            add(value);
            return found;
        }
        if (!value.is_array()) return syntax_error();
        for (const auto& item : value.get_array()) {
            if (!add(item)) return syntax_error();
        }
        return found;
    }

    Result<std::vector<std::string>> actions(const json::value& value) {
        SEK_TRY(auto found, texts(value));
        for (const auto& action : found) {
            if (action == "*") continue;
            const auto colon = action.find(':');
            if (colon == std::string::npos || colon == 0 || colon + 1 == action.size()) {
                return fault("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
            }
        }
        return found;
    }

    Result<std::vector<std::string>> resources(const json::value& value) {
        SEK_TRY(auto found, texts(value));
        // An empty list would read as an absent element, which matches everything.
        if (found.empty()) return fault("Policy statement must contain resources.");
        for (const auto& resource : found) {
            const bool is_form = resource == "*" || resource.starts_with("arn:") || resource.starts_with("arn*") ||
                                 resource.starts_with("*:") || resource.starts_with("${");
            if (!is_form) return fault("Resource " + resource + " must be in ARN format or \"*\".");
        }
        return found;
    }

    Result<Principals> principals(const json::value& value) {
        Principals found;
        if (value.is_string()) {
            if (value.get_string() != "*") return syntax_error();
            found.everyone = true;
            return found;
        }
        if (!value.is_object() || value.get_object().empty()) return syntax_error();
        for (const auto& [kind, names] : value.get_object()) {
            auto* list = kind == "AWS"             ? &found.aws
                         : kind == "Service"       ? &found.service
                         : kind == "Federated"     ? &found.federated
                         : kind == "CanonicalUser" ? &found.canonical_user
                                                   : nullptr;
            if (list == nullptr) return syntax_error();
            SEK_TRY(*list, texts(names));
            if (list->empty()) return syntax_error();
        }
        return found;
    }

    Result<std::vector<std::string>> condition_values(const json::value& value) {
        std::vector<std::string> found;
        const auto add = [&](const json::value& item) {
            if (++values_ > limits::policy_values_max) return false;
            if (item.is_string()) {
                found.emplace_back(item.get_string());
            } else if (item.is_bool()) {
                found.emplace_back(item.get_bool() ? "true" : "false");
            } else if (item.is_int64()) {
                found.push_back(std::to_string(item.get_int64()));
            } else if (item.is_number()) {
                std::string text;
                JsonWriter(text).number(item.to_number<double>());
                found.push_back(std::move(text));
            } else {
                return false;
            }
            return true;
        };
        if (!value.is_array()) {
            if (!add(value)) return syntax_error();
            return found;
        }
        for (const auto& item : value.get_array()) {
            if (!add(item)) return syntax_error();
        }
        return found;
    }

    Result<std::vector<Condition>> conditions(const json::value& value) {
        if (!value.is_object()) return syntax_error();
        std::vector<Condition> found;
        std::vector<ConditionOperator> seen;
        for (const auto& [name, keys] : value.get_object()) {
            const auto op = parse_operator({name.data(), name.size()});
            if (!op || !keys.is_object()) return syntax_error();
            // Names are read without regard to case: "stringequals" repeats "StringEquals".
            if (std::ranges::find(seen, *op) != seen.end()) return syntax_error();
            seen.push_back(*op);
            for (const auto& [key, values] : keys.get_object()) {
                if (key.find(':') == json::string_view::npos) {
                    return fault("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
                }
                Condition condition{.op = *op, .key = std::string(key), .values = {}};
                SEK_TRY(condition.values, condition_values(values));
                for (const auto& text : condition.values) {
                    if (!is_readable(op->base, text)) return syntax_error();
                }
                found.push_back(std::move(condition));
            }
        }
        return found;
    }

    const Use use_;
    std::size_t values_ = 0;
};

void print_list(JsonWriter& writer, std::string_view name, const std::vector<std::string>& values) {
    writer.name(name).begin_array();
    for (const auto& value : values) writer.text(value);
    writer.end_array();
}

void print_principals(JsonWriter& writer, const Statement& statement) {
    writer.name(statement.not_principal ? "NotPrincipal" : "Principal");
    const auto& principals = *statement.principals;
    if (principals.everyone) {
        writer.text("*");
        return;
    }
    writer.begin_object();
    if (!principals.aws.empty()) print_list(writer, "AWS", principals.aws);
    if (!principals.service.empty()) print_list(writer, "Service", principals.service);
    if (!principals.federated.empty()) print_list(writer, "Federated", principals.federated);
    if (!principals.canonical_user.empty()) print_list(writer, "CanonicalUser", principals.canonical_user);
    writer.end_object();
}

void print_conditions(JsonWriter& writer, const std::vector<Condition>& conditions) {
    writer.name("Condition").begin_object();
    for (std::size_t i = 0; i < conditions.size();) {
        const auto op = conditions[i].op;
        writer.name(operator_name(op)).begin_object();
        for (; i < conditions.size() && conditions[i].op == op; ++i) {
            print_list(writer, conditions[i].key, conditions[i].values);
        }
        writer.end_object();
    }
    writer.end_object();
}

void print_statement(JsonWriter& writer, const Statement& statement) {
    writer.begin_object();
    if (statement.sid) writer.member("Sid", *statement.sid);
    writer.member("Effect", statement.effect == Effect::allow ? "Allow" : "Deny");
    if (statement.principals) print_principals(writer, statement);
    print_list(writer, statement.not_action ? "NotAction" : "Action", statement.actions);
    if (!statement.resources.empty()) {
        print_list(writer, statement.not_resource ? "NotResource" : "Resource", statement.resources);
    }
    if (!statement.conditions.empty()) print_conditions(writer, statement.conditions);
    writer.end_object();
}

}  // namespace

Result<Document> parse(std::string_view text, Use use) {
    if (text.size() > limits::policy_document_bytes_max) return malformed(use, "Syntax errors in policy.");
    const auto value = parse_json(text);
    if (!value) return malformed(use, "This policy contains invalid Json");
    if (has_repeated_key(text)) return malformed(use, "Syntax errors in policy.");
    return Reader(use).document(*value);
}

std::string print(const Document& document) {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object();
    if (document.version) writer.member("Version", *document.version == Version::v2012 ? "2012-10-17" : "2008-10-17");
    if (document.id) writer.member("Id", *document.id);
    writer.name("Statement").begin_array();
    for (const auto& statement : document.statements) print_statement(writer, statement);
    writer.end_array().end_object();
    return out;
}

Result<void> require_current_version(const Document& document) {
    if (document.version == Version::v2012) return {};
    return malformed(Use::identity, "Policy document must be version 2012-10-17 or greater.");
}

std::size_t count_policy_characters(std::string_view text) {
    std::size_t count = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_white = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!in_text && is_white) continue;
        if (in_text && c == '\\' && i + 1 < text.size()) {
            ++i;
            ++count;
        } else if (c == '"') {
            in_text = !in_text;
        }
        ++count;
    }
    return count;
}

std::string operator_name(const ConditionOperator& op) {
    std::string name = op.set == SetQualifier::for_any_value    ? "ForAnyValue:"
                       : op.set == SetQualifier::for_all_values ? "ForAllValues:"
                                                                : "";
    for (const auto& entry : operator_names) {
        if (entry.op == op.base) name += entry.name;
    }
    return op.if_exists ? name + "IfExists" : name;
}

std::optional<ConditionOperator> parse_operator(std::string_view name) {
    ConditionOperator op;
    if (starts_with_ignoring_case(name, "ForAnyValue:")) op.set = SetQualifier::for_any_value;
    if (starts_with_ignoring_case(name, "ForAllValues:")) op.set = SetQualifier::for_all_values;
    if (op.set != SetQualifier::none) name.remove_prefix(name.find(':') + 1);
    constexpr std::string_view suffix = "IfExists";
    if (name.size() > suffix.size() && equals_ignoring_case(name.substr(name.size() - suffix.size()), suffix)) {
        op.if_exists = true;
        name.remove_suffix(suffix.size());
    }
    for (const auto& entry : operator_names) {
        if (!equals_ignoring_case(entry.name, name)) continue;
        op.base = entry.op;
        // Null asks for presence itself.
        if (op.base == Operator::null && (op.if_exists || op.set != SetQualifier::none)) return {};
        return op;
    }
    return {};
}

bool is_negated(Operator op) {
    switch (op) {
        case Operator::string_not_equals:
        case Operator::string_not_equals_ignore_case:
        case Operator::string_not_like:
        case Operator::numeric_not_equals:
        case Operator::date_not_equals:
        case Operator::not_ip_address:
        case Operator::arn_not_equals:
        case Operator::arn_not_like:
            return true;
        default:
            return false;
    }
}

}  // namespace sekisho::policy
