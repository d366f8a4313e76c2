#pragma once
// What the tests of Organizations share. Not part of the program.
#include <gtest/gtest.h>

#include "models/organizations.h"
#include "operation/testing.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {

inline constexpr std::string_view allow_everything =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

class Organizations : public ::testing::Test {
 protected:
    explicit Organizations(organizations::OrganizationFeatureSet set = organizations::OrganizationFeatureSet::all)
        : features(set) {}
    void SetUp() override {
        register_workers(house.outbox(), house.pipeline());
        const auto made =
            house.call<organizations::CreateOrganization>(house.administrator(), {.feature_set = features});
        ASSERT_TRUE(made.has_value()) << made.error().message;
        organization = *made->organization;
    }
    // Makes an account and gives its id, or the reason why it failed.
    std::string make_account(const std::string& email) {
        organizations::CreateAccountRequest request;
        request.email = email;
        request.account_name = "EKS-Account-1";
        const auto asked = house.call<organizations::CreateAccount>(house.administrator(), request);
        if (!asked) return asked.error().code;
        EXPECT_EQ(asked->create_account_status->state, organizations::CreateAccountState::in_progress);
        EXPECT_TRUE(house.settle());
        const auto status = house.call<organizations::DescribeCreateAccountStatus>(
            house.administrator(), {.create_account_request_id = *asked->create_account_status->id});
        if (!status) return status.error().code;
        if (status->create_account_status->failure_reason) {
            return std::string(enum_text(*status->create_account_status->failure_reason));
        }
        return *status->create_account_status->account_id;
    }
    // What became of a call: the code of its error, nothing for a success.
    template <class Op>
    std::string outcome(const access::Caller& caller, typename Op::Request request) {
        const auto answer = house.call<Op>(caller, std::move(request));
        return answer ? std::string() : answer.error().code;
    }
    // .. with the Reason of Organizations' exceptions.
    template <class Op>
    std::string reason(const access::Caller& caller, typename Op::Request request) {
        const auto answer = house.call<Op>(caller, std::move(request));
        if (answer) return {};
        for (const auto& [name, value] : answer.error().fields) {
            if (name == "Reason") return value;
        }
        return answer.error().code;
    }
    // The administrator of an account that belongs to nobody.
    access::Caller stranger(const std::string& account) {
        return house.user("owner", allow_everything, AccountId(account));
    }
    std::string invite(const std::string& account) {
        organizations::InviteAccountToOrganizationRequest request;
        request.target = {.id = account, .type = organizations::HandshakePartyType::account};
        const auto made = house.call<organizations::InviteAccountToOrganization>(house.administrator(), request);
        return made ? *made->handshake->id : made.error().code;
    }
    // A member that was invited; gives its administrator.
    access::Caller invited_member(const std::string& account) {
        auto owner = stranger(account);
        EXPECT_EQ(outcome<organizations::AcceptHandshake>(owner, {.handshake_id = invite(account)}), "");
        return owner;
    }
    organizations::HandshakeState state_of(const access::Caller& caller, const std::string& id) {
        return *house.call<organizations::DescribeHandshake>(caller, {.handshake_id = id})->handshake->state;
    }
    std::string root_id() {
        return *house.call<organizations::ListRoots>(house.administrator(), {})->roots->front().id;
    }
    std::string make_policy(const std::string& name, const std::string& content) {
        organizations::CreatePolicyRequest request;
        request.name = name;
        request.description = name;
        request.type = organizations::PolicyType::service_control_policy;
        request.content = content;
        const auto made = house.call<organizations::CreatePolicy>(house.administrator(), request);
        return made ? *made->policy->policy_summary->id : made.error().code;
    }

    operation::TestHouse house{register_operations};
    const organizations::OrganizationFeatureSet features;
    organizations::Organization organization;
};

}  // namespace sekisho::organizations_service
