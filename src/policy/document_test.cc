#include "policy/document.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <fstream>

#include "base/json.h"
#include "base/limits.h"
#include "policy/testing.h"

namespace sekisho::policy {
namespace {

using testing::in_document;
using testing::must_parse;

constexpr const char* syntax = "Syntax errors in policy.";

std::string refusal(std::string_view text, Use use = Use::identity) {
    const auto document = parse(text, use);
    if (document) return "(accepted)";
    EXPECT_EQ(document.error().code,
              use == Use::scp || use == Use::rcp ? "MalformedPolicyDocumentException" : "MalformedPolicyDocument");
    return document.error().message;
}

// A statement of an identity policy, by its members.
std::string refusal_of(std::string_view members, Use use = Use::identity) {
    return refusal(in_document("{" + std::string(members) + "}"), use);
}

TEST(Document, ReadsEveryElement) {
    const auto document = must_parse(R"({"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"s 1","Effect":"Allow",
        "NotPrincipal":{"AWS":"123456789012","Service":["ec2.amazonaws.com"],"Federated":"f","CanonicalUser":"c"},
        "NotAction":"s3:*","NotResource":["arn:aws:s3:::a","*"],
        "Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"s3:max-keys":[10,1.5,"7"]}}}]})",
                                     Use::resource);
    ASSERT_EQ(document.statements.size(), 1u);
    const auto& statement = document.statements.front();
    EXPECT_EQ(document.version, Version::v2012);
    EXPECT_EQ(document.id, "i");
    EXPECT_EQ(statement.sid, "s 1");
    EXPECT_EQ(statement.effect, Effect::allow);
    EXPECT_TRUE(statement.not_principal && statement.not_action && statement.not_resource);
    EXPECT_EQ(statement.principals->aws, std::vector<std::string>{"123456789012"});
    EXPECT_EQ(statement.principals->service, std::vector<std::string>{"ec2.amazonaws.com"});
    EXPECT_EQ(statement.actions, std::vector<std::string>{"s3:*"});
    EXPECT_EQ(statement.resources, (std::vector<std::string>{"arn:aws:s3:::a", "*"}));
    ASSERT_EQ(statement.conditions.size(), 2u);
    EXPECT_EQ(statement.conditions[0].values, std::vector<std::string>{"true"});
    EXPECT_EQ(statement.conditions[1].values, (std::vector<std::string>{"10", "1.5", "7"}));
}

TEST(Document, OneStatementNeedsNoList) {
    EXPECT_EQ(must_parse(R"({"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})").statements.size(), 1u);
    EXPECT_FALSE(must_parse(R"({"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})").version.has_value());
}

TEST(Document, RefusesWhatIsNotJson) {
    for (const char* text : {"", "{", "nonsense", "{}x", R"({"Statement":[],})", "{\"a\":\"\xff\"}"}) {
        EXPECT_EQ(refusal(text), "This policy contains invalid Json") << text;
    }
}

TEST(Document, RefusesOtherShapes) {
    for (const char* text : {"{}", "[]", "\"x\"", "null", R"({"Version":"2012-10-17"})", R"({"Statement":[]})",
                             R"({"Statement":"x"})", R"({"Statement":[1]})",
                             R"({"Version":"2013-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
                             R"({"Version":20121017,"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
                             R"({"Extra":1,"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
                             R"({"Id":1,"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})"}) {
        EXPECT_EQ(refusal(text), syntax) << text;
    }
    for (const char* members :
         {R"("Action":"*","Resource":"*")", R"("Effect":"allow","Action":"*","Resource":"*")",
          R"("Effect":1,"Action":"*","Resource":"*")", R"("Effect":"Allow","Action":1,"Resource":"*")",
          R"("Effect":"Allow","Action":["*",1],"Resource":"*")", R"("Effect":"Allow","Action":"*","Resource":{})",
          R"("Effect":"Allow","action":"*","Resource":"*")", R"("Effect":"Allow","Action":"*","Resource":"*","X":1)",
          R"("Effect":"Allow","Action":"*","NotAction":"*","Resource":"*")",
          R"("Effect":"Allow","Action":[],"NotAction":"s3:*","Resource":"*")",
          R"("Effect":"Allow","Action":"*","Resource":"*","NotResource":"*")",
          R"("Sid":1,"Effect":"Allow","Action":"*","Resource":"*")"}) {
        EXPECT_EQ(refusal_of(members), syntax) << members;
    }
}

TEST(Document, RefusesRepeatedKeysAtAnyDepth) {
    const char* const tail = R"("Effect":"Allow","Action":"*","Resource":"*")";
    EXPECT_EQ(refusal_of(std::string(R"("Effect":"Deny",)") + tail), syntax);
    EXPECT_EQ(refusal_of(std::string(R"("\u0045ffect":"Deny",)") + tail), syntax);
    EXPECT_EQ(refusal(R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"},
                         "Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})"),
              syntax);
    EXPECT_EQ(refusal_of(std::string(tail) + R"(,"Condition":{"Bool":{"a:b":"true","a:b":"false"}})"), syntax);
    EXPECT_EQ(refusal_of(std::string(tail) + R"(,"Condition":{"Bool":{"a:b":"true"},"Bool":{"a:c":"true"}})"), syntax);
    EXPECT_EQ(refusal_of(std::string(tail) + R"(,"Condition":{"Bool":{"a:b":"true"},"bool":{"a:c":"true"}})"), syntax);
    EXPECT_EQ(refusal_of(std::string(tail) + R"(,"Condition":{"Bool":{"a:b":"true"},"BoolIfExists":{"a:b":"true"}})"),
              "(accepted)");
}

TEST(Document, StatementIdsAreUniqueAndAlphanumericInIamsOwnPolicies) {
    const std::string two = R"({"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"})";
    EXPECT_EQ(refusal(in_document(two + "," + two)), "Statement IDs (SID) in a single policy must be unique.");
    const std::string unnamed = R"({"Sid":"","Effect":"Allow","Action":"*","Resource":"*"})";
    EXPECT_EQ(refusal(in_document(unnamed + "," + unnamed)), "(accepted)");
    const char* const spaced = R"("Sid":"a b","Effect":"Deny","Action":"*","Resource":"*")";
    EXPECT_EQ(refusal_of(spaced),
              "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
              "[0-9A-Za-z]*");
    EXPECT_EQ(refusal_of(std::string(spaced) + R"(,"Principal":"*")", Use::resource), "(accepted)");
}

TEST(Document, ActionsAndResourcesHaveTheirForms) {
    constexpr const char* vendor = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
    for (const char* action : {"GetObject", ":GetObject", "s3:", ""}) {
        EXPECT_EQ(refusal_of(R"("Effect":"Allow","Resource":"*","Action":")" + std::string(action) + "\""), vendor);
    }
    EXPECT_EQ(refusal_of(R"("Effect":"Allow","Resource":"*","Action":"*","Condition":{"Bool":{"x":"true"}})"), vendor);
    EXPECT_EQ(refusal_of(R"("Effect":"Allow","Action":"*","Resource":"bucket")"),
              "Resource bucket must be in ARN format or \"*\".");
    EXPECT_EQ(refusal_of(R"("Effect":"Allow","Resource":"*")"), "Policy statement must contain actions.");
    EXPECT_EQ(refusal_of(R"("Effect":"Allow","Resource":"*","Action":[])"), "Policy statement must contain actions.");
    EXPECT_EQ(refusal_of(R"("Effect":"Allow","Action":"*")"), "Policy statement must contain resources.");
    // An empty list never reads as an absent element, which would match everything.
    for (const char* list : {R"("Resource":[])", R"("NotResource":[])"}) {
        const auto members = R"("Effect":"Allow","Action":"s3:*","Principal":"*",)" + std::string(list);
        EXPECT_EQ(refusal_of(members, Use::resource), "Policy statement must contain resources.");
        EXPECT_NE(refusal_of(members, Use::trust), "(accepted)");
    }
}

