#pragma once
// SSO-OIDC's errors: OAuth's `error` and `error_description` are members of AWS's shapes.
#include <string>

#include "base/error.h"
#include "models/sso_oidc.h"

namespace sekisho::sso_service {

inline ApiError oidc_error(ApiError (*make)(std::string), std::string error, const std::string& description) {
    return make(description).with("error", std::move(error)).with("error_description", description);
}
inline ApiError invalid_request(const std::string& description) {
    return oidc_error(sso_oidc::errors::invalid_request_exception, "invalid_request", description);
}
inline ApiError invalid_grant(const std::string& description) {
    return oidc_error(sso_oidc::errors::invalid_grant_exception, "invalid_grant", description);
}
inline ApiError invalid_client(const std::string& description) {
    return oidc_error(sso_oidc::errors::invalid_client_exception, "invalid_client", description);
}
inline ApiError unauthorized_client(const std::string& description) {
    return oidc_error(sso_oidc::errors::unauthorized_client_exception, "unauthorized_client", description);
}
inline ApiError slow_down(const std::string& description) {
    return oidc_error(sso_oidc::errors::slow_down_exception, "slow_down", description);
}

}  // namespace sekisho::sso_service
