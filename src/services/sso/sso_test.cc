#include "models/sso.h"

#include <gtest/gtest.h>

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "domain/iam.h"
#include "domain/oidc_client.h"
#include "domain/organization.h"
#include "domain/portal.h"
#include "domain/sessions.h"
#include "models/sso_oidc.h"
#include "operation/testing.h"
#include "services/sso/service.h"

namespace sekisho::sso_service {
namespace {

using sso_oidc::CreateToken;
using sso_oidc::RegisterClient;
using sso_oidc::StartDeviceAuthorization;

const std::string redirect_uri = "http://127.0.0.1:4321/oauth/callback";
const std::string verifier(64, 'v');

// One Identity Center; a person with a sign-in session, who holds one role of one account through a group.
class Sso : public testing::Test {
 protected:
    Sso() : house({register_operations}) {
        center.instance_arn = InstanceArn("arn:aws:sso:::instance/ssoins-1111222233334444");
        center.identity_store_id = store_id;
        center.owner_account_id = operation::TestHouse::account;
        center.organization_id = OrganizationId("o-exampleorgid");
        center.portal_host_name = "example";
        person.id = PersonId("11111111-2222-4333-8444-555555555555");
        person.identity_store_id = store_id;
        person.user_name = "eksadmin";
        membership = {.id = MembershipId("m-1"),
                      .identity_store_id = store_id,
                      .group_id = DirectoryGroupId("g-1"),
                      .person_id = person.id};
        set.arn = PermissionSetArn("arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-1111222233334444");
        set.instance_arn = center.instance_arn;
        set.name = "EKSClusterAdminAccess";
        (void)house.user("filler", "", member);
        join_organization(member);
        role = {.account_id = member,
                .name = "AWSReservedSSO_EKSClusterAdminAccess_0123456789abcdef",
                .path = "/aws-reserved/sso.amazonaws.com/",
                .id = PrincipalId("AROAEXAMPLEEXAMPLE123")};
        assignment = {.instance_arn = center.instance_arn,
                      .account_id = member,
                      .permission_set_arn = set.arn,
                      .assignee_kind = domain::AssigneeKind::group,
                      .assignee_id = "g-1"};
        provisioned = {.instance_arn = center.instance_arn,
                       .account_id = member,
                       .permission_set_arn = set.arn,
                       .role_name = role.name,
                       .role_id = role.id};
        session = {.id = SignInSessionId(access::hash_of_secret("cookie")),
                   .person_id = person.id,
                   .identity_store_id = store_id,
                   .person_epoch = person.epoch,
                   .created_at = house.clock().now(),
                   .expires_at = house.clock().now() + hours(8)};
        write([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::identity_centers.put(tx, center));
            SEK_TRY(domain::people.put(tx, person));
            SEK_TRY(domain::memberships.put(tx, membership));
            SEK_TRY(domain::permission_sets.put(tx, set));
            SEK_TRY(domain::roles.put(tx, role));
            SEK_TRY(domain::assignments.put(tx, assignment));
            SEK_TRY(domain::provisioned_roles.put(tx, provisioned));
            return domain::sign_in_sessions.put(tx, session);
        });
    }

