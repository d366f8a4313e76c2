#pragma once
// What this room's tests share.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/iam.h"
#include "operation/testing.h"
#include "services/iam/service.h"

namespace sekisho::iam_service {

inline constexpr std::string_view trusts_account =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111222333444:root"},)"
    R"("Action":"sts:AssumeRole"}]})";
inline constexpr std::string_view allows_lists =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:List*","Resource":"*"}]})";
inline constexpr std::string_view view_only = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess";

class IamTest : public testing::Test {
 protected:
    template <class Op>
    Result<typename Op::Response> as_admin(typename Op::Request request) {
        return house.call<Op>(house.administrator(), std::move(request));
    }
    // The call is refused: its error.
    template <class Op>
    ApiError refused(typename Op::Request request) {
        auto answer = as_admin<Op>(std::move(request));
        EXPECT_FALSE(answer.has_value()) << Op::model.name << " was answered";
        return answer ? ApiError{} : answer.error();
    }
    template <class Op>
    typename Op::Response done(typename Op::Request request) {
        auto answer = as_admin<Op>(std::move(request));
        EXPECT_TRUE(answer.has_value()) << Op::model.name << ": "
                                        << (answer ? ""
                                                   : answer.error().code + " " + answer.error().message +
                                                         answer.error().cause);
        return answer ? std::move(*answer) : typename Op::Response{};
    }
    iam::Role make_role(const std::string& name, std::string_view trust = trusts_account,
                        const std::string& path = "/") {
        return done<iam::CreateRole>(
                   {.path = path, .role_name = name, .assume_role_policy_document = std::string(trust)})
            .role;
    }
    iam::User make_user(const std::string& name, const std::string& path = "/") {
        return *done<iam::CreateUser>({.path = path, .user_name = name}).user;
    }
    iam::Policy make_policy(const std::string& name, std::string_view document = allows_lists) {
        return *done<iam::CreatePolicy>({.policy_name = name, .policy_document = std::string(document)}).policy;
    }

    operation::TestHouse house{register_operations};
};

inline void expect_error(const ApiError& error, std::string_view code, std::string_view message, int status) {
    EXPECT_EQ(error.code, code);
    EXPECT_EQ(error.message, message);
    EXPECT_EQ(error.http_status, status);
}

}  // namespace sekisho::iam_service
