// A root user's password is set by a link that its account's own address receives: the first one and every other one.
// Whether an address is known is told by the mail alone.
#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/equal.h"
#include "crypto/password.h"
#include "domain/failures.h"
#include "domain/iam_password.h"
#include "domain/login.h"
#include "domain/mail_texts.h"
#include "models/signin.h"
#include "services/signin/console_login.h"
#include "services/signin/root_account.h"
#include "services/signin/service.h"
#include "services/signin/tries.h"

namespace sekisho::signin_service {
namespace {

using domain::OrganizationMailKind;
using operation::Access;
using operation::Call;
using operation::PrepareDone;

// Who reads the mail where no mail leaves: who made the account, which is its organization; of an account that came by
// an invitation or stands alone, the account itself.
Result<AccountId> outbox_of(const Call& call, const domain::Account& account) {
    if (account.organization_id && account.joined_method == "CREATED") {
        SEK_TRY(const auto organization, domain::organizations.get(call.tx, *account.organization_id));
        if (organization) return organization->management_account_id;
    }
    return account.id;
}

Result<void> mail_owner(Call& call, const domain::Account& account, OrganizationMailKind kind, std::string link) {
    auto mail = domain::compose_organization_mail(kind, {.link = std::move(link), .account = account.id.str()});
    SEK_TRY(mail.account_id, outbox_of(call, account));
    mail.to = account.email;
    SEK_TRY(domain::enqueue_mail(call.tx, std::move(mail), call.now, call.random));
    return {};
}

Result<signin::RequestRootPasswordResponse> request_password(Call& call,
                                                             const signin::RequestRootPasswordRequest& request) {
    SEK_TRY(const bool may, domain::count_mail_request(call.tx, call.facts.source_address, call.now));
    if (!may) return signin::errors::throttling_exception("Too many requests. Wait a while, then try again.");
    const signin::RequestRootPasswordResponse response;
    SEK_TRY(const auto account, find_root_account(call.tx, request.email_address));
    if (!account) return response;
    SEK_TRY(const auto last, domain::root_password_links.get(call.tx, account->id));
    const bool was_mailed_lately = last && call.now - last->created_at < seconds(limits::password_reset_wait_seconds);
    if (was_mailed_lately) return response;
    const auto token = domain::root_password_token(account->id, encode_base64url(random_bytes(call.random, 32)));
    SEK_TRY(domain::root_password_links.put(call.tx, {.account_id = account->id,
                                                      .token_hash = access::hash_of_secret(token),
                                                      .email = account->email,
                                                      .created_at = call.now,
                                                      .expires_at = call.now + seconds(limits::password_reset_seconds),
                                                      .store_epoch = access::read_store_epoch(call.tx)}));
    SEK_TRY(mail_owner(call, *account, OrganizationMailKind::root_password,
                       call.environment.public_url + "/signin/root/password?token=" + token));
    record_recovery_requested(call, account->id);
    return response;
}

// The account that a good link is of.
Result<domain::Account> account_of_link(const Call& call, std::string_view token) {
    const auto over = [] {
        return signin::errors::invalid_token_exception(
            "This link is not valid. It may have been used already, or a newer one was sent.");
    };
    const auto id = domain::account_of_root_password_token(token);
    if (!is_account_id(id.str())) return over();
    SEK_TRY(const auto link, domain::root_password_links.get(call.tx, id));
    if (!link || !crypto::equal(link->token_hash, access::hash_of_secret(token))) return over();
    if (link->expires_at <= call.now || link->store_epoch != access::read_store_epoch(call.tx)) return over();
    SEK_TRY(auto account, find_root_account(call.tx, link->email));
    // Whoever reads an address that is no longer the account's gets no further.
    if (!account || account->id != id) return over();
    return std::move(*account);
}

Result<signin::DescribeRootPasswordLinkResponse> describe_link(Call& call,
                                                               const signin::DescribeRootPasswordLinkRequest& request) {
    SEK_TRY(auto account, account_of_link(call, request.token));
    return signin::DescribeRootPasswordLinkResponse{.email_address = std::move(account.email)};
}

// What .prepare made: the hash; empty where the password breaks the rules.
struct NewPassword {
    std::string hash;
};

void prepare_password(const Call& call, const signin::SetRootPasswordRequest& request, PrepareDone done) {
    const auto account = account_of_link(call, request.token);
    if (!account) return done(account.error());
    if (!domain::conforms_for_root(*account, request.password)) return done(operation::make_prepared(NewPassword{}));
    run_on_pool(std::move(done), [password = Secret(request.password)]() -> Result<operation::Prepared> {
        NewPassword made;
        SEK_TRY(made.hash, crypto::hash_password(password, system_random()));
        return operation::make_prepared(std::move(made));
    });
}

// Sessions from before end with the former password.
Result<signin::SetRootPasswordResponse> set_password(Call& call, const signin::SetRootPasswordRequest& request) {
    SEK_TRY(const auto account, account_of_link(call, request.token));
    const auto& made = call.prepared<NewPassword>();
    if (made.hash.empty()) {
        return signin::errors::sign_in_failed_exception("The new password does not comply with the rules.");
    }
    SEK_TRY([[maybe_unused]] const bool existed, domain::root_password_links.erase(call.tx, account.id));
    SEK_TRY(const auto known, domain::login_profiles.get(call.tx, account.id, ""));
    auto profile = known.value_or(domain::LoginProfile{});
    profile.account_id = account.id;
    if (!known) profile.created_at = call.now;
    domain::set_password(profile, nullptr, Secret(made.hash), call.now);
    SEK_TRY(domain::login_profiles.put(call.tx, profile));
    SEK_TRY(mail_owner(call, account, OrganizationMailKind::root_password_changed, ""));
    record_recovery_completed(call, account.id);
    return signin::SetRootPasswordResponse{};
}

}  // namespace

const operation::OperationTable root_password_operations = {
    operation::operation<signin::RequestRootPassword>(
        {.access = Access::write, .resources = operation::anyone, .handle = request_password}),
    operation::operation<signin::DescribeRootPasswordLink>(
        {.access = Access::read, .resources = operation::anyone, .handle = describe_link}),
    operation::operation<signin::SetRootPassword>(
        {.access = Access::write, .resources = operation::anyone, .prepare = prepare_password, .handle = set_password}),
};

}  // namespace sekisho::signin_service
