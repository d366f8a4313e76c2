#include "policy/decide_line.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace sekisho::policy {
namespace {

constexpr std::string_view allow_all =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
constexpr std::string_view deny_s3 =
    R"({"Version":"2012-10-17","Statement":{"Sid":"NoS3","Effect":"Deny","Action":"s3:*","Resource":"*"}})";

// A line about a user who gets an object, with more members.
std::string line(std::string_view members) {
    return R"({"id":"1","principal":"arn:aws:iam::111111111111:user/ann","action":"s3:GetObject","resource":"arn:aws:s3:::b/k")" +
           std::string(members) + "}";
}

std::string decision_of(std::string_view json_line) {
    const auto answer = parse_json(decide_line(json_line));
    EXPECT_TRUE(answer.has_value());
    if (const auto error = find_text(*answer, "error")) return "error: " + *error;
    return find_text(*answer, "decision").value_or("(none)");
}

std::string with_policy(std::string_view member, std::string_view text) {
    return ",\"" + std::string(member) + "\":" + std::string(text);
}

TEST(DecideLine, AnswersInTheContractsForm) {
    EXPECT_EQ(decide_line(line("")), R"({"id":"1","decision":"ImplicitlyDenied","reasons":[{"layer":"identity"}]})");
    EXPECT_EQ(
        decide_line(line(with_policy("identity", "[" + std::string(allow_all) + "]"))),
        R"({"id":"1","decision":"Allowed","reasons":[{"layer":"identity","policy":"identity[0]","statement":"0"}]})");
    EXPECT_EQ(
        decide_line(line(with_policy("identity", "[" + std::string(allow_all) + "," + std::string(deny_s3) + "]"))),
        R"({"id":"1","decision":"ExplicitlyDenied","reasons":[{"layer":"identity","policy":"identity[1]","statement":"NoS3"}]})");
}

// A repeated key would lose one of its values; here it would lose the Deny.
TEST(DecideLine, RefusesRepeatedKeysAtAnyDepth) {
    constexpr std::string_view twice =
        R"([{"Statement":{"Effect":"Deny","\u0045ffect":"Allow","Action":"*","Resource":"*"}}])";
    EXPECT_EQ(decision_of(line(with_policy("identity", twice))), "error: an object of the line has a key twice");
}

TEST(DecideLine, ReasonsNameLevelsAndKeys) {
    EXPECT_EQ(
        decide_line(line(with_policy(
            "scp", R"([{"level":"root","policies":[)" + std::string(allow_all) + "," + std::string(deny_s3) + "]}]"))),
        R"({"id":"1","decision":"ExplicitlyDenied","reasons":[{"layer":"scp","policy":"scp[root][1]","statement":"NoS3"}]})");
    constexpr std::string_view with_mfa =
        R"([{"Version":"2012-10-17","Statement":{"Sid":"Mfa","Effect":"Allow","Action":"*","Resource":"*",)"
        R"("Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}])";
    EXPECT_EQ(
        decide_line(line(with_policy("identity", with_mfa))),
        R"({"id":"1","decision":"ImplicitlyDenied","reasons":[{"layer":"identity","policy":"identity[0]","statement":"Mfa","key":"aws:multifactorauthpresent"}]})");
    EXPECT_EQ(
        decision_of(line(with_policy("identity", with_mfa) + R"(,"context":{"aws:MultiFactorAuthPresent":"true"})")),
        "Allowed");
    EXPECT_EQ(
        decision_of(line(with_policy("identity", with_mfa) + R"(,"context":{"aws:MultiFactorAuthPresent":true})")),
        "Allowed");
}

