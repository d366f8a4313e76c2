#pragma once
// The admin port: /metrics, /healthz and /readyz on a loopback address, in plain HTTP.
#include <functional>
#include <memory>

#include "base/result.h"
#include "net/listener.h"
#include "server/configuration.h"

namespace sekisho::server {

// Nothing: ready. Else why not.
using Readiness = std::function<std::string()>;

Result<std::unique_ptr<net::Listener>> start_admin(const SocketAddress& address, Readiness readiness);
// /healthz and /readyz, also answered on the main port.
net::Response health_response(std::string_view path, const Readiness& readiness);
net::Response text_response(int status, std::string text);

}  // namespace sekisho::server
