// Stacks over the services that they call: everything of the house but its doors.
#include "domain/stacks.h"

#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "access/records.h"
#include "base/text.h"
#include "domain/clusters.h"
#include "domain/ec2.h"
#include "domain/iam.h"
#include "models/cloudformation.h"
#include "models/control.h"
#include "models/iam.h"
#include "operation/testing.h"
#include "services/cloudformation/service.h"
#include "services/ec2/service.h"
#include "services/eks/service.h"
#include "services/iam/service.h"

namespace sekisho::server {
namespace {

using operation::TestHouse;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::string_view trust =
    R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "eks.amazonaws.com"}}]})";
constexpr std::string_view cluster_policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy";

std::string role_resource(std::string_view more = "") {
    return R"({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": )" + std::string(trust) +
           std::string(more) + "}}";
}

// A cluster provider that has everything at once.
void register_clusters(store::Outbox& outbox, operation::Pipeline& pipeline) {
    outbox.register_worker(
        std::string(domain::cluster_effect), [&pipeline](const store::OutboxRow& row, store::Completion completion) {
            const auto effect = domain::read_cluster_effect(row.payload).value();
            const bool is_end = effect.action == domain::ClusterAction::delete_cluster ||
                                effect.action == domain::ClusterAction::delete_nodegroup;
            const std::string status = is_end ? "DELETED" : "ACTIVE";
            const auto caller = access::service_caller(effect.account_id);
            const auto done = [held = std::make_shared<store::Completion>(std::move(completion))](const auto&) {
                held->done();
            };
            if (effect.nodegroup_name.empty()) {
                pipeline.call<control::RecordClusterState>(caller, {},
                                                           {.account_id = effect.account_id.str(),
                                                            .region = effect.region.str(),
                                                            .cluster_name = effect.cluster_name,
                                                            .status = status,
                                                            .endpoint = "https://cluster.example"},
                                                           done);
            } else {
                pipeline.call<control::RecordNodegroupState>(caller, {},
                                                             {.account_id = effect.account_id.str(),
                                                              .region = effect.region.str(),
                                                              .cluster_name = effect.cluster_name,
                                                              .nodegroup_name = effect.nodegroup_name,
                                                              .status = status},
                                                             done);
            }
        });
}

// Of the form that `eksctl create cluster` sends (tests/support/stacks.py makes them).
std::string eksctl_template(std::string_view name, const std::string& cluster, std::vector<std::string> subnets = {}) {
    std::ifstream file(std::string(SEKISHO_SOURCE_DIR) + "/tests/templates/" + std::string(name));
    std::string text((std::istreambuf_iterator<char>(file)), {});
    text = replace_all(std::move(text), "CLUSTER", cluster);
    for (std::size_t i = 0; i < subnets.size(); ++i) {
        text = replace_all(std::move(text), "SUBNET" + std::to_string(i + 1), subnets[i]);
    }
    return text;
}

class StacksTest : public ::testing::Test {
 protected:
    // Without a provider clusters stay in status CREATING.
    void start(bool with_clusters = true) {
        if (with_clusters) register_clusters(house.outbox(), house.pipeline());
        cloudformation_service::register_workers(house.outbox(), house.pipeline());
        ASSERT_TRUE(house.settle());
    }

