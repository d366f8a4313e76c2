#include "template/template.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "base/text.h"
#include "template/evaluate.h"
#include "template/graph.h"
#include "template/parameters.h"

namespace sekisho::templates {
namespace {

// A template with one resource whose property P is `value` (JSON).
std::string with_property(std::string_view value) {
    return R"({"Parameters": {"Name": {"Type": "String", "Default": "n"},
                              "Zones": {"Type": "CommaDelimitedList", "Default": "a, b,c"},
                              "Count": {"Type": "Number", "Default": "3"}},
               "Mappings": {"M": {"k": {"a": "v", "list": ["1", "2"]}}},
               "Conditions": {"Yes": {"Fn::Equals": [{"Ref": "Name"}, "n"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]}},
               "Resources": {"A": {"Type": "T::A::A"}, "B": {"Type": "T::B::B", "Properties": {"P": )" +
           std::string(value) + "}}}}";
}

Scope scope_of(const Template& model) {
    Scope scope;
    scope.model = &model;
    add_pseudo_parameters(scope, {.account_id = "111122223333",
                                  .region = "us-east-1",
                                  .stack_id = "arn:aws:cloudformation:us-east-1:111122223333:stack/s/1",
                                  .stack_name = "s",
                                  .notification_arns = {}});
    add_parameters(scope, *complete_parameters(model, {}));
    EXPECT_TRUE(evaluate_conditions(scope));
    scope.reference = [](const std::string& id) { return Result<json::value>(json::string("ref-" + id)); };
    scope.attribute = [](const std::string& id, const std::string& name) {
        return Result<json::value>(json::string(id + "/" + name));
    };
    scope.import = [](const std::string& name) -> Result<std::string> {
        if (name != "s::x") return template_error("No export named " + name + " found.");
        return std::string("imported");
    };
    scope.zones = [](const std::string& region) { return std::vector{region + "a", region + "b"}; };
    return scope;
}

// P's value as JSON text, or the error's text.
std::string value_of(std::string_view property) {
    const auto model = parse_template(with_property(property));
    if (!model) return model.error().message;
    const auto scope = scope_of(*model);
    const auto made = evaluate(scope, model->resource("B")->properties);
    if (!made) return made.error().message;
    const auto* value = find(**made, "P");
    return value == nullptr ? "(absent)" : json::serialize(*value);
}

std::string error_of(std::string_view body) {
    const auto model = parse_template(body);
    return model ? "" : model.error().message;
}

struct Case {
    std::string_view property;
    std::string_view value;
};

TEST(Functions, Values) {
    const Case cases[] = {
        {R"({"Ref": "Name"})", R"("n")"},
        {R"({"Ref": "Zones"})", R"(["a","b","c"])"},
        {R"({"Ref": "A"})", R"("ref-A")"},
        {R"({"Ref": "AWS::AccountId"})", R"("111122223333")"},
        {R"({"Ref": "AWS::Partition"})", R"("aws")"},
        {R"({"Ref": "AWS::URLSuffix"})", R"("amazonaws.com")"},
        {R"({"Ref": "AWS::NotificationARNs"})", "[]"},
        {R"({"Ref": "AWS::NoValue"})", "(absent)"},
        {R"([1, {"Ref": "AWS::NoValue"}, 2])", "[1,2]"},
        {R"({"Fn::GetAtt": ["A", "Arn"]})", R"("A/Arn")"},
        {R"({"Fn::GetAtt": "A.Outputs.X"})", R"("A/Outputs.X")"},
        {R"({"Fn::GetAtt": ["A", {"Ref": "Name"}]})", R"("A/n")"},
        {R"({"Fn::Join": [",", ["x", {"Ref": "A"}, 3, true]]})", R"("x,ref-A,3,true")"},
        {R"({"Fn::Join": ["", {"Ref": "Zones"}]})", R"("abc")"},
        {R"({"Fn::Split": ["|", "a||b"]})", R"(["a","","b"])"},
        {R"({"Fn::Select": ["1", {"Fn::Split": ["-", "x-y-z"]}]})", R"("y")"},
        {R"({"Fn::Select": [0, {"Fn::GetAZs": ""}]})", R"("us-east-1a")"},
        {R"({"Fn::GetAZs": "eu-west-1"})", R"(["eu-west-1a","eu-west-1b"])"},
        {R"({"Fn::Sub": "${AWS::StackName}/${A}-${A.Arn} ${!Literal} $ {x}"})", R"("s/ref-A-A/Arn ${Literal} $ {x}")"},
        {R"({"Fn::Sub": ["${V}${Name}", {"V": {"Fn::FindInMap": ["M", "k", "a"]}}]})", R"("vn")"},
        {R"({"Fn::FindInMap": ["M", {"Fn::Sub": "k"}, "list"]})", R"(["1","2"])"},
        {R"({"Fn::Base64": "hi"})", R"("aGk=")"},
        {R"({"Fn::ImportValue": {"Fn::Sub": "${AWS::StackName}::x"}})", R"("imported")"},
        {R"({"Fn::If": ["Yes", "1", {"Ref": "AWS::NoValue"}]})", R"("1")"},
        {R"({"Fn::If": ["No", "1", {"Ref": "AWS::NoValue"}]})", "(absent)"},
        {R"({"Fn::Cidr": ["192.168.0.0/16", 3, 13]})", R"(["192.168.0.0/19","192.168.32.0/19","192.168.64.0/19"])"},
        {R"({"Fn::Cidr": ["10.1.255.7/8", "2"]})", R"(["10.0.0.0/24","10.0.1.0/24"])"},
        {R"({"Fn::Cidr": ["2001:db8::/56", 2, 64]})", R"(["2001:db8::/64","2001:db8:0:1::/64"])"},
        {R"({"Statement": {"Condition": {"Bool": {"x": "y"}}, "Effect": "Allow"}})",
         R"({"Statement":{"Condition":{"Bool":{"x":"y"}},"Effect":"Allow"}})"},
    };
    for (const auto& [property, value] : cases) EXPECT_EQ(value_of(property), value) << property;
}

TEST(Functions, Errors) {
    const Case cases[] = {
        {R"({"Ref": ["A"]})", "Template error: every Ref object must have a single String value."},
        {R"({"Ref": "Nobody"})",
         "Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template"},
        {R"({"Fn::Sub": "${Nobody}"})",
         "Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template"},
        {R"({"Fn::GetAtt": ["Nobody", "Arn"]})",
         "Template error: instance of Fn::GetAtt references undefined resource Nobody"},
        {R"({"Fn::FindInMap": ["X", "k", "a"]})",
         "Template error: Mapping named 'X' is not present in the 'Mappings' section of template."},
        {R"({"Fn::FindInMap": ["M", "k", "z"]})", "Template error: Unable to get mapping for M::k::z"},
        {R"({"Fn::Select": ["3", ["a"]]})", "Template error: Fn::Select  cannot select nonexistent value at index 3"},
        {R"({"Fn::Sub": "${a-b}"})",
         "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, "
         "periods, and colons"},
        {R"({"Fn::ImportValue": "none"})", "No export named none found."},
        {R"({"Fn::Nothing": "x"})", "Template format error: Unrecognized intrinsic function Fn::Nothing"},
        {R"({"Fn::If": ["Maybe", 1, 2]})",
         "Template format error: Unresolved condition dependency Maybe in the Resources block of the template"},
        {R"({"Fn::Cidr": ["10.0.0.0/24", 2, 8]})",
         "Template error: Fn::Cidr cannot take 2 blocks of 8 bits out of 10.0.0.0/24"},
        {R"({"Fn::Join": ["x"]})",
         "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of "
         "strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."},
        {R"({"Fn::Sub": ["${V}", {"V": ["list"]}]})",
         "Template error: variable V in Fn::Sub expression does not resolve to a string"},
    };
    for (const auto& [property, message] : cases) EXPECT_EQ(value_of(property), message) << property;
    // Every function refuses an argument of no use to it.
    for (const std::string_view name :
         {"Ref", "Fn::GetAtt", "Fn::Join", "Fn::Split", "Fn::Select", "Fn::Sub", "Fn::FindInMap", "Fn::Base64",
          "Fn::ImportValue", "Fn::GetAZs", "Fn::Cidr", "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Fn::If"}) {
        const auto message = value_of("{\"" + std::string(name) + "\": [[null]]}");
        EXPECT_TRUE(message.starts_with("Template error: ")) << name << ": " << message;
        EXPECT_NE(message.find(name), std::string::npos) << name << ": " << message;
    }
}

TEST(Functions, ASmallTemplateDoesNotMakeALargeValue) {
    std::string value = R"("xxxxxxxxxxxxxxxx")";
    for (int i = 0; i < 20; ++i) {
        value = R"({"Fn::Sub": ["${a}${a}${a}${a}", {"a": )" + value + "}]}";
    }
    // Nested deeper than JSON may be, or too large: refused either way, at once.
    EXPECT_TRUE(value_of(value).starts_with("Template ")) << value_of(value);
    std::string join = R"({"Fn::Join": [")" + std::string(20'000, 'x') + R"(", [)";
    for (int i = 0; i < 1000; ++i) join += "1,";
    EXPECT_EQ(value_of(join + "1]]}"), "Template error: a value is larger than 262144 bytes");
}

TEST(Conditions, AllFunctionsAndTheirErrors) {
    const auto truth = [](std::string_view condition) -> std::string {
        const auto model =
            parse_template(R"({"Parameters": {"E": {"Type": "String", "Default": "p"}}, "Conditions": {"T":
            {"Fn::Equals": ["1", 1]}, "F": {"Fn::Equals": [{"Ref": "E"}, "q"]}, "C": )" +
                           std::string(condition) + R"(}, "Resources": {"A": {"Type": "T::A::A"}}})");
        if (!model) return model.error().message;
        Scope scope;
        scope.model = &*model;
        add_parameters(scope, *complete_parameters(*model, {}));
        const auto done = evaluate_conditions(scope);
        return !done ? done.error().message : holds(scope, "C") ? "true" : "false";
    };
    EXPECT_EQ(truth(R"({"Fn::And": [{"Condition": "T"}, {"Fn::Not": [{"Condition": "F"}]}]})"), "true");
    EXPECT_EQ(truth(R"({"Fn::And": [{"Condition": "T"}, {"Condition": "F"}]})"), "false");
    EXPECT_EQ(truth(R"({"Fn::Or": [{"Condition": "F"}, {"Condition": "T"}]})"), "true");
    EXPECT_EQ(truth(R"({"Condition": "T"})"), "true");
    EXPECT_EQ(truth(R"({"Fn::Equals": [{"Fn::If": ["T", "a", "b"]}, "a"]})"), "true");
    EXPECT_EQ(truth(R"({"Condition": "C"})"), "Template format error: Circular dependency between conditions: [C]");
    EXPECT_EQ(truth(R"({"Condition": "X"})"),
              "Template format error: Unresolved condition dependency X in the Conditions block of the template");
    EXPECT_EQ(
        truth(R"({"Fn::Equals": [{"Ref": "A"}, "a"]})"),
        "Template format error: Unresolved dependencies [A]. Cannot reference resources in the Conditions block of "
        "the template");
    EXPECT_EQ(truth(R"({"Fn::Equals": ["a"]})"),
              "Template error: every Fn::Equals object requires a list of 2 string parameters.");
    EXPECT_EQ(truth(R"({"Fn::Not": ["a"]})"),
              "Template error: every Fn::Not object requires a list of 1 boolean parameter.");
    EXPECT_EQ(truth(R"("true")"), "Template format error: Every Conditions member must be a boolean function.");
}

TEST(Rules, FunctionsAndErrors) {
    const auto checked = [](std::string_view rule) -> std::string {
        const auto model = parse_template(R"({"Parameters": {
            "Vpc": {"Type": "AWS::EC2::VPC::Id", "Default": "vpc-1"},
            "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>", "Default": "subnet-1,subnet-2"},
            "Kind": {"Type": "String", "Default": "small"}}, "Rules": {"R": )" +
                                          std::string(rule) + R"(}, "Resources": {"A": {"Type": "T::A::A"}}})");
        if (!model) return model.error().message;
        auto scope = scope_of(*model);
        scope.value_attribute = [](const std::string& type, const std::string& value, const std::string& attribute) {
            return Result<std::string>(type + "/" + value + "/" + attribute);
        };
        const auto done = check_rules(scope);
        return done ? "" : done.error().message;
    };
    const auto met = [&](std::string_view assertion) {
        return checked(R"({"Assertions": [{"Assert": )" + std::string(assertion) + R"(, "AssertDescription": "no"}]})");
    };
    for (
        const std::string_view assertion :
        {R"({"Fn::Contains": [["small", "large"], {"Ref": "Kind"}]})",
         R"({"Fn::EachMemberEquals": [["small"], {"Ref": "Kind"}]})",
         R"({"Fn::EachMemberIn": [{"Ref": "Subnets"}, ["subnet-2", "subnet-1", "subnet-3"]]})",
         R"({"Fn::EachMemberEquals": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}, "vpc-1"]})",
         R"({"Fn::Contains": [{"Fn::ValueOf": ["Subnets", "VpcId"]}, "AWS::EC2::Subnet::Id/subnet-2/VpcId"]})",
         R"({"Fn::Equals": [{"Fn::ValueOf": ["Vpc", "Tags.Team"]}, "AWS::EC2::VPC::Id/vpc-1/Tags.Team"]})",
         R"({"Fn::Contains": [{"Fn::ValueOfAll": ["AWS::EC2::VPC::Id", "Tags.T"]}, "AWS::EC2::VPC::Id/vpc-1/Tags.T"]})",
         R"({"Fn::And": [{"Fn::Not": [{"Fn::Contains": [["large"], {"Ref": "Kind"}]}]}, {"Fn::Equals": ["a", "a"]}]})",
         R"({"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]})"}) {
        EXPECT_EQ(met(assertion), "") << assertion;
        EXPECT_EQ(met(R"({"Fn::Not": [)" + std::string(assertion) + "]}"), "no") << assertion;
    }
    const std::string never = R"({"Fn::Equals": ["a", "b"]})";
    EXPECT_EQ(checked(R"({"RuleCondition": )" + never + R"(, "Assertions": [{"Assert": )" + never + "}]}"), "");
    EXPECT_EQ(checked(R"({"Assertions": [{"Assert": )" + never + "}]}"), "Rule R is not met.");
    EXPECT_EQ(
        met(R"({"Fn::Contains": ["a", "b"]})"),
        "Template error: every Fn::Contains object requires two parameters, (1) a list of strings and (2) a string.");
    EXPECT_EQ(
        met(R"({"Fn::Equals": [{"Ref": "A"}, "b"]})"),
        "Template format error: Unresolved dependencies [A]. Cannot reference resources in the Rules block of the "
        "template");
    EXPECT_EQ(met(R"("yes")"),
              "Template format error: The conditions and assertions of rule R must be boolean functions.");
    EXPECT_EQ(checked(R"({"Assert": []})"),
              "Template format error: Every Rules member must contain a list of Assertions; R does not.");
    EXPECT_EQ(value_of(R"({"Fn::Contains": [["a"], "a"]})"),
              "Template format error: Unrecognized intrinsic function Fn::Contains");
}

