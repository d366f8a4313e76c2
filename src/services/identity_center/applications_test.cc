#include "domain/applications.h"

#include "services/identity_center/test_center.h"

namespace sekisho::identity_center_service {
namespace {

using sso_admin::GrantType;
using sso_admin::PrincipalType;

constexpr std::string_view provider = "arn:aws:sso::aws:applicationProvider/custom";

class Applications : public CenterTest {
 protected:
    std::string make_application(const std::string& name, const std::string& token = {}) {
        sso_admin::CreateApplicationRequest request{
            .instance_arn = instance, .application_provider_arn = std::string(provider), .name = name};
        if (!token.empty()) request.client_token = token;
        return *must<sso_admin::CreateApplication>(request).application_arn;
    }
    template <class Op>
    typename Op::Request on(const std::string& arn) const {
        typename Op::Request request;
        request.application_arn = arn;
        return request;
    }
    std::vector<std::string> applications_of(const std::string& principal, PrincipalType type) {
        sso_admin::ListApplicationAssignmentsForPrincipalRequest request;
        request.instance_arn = instance;
        request.principal_id = principal;
        request.principal_type = type;
        std::vector<std::string> arns;
        const auto listed = must<sso_admin::ListApplicationAssignmentsForPrincipal>(request);
        for (const auto& assignment : *listed.application_assignments) arns.push_back(*assignment.application_arn);
        return arns;
    }
};

TEST_F(Applications, AreMadeSeenChangedAndGone) {
    const auto arn = make_application("grafana");
    EXPECT_TRUE(arn.starts_with("arn:aws:sso::" + operation::TestHouse::account.str() + ":application/ssoins-"));
    auto seen = must<sso_admin::DescribeApplication>(on<sso_admin::DescribeApplication>(arn));
    EXPECT_EQ(seen.name, "grafana");
    EXPECT_EQ(seen.status, sso_admin::ApplicationStatus::enabled);
    EXPECT_EQ(seen.portal_options->visibility, sso_admin::ApplicationVisibility::enabled);
    EXPECT_FALSE(seen.portal_options->sign_in_options.has_value());

    auto change = on<sso_admin::UpdateApplication>(arn);
    change.status = sso_admin::ApplicationStatus::disabled;
    change.portal_options.emplace().sign_in_options =
        sso_admin::SignInOptions{.origin = sso_admin::SignInOrigin::application, .application_url = {}};
    EXPECT_EQ(refused<sso_admin::UpdateApplication>(change).code, "ValidationException");
    change.portal_options->sign_in_options->application_url = "https://grafana.example.com/";
    must<sso_admin::UpdateApplication>(change);
    seen = must<sso_admin::DescribeApplication>(on<sso_admin::DescribeApplication>(arn));
    EXPECT_EQ(seen.name, "grafana");
    EXPECT_EQ(seen.status, sso_admin::ApplicationStatus::disabled);
    EXPECT_EQ(seen.portal_options->sign_in_options->application_url, "https://grafana.example.com/");

    must<sso_admin::DeleteApplication>(on<sso_admin::DeleteApplication>(arn));
    EXPECT_EQ(refused<sso_admin::DescribeApplication>(on<sso_admin::DescribeApplication>(arn)).code,
              "ResourceNotFoundException");
    EXPECT_TRUE(must<sso_admin::ListApplications>({.instance_arn = instance}).applications->empty());
}

TEST_F(Applications, AClientTokenMakesOneOnly) {
    EXPECT_EQ(make_application("a", "token-1"), make_application("a", "token-1"));
    EXPECT_NE(make_application("a"), make_application("a"));
    EXPECT_EQ(must<sso_admin::ListApplications>({.instance_arn = instance}).applications->size(), 3u);
}

TEST_F(Applications, OnlyTheCustomProviderMakesThem) {
    EXPECT_EQ(must<sso_admin::ListApplicationProviders>({}).application_providers->size(), 1u);
    EXPECT_EQ(must<sso_admin::DescribeApplicationProvider>({.application_provider_arn = std::string(provider)})
                  .federation_protocol,
              sso_admin::FederationProtocol::oauth);
    sso_admin::CreateApplicationRequest request{
        .instance_arn = instance, .application_provider_arn = "arn:aws:sso::aws:applicationProvider/qs", .name = "x"};
    EXPECT_EQ(refused<sso_admin::CreateApplication>(request).code, "ResourceNotFoundException");
}

TEST_F(Applications, AnotherAccountMayNothingAndLearnsNothing) {
    const auto arn = make_application("secret");
    const auto there = house.call<sso_admin::DescribeApplication>(outsider, on<sso_admin::DescribeApplication>(arn));
    auto other = arn;
    other.back() = other.back() == '0' ? '1' : '0';
    const auto nowhere =
        house.call<sso_admin::DescribeApplication>(outsider, on<sso_admin::DescribeApplication>(other));
    ASSERT_FALSE(there.has_value());
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_EQ(there.error().code, "AccessDeniedException");
    EXPECT_EQ(nowhere.error().code, "AccessDeniedException");
}

TEST_F(Applications, GrantsAreOfTheirType) {
    const auto arn = make_application("app");
    auto put = on<sso_admin::PutApplicationGrant>(arn);
    put.grant_type = GrantType::authorization_code;
    put.grant.refresh_token.emplace();
    EXPECT_EQ(refused<sso_admin::PutApplicationGrant>(put).code, "ValidationException");
    put.grant = {};
    for (const std::string bad : {"http://app.example.com/callback", "https://", "https://a/#b", "javascript:x"}) {
        put.grant.authorization_code = sso_admin::AuthorizationCodeGrant{.redirect_uris = std::vector{bad}};
        EXPECT_EQ(refused<sso_admin::PutApplicationGrant>(put).code, "ValidationException") << bad;
    }
    const std::vector<std::string> uris{"https://app.example.com/callback", "http://127.0.0.1/oauth"};
    put.grant.authorization_code = sso_admin::AuthorizationCodeGrant{.redirect_uris = uris};
    must<sso_admin::PutApplicationGrant>(put);
    must<sso_admin::PutApplicationGrant>(put);  // in place of the one before
    put.grant = {};
    put.grant_type = GrantType::refresh_token;
    put.grant.refresh_token.emplace();
    must<sso_admin::PutApplicationGrant>(put);

    const auto listed = must<sso_admin::ListApplicationGrants>(on<sso_admin::ListApplicationGrants>(arn)).grants;
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_EQ(listed[0].grant_type, GrantType::authorization_code);
    EXPECT_EQ(listed[0].grant.authorization_code->redirect_uris, uris);
    EXPECT_TRUE(listed[1].grant.refresh_token.has_value());

    auto take = on<sso_admin::DeleteApplicationGrant>(arn);
    take.grant_type = GrantType::authorization_code;
    must<sso_admin::DeleteApplicationGrant>(take);
    auto get = on<sso_admin::GetApplicationGrant>(arn);
    get.grant_type = GrantType::authorization_code;
    EXPECT_EQ(refused<sso_admin::GetApplicationGrant>(get).code, "ResourceNotFoundException");
}

TEST_F(Applications, ScopesMethodsAndSwitches) {
    const auto arn = make_application("app");
    auto scope = on<sso_admin::PutApplicationAccessScope>(arn);
    for (int i = 0; i < 10; ++i) {
        scope.scope = "s3:access" + std::to_string(i);
        must<sso_admin::PutApplicationAccessScope>(scope);
    }
    scope.scope = "one:more";
    EXPECT_EQ(refused<sso_admin::PutApplicationAccessScope>(scope).code, "ValidationException");
    auto page = on<sso_admin::ListApplicationAccessScopes>(arn);
    page.max_results = 7;
    const auto first = must<sso_admin::ListApplicationAccessScopes>(page);
    EXPECT_EQ(first.scopes.size(), 7u);
    page.next_token = first.next_token;
    EXPECT_EQ(must<sso_admin::ListApplicationAccessScopes>(page).scopes.size(), 3u);

    auto method = on<sso_admin::PutApplicationAuthenticationMethod>(arn);
    method.authentication_method.iam =
        sso_admin::IamAuthenticationMethod{.actor_policy = R"({"Version":"2012-10-17"})"};
    EXPECT_EQ(refused<sso_admin::PutApplicationAuthenticationMethod>(method).code, "ValidationException");
    method.authentication_method.iam->actor_policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},)"
        R"("Action":"sso-oauth:CreateTokenWithIAM","Resource":"*"}]})";
    must<sso_admin::PutApplicationAuthenticationMethod>(method);
    EXPECT_EQ(
        must<sso_admin::ListApplicationAuthenticationMethods>(on<sso_admin::ListApplicationAuthenticationMethods>(arn))
            .authentication_methods->size(),
        1u);
    must<sso_admin::DeleteApplicationAuthenticationMethod>(on<sso_admin::DeleteApplicationAuthenticationMethod>(arn));
    EXPECT_EQ(
        refused<sso_admin::GetApplicationAuthenticationMethod>(on<sso_admin::GetApplicationAuthenticationMethod>(arn))
            .code,
        "ResourceNotFoundException");

