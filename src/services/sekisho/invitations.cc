// Invitations, and the links of mails: a secret of 32 bytes of which we keep the hash, for one use.
#include <algorithm>

#include "access/authenticate.h"
#include "base/limits.h"
#include "domain/portal.h"
#include "domain/sessions.h"
#include "services/sekisho/attempt.h"
#include "services/sekisho/new_password.h"
#include "services/sekisho/people.h"
#include "services/sekisho/service.h"

namespace sekisho::control_service {
namespace {

using control::MailedTokenPurpose;
using control::SignInStep;
using operation::Access;
using operation::Call;

Result<control::InviteUserResponse> invite_user(Call& call, const control::InviteUserRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    const auto& person = found.person;
    const auto* email = domain::primary_email(person);
    if (email == nullptr) return control::errors::validation_exception("The user has no e-mail address.");
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person.id));
    if (credentials && !credentials->password_hash.empty()) {
        return control::errors::conflict_exception(
            "The user has a password already. Use ResetPassword to have a new one set.");
    }
    SEK_TRY(const auto secret,
            make_mailed_secret(call, person, invitation_purpose, seconds(limits::invitation_seconds)));
    const auto& url = call.environment.public_url;
    SEK_TRY(auto mail_id,
            mail_person(call, found.center, person, domain::MailKind::invitation,
                        {.link = url + "/invitation?token=" + secret.token, .code = {}, .portal_url = url + "/start"}));
    return control::InviteUserResponse{.mail_id = std::move(mail_id), .expires_date = secret.expires_at};
}

// A mailed token that is good now, with its person.
struct Mailed {
    domain::MailedToken token;
    domain::Person person;
};

ApiError no_such_link() {
    return control::errors::invalid_token_exception(
        "This link is not valid. It may have been used already, or a newer one was sent.");
}

// Codes are kept in the same table, under hashes of shorter texts: they are no links.
bool is_link(const domain::MailedToken& token) {
    return token.purpose == invitation_purpose || token.purpose == reset_password_purpose ||
           token.purpose == verify_email_purpose;
}

Result<Mailed> find_mailed(Call& call, const std::string& hash) {
    SEK_TRY(auto token, domain::mailed_tokens.get(call.tx, hash));
    if (!token || !token->person_id || !token->identity_store_id || !is_link(*token)) return no_such_link();
    if (token->expires_at <= call.now) {
        return control::errors::expired_token_exception("This link has ended. Ask your administrator for a new one.");
    }
    SEK_TRY(auto person, domain::people.get(call.tx, *token->identity_store_id, *token->person_id));
    if (!person || !person->enabled) return no_such_link();
    // Whoever reads an address that is no longer the person's gets no further.
    const bool is_theirs =
        std::ranges::find(person->emails, token->email, &domain::Email::value) != person->emails.end();
    if (!token->email.empty() && !is_theirs) return no_such_link();
    return Mailed{std::move(*token), std::move(*person)};
}

MailedTokenPurpose purpose_of(const domain::MailedToken& token) {
    if (token.purpose == invitation_purpose) return MailedTokenPurpose::invitation;
    return token.purpose == reset_password_purpose ? MailedTokenPurpose::reset_password
                                                   : MailedTokenPurpose::verify_email;
}

Result<control::DescribeInvitationResponse> describe_invitation(Call& call,
                                                                const control::DescribeInvitationRequest& request) {
    SEK_TRY(const auto mailed, find_mailed(call, access::hash_of_secret(request.token)));
    control::DescribeInvitationResponse response;
    response.purpose = purpose_of(mailed.token);
    response.user_name = mailed.person.user_name;
    response.display_name = mailed.person.display_name;
    if (!mailed.token.email.empty()) response.email_address = mailed.token.email;
    response.expires_date = mailed.token.expires_at;
    return response;
}

bool sets_password(const domain::MailedToken& token) {
    return token.purpose == invitation_purpose || token.purpose == reset_password_purpose;
}

// A sign-in of its own, whoever is signed in in that browser.
Result<Attempt> attempt_of(Call& call, const Mailed& mailed) {
    if (!sets_password(mailed.token)) return no_such_link();
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, mailed.person.id));
    return Attempt{.identity_store_id = mailed.person.identity_store_id,
                   .user_name = mailed.person.user_name,
                   .step = SignInStep::new_password,
                   .person_id = mailed.person.id,
                   .person_epoch = mailed.person.epoch,
                   .password_stamp = password_stamp(credentials),
                   .invitation_hash = mailed.token.token_hash,
                   .expires_at = call.now + seconds(limits::sign_in_attempt_seconds)};
}

Result<control::AcceptInvitationResponse> accept_invitation(Call& call,
                                                            const control::AcceptInvitationRequest& request) {
    SEK_TRY(const auto mailed, find_mailed(call, access::hash_of_secret(request.token)));
    SEK_TRY(const auto attempt, attempt_of(call, mailed));
    control::AcceptInvitationResponse response;
    SEK_TRY(response.attempt_token, seal_attempt(call, attempt));
    response.user_name = mailed.person.user_name;
    response.step = SignInStep::new_password;
    return response;
}