    void join_organization(const AccountId& id) {
        write([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(auto account, domain::accounts.get(tx, id));
            account->organization_id = center.organization_id;
            return domain::accounts.put(tx, *account);
        });
    }
    void write(const std::function<Result<void>(store::Transaction&)>& fill) {
        const auto done = house.store().commit_and_wait(fill);
        ASSERT_TRUE(done) << done.error().message << done.error().cause;
    }
    template <class Op>
    Result<typename Op::Response> ask(typename Op::Request request, access::Caller caller = {}) {
        return house.call<Op>(caller, std::move(request));
    }
    sso_oidc::RegisterClientResponse register_client(std::vector<std::string> grants = {},
                                                     std::vector<std::string> redirects = {}, bool with_scope = true) {
        sso_oidc::RegisterClientRequest request{.client_name = "cli", .client_type = "public"};
        if (with_scope) request.scopes = {"sso:account:access"};
        if (!grants.empty()) request.grant_types = std::move(grants);
        if (!redirects.empty()) request.redirect_uris = std::move(redirects);
        auto made = ask<RegisterClient>(std::move(request));
        EXPECT_TRUE(made) << made.error().message;
        return *made;
    }
    sso_oidc::RegisterClientResponse register_pkce_client() {
        return register_client({"authorization_code", "refresh_token"}, {"http://127.0.0.1/oauth/callback"});
    }
    static sso_oidc::CreateTokenRequest token_request(const sso_oidc::RegisterClientResponse& client,
                                                      std::string_view grant) {
        return {
            .client_id = *client.client_id, .client_secret = *client.client_secret, .grant_type = std::string(grant)};
    }
    Result<sso_oidc::CreateTokenResponse> poll(const sso_oidc::RegisterClientResponse& client,
                                               const std::string& device_code) {
        auto request = token_request(client, domain::device_code_grant);
        request.device_code = device_code;
        return ask<CreateToken>(request);
    }
    Result<sso_oidc::CreateTokenResponse> refresh(const sso_oidc::RegisterClientResponse& client,
                                                  const std::string& token) {
        auto request = token_request(client, "refresh_token");
        request.refresh_token = token;
        return ask<CreateToken>(request);
    }
    sso_oidc::StartDeviceAuthorizationResponse start(const sso_oidc::RegisterClientResponse& client) {
        auto made = ask<StartDeviceAuthorization>({.client_id = *client.client_id,
                                                   .client_secret = *client.client_secret,
                                                   .start_url = "https://localhost:7443/start"});
        EXPECT_TRUE(made) << made.error().message;
        return *made;
    }
    // As the consent page's operation writes it.
    void decide(const std::string& device_code, const std::string& state) {
        write([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(auto grant, domain::device_grants.get(tx, access::hash_of_secret(device_code)));
            grant->state = state;
            if (state == "allowed") {
                grant->session_id = session.id;
                grant->person_id = person.id;
            }
            return domain::device_grants.put(tx, *grant);
        });
    }
    sso_oidc::CreateTokenResponse signed_in(const sso_oidc::RegisterClientResponse& client) {
        const auto started = start(client);
        decide(*started.device_code, "allowed");
        auto token = poll(client, *started.device_code);
        EXPECT_TRUE(token) << token.error().message;
        return *token;
    }
    std::string write_code(const sso_oidc::RegisterClientResponse& client) {
        const std::string code = "code-" + random_hex(system_random(), 16);
        write([&](store::Transaction& tx) {
            return domain::code_grants.put(
                tx, {.code_hash = access::hash_of_secret(code),
                     .client_id = access::hash_of_secret(*client.client_id),
                     .redirect_uri = redirect_uri,
                     .code_challenge = encode_base64url(crypto::sha256(verifier).view()),
                     .scopes = {"sso:account:access"},
                     .session_id = session.id,
                     .person_id = person.id,
                     .expires_at = house.clock().now() + seconds(limits::authorization_code_seconds),
                     .refreshes = true});
        });
        return code;
    }
    Result<sso_oidc::CreateTokenResponse> redeem(const sso_oidc::RegisterClientResponse& client,
                                                 const std::string& code, const std::string& proof = verifier,
                                                 const std::string& redirect = redirect_uri) {
        auto request = token_request(client, "authorization_code");
        request.code = code;
        request.code_verifier = proof;
        request.redirect_uri = redirect;
        return ask<CreateToken>(request);
    }
    access::Caller bearer(const std::string& token) {
        const auto snapshot = house.store().snapshot();
        const auto caller = access::authenticate_bearer(snapshot, token, house.clock().now());
        return caller ? *caller : access::Caller{};
    }
    bool works(const std::string& token) { return bearer(token).kind == access::CallerKind::person; }

