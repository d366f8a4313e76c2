#include "domain/mail.h"

#include <cstddef>

namespace sekisho::domain {

using store::key;

const Shape Mail::shape =
    record_shape<Mail>("Mail", {SEK_FIELD(1, Mail, id), SEK_FIELD(2, Mail, account_id), SEK_FIELD(3, Mail, kind),
                                SEK_FIELD(4, Mail, to), SEK_FIELD(5, Mail, subject), SEK_FIELD(6, Mail, text),
                                SEK_FIELD(7, Mail, state), SEK_FIELD(8, Mail, failure), SEK_FIELD(9, Mail, created_at),
                                SEK_FIELD(10, Mail, sent_at), SEK_FIELD(11, Mail, expires_at)});

const store::Table<Mail> mails(90, "mails", [](const Mail& m) { return key(m.account_id, m.id); },
                               {.expires_at = [](const Mail& m) -> std::optional<Time> { return m.expires_at; }});

}  // namespace sekisho::domain
