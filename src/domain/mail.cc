#include "domain/mail.h"

#include <cstddef>

#include "domain/mail_texts.h"
#include "store/record_codec.h"

namespace sekisho::domain {

using store::key;

const Shape Mail::shape = record_shape<Mail>(
    "Mail",
    {SEK_FIELD(1, Mail, id), SEK_FIELD(2, Mail, account_id), SEK_FIELD(3, Mail, kind), SEK_FIELD(4, Mail, to),
     SEK_FIELD(5, Mail, subject), SEK_FIELD(6, Mail, text), SEK_FIELD(7, Mail, state), SEK_FIELD(8, Mail, failure),
     SEK_FIELD(9, Mail, created_at), SEK_FIELD(10, Mail, sent_at), SEK_FIELD(11, Mail, expires_at),
     SEK_FIELD(12, Mail, html), SEK_FIELD(13, Mail, language), SEK_FIELD(14, Mail, attempts)});

const store::Table<Mail> mails(90, "mails", [](const Mail& m) { return key(m.account_id, m.id); },
                               {.expires_at = [](const Mail& m) -> std::optional<Time> { return m.expires_at; }});

const Shape MailReference::shape = record_shape<MailReference>(
    "MailReference", {SEK_FIELD(1, MailReference, account_id), SEK_FIELD(2, MailReference, id)});

Result<std::string> enqueue_mail(store::Transaction& transaction, Mail mail, Time now, Random& random) {
    mail.id = format_iso8601_basic(now) + "-" + random_hex(random, 12);
    mail.state = "outbox";
    if (mail.language.empty()) mail.language = "en";
    if (mail.html.empty()) mail.html = Secret(html_of_mail(mail.subject, mail.text.expose(), mail.language));
    mail.created_at = now;
    mail.expires_at = now + days(30);
    SEK_TRY(mails.put(transaction, mail));
    const MailReference reference{.account_id = mail.account_id, .id = mail.id};
    SEK_TRY(auto payload, store::encode_record(MailReference::shape, &reference, {}));
    transaction.enqueue({.kind = std::string(mail_effect), .ordering_key = {}, .payload = std::move(payload)});
    return mail.id;
}

Result<MailReference> read_mail_effect(std::string_view payload) {
    MailReference reference;
    SEK_TRY(store::decode_record(MailReference::shape, payload, &reference, {}));
    return reference;
}

}  // namespace sekisho::domain