    const IdentityStoreId store_id{"d-1234567890"};
    const AccountId member{"555566667777"};
    operation::TestHouse house;
    domain::IdentityCenter center;
    domain::Person person;
    domain::Membership membership;
    domain::PermissionSet set;
    domain::Role role;
    domain::Assignment assignment;
    domain::ProvisionedRole provisioned;
    domain::SignInSession session;
};

TEST_F(Sso, DeviceGrant) {
    const auto client = register_client();
    EXPECT_EQ(*client.client_secret_expires_at - *client.client_id_issued_at, limits::client_registration_seconds);
    const auto started = start(client);
    EXPECT_EQ(started.user_code->size(), 9U);
    EXPECT_EQ((*started.user_code)[4], '-');
    EXPECT_EQ(started.verification_uri_complete, "https://localhost:7443/device?user_code=" + *started.user_code);
    EXPECT_EQ(started.expires_in, 600);
    EXPECT_EQ(started.interval, 1);

    const auto pending = poll(client, *started.device_code);
    EXPECT_EQ(pending.error().code, "AuthorizationPendingException");
    EXPECT_EQ(pending.error().fields.front(), (std::pair<std::string, std::string>("error", "authorization_pending")));
    EXPECT_EQ(poll(client, *started.device_code).error().code, "SlowDownException");
    house.clock().advance(seconds(1));
    EXPECT_EQ(poll(client, *started.device_code).error().code, "AuthorizationPendingException");

    decide(*started.device_code, "allowed");
    const auto token = poll(client, *started.device_code);
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->token_type, "Bearer");
    EXPECT_EQ(token->expires_in, 3600);
    EXPECT_TRUE(token->refresh_token);
    EXPECT_TRUE(works(*token->access_token));
    EXPECT_EQ(poll(client, *started.device_code).error().code, "InvalidGrantException") << "a code is for one use";
}

TEST_F(Sso, DeviceCodesEndAreDeniedAndAreBoundToTheirClient) {
    const auto client = register_client();
    const auto denied = start(client);
    decide(*denied.device_code, "denied");
    EXPECT_EQ(poll(client, *denied.device_code).error().code, "AccessDeniedException");
    const auto other = start(client);
    decide(*other.device_code, "allowed");
    EXPECT_EQ(poll(register_client(), *other.device_code).error().code, "InvalidGrantException");
    EXPECT_EQ(poll(client, "unknown").error().code, "InvalidGrantException");
    house.clock().advance(seconds(600));
    EXPECT_EQ(poll(client, *other.device_code).error().code, "ExpiredTokenException");
}

TEST_F(Sso, StartUrlsAreOurOwn) {
    const auto client = register_client();
    const auto start_at = [&](const std::string& url) {
        return ask<StartDeviceAuthorization>(
                   {.client_id = *client.client_id, .client_secret = *client.client_secret, .start_url = url})
            .has_value();
    };
    for (const auto* url : {"https://localhost:7443/start", "https://localhost:7443/start/#/",
                            "https://d-1234567890.awsapps.com/start", "https://example.awsapps.com/start/"}) {
        EXPECT_TRUE(start_at(url)) << url;
    }
    for (const auto* url : {"https://evil.example/start", "https://d-0000000000.awsapps.com/start",
                            "https://localhost:7443/other", "http://example.awsapps.com/start", ""}) {
        EXPECT_FALSE(start_at(url)) << url;
    }
}

TEST_F(Sso, OpenGrantsAreCappedByAddress) {
    const auto client = register_client();
    for (std::size_t i = 0; i < limits::device_grants_per_address_max; ++i) (void)start(client);
    const sso_oidc::StartDeviceAuthorizationRequest request{.client_id = *client.client_id,
                                                            .client_secret = *client.client_secret,
                                                            .start_url = "https://localhost:7443/start"};
    EXPECT_EQ(ask<StartDeviceAuthorization>(request).error().code, "SlowDownException");
    house.clock().advance(seconds(limits::device_code_seconds));
    EXPECT_TRUE(ask<StartDeviceAuthorization>(request));
}

// Who has one IPv6 address has its whole /64.
TEST_F(Sso, OpenGrantsAreCappedByTheNetworkOfAnIpv6Address) {
    const auto client = register_client();
    const auto start_from = [&](std::string address) {
        auto promise = std::make_shared<std::promise<Result<sso_oidc::StartDeviceAuthorizationResponse>>>();
        auto answer = promise->get_future();
        access::RequestFacts facts;
        facts.region = Region("us-east-1");
        facts.source_address = std::move(address);
        house.pipeline().call<StartDeviceAuthorization>(
            access::Caller{}, std::move(facts),
            {.client_id = *client.client_id,
             .client_secret = *client.client_secret,
             .start_url = "https://localhost:7443/start"},
            [promise](auto response) { promise->set_value(std::move(response)); });
        return answer.get();
    };
    for (std::size_t i = 0; i < limits::device_grants_per_address_max; ++i) {
        ASSERT_TRUE(start_from("2001:db8:1:2::" + std::to_string(i + 1)));
    }
    EXPECT_EQ(start_from("2001:db8:1:2:ffff::9").error().code, "SlowDownException");
    EXPECT_TRUE(start_from("2001:db8:1:3::1"));
}

