#pragma once
// EKS access policies as RBAC of a cluster: a ClusterRole for each policy that grants something to people, and a
// binding to the group of each access entry (domain::access_group), in the whole cluster or in the namespaces of its
// scope. Rules: EKS user guide, "Review access policy permissions". Where EKS asks a webhook of its own, an
// administrator of a cluster here sees the bindings as objects; what he changes in them is put right by the next
// reconcile().
#include <span>
#include <string>
#include <vector>

#include "domain/cluster_access.h"
#include "kube/client.h"

namespace sekisho::kube {

struct AccessBinding {
    std::string name;
    std::string role;            // of a ClusterRole
    std::string group;           // the subject
    std::string namespace_name;  // empty: the whole cluster
    friend auto operator<=>(const AccessBinding&, const AccessBinding&) = default;
};

// The bindings that the entries ask for in a cluster of these namespaces, in order. '*' in a scope stands for any part
// of a namespace's name.
std::vector<AccessBinding> wanted_bindings(std::span<const domain::AccessEntry> entries,
                                           std::span<const std::string> namespaces);
// The ClusterRole of a policy, as JSON; empty: the policy is for EKS's own components, and grants nothing here.
std::string access_role_object(std::string_view policy_name);
std::string binding_object(const AccessBinding& binding);

// Makes the cluster's RBAC say what the entries say: roles, bindings, and no others of ours.
Result<void> reconcile_access(const KubernetesClient& client, std::span<const domain::AccessEntry> entries);

}  // namespace sekisho::kube
