#include "services/eks/addon_catalog.h"

#include <algorithm>
#include <array>

namespace sekisho::eks_service {
namespace {

// Versions that EKS offered for Kubernetes 1.34 in early 2026, as public configurations of that time name them;
// policies from the EKS user guide, "AWS add-ons".
constexpr std::array<std::string_view, 2> vpc_cni = {"v1.20.4-eksbuild.2", "v1.20.4-eksbuild.1"};
constexpr std::array<std::string_view, 2> kube_proxy = {"v1.34.0-eksbuild.4", "v1.34.0-eksbuild.2"};
constexpr std::array<std::string_view, 1> coredns = {"v1.12.3-eksbuild.1"};
constexpr std::array<std::string_view, 2> metrics_server = {"v0.8.0-eksbuild.6", "v0.8.0-eksbuild.3"};
constexpr std::array<std::string_view, 1> ebs_csi_driver = {"v1.54.0-eksbuild.1"};
constexpr std::array<std::string_view, 2> pod_identity_agent = {"v1.3.10-eksbuild.2", "v1.3.9-eksbuild.5"};
constexpr std::array<std::string_view, 1> secrets_store_provider = {"v2.1.1-eksbuild.1"};

constexpr std::array<AddonServiceAccount, 1> aws_node = {
    {{"aws-node", "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"}}};
constexpr std::array<AddonServiceAccount, 1> ebs_csi_controller = {
    {{"ebs-csi-controller-sa", "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"}}};

constexpr std::array<CatalogAddon, 7> catalog = {{
    {"aws-ebs-csi-driver", "storage", "kube-system", ebs_csi_driver, ebs_csi_driver[0], ebs_csi_controller},
    {"aws-secrets-store-csi-driver-provider",
     "security",
     "aws-secrets-manager",
     secrets_store_provider,
     secrets_store_provider[0],
     {}},
    {"coredns", "networking", "kube-system", coredns, coredns[0], {}},
    {"eks-pod-identity-agent", "security", "kube-system", pod_identity_agent, pod_identity_agent[0], {}},
    {"kube-proxy", "networking", "kube-system", kube_proxy, kube_proxy[1], {}},
    {"metrics-server", "observability", "kube-system", metrics_server, metrics_server[0], {}},
    {"vpc-cni", "networking", "kube-system", vpc_cni, vpc_cni[0], aws_node},
}};

}  // namespace

bool CatalogAddon::has_version(std::string_view version) const {
    return std::ranges::find(versions, version) != versions.end();
}

std::span<const CatalogAddon> addon_catalog() {
    return catalog;
}

const CatalogAddon* find_catalog_addon(std::string_view name) {
    const auto found = std::ranges::find(catalog, name, &CatalogAddon::name);
    return found == catalog.end() ? nullptr : &*found;
}

}  // namespace sekisho::eks_service
