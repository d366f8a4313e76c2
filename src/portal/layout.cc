#include "portal/layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "portal/assets.h"

namespace sekisho::portal {

namespace {

// A gate: two beams on two posts.
constexpr Literal mark =
    "<svg class=\"mark\" viewBox=\"0 0 24 24\" width=\"24\" height=\"24\" aria-hidden=\"true\" focusable=\"false\">"
    "<path fill=\"currentColor\" d=\"M1 3.5c3.6 1 7.2 1.5 11 1.5s7.4-.5 11-1.5V7H1zM4 9.500h16V12H4zM5.500 7h2.700v14"
    "H5.500zM15.800 7h2.700v14h-2.700z\"/></svg>";

Markup person_menu(Visit& visit) {
    if (!visit.is_signed_in()) return {};
    const auto& texts = visit.texts();
    return element("nav", {{"class", "person"}, {"aria-label", texts.account_menu}},
                   {element("a", {{"href", "/account"}}, {visit.caller().user_name}),
                    post_form(visit, "/signout", {}, {element("button", {{"class", "link"}}, {texts.sign_out})})});
}

// Where a change of language or theme leads back to: this page, where it has an address.
std::string address_of(const Visit& visit) {
    const std::string& target = visit.request().target;
    return !visit.is_post() && is_own_path(target) ? target : std::string(visit.path());
}

Markup preference_button(std::string_view name, std::string_view value, std::string_view label,
                         std::string_view language = {}) {
    return element("button",
                   {{"class", "link"}, {"name", name}, {"value", value}, Attribute::unless_empty("lang", language)},
                   {label});
}

Markup preferences(Visit& visit) {
    const auto& texts = visit.texts();
    const bool is_japanese = texts.language == "ja";
    const auto theme = visit.theme();
    Markup themes;
    if (theme != "light") themes += preference_button("theme", "light", texts.theme_light);
    if (theme != "dark") themes += preference_button("theme", "dark", texts.theme_dark);
    if (!theme.empty()) themes += preference_button("theme", "system", texts.theme_system);
    const std::string_view other = is_japanese ? "en" : "ja";
    return element("div", {{"class", "preferences"}, {"role", "group"}, {"aria-label", texts.preferences}},
                   {post_form(visit, "/preferences", {{"return_to", address_of(visit)}},
                              {preference_button("language", other, texts.other_language, other), themes})});
}

Markup head(const Texts& texts, std::string_view title) {
    return element(
        "head", {void_element("meta", {{"charset", "utf-8"}}),
                 void_element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
                 void_element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
                 element("title", {fmt::format("{} | {}", title, texts.product)}),
                 void_element("link", {{"rel", "icon"}, {"type", "image/svg+xml"}, {"href", asset_path("mark.svg")}}),
                 void_element("link", {{"rel", "stylesheet"}, {"href", asset_path("portal.css")}}),
                 element("script", {{"src", asset_path("portal.js")}, {"defer", true}}, {})});
}

}  // namespace

void show(Visit& visit, const Page& page) {
    const auto& texts = visit.texts();
    Markup brand = element("a", {{"class", "brand"}, {"href", "/start"}}, {Markup::trusted(mark), texts.product});
    Markup content = page.is_wide ? page.body : element("div", {{"class", "card"}}, {page.body});
    Markup html = element("html", {{"lang", texts.language}, Attribute::unless_empty("data-theme", visit.theme())},
                          {head(texts, page.title),
                           element("body", {{"class", page.is_wide ? "wide" : "narrow"}},
                                   {element("a", {{"class", "skip"}, {"href", "#main"}}, {texts.skip_to_content}),
                                    element("header", {{"class", "bar"}}, {brand, person_menu(visit)}),
                                    element("main", {{"id", "main"}, {"tabindex", "-1"}}, {content}),
                                    element("footer", {preferences(visit), element("p", {texts.footer})})})});
    visit.send_page(page.status, "<!DOCTYPE html>\n" + html.html());
}

std::string fill_in(std::string_view text, std::string_view value) {
    return replace_all(std::string(text), "{}", value);
}

std::string format_date(Time time) {
    const std::string iso = format_iso8601(time);
    return iso.substr(0, 10) + " " + iso.substr(11, 5) + " UTC";
}

Markup post_form(Visit& visit, std::string_view action, HiddenFields hidden, std::initializer_list<Markup> children) {
    Markup inside =
        void_element("input", {{"type", "hidden"}, {"name", "form_token"}, {"value", visit.make_form_token()}});
    for (const auto& [name, value] : hidden) {
        inside += void_element("input", {{"type", "hidden"}, {"name", name}, {"value", value}});
    }
    for (const auto& child : children) inside += child;
    return element("form", {{"method", "post"}, {"action", action}}, {inside});
}

Markup text_field(const Field& field, const Texts& texts) {
    const std::string error_id = fmt::format("{}-error", field.name);
    std::string described(field.described_by);
    if (!field.error.empty()) described = described.empty() ? error_id : error_id + " " + described;
    const bool is_password = field.type == "password";
    Markup input = void_element("input", {{"id", field.name},
                                          {"name", field.name},
                                          {"type", field.type},
                                          Attribute::unless_empty("value", field.value),
                                          {"autocomplete", field.autocomplete},
                                          {"maxlength", std::to_string(field.length_max)},
                                          {"autocapitalize", "none"},
                                          {"spellcheck", "false"},
                                          Attribute::unless_empty("class", field.is_code ? "code" : ""),
                                          Attribute::unless_empty("inputmode", field.is_code ? "numeric" : ""),
                                          Attribute::unless_empty("aria-describedby", described),
                                          Attribute::unless_empty("aria-invalid", field.error.empty() ? "" : "true"),
                                          Attribute::unless_empty("data-show", is_password ? texts.show_password : ""),
                                          Attribute::unless_empty("data-hide", is_password ? texts.hide_password : ""),
                                          {"required", field.is_required},
                                          {"autofocus", field.is_focused}});
    Markup error;
    if (!field.error.empty()) {
        error = element("p", {{"class", "field-error"}, {"id", error_id}, {"role", "alert"}}, {field.error});
    }
    return element(
        "div", {{"class", "field"}},
        {element("label", {{"for", field.name}}, {field.label}), element("div", {{"class", "input"}}, {input}), error});
}

Markup primary_button(std::string_view label) {
    return element("button", {{"class", "primary"}}, {label});
}

Markup plain_button(std::string_view label) {
    return element("button", {{"class", "plain"}}, {label});
}

Markup button_link(std::string_view href, std::string_view label, bool is_primary) {
    return element("a", {{"class", is_primary ? "button primary" : "button plain"}, {"href", href}}, {label});
}

Markup heading(std::string_view title) {
    return element("h1", {title});
}

Markup lead(std::string_view text) {
    return element("p", {{"class", "lead"}}, {text});
}

Markup alert(std::string_view text) {
    return element("div", {{"class", "alert"}, {"role", "alert"}}, {text});
}

Markup copy_button(Literal id, const Texts& texts) {
    return element("button",
                   {{"type", "button"},
                    {"class", "plain copy"},
                    {"data-copy", id.text()},
                    {"data-copied", texts.copied},
                    {"hidden", true}},
                   {texts.copy});
}

Markup copyable_lines(Literal id, const std::string& text, const Texts& texts) {
    return element("div", {{"class", "copyable block"}},
                   {element("pre", {{"id", id.text()}, {"tabindex", "0"}}, {text}), copy_button(id, texts)});
}

Markup copyable_value(Literal id, const std::string& text, const Texts& texts) {
    return element("div", {{"class", "copyable"}},
                   {element("code", {{"id", id.text()}}, {text}), copy_button(id, texts)});
}

Markup fact_list(const Facts& facts) {
    Markup rows;
    for (const auto& [term, value] : facts) {
        if (!value.empty()) rows += element("div", {element("dt", {term}), element("dd", {value})});
    }
    return element("dl", {{"class", "facts"}}, {rows});
}

void show_notice(Visit& visit, const Notice& notice) {
    Markup body = heading(notice.title);
    body += notice.is_error ? alert(notice.text) : lead(notice.text);
    if (!notice.href.empty()) {
        body += element("p", {{"class", "actions"}}, {button_link(notice.href, notice.link, true)});
    }
    show(visit, {.title = notice.title, .body = body, .status = notice.status});
}

bool is_error(const ApiError& error, std::initializer_list<std::string_view> codes) {
    return std::find(codes.begin(), codes.end(), error.code) != codes.end();
}

void show_error(Visit& visit, const ApiError& error) {
    const auto& texts = visit.texts();
    const std::string message = translate(texts, error.message);
    if (is_error(error, {"ThrottlingException", "TooManyRequestsException", "LockedException"})) {
        return show_notice(visit, {.title = texts.busy_title, .text = message, .status = 429, .is_error = true});
    }
    if (is_error(error, {"InvalidTokenException", "ExpiredTokenException"})) {
        return show_notice(visit, {.title = texts.link_over_title,
                                   .text = texts.link_over_lead,
                                   .href = "/start",
                                   .link = texts.sign_in,
                                   .status = 400,
                                   .is_error = true});
    }
    if (is_error(error, {"ValidationException", "ResourceNotFoundException", "ConflictException",
                         "InvalidRequestException", "InvalidClientException", "InvalidRedirectUriException"})) {
        const std::string_view text = message.empty() ? texts.bad_request_lead : std::string_view(message);
        return show_notice(
            visit, {.title = texts.bad_request_title, .text = text, .status = error.http_status, .is_error = true});
    }
    if (error.http_status == 403 || error.http_status == 401) {
        return show_notice(visit, {.title = texts.refused_title,
                                   .text = message,
                                   .href = "/start",
                                   .link = texts.back_to_portal,
                                   .status = 403,
                                   .is_error = true});
    }
    log::error("a page failed", {{"path", visit.path()},
                                 {"code", error.code},
                                 {"cause", error.cause},
                                 {"request_id", visit.facts().request_id}});
    show_notice(visit, {.title = texts.failed_title,
                        .text = fill_in(texts.failed_lead, visit.facts().request_id),
                        .href = "/start",
                        .link = texts.back_to_portal,
                        .status = error.is_server_fault() ? error.http_status : 500,
                        .is_error = true});
}

}  // namespace sekisho::portal
