#include "kube/node_token.h"

#include <fmt/format.h>

#include "access/records.h"
#include "access/session_token.h"
#include "base/encoding.h"
#include "crypto/drbg.h"
#include "wire/arn.h"
#include "wire/sigv4.h"

namespace sekisho::kube {

Result<Secret> node_token(operation::Pipeline& pipeline, const domain::Cluster& cluster, std::string_view node_role_arn,
                          std::string_view instance_id, std::string_view sts_host) {
    const auto name = wire::role_name(node_role_arn);
    const auto transaction = pipeline.store().transaction();
    const auto role = name ? access::cached_role(*transaction, cluster.account_id, name->name) : nullptr;
    if (!role) {
        return ApiError{.code = "AccessDenied",
                        .message = fmt::format("the node role {} does not exist", node_role_arn)};
    }

    const Time now = pipeline.clock().now();
    access::SessionClaims claims;
    claims.account_id = role->account_id;
    claims.principal_id = role->id;
    claims.principal_name = role->name;
    claims.session_name = std::string(instance_id);
    claims.issued_at = now;
    claims.expires_at = now + hours(1);
    SEK_TRY(const auto session,
            pipeline.environment().tokens->issue(*transaction, std::move(claims), crypto::thread_random()));

    const std::array headers{wire::HeaderView{"host", sts_host}, wire::HeaderView{"x-k8s-aws-id", cluster.name}};
    const wire::HttpRequestView request{.method = "GET",
                                        .path = "/",
                                        .query = "Action=GetCallerIdentity&Version=2011-06-15",
                                        .headers = headers,
                                        .body = {}};
    const wire::Credentials credentials{.access_key_id = session.access_key_id.str(),
                                        .secret_key = session.secret_access_key,
                                        .session_token = session.session_token};
    const auto query = wire::presign_query(request, credentials, cluster.region, "sts", now, 60);
    return Secret("k8s-aws-v1." + encode_base64url(fmt::format("https://{}/?{}", sts_host, query)));
}

}  // namespace sekisho::kube
