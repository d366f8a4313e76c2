// Consent: a device's code (RFC 8628), and an application's code with PKCE (RFC 6749 4.1, RFC 7636).
#include <algorithm>

#include "base/text.h"
#include "models/control.h"
#include "portal/layout.h"
#include "portal/pages.h"

namespace sekisho::portal {

namespace {

constexpr std::size_t user_code_bytes_max = 32;

// Typed in any case, with or without its hyphen.
std::string normal_user_code(std::string_view typed) {
    std::string code;
    for (const char c : typed) {
        if (c >= 'a' && c <= 'z')
            code += static_cast<char>(c - 'a' + 'A');
        else if (c != ' ' && c != '-')
            code += c;
    }
    if (code.size() == 8) code.insert(4, "-");
    return code.substr(0, user_code_bytes_max);
}

bool is_unknown_code(const ApiError& error) {
    return is_error(error, {"ResourceNotFoundException", "ExpiredTokenException", "ConflictException",
                            "ValidationException", "InvalidTokenException"});
}

void show_code_entry(Visit& visit, const std::string& typed, std::string_view error) {
    const auto& texts = visit.texts();
    Markup body = heading(texts.device_title);
    body += lead(texts.device_enter_lead);
    body += element("form", {{"method", "get"}, {"action", "/device"}},
                    {text_field({.name = "user_code",
                                 .label = texts.device_code,
                                 .value = typed,
                                 .error = error,
                                 .length_max = user_code_bytes_max,
                                 .is_focused = true},
                                texts),
                     primary_button(texts.next)});
    show(visit, {.title = texts.device_title, .body = body, .status = error.empty() ? 200 : 400});
}

Markup signed_in_line(const Visit& visit) {
    return element("p", {{"class", "who"}},
                   {visit.texts().signed_in_as, " ", element("strong", {visit.caller().user_name})});
}

Markup scope_list(const std::optional<std::vector<std::string>>& scopes, const Texts& texts) {
    Markup items;
    for (const auto& scope : scopes.value_or(std::vector<std::string>{})) {
        items += element("li", {scope == "sso:account:access" ? texts.scope_account_access : std::string_view(scope)});
    }
    if (items.empty()) items = element("li", {texts.scope_account_access});
    return element("ul", {{"class", "scopes"}}, {items});
}

// Both answers are buttons of one form.
Markup decision_buttons(const Texts& texts) {
    return element(
        "div", {{"class", "actions"}},
        {element("button", {{"class", "primary"}, {"name", "decision"}, {"value", "allow"}}, {texts.allow_access}),
         element("button", {{"class", "plain"}, {"name", "decision"}, {"value", "deny"}}, {texts.deny})});
}

std::optional<control::AuthorizationDecision> decision_of(const Form& form) {
    if (form.get("decision") == "allow") return control::AuthorizationDecision::allow;
    if (form.get("decision") == "deny") return control::AuthorizationDecision::deny;
    return std::nullopt;
}

void show_device_request(Visit& visit, const std::string& code,
                         const control::DescribeDeviceAuthorizationResponse& asked) {
    const auto& texts = visit.texts();
    Markup body = heading(texts.device_title);
    body += lead(texts.device_confirm_lead);
    body += element("p", {{"class", "user-code"}, {"aria-label", texts.code_label}}, {code});
    body += fact_list({{texts.requested_by, asked.client_name},
                       {texts.requested_from, asked.source_address.value_or("")},
                       {texts.requested_at, asked.created_date ? format_date(*asked.created_date) : ""}});
    body += element("p", {{"class", "caution"}}, {texts.phishing_hint});
    body +=
        post_form(visit, "/device", {{"user_code", code}},
                  {element("div", {{"class", "actions"}},
                           {primary_button(texts.confirm_and_continue), button_link("/start", texts.cancel, false)})});
    body += signed_in_line(visit);
    show(visit, {.title = texts.device_title, .body = body});
}

void show_device_consent(Visit& visit, const std::string& code,
                         const control::DescribeDeviceAuthorizationResponse& asked) {
    const auto& texts = visit.texts();
    const std::string title = fill_in(texts.allow_title, asked.client_name);
    Markup body = heading(title);
    body += lead(texts.allow_lead);
    body += scope_list(asked.scopes, texts);
    body += fact_list({{texts.code_label, code}, {texts.requested_from, asked.source_address.value_or("")}});
    body += element("p", {{"class", "caution"}}, {texts.phishing_hint});
    body += post_form(visit, "/device/decide", {{"user_code", code}, {"client_name", asked.client_name}},
                      {decision_buttons(texts)});
    body += signed_in_line(visit);
    show(visit, {.title = title, .body = body});
}

// Describes the device's request, and shows it by `page`.
template <class PageOf>
void with_device_request(const VisitPointer& visit, const std::string& code, PageOf page) {
    ask<control::DescribeDeviceAuthorization>(visit, {.user_code = code},
                                              [code, page](const VisitPointer& v, auto answer) {
                                                  if (answer) return page(*v, code, *answer);
                                                  if (!is_unknown_code(answer.error()))
                                                      return show_error(*v, answer.error());
                                                  show_code_entry(*v, code, v->texts().device_unknown);
                                              });
}

// The application's request, as its query or the form that carries it on.
control::DescribeAuthorizationRequestRequest authorization_request(const Form& fields) {
    control::DescribeAuthorizationRequestRequest request{.client_id = fields.get("client_id"),
                                                         .redirect_uri = fields.get("redirect_uri")};
    const auto take = [&fields](std::string_view name) {
        return fields.has(name) ? std::optional<std::string>(fields.get(name)) : std::nullopt;
    };
    request.state = take("state");
    request.code_challenge = take("code_challenge");
    request.code_challenge_method = take("code_challenge_method");
    request.response_type = take("response_type");
    // AWS's clients send "scopes"; RFC 6749 3.3 has "scope". Both are lists with spaces.
    const auto& listed = fields.get(fields.has("scopes") ? "scopes" : "scope");
    if (!listed.empty()) {
        request.scopes.emplace();
        for (const auto scope : split(listed, ' ')) {
            if (!scope.empty()) request.scopes->emplace_back(scope);
        }
    }
    return request;
}

// "http://127.0.0.1:4321" of a redirect URI, for form-action; empty for what is no origin that the policy could name.
std::string origin_of(std::string_view uri) {
    const auto end_of_scheme = uri.find("://");
    const auto scheme = uri.substr(0, end_of_scheme);
    if (end_of_scheme == std::string_view::npos || (scheme != "http" && scheme != "https")) return {};
    const auto host = host_of_url(uri);
    const bool is_plain = !host.empty() && std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(".-:[]").contains(c);
    });
    return is_plain ? std::string(scheme) + "://" + std::string(host) : std::string();
}

