#pragma once
// The token that a virtual node joins with: a presigned GetCallerIdentity of its node role's session, which is named by
// the instance, as EC2's instance role gives it to a kubelet.
#include <string_view>

#include "base/secret.h"
#include "domain/clusters.h"
#include "operation/pipeline.h"

namespace sekisho::kube {

// `sts_host`: host[:port] that it is signed for. Error: the role is not there any more.
Result<Secret> node_token(operation::Pipeline& pipeline, const domain::Cluster& cluster, std::string_view node_role_arn,
                          std::string_view instance_id, std::string_view sts_host);

}  // namespace sekisho::kube