TEST(Read, YamlWithShortFormsIsTheSameTemplate) {
    const auto yaml = read_template(R"(
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Version: 1.30
      Account: 012345678901
      Count: 3
      On: true
      Name: !Sub ${AWS::StackName}-x
      Arn: !GetAtt Other.Arn
      Zone: !Select [0, !GetAZs '']
      List: !If
        - Yes
        - !Ref Other
        - !Join [',', [a, "1"]]
)");
    ASSERT_TRUE(yaml) << yaml.error().message;
    const auto json = read_template(R"({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Role": {
        "Type": "AWS::IAM::Role", "Properties": {"Version": "1.30", "Account": "012345678901", "Count": 3, "On": true,
        "Name": {"Fn::Sub": "${AWS::StackName}-x"}, "Arn": {"Fn::GetAtt": ["Other", "Arn"]},
        "Zone": {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
        "List": {"Fn::If": ["Yes", {"Ref": "Other"}, {"Fn::Join": [",", ["a", "1"]]}]}}}}})");
    ASSERT_TRUE(json) << json.error().message;
    EXPECT_EQ(*yaml, *json);
}

TEST(Read, RefusesWhatIsNoTemplate) {
    EXPECT_TRUE(error_of("{").starts_with("Template format error: JSON not well-formed."));
    EXPECT_TRUE(error_of("a: [").starts_with("Template format error: YAML not well-formed. (yaml: line"));
    EXPECT_TRUE(error_of("Resources: {A: !Nope x}").ends_with("the tag !Nope is not known)"));
    EXPECT_TRUE(error_of("a: 1\na: 2").ends_with("the key a comes twice)"));
    EXPECT_EQ(error_of(""), "Template format error: unsupported structure.");
    EXPECT_EQ(error_of("text"), "Template format error: unsupported structure.");
    EXPECT_EQ(error_of("{}"), "Template format error: At least one Resources member must be defined.");
    EXPECT_EQ(error_of(R"({"Foo": 1, "Bar": 2})"), "Invalid template property or properties [Foo, Bar]");
    EXPECT_EQ(error_of(R"({"Resources": {"A": {}}})"),
              "Template format error: [/Resources/A] Every Resources object must contain a Type member.");
    EXPECT_EQ(error_of(R"({"Resources": {"A-1": {"Type": "T"}}})"),
              "Template format error: Resource name A-1 is non alphanumeric.");
    EXPECT_EQ(error_of(R"({"Resources": {"A": {"Type": "T", "Propertys": {}}}})"),
              "Invalid template resource property 'Propertys'");
    EXPECT_EQ(error_of(R"({"Parameters": {"P": {"Type": "Strin"}}, "Resources": {"A": {"Type": "T"}}})"),
              "Template format error: Unrecognized parameter type: Strin");
    EXPECT_EQ(error_of(R"({"Resources": {"A": {"Type": "T", "DependsOn": "Z"}}})"),
              "Template format error: Unresolved resource dependencies [Z] in the Resources block of the template");
    EXPECT_EQ(error_of(R"({"Resources": {"A": {"Type": "T"}}, "Outputs": {"O": {"Value": {"Ref": "Z"}}}})"),
              "Template format error: Unresolved resource dependencies [Z] in the Outputs block of the template");
    std::string many = R"({"Resources": {)";
    for (int i = 0; i < 501; ++i) many += (i ? ",\"A" : "\"A") + std::to_string(i) + R"(": {"Type": "T"})";
    EXPECT_EQ(error_of(many + "}}"),
              "Template format error: Number of resources, 501, is greater than maximum allowed, 500");
}

