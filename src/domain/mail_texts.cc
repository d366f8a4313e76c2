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
    {"first-sign-in", "Your one-time code to sign in",
     "Hello {name},\n\nyour one-time code for the user name {user} is {code}.\nIt ends in 10 minutes. Enter it on the "
     "page that asked for it, and choose your password there. If you are not signing in now, do nothing: nobody gets "
     "in "
     "without this code.\n"},
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
    {"first-sign-in", "サインイン用のワンタイムコード",
     "{name} 様\n\nユーザー名 {user} のワンタイムコードは {code} です。\n有効期限は 10 "
     "分です。コードを求めた画面に入力し、"
     "続けてパスワードを設定してください。いまサインインしていない場合は、何もしないでください。このコードがなければ、"
     "誰"
     "もサインインできません。\n"},
};
static_assert(std::size(english) == std::size(japanese));

// What organizations' mails say. Those that ask for an answer are put together of parts.
struct OrganizationMailText {
    std::string_view subject;
    std::string_view beginning;
};
struct OrganizationMailTexts {
    OrganizationMailText mails[5];  // by OrganizationMailKind
    std::string_view policies, notes, answer;
};

constexpr std::string_view organization_kinds[] = {"verify-email", "organization-invitation", "all-features",
                                                   root_password_mail, "root-password-changed"};

constexpr OrganizationMailTexts organization_english = {
    {{"Verify your email address",
      "An organization was made with this account as its management account.\nOther accounts can be invited to it once "
      "this address is verified.\n\nVerify your email address:\n\n{link}\n\nThe link is good for 24 hours.\n"},
     {"Your account is invited to an organization",
      "{sender} invites your account {account} to join its organization {organization}.\n"},
     {"Approve all features in your organization",
      "{sender} wants to enable all features in the organization {organization}, of which your account {account} is a "
      "member.\n"},
     {"Set the password of your root user",
      "Somebody, you as we hope, asked to set the password of the root user of your account {account}. Set it "
      "here:\n\n{link}\n\nThe link ends in one hour and works once. If you did not ask for it, do nothing.\n"},
     {"The password of your root user was changed",
      "The password of the root user of your account {account} was set by a link that this address received. Whoever "
      "was signed in as the root user is signed out.\n\nIf this was not you, somebody reads your mail: secure your "
      "mailbox, then set another password.\n"}},
    "The organization can then set policies that limit what your account may do.\n",
    "\nIts note: {notes}\n",
    "\nTo accept, as an administrator of your account:\naws organizations accept-handshake --handshake-id "
    "{handshake}\n\n"
    "To decline:\naws organizations decline-handshake --handshake-id {handshake}\n\nThis request ends at {expires}.\n"};

constexpr OrganizationMailTexts organization_japanese = {
    {{"メールアドレスの確認",
      "このアカウントを管理アカウントとする組織が作成されました。\nこのアドレスが確認されると、ほかのアカウントを組織に"
      "招待で"
      "きます。\n\n次のリンクからメールアドレスを確認してください。\n\n{link}\n\nリンクの有効期限は 24 時間です。\n"},
     {"アカウントが組織に招待されました",
      "{sender} が、お使いのアカウント {account} を組織 {organization} に招待しています。\n"},
     {"組織のすべての機能の有効化を承認してください",
      "{sender} が、お使いのアカウント {account} が属する組織 {organization} "
      "ですべての機能を有効にしようとしています。\n"},
     {"ルートユーザーのパスワードを設定してください",
      "アカウント {account} "
      "のルートユーザーのパスワードを設定するよう依頼がありました。次のリンクから設定してください。"
      "\n\n{link}\n\nリンクの有効期限は 1 時間で、1 回だけ使えます。お心当たりがない場合は、何もしないでください。\n"},
     {"ルートユーザーのパスワードが変更されました",
      "このアドレスに届いたリンクで、アカウント {account} "
      "のルートユーザーのパスワードが設定され、ルートユーザーのセッションはすべて終了しました。\n\nお心当たりがない場合"
      "は"
      "、メールが他人に読まれています。メールの安全を確保してから、もう一度パスワードを設定してください。\n"}},
    "組織は、アカウントで許可される操作をポリシーで制限できるようになります。\n",
    "\n送信者からのメモ: {notes}\n",
    "\n承諾するには、アカウントの管理者として次のコマンドを実行してください。\naws organizations accept-handshake "
    "--handshake-id {handshake}\n\n辞退するには、次のコマンドを実行してください。\naws organizations decline-handshake "
    "--handshake-id {handshake}\n\nこの依頼の有効期限は {expires} です。\n"};

using Values = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// One pass: what a value contains is not filled in again.
std::string fill(std::string_view text, Values values) {
    std::string out;
    while (!text.empty()) {
        const auto open = text.find('{');
        const auto close = text.find('}', open == std::string_view::npos ? 0 : open);
        if (open == std::string_view::npos || close == std::string_view::npos) break;
        out += text.substr(0, open);
        const auto name = text.substr(open + 1, close - open - 1);
        for (const auto& [known, value] : values) {
            // A value is one line, whatever it holds.
            if (known == name) out += replace_all(replace_all(std::string(value), "\n", " "), "\r", " ");
        }
        text.remove_prefix(close + 1);
    }
    out += text;
    return out;
}

std::string organization_text(const OrganizationMailTexts& texts, OrganizationMailKind kind,
                              const OrganizationMailValues& values) {
    std::string text(texts.mails[static_cast<std::size_t>(kind)].beginning);
    if (kind == OrganizationMailKind::invitation || kind == OrganizationMailKind::all_features) {
        if (values.sets_policies) text += texts.policies;
        if (!values.notes.empty()) text += texts.notes;
        text += texts.answer;
    }
    return fill(text, {{"link", values.link},
                       {"sender", values.sender},
                       {"account", values.account},
                       {"organization", values.organization},
                       {"notes", values.notes},
                       {"handshake", values.handshake},
                       {"expires", values.expires}});
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
    mail.text = Secret(fill(text.text, {{"name", person.display_name},
                                        {"user", person.user_name},
                                        {"link", values.link},
                                        {"code", values.code},
                                        {"portal", values.portal_url},
                                        {"device", values.device}}));
    mail.language = language;
    return mail;
}

Mail compose_organization_mail(OrganizationMailKind kind, const OrganizationMailValues& values) {
    const auto index = static_cast<std::size_t>(kind);
    Mail mail;
    mail.kind = organization_kinds[index];
    mail.subject = std::string(organization_english.mails[index].subject) + " / " +
                   std::string(organization_japanese.mails[index].subject);
    mail.text = Secret(organization_text(organization_english, kind, values) + "\n----\n\n" +
                       organization_text(organization_japanese, kind, values));
    mail.language = "en";
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