    Result<std::string> create(const std::string& name, const std::string& body,
                               std::optional<access::Caller> caller = {}, cloudformation::CreateStackInput more = {}) {
        more.stack_name = name;
        more.template_body = body;
        more.capabilities = std::vector{cloudformation::Capability::capability_named_iam};
        SEK_TRY(auto made, house.call<cloudformation::CreateStack>(caller.value_or(house.administrator()), more));
        return *made.stack_id;
    }
    Result<void> update(const std::string& name, const std::string& body) {
        cloudformation::UpdateStackInput request;
        request.stack_name = name;
        request.template_body = body;
        request.capabilities = std::vector{cloudformation::Capability::capability_named_iam};
        SEK_TRY(house.call<cloudformation::UpdateStack>(house.administrator(), request));
        return {};
    }
    void remove(const std::string& name) {
        const auto removed = house.call<cloudformation::DeleteStack>(house.administrator(), {.stack_name = name});
        ASSERT_TRUE(removed) << removed.error().message;
        ASSERT_TRUE(house.settle());
    }
    cloudformation::Stack stack(const std::string& name) {
        auto found = house.call<cloudformation::DescribeStacks>(house.administrator(), {.stack_name = name});
        if (!found) ADD_FAILURE() << found.error().message;
        return found ? found->stacks->front() : cloudformation::Stack{};
    }
    std::string status(const std::string& name) { return std::string(enum_text(stack(name).stack_status)); }
    // "Logical STATUS" with the reason behind it, oldest first.
    std::vector<std::string> events(const std::string& name) {
        std::vector<std::string> lines;
        cloudformation::DescribeStackEventsInput request{.stack_name = name};
        do {
            auto found = house.call<cloudformation::DescribeStackEvents>(house.administrator(), request);
            if (!found) return lines;
            for (const auto& event : *found->stack_events) {
                lines.insert(lines.begin(), *event.logical_resource_id + " " + event.resource_status.value_or("") +
                                                " " + event.resource_status_reason.value_or(""));
            }
            request.next_token = found->next_token;
        } while (request.next_token);
        return lines;
    }
    // What went wrong, for messages.
    std::vector<std::string> failures(const std::string& name) {
        auto lines = events(name);
        std::erase_if(lines,
                      [](const std::string& line) { return !line.contains("FAILED") && !line.contains("ROLLBACK"); });
        return lines;
    }
    std::set<std::string> roles() {
        std::set<std::string> names;
        EXPECT_TRUE(
            domain::roles.each(house.store().snapshot(), store::prefix(TestHouse::account), [&](const auto& role) {
                names.insert(role.name);
                return true;
            }));
        return names;
    }
    // A busy house takes longer than one wait.
    bool settle() {
        for (int i = 0; i < 12; ++i) {
            if (house.settle()) return true;
        }
        return false;
    }
    // The tables that still hold something of a network or a cluster.
    std::vector<std::string> left() {
        std::vector<std::string> names;
        const auto snapshot = house.store().snapshot();
        const auto look = [&](const auto& table) {
            if (!table.scan(snapshot, store::prefix(), {.limit = 1}).value().items.empty()) {
                names.emplace_back(table.name());
            }
        };
        look(domain::clusters);
        look(domain::nodegroups);
        look(domain::addresses);
        look(domain::launch_templates);
        look(domain::internet_gateways);
        look(domain::route_tables);
        look(domain::subnets);
        look(domain::vpcs);
        look(domain::security_groups);
        look(domain::stack_exports);
        look(domain::stack_imports);
        return names;
    }
    std::string physical_id(const std::string& name, const std::string& logical_id) {
        auto found = house.call<cloudformation::DescribeStackResource>(
            house.administrator(), {.stack_name = name, .logical_resource_id = logical_id});
        return found ? found->stack_resource_detail->physical_resource_id.value_or("") : found.error().message;
    }

    TestHouse house{iam_service::register_operations, eks_service::register_operations,
                    ec2_service::register_operations, cloudformation_service::register_operations};
};