void show_application_consent(Visit& visit, const Form& fields,
                              const control::DescribeAuthorizationRequestResponse& asked) {
    const auto& texts = visit.texts();
    const auto& redirect_uri = fields.get("redirect_uri");
    const std::string title = fill_in(texts.allow_title, asked.client_name);
    // Browsers hold the redirect that answers a form against form-action too.
    visit.allow_form_target(origin_of(asked.redirect_uri.value_or("")));
    Markup body = heading(title);
    body += lead(texts.allow_lead);
    body += scope_list(asked.scopes, texts);
    body += fact_list({{texts.answered_at, std::string(host_of_url(redirect_uri))}});
    body += element("p", {{"class", "caution"}}, {texts.phishing_hint});
    body += post_form(visit, "/authorize",
                      {{"client_id", fields.get("client_id")},
                       {"redirect_uri", redirect_uri},
                       {"state", fields.get("state")},
                       {"code_challenge", fields.get("code_challenge")},
                       {"code_challenge_method", fields.get("code_challenge_method")},
                       {"response_type", fields.get("response_type")},
                       {"scopes", fields.get(fields.has("scopes") ? "scopes" : "scope")}},
                      {decision_buttons(texts)});
    body += signed_in_line(visit);
    show(visit, {.title = title, .body = body});
}

}  // namespace

void show_device(VisitPointer visit) {
    const auto code = normal_user_code(visit->query().get("user_code"));
    if (code.empty()) return show_code_entry(*visit, "", "");
    with_device_request(visit, code, show_device_request);
}

void confirm_device(VisitPointer visit) {
    const auto code = normal_user_code(visit->form().get("user_code"));
    if (code.empty()) return show_code_entry(*visit, "", "");
    with_device_request(visit, code, show_device_consent);
}

void decide_device(VisitPointer visit) {
    const auto code = normal_user_code(visit->form().get("user_code"));
    const auto decision = decision_of(visit->form());
    if (!decision) return visit->redirect("/device" + encode_query({{"user_code", code}}));
    const std::string client_name = visit->form().get("client_name");
    ask<control::DecideDeviceAuthorization>(
        visit, {.user_code = code, .decision = *decision},
        [code, client_name, decision = *decision](const VisitPointer& v, auto answer) {
            const auto& texts = v->texts();
            if (!answer) {
                if (!is_unknown_code(answer.error())) return show_error(*v, answer.error());
                return show_code_entry(*v, code, texts.device_unknown);
            }
            if (decision == control::AuthorizationDecision::deny) {
                return show_notice(*v, {.title = texts.denied_title, .text = texts.denied_lead});
            }
            const std::string text = fill_in(texts.approved_lead, answer->client_name.value_or(client_name));
            show_notice(*v, {.title = texts.approved_title, .text = text});
        });
}

void show_authorization(VisitPointer visit) {
    ask<control::DescribeAuthorizationRequest>(visit, authorization_request(visit->query()),
                                               [](const VisitPointer& v, auto answer) {
                                                   if (!answer) return show_error(*v, answer.error());
                                                   show_application_consent(*v, v->query(), *answer);
                                               });
}

void decide_authorization(VisitPointer visit) {
    const auto decision = decision_of(visit->form());
    if (!decision) return visit->redirect("/start");
    auto described = authorization_request(visit->form());
    control::DecideAuthorizationRequestRequest request{
        .client_id = std::move(described.client_id), .redirect_uri = described.redirect_uri, .decision = *decision};
    request.state = std::move(described.state);
    request.code_challenge = std::move(described.code_challenge);
    request.code_challenge_method = std::move(described.code_challenge_method);
    request.response_type = std::move(described.response_type);
    request.scopes = std::move(described.scopes);
    ask<control::DecideAuthorizationRequest>(visit, std::move(request), [](const VisitPointer& v, auto answer) {
        if (!answer) return show_error(*v, answer.error());
        v->allow_form_target(origin_of(answer->redirect_to));
        v->redirect(answer->redirect_to);
    });
}

}  // namespace sekisho::portal