TEST(Parameters, ConstraintsAndTheirTexts) {
    const auto check = [](std::string_view declaration, const ParameterTexts& given) -> std::string {
        const auto model = parse_template(R"({"Parameters": {"P": )" + std::string(declaration) +
                                          R"(}, "Resources": {"A": {"Type": "T"}}})");
        if (!model) return model.error().message;
        const auto complete = complete_parameters(*model, given);
        return complete ? complete->at("P") : complete.error().message;
    };
    EXPECT_EQ(check(R"({"Type": "String"})", {}), "Parameters: [P] must have values");
    EXPECT_EQ(check(R"({"Type": "String"})", {{"Q", ""}, {"P", ""}}), "Parameters: [Q] do not exist in the template");
    EXPECT_EQ(check(R"({"Type": "String", "Default": 5})", {}), "5");
    EXPECT_EQ(check(R"({"Type": "String", "AllowedValues": ["a", 1]})", {{"P", "1"}}), "1");
    EXPECT_EQ(check(R"({"Type": "String", "AllowedValues": ["a", 1]})", {{"P", "b"}}),
              "Parameter 'P' must be one of AllowedValues");
    EXPECT_EQ(check(R"({"Type": "String", "AllowedPattern": "[a-z]+"})", {{"P", "a1"}}),
              "Parameter 'P' must match pattern [a-z]+");
    EXPECT_EQ(
        check(R"({"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "small"})", {{"P", "A"}}),
        "Parameter P failed to satisfy constraint: small");
    EXPECT_EQ(check(R"({"Type": "String", "MinLength": 2})", {{"P", "a"}}),
              "Parameter 'P' must contain at least 2 characters");
    EXPECT_EQ(check(R"({"Type": "String", "MaxLength": "2"})", {{"P", "abc"}}),
              "Parameter 'P' must contain at most 2 characters");
    EXPECT_EQ(check(R"({"Type": "Number", "MinValue": 2})", {{"P", "1"}}),
              "Parameter 'P' must be a number not less than 2");
    EXPECT_EQ(check(R"({"Type": "Number", "MaxValue": 2})", {{"P", "3"}}),
              "Parameter 'P' must be a number not greater than 2");
    EXPECT_EQ(check(R"({"Type": "List<Number>"})", {{"P", "1,x"}}), "Parameter 'P' must be a number");
}