// The mailed token by itself, or by the attempt that AcceptInvitation made of it.
Result<std::string> mailed_hash(const Call& call, const control::SetInvitedPasswordRequest& request) {
    if (request.token) return access::hash_of_secret(*request.token);
    if (!request.attempt_token) return control::errors::validation_exception("Token or AttemptToken is required.");
    SEK_TRY(auto attempt, open_attempt(call, *request.attempt_token, {SignInStep::new_password}));
    if (attempt.invitation_hash.empty()) return no_such_link();
    return std::move(attempt.invitation_hash);
}

void prepare_invited_password(const Call& call, const control::SetInvitedPasswordRequest& request,
                              operation::PrepareDone done) {
    auto hash = mailed_hash(call, request);
    if (!hash) return done(std::move(hash).error());
    auto token = domain::mailed_tokens.get(call.tx, *hash);
    if (!token) return done(std::move(token).error());
    if (!*token || !(*token)->person_id || !sets_password(**token)) return done(no_such_link());
    auto known = domain::credentials.get(call.tx, *(*token)->person_id);
    if (!known) return done(std::move(known).error());
    prepare_new_password(request.password, *known, false, std::move(done));
}

Result<control::SetInvitedPasswordResponse> set_invited_password(Call& call,
                                                                 const control::SetInvitedPasswordRequest& request) {
    SEK_TRY(const auto hash, mailed_hash(call, request));
    SEK_TRY(auto mailed, find_mailed(call, hash));
    SEK_TRY(auto attempt, attempt_of(call, mailed));
    const auto& password = call.prepared<NewPassword>();
    if (!password.problems.empty()) {
        SEK_TRY(auto again, go_on(call, std::move(attempt), SignInStep::new_password));
        again.password_problems = password.problems;
        return to_response<control::SetInvitedPasswordResponse>(std::move(again));
    }
    auto& person = mailed.person;
    SEK_TRY(domain::mailed_tokens.erase(call.tx, hash));
    SEK_TRY(set_password(call, person.id, password, false));
    mark_verified(person, mailed.token.email);
    SEK_TRY(domain::end_all_sessions(call.tx, person));
    if (mailed.token.purpose == reset_password_purpose) {
        SEK_TRY(tell_person(call, person, domain::MailKind::password_changed));
    }
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person.id));
    attempt.person_epoch = person.epoch;
    attempt.password_stamp = password_stamp(credentials);
    attempt.invitation_hash.clear();
    attempt.credential_types = "PASSWORD";
    SEK_TRY(auto outcome, after_password(call, std::move(attempt), person, origin_of(call, request)));
    return to_response<control::SetInvitedPasswordResponse>(std::move(outcome));
}

// What the console's "Send email verification link" does.
Result<control::SendEmailVerificationResponse> send_email_verification(
    Call& call, const control::SendEmailVerificationRequest& request) {
    SEK_TRY(const auto found, find_administered(call, request.identity_store_id, request.user_id));
    SEK_TRY(auto sent, mail_verification(call, found.center, found.person));
    return control::SendEmailVerificationResponse{.mail_id = std::move(sent.mail_id), .expires_date = sent.expires_at};
}

Result<control::VerifyEmailResponse> verify_email(Call& call, const control::VerifyEmailRequest& request) {
    const auto hash = access::hash_of_secret(request.token);
    SEK_TRY(auto mailed, find_mailed(call, hash));
    if (mailed.token.purpose != verify_email_purpose) return no_such_link();
    SEK_TRY(domain::mailed_tokens.erase(call.tx, hash));
    mark_verified(mailed.person, mailed.token.email);
    SEK_TRY(domain::people.put(call.tx, mailed.person));
    control::VerifyEmailResponse response;
    response.email_address = mailed.token.email;
    response.user_name = mailed.person.user_name;
    return response;
}

}  // namespace

const operation::OperationTable invitation_operations = {
    operation::operation<control::InviteUser>(
        {.access = Access::write, .resources = person_permissions, .handle = invite_user}),
    operation::operation<control::DescribeInvitation>(
        {.access = Access::read, .resources = operation::anyone, .handle = describe_invitation}),
    operation::operation<control::AcceptInvitation>(
        {.access = Access::read, .resources = operation::anyone, .handle = accept_invitation}),
    operation::operation<control::SetInvitedPassword>({.access = Access::write,
                                                       .resources = operation::anyone,
                                                       .prepare = prepare_invited_password,
                                                       .handle = set_invited_password}),
    operation::operation<control::SendEmailVerification>(
        {.access = Access::write, .resources = person_permissions, .handle = send_email_verification}),
    operation::operation<control::VerifyEmail>(
        {.access = Access::write, .resources = operation::anyone, .handle = verify_email}),
};

}  // namespace sekisho::control_service
