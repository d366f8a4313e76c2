#pragma once
// The client of a request, from the sealed id and secret that RegisterClient gave.
#include <string>

#include "domain/oidc_client.h"
#include "operation/call.h"

namespace sekisho::sso_service {

struct RegisteredClient {
    domain::ClientRegistration registration;
    std::string id_hash;  // what records keep of it
};

// The secret that belongs to the id, for RegisterClient.
std::string client_secret_plain(std::string_view client_id);
// InvalidClientException: not ours, not its secret, or over.
Result<RegisteredClient> authenticate_client(const operation::Call& call, const std::string& client_id,
                                             const std::string& client_secret);

}  // namespace sekisho::sso_service