TEST_F(StacksTest, AStackIsMadeAndDeletedWithAllThatIsInIt) {
    start();
    const std::string body = R"({"Description": "a team",
        "Parameters": {"Team": {"Type": "String"}},
        "Resources": {
            "Role": )" +
                             role_resource(R"(, "Path": {"Fn::Sub": "/${Team}/"}, "ManagedPolicyArns": [")" +
                                           std::string(cluster_policy) + R"("],
                 "Policies": [{"PolicyName": "in", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}}])") +
                             R"(,
            "Group": {"Type": "AWS::IAM::Group"},
            "Person": {"Type": "AWS::IAM::User", "Properties": {"UserName": {"Ref": "Team"}, "Groups": [{"Ref": "Group"}]}},
            "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Ref": "Role"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}}},
            "Inline": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "by-group", "Groups": [{"Ref": "Group"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}]}}},
            "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Role"}]}}},
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}::Role"}}}}})";
    cloudformation::CreateStackInput more;
    more.parameters = std::vector<cloudformation::Parameter>{{.parameter_key = "Team", .parameter_value = "blue"}};
    more.tags = std::vector<cloudformation::Tag>{{.key = "cost", .value = "7"}};
    const auto made = create("team", body, {}, more);
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(house.settle());
    const auto shown = stack("team");
    ASSERT_EQ(status("team"), "CREATE_COMPLETE") << ::testing::PrintToString(failures("team"));
    ASSERT_EQ(shown.outputs->size(), 1U);
    const auto role_name = physical_id("team", "Role");
    EXPECT_TRUE(role_name.starts_with("team-Role-"));
    EXPECT_EQ(shown.outputs->front().output_value, "arn:aws:iam::111222333444:role/blue/" + role_name);
    EXPECT_EQ(shown.outputs->front().export_name, "team::Role");

    const auto role = access::cached_role(house.store().snapshot(), TestHouse::account, role_name);
    ASSERT_TRUE(role);
    EXPECT_EQ(role->tags.at("cost"), "7");
    const auto policies = domain::principal_policies.get(house.store().snapshot(), role->id).value();
    EXPECT_EQ(policies->attached_policy_arns.size(), 2U);
    EXPECT_TRUE(policies->inline_policies.contains("in"));

    remove("team");
    EXPECT_EQ(status(*made), "DELETE_COMPLETE") << ::testing::PrintToString(failures(*made));
    EXPECT_TRUE(roles().empty());
    EXPECT_FALSE(access::cached_user(house.store().snapshot(), TestHouse::account, "blue"));
    EXPECT_TRUE(domain::stack_exports.scan(house.store().snapshot(), store::prefix()).value().items.empty());
    EXPECT_FALSE(house.call<cloudformation::DescribeStacks>(house.administrator(), {.stack_name = "team"}));
}

TEST_F(StacksTest, ADeniedActionRollsBackAndLeavesNothing) {
    start();
    const auto caller = house.user("builder", R"({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["cloudformation:*", "iam:CreateRole", "iam:CreateGroup"], "Resource": "*"}]})");
    const auto made = create("denied",
                             R"({"Resources": {"Role": )" + role_resource() +
                                 R"(, "User": {"Type": "AWS::IAM::User", "DependsOn": "Role"}}})",
                             caller);
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(status("denied"), "ROLLBACK_COMPLETE");
    const auto lines = events("denied");
    EXPECT_THAT(lines, Contains(HasSubstr("is not authorized to perform: iam:CreateUser")))
        << ::testing::PrintToString(lines);
    EXPECT_THAT(lines,
                Contains("denied ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [User]. Rollback "
                         "requested by user."));
    EXPECT_THAT(lines, Contains("Role DELETE_COMPLETE "));
    EXPECT_TRUE(roles().empty());
}

TEST_F(StacksTest, NothingIsMadeOfATemplateThatIsWrong) {
    start();
    const auto refusal = [&](const std::string& body) {
        const auto made = create("wrong", body);
        EXPECT_FALSE(made);
        return made ? "" : made.error().message;
    };
    EXPECT_EQ(refusal(R"({"Resources": {"A": {"Type": "AWS::S3::Bucket"}}})"),
              "Template format error: Unrecognized resource types: [AWS::S3::Bucket]");
    EXPECT_EQ(refusal(R"({"Parameters": {"P": {"Type": "String"}}, "Resources": {"A": )" + role_resource() + "}}"),
              "Parameters: [P] must have values");
    EXPECT_EQ(refusal(R"({"Resources": {"A": )" + role_resource() +
                      R"(}, "Outputs": {"O": {"Value": {"Fn::GetAtt": ["A", "Nothing"]}}}})"),
              "Template error: resource A does not support attribute type Nothing in Fn::GetAtt");
    EXPECT_EQ(refusal(R"({"Resources": {"A": {"Type": "AWS::IAM::Group", "DependsOn": "B"},
                                       "B": {"Type": "AWS::IAM::Group", "DependsOn": "A"}}})"),
              "Circular dependency between resources: [A, B]");
    const auto without = house.call<cloudformation::CreateStack>(
        house.administrator(),
        {.stack_name = "wrong", .template_body = R"({"Resources": {"A": )" + role_resource() + "}}"});
    EXPECT_EQ(without.error().message, "Requires capabilities : [CAPABILITY_IAM]");
    EXPECT_TRUE(domain::stacks.scan(house.store().snapshot(), store::prefix()).value().items.empty());
    EXPECT_TRUE(domain::stack_templates.scan(house.store().snapshot(), store::prefix()).value().items.empty());
}

