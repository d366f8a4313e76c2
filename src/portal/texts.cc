#include "portal/texts.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sekisho::portal {
namespace {

using Said = std::pair<std::string_view, std::string_view>;

// What the operations behind the pages say (src/services/sekisho), and how it is said in Japanese.
constexpr Said said_in_japanese[] = {
    {"Codes for a first sign-in are not sent here.", "ここでは、初めてのサインイン用のコードは送信されません。"},
    {"IAM Identity Center is not enabled here yet.", "IAM Identity Center はまだ有効になっていません。"},
    {"MFA devices of this type cannot be registered.", "この種類の MFA デバイスは登録できません。"},
    {"No e-mail address is known for you.", "メールアドレスが登録されていません。"},
    {"Security keys are not allowed.", "セキュリティキーは許可されていません。"},
    {"The code is not correct. Enter the newest one.", "コードが正しくありません。最新のコードを入力してください。"},
    {"The code is not correct. Enter the one that the authenticator app shows now.",
     "コードが正しくありません。認証アプリにいま表示されているコードを入力してください。"},
    {"The current password is not correct.", "現在のパスワードが正しくありません。"},
    {"A code challenge of method SHA-256 is required.", "SHA-256 方式のコードチャレンジが必要です。"},
    {"A state is required.", "state が必要です。"},
    {"Either you are not allowed to change your password (iam:ChangePassword), or the new one does not comply with the "
     "account's password policy.",
     "パスワードの変更が許可されていない (iam:ChangePassword) "
     "か、新しいパスワードがアカウントの規則に合っていません。"},
    {"Only response_type code is supported.", "response_type は code だけに対応しています。"},
    {"Only the scope openid is supported.", "scope は openid だけに対応しています。"},
    {"The account, user name or password is not correct.",
     "アカウント、ユーザー名、またはパスワードが正しくありません。"},
    {"The email address or password is not correct.", "メールアドレスまたはパスワードが正しくありません。"},
    {"The new password does not comply with the rules.", "新しいパスワードが条件を満たしていません。"},
    {"The client is not known.", "クライアントが登録されていません。"},
    {"The redirect URI is not one of this client.", "このクライアントのリダイレクト URI ではありません。"},
    {"The password must be 8 to 64 characters long.", "パスワードは 8 から 64 文字にしてください。"},
    {"The password must contain a lowercase letter (a-z).", "英小文字 (a-z) を含めてください。"},
    {"The password must contain a non-alphanumeric character (~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/).",
     "記号 (~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/) を含めてください。"},
    {"The password must contain a number (0-9).", "数字 (0-9) を含めてください。"},
    {"The password must contain an uppercase letter (A-Z).", "英大文字 (A-Z) を含めてください。"},
    {"The password must not be one of your last three passwords.", "直近 3 回のパスワードは使えません。"},
    {"The password was changed meanwhile. Start again.",
     "その間にパスワードが変更されました。最初からやり直してください。"},
    {"The security key was not accepted. Try again.", "セキュリティキーを受け付けられません。もう一度お試しください。"},
    {"The user name or password is not correct.", "ユーザー名またはパスワードが正しくありません。"},
    {"This is your only MFA device, and without one you cannot sign in. Register another one first.",
     "これが唯一の MFA デバイスで、なくなるとサインインできません。先に別のデバイスを登録してください。"},
    {"This registration has ended. Start again.", "登録の期限が切れました。最初からやり直してください。"},
    {"This security key is registered already.", "このセキュリティキーはすでに登録されています。"},
    {"This sign-in has ended. Start again.", "サインインの期限が切れました。最初からやり直してください。"},
    {"Too many failed attempts. Wait a while, then try again.", "失敗が続きました。しばらく待ってからお試しください。"},
    {"Too many requests. Wait a while, then try again.", "リクエストが多すぎます。しばらく待ってからお試しください。"},
    {"Too many sign-ins at once. Try again shortly.", "サインインが集中しています。少し待ってからお試しください。"},
    {"Your password has expired. Ask your administrator for a new one.",
     "パスワードの有効期限が切れています。管理者に新しいパスワードの設定を依頼してください。"},
    {"You can register at most 2 authenticator apps.", "認証アプリは 2 つまで登録できます。"},
    {"You can register at most 6 security keys.", "セキュリティキーは 6 つまで登録できます。"},
    {"You have no password.", "パスワードが設定されていません。"},
    {"You need an MFA device to sign in and have none registered. Ask your administrator.",
     "サインインには MFA デバイスが必要ですが、登録されていません。管理者に連絡してください。"},
    {"Your administrator manages MFA devices.", "MFA デバイスは管理者が管理しています。"},
    {"A code is to be sent to your e-mail address, but none is known. Ask your administrator.",
     "コードをメールで送りますが、メールアドレスが登録されていません。管理者に連絡してください。"},
    {"Signing in with a passkey alone is not allowed.", "パスキーだけでのサインインは許可されていません。"},
};

}  // namespace

std::string translate(const Texts& texts, std::string_view message) {
    if (texts.language != "ja") return std::string(message);
    const auto* known = std::ranges::find(said_in_japanese, message, &Said::first);
    return std::string(known == std::end(said_in_japanese) ? message : known->second);
}

}  // namespace sekisho::portal