TEST(DecideLine, EveryLayerIsRead) {
    const std::string open = with_policy("identity", "[" + std::string(allow_all) + "]");
    EXPECT_EQ(decision_of(line(open + with_policy("boundary", "[" + std::string(deny_s3) + "]"))), "ExplicitlyDenied");
    EXPECT_EQ(decision_of(line(open + with_policy("boundary", "[]"))), "ImplicitlyDenied");
    EXPECT_EQ(decision_of(line(open + with_policy("session", deny_s3))), "ExplicitlyDenied");
    EXPECT_EQ(decision_of(line(open + R"(,"scp":[{"level":"root","policies":[]}])")), "ImplicitlyDenied");
    EXPECT_EQ(decision_of(line(open + R"(,"scp":[])")), "Allowed");
    EXPECT_EQ(decision_of(line(open + R"(,"rcp":[{"level":"root","policies":[{"Version":"2012-10-17","Statement":)"
                                      R"({"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}]}])")),
              "ExplicitlyDenied");
    EXPECT_EQ(decision_of(line(R"(,"resourcePolicy":{"Statement":{"Effect":"Allow","Principal":)"
                               R"({"AWS":"arn:aws:iam::111111111111:user/ann"},"Action":"s3:*","Resource":"*"}})")),
              "Allowed");
    // null is an absent member; a document may also be its text.
    EXPECT_EQ(
        decision_of(line(
            open + R"(,"boundary":null,"session":null,"scp":null,"rcp":null,"resourcePolicy":null,"context":null)")),
        "Allowed");
    EXPECT_EQ(decision_of(line(
                  R"(,"identity":["{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"])")),
              "Allowed");
}

TEST(DecideLine, TheResourcesAccountDecidesBetweenOneAndTwoSides) {
    const std::string open = with_policy("identity", "[" + std::string(allow_all) + "]");
    EXPECT_EQ(decision_of(line(open + R"(,"resourceAccount":"111111111111")")), "Allowed");
    EXPECT_EQ(decision_of(line(open + R"(,"resourceAccount":"222222222222")")), "ImplicitlyDenied");
    const std::string head = R"({"principal":"arn:aws:iam::111111111111:user/ann","action":"sqs:SendMessage",)";
    EXPECT_EQ(decision_of(head + R"("resource":"arn:aws:sqs:eu-west-1:222222222222:q")" + open + "}"),
              "ImplicitlyDenied");
    EXPECT_EQ(decision_of(head + R"("resource":"arn:aws:sqs:eu-west-1:111111111111:q")" + open + "}"), "Allowed");
}

TEST(DecideLine, PrincipalsAreReadFromTheirArn) {
    const auto decide = [](std::string_view principal, std::string_view named, std::string_view more = "") {
        return decision_of(
            R"({"principal":")" + std::string(principal) +
            R"(","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"111111111111",)"
            R"("resourcePolicy":{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":)" +
            std::string(named) + "}}" + std::string(more) + "}");
    };
    const char* const session = "arn:aws:sts::111111111111:assumed-role/reader/s1";
    const char* const by_role = R"({"AWS":"arn:aws:iam::111111111111:role/reader"})";
    const char* const by_path = R"({"AWS":"arn:aws:iam::111111111111:role/team/reader"})";
    EXPECT_EQ(decide(session, by_role), "Allowed");
    EXPECT_EQ(decide(session, by_path), "ImplicitlyDenied");
    EXPECT_EQ(
        decide(session, by_path, R"(,"context":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/team/reader"})"),
        "Allowed");
    // A role's ARN is one of its sessions: boundaries limit it.
    EXPECT_EQ(decide("arn:aws:iam::111111111111:role/reader", by_role), "Allowed");
    EXPECT_EQ(decide("arn:aws:iam::111111111111:role/reader", by_role, R"(,"boundary":[])"), "ImplicitlyDenied");
    EXPECT_EQ(decide(session, by_role, R"(,"boundary":[])"), "ImplicitlyDenied");
    EXPECT_EQ(decide(session, R"({"AWS":"arn:aws:sts::111111111111:assumed-role/reader/s1"})", R"(,"boundary":[])"),
              "Allowed");
    EXPECT_EQ(decide("ec2.amazonaws.com", R"({"Service":"ec2.amazonaws.com"})"), "Allowed");
    EXPECT_EQ(decide("ec2.amazonaws.com", R"({"Service":"lambda.amazonaws.com"})"), "ImplicitlyDenied");
    EXPECT_EQ(decide("arn:aws:iam::111111111111:saml-provider/idp",
                     R"({"Federated":"arn:aws:iam::111111111111:saml-provider/idp"})"),
              "Allowed");
    EXPECT_EQ(decide("accounts.google.com", R"({"Federated":"accounts.google.com"})"), "Allowed");
    EXPECT_EQ(decide("accounts.google.com", R"({"Service":"accounts.google.com"})"), "ImplicitlyDenied");
    EXPECT_EQ(decide("*", "\"*\""), "Allowed");
    EXPECT_EQ(decide("*", R"({"AWS":"111111111111"})"), "ImplicitlyDenied");
    EXPECT_EQ(decide("arn:aws:iam::111111111111:root", R"({"AWS":"222222222222"})"), "Allowed");
}