TEST_F(StacksTest, AnUpdateChangesReplacesAddsAndRemoves) {
    start();
    const auto body = [](std::string_view path, std::string_view description, std::string_view other) {
        return R"({"Resources": {"Kept": )" + role_resource(R"(, "Description": ")" + std::string(description) + "\"") +
               R"(, "Moved": )" + role_resource(R"(, "Path": ")" + std::string(path) + "\"") + ", \"" +
               std::string(other) + R"(": {"Type": "AWS::IAM::Group"}}})";
    };
    ASSERT_TRUE(create("s", body("/a/", "one", "First")));
    ASSERT_TRUE(house.settle());
    ASSERT_EQ(status("s"), "CREATE_COMPLETE");
    const auto kept = physical_id("s", "Kept"), moved = physical_id("s", "Moved");
    EXPECT_EQ(update("s", body("/a/", "one", "First")).error().message, "No updates are to be performed.");

    const auto updated = update("s", body("/b/", "two", "Second"));
    ASSERT_TRUE(updated) << updated.error().message;
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(status("s"), "UPDATE_COMPLETE") << ::testing::PrintToString(failures("s"));
    EXPECT_EQ(physical_id("s", "Kept"), kept);
    EXPECT_NE(physical_id("s", "Moved"), moved);
    EXPECT_EQ(roles(), (std::set{kept, physical_id("s", "Moved")}));
    EXPECT_EQ(access::cached_role(house.store().snapshot(), TestHouse::account, kept)->description, "two");
    const auto lines = events("s");
    EXPECT_THAT(lines, Contains("First DELETE_COMPLETE "));
    EXPECT_THAT(lines, Contains("Moved UPDATE_IN_PROGRESS Requested update requires the creation of a new physical "
                                "resource; hence creating one."));
    remove("s");
    EXPECT_TRUE(roles().empty());
}

TEST_F(StacksTest, AnUpdateThatFailsGoesBack) {
    start();
    const auto body = [](std::string_view description, std::string_view path, std::string_view more) {
        return R"({"Resources": {"Kept": )" + role_resource(R"(, "Description": ")" + std::string(description) + "\"") +
               R"(, "Moved": )" + role_resource(R"(, "Path": ")" + std::string(path) + "\"") + std::string(more) + "}}";
    };
    ASSERT_TRUE(create("s", body("one", "/a/", "")));
    ASSERT_TRUE(house.settle());
    const auto before = roles();
    ASSERT_EQ(before.size(), 2U);
    // The last one has a name that is taken.
    const auto bad =
        R"(, "Bad": {"Type": "AWS::IAM::User", "DependsOn": ["Kept", "Moved"], "Properties": {"UserName": "admin"}})";
    ASSERT_TRUE(update("s", body("two", "/b/", bad)));
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(status("s"), "UPDATE_ROLLBACK_COMPLETE") << ::testing::PrintToString(failures("s"));
    EXPECT_EQ(roles(), before);
    EXPECT_EQ(access::cached_role(house.store().snapshot(), TestHouse::account, physical_id("s", "Kept"))->description,
              "one");
    EXPECT_THAT(events("s"), Contains(HasSubstr("User with name admin already exists")));
    // Somebody else's user is not the stack's to delete.
    EXPECT_TRUE(access::cached_user(house.store().snapshot(), TestHouse::account, "admin"));
    EXPECT_EQ(update("s", body("one", "/a/", "")).error().message, "No updates are to be performed.");
}

