#pragma once
// Mail through the configured SMTP server (RFC 5322, RFC 5321).
#include <string>

#include "domain/mail.h"
#include "net/client.h"
#include "server/configuration.h"

namespace sekisho::server {

// The password file is read here, once.
Result<Secret> read_smtp_password(const SmtpSettings& settings);
net::SmtpMessage make_message(const SmtpSettings& settings, const std::string& public_host, const Secret& password,
                              const domain::Mail& mail, Time now);

}  // namespace sekisho::server