    const auto required = [&] {
        return must<sso_admin::GetApplicationAssignmentConfiguration>(
                   on<sso_admin::GetApplicationAssignmentConfiguration>(arn))
            .assignment_required;
    };
    EXPECT_TRUE(required());
    must<sso_admin::PutApplicationAssignmentConfiguration>({.application_arn = arn, .assignment_required = false});
    EXPECT_FALSE(required());
}

TEST_F(Applications, AssignmentsReachAPersonThroughTheirGroups) {
    const auto person = make_user("a");
    const auto group = make_group("g");
    add_member(group, person);
    const auto mine = make_application("mine");
    const auto ours = make_application("ours");
    must<sso_admin::CreateApplicationAssignment>(
        {.application_arn = mine, .principal_id = person, .principal_type = PrincipalType::user});
    must<sso_admin::CreateApplicationAssignment>(
        {.application_arn = ours, .principal_id = group, .principal_type = PrincipalType::group});
    EXPECT_EQ(refused<sso_admin::CreateApplicationAssignment>(
                  {.application_arn = mine, .principal_id = person, .principal_type = PrincipalType::user})
                  .code,
              "ConflictException");
    EXPECT_EQ(refused<sso_admin::CreateApplicationAssignment>(
                  {.application_arn = mine, .principal_id = person, .principal_type = PrincipalType::group})
                  .code,
              "ResourceNotFoundException");
    EXPECT_EQ(applications_of(person, PrincipalType::user), (std::vector{mine, ours}));
    EXPECT_EQ(applications_of(group, PrincipalType::group), std::vector{ours});

    must<sso_admin::DeleteApplicationAssignment>(
        {.application_arn = mine, .principal_id = person, .principal_type = PrincipalType::user});
    EXPECT_EQ(applications_of(person, PrincipalType::user), std::vector{ours});
}