TEST(DecideLine, RolesHaveTrustPolicies) {
    const auto assume = [](std::string_view more) {
        return decision_of(R"({"principal":"arn:aws:iam::111111111111:user/ann","action":"sts:AssumeRole",)"
                           R"("resource":"arn:aws:iam::111111111111:role/target","identity":[)" +
                           std::string(allow_all) + "]" + std::string(more) + "}");
    };
    EXPECT_EQ(assume(""), "ImplicitlyDenied");
    EXPECT_EQ(
        assume(
            R"(,"resourcePolicy":{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111111111111"}}})"),
        "Allowed");
    EXPECT_EQ(
        assume(
            R"(,"resourcePolicy":{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"222222222222"}}})"),
        "ImplicitlyDenied");
    EXPECT_EQ(
        assume(
            R"(,"resourcePolicy":{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Resource":"*"}})"),
        "error: resourcePolicy: Has prohibited field Resource");
}

TEST(DecideLine, ContextValuesAreTextsOrLists) {
    const std::string policy =
        R"(,"identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*",)"
        R"("Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]},"Null":{"aws:tagkeys":"false"}}}}])";
    EXPECT_EQ(decision_of(line(policy + R"(,"context":{"AWS:TagKeys":["a","b"]})")), "Allowed");
    EXPECT_EQ(decision_of(line(policy + R"(,"context":{"aws:TagKeys":"a"})")), "Allowed");
    EXPECT_EQ(decision_of(line(policy + R"(,"context":{"aws:TagKeys":["a","c"]})")), "ImplicitlyDenied");
    EXPECT_EQ(decision_of(line(policy + R"(,"context":{"aws:TagKeys":[]})")), "ImplicitlyDenied");
    EXPECT_EQ(decision_of(line(policy)), "ImplicitlyDenied");
}

TEST(DecideLine, WhatCannotBeDecidedIsAnError) {
    EXPECT_EQ(decide_line(""), R"({"id":null,"error":"the line is not a JSON object"})");
    EXPECT_EQ(decide_line("[]"), R"({"id":null,"error":"the line is not a JSON object"})");
    EXPECT_EQ(decide_line(R"({"id":{"a":7}})"),
              R"({"id":{"a":7},"error":"principal, action and resource are required"})");
    EXPECT_EQ(decision_of(R"({"principal":1,"action":"a:b","resource":"*"})"),
              "error: principal, action and resource are required");
    EXPECT_EQ(decision_of(R"({"principal":"ann","action":"a:b","resource":"*"})"),
              "error: principal must be an ARN, the name of a service or provider, or *");
    EXPECT_EQ(decision_of(line(R"(,"context":[])")), "error: context must be an object");
    EXPECT_EQ(decision_of(line(R"(,"context":{"a":{}})")), "error: context values are texts or lists of texts");
    EXPECT_EQ(decision_of(line(R"(,"identity":{})")), "error: identity must be a list of documents");
    EXPECT_EQ(decision_of(line(R"(,"identity":[{}])")), "error: identity[0]: Syntax errors in policy.");
    EXPECT_EQ(decision_of(line(R"(,"scp":[{"policies":[]}])")), "error: scp needs level and policies");
    EXPECT_EQ(decision_of(line(R"(,"scp":{})")), "error: scp must be a list of levels");
}

}  // namespace
}  // namespace sekisho::policy