TEST_F(StacksTest, StackPoliciesHoldUpdates) {
    start();
    const auto body = [](std::string_view description, std::string_view path, std::string_view gone = "") {
        return R"({"Resources": {"Kept": )" + role_resource(R"(, "Description": ")" + std::string(description) + "\"") +
               R"(, "Moved": )" + role_resource(R"(, "Path": ")" + std::string(path) + "\"") + std::string(gone) + "}}";
    };
    const std::string_view gone = R"(, "Gone": {"Type": "AWS::IAM::Group"})";
    const auto statement = [](std::string_view effect, std::string_view action, std::string_view resource,
                              std::string_view more = "") {
        return R"({"Effect": ")" + std::string(effect) + R"(", "Principal": "*", "Action": "Update:)" +
               std::string(action) + R"(", "Resource": ")" + std::string(resource) + "\"" + std::string(more) + "}";
    };
    const auto policy = [](const std::string& statements) { return R"({"Statement": [)" + statements + "]}"; };
    const auto all = statement("Allow", "*", "*");
    const auto set = [&](const std::string& text) {
        return house.call<cloudformation::SetStackPolicy>(house.administrator(),
                                                          {.stack_name = "s", .stack_policy_body = text});
    };
    const auto shown = [&] {
        return house.call<cloudformation::GetStackPolicy>(house.administrator(), {.stack_name = "s"})
            ->stack_policy_body;
    };
    const auto after = [&](const std::string& text, std::optional<std::string> during = {}) {
        cloudformation::UpdateStackInput request{.stack_name = "s", .template_body = text};
        request.capabilities = std::vector{cloudformation::Capability::capability_iam};
        request.stack_policy_during_update_body = std::move(during);
        EXPECT_TRUE(house.call<cloudformation::UpdateStack>(house.administrator(), request));
        EXPECT_TRUE(house.settle());
        return status("s");
    };
    cloudformation::CreateStackInput more;
    more.stack_policy_body = policy(all);
    ASSERT_TRUE(create("s", body("one", "/a/", gone), {}, more));
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(shown(), policy(all));
    const auto before = roles();

    ASSERT_TRUE(set(policy(all + "," + statement("Deny", "Modify", "LogicalResourceId/Ke*"))));
    EXPECT_EQ(after(body("two", "/a/", gone)), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_THAT(events("s"), Contains("Kept UPDATE_FAILED Action denied by stack policy: Statement [#1] does not allow "
                                      "[Update:Modify] for resource [LogicalResourceId/Kept]"));
    ASSERT_TRUE(set(policy(statement("Deny", "Replace", "*", R"(, "Condition": {"StringLike": {"ResourceType":
        ["AWS::IAM::R*"]}})") +
                           "," + all)));
    EXPECT_EQ(after(body("one", "/b/", gone)), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_THAT(events("s"),
                Contains(HasSubstr("does not allow [Update:Replace] for resource [LogicalResourceId/Moved]")));
    ASSERT_TRUE(set(policy(statement("Allow", "Modify", "*"))));
    EXPECT_EQ(after(body("two", "/a/")), "UPDATE_ROLLBACK_COMPLETE");
    EXPECT_THAT(events("s"), Contains("Gone UPDATE_FAILED Action not allowed by stack policy: no statement allows "
                                      "[Update:Delete] for resource [LogicalResourceId/Gone]"));
    EXPECT_EQ(roles(), before);

    // One update may have a policy of its own; the stack's comes back.
    EXPECT_EQ(after(body("two", "/a/"), policy(all)), "UPDATE_COMPLETE") << ::testing::PrintToString(failures("s"));
    EXPECT_EQ(shown(), policy(statement("Allow", "Modify", "*")));
    ASSERT_TRUE(set("{}"));
    EXPECT_EQ(after(body("three", "/b/")), "UPDATE_COMPLETE");
    EXPECT_THAT(events("s"), Contains("s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS "));
    for (const auto& bad :
         {std::string("x"), policy(statement("Deny", "Everything", "*")), std::string("[]"),
          std::string(R"({"Statement": {"Effect": "Deny", "Action": "Update:*", "Resource": "*"}})")}) {
        EXPECT_EQ(set(bad).error().message, "Error validating stack policy: Invalid stack policy") << bad;
    }
}

