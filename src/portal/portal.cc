#include "portal/portal.h"

#include <algorithm>

#include "portal/assets.h"
#include "portal/console.h"
#include "portal/layout.h"
#include "portal/pages.h"

namespace sekisho::portal {

namespace {

enum class Who : std::uint8_t { anyone, person, logged_in };

struct Route {
    std::string_view path;
    bool is_post;
    Who who;
    void (*answer)(VisitPointer);
};

constexpr Route routes[] = {
    {"/start", false, Who::person, show_portal},
    {"/start/console", false, Who::person, show_console},
    {"/start/credentials", false, Who::person, show_credentials},
    {"/start/search", false, Who::person, show_search},
    {"/start/setup", false, Who::person, show_setup},
    {"/start/setup/sekisho-setup.sh", false, Who::person, send_setup_script},
    {"/start/setup/sekisho-setup.ps1", false, Who::person, send_setup_powershell},
    {"/start/setup/config", false, Who::person, send_aws_config},
    {"/start/setup/kubeconfig.yaml", false, Who::person, send_kubeconfig},
    {"/start/setup/sekisho-ca.pem", false, Who::person, send_authority},
    {"/signin", false, Who::anyone, show_sign_in},
    {"/signin", true, Who::anyone, take_username},
    {"/signin/password", true, Who::anyone, take_password},
    {"/signin/code", true, Who::anyone, take_code},
    {"/signin/first", true, Who::anyone, request_first_code},
    {"/signin/first/code", true, Who::anyone, take_first_code},
    {"/signin/key", true, Who::anyone, take_security_key},
    {"/signin/passkey", false, Who::anyone, show_passkey},
    {"/signin/passkey", true, Who::anyone, take_passkey},
    {"/signin/new-password", true, Who::anyone, take_changed_password},
    {"/signin/register", true, Who::anyone, start_enrolment},
    {"/signin/register/confirm", true, Who::anyone, confirm_enrolment},
    {iam_sign_in_path, false, Who::anyone, show_iam_sign_in},
    {iam_sign_in_path, true, Who::anyone, take_iam_password},
    {"/signin/iam/code", true, Who::anyone, take_login_code},
    {"/signin/iam/new-password", true, Who::anyone, take_iam_new_password},
    {root_sign_in_path, false, Who::anyone, show_root_sign_in},
    {root_sign_in_path, true, Who::anyone, take_root_password},
    {"/signin/root/code", true, Who::anyone, take_login_code},
    {"/signin/root/register", true, Who::anyone, confirm_root_enrolment},
    {"/signin/root/forgot", false, Who::anyone, show_root_forgot_password},
    {"/signin/root/forgot", true, Who::anyone, request_root_password},
    {"/signin/root/password", false, Who::anyone, show_root_password},
    {"/signin/root/password", true, Who::anyone, take_root_new_password},
    {"/signout/iam", false, Who::anyone, show_iam_sign_out},
    {"/signout/iam", true, Who::anyone, sign_out_iam},
    {authorize_path, false, Who::logged_in, show_command_line},
    {authorize_path, true, Who::logged_in, decide_command_line},
    {"/signout", false, Who::anyone, show_sign_out},
    {"/signout", true, Who::anyone, sign_out},
    {"/signout/everywhere", true, Who::person, sign_out_everywhere},
    {"/invitation", false, Who::anyone, show_invitation},
    {"/invitation", true, Who::anyone, take_invited_password},
    {"/reset-password", false, Who::anyone, show_invitation},
    {"/reset-password", true, Who::anyone, take_invited_password},
    {"/forgot-password", false, Who::anyone, show_forgot_password},
    {"/forgot-password", true, Who::anyone, request_password_reset},
    {"/verify-email", false, Who::anyone, verify_email},
    {"/device", false, Who::person, show_device},
    {"/device", true, Who::person, confirm_device},
    {"/device/decide", true, Who::person, decide_device},
    {"/authorize", false, Who::person, show_authorization},
    {"/authorize", true, Who::person, decide_authorization},
    {"/account", false, Who::person, show_account},
    {"/account/register", false, Who::person, show_device_registration},
    {"/account/register", true, Who::person, start_enrolment},
    {"/account/register/confirm", true, Who::person, confirm_enrolment},
    {"/account/devices/rename", true, Who::person, rename_device},
    {"/account/devices/remove", true, Who::person, remove_device},
    {"/account/sessions/end", true, Who::person, end_session},
    {"/account/password", false, Who::person, show_own_password},
    {"/account/password", true, Who::person, take_own_password},
    {"/account/password/changed", false, Who::person, show_password_changed},
    {"/account/verify-email", true, Who::person, send_verification},
    {"/preferences", true, Who::anyone, take_preferences},
};

constexpr std::string_view first_parts[] = {"start",      "signin",       "signout",        "authorize",
                                            "device",     "invitation",   "reset-password", "forgot-password",
                                            "account",    "verify-email", "assets",         "favicon.ico",
                                            "robots.txt", "preferences",  "console"};

void send_asset(Visit& visit, const Asset& asset, bool may_be_kept) {
    net::Response response;
    response.headers.push_back({"Content-Type", std::string(asset.content_type())});
    response.headers.push_back(
        {"Cache-Control", may_be_kept ? "public, max-age=31536000, immutable" : "max-age=86400"});
    response.body = asset.bytes;
    visit.send(std::move(response));
}

// Files without a person.
bool send_file(Visit& visit) {
    const auto path = visit.path();
    if (visit.is_post()) return false;
    if (const Asset* asset = find_asset(path)) return send_asset(visit, *asset, true), true;
    if (path == "/favicon.ico") return send_asset(visit, *find_asset(asset_path("mark.svg")), false), true;
    if (path == "/robots.txt") {
        net::Response response;
        response.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
        response.body = "User-agent: *\nDisallow: /\n";
        return visit.send(std::move(response)), true;
    }
    return false;
}

const Route* find_route(std::string_view path, bool is_post) {
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    const auto found = std::find_if(std::begin(routes), std::end(routes),
                                    [&](const Route& route) { return route.path == path && route.is_post == is_post; });
    return found == std::end(routes) ? nullptr : &*found;
}

void show_not_found(Visit& visit) {
    const auto& texts = visit.texts();
    show_notice(visit, {.title = texts.not_found_title,
                        .text = texts.not_found_lead,
                        .href = "/start",
                        .link = texts.back_to_portal,
                        .status = 404});
}

void show_form_over(Visit& visit) {
    const auto& texts = visit.texts();
    const std::string_view path = visit.path();
    const bool has_page = find_route(path, false) != nullptr && is_return_path(path);
    show_notice(visit, {.title = texts.form_over_title,
                        .text = texts.form_over_lead,
                        .href = has_page ? path : "/start",
                        .link = texts.sign_in_again,
                        .status = 403,
                        .is_error = true});
}

void show_bad_form(Visit& visit, int status) {
    const auto& texts = visit.texts();
    show_notice(visit, {.title = texts.bad_form_title,
                        .text = texts.bad_form_lead,
                        .href = "/start",
                        .link = texts.back_to_portal,
                        .status = status,
                        .is_error = true});
}

void answer_post(const VisitPointer& visit, const Route& route, PostFault fault) {
    if (fault == PostFault::foreign_origin || !visit->has_form_token()) return show_form_over(*visit);
    route.answer(visit);
}

void answer_page(const VisitPointer& visit) {
    const auto fault = visit->is_post() ? check_post(visit->request(), visit->public_url()) : PostFault::none;
    if (fault == PostFault::content_type) return show_bad_form(*visit, 415);
    if (fault == PostFault::too_large) return show_bad_form(*visit, 413);
    if (!visit->open()) return show_bad_form(*visit, 400);
    const Route* route = find_route(visit->path(), visit->is_post());
    if (route == nullptr) {
        // The steps of a sign-in have no address of their own: a reload begins again.
        if (!visit->is_post() && find_route(visit->path(), true) != nullptr) {
            for (const auto beginning : {iam_sign_in_path, root_sign_in_path}) {
                if (visit->path().starts_with(beginning)) return visit->redirect(beginning);
            }
            return visit->redirect("/start");
        }
        return show_not_found(*visit);
    }
    const bool lacks_person = route->who == Who::person && !visit->is_signed_in();
    if (lacks_person || (route->who == Who::logged_in && !visit->is_logged_in())) {
        const std::string wanted(visit->is_post() ? visit->path() : std::string_view(visit->request().target));
        const bool may_return = is_return_path(wanted) && (!visit->is_post() || find_route(wanted, false) != nullptr);
        return visit->redirect(std::string(lacks_person ? "/signin" : iam_sign_in_path) +
                               encode_query({{"return_to", may_return ? wanted : ""}}));
    }
    if (visit->is_post()) return answer_post(visit, *route, fault);
    route->answer(visit);
}

// Browsers leave the scheme's own port out.
bool is_public_name(std::string_view host, std::string_view public_url) {
    const auto without_default = [](std::string_view name) {
        if (name.ends_with(":443")) name.remove_suffix(4);
        return name;
    };
    return without_default(host) == without_default(host_of_url(public_url));
}

}  // namespace

bool Portal::is_portal_path(std::string_view path) {
    if (!path.starts_with('/')) return false;
    if (path == authorize_path) return true;  // beside it, /v1/token is an operation
    path.remove_prefix(1);
    const auto part = path.substr(0, path.find('/'));
    return std::find(std::begin(first_parts), std::end(first_parts), part) != std::end(first_parts);
}

void Portal::serve(net::Request&& request, net::Responder responder) const {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    auto visit = std::make_shared<Visit>(pipeline_, std::move(request), std::move(responder));
    if (!reads && !visit->is_post()) {
        return visit->send({.status = 405, .headers = {{"Allow", "GET, HEAD, POST"}}, .body = {}});
    }
    if (send_file(*visit)) return;
    // Cookies live on one origin.
    if (reads && !is_public_name(visit->request().host, visit->public_url())) {
        const bool has_path = visit->request().target.starts_with('/');
        return visit->redirect(visit->public_url() + (has_path ? visit->request().target : std::string(visit->path())));
    }
    if (is_console_path(visit->path())) return serve_console(visit);
    answer_page(visit);
}

}  // namespace sekisho::portal