TEST(Document, EachUseHasItsElements) {
    const std::string plain = R"("Effect":"Allow","Action":"*","Resource":"*")";
    const std::string trust = R"("Effect":"Allow","Action":"sts:AssumeRole")";
    for (const auto use : {Use::identity, Use::session, Use::boundary}) {
        EXPECT_EQ(refusal_of(plain, use), "(accepted)");
        EXPECT_EQ(refusal_of(plain + R"(,"Principal":"*")", use), "Policy document should not specify a principal.");
        EXPECT_EQ(refusal_of(plain + R"(,"NotPrincipal":"*")", use), "Policy document should not specify a principal.");
    }
    for (const auto use : {Use::resource, Use::trust}) {
        EXPECT_EQ(refusal_of(trust, use), "Missing required field Principal");
        EXPECT_EQ(refusal_of(trust + R"(,"Principal":"*")", use), "(accepted)");
    }
    EXPECT_EQ(refusal_of(plain + R"(,"Principal":"*")", Use::resource), "(accepted)");
    EXPECT_EQ(refusal_of(trust + R"(,"Resource":"*","Principal":"*")", Use::trust), "Has prohibited field Resource");
    EXPECT_EQ(refusal_of(trust + R"(,"NotResource":"*","Principal":"*")", Use::trust),
              "Has prohibited field NotResource");
    EXPECT_EQ(refusal_of(R"("Effect":"Allow","Action":["sts:TagSession","*"],"Principal":"*")", Use::trust),
              "AssumeRole policy may only specify STS AssumeRole actions.");
    EXPECT_EQ(refusal_of(trust + R"(,"NotPrincipal":{"AWS":"111111111111"})", Use::trust),
              "Allow with NotPrincipal is not allowed.");
    constexpr const char* type =
        "The provided policy document does not meet the requirements of the specified policy type.";
    EXPECT_EQ(refusal_of(plain, Use::scp), "(accepted)");
    EXPECT_EQ(refusal_of(plain + R"(,"Principal":"*")", Use::scp), type);
    EXPECT_EQ(refusal_of(plain + R"(,"Principal":"*")", Use::rcp), "(accepted)");
    EXPECT_EQ(refusal_of(plain, Use::rcp), type);
    EXPECT_EQ(refusal_of(plain + R"(,"Principal":{"AWS":"111111111111"})", Use::rcp), type);
}

