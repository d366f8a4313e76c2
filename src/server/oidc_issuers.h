#pragma once
// The issuers of this house, for everybody to read: <public URL>/oidc/id/<ID>, of clusters' service account tokens, so
// that a role's trust policy can name a service account; and /oidc/<identity store id>, of Identity Center's ID tokens,
// so that an application can verify who signed in.
#include <string_view>

#include "net/http.h"
#include "store/reader.h"

namespace sekisho::server {

// 404 for an unknown issuer, or one that has signed nothing yet.
net::Response serve_oidc_issuer(const store::Reader& reader, std::string_view public_url, const net::Request& request);

}  // namespace sekisho::server
