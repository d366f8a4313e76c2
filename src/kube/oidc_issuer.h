#pragma once
// The issuers of clusters' service account tokens, for everybody to read: <public URL>/oidc/id/<ID> with
// /.well-known/openid-configuration (OpenID Connect Discovery 1.0) and /keys (a JWK set, RFC 7517), so that a role's
// trust policy can name a service account.
#include "domain/clusters.h"
#include "net/http.h"
#include "store/reader.h"

namespace sekisho::kube {

inline constexpr std::string_view oidc_path = "/oidc/id/";

// The key set of a cluster: its public key with the id that kube-apiserver puts into its tokens. No keys where no token
// is ever signed (a cluster that is only a record). Error: the key does not parse.
Result<std::string> issuer_keys(const domain::Cluster& cluster);
std::string issuer_configuration(const domain::Cluster& cluster);

// 404 for an unknown issuer.
net::Response serve_oidc_issuer(const store::Reader& reader, const net::Request& request);

}  // namespace sekisho::kube