TEST(Document, PrincipalsHaveTheirForms) {
    const std::string members = R"("Effect":"Allow","Action":"*","Principal":)";
    for (const char* principal : {"\"123456789012\"", "{}", "[]", "1", R"({"AWS":[]})", R"({"Aws":"*"})",
                                  R"({"AWS":{"x":1}})", R"({"AWS":[1]})"}) {
        EXPECT_EQ(refusal_of(members + principal, Use::resource), syntax) << principal;
    }
    EXPECT_EQ(refusal_of(members + R"("*","NotPrincipal":"*")", Use::resource), syntax);
}

TEST(Document, ConditionsAreReadableByTheirOperator) {
    const auto with = [](std::string_view condition) {
        return refusal_of(R"("Effect":"Allow","Action":"*","Resource":"*","Condition":)" + std::string(condition));
    };
    for (const char* condition :
         {R"("x")", R"({"Bool":"x"})", R"({"NoSuch":{"a:b":"c"}})", R"({"ForSomeValues:StringEquals":{"a:b":"c"}})",
          R"({"NumericEquals":{"a:b":"ten"}})", R"({"NumericEquals":{"a:b":"inf"}})", R"({"NumericEquals":{"a:b":""}})",
          R"({"DateEquals":{"a:b":"yesterday"}})", R"({"Bool":{"a:b":"maybe"}})", R"({"Null":{"a:b":"c"}})",
          R"({"NullIfExists":{"a:b":"true"}})", R"({"ForAnyValue:Null":{"a:b":"true"}})",
          R"({"IpAddress":{"a:b":"10.0.0.0/33"}})", R"({"IpAddress":{"a:b":"10.0.0/8"}})",
          R"({"BinaryEquals":{"a:b":"%"}})", R"({"StringEquals":{"a:b":{}}})", R"({"StringEquals":{"a:b":[null]}})"}) {
        EXPECT_EQ(with(condition), syntax) << condition;
    }
    EXPECT_EQ(with("{}"), "(accepted)");
    EXPECT_EQ(with(R"({"stringequalsifexists":{"a:b":"c"}})"), "(accepted)");
}

