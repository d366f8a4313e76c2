#include "server/mailer.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/encoding.h"
#include "base/text.h"
#include "server/home.h"

namespace sekisho::server {

namespace {

constexpr std::size_t base64_line_characters = 76;  // RFC 2045 6.8

// RFC 2047: any text in a header; ours stay below the 75 characters of one word only when short, so words are split.
std::string header_text(std::string_view text) {
    bool plain = true;
    for (const char c : text) plain = plain && c >= 0x20 && c < 0x7F;
    if (plain) return std::string(text);
    std::string out;
    while (!text.empty()) {
        std::size_t length = std::min<std::size_t>(text.size(), 42);
        while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
        if (!out.empty()) out += "\r\n ";
        out += "=?UTF-8?B?" + encode_base64(text.substr(0, length)) + "?=";
        text.remove_prefix(length);
    }
    return out;
}

std::string base64_lines(std::string_view bytes) {
    const std::string encoded = encode_base64(bytes);
    std::string out;
    for (std::size_t at = 0; at < encoded.size(); at += base64_line_characters) {
        out += encoded.substr(at, base64_line_characters) + "\r\n";
    }
    return out;
}

// Headers of a body part and the part itself; RFC 2045.
std::string body_part(std::string_view type, std::string_view text) {
    return fmt::format("Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}", type,
                       base64_lines(replace_all(std::string(text), "\n", "\r\n")));
}

// The text, or both forms of it, the preferred one last (RFC 2046 5.1.4). No line of base64 begins like the boundary.
std::string body_of(const domain::Mail& mail) {
    if (mail.html.empty()) return body_part("text/plain", mail.text.expose());
    const std::string boundary = "=_" + mail.id;
    return fmt::format(
        "Content-Type: multipart/alternative;\r\n boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}--{0}\r\n{2}--{0}--\r\n",
        boundary, body_part("text/plain", mail.text.expose()), body_part("text/html", mail.html.expose()));
}

// RFC 5322 3.3: "Tue, 24 Nov 2026 00:24:11 +0000".
std::string date_text(Time time) {
    return replace_all(format_http_date(time), "GMT", "+0000");
}

ApiError refused(std::string_view setting, const std::string& file, std::string_view why) {
    return {.code = "InvalidConfiguration", .message = fmt::format("smtp.{}: {} {}", setting, file, why)};
}

Result<Secret> read_password(const std::string& file) {
    if (file.empty()) return Secret();
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) return refused("password-file", file, "cannot be read");
    if ((status.st_mode & 077) != 0) {
        return refused("password-file", file, "can be read by others; protect it: chmod 600");
    }
    SEK_TRY(const std::string text, read_file(file, 4096));
    return Secret(std::string(trim(text)));
}

}  // namespace

Result<MailAccess> read_mail_access(const SmtpSettings& settings) {
    MailAccess access;
    SEK_TRY(access.password, read_password(settings.password_file));
    if (settings.ca_file.empty()) return access;
    auto authorities = read_file(settings.ca_file);
    if (!authorities) return refused("ca-file", settings.ca_file, "cannot be read");
    if (authorities->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
        return refused("ca-file", settings.ca_file, "holds no certificate in PEM form");
    }
    access.authorities_pem = std::move(*authorities);
    return access;
}

net::SmtpMessage make_message(const SmtpSettings& settings, const std::string& public_host, const MailAccess& access,
                              const domain::Mail& mail, Time now) {
    using Security = net::SmtpMessage::Security;
    const bool implicit = settings.tls == "implicit";
    net::SmtpMessage message;
    message.url = fmt::format("{}://{}:{}", implicit ? "smtps" : "smtp", settings.host, settings.port);
    message.security = settings.tls == "none" ? Security::none : Security::starttls_required;
    message.user = settings.user;
    message.password = access.password;
    message.ca_pem = access.authorities_pem;
    message.from = settings.from.empty() ? "no-reply@" + public_host : settings.from;
    message.to = {mail.to};
    message.content = fmt::format(
        "From: <{}>\r\nTo: <{}>\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}@{}>\r\nAuto-Submitted: auto-generated\r\n"
        "{}MIME-Version: 1.0\r\n{}",
        message.from, mail.to, header_text(mail.subject), date_text(now), mail.id, public_host,
        mail.language.empty() ? "" : "Content-Language: " + mail.language + "\r\n", body_of(mail));
    return message;
}

}  // namespace sekisho::server
