#include "services/iam/simulation.h"

#include "services/iam/testing.h"

namespace sekisho::iam_service {
namespace {

class Simulations : public IamTest {
 protected:
    using Decision = iam::PolicyEvaluationDecisionType;
};

TEST_F(Simulations, OfAPrincipalReadWhatItHas) {
    make_user("u");
    done<iam::CreateGroup>({.group_name = "g"});
    done<iam::AddUserToGroup>({.group_name = "g", .user_name = "u"});
    done<iam::PutGroupPolicy>(
        {.group_name = "g", .policy_name = "lists", .policy_document = std::string(allows_lists)});
    done<iam::PutUserPolicy>(
        {.user_name = "u",
         .policy_name = "no",
         .policy_document =
             R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:ListUsers","Resource":"*"}]})"});
    const std::string arn = "arn:aws:iam::111222333444:user/u";
    const auto results =
        *done<iam::SimulatePrincipalPolicy>(
             {.policy_source_arn = arn, .action_names = {"iam:ListRoles", "iam:ListUsers", "iam:CreateUser"}})
             .evaluation_results;
    ASSERT_EQ(results.size(), 3u);
    EXPECT_EQ(results[0].eval_decision, Decision::allowed);
    ASSERT_EQ(results[0].matched_statements->size(), 1u);
    EXPECT_EQ(results[0].matched_statements->at(0).source_policy_id, "group_g_lists");
    EXPECT_EQ(results[0].matched_statements->at(0).source_policy_type, iam::PolicySourceType::group);
    EXPECT_EQ(results[1].eval_decision, Decision::explicit_deny);
    EXPECT_EQ(results[2].eval_decision, Decision::implicit_deny);
    EXPECT_TRUE(results[2].matched_statements->empty());
    EXPECT_EQ(refused<iam::SimulatePrincipalPolicy>(
                  {.policy_source_arn = "arn:aws:iam::111222333444:user/none", .action_names = {"iam:ListRoles"}})
                  .code,
              "NoSuchEntity");
}

TEST_F(Simulations, OfDocumentsUseTheGivenContext) {
    const std::string document =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",)"
        R"("Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}]})";
    iam::SimulateCustomPolicyRequest request{.policy_input_list = {document}, .action_names = {"s3:GetObject"}};
    auto result = done<iam::SimulateCustomPolicy>(request).evaluation_results->at(0);
    EXPECT_EQ(result.eval_decision, Decision::implicit_deny);
    EXPECT_EQ(result.missing_context_values, std::vector<std::string>{"aws:PrincipalTag/team"});
    request.context_entries = {{.context_key_name = "aws:principaltag/team",
                                .context_key_values = {{"red"}},
                                .context_key_type = iam::ContextKeyTypeEnum::string}};
    result = done<iam::SimulateCustomPolicy>(request).evaluation_results->at(0);
    EXPECT_EQ(result.eval_decision, Decision::allowed);
    EXPECT_TRUE(result.missing_context_values->empty());
    request.permissions_boundary_policy_input_list = {{std::string(allows_lists)}};
    result = done<iam::SimulateCustomPolicy>(request).evaluation_results->at(0);
    EXPECT_EQ(result.eval_decision, Decision::implicit_deny);
    EXPECT_EQ(result.permissions_boundary_decision_detail->allowed_by_permissions_boundary, false);
    EXPECT_EQ(done<iam::GetContextKeysForCustomPolicy>({.policy_input_list = {document}}).context_key_names,
              std::vector<std::string>{"aws:PrincipalTag/team"});
    EXPECT_EQ(refused<iam::SimulateCustomPolicy>({.policy_input_list = {"{"}, .action_names = {"s3:GetObject"}}).code,
              "InvalidInput");
}

}  // namespace
}  // namespace sekisho::iam_service
