#include "server/admin.h"

#include <utility>

#include "base/metrics.h"

namespace sekisho::server {

net::Response text_response(int status, std::string text) {
    return {.status = status,
            .headers = {{"Content-Type", "text/plain; charset=utf-8"},
                        {"Cache-Control", "no-store"},
                        {"X-Content-Type-Options", "nosniff"}},
            .body = std::move(text)};
}

net::Response health_response(std::string_view path, const Readiness& readiness) {
    if (path == "/healthz") return text_response(200, "ok\n");
    const std::string reason = readiness();
    return reason.empty() ? text_response(200, "ready\n") : text_response(503, reason + "\n");
}

Result<std::unique_ptr<net::Listener>> start_admin(const SocketAddress& address, Readiness readiness) {
    net::ListenerOptions options;
    options.address = address.host;
    options.port = address.port;
    options.tls = false;
    options.is_known_host = [](std::string_view host) {
        // Pages of other origins must not read it by a name that points here.
        const std::string_view name = host.substr(0, host.rfind(':'));
        return name == "localhost" || name == "[::1]" || name.starts_with("127.");
    };
    options.handler = [readiness = std::move(readiness)](net::Request&& request, net::Responder responder) {
        if (request.method != "GET" && request.method != "HEAD")
            return responder.send(text_response(405, "GET only\n"));
        const std::string_view path = request.path();
        if (path == "/metrics") {
            auto response = text_response(200, metrics::print());
            response.headers.front().value = "text/plain; version=0.0.4; charset=utf-8";
            return responder.send(std::move(response));
        }
        if (path == "/healthz" || path == "/readyz") return responder.send(health_response(path, readiness));
        responder.send(text_response(404, "/metrics, /healthz and /readyz are here\n"));
    };
    return net::Listener::start(std::move(options));
}

}  // namespace sekisho::server