TEST_F(Sso, ClientsProveThemselvesAndEnd) {
    const auto client = register_client();
    const auto other = register_client();
    auto request = token_request(client, "refresh_token");
    request.client_secret = *other.client_secret;
    EXPECT_EQ(ask<CreateToken>(request).error().code, "InvalidClientException");
    EXPECT_EQ(ask<CreateToken>(request).error().http_status, 401);
    request.client_id = "forged";
    EXPECT_EQ(ask<CreateToken>(request).error().code, "InvalidClientException");
    EXPECT_EQ(ask<CreateToken>(token_request(client, "password")).error().code, "UnsupportedGrantTypeException");
    house.clock().advance(seconds(limits::client_registration_seconds));
    EXPECT_EQ(ask<CreateToken>(token_request(client, "refresh_token")).error().code, "InvalidClientException");
}

TEST_F(Sso, RegistrationsAreChecked) {
    const auto code_of = [&](sso_oidc::RegisterClientRequest request) {
        const auto made = ask<RegisterClient>(std::move(request));
        return made ? "" : made.error().code;
    };
    EXPECT_EQ(code_of({.client_name = "c", .client_type = "confidential"}), "InvalidClientMetadataException");
    EXPECT_EQ(code_of({.client_name = "c", .client_type = "public", .scopes = {{"all"}}}), "InvalidScopeException");
    EXPECT_EQ(code_of({.client_name = "c", .client_type = "public", .grant_types = {{"password"}}}),
              "UnsupportedGrantTypeException");
    for (const auto* uri : {"https://evil.example/", "http://localhost/cb", "http://127.0.0.1@evil.example/",
                            "http://127.0.0.1.evil.example/", "http://127.0.0.1/cb?x=1", "http://127.0.0.1/cb#f",
                            "http://127.0.0.1:/cb", "http://127.0.0.1:99999999/cb", "javascript:alert(1)"}) {
        EXPECT_EQ(code_of({.client_name = "c", .client_type = "public", .redirect_uris = {{uri}}}),
                  "InvalidRedirectUriException")
            << uri;
    }
    EXPECT_EQ(code_of({.client_name = "c",
                       .client_type = "public",
                       .redirect_uris = {{"http://127.0.0.1/oauth/callback", "http://[::1]:7/x"}},
                       .issuer_url = "https://d-1234567890.awsapps.com/start"}),
              "");
    EXPECT_EQ(code_of({.client_name = "c", .client_type = "public", .issuer_url = "https://evil.example/start"}),
              "InvalidRequestException");
}

TEST_F(Sso, RedirectsMatchButForThePort) {
    const domain::ClientRegistration client{.redirect_uris = {"http://127.0.0.1/oauth/callback"}};
    EXPECT_TRUE(domain::matches_redirect_uri(client, "http://127.0.0.1:4321/oauth/callback"));
    EXPECT_TRUE(domain::matches_redirect_uri(client, "http://127.0.0.1/oauth/callback"));
    EXPECT_FALSE(domain::matches_redirect_uri(client, "http://127.0.0.1:4321/oauth/callback/more"));
    EXPECT_FALSE(domain::matches_redirect_uri(client, "http://127.0.0.1:4321/other"));
    EXPECT_FALSE(domain::matches_redirect_uri(client, "http://[::1]:4321/oauth/callback"));
    EXPECT_FALSE(domain::matches_redirect_uri(client, "https://127.0.0.1:4321/oauth/callback"));
}

TEST_F(Sso, CodesNeedTheirVerifierRedirectAndClient) {
    const auto client = register_pkce_client();
    const auto code = write_code(client);
    EXPECT_EQ(redeem(client, code, std::string(64, 'w')).error().code, "InvalidGrantException");
    EXPECT_EQ(redeem(client, code, verifier, "http://127.0.0.1:4322/oauth/callback").error().code,
              "InvalidGrantException");
    EXPECT_EQ(redeem(register_pkce_client(), code).error().code, "InvalidGrantException");
    const auto token = redeem(client, code);
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_TRUE(works(*token->access_token));
    const auto late = write_code(client);
    house.clock().advance(seconds(limits::authorization_code_seconds));
    EXPECT_EQ(redeem(client, late).error().code, "InvalidGrantException");
}

