#pragma once
// Visit: one request for a page on its way: what was asked, by which person, and the answer with its cookies and
// security headers.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/caller.h"
#include "access/facts.h"
#include "base/result.h"
#include "domain/directory.h"
#include "net/http.h"
#include "operation/pipeline.h"
#include "portal/request.h"
#include "portal/texts.h"

namespace sekisho::portal {

inline constexpr std::string_view session_cookie = "__Host-sekisho";
inline constexpr std::string_view login_cookie = "__Host-sekisho-login";    // of an IAM user or root user
inline constexpr std::string_view form_cookie = "__Host-sekisho-form";      // ties forms to a browser before sign-in
inline constexpr std::string_view device_cookie = "__Host-sekisho-device";  // a trusted device
inline constexpr std::string_view language_cookie = "__Host-sekisho-language";
inline constexpr std::string_view theme_cookie = "__Host-sekisho-theme";
inline constexpr std::int64_t preference_seconds = 365 * 24 * 60 * 60;
inline constexpr std::int64_t form_token_seconds_max = 12 * 60 * 60;

class Visit {
 public:
    Visit(operation::Pipeline& pipeline, net::Request&& request, net::Responder&& responder);

    const net::Request& request() const { return request_; }
    std::string_view path() const { return request_.path(); }
    bool is_post() const { return request_.method == "POST"; }
    // Reads query, body, cookies and the person. False: the request cannot be read.
    bool open();

    const Form& query() const { return query_; }
    const Form& form() const { return form_; }
    const access::Caller& caller() const { return caller_; }
    bool is_signed_in() const { return caller_.kind == access::CallerKind::person; }
    const std::string& session_secret() const { return session_secret_; }
    // The IAM user or root user who is signed in in this browser, beside a person or without one.
    const access::Caller& login() const { return login_; }
    bool is_logged_in() const { return login_.is_signed_in(); }
    const std::string& device_token() const { return device_token_; }
    const access::RequestFacts& facts() const { return facts_; }
    const std::optional<domain::IdentityCenter>& center() const { return center_; }
    const std::string& public_url() const { return pipeline_.environment().public_url; }
    operation::Pipeline& pipeline() { return pipeline_; }
    Time now() const { return pipeline_.clock().now(); }
    // As chosen on our pages, else as the browser asks for (Accept-Language, RFC 9110 12.5.4).
    const Texts& texts() const { return *texts_; }
    std::string_view theme() const { return theme_; }  // "light", "dark", or empty: as the system is
    void choose_language(std::string_view language);   // "en", "ja"
    void choose_theme(std::string_view theme);

    // A form token: sealed, bound to the sessions of this browser, or before sign-in to its form cookie.
    std::string make_form_token();
    bool has_form_token() const;

    void sign_in(const std::string& session_secret, std::optional<Time> expires_at);
    void forget_session();
    void log_in(const std::string& session_secret, std::optional<Time> expires_at);
    void forget_login();
    void remember_device(const std::string& device_token);
    // A form of this page may lead there (the loopback address of a command line that waits for its code).
    void allow_form_target(std::string origin) { form_target_ = std::move(origin); }

    void send_page(int status, std::string html);
    void redirect(std::string_view location);  // 303: the next request is a GET
    void send(net::Response response);

 private:
    std::string form_binding() const;
    void read_sessions(const store::Reader& reader);
    void set_cookie(std::string_view name, std::string_view value, std::int64_t seconds);

    operation::Pipeline& pipeline_;
    net::Request request_;
    net::Responder responder_;
    Form query_;
    Form form_;
    access::Caller caller_;
    access::Caller login_;
    access::RequestFacts facts_;
    std::optional<domain::IdentityCenter> center_;
    std::string session_secret_;
    std::string login_secret_;
    std::string form_secret_;
    std::string device_token_;
    std::string form_target_;
    const Texts* texts_ = &english;
    std::string_view theme_;
    std::vector<std::string> cookies_;
};
using VisitPointer = std::shared_ptr<Visit>;

// Calls an operation; `then(visit, Result<Response>)` runs later, on any thread.
template <class Op, class Then>
void ask_as(const access::Caller& caller, VisitPointer visit, typename Op::Request request, Then then) {
    Visit& asking = *visit;
    asking.pipeline().template call<Op>(
        caller, asking.facts(), std::move(request),
        [visit = std::move(visit), then = std::move(then)](Result<typename Op::Response> answer) mutable {
            then(visit, std::move(answer));
        });
}

// As the visit's person, or nobody.
template <class Op, class Then>
void ask(VisitPointer visit, typename Op::Request request, Then then) {
    const Visit& asking = *visit;
    ask_as<Op>(asking.caller(), std::move(visit), std::move(request), std::move(then));
}

}  // namespace sekisho::portal