TEST_F(Applications, NothingStaysOfADeletedApplicationOrGroup) {
    const auto arn = make_application("app");
    const auto other = make_application("other");
    const auto gone = make_group("gone");
    for (int i = 0; i < 60; ++i) {
        must<sso_admin::CreateApplicationAssignment>({.application_arn = arn,
                                                      .principal_id = make_group("g" + std::to_string(i)),
                                                      .principal_type = PrincipalType::group});
    }
    must<sso_admin::CreateApplicationAssignment>(
        {.application_arn = other, .principal_id = gone, .principal_type = PrincipalType::group});
    must<sso_admin::DeleteApplication>(on<sso_admin::DeleteApplication>(arn));
    must<identitystore::DeleteGroup>({.identity_store_id = identity_store, .group_id = gone});
    ASSERT_TRUE(house.settle());
    const auto snapshot = house.store().snapshot();
    EXPECT_TRUE(domain::application_assignments.scan(snapshot, "", {})->items.empty());
}

TEST_F(Applications, TrustedTokenIssuers) {
    sso_admin::CreateTrustedTokenIssuerRequest request{.instance_arn = instance, .name = "okta"};
    EXPECT_EQ(refused<sso_admin::CreateTrustedTokenIssuer>(request).code, "ValidationException");
    request.trusted_token_issuer_configuration.oidc_jwt_configuration =
        sso_admin::OidcJwtConfiguration{.issuer_url = "http://okta.example.com",
                                        .claim_attribute_path = "email",
                                        .identity_store_attribute_path = "emails.value"};
    EXPECT_EQ(refused<sso_admin::CreateTrustedTokenIssuer>(request).code, "ValidationException");
    request.trusted_token_issuer_configuration.oidc_jwt_configuration->issuer_url = "https://okta.example.com";
    request.client_token = "once";
    const auto arn = *must<sso_admin::CreateTrustedTokenIssuer>(request).trusted_token_issuer_arn;
    EXPECT_EQ(must<sso_admin::CreateTrustedTokenIssuer>(request).trusted_token_issuer_arn, arn);
    request.client_token = "twice";
    EXPECT_EQ(refused<sso_admin::CreateTrustedTokenIssuer>(request).code, "ConflictException");

    sso_admin::UpdateTrustedTokenIssuerRequest change{.trusted_token_issuer_arn = arn};
    change.trusted_token_issuer_configuration.emplace().oidc_jwt_configuration = sso_admin::OidcJwtUpdateConfiguration{
        .claim_attribute_path = "upn", .identity_store_attribute_path = {}, .jwks_retrieval_option = {}};
    must<sso_admin::UpdateTrustedTokenIssuer>(change);
    const auto seen = must<sso_admin::DescribeTrustedTokenIssuer>({.trusted_token_issuer_arn = arn});
    const auto& configuration = *seen.trusted_token_issuer_configuration->oidc_jwt_configuration;
    EXPECT_EQ(configuration.claim_attribute_path, "upn");
    EXPECT_EQ(configuration.identity_store_attribute_path, "emails.value");

    const auto application = make_application("app");
    auto put = on<sso_admin::PutApplicationGrant>(application);
    put.grant_type = GrantType::urn_ietf_params_oauth_grant_type_jwt_bearer;
    put.grant.jwt_bearer = sso_admin::JwtBearerGrant{
        .authorized_token_issuers = std::vector<sso_admin::AuthorizedTokenIssuer>{
            {.trusted_token_issuer_arn = arn, .authorized_audiences = std::vector<std::string>{"app"}}}};
    must<sso_admin::PutApplicationGrant>(put);
    must<sso_admin::TagResource>({.instance_arn = {}, .resource_arn = arn, .tags = {{.key = "team", .value = "id"}}});
    EXPECT_EQ(must<sso_admin::ListTagsForResource>({.instance_arn = {}, .resource_arn = arn}).tags->size(), 1u);
    must<sso_admin::DeleteTrustedTokenIssuer>({.trusted_token_issuer_arn = arn});
    EXPECT_TRUE(must<sso_admin::ListTrustedTokenIssuers>({.instance_arn = instance}).trusted_token_issuers->empty());
    EXPECT_EQ(refused<sso_admin::PutApplicationGrant>(put).code, "ResourceNotFoundException");
}

}  // namespace
}  // namespace sekisho::identity_center_service