TEST(Graph, OrderFollowsReferencesDependsOnAndTakenBranches) {
    const auto model = parse_template(R"({
        "Conditions": {"Yes": {"Fn::Equals": [1, 1]}, "No": {"Fn::Equals": [1, 2]}},
        "Resources": {
            "A": {"Type": "T"},
            "B": {"Type": "T", "Properties": {"P": {"Fn::Sub": "${A}"}}},
            "C": {"Type": "T", "DependsOn": ["B", "Gone"], "Properties": {"P": {"Fn::If": ["No", {"Ref": "Gone"},
                 {"Fn::GetAtt": "A.X"}]}}},
            "Gone": {"Type": "T", "Condition": "No"}}})");
    ASSERT_TRUE(model) << model.error().message;
    const auto scope = scope_of(*model);
    const auto order = dependencies(scope);
    ASSERT_TRUE(order) << order.error().message;
    EXPECT_EQ(*order, (Dependencies{{"A", {}}, {"B", {"A"}}, {"C", {"A", "B"}}}));
}

TEST(Graph, CirclesAndReferencesToWhatIsNotMadeAreErrors) {
    const auto order = [](std::string_view body) {
        const auto model = parse_template(body);
        EXPECT_TRUE(model) << model.error().message;
        const auto scope = scope_of(*model);
        const auto found = dependencies(scope);
        return found ? std::string() : found.error().message;
    };
    EXPECT_EQ(order(R"({"Resources": {"A": {"Type": "T", "DependsOn": "B"}, "C": {"Type": "T"},
                        "B": {"Type": "T", "Properties": {"P": {"Ref": "A"}}}}})"),
              "Circular dependency between resources: [A, B]");
    EXPECT_EQ(order(R"({"Resources": {"A": {"Type": "T", "Properties": {"P": {"Ref": "A"}}}}})"),
              "Circular dependency between resources: [A]");
    EXPECT_EQ(
        order(R"({"Conditions": {"No": {"Fn::Equals": [1, 2]}}, "Resources": {"A": {"Type": "T", "Condition": "No"},
                        "B": {"Type": "T", "Properties": {"P": {"Ref": "A"}}}}})"),
        "Template format error: Unresolved resource dependencies [A] in the Resources block of the template");
}

}  // namespace
}  // namespace sekisho::templates