TEST_F(StacksTest, ChangeSetsShowWhatTheyDoAndDoIt) {
    start();
    cloudformation::CreateChangeSetInput request;
    request.stack_name = "s";
    request.change_set_name = "first";
    request.change_set_type = cloudformation::ChangeSetType::create;
    request.template_body = R"({"Resources": {"A": )" + role_resource() + "}}";
    request.capabilities = std::vector{cloudformation::Capability::capability_iam};
    const auto made = house.call<cloudformation::CreateChangeSet>(house.administrator(), request);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(status("s"), "REVIEW_IN_PROGRESS");
    EXPECT_TRUE(roles().empty());
    const auto shown =
        house.call<cloudformation::DescribeChangeSet>(house.administrator(), {.change_set_name = *made->id});
    ASSERT_TRUE(shown) << shown.error().message;
    EXPECT_EQ(shown->changes->front().resource_change->action, cloudformation::ChangeAction::add);
    ASSERT_TRUE(house.call<cloudformation::ExecuteChangeSet>(house.administrator(), {.change_set_name = *made->id}));
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(status("s"), "CREATE_COMPLETE");

    request.change_set_name = "same";
    request.change_set_type = cloudformation::ChangeSetType::update;
    const auto same = house.call<cloudformation::CreateChangeSet>(house.administrator(), request);
    ASSERT_TRUE(same) << same.error().message;
    const auto empty = house.call<cloudformation::DescribeChangeSet>(house.administrator(),
                                                                     {.change_set_name = "same", .stack_name = "s"});
    EXPECT_EQ(empty->status, cloudformation::ChangeSetStatus::failed);
    EXPECT_THAT(*empty->status_reason, HasSubstr("didn't contain changes"));
    const auto refused = house.call<cloudformation::ExecuteChangeSet>(house.administrator(),
                                                                      {.change_set_name = "same", .stack_name = "s"});
    EXPECT_EQ(refused.error().code, "InvalidChangeSetStatus");

    request.change_set_name = "moves";
    request.template_body =
        R"({"Resources": {"A": )" + role_resource(R"(, "Path": "/x/")") +
        R"(, "B": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "A"}]}}}})";
    const auto moves = house.call<cloudformation::CreateChangeSet>(house.administrator(), request);
    ASSERT_TRUE(moves) << moves.error().message;
    const auto changes =
        house.call<cloudformation::DescribeChangeSet>(house.administrator(), {.change_set_name = *moves->id});
    ASSERT_EQ(changes->changes->size(), 2U);
    EXPECT_EQ(changes->changes->at(0).resource_change->replacement, cloudformation::Replacement::true_);
    EXPECT_EQ(changes->changes->at(0).resource_change->details->front().target->name, "Path");
    EXPECT_EQ(changes->changes->at(1).resource_change->action, cloudformation::ChangeAction::add);
}

TEST_F(StacksTest, ExportsInUseHoldTheirStack) {
    start();
    ASSERT_TRUE(create("a", R"({"Resources": {"R": )" + role_resource() +
                                R"(}, "Outputs": {"O": {"Value": {"Ref": "R"}, "Export": {"Name": "the-role"}}}})"));
    const auto user = R"({"Resources": {"P": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [
                          {"Fn::ImportValue": "the-role"}]}}}})";
    ASSERT_TRUE(house.settle());
    ASSERT_TRUE(create("b", user));
    ASSERT_TRUE(house.settle());
    ASSERT_EQ(status("b"), "CREATE_COMPLETE") << ::testing::PrintToString(failures("b"));
    const auto imports = house.call<cloudformation::ListImports>(house.administrator(), {.export_name = "the-role"});
    EXPECT_EQ(*imports->imports, std::vector<std::string>{"b"});
    remove("a");
    EXPECT_EQ(status("a"), "DELETE_FAILED");
    EXPECT_EQ(stack("a").stack_status_reason, "Delete canceled. Cannot delete export the-role as it is in use by b.");
    remove("b");
    remove("a");
    EXPECT_TRUE(roles().empty());
    // A stack that imports what nobody exports fails at once.
    ASSERT_TRUE(create("c", user));
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(status("c"), "ROLLBACK_COMPLETE");
    EXPECT_THAT(events("c"),
                Contains("c ROLLBACK_IN_PROGRESS No export named the-role found. Rollback requested by user."));
}

