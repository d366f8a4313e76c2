#pragma once
// Outgoing mail: sent by SMTP when that is configured, else kept here to be read by `sekisho mail`.
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "store/table.h"
#include "wire/shape.h"

namespace sekisho::domain {

struct Mail {
    std::string id;        // time-ordered
    AccountId account_id;  // who may read it
    std::string kind;      // invitation, verify-email, ..
    std::string to;
    std::string subject;
    Secret text;        // carries secrets (links with tokens)
    std::string state;  // outbox, sent, failed, bounced
    std::string failure;
    Time created_at{};
    std::optional<Time> sent_at;
    Time expires_at{};
    Secret html;           // the same as `text`, for those who read HTML; may be empty
    std::string language;  // en, ja
    std::int32_t attempts = 0;
    static const Shape shape;
};

extern const store::Table<Mail> mails;  // key(account, id); expires

// Writes the mail and the outbox row that sends it. `mail` needs account_id, kind, to, subject and text; gives its id,
// which is ordered by time. HTML is made of the text. Mails are kept for 30 days.
inline constexpr std::string_view mail_effect = "mail";
Result<std::string> enqueue_mail(store::Transaction& transaction, Mail mail, Time now, Random& random);
// The mail that an outbox row of that kind is about.
struct MailReference {
    AccountId account_id;
    std::string id;
    static const Shape shape;
};
Result<MailReference> read_mail_effect(std::string_view payload);

}  // namespace sekisho::domain
