#pragma once
// Which Kubernetes user an AWS identity is, by the cluster's access entries. They come before aws-auth, and in mode API
// alone. An entry is for one principal, by its unique id and its ARN, as EKS matches them.
#include <optional>

#include "domain/clusters.h"
#include "kube/identity_mapping.h"
#include "store/reader.h"

namespace sekisho::kube {

// The user of the identity's entry, in the groups that the entry names and the one that its policies are bound to.
// Nothing: it has no entry. Errors as map_identity's.
Result<std::optional<KubernetesUser>> map_access_entry(const store::Reader& reader, const domain::Cluster& cluster,
                                                       const AwsIdentity& identity,
                                                       const PrivateDnsName& private_dns_name);

}  // namespace sekisho::kube