TEST(Document, OperatorNamesGoBothWays) {
    int names = 0;
    for (int base = 0; base <= static_cast<int>(Operator::null); ++base) {
        for (const auto set : {SetQualifier::none, SetQualifier::for_any_value, SetQualifier::for_all_values}) {
            for (const bool if_exists : {false, true}) {
                const ConditionOperator op{.set = set, .base = static_cast<Operator>(base), .if_exists = if_exists};
                const bool is_known = op.base != Operator::null || (set == SetQualifier::none && !if_exists);
                EXPECT_EQ(parse_operator(operator_name(op)).has_value(), is_known) << operator_name(op);
                if (is_known) {
                    EXPECT_EQ(*parse_operator(operator_name(op)), op);
                    ++names;
                }
            }
        }
    }
    EXPECT_EQ(names, 26 * 6 + 1);
    EXPECT_FALSE(parse_operator("").has_value());
    EXPECT_FALSE(parse_operator("IfExists").has_value());
    EXPECT_FALSE(parse_operator("ForAnyValue:").has_value());
}

TEST(Document, LimitsHold) {
    const std::string statement = R"({"Effect":"Allow","Action":"*","Resource":"*"})";
    const std::string padded = in_document(statement);
    const auto fit = padded + std::string(limits::policy_document_bytes_max - padded.size(), ' ');
    EXPECT_EQ(refusal(fit), "(accepted)");
    EXPECT_EQ(refusal(fit + " "), syntax);
    std::string many = statement;
    for (int i = 1; i < 1000; ++i) many += "," + statement;
    EXPECT_EQ(refusal(in_document(many)), "(accepted)");
    EXPECT_EQ(refusal(in_document(many + "," + statement)), syntax);
    EXPECT_NE(refusal(std::string(100'000, '[')), "(accepted)");
}

TEST(Document, TheOldVersionIsTold) {
    const auto statement = R"("Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
    EXPECT_TRUE(require_current_version(must_parse(R"({"Version":"2012-10-17",)" + std::string(statement))));
    for (const char* version : {"{", R"({"Version":"2008-10-17",)"}) {
        const auto result = require_current_version(must_parse(version + std::string(statement)));
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().code, "MalformedPolicyDocument");
        EXPECT_EQ(result.error().message, "Policy document must be version 2012-10-17 or greater.");
    }
}

TEST(Document, PrintsTheNormalForm) {
    EXPECT_EQ(print(must_parse(R"({"Statement": {"Resource": "*", "Action": "s3:Get*", "Effect": "Allow",
                                   "Condition": {"bool": {"aws:SecureTransport": true}}}, "Version": "2012-10-17"})")),
              R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*"],"Resource":["*"],)"
              R"("Condition":{"Bool":{"aws:SecureTransport":["true"]}}}]})");
}

TEST(Document, PrintThenParseIsIdentity) {
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        testing::Random random(seed);
        const bool is_resource = random.one_in(2);
        const auto use = is_resource ? Use::resource : Use::identity;
        const auto document = must_parse(random.document(is_resource), use);
        const auto printed = print(document);
        const auto again = parse(printed, use);
        ASSERT_TRUE(again.has_value()) << printed;
        ASSERT_TRUE(*again == document) << printed;
        ASSERT_EQ(print(*again), printed);
    }
}

// Our strictness must not refuse what AWS itself writes.
TEST(Document, EveryAwsManagedPolicyParses) {
    std::ifstream file(std::string(SEKISHO_SOURCE_DIR) + "/models/aws/managed_policies.jsonl");
    ASSERT_TRUE(file.is_open());
    int count = 0;
    for (std::string line; std::getline(file, line); ++count) {
        const auto row = parse_json(line);
        ASSERT_TRUE(row.has_value());
        const auto* document = find(*row, "document");
        ASSERT_NE(document, nullptr) << line.substr(0, 200);
        const auto text = document->is_string() ? std::string(document->get_string()) : json::serialize(*document);
        const auto parsed = parse(text, Use::identity);
        ASSERT_TRUE(parsed.has_value()) << parsed.error().message << "\n" << line.substr(0, 200);
        const auto again = parse(print(*parsed), Use::identity);
        ASSERT_TRUE(again && *again == *parsed) << line.substr(0, 200);
    }
    EXPECT_GT(count, 1000);
}

TEST(Document, CountsCharactersOutsideWhiteSpace) {
    EXPECT_EQ(count_policy_characters(""), 0u);
    EXPECT_EQ(count_policy_characters(" {\n\t\"a b\" : 1 }\r\n"), 9u);
    EXPECT_EQ(count_policy_characters(R"({"a\" b":1})"), 11u);
    EXPECT_EQ(count_policy_characters("\"\\"), 2u);
}

}  // namespace
}  // namespace sekisho::policy
