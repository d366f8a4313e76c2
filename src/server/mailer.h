#pragma once
// Mail through the configured SMTP server (RFC 5322, RFC 5321).
#include <string>

#include "domain/mail.h"
#include "net/client.h"
#include "server/configuration.h"

namespace sekisho::server {

// What the settings name by file, read once.
struct MailAccess {
    Secret password;
    std::string authorities_pem;  // empty: the system's
};
Result<MailAccess> read_mail_access(const SmtpSettings& settings);
net::SmtpMessage make_message(const SmtpSettings& settings, const std::string& public_host, const MailAccess& access,
                              const domain::Mail& mail, Time now);

}  // namespace sekisho::server