TEST_F(StacksTest, TheStackOfSomebodyWhoIsGoneGoesBack) {
    start(false);  // the cluster never becomes active
    const auto caller = house.user(
        "leaver", R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})");
    const auto made = create("s", R"({"Resources": {"Role": )" + role_resource() + R"(,
        "Cluster": {"Type": "AWS::EKS::Cluster", "Properties": {"Name": "c", "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "ResourcesVpcConfig": {"SubnetIds": ["subnet-1", "subnet-2"]}}}}})",
                             caller);
    ASSERT_TRUE(made) << made.error().message;
    const auto wait_for = [&](auto holds) {
        for (int i = 0; i < 1000 && !holds(); ++i) std::this_thread::sleep_for(milliseconds(10));
        return holds();
    };
    ASSERT_TRUE(wait_for([&] {
        return domain::clusters.get(house.store().snapshot(), TestHouse::account, Region("us-east-1"), "c").value();
    })) << ::testing::PrintToString(failures("s"));
    EXPECT_EQ(status("s"), "CREATE_IN_PROGRESS");
    ASSERT_TRUE(house.call<iam::UpdateAccessKey>(
        house.administrator(),
        {.user_name = "leaver", .access_key_id = caller.access_key_id.str(), .status = iam::StatusType::inactive}));
    ASSERT_TRUE(wait_for([&] { return status("s") == "ROLLBACK_IN_PROGRESS"; }));
    EXPECT_THAT(events("s"), Contains(HasSubstr("is not active any more")));
    // The stack itself takes away what it made; nobody else's cluster manager is there, so this one's end is told here.
    const auto cluster =
        domain::clusters.get(house.store().snapshot(), TestHouse::account, Region("us-east-1"), "c").value();
    ASSERT_TRUE(wait_for([&] {
        const auto now = domain::clusters.get(house.store().snapshot(), TestHouse::account, Region("us-east-1"), "c");
        return (*now)->status == "DELETING";
    }));
    ASSERT_TRUE(house.call<control::RecordClusterState>(
        access::service_caller(TestHouse::account),
        {.account_id = TestHouse::account.str(), .region = "us-east-1", .cluster_name = "c", .status = "DELETED"}));
    ASSERT_TRUE(wait_for([&] { return status("s") == "ROLLBACK_COMPLETE"; }));
    EXPECT_TRUE(roles().empty());
}

TEST_F(StacksTest, TheTwoStacksOfEksctlGoThrough) {
    start();
    const auto made = create("eksctl-blog-cluster", eksctl_template("eksctl_cluster.json", "blog"));
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(house.settle());
    ASSERT_EQ(status("eksctl-blog-cluster"), "CREATE_COMPLETE") << ::testing::PrintToString(failures(*made));
    std::map<std::string, std::string> outputs;
    const auto shown = stack("eksctl-blog-cluster");
    for (const auto& output : *shown.outputs) outputs[*output.output_key] = *output.output_value;
    EXPECT_EQ(outputs.size(), 12U);
    EXPECT_EQ(outputs.at("Endpoint"), "https://cluster.example");
    const auto subnets = split(outputs.at("SubnetsPublic"), ',');
    const auto nodes = create("eksctl-blog-nodegroup-ng-1",
                              eksctl_template("eksctl_nodegroup.json", "blog", {subnets.begin(), subnets.end()}));
    ASSERT_TRUE(nodes) << nodes.error().message;
    ASSERT_TRUE(house.settle());
    ASSERT_EQ(status("eksctl-blog-nodegroup-ng-1"), "CREATE_COMPLETE") << ::testing::PrintToString(failures(*nodes));
    // Taints and the release of the nodes change in place.
    const auto arn = physical_id("eksctl-blog-nodegroup-ng-1", "ManagedNodeGroup");
    const auto group = [&] {
        return domain::nodegroups.get(house.store().snapshot(), TestHouse::account, Region("us-east-1"), "blog", "ng-1")
            .value()
            .value();
    };
    const auto id = group().id;
    auto changed = eksctl_template("eksctl_nodegroup.json", "blog", {subnets.begin(), subnets.end()});
    changed.insert(changed.find(R"("AmiType")"), R"("Taints": [{"Key": "k", "Value": "v", "Effect": "NO_SCHEDULE"}],
        "ReleaseVersion": "1.34.5-20260101", )");
    ASSERT_TRUE(update("eksctl-blog-nodegroup-ng-1", changed));
    ASSERT_TRUE(house.settle());
    EXPECT_EQ(status("eksctl-blog-nodegroup-ng-1"), "UPDATE_COMPLETE") << ::testing::PrintToString(failures(*nodes));
    EXPECT_EQ(group().id, id);
    EXPECT_EQ(group().taints.at(0).value, "v");
    EXPECT_EQ(group().release_version, "1.34.5-20260101");
    EXPECT_EQ(physical_id("eksctl-blog-nodegroup-ng-1", "ManagedNodeGroup"), arn);
    remove("eksctl-blog-nodegroup-ng-1");
    remove("eksctl-blog-cluster");
    EXPECT_EQ(status(*made), "DELETE_COMPLETE") << ::testing::PrintToString(failures(*made));
    EXPECT_TRUE(roles().empty());
    EXPECT_EQ(left(), std::vector<std::string>());
}

TEST_F(StacksTest, TenClustersAtOnceLeaveNothing) {
    start();
    std::vector<std::string> ids;
    for (int i = 0; i < 10; ++i) {
        const auto name = "c" + std::to_string(i);
        const auto made = create(name, eksctl_template("eksctl_cluster.json", name));
        ASSERT_TRUE(made) << made.error().message;
        ids.push_back(*made);
    }
    ASSERT_TRUE(settle());
    for (const auto& id : ids) ASSERT_EQ(status(id), "CREATE_COMPLETE") << ::testing::PrintToString(failures(id));
    EXPECT_EQ(roles().size(), 10U);
    for (const auto& id : ids) {
        ASSERT_TRUE(house.call<cloudformation::DeleteStack>(house.administrator(), {.stack_name = id}));
    }
    ASSERT_TRUE(settle());
    for (const auto& id : ids) EXPECT_EQ(status(id), "DELETE_COMPLETE") << ::testing::PrintToString(failures(id));
    EXPECT_TRUE(roles().empty());
    EXPECT_EQ(left(), std::vector<std::string>());
}

TEST_F(StacksTest, RetainedResourcesStayAndProtectedStacksToo) {
    start();
    cloudformation::CreateStackInput more;
    more.enable_termination_protection = true;
    const auto made = create("s", R"({"Resources": {"R": {"Type": "AWS::IAM::Group", "DeletionPolicy": "Retain"},
        "G": {"Type": "AWS::IAM::Group"}}})",
                             {}, more);
    ASSERT_TRUE(made);
    ASSERT_TRUE(house.settle());
    const auto refused = house.call<cloudformation::DeleteStack>(house.administrator(), {.stack_name = "s"});
    EXPECT_EQ(refused.error().message, "Stack [s] cannot be deleted while TerminationProtection is enabled");
    ASSERT_TRUE(house.call<cloudformation::UpdateTerminationProtection>(
        house.administrator(), {.enable_termination_protection = false, .stack_name = "s"}));
    const auto retained = physical_id("s", "R");
    remove("s");
    EXPECT_EQ(status(*made), "DELETE_COMPLETE");
    EXPECT_THAT(events(*made), Contains("R DELETE_SKIPPED "));
    EXPECT_TRUE(house.call<iam::GetGroup>(house.administrator(), {.group_name = retained}));
}

}  // namespace
}  // namespace sekisho::server
