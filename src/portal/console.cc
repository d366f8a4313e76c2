#include "portal/console.h"

#include <algorithm>

#include "base/json.h"
#include "base/log.h"
#include "models/control.h"
#include "models/signin.h"
#include "models/sso.h"
#include "portal/pages.h"

namespace sekisho::portal {

namespace {

constexpr std::string_view page_path = "/console/index.html";
constexpr std::string_view assets_path = "/console/assets/";
constexpr std::int32_t accounts_in_answer_max = 100;

// Everything from our own origin, no inline script or style. The design system's fonts lie in its style sheet (data:).
constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

std::string_view content_type(std::string_view path) {
    if (path.ends_with(".html")) return "text/html; charset=utf-8";
    if (path.ends_with(".css")) return "text/css; charset=utf-8";
    if (path.ends_with(".js")) return "text/javascript; charset=utf-8";
    return "image/svg+xml";
}

bool takes_brotli(const net::Request& request) {
    const std::string* accepted = request.find_header("Accept-Encoding");
    return accepted != nullptr && accepted->find("br") != std::string::npos;
}

void send_console_file(Visit& visit, std::string_view path) {
    const auto files = console_files();
    const auto found =
        std::find_if(files.begin(), files.end(), [path](const ConsoleFile& f) { return f.path == path; });
    net::Response response;
    if (found == files.end() || !takes_brotli(visit.request())) {
        response.status = found == files.end() ? 404 : 406;
        response.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
        response.body = found == files.end() ? "No such file of the console.\n"
                                             : "The console is for browsers: it is sent in brotli encoding only.\n";
        return visit.send(std::move(response));
    }
    response.headers = {{"Content-Type", std::string(content_type(path))},
                        {"Content-Encoding", "br"},
                        {"Content-Security-Policy", std::string(content_security_policy)}};
    // Names of assets hold the hash of their content.
    if (path != page_path) response.headers.push_back({"Cache-Control", "public, max-age=31536000, immutable"});
    response.body = found->bytes;
    visit.send(std::move(response));
}

void send_json(Visit& visit, int status, std::string body) {
    net::Response response;
    response.status = status;
    response.headers.push_back({"Content-Type", "application/json"});
    response.body = std::move(body);
    visit.send(std::move(response));
}

void send_refusal(Visit& visit, int status, std::string_view code, std::string_view message) {
    std::string body;
    JsonWriter(body).begin_object().member("code", code).member("message", message).end_object();
    send_json(visit, status, std::move(body));
}

void send_refusal(Visit& visit, const ApiError& error) {
    if (error.is_server_fault()) {
        log::error("the console's door failed", {{"path", visit.path()},
                                                 {"code", error.code},
                                                 {"cause", error.cause},
                                                 {"request_id", visit.facts().request_id}});
    }
    send_refusal(visit, error.http_status, error.code, error.message);
}

// Who is signed in, where Identity Center lives, what time it is here (signatures hold it), and what was chosen on any
// of our pages.
void answer_session(VisitPointer visit) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("time", epoch_milliseconds(visit->now()));
    if (visit->is_signed_in()) json.member("userName", visit->caller().user_name);
    if (visit->is_logged_in()) {
        const bool is_root = visit->login().kind == access::CallerKind::root;
        json.name("iamUser")
            .begin_object()
            .member("accountId", visit->login().account_id.str())
            .member("userName", is_root ? std::string_view("root") : visit->login().user_name)
            .member("arn", visit->login().arn)
            .end_object();
    }
    if (visit->center()) json.member("region", visit->center()->region.str());
    json.member("language", visit->texts().language);
    json.member("theme", visit->theme().empty() ? std::string_view("system") : visit->theme());
    json.end_object();
    send_json(*visit, 200, std::move(body));
}

void answer_preferences(VisitPointer visit) {
    keep_preferences(std::move(visit), [](const VisitPointer& v, const Result<void>& kept) {
        if (!kept) return send_refusal(*v, kept.error());
        send_json(*v, 200, "{}");
    });
}

void write_account(JsonWriter& json, const control::PortalAccount& account) {
    json.begin_object().member("accountId", account.account_id).member("accountName", account.account_name);
    if (account.email_address) json.member("emailAddress", *account.email_address);
    json.name("roles").begin_array();
    for (const auto& role : account.roles) {
        json.begin_object().member("roleName", role.role_name);
        if (role.description) json.member("description", *role.description);
        json.end_object();
    }
    json.end_array().end_object();
}

void answer_roles(VisitPointer visit) {
    control::ListPortalAccountsRequest request{.max_results = accounts_in_answer_max};
    const auto& page = visit->form().get("page");
    if (!page.empty()) request.next_token = page;
    ask<control::ListPortalAccounts>(visit, std::move(request), [](const VisitPointer& v, auto answer) {
        if (!answer) return send_refusal(*v, answer.error());
        std::string body;
        JsonWriter json(body);
        json.begin_object().name("accounts").begin_array();
        for (const auto& account : answer->accounts) write_account(json, account);
        json.end_array();
        if (answer->next_token) json.member("nextToken", *answer->next_token);
        json.end_object();
        send_json(*v, 200, std::move(body));
    });
}

void send_credentials(Visit& visit, const signin::AccessToken& keys, std::int64_t expiration) {
    std::string body;
    JsonWriter json(body);
    json.begin_object()
        .member("accessKeyId", keys.access_key_id)
        .member("secretAccessKey", keys.secret_access_key)
        .member("sessionToken", keys.session_token)
        .member("expiration", expiration)
        .end_object();
    send_json(visit, 200, std::move(body));
}

void answer_credentials(VisitPointer visit) {
    sso::GetRoleCredentialsRequest request{.role_name = visit->form().get("role_name"),
                                           .account_id = visit->form().get("account_id")};
    ask<sso::GetRoleCredentials>(visit, std::move(request), [](const VisitPointer& v, auto answer) {
        if (!answer) return send_refusal(*v, answer.error());
        if (!answer->role_credentials) return send_refusal(*v, 403, "ForbiddenException", "No access");
        const auto& keys = *answer->role_credentials;
        send_credentials(*v,
                         {.access_key_id = keys.access_key_id.value_or(""),
                          .secret_access_key = keys.secret_access_key.value_or(""),
                          .session_token = keys.session_token.value_or("")},
                         keys.expiration.value_or(0));
    });
}

// The own ones of an IAM user or root user.
void answer_user_credentials(VisitPointer visit) {
    ask_as<signin::GetConsoleCredentials>(visit->login(), visit, {}, [](const VisitPointer& v, auto answer) {
        if (!answer) return send_refusal(*v, answer.error());
        send_credentials(*v, answer->credentials, epoch_milliseconds(answer->expiration));
    });
}

enum class Wants : std::uint8_t { nobody, person, logged_in };

struct DoorRoute {
    std::string_view path;
    Wants wants;
    void (*answer)(VisitPointer);
};

constexpr DoorRoute door_routes[] = {
    {"/console/session", Wants::nobody, answer_session},
    {"/console/preferences", Wants::nobody, answer_preferences},
    {"/console/roles", Wants::person, answer_roles},
    {"/console/credentials", Wants::person, answer_credentials},
    {"/console/user-credentials", Wants::logged_in, answer_user_credentials},
};

// Asked by a script, not by a form or a frame that would show the answer (Fetch Metadata; absent in old browsers).
bool is_scripted(const net::Request& request) {
    const std::string* destination = request.find_header("Sec-Fetch-Dest");
    return destination == nullptr || *destination == "empty";
}

void serve_door(const VisitPointer& visit) {
    const auto route = std::find_if(std::begin(door_routes), std::end(door_routes),
                                    [&](const DoorRoute& r) { return r.path == visit->path(); });
    if (route == std::end(door_routes)) return send_refusal(*visit, 404, "NotFound", "No such door.");
    const auto fault = check_post(visit->request(), visit->public_url());
    if (fault != PostFault::none || !is_scripted(visit->request())) {
        return send_refusal(*visit, 403, "ForeignOrigin", "This door answers the console's own pages only.");
    }
    if (!visit->open()) return send_refusal(*visit, 400, "BadRequest", "The request cannot be read.");
    const bool lacks_person = route->wants == Wants::person && !visit->is_signed_in();
    if (lacks_person || (route->wants == Wants::logged_in && !visit->is_logged_in())) {
        return send_refusal(*visit, 401, "NotSignedIn", "The sign-in session is over.");
    }
    route->answer(visit);
}

}  // namespace

bool is_console_path(std::string_view path) {
    return path == "/console" || path.starts_with("/console/");
}

void serve_console(VisitPointer visit) {
    if (visit->is_post()) return serve_door(visit);
    if (visit->path() == "/console") return visit->redirect("/console/");
    const bool is_asset = visit->path().starts_with(assets_path);
    send_console_file(*visit, is_asset ? visit->path() : page_path);
}

}  // namespace sekisho::portal
