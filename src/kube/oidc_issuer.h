#pragma once
// The issuer of a cluster's service account tokens, <public URL>/oidc/id/<ID>: the keys that kube-apiserver signs with.
#include "domain/clusters.h"

namespace sekisho::kube {

inline constexpr std::string_view oidc_folder = "id/";  // below <public URL>/oidc/

// The key set of a cluster: its public key with the id that kube-apiserver puts into its tokens. No keys where no token
// is ever signed (a cluster that is only a record). Error: the key does not parse.
Result<std::string> issuer_keys(const domain::Cluster& cluster);

}  // namespace sekisho::kube
