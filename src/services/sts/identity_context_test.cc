// AssumeRole with ProvidedContexts: a role session that carries a person of Identity Center.
#include <gtest/gtest.h>

#include "access/authorize.h"
#include "access/liveness.h"
#include "domain/applications.h"
#include "domain/iam.h"
#include "domain/sessions.h"
#include "models/sts.h"
#include "operation/testing.h"
#include "services/sts/service.h"

namespace sekisho::sts_service {
namespace {

using operation::TestHouse;

constexpr std::string_view provider = "arn:aws:iam::aws:contextProvider/IdentityCenter";
constexpr std::string_view role_arn = "arn:aws:iam::111222333444:role/r";

std::string trusting(std::string_view actions, std::string_view condition = "") {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111222333444:root"},)"
           R"("Action":[)" +
           std::string(actions) + "]" + std::string(condition) + "}]}";
}

class IdentityContexts : public testing::Test {
 protected:
    IdentityContexts() {
        center.instance_arn = InstanceArn("arn:aws:sso:::instance/ssoins-1111222233334444");
        center.identity_store_id = IdentityStoreId("d-1234567890");
        center.owner_account_id = TestHouse::account;
        person.id = PersonId("11111111-2222-4333-8444-555555555555");
        person.identity_store_id = center.identity_store_id;
        person.user_name = "eksadmin";
        application.arn = "arn:aws:sso::111222333444:application/ssoins-1111222233334444/apl-5555666677778888";
        application.instance_arn = center.instance_arn;
        application.account_id = TestHouse::account;
        session = {.id = SignInSessionId("session"),
                   .person_id = person.id,
                   .identity_store_id = center.identity_store_id,
                   .person_epoch = person.epoch,
                   .created_at = house.clock().now(),
                   .expires_at = house.clock().now() + hours(8)};
        write([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::identity_centers.put(tx, center));
            SEK_TRY(domain::people.put(tx, person));
            SEK_TRY(domain::applications.put(tx, application));
            return domain::sign_in_sessions.put(tx, session);
        });
        put_role(trusting(R"("sts:AssumeRole","sts:SetContext")"));
    }
    template <class Write>
    void write(Write fill) {
        const auto done = house.store().commit_and_wait(fill);
        ASSERT_TRUE(done) << done.error().message << done.error().cause;
    }
    void put_role(const std::string& trust) {
        write([&](store::Transaction& tx) -> Result<void> {
            return domain::roles.put(tx, {.account_id = TestHouse::account,
                                          .name = "r",
                                          .path = "/",
                                          .id = role_id,
                                          .trust_policy = trust,
                                          .created_at = house.clock().now()});
        });
    }
    access::IdentityContext context() {
        return {.identity_store_id = center.identity_store_id,
                .person_id = person.id,
                .person_epoch = person.epoch,
                .sign_in_session_id = session.id,
                .application_arn = application.arn,
                .expires_at = house.clock().now() + hours(1)};
    }
    std::string seal(const access::IdentityContext& made) {
        return house.environment().tokens->seal_context(made).value();
    }
    Result<sts::AssumeRoleResponse> assume(const std::string& assertion, std::string_view from = provider) {
        sts::AssumeRoleRequest request{.role_arn = std::string(role_arn), .role_session_name = "s"};
        request.provided_contexts =
            std::vector<sts::ProvidedContext>{{.provider_arn = std::string(from), .context_assertion = assertion}};
        return house.call<sts::AssumeRole>(house.administrator(), request);
    }
    std::string refused(const Result<sts::AssumeRoleResponse>& answer) { return answer ? "" : answer.error().code; }
    access::Caller caller_of(const sts::AssumeRoleResponse& answer) {
        const auto claims =
            house.environment()
                .tokens
                ->open(house.store().snapshot(), answer.credentials->session_token, answer.credentials->access_key_id)
                .value();
        access::Caller caller;
        caller.kind = access::CallerKind::role_session;
        caller.account_id = claims.account_id;
        caller.principal_id = claims.principal_id;
        caller.role_name = claims.principal_name;
        caller.session_name = claims.session_name;
        caller.arn = "arn:aws:sts::111222333444:assumed-role/r/s";
        caller.principal_arn = role_arn;
        caller.issued_at = claims.issued_at;
        caller.expires_at = claims.expires_at;
        caller.root = claims.root;
        return caller;
    }
    access::Liveness liveness(access::Caller caller) {
        return access::check_liveness(house.store().snapshot(), caller, house.clock().now());
    }

