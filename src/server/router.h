#pragma once
// Which request goes where on the one port, and which host names are served (design section 6). Pure.
#include <string>
#include <string_view>

#include "net/http.h"

namespace sekisho::server {

enum class Route {
    api,      // an AWS operation: the pipeline
    portal,   // a page
    webhook,  // TokenReview of a cluster
    oidc,     // an issuer of tokens: discovery and keys
    start,    // HEAD of the start URL: the AWS CLI asks whether it is AWS's (shared/wire/aws-cli.md)
    health,
    home,  // "/" in a browser: to the portal
};

Route find_route(const net::Request& request);

// Host names that the door ends TLS for: those of the AWS services on the path, in any region, and the portal's.
bool is_door_host(std::string_view host);

// Names that requests may carry in Host. `public_host` with or without its port, loopback names with any port.
class KnownHosts {
 public:
    KnownHosts(std::string public_host, std::uint16_t public_port);
    bool has(std::string_view host) const;

 private:
    std::string public_host_;
    std::string public_authority_;
};

// Of "name", "name:port", "[::1]:port".
std::string_view host_without_port(std::string_view host);

}  // namespace sekisho::server
