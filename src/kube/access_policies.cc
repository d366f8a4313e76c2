#include "kube/access_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/encoding.h"

namespace sekisho::kube {
namespace {

const std::string rbac = "/apis/rbac.authorization.k8s.io/v1/";
constexpr std::string_view object_prefix = "sekisho:";
constexpr std::string_view managed_label = "app.kubernetes.io/managed-by";
constexpr std::string_view managed_by = "sekisho";

using Texts = std::span<const std::string_view>;
struct Rule {
    std::string_view group;
    Texts resources;
    Texts verbs;
};
struct AccessPolicy {
    std::string_view name;
    std::span<const Rule> rules;
    bool has_non_resource_urls = false;
};

constexpr std::array<std::string_view, 1> all = {"*"};
constexpr std::array<std::string_view, 3> read = {"get", "list", "watch"};
constexpr std::array<std::string_view, 5> write = {"create", "delete", "deletecollection", "patch", "update"};
constexpr std::array<std::string_view, 8> read_write = {"create", "delete", "deletecollection", "get",
                                                        "list",   "patch",  "update",           "watch"};
constexpr std::array<std::string_view, 1> create = {"create"};
constexpr std::array<std::string_view, 1> impersonate = {"impersonate"};
constexpr std::array<std::string_view, 1> only_list = {"list"};

constexpr std::array<std::string_view, 8> apps_written = {
    "daemonsets",  "deployments",       "deployments/rollback", "deployments/scale",
    "replicasets", "replicasets/scale", "statefulsets",         "statefulsets/scale"};
constexpr std::array<std::string_view, 12> apps_read = {
    "controllerrevisions", "daemonsets",         "daemonsets/status",  "deployments",
    "deployments/scale",   "deployments/status", "replicasets",        "replicasets/scale",
    "replicasets/status",  "statefulsets",       "statefulsets/scale", "statefulsets/status"};
constexpr std::array<std::string_view, 1> access_reviews = {"localsubjectaccessreviews"};
constexpr std::array<std::string_view, 1> autoscalers = {"horizontalpodautoscalers"};
constexpr std::array<std::string_view, 1> autoscalers_status = {"horizontalpodautoscalers/status"};
constexpr std::array<std::string_view, 2> batch_written = {"cronjobs", "jobs"};
constexpr std::array<std::string_view, 2> batch_status = {"cronjobs/status", "jobs/status"};
constexpr std::array<std::string_view, 1> endpoint_slices = {"endpointslices"};
constexpr std::array<std::string_view, 10> extensions_written = {
    "daemonsets",        "deployments",       "deployments/rollback",
    "deployments/scale", "ingresses",         "networkpolicies",
    "replicasets",       "replicasets/scale", "replicationcontrollers/scale",
    "ingresses/status"};
constexpr std::array<std::string_view, 2> network_written = {"ingresses", "networkpolicies"};
constexpr std::array<std::string_view, 1> network_status = {"ingresses/status"};
constexpr std::array<std::string_view, 1> budgets = {"poddisruptionbudgets"};
constexpr std::array<std::string_view, 1> budgets_status = {"poddisruptionbudgets/status"};
constexpr std::array<std::string_view, 2> roles = {"rolebindings", "roles"};
constexpr std::array<std::string_view, 8> core_written = {"configmaps",
                                                          "events",
                                                          "persistentvolumeclaims",
                                                          "pods",
                                                          "replicationcontrollers",
                                                          "replicationcontrollers/scale",
                                                          "serviceaccounts",
                                                          "services"};
constexpr std::array<std::string_view, 6> core_sensitive = {"pods/attach", "pods/exec", "pods/portforward",
                                                            "pods/proxy",  "secrets",   "services/proxy"};
constexpr std::array<std::string_view, 12> core_read = {"bindings",
                                                        "endpoints",
                                                        "limitranges",
                                                        "namespaces",
                                                        "namespaces/status",
                                                        "persistentvolumeclaims/status",
                                                        "pods/log",
                                                        "pods/status",
                                                        "replicationcontrollers/status",
                                                        "resourcequotas",
                                                        "resourcequotas/status",
                                                        "services/status"};
constexpr std::array<std::string_view, 1> service_accounts = {"serviceaccounts"};
constexpr std::array<std::string_view, 1> nodes = {"nodes"};

constexpr std::string_view rbac_group = "rbac.authorization.k8s.io";

// What AmazonEKSEditPolicy has, and AmazonEKSAdminPolicy with two rules more.
constexpr std::array<Rule, 18> admin_rules = {{{"authorization.k8s.io", access_reviews, create},
                                               {rbac_group, roles, read_write},
                                               {"apps", apps_written, write},
                                               {"apps", apps_read, read},
                                               {"autoscaling", autoscalers, read_write},
                                               {"autoscaling", autoscalers_status, read},
                                               {"batch", batch_written, read_write},
                                               {"batch", batch_status, read},
                                               {"discovery.k8s.io", endpoint_slices, read},
                                               {"extensions", extensions_written, read_write},
                                               {"networking.k8s.io", network_written, read_write},
                                               {"networking.k8s.io", network_status, read},
                                               {"policy", budgets, read_write},
                                               {"policy", budgets_status, read},
                                               {"", core_written, read_write},
                                               {"", core_sensitive, read_write},
                                               {"", core_read, read},
                                               {"", service_accounts, impersonate}}};
constexpr std::span<const Rule> edit_rules = std::span(admin_rules).subspan(2);

constexpr std::array<Rule, 13> view_rules = {{{"apps", apps_read, read},
                                              {"autoscaling", autoscalers, read},
                                              {"autoscaling", autoscalers_status, read},
                                              {"batch", batch_written, read},
                                              {"batch", batch_status, read},
                                              {"discovery.k8s.io", endpoint_slices, read},
                                              {"extensions", extensions_written, read},
                                              {"networking.k8s.io", network_written, read},
                                              {"networking.k8s.io", network_status, read},
                                              {"policy", budgets, read},
                                              {"policy", budgets_status, read},
                                              {"", core_written, read},
                                              {"", core_read, read}}};
constexpr std::array<Rule, 1> everything = {{{"*", all, all}}};
constexpr std::array<Rule, 1> read_everything = {{{"*", all, read}}};
constexpr std::array<Rule, 1> list_nodes = {{{"", nodes, only_list}}};

constexpr std::array<AccessPolicy, 6> access_policies = {{{"AmazonEKSAdminPolicy", admin_rules},
                                                          {"AmazonEKSAdminViewPolicy", read_everything},
                                                          {domain::cluster_admin_policy, everything, true},
                                                          {"AmazonEKSEditPolicy", edit_rules},
                                                          {"AmazonEKSHybridPolicy", list_nodes},
                                                          {"AmazonEKSViewPolicy", view_rules}}};

const AccessPolicy* find_policy(std::string_view name) {
    const auto found = std::ranges::find(access_policies, name, &AccessPolicy::name);
    return found == access_policies.end() ? nullptr : &*found;
}

// `pattern` with '*' for any run of characters.
bool matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

void write_texts(JsonWriter& json, std::string_view name, Texts texts) {
    json.name(name).begin_array();
    for (const auto text : texts) json.text(text);
    json.end_array();
}

void begin_object(JsonWriter& json, std::string_view kind, std::string_view name, std::string_view in) {
    json.begin_object().member("apiVersion", "rbac.authorization.k8s.io/v1").member("kind", kind);
    json.name("metadata").begin_object().member("name", name);
    if (!in.empty()) json.member("namespace", in);
    json.name("labels").begin_object().member(managed_label, managed_by).end_object().end_object();
}

std::string binding_collection(std::string_view namespace_name) {
    if (namespace_name.empty()) return rbac + "clusterrolebindings";
    return fmt::format("{}namespaces/{}/rolebindings", rbac, encode_uri(namespace_name));
}

// The text at a path of members: "roleRef", "name".
std::string text_at(const json::value& object, std::string_view outer, std::string_view inner) {
    const json::value* found = find(object, outer);
    return found == nullptr ? "" : find_text(*found, inner).value_or("");
}

// A binding as the cluster has it. One whose subject was changed has another group, and so is none of the wanted.
AccessBinding read_binding(const json::value& object) {
    AccessBinding binding{.name = text_at(object, "metadata", "name"),
                          .role = text_at(object, "roleRef", "name"),
                          .group = {},
                          .namespace_name = text_at(object, "metadata", "namespace")};
    const json::value* subjects = find(object, "subjects");
    if (subjects != nullptr && subjects->is_array() && subjects->get_array().size() == 1) {
        const auto& subject = subjects->get_array()[0];
        if (find_text(subject, "kind") == "Group") binding.group = find_text(subject, "name").value_or("");
    }
    return binding;
}

Result<void> list_bindings(const KubernetesClient& client, std::string_view collection,
                           std::set<AccessBinding>& found) {
    SEK_TRY(const auto list, client.get(fmt::format("{}{}?labelSelector={}%3D{}", rbac, collection,
                                                    encode_uri(managed_label), managed_by)));
    const json::value* items = find(list, "items");
    if (items == nullptr || !items->is_array()) return errors::internal_failure("a list without items");
    for (const auto& item : items->get_array()) found.insert(read_binding(item));
    return {};
}

Result<std::vector<std::string>> list_namespaces(const KubernetesClient& client) {
    SEK_TRY(const auto list, client.get("/api/v1/namespaces"));
    std::vector<std::string> names;
    const json::value* items = find(list, "items");
    if (items == nullptr || !items->is_array()) return errors::internal_failure("a list without items");
    for (const auto& item : items->get_array()) {
        // Nothing can be made in one that is ending.
        if (text_at(item, "status", "phase") != "Terminating") names.push_back(text_at(item, "metadata", "name"));
    }
    return names;
}

Result<void> ensure_role(const KubernetesClient& client, std::string_view policy_name) {
    const std::string object = access_role_object(policy_name);
    const auto made = client.create(rbac + "clusterroles", object);
    if (made || made.error().http_status != 409) return made ? Result<void>() : Result<void>(made.error());
    SEK_TRY(client.update(fmt::format("{}clusterroles/{}{}", rbac, object_prefix, policy_name), object));
    return {};
}

// A namespace that went meanwhile needs no binding.
bool is_gone(const ApiError& error) {
    return error.http_status == 404 || (error.http_status == 403 && error.message.contains("being terminated"));
}

}  // namespace

std::vector<AccessBinding> wanted_bindings(std::span<const domain::AccessEntry> entries,
                                           std::span<const std::string> namespaces) {
    std::set<AccessBinding> wanted;
    for (const auto& entry : entries) {
        for (const auto& policy : entry.policies) {
            if (find_policy(policy.policy_name) == nullptr) continue;
            AccessBinding binding{.name = fmt::format("{}{}:{}", object_prefix, entry.id, policy.policy_name),
                                  .role = std::string(object_prefix) + policy.policy_name,
                                  .group = domain::access_group(entry),
                                  .namespace_name = {}};
            if (policy.namespaces.empty()) wanted.insert(binding);
            for (const auto& pattern : policy.namespaces) {
                for (const auto& name : namespaces) {
                    if (!matches(pattern, name)) continue;
                    binding.namespace_name = name;
                    wanted.insert(binding);
                }
            }
        }
    }
    return {wanted.begin(), wanted.end()};
}

std::string access_role_object(std::string_view policy_name) {
    const AccessPolicy* policy = find_policy(policy_name);
    if (policy == nullptr) return {};
    std::string text;
    JsonWriter json(text);
    begin_object(json, "ClusterRole", std::string(object_prefix) + std::string(policy_name), "");
    json.name("rules").begin_array();
    for (const auto& rule : policy->rules) {
        json.begin_object().name("apiGroups").begin_array().text(rule.group).end_array();
        write_texts(json, "resources", rule.resources);
        write_texts(json, "verbs", rule.verbs);
        json.end_object();
    }
    if (policy->has_non_resource_urls) {
        json.begin_object();
        write_texts(json, "nonResourceURLs", all);
        write_texts(json, "verbs", all);
        json.end_object();
    }
    json.end_array().end_object();
    return text;
}

std::string binding_object(const AccessBinding& binding) {
    std::string text;
    JsonWriter json(text);
    begin_object(json, binding.namespace_name.empty() ? "ClusterRoleBinding" : "RoleBinding", binding.name,
                 binding.namespace_name);
    json.name("roleRef").begin_object().member("apiGroup", rbac_group).member("kind", "ClusterRole");
    json.member("name", binding.role).end_object();
    json.name("subjects").begin_array().begin_object().member("apiGroup", rbac_group).member("kind", "Group");
    json.member("name", binding.group).end_object().end_array().end_object();
    return text;
}

Result<void> reconcile_access(const KubernetesClient& client, std::span<const domain::AccessEntry> entries) {
    std::set<std::string> policies;
    for (const auto& entry : entries) {
        for (const auto& policy : entry.policies) policies.insert(policy.policy_name);
    }
    for (const auto& name : policies) {
        if (find_policy(name) != nullptr) SEK_TRY(ensure_role(client, name));
    }
    SEK_TRY(const auto namespaces, list_namespaces(client));
    std::set<AccessBinding> found;
    SEK_TRY(list_bindings(client, "clusterrolebindings", found));
    SEK_TRY(list_bindings(client, "rolebindings", found));
    const auto wanted = wanted_bindings(entries, namespaces);
    // Removed first: a changed binding has its old name, and its role cannot be changed.
    for (const auto& binding : found) {
        if (std::ranges::binary_search(wanted, binding)) continue;
        const auto removed = client.remove(binding_collection(binding.namespace_name) + "/" + encode_uri(binding.name));
        if (!removed && !is_gone(removed.error())) return removed.error();
    }
    for (const auto& binding : wanted) {
        if (found.contains(binding)) continue;
        const auto made = client.create(binding_collection(binding.namespace_name), binding_object(binding));
        if (!made && !is_gone(made.error()) && made.error().http_status != 409) return made.error();
    }
    return {};
}

}  // namespace sekisho::kube
