// sekisho mail
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <memory>

#include "base/text.h"
#include "cli/client.h"
#include "cli/program.h"

namespace sekisho::cli {

namespace {

std::string text_of(const json::value& object, std::string_view name) {
    return find_text(object, name).value_or("");
}

std::string time_of(const json::value& object, std::string_view name) {
    const json::value* value = find(object, name);
    if (value == nullptr || !value->is_number()) return "-";
    return format_iso8601(Time(seconds(static_cast<std::int64_t>(value->to_number<double>()))));
}

Result<void> list_mail(const Program& program, bool as_json) {
    SEK_TRY(const server::Home home, program.look());
    SEK_TRY(const ApiClient client, ApiClient::connect(home));
    SEK_TRY(const json::array mails, client.call_all("ListMail", "Mail"));
    if (as_json) {
        fmt::print("{}\n", json::serialize(mails));
        return {};
    }
    if (mails.empty()) {
        fmt::print("No mail.\n");
        return {};
    }
    fmt::print("{:<36}  {:<20}  {:<7}  {:<32}  {}\n", "ID", "TIME", "STATE", "TO", "SUBJECT");
    for (const json::value& mail : mails) {
        fmt::print("{:<36}  {:<20}  {:<7}  {:<32}  {}\n", text_of(mail, "MailId"), time_of(mail, "CreatedDate"),
                   lower_ascii(text_of(mail, "State")), text_of(mail, "To"), text_of(mail, "Subject"));
        if (const auto reason = find_text(mail, "FailureReason")) fmt::print("{:<38}{}\n", "", *reason);
    }
    fmt::print("\nRead one: sekisho mail show ID, or sekisho mail show latest\n");
    return {};
}

Result<std::string> find_latest(const ApiClient& client) {
    SEK_TRY(const json::array mails, client.call_all("ListMail", "Mail"));
    const json::value* newest = nullptr;
    double newest_time = 0;
    for (const json::value& mail : mails) {
        const json::value* made = find(mail, "CreatedDate");
        const double time = made != nullptr && made->is_number() ? made->to_number<double>() : 0;
        if (newest == nullptr || time > newest_time) {
            newest = &mail;
            newest_time = time;
        }
    }
    if (newest == nullptr) return failure("there is no mail");
    return text_of(*newest, "MailId");
}

Result<void> show_mail(const Program& program, std::string id) {
    SEK_TRY(const server::Home home, program.look());
    SEK_TRY(const ApiClient client, ApiClient::connect(home));
    if (id == "latest") {
        SEK_TRY(id, find_latest(client));
    }
    std::string body;
    JsonWriter(body).begin_object().member("MailId", id).end_object();
    SEK_TRY(const json::value answer, client.call("GetMail", body));
    const json::value* mail = find(answer, "Mail");
    if (mail == nullptr) return failure("the server's answer holds no mail");
    const auto reason = find_text(*mail, "FailureReason");
    fmt::print("To:      {}\nDate:    {}\nSubject: {}\nState:   {}{}\n\n{}\n", text_of(*mail, "To"),
               time_of(*mail, "CreatedDate"), text_of(*mail, "Subject"), lower_ascii(text_of(*mail, "State")),
               reason ? ", " + *reason : "", text_of(answer, "Text"));
    return {};
}

}  // namespace

void add_mail(Program& program) {
    auto as_json = std::make_shared<bool>(false);
    CLI::App* mail =
        program.app().add_subcommand("mail", "Mail: what is kept here, was sent by SMTP, or was refused, and why");
    program.add_home(*mail);
    mail->add_flag("--json", *as_json, "As JSON");
    mail->require_subcommand(0, 1);

    auto* list = program.add(*mail, "list", "List mail", [&program, as_json] { return list_mail(program, *as_json); });
    program.add_home(*list);
    list->add_flag("--json", *as_json, "As JSON");

    auto id = std::make_shared<std::string>("latest");
    auto* show = program.add(*mail, "show", "Show one mail", [&program, id] { return show_mail(program, *id); });
    program.add_home(*show);
    show->add_option("id", *id, "Its id, or `latest`")->capture_default_str();

    program.set_default(*mail, [&program, as_json] { return list_mail(program, *as_json); });
}

}  // namespace sekisho::cli
