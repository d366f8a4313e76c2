// The portal: accounts, their roles, and credentials of a role.
#include <fmt/format.h>

#include "models/control.h"
#include "models/sso.h"
#include "portal/layout.h"
#include "portal/pages.h"

namespace sekisho::portal {

namespace {

constexpr std::int32_t accounts_on_page_max = 100;
constexpr std::size_t filter_bytes_max = 256;

std::string role_query(const control::PortalAccount& account, const control::PortalRole& role) {
    return encode_query({{"account_id", account.account_id},
                         {"role_name", role.role_name},
                         {"destination", role.relay_state.value_or("")}});
}

Markup role_row(const control::PortalAccount& account, const control::PortalRole& role, const Texts& texts) {
    const std::string id = fmt::format("role-{}-{}", account.account_id, role.role_name);
    const std::string keys = encode_query({{"account_id", account.account_id}, {"role_name", role.role_name}});
    Markup description;
    if (role.description && !role.description->empty()) {
        description = element("p", {{"class", "hint"}}, {*role.description});
    }
    return element(
        "li", {{"class", "role"}},
        {element("div",
                 {element("a", {{"id", id}, {"href", "/start/console" + role_query(account, role)}}, {role.role_name}),
                  description}),
         element("a", {{"class", "button plain"}, {"href", "/start/credentials" + keys}, {"aria-describedby", id}},
                 {texts.access_keys})});
}

Markup account_box(const control::PortalAccount& account, bool is_open, const Texts& texts) {
    Markup roles;
    for (const auto& role : account.roles) roles += role_row(account, role, texts);
    Markup content = account.roles.empty() ? element("p", {{"class", "hint"}}, {texts.no_roles})
                                           : element("ul", {{"class", "roles"}}, {roles});
    Markup email;
    if (account.email_address) email = element("span", {{"class", "email"}}, {*account.email_address});
    return element("details", {{"class", "account"}, {"open", is_open}},
                   {element("summary", {element("span", {{"class", "account-name"}}, {account.account_name}),
                                        element("span", {{"class", "account-id"}}, {account.account_id}), email}),
                    content});
}

// Works without script as a form; the script asks for the list as one types.
Markup search_box(const std::string& wanted, const Texts& texts) {
    return element("form", {{"class", "search"}, {"role", "search"}, {"method", "get"}, {"action", "/start"}},
                   {void_element("input", {{"type", "search"},
                                           {"name", "q"},
                                           {"value", wanted},
                                           {"maxlength", std::to_string(filter_bytes_max)},
                                           {"autocomplete", "off"},
                                           {"aria-label", texts.filter_accounts},
                                           {"placeholder", texts.filter_accounts},
                                           {"data-search", "/start/search"}}),
                    plain_button(texts.search)});
}

// The list with its count and the way to more: what the script replaces.
Markup account_list(const control::ListPortalAccountsResponse& list, const std::string& wanted, const Texts& texts) {
    constexpr std::size_t opened_max = 3;
    const bool opens = list.accounts.size() == 1 || (!wanted.empty() && list.accounts.size() <= opened_max);
    Markup accounts;
    for (const auto& account : list.accounts) accounts += account_box(account, opens, texts);
    if (list.accounts.empty()) accounts = lead(texts.no_match);
    Markup more;
    if (list.next_token) {
        const std::string href = "/start" + encode_query({{"q", wanted}, {"page", *list.next_token}});
        more = element("p", {{"class", "actions"}}, {button_link(href, texts.more_accounts, false)});
    }
    const std::string count =
        fmt::format(fmt::runtime(texts.found), list.account_count.value_or(0), list.role_count.value_or(0));
    return element("div", {{"id", "accounts-found"}},
                   {element("p", {{"class", "hint count"}, {"role", "status"}}, {count}), accounts, more});
}

Markup application_tiles(const std::vector<control::PortalApplication>& applications, const Texts& texts) {
    if (applications.empty()) return {};
    Markup tiles;
    for (const auto& application : applications) {
        Markup description;
        if (application.description && !application.description->empty()) {
            description = element("p", {{"class", "hint"}}, {*application.description});
        }
        tiles += element("li", {element("a", {{"href", application.url.value_or("")}, {"rel", "noreferrer"}},
                                        {application.display_name}),
                                description});
    }
    return element(
        "section", {{"class", "panel"}, {"aria-labelledby", "applications"}},
        {element("h2", {{"id", "applications"}}, {texts.applications}), element("ul", {{"class", "tiles"}}, {tiles})});
}

void show_accounts(Visit& visit, const control::ListPortalAccountsResponse& list,
                   const std::vector<control::PortalApplication>& applications) {
    const auto& texts = visit.texts();
    const auto& wanted = visit.query().get("q");
    const bool has_accounts = list.account_count.value_or(0) > 0 || !wanted.empty();
    if (!has_accounts && applications.empty()) {
        return show_notice(visit, {.title = texts.no_accounts_title, .text = texts.no_accounts_lead});
    }
    Markup body = heading(texts.portal_title);
    body += application_tiles(applications, texts);
    if (has_accounts) {
        const bool is_searched = list.account_count.value_or(0) > 1 || !wanted.empty();
        body += element("section", {{"class", "panel"}, {"aria-labelledby", "accounts"}},
                        {element("h2", {{"id", "accounts"}}, {texts.accounts}), lead(texts.accounts_lead),
                         is_searched ? search_box(wanted, texts) : Markup(), account_list(list, wanted, texts)});
        body += element("p", {{"class", "aside"}}, {element("a", {{"href", "/start/setup"}}, {texts.set_up_computer})});
    }
    show(visit, {.title = texts.portal_title, .body = body, .is_wide = true});
}

control::ListPortalAccountsRequest accounts_request(const Visit& visit) {
    control::ListPortalAccountsRequest request{.max_results = accounts_on_page_max};
    const auto& wanted = visit.query().get("q");
    if (!wanted.empty() && wanted.size() <= filter_bytes_max) request.filter = wanted;
    const auto& page = visit.query().get("page");
    if (!page.empty()) request.next_token = page;
    return request;
}

struct RoleChoice {
    std::string account_id;
    std::string role_name;
};

RoleChoice choice_of(const Visit& visit) {
    return {.account_id = visit.query().get("account_id"), .role_name = visit.query().get("role_name")};
}

void show_no_access(Visit& visit) {
    const auto& texts = visit.texts();
    show_notice(visit, {.title = texts.no_access_title,
                        .text = texts.no_access_lead,
                        .href = "/start",
                        .link = texts.back_to_portal,
                        .status = 403,
                        .is_error = true});
}

Markup copy_value(Literal id, std::string_view label, const std::string& text, const Texts& texts) {
    return element("div", {{"class", "value"}},
                   {element("p", {{"class", "label"}}, {label}), copyable_value(id, text, texts)});
}

struct Keys {
    std::string id;
    std::string secret;
    std::string token;
};

Markup platform_choice(Literal id, std::string_view label, bool is_checked) {
    return element(
        "div", {{"class", "platform"}},
        {void_element("input", {{"type", "radio"}, {"name", "platform"}, {"id", id.text()}, {"checked", is_checked}}),
         element("label", {{"for", id.text()}}, {label})});
}

Markup environment_option(const Keys& keys, const Texts& texts) {
    const auto lines = [&keys](fmt::string_view form) {
        return fmt::format(fmt::runtime(form), "AWS_ACCESS_KEY_ID", keys.id) +
               fmt::format(fmt::runtime(form), "AWS_SECRET_ACCESS_KEY", keys.secret) +
               fmt::format(fmt::runtime(form), "AWS_SESSION_TOKEN", keys.token);
    };
    return element(
        "section", {{"class", "panel"}},
        {element("h2", {texts.option_environment}), lead(texts.option_environment_lead),
         element("fieldset", {{"class", "platforms"}},
                 {element("legend", {texts.operating_system}),
                  platform_choice("platform-unix", texts.macos_and_linux, true),
                  platform_choice("platform-windows", texts.windows, false),
                  platform_choice("platform-powershell", texts.powershell, false)}),
         element("div", {{"class", "for-unix"}}, {copyable_lines("keys-unix", lines("export {}=\"{}\"\n"), texts)}),
         element("div", {{"class", "for-windows"}}, {copyable_lines("keys-windows", lines("SET {}={}\n"), texts)}),
         element("div", {{"class", "for-powershell"}},
                 {copyable_lines("keys-powershell", lines("$Env:{}=\"{}\"\n"), texts)})});
}

void show_keys(Visit& visit, const RoleChoice& choice, const sso::RoleCredentials& credentials) {
    const auto& texts = visit.texts();
    const Keys keys{.id = credentials.access_key_id.value_or(""),
                    .secret = credentials.secret_access_key.value_or(""),
                    .token = credentials.session_token.value_or("")};
    const std::string until = format_date(Time(milliseconds(credentials.expiration.value_or(0))));
    const std::string title = fill_in(texts.credentials_title, choice.role_name);
    const std::string profile =
        fmt::format("[{}_{}]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
                    choice.account_id, choice.role_name, keys.id, keys.secret, keys.token);
    Markup body = element("p", {{"class", "back"}}, {element("a", {{"href", "/start"}}, {texts.back_to_portal})});
    body += heading(title);
    body += lead(fill_in(texts.credentials_lead, until));
    // The script counts down.
    body += element("p",
                    {{"class", "countdown"},
                     {"role", "timer"},
                     {"data-until", std::to_string(credentials.expiration.value_or(0))},
                     {"data-left", texts.credentials_left},
                     {"data-over", texts.credentials_over},
                     {"hidden", true}},
                    {});
    body += element("section", {{"class", "panel recommended"}},
                    {element("h2", {texts.sso_credentials}), lead(texts.sso_credentials_lead),
                     copy_value("start-url", texts.sso_start_url, visit.public_url() + "/start", texts),
                     copy_value("sso-region", texts.sso_region, visit.facts().region.str(), texts)});
    body += environment_option(keys, texts);
    body += element("section", {{"class", "panel"}},
                    {element("h2", {texts.option_profile}), lead(texts.option_profile_lead),
                     copyable_lines("keys-profile", profile, texts)});
    body += element("section", {{"class", "panel"}},
                    {element("h2", {texts.option_values}), copy_value("value-id", texts.access_key_id, keys.id, texts),
                     copy_value("value-secret", texts.secret_access_key, keys.secret, texts),
                     copy_value("value-token", texts.session_token, keys.token, texts)});
    show(visit, {.title = title, .body = body, .is_wide = true});
}

}  // namespace

void show_portal(VisitPointer visit) {
    auto request = accounts_request(*visit);
    ask<control::ListPortalAccounts>(visit, std::move(request), [](const VisitPointer& v, auto list) {
        if (!list) return show_error(*v, list.error());
        ask<control::ListPortalApplications>(v, {},
                                             [list = std::move(*list)](const VisitPointer& again, auto applications) {
                                                 if (!applications) return show_error(*again, applications.error());
                                                 show_accounts(*again, list, applications->applications);
                                             });
    });
}

void show_search(VisitPointer visit) {
    auto request = accounts_request(*visit);
    ask<control::ListPortalAccounts>(visit, std::move(request), [](const VisitPointer& v, auto list) {
        if (!list) return show_error(*v, list.error());
        v->send_page(200, account_list(*list, v->query().get("q"), v->texts()).html());
    });
}

// The console asks for the role's credentials itself, and says so where there is no such role.
void show_console(VisitPointer visit) {
    const auto& query = visit->query();
    visit->redirect("/console/" + encode_query({{"account_id", query.get("account_id")},
                                                {"role_name", query.get("role_name")},
                                                {"destination", query.get("destination")}}));
}

void show_credentials(VisitPointer visit) {
    const auto choice = choice_of(*visit);
    sso::GetRoleCredentialsRequest request{.role_name = choice.role_name, .account_id = choice.account_id};
    ask<sso::GetRoleCredentials>(visit, std::move(request), [choice](const VisitPointer& v, auto answer) {
        if (answer && answer->role_credentials) return show_keys(*v, choice, *answer->role_credentials);
        if (!answer && answer.error().is_server_fault()) return show_error(*v, answer.error());
        show_no_access(*v);
    });
}

}  // namespace sekisho::portal
