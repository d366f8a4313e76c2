#pragma once
// ApiClient: calls of Sekisho's own service (awsJson 1.1), signed with the default profile of a home, over TLS that
// trusts the home's server authority. What any client could do.
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "net/client.h"
#include "server/home.h"
#include "wire/sigv4.h"

namespace sekisho::cli {

class ApiClient {
 public:
    // Errors: no server runs in the home; no default profile.
    static Result<ApiClient> connect(const server::Home& home);

    // The answer's object. Errors carry the service's code and message.
    Result<json::value> call(std::string_view operation, std::string_view body = "{}") const;
    // The same, with every page's `list` joined into one array.
    Result<json::array> call_all(std::string_view operation, std::string_view list) const;
    const server::RunningServer& server() const { return server_; }

 private:
    ApiClient() = default;
    server::RunningServer server_;
    wire::Credentials credentials_;
    std::string region_;
    std::string authority_pem_;
};

// The value of `name` in section [default] of an AWS configuration file; empty: none.
std::string profile_value(std::string_view ini, std::string_view name);
// The server that runs in the home, or an error that says how to start one.
Result<server::RunningServer> find_running(const server::Home& home);

}  // namespace sekisho::cli
