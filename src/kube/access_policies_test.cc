#include "kube/access_policies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace sekisho::kube {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

domain::AccessEntry entry(const std::string& id, std::vector<domain::AssociatedAccessPolicy> policies) {
    domain::AccessEntry made;
    made.id = id;
    made.policies = std::move(policies);
    return made;
}

std::vector<std::string> bound(const domain::AccessEntry& entry, const std::vector<std::string>& namespaces) {
    std::vector<std::string> texts;
    for (const auto& binding : wanted_bindings(std::span(&entry, 1), namespaces)) {
        texts.push_back(binding.role + " " + binding.group + " in " + binding.namespace_name);
    }
    return texts;
}

TEST(AccessBindings, AreClusterWideOrInNamespacesThatMatch) {
    EXPECT_THAT(bound(entry("e", {{.policy_name = "AmazonEKSViewPolicy"}}), {"default"}),
                ElementsAre("sekisho:AmazonEKSViewPolicy sekisho:access-entry:e in "));
    const std::vector<std::string> namespaces = {"default", "dev", "dev-a", "dev-b", "prod-dev-a"};
    const auto in = [](std::vector<std::string> patterns) {
        return entry("e", {{.policy_name = "AmazonEKSEditPolicy", .namespaces = std::move(patterns)}});
    };
    const std::string text = "sekisho:AmazonEKSEditPolicy sekisho:access-entry:e in ";
    EXPECT_THAT(bound(in({"dev-*"}), namespaces), ElementsAre(text + "dev-a", text + "dev-b"));
    EXPECT_THAT(bound(in({"*dev*a"}), namespaces), ElementsAre(text + "dev-a", text + "prod-dev-a"));
    EXPECT_THAT(bound(in({"dev", "d*"}), namespaces),
                ElementsAre(text + "default", text + "dev", text + "dev-a", text + "dev-b"));
    EXPECT_THAT(bound(in({"missing"}), namespaces), IsEmpty());
    EXPECT_EQ(bound(in({"*"}), namespaces).size(), 5u);
}

TEST(AccessBindings, PoliciesOfComponentsBindNobody) {
    EXPECT_THAT(bound(entry("e", {{.policy_name = "AmazonEKSNetworkingPolicy"}}), {"default"}), IsEmpty());
    EXPECT_EQ(access_role_object("AmazonEKSNetworkingPolicy"), "");
}

// The verbs of a policy's role on a resource.
std::string verbs(std::string_view policy, std::string_view group, std::string_view resource) {
    const auto role = parse_json(access_role_object(policy)).value();
    std::string text;
    for (const auto& rule : find(role, "rules")->get_array()) {
        const auto has = [&](std::string_view member, std::string_view wanted) {
            const json::value* list = find(rule, member);
            return list != nullptr && std::ranges::any_of(list->get_array(), [&](const json::value& item) {
                       return item.get_string() == wanted;
                   });
        };
        if (!has("apiGroups", group) || !has("resources", resource)) continue;
        for (const auto& verb : find(rule, "verbs")->get_array()) text += std::string(verb.get_string()) + " ";
    }
    return text;
}

TEST(AccessRoles, GrantWhatThePoliciesGrant) {
    EXPECT_EQ(verbs("AmazonEKSClusterAdminPolicy", "*", "*"), "* ");
    EXPECT_EQ(verbs("AmazonEKSAdminViewPolicy", "*", "*"), "get list watch ");
    EXPECT_EQ(verbs("AmazonEKSViewPolicy", "", "pods"), "get list watch ");
    EXPECT_EQ(verbs("AmazonEKSViewPolicy", "", "secrets"), "");
    EXPECT_EQ(verbs("AmazonEKSViewPolicy", "", "pods/exec"), "");
    EXPECT_EQ(verbs("AmazonEKSEditPolicy", "", "secrets"),
              "create delete deletecollection get list patch update watch ");
    EXPECT_EQ(verbs("AmazonEKSEditPolicy", "rbac.authorization.k8s.io", "roles"), "");
    EXPECT_EQ(verbs("AmazonEKSAdminPolicy", "rbac.authorization.k8s.io", "roles"),
              "create delete deletecollection get list patch update watch ");
    EXPECT_EQ(verbs("AmazonEKSAdminPolicy", "", "nodes"), "");
    for (const auto name : domain::access_policy_names()) {
        const auto object = access_role_object(name);
        EXPECT_TRUE(object.empty() || parse_json(object).has_value()) << name;
    }
}

TEST(AccessRoles, BindingsAreObjectsOfKubernetes) {
    const auto object = parse_json(binding_object({.name = "sekisho:e:p",
                                                   .role = "sekisho:p",
                                                   .group = "sekisho:access-entry:e",
                                                   .namespace_name = "dev"}))
                            .value();
    EXPECT_EQ(find_text(object, "kind"), "RoleBinding");
    EXPECT_EQ(find_text(*find(object, "metadata"), "namespace"), "dev");
    EXPECT_EQ(find_text(*find(object, "roleRef"), "name"), "sekisho:p");
}

}  // namespace
}  // namespace sekisho::kube
