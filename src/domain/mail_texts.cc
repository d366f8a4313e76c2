#include "domain/mail_texts.h"

#include "base/text.h"

namespace sekisho::domain {
namespace {

// "{name}", "{user}", "{link}", "{code}", "{portal}" and "{device}" are filled in.
struct MailText {
    std::string_view kind;
    std::string_view subject;
    std::string_view text;
};

constexpr MailText english[] = {
    {"invitation", "Invitation to join IAM Identity Center",
     "Hello {name},\n\nyour administrator invites you to single sign-on. Accept the invitation and set your password "
     "here:\n\n{link}\n\nThe invitation ends in 7 days and works once.\n\nYour user name: {user}\nYour access portal: "
     "{portal}\n"},
    {"reset-password", "Reset your password",
     "Hello {name},\n\nset a new password for your user name {user} here:\n\n{link}\n\nThe link ends in one hour and "
     "works once. If you did not ask for it, do nothing.\n"},
    {"verify-email", "Verify your email address",
     "Hello {name},\n\nconfirm that this address is yours:\n\n{link}\n\nThe link ends in one day and works once.\n"},
    {"email-otp", "Your verification code",
     "Hello {name},\n\nyour verification code is {code}.\nIt ends in 10 minutes. If you are not signing in now, "
     "somebody has your password: change it.\n"},
    {"mfa-device-registered", "An MFA device was registered",
     "Hello {name},\n\nthe MFA device \"{device}\" was registered for your user name {user}. It can be used to sign in "
     "as you.\n\nIf this was not you, tell your administrator now.\n"},
    {"mfa-device-removed", "An MFA device was removed",
     "Hello {name},\n\nthe MFA device \"{device}\" was removed from your user name {user}.\n\nIf this was not you, "
     "tell "
     "your administrator now.\n"},
    {"password-changed", "Your password was changed",
     "Hello {name},\n\nthe password of your user name {user} was changed. You were signed out everywhere else.\n\nIf "
     "this was not you, tell your administrator now.\n"},
};

constexpr MailText japanese[] = {
    {"invitation", "IAM Identity Center への招待",
     "{name} 様\n\n管理者からシングルサインオンに招待されました。次のリンクから招待を承諾し、パスワードを設定してくださ"
     "い。\n\n{link}\n\n招待の有効期限は 7 日間で、1 回だけ使えます。\n\nユーザー名: {user}\nアクセスポータル: "
     "{portal}\n"},
    {"reset-password", "パスワードの再設定",
     "{name} 様\n\nユーザー名 {user} "
     "の新しいパスワードを次のリンクから設定してください。\n\n{link}\n\nリンクの有効期限は "
     "1 時間で、1 回だけ使えます。お心当たりがない場合は、何もしないでください。\n"},
    {"verify-email", "メールアドレスの確認",
     "{name} 様\n\nこのメールアドレスがご本人のものであることを確認してください。\n\n{link}\n\nリンクの有効期限は 1 日"
     "で、1 回だけ使えます。\n"},
    {"email-otp", "確認コード",
     "{name} 様\n\n確認コードは {code} です。\n有効期限は 10 分です。いまサインインしていない場合は、パスワードが他人に"
     "知られています。変更してください。\n"},
    {"mfa-device-registered", "MFA デバイスが登録されました",
     "{name} 様\n\nユーザー名 {user} に MFA "
     "デバイス「{device}」が登録されました。このデバイスでサインインできます。\n\n"
     "お心当たりがない場合は、すぐに管理者に連絡してください。\n"},
    {"mfa-device-removed", "MFA デバイスが削除されました",
     "{name} 様\n\nユーザー名 {user} から MFA "
     "デバイス「{device}」が削除されました。\n\nお心当たりがない場合は、すぐに管"
     "理者に連絡してください。\n"},
    {"password-changed", "パスワードが変更されました",
     "{name} 様\n\nユーザー名 {user} のパスワードが変更され、ほかのセッションはすべて終了しました。\n\nお心当たりがない"
     "場合は、すぐに管理者に連絡してください。\n"},
};
static_assert(std::size(english) == std::size(japanese));

// One pass: what a value contains is not filled in again.
std::string fill(std::string_view text, const Person& person, const MailValues& values) {
    const std::pair<std::string_view, std::string_view> names[] = {
        {"name", person.display_name}, {"user", person.user_name},    {"link", values.link},
        {"code", values.code},         {"portal", values.portal_url}, {"device", values.device}};
    std::string out;
    while (!text.empty()) {
        const auto open = text.find('{');
        const auto close = text.find('}', open == std::string_view::npos ? 0 : open);
        if (open == std::string_view::npos || close == std::string_view::npos) break;
        out += text.substr(0, open);
        const auto name = text.substr(open + 1, close - open - 1);
        for (const auto& [known, value] : names) {
            // A name is one line, whatever it holds.
            if (known == name) out += replace_all(replace_all(std::string(value), "\n", " "), "\r", " ");
        }
        text.remove_prefix(close + 1);
    }
    out += text;
    return out;
}

bool is_link(std::string_view line) {
    return line.starts_with("https://") && line.find_first_of(" \t\"<>") == std::string_view::npos;
}

}  // namespace

std::string_view language_of(const Person& person, const std::optional<Credentials>& known) {
    const auto speaks_japanese = [](std::string_view tag) { return tag == "ja" || tag.starts_with("ja-"); };
    if (known && !known->language.empty()) return known->language == "ja" ? "ja" : "en";
    const auto& profile = person.preferred_language ? person.preferred_language : person.locale;
    return profile && speaks_japanese(replace_all(lower_ascii(*profile), "_", "-")) ? "ja" : "en";
}

Mail compose_mail(MailKind kind, std::string_view language, const Person& person, const MailValues& values) {
    const auto& text = (language == "ja" ? japanese : english)[static_cast<std::size_t>(kind)];
    Mail mail;
    mail.kind = text.kind;
    mail.subject = text.subject;
    mail.text = Secret(fill(text.text, person, values));
    mail.language = language;
    return mail;
}

std::string html_of_mail(std::string_view subject, std::string_view text, std::string_view language) {
    std::string out = "<!DOCTYPE html>\n<html lang=\"";
    out += language == "ja" ? "ja" : "en";
    out += "\"><head><meta charset=\"utf-8\"><title>" + escape_html(subject) +
           "</title></head>\n<body style=\"margin:0;padding:24px;background:#f4f5f7;color:#16191f;"
           "font:16px/1.6 system-ui,sans-serif\">\n<div style=\"max-width:560px;margin:0 auto;padding:32px;"
           "background:#ffffff;border-radius:12px\">\n<h1 style=\"margin:0 0 16px;font-size:20px\">" +
           escape_html(subject) + "</h1>\n";
    bool is_open = false;
    const auto close = [&] {
        if (is_open) out += "</p>\n";
        is_open = false;
    };
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty()) {
            close();
        } else if (is_link(line)) {
            close();
            const auto address = escape_html(line);
            out += "<p><a href=\"" + address +
                   "\" style=\"display:inline-block;padding:10px 20px;border-radius:8px;background:#0b5cad;"
                   "color:#ffffff;text-decoration:none\">" +
                   (language == "ja" ? "リンクを開く" : "Open the link") +
                   "</a></p>\n<p style=\"font-size:13px;color:#545b64;word-break:break-all\">" + address + "</p>\n";
        } else {
            out += is_open ? "<br>\n" : "<p>";
            out += escape_html(line);
            is_open = true;
        }
    }
    close();
    return out + "</div>\n</body></html>\n";
}

}  // namespace sekisho::domain
