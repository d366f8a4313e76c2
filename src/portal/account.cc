// A person's own devices and sessions.
#include "models/control.h"
#include "portal/layout.h"
#include "portal/pages.h"

namespace sekisho::portal {

namespace {

Markup header_row(std::initializer_list<std::string_view> names) {
    Markup cells;
    for (const auto name : names) cells += element("th", {{"scope", "col"}}, {name});
    return element("thead", {element("tr", {cells})});
}

// On narrow screens each cell shows its column's name before it.
Markup cell(std::string_view column, const std::string& text) {
    return element("td", {{"data-label", column}}, {text});
}

Markup date_cell(std::string_view column, const std::string& text) {
    return element("td", {{"class", "date"}, {"data-label", column}}, {text});
}

Markup device_table(const std::vector<control::MfaDevice>& devices, const Texts& texts) {
    if (devices.empty()) return lead(texts.no_devices);
    Markup rows;
    for (const auto& device : devices) {
        const bool is_app = device.type == control::MfaType::authenticator_app;
        rows += element("tr", {cell(texts.name, device.display_name),
                               cell(texts.type, std::string(is_app ? texts.authenticator_app : texts.security_key)),
                               date_cell(texts.registered, format_date(device.registered_date)),
                               date_cell(texts.last_used, device.last_used_date ? format_date(*device.last_used_date)
                                                                                : std::string(texts.never))});
    }
    return element("table",
                   {header_row({texts.name, texts.type, texts.registered, texts.last_used}), element("tbody", {rows})});
}

Markup session_table(const std::vector<control::SignInSession>& sessions, const Texts& texts) {
    Markup rows;
    for (const auto& session : sessions) {
        rows += element("tr", {date_cell(texts.started, format_date(session.created_date)),
                               date_cell(texts.ends, format_date(session.expires_date)),
                               cell(texts.address, session.source_address.value_or("")),
                               cell(texts.browser, session.user_agent.value_or(""))});
    }
    return element("table",
                   {header_row({texts.started, texts.ends, texts.address, texts.browser}), element("tbody", {rows})});
}

void show_person(Visit& visit, const control::DescribePortalResponse& person) {
    const auto& texts = visit.texts();
    Markup register_link;
    if (person.users_manage_devices.value_or(false)) {
        register_link =
            element("p", {{"class", "actions"}}, {button_link("/account/register", texts.register_device, false)});
    }
    Markup body = heading(texts.account_title);
    body += element(
        "section", {{"class", "panel"}},
        {element("h2", {texts.profile}), fact_list({{texts.username, person.user_name},
                                                    {texts.display_name, person.display_name.value_or("")},
                                                    {texts.email_address, person.email_address.value_or("")}})});
    body +=
        element("section", {{"class", "panel"}},
                {element("h2", {texts.mfa_devices}),
                 device_table(person.mfa_devices.value_or(std::vector<control::MfaDevice>{}), texts), register_link});
    body += element("section", {{"class", "panel"}},
                    {element("h2", {texts.sessions}), lead(texts.sessions_lead),
                     session_table(person.sessions.value_or(std::vector<control::SignInSession>{}), texts),
                     post_form(visit, "/signout/everywhere", {},
                               {element("div", {{"class", "actions"}}, {plain_button(texts.sign_out_everywhere)})})});
    show(visit, {.title = texts.account_title, .body = body, .is_wide = true});
}

}  // namespace

void show_account(VisitPointer visit) {
    ask<control::DescribePortal>(visit, {}, [](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        show_person(*v, *answer);
    });
}

}  // namespace sekisho::portal
