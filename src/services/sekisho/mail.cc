// Outgoing mail: the outbox as administrators read it, and the worker that sends.
#include "base/limits.h"
#include "base/text.h"
#include "domain/mail_texts.h"
#include "net/client.h"
#include "services/sekisho/service.h"
#include "services/sekisho/views.h"

namespace sekisho::control_service {
namespace {

using operation::Access;
using operation::Call;

// Records that one call looks at for a filtered page.
constexpr std::size_t scanned_mails_max = 2000;

// Newest first. A filtered page may hold fewer than were asked for, and still have a next one.
Result<control::ListMailResponse> list_mail(Call& call, const control::ListMailRequest& request) {
    const auto scope = "ListMail " + request.to.value_or("");
    SEK_TRY(auto after, page_start(call, scope, request));
    control::ListMailResponse response;
    const auto limit = page_limit(request);
    std::size_t scanned = 0;
    for (;;) {
        SEK_TRY(auto page, domain::mails.scan(call.tx, store::prefix(call.account()),
                                              {.after = std::move(after),
                                               .limit = limit - response.mail.size(),
                                               .direction = store::Direction::backward}));
        for (const auto& mail : page.items) {
            if (request.to && !equals_ignoring_case(mail.to, *request.to)) continue;
            response.mail.push_back(to_view(mail));
        }
        scanned += page.items.size();
        if (!page.next) return response;
        if (response.mail.size() >= limit || scanned >= scanned_mails_max) {
            response.next_token = call.seal_page(scope, *page.next);
            return response;
        }
        after = std::move(*page.next);
    }
}

Result<control::GetMailResponse> get_mail(Call& call, const control::GetMailRequest& request) {
    SEK_TRY(const auto mail, domain::mails.get(call.tx, call.account(), request.mail_id));
    if (!mail) return control::errors::resource_not_found_exception("Mail not found.");
    control::GetMailResponse response;
    response.mail = to_view(*mail);
    // The link makes whoever reads it an account's root user. Where mail leaves, that is the mailbox's owner alone.
    if (mail->kind == domain::root_password_mail && call.environment.sends_mail) {
        response.text = "Only the mail that was sent shows this text.";
        return response;
    }
    response.text = std::string(mail->text.expose());
    if (!mail->html.empty()) response.html = std::string(mail->html.expose());
    return response;
}

Result<control::RecordMailStateResponse> record_mail_state(Call& call, const control::RecordMailStateRequest& request) {
    SEK_TRY(auto mail, domain::mails.get(call.tx, AccountId(request.account_id), request.mail_id));
    if (!mail) return control::errors::resource_not_found_exception("Mail not found.");
    mail->state = lower_ascii(control::to_text(request.state));
    mail->failure = request.failure_reason.value_or("");
    ++mail->attempts;
    if (request.state == control::MailState::sent) mail->sent_at = call.now;
    SEK_TRY(domain::mails.put(call.tx, *mail));
    return control::RecordMailStateResponse{};
}

// A mail that was sent and came back: said by whatever reads the mailbox that bounces go to. The Message-ID that we
// send begins with the mail's id.
Result<control::ReportMailBounceResponse> report_mail_bounce(Call& call,
                                                             const control::ReportMailBounceRequest& request) {
    SEK_TRY(auto mail, domain::mails.get(call.tx, call.account(), request.mail_id));
    if (!mail) return control::errors::resource_not_found_exception("Mail not found.");
    mail->state = "bounced";
    mail->failure = request.reason;
    SEK_TRY(domain::mails.put(call.tx, *mail));
    return control::ReportMailBounceResponse{};
}

// Writes what came of a row, then ends it.
void record(operation::Pipeline& pipeline, const domain::Mail& mail, control::MailState state, std::string failure,
            std::move_only_function<void()> then) {
    control::RecordMailStateRequest request;
    request.account_id = mail.account_id.str();
    request.mail_id = mail.id;
    request.state = state;
    if (!failure.empty()) request.failure_reason = std::move(failure);
    pipeline.call<control::RecordMailState>(
        access::service_caller(mail.account_id), {}, std::move(request),
        [then = std::move(then)](Result<control::RecordMailStateResponse>) mutable { then(); });
}

void carry_out(const store::OutboxRow& row, store::Completion completion, operation::Pipeline& pipeline,
               const MailSender& sender) {
    // Kept to be read: that is all there is to do.
    if (!pipeline.environment().sends_mail || !sender) return completion.done();
    const auto reference = domain::read_mail_effect(row.payload);
    if (!reference) return completion.failed(reference.error().cause);
    const auto snapshot = pipeline.store().snapshot();
    const auto found = domain::mails.get(snapshot, reference->account_id, reference->id);
    if (!found) return completion.failed(found.error().cause);
    if (!*found || (*found)->state == "sent") return completion.done();
    const auto& mail = **found;
    const bool is_last = row.attempts + 1 >= limits::mail_attempts_max;
    sender(mail, [&pipeline, mail, is_last, completion = std::move(completion)](Result<void> sent) mutable {
        auto shared = std::make_shared<store::Completion>(std::move(completion));
        if (sent) {
            return record(pipeline, mail, control::MailState::sent, "", [shared] { shared->done(); });
        }
        const auto reason = sent.error().cause.empty() ? sent.error().message : sent.error().cause;
        const bool ends = is_last || sent.error().code == net::mail_refused;
        const auto state = ends ? control::MailState::failed : control::MailState::outbox;
        record(pipeline, mail, state, reason,
               [shared, ends, reason] { ends ? shared->done() : shared->failed(reason); });
    });
}

}  // namespace

void register_workers(store::Outbox& outbox, operation::Pipeline& pipeline, MailSender sender) {
    outbox.register_worker(
        std::string(domain::mail_effect),
        [&pipeline, sender = std::move(sender)](const store::OutboxRow& row, store::Completion completion) {
            carry_out(row, std::move(completion), pipeline, sender);
        });
}

const operation::OperationTable mail_operations = {
    operation::operation<control::ListMail>(
        {.access = Access::read, .resources = operation::any_resource, .handle = list_mail}),
    operation::operation<control::GetMail>(
        {.access = Access::read, .resources = operation::any_resource, .handle = get_mail}),
    operation::operation<control::ReportMailBounce>(
        {.access = Access::write, .resources = operation::any_resource, .handle = report_mail_bounce}),
    operation::operation<control::RecordMailState>(
        {.access = Access::write, .resources = operation::workers_only, .handle = record_mail_state}),
};

}  // namespace sekisho::control_service