TEST_F(Sso, ACodeShownTwiceTakesBackWhatItGave) {
    const auto client = register_pkce_client();
    const auto code = write_code(client);
    const auto token = redeem(client, code);
    ASSERT_TRUE(works(*token->access_token));
    EXPECT_EQ(redeem(client, code).error().code, "InvalidGrantException");
    EXPECT_FALSE(works(*token->access_token));
    EXPECT_EQ(refresh(client, *token->refresh_token).error().code, "InvalidGrantException");
}

TEST_F(Sso, RefreshTokensRotate) {
    const auto client = register_client();
    const auto first = signed_in(client);
    const auto second = refresh(client, *first.refresh_token);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_NE(second->refresh_token, first.refresh_token);
    EXPECT_TRUE(works(*second->access_token));
    // Two CLIs at once: the same successor within 60 seconds.
    house.clock().advance(seconds(limits::refresh_reuse_seconds));
    const auto same = refresh(client, *first.refresh_token);
    ASSERT_TRUE(same);
    EXPECT_EQ(same->refresh_token, second->refresh_token);
    // By another client: never, and it does no harm.
    EXPECT_EQ(refresh(register_client(), *second->refresh_token).error().code, "InvalidGrantException");
    EXPECT_TRUE(works(*second->access_token));
    // Later: the session ends, with all that was made from it.
    house.clock().advance(milliseconds(1));
    EXPECT_EQ(refresh(client, *first.refresh_token).error().code, "InvalidGrantException");
    EXPECT_FALSE(works(*second->access_token));
    EXPECT_EQ(refresh(client, *second->refresh_token).error().code, "InvalidGrantException");
}

TEST_F(Sso, ForgedRefreshTokensDoNoHarm) {
    const auto client = register_client();
    const auto token = signed_in(client);
    auto forged = *token.refresh_token;
    forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refresh(client, forged).error().code, "InvalidGrantException");
    EXPECT_TRUE(works(*token.access_token));
}

TEST_F(Sso, LegacyClientsGetALongerTokenAndNoRefresh) {
    const auto token = signed_in(register_client({}, {}, false));
    EXPECT_EQ(token.expires_in, 8 * 3600);
    EXPECT_FALSE(token.refresh_token);
}

TEST_F(Sso, TokensEndWithTheSessionAndThePerson) {
    const auto client = register_client();
    const auto token = signed_in(client);
    house.clock().advance(hours(7) + minutes(30));
    const auto late = refresh(client, *token.refresh_token);
    ASSERT_TRUE(late);
    EXPECT_EQ(late->expires_in, 30 * 60);
    person.enabled = false;
    write([&](store::Transaction& tx) { return domain::people.put(tx, person); });
    EXPECT_FALSE(works(*late->access_token));
    EXPECT_EQ(refresh(client, *late->refresh_token).error().code, "InvalidGrantException");
    // Enabled again, under a new epoch, one signs in anew.
    person.enabled = true;
    ++person.epoch;
    write([&](store::Transaction& tx) { return domain::people.put(tx, person); });
    EXPECT_FALSE(works(*late->access_token));
}

TEST_F(Sso, PortalShowsWhatIsHeldAndProvisioned) {
    const auto caller = bearer(*signed_in(register_client()).access_token);
    const auto accounts = ask<sso::ListAccounts>({}, caller);
    ASSERT_TRUE(accounts) << accounts.error().message;
    ASSERT_EQ(accounts->account_list->size(), 1U);
    EXPECT_EQ(accounts->account_list->front().account_id, member.str());
    const auto roles = ask<sso::ListAccountRoles>({.account_id = member.str()}, caller);
    ASSERT_TRUE(roles);
    ASSERT_EQ(roles->role_list->size(), 1U);
    EXPECT_EQ(roles->role_list->front().role_name, "EKSClusterAdminAccess");
    EXPECT_EQ(ask<sso::ListAccountRoles>({.account_id = "999999999999"}, caller).error().code, "ForbiddenException");
    write([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::provisioned_roles.erase(tx, member, set.arn));
        return {};
    });
    EXPECT_TRUE(ask<sso::ListAccounts>({}, caller)->account_list->empty());
    EXPECT_EQ(ask<sso::ListAccounts>({}).error().http_status, 403) << "anonymous callers are refused";
}