    TestHouse house{register_operations};
    domain::IdentityCenter center;
    domain::Person person;
    domain::Application application;
    domain::SignInSession session;
    const PrincipalId role_id{domain::make_unique_id("AROA", TestHouse::account, system_random())};
};

TEST_F(IdentityContexts, ARoleSessionCarriesThePerson) {
    const auto answer = assume(seal(context()));
    ASSERT_TRUE(answer) << answer.error().message << answer.error().cause;
    auto caller = caller_of(*answer);
    EXPECT_EQ(caller.root.identity_context->person_id, person.id);
    EXPECT_TRUE(caller.root.user_id) << "and whoever assumed it";
    EXPECT_EQ(liveness(caller), access::Liveness::alive);
    // AWS's list of what such a session may do, whatever the role allows.
    write([&](store::Transaction& tx) -> Result<void> {
        return domain::principal_policies.put(
            tx, {.principal_id = role_id,
                 .inline_policies = {{"all", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*",)"
                                             R"("Resource":"*"}]})"}}});
    });
    const auto may = [&](const access::Caller& who, const std::string& action) {
        return !access::authorize(house.store().snapshot(), who, {}, house.clock().now(), {{.action = action}});
    };
    EXPECT_TRUE(may(caller, "s3:GetDataAccess"));
    EXPECT_FALSE(may(caller, "iam:CreateUser"));
    auto plain = caller;
    plain.root.identity_context.reset();
    EXPECT_TRUE(may(plain, "iam:CreateUser"));
}

TEST_F(IdentityContexts, TheTrustPolicyDecides) {
    put_role(trusting(R"("sts:AssumeRole")"));
    const auto denied = assume(seal(context()));
    EXPECT_EQ(refused(denied), "AccessDenied");
    EXPECT_NE(denied.error().message.find("sts:SetContext"), std::string::npos) << denied.error().message;
    const auto both = R"("sts:AssumeRole","sts:SetContext")";
    put_role(trusting(both, R"(,"Condition":{"ForAllValues:ArnEquals":{"sts:RequestContextProviders":[")" +
                                std::string(provider) + R"("]}})"));
    EXPECT_EQ(refused(assume(seal(context()))), "");
    const auto person_is = [](std::string_view id) {
        return R"(,"Condition":{"StringEquals":{"sts:RequestContext/identitystore:UserId":")" + std::string(id) +
               R"("}})";
    };
    put_role(trusting(both, person_is(person.id.str())));
    EXPECT_EQ(refused(assume(seal(context()))), "");
    put_role(trusting(both, person_is("somebody-else")));
    EXPECT_EQ(refused(assume(seal(context()))), "AccessDenied");
}

TEST_F(IdentityContexts, OnlyAssertionsOfOursThatStand) {
    EXPECT_EQ(refused(assume("nonsense")), "ValidationError");
    EXPECT_EQ(refused(assume(house.environment().tokens->seal("something else", "x"))), "ValidationError");
    EXPECT_EQ(refused(assume(seal(context()), "arn:aws:iam::aws:contextProvider/Other")), "ValidationError");
    auto over = context();
    over.expires_at = house.clock().now();
    EXPECT_EQ(refused(assume(seal(over))), "ExpiredTokenException");
    auto before = context();
    ++before.person_epoch;
    EXPECT_EQ(refused(assume(seal(before))), "ValidationError");
    // The role's account has nothing to do with the person's instance.
    center.owner_account_id = AccountId("999888777666");
    write([&](store::Transaction& tx) { return domain::identity_centers.put(tx, center); });
    EXPECT_EQ(refused(assume(seal(context()))), "ValidationError");
}

TEST_F(IdentityContexts, TheSessionDiesWithWhatItHangsOn) {
    const auto caller = caller_of(assume(seal(context())).value());
    write([&](store::Transaction& tx) -> Result<void> {
        auto leaver = person;
        leaver.enabled = false;
        ++leaver.epoch;
        return domain::people.put(tx, leaver);
    });
    EXPECT_EQ(liveness(caller), access::Liveness::revoked);
    write([&](store::Transaction& tx) { return domain::people.put(tx, person); });
    EXPECT_EQ(liveness(caller), access::Liveness::alive);
    write([&](store::Transaction& tx) -> Result<void> {
        auto off = application;
        off.enabled = false;
        return domain::applications.put(tx, off);
    });
    EXPECT_EQ(liveness(caller), access::Liveness::revoked);
    write([&](store::Transaction& tx) { return domain::applications.put(tx, application); });
    write([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::sign_in_sessions.erase(tx, session.id));
        return {};
    });
    EXPECT_EQ(liveness(caller), access::Liveness::revoked);
    write([&](store::Transaction& tx) { return domain::sign_in_sessions.put(tx, session); });
    write([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::identity_centers.erase(tx, center.instance_arn));
        return {};
    });
    EXPECT_EQ(liveness(caller), access::Liveness::revoked) << "the instance is deleted";
}

}  // namespace
}  // namespace sekisho::sts_service
