#pragma once
// A portal in a house whose sign-in and consent operations give fixed answers, for this room's tests: what the pages do
// with answers. The operations themselves are tested where they live.
#include <future>
#include <optional>
#include <string>

#include "access/authenticate.h"
#include "domain/directory.h"
#include "domain/sessions.h"
#include "models/control.h"
#include "models/sso.h"
#include "operation/testing.h"
#include "portal/portal.h"

namespace sekisho::portal {

inline constexpr std::string_view session_secret = "the-session-secret-of-the-test";
inline constexpr std::string_view key_options = R"({"challenge":"Y2hhbGxlbmdl","rpId":"localhost"})";
inline constexpr std::string_view evil_name = "<b>Evil</b> & \"Co\"";

using operation::Access;
using operation::Call;

// A code of "123456" and a password of "Right-1!" are right.
template <class Response>
Response step_of(control::SignInStep step) {
    Response response;
    response.step = step;
    response.attempt_token = "attempt-" + std::to_string(static_cast<int>(step));
    const bool has_types = step == control::SignInStep::mfa_enrolment || step == control::SignInStep::mfa_code;
    if (has_types) response.mfa_types = {control::MfaType::authenticator_app, control::MfaType::security_key};
    if (step == control::SignInStep::mfa_code) response.web_authn_options = std::string(key_options);
    if (step == control::SignInStep::done) response.session_token = std::string(session_secret);
    response.return_to = "/account";
    return response;
}

inline void register_answers(operation::Registry& registry) {
    using namespace control;
    const operation::OperationTable table = {
        operation::operation<StartSignIn>({.access = Access::read,
                                           .resources = operation::anyone,
                                           .handle =
                                               [](Call&, const StartSignInRequest&) {
                                                   return Result<StartSignInResponse>(
                                                       step_of<StartSignInResponse>(SignInStep::password));
                                               }}),
        operation::operation<SubmitPassword>(
            {.access = Access::read,
             .resources = operation::anyone,
             .handle = [](Call&, const SubmitPasswordRequest& request) -> Result<SubmitPasswordResponse> {
                 if (request.attempt_token == "over") return control::errors::invalid_token_exception("over");
                 if (request.password == "Enrol-1!") return step_of<SubmitPasswordResponse>(SignInStep::mfa_enrolment);
                 if (request.password != "Right-1!") {
                     return control::errors::sign_in_failed_exception("The user name or password is not correct.");
                 }
                 return step_of<SubmitPasswordResponse>(SignInStep::mfa_code);
             }}),
        operation::operation<SubmitMfaCode>(
            {.access = Access::read,
             .resources = operation::anyone,
             .handle = [](Call&, const SubmitMfaCodeRequest& request) -> Result<SubmitMfaCodeResponse> {
                 if (request.code != "123456") return control::errors::sign_in_failed_exception("Wrong code.");
                 return step_of<SubmitMfaCodeResponse>(SignInStep::done);
             }}),
        operation::operation<RequestFirstSignInCode>(
            {.access = Access::read,
             .resources = operation::anyone,
             .handle = [](Call&,
                          const RequestFirstSignInCodeRequest& request) -> Result<RequestFirstSignInCodeResponse> {
                 if (request.attempt_token == "over") return control::errors::invalid_token_exception("over");
                 if (request.attempt_token == "busy") {
                     return control::errors::throttling_exception("Too many requests. Wait a while, then try again.");
                 }
                 return step_of<RequestFirstSignInCodeResponse>(SignInStep::first_sign_in_code);
             }}),
        operation::operation<SubmitFirstSignInCode>(
            {.access = Access::read,
             .resources = operation::anyone,
             .handle = [](Call&, const SubmitFirstSignInCodeRequest& request) -> Result<SubmitFirstSignInCodeResponse> {
                 if (request.code != "123456") {
                     return control::errors::sign_in_failed_exception("The code is not correct. Enter the newest one.");
                 }
                 return step_of<SubmitFirstSignInCodeResponse>(SignInStep::new_password);
             }}),
        operation::operation<StartMfaEnrolment>(
            {.access = Access::read,
             .resources = operation::anyone,
             .handle = [](Call&, const StartMfaEnrolmentRequest& request) -> Result<StartMfaEnrolmentResponse> {
                 if (request.type == MfaType::security_key) {
                     StartMfaEnrolmentResponse response{.enrolment_token = "enrolment"};
                     response.web_authn_options = std::string(key_options);
                     return response;
                 }
                 return StartMfaEnrolmentResponse{.enrolment_token = "enrolment",
                                                  .seed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
                                                  .qr_svg =
                                                      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 4 "
                                                      "4\"><path d=\"M0 0h2v2H0z\"/></svg>"};
             }}),
        operation::operation<ConfirmMfaEnrolment>(
            {.access = Access::read,
             .resources = operation::anyone,
             .handle = [](Call&, const ConfirmMfaEnrolmentRequest& request) -> Result<ConfirmMfaEnrolmentResponse> {
                 if (request.code != "123456" && request.credential != "right") {
                     return control::errors::sign_in_failed_exception("Wrong code.");
                 }
                 return step_of<ConfirmMfaEnrolmentResponse>(SignInStep::done);
             }}),
        operation::operation<SubmitSecurityKey>(
            {.access = Access::read,
             .resources = operation::anyone,
             .handle = [](Call&, const SubmitSecurityKeyRequest& request) -> Result<SubmitSecurityKeyResponse> {
                 if (request.credential != "right") {
                     return control::errors::sign_in_failed_exception("The security key was not accepted. Try again.");
                 }
                 return step_of<SubmitSecurityKeyResponse>(SignInStep::done);
             }}),
        operation::operation<StartPasskeySignIn>(
            {.access = Access::read,
             .resources = operation::anyone,
             .handle = [](Call&, const StartPasskeySignInRequest&) -> Result<StartPasskeySignInResponse> {
                 return StartPasskeySignInResponse{.attempt_token = "passkey",
                                                   .web_authn_options = std::string(key_options)};
             }}),
        operation::operation<ListPortalApplications>(
            {.access = Access::read,
             .resources = operation::any_person,
             .handle = [](Call&, const ListPortalApplicationsRequest&) -> Result<ListPortalApplicationsResponse> {
                 ListPortalApplicationsResponse response;
                 response.applications = {{.application_arn = "arn",
                                           .display_name = std::string(evil_name),
                                           .description = {},
                                           .url = "https://wiki.example.com/login"}};
                 return response;
             }}),
        operation::operation<GetPortalSetup>(
            {.access = Access::read,
             .resources = operation::any_person,
             .handle = [](Call&, const GetPortalSetupRequest&) -> Result<GetPortalSetupResponse> {
                 GetPortalSetupResponse response{.aws_config = "[sso-session sekisho]\n"};
                 response.profile_count = 2;
                 return response;
             }}),
        operation::operation<ChangeOwnPassword>(
            {.access = Access::write,
             .resources = operation::any_person,
             .handle = [](Call&, const ChangeOwnPasswordRequest& request) -> Result<ChangeOwnPasswordResponse> {
                 if (request.current_password != "Right-1!") {
                     return control::errors::sign_in_failed_exception("The current password is not correct.");
                 }
                 ChangeOwnPasswordResponse response;
                 response.session_token = "renewed";
                 response.ended_sessions = 3;
                 return response;
             }}),
        operation::operation<DeleteOwnMfaDevice>(
            {.access = Access::write,
             .resources = operation::any_person,
             .handle = [](Call&, const DeleteOwnMfaDeviceRequest& request) -> Result<DeleteOwnMfaDeviceResponse> {
                 if (request.device_id == "last") return control::errors::conflict_exception("The last one.");
                 return DeleteOwnMfaDeviceResponse{};
             }}),
        operation::operation<UpdateOwnPreferences>({.access = Access::write,
                                                    .resources = operation::any_person,
                                                    .handle =
                                                        [](Call&, const UpdateOwnPreferencesRequest&) {
                                                            return Result<UpdateOwnPreferencesResponse>(
                                                                UpdateOwnPreferencesResponse{});
                                                        }}),
        operation::operation<DescribeInvitation>(
            {.access = Access::read,
             .resources = operation::anyone,
             .handle = [](Call&, const DescribeInvitationRequest& request) -> Result<DescribeInvitationResponse> {
                 if (request.token != "good") return control::errors::expired_token_exception("over");
                 return DescribeInvitationResponse{.purpose = MailedTokenPurpose::invitation, .user_name = "alice"};
             }}),
        operation::operation<SetInvitedPassword>(
            {.access = Access::read,
             .resources = operation::anyone,
             .handle = [](Call&, const SetInvitedPasswordRequest& request) -> Result<SetInvitedPasswordResponse> {
                 auto response = step_of<SetInvitedPasswordResponse>(SignInStep::new_password);
                 if (request.password != "Right-1!") {
                     response.password_problems = {"Use at least 8 characters."};
                     return response;
                 }
                 return step_of<SetInvitedPasswordResponse>(SignInStep::mfa_enrolment);
             }}),
        operation::operation<SignOut>(
            {.access = Access::read,
             .resources = operation::any_person,
             .handle = [](Call&, const SignOutRequest&) { return Result<SignOutResponse>(SignOutResponse{}); }}),
        operation::operation<ListPortalAccounts>(
            {.access = Access::read,
             .resources = operation::any_person,
             .handle = [](Call&, const ListPortalAccountsRequest&) -> Result<ListPortalAccountsResponse> {
                 ListPortalAccountsResponse response;
                 for (const auto* name : {"EKS-Account-Production", "Data platform"}) {
                     PortalAccount account{.account_id = name[0] == 'E' ? "111122223333" : "444455556666",
                                           .account_name = name,
                                           .email_address = "youralias+ekscluster@yourdomain.com"};
                     account.roles = {{.relay_state = "https://console.aws.amazon.com/eks",
                                       .role_name = "EKSClusterAdminAccess",
                                       .permission_set_arn = "arn",
                                       .description = std::string(evil_name),
                                       .session_seconds = 3600},
                                      {.role_name = "ViewOnlyAccess", .permission_set_arn = "arn"}};
                     response.accounts.push_back(std::move(account));
                 }
                 response.account_count = 2;
                 response.role_count = 4;
                 return response;
             }}),
        operation::operation<DescribePortal>(
            {.access = Access::read,
             .resources = operation::any_person,
             .handle = [](Call& call, const DescribePortalRequest&) -> Result<DescribePortalResponse> {
                 DescribePortalResponse response{.user_id = "1", .user_name = "alice", .display_name = "Alice Example"};
                 response.email_address = "alice@example.com";
                 response.mfa_devices = {{.device_id = "1",
                                          .type = MfaType::authenticator_app,
                                          .display_name = std::string(evil_name),
                                          .registered_date = call.now}};
                 response.sessions = {{.session_id = "1",
                                       .created_date = call.now,
                                       .expires_date = call.now + hours(8),
                                       .mfa_done = true,
                                       .source_address = "203.0.113.7",
                                       .user_agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140"}};
                 response.users_manage_devices = true;
                 response.mfa_types = {MfaType::authenticator_app, MfaType::security_key};
                 response.password_set = true;
                 response.sign_ins = {{.date = call.now,
                                       .outcome = Outcome::failed,
                                       .credential_types = "PASSWORD",
                                       .source_address = "203.0.113.8"}};
                 return response;
             }}),
        operation::operation<DescribeDeviceAuthorization>(
            {.access = Access::read,
             .resources = operation::any_person,
             .handle = [](Call& call, const DescribeDeviceAuthorizationRequest& request)
                 -> Result<DescribeDeviceAuthorizationResponse> {
                 if (request.user_code != "ABCD-EFGH") return control::errors::resource_not_found_exception("unknown");
                 DescribeDeviceAuthorizationResponse response{.client_name = "botocore-client-eks"};
                 response.source_address = "203.0.113.9";
                 response.created_date = call.now;
                 return response;
             }}),
        operation::operation<DecideDeviceAuthorization>(
            {.access = Access::write,
             .resources = operation::any_person,
             .handle = [](Call&, const DecideDeviceAuthorizationRequest&) -> Result<DecideDeviceAuthorizationResponse> {
                 return DecideDeviceAuthorizationResponse{.client_name = std::string(evil_name)};
             }}),
        operation::operation<DescribeAuthorizationRequest>(
            {.access = Access::read,
             .resources = operation::any_person,
             .handle = [](Call&, const DescribeAuthorizationRequestRequest& request)
                 -> Result<DescribeAuthorizationRequestResponse> {
                 if (request.client_id != "good") return control::errors::validation_exception("Unknown client.");
                 DescribeAuthorizationRequestResponse response{.client_name = std::string(evil_name)};
                 if (!request.redirect_uri.contains("evil")) response.redirect_uri = request.redirect_uri;
                 return response;
             }}),
        operation::operation<DecideAuthorizationRequest>(
            {.access = Access::write,
             .resources = operation::any_person,
             .handle = [](Call&, const DecideAuthorizationRequestRequest& request)
                 -> Result<DecideAuthorizationRequestResponse> {
                 const bool allows = request.decision == AuthorizationDecision::allow;
                 return DecideAuthorizationRequestResponse{
                     .redirect_to = request.redirect_uri + (allows ? "?code=c&state=" : "?error=access_denied&state=") +
                                    request.state.value_or("")};
             }}),
    };
    registry.add(control::service, table);
    const operation::OperationTable portal_table = {operation::operation<sso::GetRoleCredentials>(
        {.access = Access::read,
         .resources = operation::any_person,
         .handle = [](Call& call,
                      const sso::GetRoleCredentialsRequest& request) -> Result<sso::GetRoleCredentialsResponse> {
             if (request.role_name != "ViewOnlyAccess") return ApiError{"ForbiddenException", "No access", 403, {}, {}};
             return sso::GetRoleCredentialsResponse{.role_credentials = sso::RoleCredentials{
                                                        .access_key_id = "ASIAEXAMPLE1234567",
                                                        .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                                        .session_token = std::string(640, 'T'),
                                                        .expiration = epoch_milliseconds(call.now + hours(1))}};
         }})};
    registry.add(sso::service, portal_table);
}

class PageHouse {
 public:
    PageHouse() : house_({register_answers}) {
        house_.environment().public_url = "https://localhost:7443";
        domain::IdentityCenter center;
        center.instance_arn = InstanceArn("arn:aws:sso:::instance/ssoins-1111222233334444");
        center.identity_store_id = IdentityStoreId("d-1234567890");
        center.owner_account_id = operation::TestHouse::account;
        center.region = Region("eu-central-1");
        center.created_at = house_.clock().now();
        domain::Person person;
        person.id = PersonId("11111111-2222-3333-4444-555555555555");
        person.identity_store_id = center.identity_store_id;
        person.user_name = "alice";
        const domain::SignInSession session{.id = SignInSessionId(access::hash_of_secret(session_secret)),
                                            .person_id = person.id,
                                            .identity_store_id = center.identity_store_id,
                                            .person_epoch = person.epoch,
                                            .created_at = house_.clock().now(),
                                            .expires_at = house_.clock().now() + hours(8)};
        const auto done = house_.store().commit_and_wait([&](store::Transaction& tx) -> Result<void> {
            SEK_TRY(domain::identity_centers.put(tx, center));
            SEK_TRY(domain::people.put(tx, person));
            return domain::sign_in_sessions.put(tx, session);
        });
        if (!done) std::abort();
        portal_.emplace(house_.pipeline());
    }

    net::Response serve(net::Request request) {
        if (request.host.empty()) request.host = "localhost:7443";
        auto promise = std::make_shared<std::promise<net::Response>>();
        auto answer = promise->get_future();
        portal_->serve(std::move(request),
                       net::Responder::to([promise](net::Response got) { promise->set_value(std::move(got)); }));
        return answer.get();
    }
    // As the signed-in person, or nobody.
    net::Response get(std::string target, bool is_signed_in = false) {
        net::Request request;
        request.method = "GET";
        request.target = std::move(target);
        request.headers = {cookie_header(is_signed_in)};
        return serve(std::move(request));
    }
    // From our own page, with the form token that one of our pages shows now.
    net::Response post(std::string target, std::string fields, bool is_signed_in = false) {
        const auto page = get(is_signed_in ? "/account/register" : "/signin", is_signed_in);
        net::Request request;
        request.method = "POST";
        request.target = std::move(target);
        request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                           {"Origin", "https://localhost:7443"},
                           cookie_header(is_signed_in)};
        request.body = "form_token=" + token_in(page.body) + "&" + fields;
        return serve(std::move(request));
    }
    static std::string header(const net::Response& response, std::string_view name) {
        const auto* found = response.find_header(name);
        return found ? *found : std::string();
    }
    static std::string token_in(const std::string& html) {
        constexpr std::string_view before = "name=\"form_token\" value=\"";
        const auto at = html.find(before) + before.size();
        return html.substr(at, html.find('"', at) - at);
    }
    operation::TestHouse& house() { return house_; }

 private:
    static net::Header cookie_header(bool is_signed_in) {
        std::string cookies = "__Host-sekisho-form=browser-of-the-test";
        if (is_signed_in) cookies += "; __Host-sekisho=" + std::string(session_secret);
        return {"Cookie", cookies};
    }
    operation::TestHouse house_;
    std::optional<Portal> portal_;
};

}  // namespace sekisho::portal