TEST_F(Sso, ListsArePaged) {
    for (int i = 0; i < 5; ++i) {
        const AccountId account("60000000000" + std::to_string(i));
        (void)house.user("filler", "", account);
        join_organization(account);
        write([&](store::Transaction& tx) -> Result<void> {
            auto other = assignment;
            other.account_id = account;
            SEK_TRY(domain::assignments.put(tx, other));
            auto made = provisioned;
            made.account_id = account;
            made.role_id = PrincipalId("AROAEXAMPLEEXAMPLE12" + std::to_string(i + 4));
            return domain::provisioned_roles.put(tx, made);
        });
    }
    const auto caller = bearer(*signed_in(register_client()).access_token);
    std::vector<std::string> seen;
    sso::ListAccountsRequest request{.max_results = 4};
    for (;;) {
        const auto page = ask<sso::ListAccounts>(request, caller);
        ASSERT_TRUE(page) << page.error().message;
        for (const auto& account : *page->account_list) seen.push_back(*account.account_id);
        if (!page->next_token) break;
        ASSERT_EQ(page->account_list->size(), 4U);
        request.next_token = page->next_token;
    }
    EXPECT_EQ(seen.size(), 6U);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(
        ask<sso::ListAccountRoles>({.next_token = request.next_token, .account_id = member.str()}, caller).error().code,
        "InvalidRequestException");
}

TEST_F(Sso, RoleCredentialsCarryThePersonAndTheGrant) {
    const auto caller = bearer(*signed_in(register_client()).access_token);
    const auto given = ask<sso::GetRoleCredentials>({.role_name = set.name, .account_id = member.str()}, caller);
    ASSERT_TRUE(given) << given.error().message;
    const auto& credentials = *given->role_credentials;
    EXPECT_EQ(credentials.expiration, epoch_milliseconds(house.clock().now() + hours(1)));
    const auto snapshot = house.store().snapshot();
    const auto claims =
        house.environment().tokens->open(snapshot, *credentials.session_token, *credentials.access_key_id);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->session_name, "eksadmin");
    EXPECT_EQ(claims->principal_id, role.id);
    EXPECT_EQ(claims->root.person_id, person.id);
    EXPECT_EQ(claims->root.sign_in_session_id, session.id);
    EXPECT_EQ(claims->root.assignee_kind, "GROUP");
    EXPECT_EQ(claims->root.permission_set_arn, set.arn);
}

TEST_F(Sso, RoleCredentialsEndWithTheSignInSession) {
    const auto caller = bearer(*signed_in(register_client()).access_token);
    set.session_seconds = 12 * 3600;
    write([&](store::Transaction& tx) { return domain::permission_sets.put(tx, set); });
    const auto given = ask<sso::GetRoleCredentials>({.role_name = set.name, .account_id = member.str()}, caller);
    EXPECT_EQ(given->role_credentials->expiration, epoch_milliseconds(session.expires_at));
}

TEST_F(Sso, RolesThatAreNotHeldAreRefused) {
    const auto caller = bearer(*signed_in(register_client()).access_token);
    const auto refused = [&](const std::string& name, const std::string& account) {
        return ask<sso::GetRoleCredentials>({.role_name = name, .account_id = account}, caller).error();
    };
    EXPECT_EQ(refused("AdministratorAccess", member.str()).code, "ForbiddenException");
    EXPECT_EQ(refused(set.name, operation::TestHouse::account.str()).message, "No access");
    write([&](store::Transaction& tx) -> Result<void> {
        SEK_TRY(domain::memberships.erase(tx, store_id, membership.group_id, person.id));
        return {};
    });
    EXPECT_EQ(refused(set.name, member.str()).code, "ForbiddenException");
}

TEST_F(Sso, LogoutEndsTheSession) {
    const auto token = signed_in(register_client());
    ASSERT_TRUE(ask<sso::Logout>({}, bearer(*token.access_token)));
    EXPECT_FALSE(works(*token.access_token));
}

}  // namespace
}  // namespace sekisho::sso_service
