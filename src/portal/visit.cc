#include "portal/visit.h"

#include <fmt/format.h>

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/drbg.h"
#include "domain/portal.h"
#include "portal/texts_japanese.h"

namespace sekisho::portal {

namespace {

constexpr std::string_view form_purpose = "portal form";
constexpr std::size_t user_agent_bytes_max = 512;
constexpr std::size_t cookie_bytes_max = 4096;

bool is_loopback_name(std::string_view host) {
    return host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
}

access::RequestFacts facts_of(const net::Request& request) {
    access::RequestFacts facts;
    facts.source_address = request.connection().peer_address;
    if (const auto* agent = request.find_header("User-Agent")) {
        if (is_valid_utf8(*agent)) facts.user_agent = agent->substr(0, user_agent_bytes_max);
    }
    facts.host = request.host;
    facts.tls_version = request.connection().tls_version;
    facts.cipher_suite = request.connection().tls_cipher;
    facts.received = request.received;
    facts.region = Region("us-east-1");
    facts.is_inner = true;
    facts.request_id = random_uuid(crypto::thread_random());
    return facts;
}

const Texts& texts_of(std::string_view language) {
    return language == "ja" ? japanese : english;
}

// The first language that the browser names and we have; weights are written in falling order by browsers.
const Texts& asked_texts(const net::Request& request) {
    const auto* asked = request.find_header("Accept-Language");
    if (asked == nullptr) return english;
    for (const auto part : split(*asked, ',')) {
        const auto tag = lower_ascii(trim(part.substr(0, part.find(';'))));
        const auto language = tag.substr(0, tag.find('-'));
        if (language == "ja" || language == "en") return texts_of(language);
    }
    return english;
}

std::string_view known_theme(std::string_view theme) {
    for (const std::string_view known : {"light", "dark"}) {
        if (theme == known) return known;
    }
    return {};
}

}  // namespace

Visit::Visit(operation::Pipeline& pipeline, net::Request&& request, net::Responder&& responder)
    : pipeline_(pipeline), request_(std::move(request)), responder_(std::move(responder)), facts_(facts_of(request_)) {}

bool Visit::open() {
    auto query = Form::parse(request_.query());
    auto form = is_post() ? Form::parse(request_.body) : std::optional<Form>(Form{});
    if (!query || !form) return false;
    query_ = std::move(*query);
    form_ = std::move(*form);
    form_secret_ = find_cookie(request_, form_cookie);
    const auto language = find_cookie(request_, language_cookie);
    texts_ = language.empty() ? &asked_texts(request_) : &texts_of(language);
    theme_ = known_theme(find_cookie(request_, theme_cookie));
    device_token_ = find_cookie(request_, device_cookie);
    if (device_token_.size() > cookie_bytes_max) device_token_.clear();
    const auto snapshot = pipeline_.store().snapshot();
    if (auto center = domain::portal_identity_center(snapshot)) center_ = std::move(*center);
    if (center_) facts_.region = center_->region;
    read_sessions(snapshot);
    return true;
}

void Visit::read_sessions(const store::Reader& reader) {
    session_secret_ = find_cookie(request_, session_cookie);
    if (!session_secret_.empty()) {
        auto person = access::authenticate_session(reader, session_secret_, now());
        if (person) {
            caller_ = std::move(*person);
        } else {
            forget_session();
        }
    }
    login_secret_ = find_cookie(request_, login_cookie);
    if (login_secret_.empty()) return;
    auto user = access::authenticate_login(reader, login_secret_, now());
    if (user) {
        login_ = std::move(*user);
    } else {
        forget_login();
    }
}

std::string Visit::form_binding() const {
    std::string binding = is_signed_in()         ? "session " + access::hash_of_secret(session_secret_)
                          : form_secret_.empty() ? ""
                                                 : "browser " + form_secret_;
    if (!binding.empty() && is_logged_in()) binding += " login " + access::hash_of_secret(login_secret_);
    return binding;
}

std::string Visit::make_form_token() {
    if (!is_signed_in() && form_secret_.empty()) {
        form_secret_ = encode_base64url(random_bytes(crypto::thread_random(), 16));
        set_cookie(form_cookie, form_secret_, form_token_seconds_max);
    }
    const std::string plain = fmt::format("{} {}", epoch_seconds(now()), form_binding());
    return pipeline_.environment().tokens->seal(form_purpose, plain);
}

bool Visit::has_form_token() const {
    const std::string binding = form_binding();
    if (binding.empty()) return false;
    const auto plain = pipeline_.environment().tokens->open_sealed(form_purpose, form_.get("form_token"));
    if (!plain) return false;
    const std::size_t space = plain->find(' ');
    if (space == std::string::npos || std::string_view(*plain).substr(space + 1) != binding) return false;
    const std::int64_t made_at = std::strtoll(plain->c_str(), nullptr, 10);
    return epoch_seconds(now()) - made_at <= form_token_seconds_max;
}

namespace {

std::int64_t seconds_left(std::optional<Time> expires_at, Time now) {
    const std::int64_t left = expires_at ? epoch_seconds(*expires_at) - epoch_seconds(now) : form_token_seconds_max;
    return std::max<std::int64_t>(left, 1);
}

}  // namespace

void Visit::sign_in(const std::string& session_secret, std::optional<Time> expires_at) {
    set_cookie(session_cookie, session_secret, seconds_left(expires_at, now()));
}

void Visit::log_in(const std::string& session_secret, std::optional<Time> expires_at) {
    set_cookie(login_cookie, session_secret, seconds_left(expires_at, now()));
}

void Visit::forget_login() {
    login_ = {};
    login_secret_.clear();
    set_cookie(login_cookie, "", 0);
}

void Visit::forget_session() {
    caller_ = {};
    session_secret_.clear();
    set_cookie(session_cookie, "", 0);
}

void Visit::remember_device(const std::string& device_token) {
    set_cookie(device_cookie, device_token, limits::trusted_device_seconds);
}

void Visit::choose_language(std::string_view language) {
    texts_ = &texts_of(language);
    set_cookie(language_cookie, texts_->language, preference_seconds);
}

void Visit::choose_theme(std::string_view theme) {
    theme_ = known_theme(theme);
    set_cookie(theme_cookie, theme_, theme_.empty() ? 0 : preference_seconds);
}

void Visit::set_cookie(std::string_view name, std::string_view value, std::int64_t seconds) {
    // The last word on a cookie counts.
    std::erase_if(cookies_, [name](const std::string& cookie) {
        return cookie.starts_with(name) && cookie.size() > name.size() && cookie[name.size()] == '=';
    });
    cookies_.push_back(fmt::format("{}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}", name, value, seconds));
}

void Visit::send_page(int status, std::string html) {
    net::Response response;
    response.status = status;
    response.headers.push_back({"Content-Type", "text/html; charset=utf-8"});
    response.headers.push_back({"Vary", "Cookie, Accept-Language"});
    response.body = std::move(html);
    send(std::move(response));
}

void Visit::redirect(std::string_view location) {
    net::Response response;
    response.status = 303;
    response.headers.push_back({"Location", std::string(location)});
    send(std::move(response));
}

void Visit::send(net::Response response) {
    auto& headers = response.headers;
    const std::string target = form_target_.empty() ? "" : " " + form_target_;
    if (response.find_header("Content-Security-Policy") == nullptr) {
        headers.push_back(
            {"Content-Security-Policy",
             "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
             "form-action 'self'" +
                 target + "; frame-ancestors 'none'; base-uri 'none'"});
    }
    headers.push_back({"X-Content-Type-Options", "nosniff"});
    headers.push_back({"X-Frame-Options", "DENY"});
    // Not no-referrer: browsers would then send "Origin: null" with our own forms (Fetch, 3.1).
    headers.push_back({"Referrer-Policy", "same-origin"});
    headers.push_back({"Cross-Origin-Opener-Policy", "same-origin"});
    headers.push_back({"Cross-Origin-Resource-Policy", "same-origin"});
    headers.push_back({"Permissions-Policy", "camera=(), geolocation=(), microphone=()"});
    if (response.find_header("Cache-Control") == nullptr) headers.push_back({"Cache-Control", "no-store"});
    if (!is_loopback_name(host_of_url(public_url()))) {
        headers.push_back({"Strict-Transport-Security", "max-age=31536000"});
    }
    for (auto& cookie : cookies_) headers.push_back({"Set-Cookie", std::move(cookie)});
    cookies_.clear();
    if (request_.method == "HEAD") response.body.clear();
    responder_.send(std::move(response));
}

}  // namespace sekisho::portal
