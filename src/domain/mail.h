#pragma once
// Outgoing mail: sent by SMTP when that is configured, else kept here to be read by `sekisho mail`.
#include <optional>
#include <string>

#include "base/ids.h"
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
    std::string state;  // outbox, sent, failed
    std::string failure;
    Time created_at{};
    std::optional<Time> sent_at;
    Time expires_at{};
    static const Shape shape;
};

extern const store::Table<Mail> mails;  // key(account, id); expires

}  // namespace sekisho::domain
