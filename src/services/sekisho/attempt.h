#pragma once
// A sign-in under way: from the user name to the session. Its state is a sealed value that the browser carries from
// page to page; nothing is stored. It names the person only after the password was right, dies with the person's epoch
// and with the password that it was made with.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/directory.h"
#include "domain/sessions.h"
#include "models/control.h"
#include "operation/call.h"
#include "services/sekisho/failures.h"

namespace sekisho::control_service {

struct Attempt {
    IdentityStoreId identity_store_id;
    std::string user_name;
    control::SignInStep step = control::SignInStep::password;  // what is asked for next
    std::optional<PersonId> person_id;
    std::int64_t person_epoch = 0;
    std::string password_stamp;    // new_password.h
    std::string credential_types;  // shown so far: "PASSWORD"
    std::string return_to;
    std::string invitation_hash;  // of the mailed token that stands for a password
    std::string nonce;            // of a code sent by mail, or the challenge to a security key
    Time expires_at{};
    static const Shape shape;
};

// A local path of our own pages: one slash first, no scheme, host or control characters.
bool is_local_path(std::string_view path);

Result<std::string> seal_attempt(const operation::Call& call, const Attempt& attempt);
// InvalidTokenException: not ours, over, or at another step.
Result<Attempt> open_attempt(const operation::Call& call, std::string_view token,
                             std::initializer_list<control::SignInStep> steps);
// The person of an attempt past the password. InvalidTokenException: disabled, signed out everywhere, deleted, or with
// another password than the one that was shown.
Result<domain::Person> load_person(const operation::Call& call, const Attempt& attempt);
Result<domain::IdentityCenter> load_center(const operation::Call& call, const IdentityStoreId& identity_store);

// Where a page's request came from: as the page says, else as the call's facts say.
struct Origin {
    std::string address;
    std::string user_agent;
    std::string device_token;  // of a trusted device
};
template <class Request>
Origin origin_of(const operation::Call& call, const Request& request) {
    Origin origin{.address = request.source_address.value_or(call.facts.source_address),
                  .user_agent = request.user_agent.value_or(call.facts.user_agent),
                  .device_token = {}};
    if constexpr (requires { request.device_token; }) origin.device_token = request.device_token.value_or("");
    return origin;
}

// SignInFailedException, of every kind of code.
ApiError wrong_code();

// What a step leads to; the responses of all steps have these members.
struct Outcome {
    control::SignInStep step = control::SignInStep::done;
    std::optional<std::vector<std::string>> password_problems;
    std::optional<std::string> attempt_token;
    std::optional<std::string> session_token;
    std::optional<std::string> user_id;
    std::optional<std::string> display_name;
    std::optional<std::vector<control::MfaType>> mfa_types;
    std::optional<Time> expires_date;
    std::optional<std::string> return_to;
    std::optional<std::string> web_authn_options;
};
template <class Response>
Response to_response(Outcome outcome) {
    Response response;
    response.step = outcome.step;
    response.password_problems = std::move(outcome.password_problems);
    response.attempt_token = std::move(outcome.attempt_token);
    response.session_token = std::move(outcome.session_token);
    response.user_id = std::move(outcome.user_id);
    response.display_name = std::move(outcome.display_name);
    response.mfa_types = std::move(outcome.mfa_types);
    response.expires_date = outcome.expires_date;
    response.return_to = std::move(outcome.return_to);
    response.web_authn_options = std::move(outcome.web_authn_options);
    return response;
}

// The person's devices of the types that the instance allows: the others are as if they were not there.
Result<std::vector<domain::MfaDevice>> usable_devices(operation::Call& call, const PersonId& person,
                                                      const domain::MfaSettings& settings);
// The attempt goes on at `step`.
Result<Outcome> go_on(operation::Call& call, Attempt attempt, control::SignInStep step);
// After the password: a second factor, its registration, a new password, or the session, as the settings say.
Result<Outcome> after_password(operation::Call& call, Attempt attempt, const domain::Person& person,
                               const Origin& origin);
// A session of the person, and the secret that stands for it.
struct NewSession {
    domain::SignInSession session;
    std::string secret;
};
Result<NewSession> make_session(operation::Call& call, const domain::Person& person, const Origin& origin,
                                std::string credential_types, bool mfa_done, Time expires_at);
// Everything was shown: the session. `second_factor`: "TOTP", "WEBAUTHN", "EMAIL_OTP", .., or empty.
Result<Outcome> finish_sign_in(operation::Call& call, Attempt attempt, const domain::Person& person,
                               const Origin& origin, std::string_view second_factor);

// "This is a trusted device" (context-aware prompts): a sealed value that this browser keeps, good in the network that
// it was made in (the first 24 bits of an IPv4 address, 56 of an IPv6 one).
Result<std::string> make_device_token(operation::Call& call, const domain::Person& person, const Origin& origin);
// The key of a code sent by mail, in domain::mailed_tokens.
std::string email_code_hash(const Attempt& attempt, std::string_view code);

}  // namespace sekisho::control_service
