#pragma once
// What the tests of this room share: a context made of a map, documents that must parse, random documents.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "policy/decide.h"

namespace sekisho::policy::testing {

class TestContext final : public Context {
 public:
    using Values = std::map<std::string, std::vector<std::string>, std::less<>>;
    TestContext() = default;
    // Keys in lower case, as they arrive.
    static TestContext of(Values values) { return TestContext(std::move(values)); }
    explicit TestContext(Values values) : values_(std::move(values)) { make_views(); }
    TestContext(const TestContext& other) : TestContext(other.values_) {}
    TestContext& operator=(const TestContext& other) {
        values_ = other.values_;
        make_views();
        return *this;
    }

    std::optional<ContextValues> find(std::string_view key) const override {
        const auto found = views_.find(key);
        if (found == views_.end()) return {};
        return ContextValues(found->second);
    }
    const Values& values() const { return values_; }

 private:
    void make_views() {
        views_.clear();
        for (const auto& [key, texts] : values_) views_[key].assign(texts.begin(), texts.end());
    }
    Values values_;
    std::map<std::string, std::vector<std::string_view>, std::less<>> views_;
};

inline Document must_parse(std::string_view text, Use use = Use::identity) {
    auto document = parse(text, use);
    EXPECT_TRUE(document.has_value()) << text << "\n" << (document ? "" : document.error().message);
    return document ? *document : Document();
}

inline CompiledPolicy compiled(std::string_view text, Use use = Use::identity) {
    return CompiledPolicy(must_parse(text, use));
}

// The statement's text within a document of the current version.
inline std::string in_document(std::string_view statements) {
    return R"({"Version":"2012-10-17","Statement":[)" + std::string(statements) + "]}";
}

// Random documents over few words, so that they often touch the same request.
class Random {
 public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_); }
    bool one_in(std::size_t n) { return below(n) == 0; }
    template <std::size_t N>
    std::string pick(const char* const (&words)[N]) {
        return words[below(N)];
    }

    std::string action() {
        return pick({"s3:GetObject", "s3:PutObject", "iam:PassRole", "ec2:DescribeInstances", "sts:AssumeRole"});
    }
    std::string action_pattern() {
        return pick({"s3:GetObject", "s3:Get*", "S3:getobject", "s3:*", "*", "iam:PassRole", "iam:Pass?ole",
                     "ec2:Describe*", "sts:*", "*:Get*", "s3:*Object", "e?2:*", "s3:*O*t", "iam:*Role*"});
    }
    std::string resource() {
        return pick({"arn:aws:s3:::ann/key", "arn:aws:s3:::blue/key", "arn:aws:s3:::ann",
                     "arn:aws:iam::111111111111:role/admin", "arn:aws:iam::222222222222:role/a/admin", "*"});
    }
    std::string resource_pattern() {
        return pick({"*", "arn:aws:s3:::*", "arn:aws:s3:::ann/*", "arn:aws:s3:::${aws:username}/*", "arn:*",
                     "arn:aws:s3:::${aws:PrincipalTag/team, 'blue'}/k?y", "arn:aws:iam::111111111111:role/*",
                     "arn:aws:iam::*:role/*admin", "arn:aws:*:::ann/key", "arn:aws:s3:::${aws:TagKeys}/*",
                     "arn:aws:s3:::a?n/key", "arn:aws:s3:*", "arn:aws:s3:::${*}/*"});
    }
    std::string principal_entry() {
        return pick({"*", "111111111111", "arn:aws:iam::111111111111:root", "222222222222",
                     "arn:aws:iam::111111111111:user/ann", "arn:aws:iam::111111111111:role/reader",
                     "arn:aws:sts::111111111111:assumed-role/reader/s1", "arn:aws:iam::222222222222:user/bob"});
    }
    std::string principals() {
        if (one_in(4)) return "\"*\"";
        if (one_in(5)) return R"({"Service":["ec2.amazonaws.com"]})";
        return "{\"AWS\":" + list([&] { return principal_entry(); }) + "}";
    }

    template <class Make>
    std::string list(Make make) {
        const auto count = 1 + below(3);
        std::string out;
        for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "\"" : ",\"") + make() + "\"";
        return count == 1 && one_in(2) ? out : "[" + out + "]";
    }

    std::string condition() {
        const bool numeric = one_in(4), boolean = one_in(6), address = one_in(6), null = one_in(8), date = one_in(6);
        std::string op, key;
        const char* kind = "text";
        if (null) {
            return "{\"Null\":{\"" + condition_key() + "\":\"" + pick({"true", "false"}) + "\"}}";
        } else if (numeric) {
            op = pick({"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
                       "NumericGreaterThan", "NumericGreaterThanEquals"});
            key = "s3:max-keys";
            kind = "number";
        } else if (boolean) {
            op = "Bool";
            key = "aws:SecureTransport";
            kind = "boolean";
        } else if (address) {
            op = pick({"IpAddress", "NotIpAddress"});
            key = "aws:SourceIp";
            kind = "address";
        } else if (date) {
            op = pick({"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
                       "DateGreaterThanEquals"});
            key = "aws:CurrentTime";
            kind = "date";
        } else {
            op = pick({"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
                       "StringLike", "StringNotLike", "ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"});
            key = op.starts_with("Arn") ? "aws:PrincipalArn" : condition_key();
            kind = op.starts_with("Arn") ? "arn" : "text";
        }
        if (one_in(3)) op = pick({"ForAnyValue:", "ForAllValues:"}) + op;
        if (one_in(3)) op += "IfExists";
        return "{\"" + op + "\":{\"" + key + "\":" + list([&] { return condition_value(kind); }) + "}}";
    }

    // `with_principal`: as a resource's policy has it.
    std::string statement(bool with_principal = false, const char* effect = nullptr) {
        std::string out = R"({"Effect":")" + std::string(effect != nullptr ? effect : one_in(4) ? "Deny" : "Allow");
        out += "\",";
        if (with_principal) out += std::string(one_in(6) ? "\"NotPrincipal\":" : "\"Principal\":") + principals() + ",";
        out += std::string(one_in(6) ? "\"NotAction\":" : "\"Action\":") + list([&] { return action_pattern(); });
        out +=
            std::string(one_in(6) ? ",\"NotResource\":" : ",\"Resource\":") + list([&] { return resource_pattern(); });
        if (one_in(2)) out += ",\"Condition\":" + condition();
        return out + "}";
    }

    std::string document(bool with_principal = false) {
        std::string out =
            one_in(8) ? R"({"Version":"2008-10-17","Statement":[)" : R"({"Version":"2012-10-17","Statement":[)";
        const auto count = 1 + below(4);
        for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ",") + statement(with_principal);
        return out + "]}";
    }

    TestContext context() {
        TestContext::Values values;
        const auto maybe = [&](const char* key, std::vector<std::string> texts) {
            if (!one_in(3)) values[key] = std::move(texts);
        };
        maybe("aws:username", {pick({"ann", "bob", "Ann", ""})});
        maybe("aws:principaltag/team", {pick({"blue", "red", "*", "ann"})});
        std::vector<std::string> keys;
        for (auto count = below(4); count > 0; --count) keys.push_back(pick({"blue", "red", "ann", ""}));
        maybe("aws:tagkeys", keys);
        maybe("s3:max-keys", {pick({"1", "10", "10.5", "-3", "many"})});
        maybe("aws:securetransport", {pick({"true", "false", "True"})});
        maybe("aws:sourceip", {pick({"203.0.113.7", "10.0.0.1", "2001:db8::1"})});
        maybe("aws:currenttime", {pick({"2026-01-01T00:00:00Z", "2025-06-01T12:00:00Z", "1767225600"})});
        maybe("aws:principalarn",
              {pick({"arn:aws:iam::111111111111:role/reader", "arn:aws:iam::111111111111:user/ann"})});
        return TestContext(std::move(values));
    }

 private:
    std::string condition_key() { return pick({"aws:username", "aws:PrincipalTag/team", "aws:TagKeys"}); }
    std::string condition_value(std::string_view kind) {
        if (kind == "number") return pick({"1", "10", "10.5", "-3"});
        if (kind == "boolean") return pick({"true", "false"});
        if (kind == "address") return pick({"203.0.113.0/24", "10.0.0.1", "2001:db8::/32", "0.0.0.0/0"});
        if (kind == "date") return pick({"2026-01-01T00:00:00Z", "2025-06-01T12:00:00Z", "1767225600", "2026-01-01"});
        if (kind == "arn") {
            return pick({"arn:aws:iam::111111111111:role/*", "arn:aws:iam::*:user/ann", "*",
                         "arn:aws:iam::111111111111:role/reader"});
        }
        return pick({"ann", "ANN", "blue", "b*", "?nn", "*", "${aws:username}", "${aws:PrincipalTag/team, 'red'}", "",
                     "${aws:TagKeys}"});
    }

    std::mt19937_64 engine_;
};

}  // namespace sekisho::policy::testing
