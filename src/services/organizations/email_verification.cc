#include "services/organizations/email_verification.h"

#include "access/authenticate.h"
#include "domain/mail_texts.h"
#include "domain/sessions.h"
#include "models/control.h"
#include "services/organizations/common.h"
#include "services/organizations/service.h"

namespace sekisho::organizations_service {

using operation::Access;
using operation::Call;

namespace {

constexpr days verification_days{1};  // AWS: the mail's link is good for 24 hours

}  // namespace

Result<void> send_verification(Call& call, const domain::Account& account) {
    const std::string token =
        random_text(call.random, 43, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    SEK_TRY(domain::mailed_tokens.put(call.tx, {.token_hash = access::hash_of_secret(token),
                                                .purpose = "verify-email",
                                                .account_id = account.id,
                                                .created_at = call.now,
                                                .expires_at = call.now + verification_days}));
    auto mail =
        domain::compose_organization_mail(domain::OrganizationMailKind::verify_email,
                                          {.link = call.environment.public_url + "/verify-email?token=" + token});
    mail.account_id = account.id;
    mail.to = account.email;
    SEK_TRY(domain::enqueue_mail(call.tx, std::move(mail), call.now, call.random));
    return {};
}

namespace {

// What the console's "Resend verification email" does.
Result<control::SendOrganizationVerificationResponse> send_again(Call& call,
                                                                 const control::SendOrganizationVerificationRequest&) {
    SEK_TRY(const auto organization, managed_organization(call));
    SEK_TRY(const auto account, member_account(call, organization, organization.management_account_id.str()));
    if (account.email_verified) {
        return control::errors::conflict_exception("The email address " + account.email + " is verified.");
    }
    SEK_TRY(send_verification(call, account));
    return control::SendOrganizationVerificationResponse{.email_address = account.email};
}

Result<control::VerifyOrganizationEmailResponse> verify_email(Call& call,
                                                              const control::VerifyOrganizationEmailRequest& request) {
    const auto hash = access::hash_of_secret(request.token);
    SEK_TRY(const auto token, domain::mailed_tokens.get(call.tx, hash));
    if (!token || token->purpose != "verify-email" || !token->account_id || token->expires_at <= call.now) {
        return control::errors::resource_not_found_exception("This link is not valid any more.");
    }
    SEK_TRY(auto account, domain::accounts.get(call.tx, *token->account_id));
    if (!account) return control::errors::resource_not_found_exception("This link is not valid any more.");
    account->email_verified = true;
    SEK_TRY(domain::accounts.put(call.tx, *account));
    SEK_TRY(domain::mailed_tokens.erase(call.tx, hash));
    control::VerifyOrganizationEmailResponse response;
    response.email_address = account->email;
    response.account_id = account->id.str();
    return response;
}

}  // namespace

const operation::OperationTable email_verification_operations = {
    operation::operation<control::SendOrganizationVerification>(
        {.access = Access::write, .resources = operation::any_resource, .handle = send_again}),
    operation::operation<control::VerifyOrganizationEmail>(
        {.access = Access::write, .resources = operation::anyone, .handle = verify_email}),
};

}  // namespace sekisho::organizations_service
