// A plain evaluator written from AWS's pages alone, straight over the JSON, and the engine measured against it on
// random policies. It shares no code with the room but the JSON reader: no compiled patterns, no buckets, no verdicts.
#include <boost/json/value.hpp>

#include "base/json.h"
#include "policy/testing.h"

namespace sekisho::policy {
namespace {

using testing::TestContext;

namespace reference {

using Texts = std::vector<std::string>;

std::string lower(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

// Tokens: a character, or a wildcard. -1 is `*`, -2 is `?`.
using Tokens = std::vector<int>;

bool like(const int* p, const int* p_end, const char* v, const char* v_end) {
    if (p == p_end) return v == v_end;
    if (*p == -1) {
        for (const char* at = v; at <= v_end; ++at) {
            if (like(p + 1, p_end, at, v_end)) return true;
        }
        return false;
    }
    return v != v_end && (*p == -2 || *p == static_cast<unsigned char>(*v)) && like(p + 1, p_end, v + 1, v_end);
}

bool like(const Tokens& pattern, const std::string& value) {
    return like(pattern.data(), pattern.data() + pattern.size(), value.data(), value.data() + value.size());
}

// "IAM policy elements: Variables and tags". Nothing: a variable has no single value and no default.
std::optional<Tokens> tokens(const std::string& text, bool wildcards, bool variables, const TestContext& context) {
    Tokens out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (variables && text.compare(i, 2, "${") == 0) {
            const auto close = text.find('}', i);
            auto body = text.substr(i + 2, close - i - 2);
            std::optional<std::string> value;
            const auto comma = body.find(", '");
            if (comma != std::string::npos) value = body.substr(comma + 3, body.size() - comma - 4);
            if (body == "*" || body == "?" || body == "$") {
                value = body;
            } else {
                const auto found = context.values().find(lower(body.substr(0, comma)));
                const auto size = found == context.values().end() ? 0 : found->second.size();
                if (size == 1) value = found->second.front();
                if (size > 1) value.reset();
            }
            if (!value) return {};
            for (const char c : *value) out.push_back(static_cast<unsigned char>(c));
            i = close;
        } else {
            const char c = text[i];
            out.push_back(wildcards && c == '*' ? -1 : wildcards && c == '?' ? -2 : static_cast<unsigned char>(c));
        }
    }
    return out;
}

// Six parts; fewer in the pattern only when its last ends in `*`. The vocabulary has no colons in variables.
bool arn_like(const Tokens& pattern, const std::string& value) {
    Tokens rest = pattern;
    std::string left = value;
    for (int part = 0; part < 5; ++part) {
        const auto colon = std::find(rest.begin(), rest.end(), ':');
        if (colon == rest.end()) return !rest.empty() && rest.back() == -1 && like(rest, left);
        const auto end = left.find(':');
        if (end == std::string::npos || !like(Tokens(rest.begin(), colon), left.substr(0, end))) return false;
        rest.erase(rest.begin(), colon + 1);
        left = left.substr(end + 1);
    }
    return like(rest, left);
}

Texts texts(const json::value& value) {
    if (value.is_string()) return {std::string(value.get_string())};
    Texts out;
    for (const auto& item : value.get_array()) out.emplace_back(item.get_string());
    return out;
}

// Seconds of the few date forms that the generator writes.
std::optional<double> date(const std::string& text) {
    static const std::map<std::string, double> known = {{"2026-01-01T00:00:00Z", 1767225600},
                                                        {"2025-06-01T12:00:00Z", 1748779200},
                                                        {"1767225600", 1767225600},
                                                        {"2026-01-01", 1767225600}};
    const auto found = known.find(text);
    return found == known.end() ? std::nullopt : std::optional<double>(found->second);
}

std::optional<double> number(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    return end == text.c_str() || *end != '\0' ? std::nullopt : std::optional<double>(value);
}

bool in_range(const std::string& range, const std::string& address) {
    if (range == "0.0.0.0/0") return address.find(':') == std::string::npos;
    if (range == "203.0.113.0/24") return address.starts_with("203.0.113.");
    if (range == "2001:db8::/32") return address.starts_with("2001:db8:");
    return range == address;
}

bool compare(const std::string& op, std::optional<double> left, std::optional<double> right) {
    if (!left || !right) return false;
    if (op == "Equals") return *left == *right;
    if (op == "LessThan") return *left < *right;
    if (op == "LessThanEquals") return *left <= *right;
    if (op == "GreaterThan") return *left > *right;
    return *left >= *right;
}

// One policy value against one request value, by the operator without its "Not". Nothing: unresolved.
std::optional<bool> same(const std::string& op, const std::string& policy, const std::string& request, bool variables,
                         const TestContext& context) {
    if (op.starts_with("Numeric")) return compare(op.substr(7), number(request), number(policy));
    if (op.starts_with("Date")) return compare(op.substr(4), date(request), date(policy));
    if (op == "Bool") return lower(policy) == lower(request);
    if (op == "IpAddress") return in_range(policy, request);
    const bool is_arn = op.starts_with("Arn");
    const auto pattern = tokens(policy, is_arn || op == "StringLike", variables, context);
    if (!pattern) return {};
    if (is_arn) return policy == "*" || arn_like(*pattern, request);
    if (op != "StringEqualsIgnoreCase") return like(*pattern, request);
    std::string text;
    for (const int token : *pattern) text.push_back(static_cast<char>(token));
    return lower(text) == lower(request);
}

// "Condition operators", "Set operators for multi-valued context keys".
bool condition(std::string op, const std::string& key, const Texts& policy, bool variables,
               const TestContext& context) {
    const auto found = context.values().find(lower(key));
    const Texts request = found == context.values().end() ? Texts() : found->second;
    if (op == "Null") return (policy.front() == "true") == request.empty();
    std::string set;
    if (const auto colon = op.find(':'); colon != std::string::npos) {
        set = op.substr(0, colon);
        op = op.substr(colon + 1);
    }
    const bool if_exists = op.ends_with("IfExists");
    if (if_exists) op.resize(op.size() - 8);
    const auto negation = op.find("Not");
    const bool negated = negation != std::string::npos;
    if (negated) op.erase(negation, 3);
    if (request.empty() && if_exists) return true;
    bool only_empty = true;
    for (const auto& value : request) only_empty = only_empty && value.empty();
    if (!set.empty() && only_empty) return set == "ForAllValues";
    if (request.empty()) return negated;
    int passed = 0;
    for (const auto& value : request) {
        bool matched = false, unresolved = false;
        for (const auto& wanted : policy) {
            const auto result = same(op, wanted, value, variables, context);
            if (!result) unresolved = true;
            if (result && *result) matched = true;
        }
        if (negated ? !matched && !unresolved : matched) ++passed;
    }
    const bool every = set == "ForAllValues" || (set.empty() && negated);
    return every ? passed == static_cast<int>(request.size()) : passed > 0;
}

// 0: not named; 1: through the account; 2: through the role; 3: directly.
int named(const json::value& principals, const Principal& who) {
    if (principals.is_string()) return 3;
    int best = 0;
    for (const auto& [kind, value] : principals.get_object()) {
        for (const auto& entry : texts(value)) {
            int level = 0;
            if (kind == "Service") {
                level = who.kind == PrincipalKind::service && entry == who.arn ? 3 : 0;
            } else if (entry == "*" || (!who.account.empty() && entry == who.arn)) {
                level = 3;
            } else if (!who.issuer.empty() && entry == who.issuer) {
                level = 2;
            } else if (!who.account.empty() &&
                       (entry == who.account || entry == "arn:aws:iam::" + std::string(who.account) + ":root")) {
                level = who.kind == PrincipalKind::root ? 3 : 1;  // both forms name the root user itself
            }
            best = std::max(best, level);
        }
    }
    return best;
}

struct Input {
    Principal principal;
    std::string action, resource;
    bool same_account = true;
    TestContext context;
    Texts identity;
    std::optional<Texts> boundary, session;
    std::vector<Texts> scp;
    std::optional<std::string> resource_policy;
    bool is_trust = false;
};

// How far the statement speaks of this request: 0 not at all, else as named().
int applies(const json::value& statement, bool variables, const Input& input) {
    int level = 3;
    if (const auto* principals = find(statement, "Principal")) level = named(*principals, input.principal);
    if (const auto* principals = find(statement, "NotPrincipal")) {
        const bool is_bounded_deny = find_text(statement, "Effect") == "Deny" && input.boundary;
        const int exempt_from = find_text(statement, "Effect") == "Deny" ? 2 : 1;
        level = named(*principals, input.principal) < exempt_from || is_bounded_deny ? 3 : 0;
    }
    const auto* actions = find(statement, "Action");
    bool action_matches = false;
    for (const auto& pattern : texts(actions != nullptr ? *actions : *find(statement, "NotAction"))) {
        if (like(*tokens(lower(pattern), true, false, input.context), lower(input.action))) action_matches = true;
    }
    if (action_matches != (actions != nullptr)) return 0;
    const auto* resources = find(statement, "Resource");
    bool resource_matches = false, unresolved = false;
    for (const auto& text : texts(resources != nullptr ? *resources : *find(statement, "NotResource"))) {
        const auto pattern = tokens(text, true, variables, input.context);
        if (!pattern) unresolved = true;
        if (pattern && (text == "*" || arn_like(*pattern, input.resource))) resource_matches = true;
    }
    if (resources != nullptr ? !resource_matches : resource_matches || unresolved) return 0;
    if (const auto* block = find(statement, "Condition")) {
        for (const auto& [op, keys] : block->get_object()) {
            for (const auto& [key, values] : keys.get_object()) {
                if (!condition(std::string(op), std::string(key), texts(values), variables, input.context)) return 0;
            }
        }
    }
    return level;
}

struct Says {
    bool deny = false;
    int allow = 0;
};

Says ask(const Texts& documents, const Input& input) {
    Says says;
    for (const auto& text : documents) {
        const auto document = parse_json(text).value();
        const bool variables = find_text(document, "Version") == "2012-10-17";
        for (const auto& statement : find(document, "Statement")->get_array()) {
            const int level = applies(statement, variables, input);
            if (find_text(statement, "Effect") == "Deny") {
                says.deny = says.deny || level > 0;
            } else {
                says.allow = std::max(says.allow, level);
            }
        }
    }
    return says;
}

// "Policy evaluation logic".
Outcome decide(const Input& input) {
    std::vector<Says> limits;
    const auto identity = ask(input.identity, input);
    const auto boundary = input.boundary ? ask(*input.boundary, input) : Says{.allow = 3};
    const auto session = input.session ? ask(*input.session, input) : Says{.allow = 3};
    const auto resource = input.resource_policy ? ask({*input.resource_policy}, input) : Says{};
    bool deny = identity.deny || boundary.deny || session.deny || resource.deny, scp_allow = true;
    for (const auto& level : input.scp) {
        const auto says = ask(level, input);
        deny = deny || says.deny;
        scp_allow = scp_allow && says.allow > 0;
    }
    if (deny) return Outcome::explicitly_denied;
    const auto outcome = [](bool allowed) { return allowed ? Outcome::allowed : Outcome::implicitly_denied; };
    if (!scp_allow) return Outcome::implicitly_denied;
    if (input.principal.account.empty()) return outcome(resource.allow > 0);
    const bool within_limits = boundary.allow > 0 && session.allow > 0;
    const bool own_grant = (identity.allow > 0 || input.principal.kind == PrincipalKind::root) && within_limits;
    if (!input.same_account) return outcome(own_grant && resource.allow > 0);
    const bool direct = resource.allow == 3, through_role = resource.allow == 2 && within_limits;
    if (input.is_trust) return outcome(direct || through_role || (own_grant && resource.allow > 0));
    return outcome(own_grant || direct || through_role);
}

}  // namespace reference

constexpr Principal principals[] = {
    {.kind = PrincipalKind::user,
     .arn = "arn:aws:iam::111111111111:user/ann",
     .account = "111111111111",
     .issuer = {},
     .unique_id = {}},
    {.kind = PrincipalKind::role,
     .arn = "arn:aws:sts::111111111111:assumed-role/reader/s1",
     .account = "111111111111",
     .issuer = "arn:aws:iam::111111111111:role/reader",
     .unique_id = {}},
    {.kind = PrincipalKind::root,
     .arn = "arn:aws:iam::111111111111:root",
     .account = "111111111111",
     .issuer = {},
     .unique_id = {}},
    {.kind = PrincipalKind::service, .arn = "ec2.amazonaws.com", .account = {}, .issuer = {}, .unique_id = {}},
    {},
};

reference::Input random_input(testing::Random& random) {
    reference::Input input;
    input.principal = principals[random.below(std::size(principals))];
    input.action = random.action();
    input.resource = random.resource();
    input.same_account = !random.one_in(4);
    input.context = random.context();
    const auto documents = [&](std::size_t most) {
        reference::Texts texts;
        for (auto count = random.below(most + 1); count > 0; --count) texts.push_back(random.document());
        return texts;
    };
    input.identity = documents(3);
    if (random.one_in(3)) input.boundary = documents(2);
    if (random.one_in(3)) input.session = documents(2);
    if (random.one_in(3)) {
        for (auto levels = random.below(3); levels > 0; --levels) input.scp.push_back(documents(2));
    }
    if (!random.one_in(3)) input.resource_policy = random.document(true);
    input.is_trust = random.one_in(5);
    return input;
}

Decision engine_decides(const reference::Input& input) {
    std::deque<CompiledPolicy> kept;
    std::deque<std::vector<NamedPolicy>> lists;
    const auto compile = [&](const reference::Texts& texts, Use use) {
        auto& list = lists.emplace_back();
        for (const auto& text : texts) list.push_back({"p", &kept.emplace_back(testing::compiled(text, use))});
        return std::span<const NamedPolicy>(list);
    };
    Layers layers;
    layers.identity = compile(input.identity, Use::identity);
    if (input.boundary) layers.boundary = compile(*input.boundary, Use::boundary);
    if (input.session) layers.session = compile(*input.session, Use::session);
    std::vector<Level> levels;
    for (const auto& level : input.scp) levels.push_back({"l", compile(level, Use::scp)});
    layers.scp = levels;
    if (input.resource_policy) layers.resource_policy = compile({*input.resource_policy}, Use::resource).front();
    layers.resource_policy_is_trust = input.is_trust;
    const Request request{.principal = input.principal,
                          .action = input.action,
                          .resource = input.resource,
                          .resource_account = input.same_account ? std::string_view() : "333333333333",
                          .context = input.context};
    return policy::decide(request, layers);
}

std::string shown(const reference::Input& input) {
    std::string out = std::string(input.principal.arn) + " " + input.action + " " + input.resource +
                      (input.same_account ? " same" : " cross") + (input.is_trust ? " trust\n" : "\n");
    for (const auto& text : input.identity) out += "identity " + text + "\n";
    for (const auto& text : input.boundary.value_or(reference::Texts())) out += "boundary " + text + "\n";
    for (const auto& text : input.session.value_or(reference::Texts())) out += "session " + text + "\n";
    for (const auto& level : input.scp) {
        for (const auto& text : level) out += "scp " + text + "\n";
    }
    if (input.resource_policy) out += "resource " + *input.resource_policy + "\n";
    for (const auto& [key, values] : input.context.values()) {
        out += key + " =";
        for (const auto& value : values) out += " '" + value + "'";
        out += "\n";
    }
    return out;
}

TEST(DecideReference, AgreesOnRandomPolicies) {
    int outcomes[3] = {};
    for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
        testing::Random random(seed);
        const auto input = random_input(random);
        const auto expected = reference::decide(input);
        ASSERT_EQ(outcome_name(engine_decides(input).outcome), outcome_name(expected)) << seed << "\n" << shown(input);
        ++outcomes[static_cast<int>(expected)];
    }
    // The comparison says something only while every outcome is common.
    for (const int count : outcomes) EXPECT_GT(count, 1000);
}

// A statement put anywhere into a document.
std::string with_statement(const std::string& document, const std::string& statement) {
    return document.substr(0, document.size() - 2) + "," + statement + "]}";
}

// Every place of the input that holds a document.
std::vector<std::string*> documents(reference::Input& input) {
    std::vector<std::string*> all;
    const auto add = [&](reference::Texts& texts) {
        for (auto& text : texts) all.push_back(&text);
    };
    add(input.identity);
    if (input.boundary) add(*input.boundary);
    if (input.session) add(*input.session);
    for (auto& level : input.scp) add(level);
    if (input.resource_policy) all.push_back(&*input.resource_policy);
    return all;
}

class DecideProperty : public ::testing::Test {
 protected:
    template <class Check>
    static void for_random_inputs(Check check) {
        for (std::uint64_t seed = 100'000; seed < 103'000; ++seed) {
            testing::Random random(seed);
            auto input = random_input(random);
            check(random, input);
            if (HasFatalFailure()) FAIL() << "seed " << seed << "\n" << shown(input);
        }
    }
};

TEST_F(DecideProperty, AnyDenyThatMatchesWins) {
    for_random_inputs([](testing::Random& random, reference::Input& input) {
        const auto all = documents(input);
        if (all.empty()) return;
        auto* place = all[random.below(all.size())];
        const bool is_resource = input.resource_policy && place == &*input.resource_policy;
        *place = with_statement(*place, std::string(R"({"Effect":"Deny","Action":"*","Resource":"*")") +
                                            (is_resource ? R"(,"Principal":"*"})" : "}"));
        ASSERT_EQ(engine_decides(input).outcome, Outcome::explicitly_denied);
    });
}

TEST_F(DecideProperty, AddingAnAllowNeverRemovesAnAllowance) {
    for_random_inputs([](testing::Random& random, reference::Input& input) {
        const auto all = documents(input);
        const auto before = engine_decides(input).outcome;
        if (all.empty() || before != Outcome::allowed) return;
        auto* place = all[random.below(all.size())];
        *place = with_statement(*place,
                                random.statement(input.resource_policy && place == &*input.resource_policy, "Allow"));
        ASSERT_EQ(engine_decides(input).outcome, Outcome::allowed);
    });
}

TEST_F(DecideProperty, AddingADenyNeverGrants) {
    for_random_inputs([](testing::Random& random, reference::Input& input) {
        const auto all = documents(input);
        const auto before = engine_decides(input).outcome;
        if (all.empty()) return;
        auto* place = all[random.below(all.size())];
        *place =
            with_statement(*place, random.statement(input.resource_policy && place == &*input.resource_policy, "Deny"));
        const auto after = engine_decides(input).outcome;
        ASSERT_TRUE(after == before || after == Outcome::explicitly_denied);
    });
}

TEST_F(DecideProperty, OrderAndDuplicatesDoNotMatter) {
    for_random_inputs([](testing::Random& random, reference::Input& input) {
        const auto before = engine_decides(input).outcome;
        for (auto* place : documents(input)) {
            const bool is_resource = input.resource_policy && place == &*input.resource_policy;
            auto document = testing::must_parse(*place, is_resource ? Use::resource : Use::identity);
            auto& statements = document.statements;
            statements.push_back(statements[random.below(statements.size())]);
            for (std::size_t i = statements.size(); i > 1; --i)
                std::swap(statements[i - 1], statements[random.below(i)]);
            *place = print(document);
        }
        const auto twist = [&](reference::Texts& texts) {
            if (!texts.empty()) texts.push_back(texts[random.below(texts.size())]);
            std::reverse(texts.begin(), texts.end());
        };
        twist(input.identity);
        if (input.boundary) twist(*input.boundary);
        if (input.session) twist(*input.session);
        for (auto& level : input.scp) twist(level);
        std::reverse(input.scp.begin(), input.scp.end());
        ASSERT_EQ(engine_decides(input).outcome, before);
    });
}

TEST_F(DecideProperty, ABroaderLayerNeverNarrows) {
    for_random_inputs([](testing::Random&, reference::Input& input) {
        const bool before = engine_decides(input).allowed();
        auto fewer_limits = input;
        fewer_limits.boundary.reset();
        fewer_limits.session.reset();
        fewer_limits.scp.clear();
        if (before) ASSERT_TRUE(engine_decides(fewer_limits).allowed());
    });
}

}  // namespace
}  // namespace sekisho::policy
