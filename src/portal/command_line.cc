// `aws login`: a command line asks for a code of AWS Sign-In, for the IAM user who is signed in.
#include "base/encoding.h"
#include "models/signin.h"
#include "portal/layout.h"
#include "portal/pages.h"

namespace sekisho::portal {

namespace {

constexpr std::string_view parameters[] = {"client_id",     "redirect_uri", "code_challenge", "code_challenge_method",
                                           "response_type", "scope",        "state"};

// The request, as its query or the form that carries it on.
template <class Request>
Request request_of(const Form& fields) {
    const auto take = [&fields](std::string_view name) {
        return fields.has(name) ? std::optional<std::string>(fields.get(name)) : std::nullopt;
    };
    Request request;
    request.client_id = fields.get("client_id");
    request.redirect_uri = fields.get("redirect_uri");
    request.code_challenge = take("code_challenge");
    request.code_challenge_method = take("code_challenge_method");
    request.response_type = take("response_type");
    request.scope = take("scope");
    request.state = take("state");
    return request;
}

// "http://127.0.0.1:4321" of a redirect URI that the operation has found good.
std::string origin_of(std::string_view uri) {
    const auto end_of_scheme = uri.find("://");
    return std::string(uri.substr(0, uri.find('/', end_of_scheme + 3)));
}

Markup carried_fields(const Form& fields) {
    Markup carried;
    for (const auto name : parameters) {
        carried += void_element("input", {{"type", "hidden"}, {"name", name}, {"value", fields.get(name)}});
    }
    return carried;
}

void show_consent(Visit& visit, const signin::DescribeOAuth2AccessResponse& asked) {
    const auto& texts = visit.texts();
    const auto& redirect_uri = asked.redirect_uri.value_or("");
    Markup body = heading(texts.command_line_title);
    body += lead(texts.command_line_lead);
    const bool is_root = visit.login().kind == access::CallerKind::root;
    Facts facts{{texts.account, visit.login().account_id.str()},
                {texts.user, is_root ? std::string(texts.root_user) : visit.login().user_name}};
    if (!asked.cross_device) {
        facts.emplace_back(texts.answered_at, std::string(host_of_url(redirect_uri)));
        // Browsers hold the redirect that answers a form against form-action too.
        visit.allow_form_target(origin_of(redirect_uri));
    }
    body += fact_list(facts);
    body += element("p", {{"class", "caution"}}, {asked.cross_device ? texts.remote_hint : texts.phishing_hint});
    body += post_form(
        visit, authorize_path, {},
        {carried_fields(visit.query()),
         element(
             "div", {{"class", "actions"}},
             {element("button", {{"class", "primary"}, {"name", "decision"}, {"value", "allow"}}, {texts.allow_access}),
              element("button", {{"class", "plain"}, {"name", "decision"}, {"value", "deny"}}, {texts.deny})})});
    body += post_form(visit, "/signout/iam", {{"return_to", visit.request().target}},
                      {element("div", {{"class", "actions"}}, {plain_button(texts.use_another_user)})});
    show(visit, {.title = texts.command_line_title, .body = body});
}

// The code as the command line takes it: base64 of "state=..&code=..".
void show_code(Visit& visit, const std::string& code) {
    const auto& texts = visit.texts();
    const auto text = encode_base64("state=" + encode_uri(visit.form().get("state")) + "&code=" + encode_uri(code));
    Markup body = heading(texts.code_title);
    body += lead(texts.code_lead);
    body += copyable_lines("authorization-code", text, texts);
    show(visit, {.title = texts.code_title, .body = body});
}

// To the loopback address that the operation has found good, and nowhere else.
void send_back(Visit& visit, const std::string& redirect_uri, const std::string& answer) {
    visit.allow_form_target(origin_of(redirect_uri));
    visit.redirect(redirect_uri + "?" + answer + "&state=" + encode_uri(visit.form().get("state")));
}

void deny(const VisitPointer& visit) {
    ask_as<signin::DescribeOAuth2Access>(
        visit->login(), visit, request_of<signin::DescribeOAuth2AccessRequest>(visit->form()),
        [](const VisitPointer& v, auto answer) {
            if (!answer) return show_error(*v, answer.error());
            const auto& texts = v->texts();
            if (answer->cross_device) return show_notice(*v, {.title = texts.denied_title, .text = texts.denied_lead});
            send_back(*v, *answer->redirect_uri, "error=access_denied");
        });
}

}  // namespace

void show_command_line(VisitPointer visit) {
    ask_as<signin::DescribeOAuth2Access>(visit->login(), visit,
                                         request_of<signin::DescribeOAuth2AccessRequest>(visit->query()),
                                         [](const VisitPointer& v, auto answer) {
                                             if (!answer) return show_error(*v, answer.error());
                                             show_consent(*v, *answer);
                                         });
}

void decide_command_line(VisitPointer visit) {
    const auto& decision = visit->form().get("decision");
    if (decision != "allow") return deny(visit);
    ask_as<signin::AuthorizeOAuth2Access>(
        visit->login(), visit, request_of<signin::AuthorizeOAuth2AccessRequest>(visit->form()),
        [](const VisitPointer& v, auto answer) {
            if (!answer) return show_error(*v, answer.error());
            if (answer->cross_device) return show_code(*v, answer->code);
            send_back(*v, v->form().get("redirect_uri"), "code=" + encode_uri(answer->code));
        });
}

}  // namespace sekisho::portal
