#include "policy/decide_line.h"

#include <boost/json/serialize.hpp>
#include <deque>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "policy/decide.h"

namespace sekisho::policy {
namespace {

struct Fault {
    std::string message;
};
template <class T>
using Read = std::expected<T, Fault>;

class MapContext final : public Context {
 public:
    void add(std::string_view key, std::vector<std::string> values) {
        auto& kept = values_[lower_ascii(key)];
        kept.texts = std::move(values);
        kept.views.assign(kept.texts.begin(), kept.texts.end());
    }
    std::optional<ContextValues> find(std::string_view key) const override {
        const auto found = values_.find(key);
        if (found == values_.end()) return {};
        return ContextValues(found->second.views);
    }
    std::string_view text(std::string_view key) const {
        const auto found = find(key);
        return found && found->size() == 1 ? found->front() : std::string_view();
    }

 private:
    struct Kept {
        std::vector<std::string> texts;
        std::vector<std::string_view> views;
    };
    std::map<std::string, Kept, std::less<>> values_;
};

std::string_view part_of_arn(std::string_view arn, std::size_t index) {
    const auto parts = split(arn, ':');
    return parts.size() >= 6 && parts[0] == "arn" ? parts[index] : std::string_view();
}

bool is_principal(std::string_view text) {
    if (text == "*") return true;
    if (text.starts_with("arn:")) return !part_of_arn(text, 4).empty() && !part_of_arn(text, 5).empty();
    return text.find('.') != std::string_view::npos;
}

// null is an absent member.
const json::value* find_given(const json::value& source, std::string_view name) {
    const auto* value = find(source, name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

// One line's policies, compiled, and what it asks.
class Line {
 public:
    Read<Decision> decide(const json::value& source) {
        const auto principal = find_text(source, "principal"), action = find_text(source, "action"),
                   resource = find_text(source, "resource");
        if (!principal || !action || !resource) {
            return std::unexpected(Fault{"principal, action and resource are required"});
        }
        principal_ = *principal;
        if (!is_principal(principal_)) {
            return std::unexpected(Fault{"principal must be an ARN, the name of a service or provider, or *"});
        }
        if (auto fault = read_context(source)) return std::unexpected(std::move(*fault));
        const bool is_role = part_of_arn(*resource, 2) == "iam" && resource->find(":role/") != std::string::npos;
        trust_ = is_role && starts_with_ignoring_case(*action, "sts:");
        if (auto fault = read_layers(source)) return std::unexpected(std::move(*fault));
        const auto account = find_text(source, "resourceAccount").value_or(std::string(part_of_arn(*resource, 4)));
        const Principal who = principal_of();
        const Request request{.principal = who,
                              .action = *action,
                              .resource = *resource,
                              .resource_account = account.empty() ? who.account : std::string_view(account),
                              .context = context_};
        return policy::decide(request, layers(), true);
    }

 private:
    Principal principal_of() {
        Principal who{
            .kind = PrincipalKind::anonymous, .arn = principal_, .account = {}, .issuer = {}, .unique_id = {}};
        if (principal_ == "*") return who;
        who.account = part_of_arn(principal_, 4);
        const auto resource = part_of_arn(principal_, 5);
        if (who.account.empty() || resource.starts_with("saml-provider/") || resource.starts_with("oidc-provider/")) {
            const bool is_service = who.account.empty() && principal_.ends_with(".amazonaws.com") &&
                                    principal_ != "cognito-identity.amazonaws.com";
            who.kind = is_service ? PrincipalKind::service : PrincipalKind::federated;
            who.account = {};
        } else if (resource == "root") {
            who.kind = PrincipalKind::root;
        } else if (resource.starts_with("user/")) {
            who.kind = PrincipalKind::user;
        } else if (resource.starts_with("federated-user/")) {
            who.kind = PrincipalKind::federated_user;
        } else if (resource.starts_with("role/")) {
            who.kind = PrincipalKind::role;
            who.issuer = principal_;
        } else if (resource.starts_with("assumed-role/")) {
            who.kind = PrincipalKind::role;
            issuer_ = std::string(context_.text("aws:principalarn"));
            if (issuer_.empty()) {
                issuer_ = "arn:aws:iam::" + std::string(who.account) + ":role/" + std::string(split(resource, '/')[1]);
            }
            who.issuer = issuer_;
        }
        return who;
    }

    std::optional<Fault> read_context(const json::value& source) {
        const auto* context = find_given(source, "context");
        if (context == nullptr) return {};
        if (!context->is_object()) return Fault{"context must be an object"};
        for (const auto& [key, value] : context->get_object()) {
            std::vector<std::string> texts;
            const auto add = [&](const json::value& item) {
                if (item.is_string()) texts.emplace_back(item.get_string());
                if (item.is_bool()) texts.emplace_back(item.get_bool() ? "true" : "false");
                if (item.is_int64()) texts.push_back(std::to_string(item.get_int64()));
                return item.is_string() || item.is_bool() || item.is_int64();
            };
            if (value.is_array()) {
                for (const auto& item : value.get_array()) {
                    if (!add(item)) return Fault{"context values are texts or lists of texts"};
                }
            } else if (!add(value)) {
                return Fault{"context values are texts or lists of texts"};
            }
            context_.add({key.data(), key.size()}, std::move(texts));
        }
        return {};
    }

    // A document: an object, or the text of one.
    std::optional<Fault> add(const json::value& document, Use use, std::string name, std::vector<NamedPolicy>& to) {
        const auto text = document.is_string() ? std::string(document.get_string()) : json::serialize(document);
        const auto parsed = parse(text, use);
        if (!parsed) return Fault{name + ": " + parsed.error().message};
        compiled_.emplace_back(*parsed);
        names_.push_back(std::move(name));
        to.push_back({names_.back(), &compiled_.back()});
        return {};
    }

    std::optional<Fault> add_list(const json::value& list, Use use, const std::string& name,
                                  std::vector<NamedPolicy>& to) {
        if (!list.is_array()) return Fault{name + " must be a list of documents"};
        std::size_t index = 0;
        for (const auto& document : list.get_array()) {
            if (auto fault = add(document, use, name + "[" + std::to_string(index++) + "]", to)) return fault;
        }
        return {};
    }

    std::optional<Fault> add_levels(const json::value& list, Use use, const std::string& name, std::vector<Level>& to) {
        if (!list.is_array()) return Fault{name + " must be a list of levels"};
        for (const auto& item : list.get_array()) {
            const auto level = find_text(item, "level");
            const auto* policies = find(item, "policies");
            if (!level || policies == nullptr) return Fault{name + " needs level and policies"};
            auto& kept = level_policies_.emplace_back();
            if (auto fault = add_list(*policies, use, name + "[" + *level + "]", kept)) return fault;
            names_.push_back(*level);
            to.push_back({names_.back(), kept});
        }
        return {};
    }

    std::optional<Fault> read_layers(const json::value& source) {
        std::optional<Fault> fault;
        if (const auto* list = find_given(source, "identity"))
            fault = add_list(*list, Use::identity, "identity", identity_);
        if (const auto* list = find_given(source, "boundary"); list != nullptr && !fault) {
            fault = add_list(*list, Use::boundary, "boundary", boundary_.emplace());
        }
        if (const auto* document = find_given(source, "session"); document != nullptr && !fault) {
            fault = add(*document, Use::session, "session", session_.emplace());
        }
        if (const auto* list = find_given(source, "scp"); list != nullptr && !fault)
            fault = add_levels(*list, Use::scp, "scp", scp_);
        if (const auto* list = find_given(source, "rcp"); list != nullptr && !fault)
            fault = add_levels(*list, Use::rcp, "rcp", rcp_);
        if (const auto* document = find_given(source, "resourcePolicy"); document != nullptr && !fault) {
            fault = add(*document, trust_ ? Use::trust : Use::resource, "resourcePolicy", resource_);
        }
        return fault;
    }

    Layers layers() const {
        Layers made;
        made.identity = identity_;
        if (boundary_) made.boundary = *boundary_;
        if (session_) made.session = *session_;
        made.scp = scp_;
        made.rcp = rcp_;
        if (!resource_.empty()) made.resource_policy = resource_.front();
        made.resource_policy_is_trust = trust_;
        return made;
    }

    std::string principal_;
    std::string issuer_;
    bool trust_ = false;
    MapContext context_;
    std::deque<CompiledPolicy> compiled_;
    std::deque<std::string> names_;
    std::deque<std::vector<NamedPolicy>> level_policies_;
    std::vector<NamedPolicy> identity_;
    std::optional<std::vector<NamedPolicy>> boundary_;
    std::optional<std::vector<NamedPolicy>> session_;
    std::vector<Level> scp_;
    std::vector<Level> rcp_;
    std::vector<NamedPolicy> resource_;
};

void print_decision(JsonWriter& writer, const Decision& decision) {
    writer.member("decision", outcome_name(decision.outcome)).name("reasons").begin_array();
    for (const auto& reason : decision.reasons) {
        writer.begin_object().member("layer", layer_name(reason.layer));
        if (!reason.policy.empty()) writer.member("policy", reason.policy);
        if (!reason.statement.empty()) writer.member("statement", reason.statement);
        if (!reason.key.empty()) writer.member("key", reason.key);
        writer.end_object();
    }
    writer.end_array();
}

}  // namespace

std::string decide_line(std::string_view json_line) {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object();
    const auto source = parse_json(json_line);
    const auto* id = source ? find(*source, "id") : nullptr;
    writer.name("id");
    if (id != nullptr) {
        writer.raw(json::serialize(*id));
    } else {
        writer.null();
    }
    if (!source || !source->is_object()) {
        writer.member("error", "the line is not a JSON object").end_object();
        return out;
    }
    // Of a repeated key the reader keeps one value only: a policy must not lose a part of itself in silence.
    if (has_repeated_key(json_line)) {
        writer.member("error", "an object of the line has a key twice").end_object();
        return out;
    }
    Line line;
    const auto decision = line.decide(*source);
    if (decision) {
        print_decision(writer, *decision);
    } else {
        writer.member("error", decision.error().message);
    }
    writer.end_object();
    return out;
}

}  // namespace sekisho::policy
