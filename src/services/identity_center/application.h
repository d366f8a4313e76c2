#pragma once
// Finding the application (or trusted token issuer) that a request is about, and the permissions on it.
#include <string_view>

#include "domain/applications.h"
#include "services/identity_center/instance.h"

namespace sekisho::identity_center_service {

// Of another account: cross-account, which no identity policy allows.
access::Permissions on_application(const Call& call, std::string_view arn);
access::Permissions on_trusted_token_issuer(const Call& call, std::string_view arn);

template <class Request>
access::Permissions application_permissions(const Call& call, const Request& request) {
    return on_application(call, request.application_arn);
}

// ResourceNotFoundException: of another account or region, too.
Result<domain::Application> find_application(const Call& call, std::string_view arn);
Result<domain::TrustedTokenIssuer> find_trusted_token_issuer(const Call& call, std::string_view arn);

}  // namespace sekisho::identity_center_service
