#include "server/router.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/ids.h"
#include "base/text.h"
#include "portal/portal.h"
#include "server/address.h"

namespace sekisho::server {

namespace {

// Services whose names carry a region: <service>.<region>.amazonaws.com.
constexpr std::string_view regional_services[] = {
    "oidc",           "portal.sso", "sts",         "eks",           "sso",
    "identitystore",  "signin",     "device.sso",  "organizations", "iam",
    "cloudformation", "ec2",        "autoscaling", "cloudtrail",    "access-analyzer",
    "sekisho",        "api.eks",    "eks-auth"};
// Services with one name for all regions, and legacy names.
constexpr std::string_view global_services[] = {"sts", "iam", "organizations", "signin",
                                                "ec2", "eks", "cloudformation"};

std::string_view first_part(std::string_view path) {
    if (path.starts_with('/')) path.remove_prefix(1);
    return path.substr(0, path.find('/'));
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// The signature's place, or a header that only API clients send.
bool looks_signed(const net::Request& request) {
    const std::string* authorization = request.find_header("Authorization");
    return (authorization != nullptr && authorization->starts_with("AWS4-")) ||
           request.find_header("X-Amz-Target") != nullptr ||
           request.query().find("X-Amz-Signature=") != std::string_view::npos;
}

}  // namespace

Route find_route(const net::Request& request) {
    const std::string_view path = request.path();
    if (looks_signed(request)) return Route::api;
    const std::string_view part = first_part(path);
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (path == "/healthz" || path == "/readyz") return reads ? Route::health : Route::api;
    if (part == "webhook") return Route::webhook;
    if (part == "oidc" && reads) return Route::oidc;
    if (request.method == "HEAD" && (path == "/start" || path == "/start/")) return Route::start;
    if (portal::Portal::is_portal_path(path)) return Route::portal;
    if (path == "/" && reads && request.query().find("Action=") == std::string_view::npos) return Route::home;
    return Route::api;
}

bool is_door_host(std::string_view host) {
    constexpr std::string_view portal = ".awsapps.com";
    constexpr std::string_view services = ".amazonaws.com";
    constexpr std::string_view sign_in = ".signin.aws.amazon.com";
    if (host.size() > 253) return false;
    if (host.ends_with(portal)) {
        const std::string_view name = host.substr(0, host.size() - portal.size());
        return !name.empty() && name.find('.') == std::string_view::npos;
    }
    if (host.ends_with(sign_in)) return is_region(host.substr(0, host.size() - sign_in.size()));
    if (!host.ends_with(services)) return false;
    const std::string_view name = host.substr(0, host.size() - services.size());
    if (contains(global_services, name)) return true;
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return false;
    return contains(regional_services, name.substr(0, dot)) && is_region(name.substr(dot + 1));
}

KnownHosts::KnownHosts(std::string public_host, std::uint16_t public_port)
    : public_host_(public_host.find(':') == std::string::npos ? std::move(public_host) : "[" + public_host + "]"),
      public_authority_(public_host_ + ":" + std::to_string(public_port)) {}

bool KnownHosts::has(std::string_view host) const {
    if (host == public_host_ || host == public_authority_) return true;
    const std::string_view name = host_without_port(host);
    if (name == "localhost" || name == "127.0.0.1" || name == "[::1]") return true;
    // Behind the door, and for clients that resolve AWS names to us.
    return is_door_host(name) && (name.size() == host.size() || host.substr(name.size()) == ":443");
}

std::string_view host_without_port(std::string_view host) {
    if (host.starts_with('[')) {
        const std::size_t end = host.find(']');
        return end == std::string_view::npos ? host : host.substr(0, end + 1);
    }
    return host.substr(0, host.find(':'));
}

}  // namespace sekisho::server
