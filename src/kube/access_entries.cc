#include "kube/access_entries.h"

#include "base/text.h"
#include "domain/cluster_access.h"

namespace sekisho::kube {

Result<std::optional<KubernetesUser>> map_access_entry(const store::Reader& reader, const domain::Cluster& cluster,
                                                       const AwsIdentity& identity,
                                                       const PrivateDnsName& private_dns_name) {
    SEK_TRY(const auto entry, domain::access_entries.get_by(reader, domain::access_entries_by_principal, cluster.id,
                                                            identity.principal_id));
    // A session's ARN has no path; a principal that moved is another one to EKS.
    const bool is_of_identity =
        entry && equals_ignoring_case(strip_role_path(entry->principal_arn), strip_role_path(identity.canonical_arn));
    if (!is_of_identity) return std::optional<KubernetesUser>();
    KubernetesUser user;
    SEK_TRY(user.username, render_template(entry->username, identity, private_dns_name));
    for (const auto& group : entry->kubernetes_groups) {
        SEK_TRY(auto rendered, render_template(group, identity, private_dns_name));
        user.groups.push_back(std::move(rendered));
    }
    if (!entry->policies.empty()) user.groups.push_back(domain::access_group(*entry));
    return std::optional(std::move(user));
}

}  // namespace sekisho::kube
