#include "kube/nodes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"

namespace sekisho::kube {
namespace {

constexpr seconds lease_every{10};
constexpr seconds lease_length{40};
constexpr minutes status_every{5};
constexpr minutes token_life{10};  // an EKS token is good for 15
constexpr seconds retry_after{5};
constexpr int update_tries_max = 5;
constexpr std::string_view given_annotation = "sekisho/node-group";

const std::string nodes_path = "/api/v1/nodes";
const std::string leases_path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

std::string micro_time(Time time) {
    return format_iso8601_milliseconds(time).substr(0, 23) + "000Z";
}

void write_condition(JsonWriter& json, std::string_view type, bool status, std::string_view reason,
                     std::string_view message, const std::string& now) {
    json.begin_object().member("type", type).member("status", status ? "True" : "False").member("reason", reason);
    json.member("message", message).member("lastHeartbeatTime", now).end_object();
}

void write_resources(JsonWriter& json, std::string_view name, const VirtualNode& node) {
    json.name(name).begin_object().member("cpu", std::to_string(node.cpu_count));
    json.member("memory", fmt::format("{}Mi", node.memory_mebibytes)).member("pods", std::to_string(node.pods_max));
    json.member("ephemeral-storage", "80Gi").end_object();
}

std::map<std::string, std::string> labels_of(const VirtualNode& node) {
    std::map<std::string, std::string> labels = node.labels;
    const std::pair<const char*, std::string> own[] = {
        {"beta.kubernetes.io/arch", "amd64"},
        {"beta.kubernetes.io/instance-type", node.instance_type},
        {"beta.kubernetes.io/os", "linux"},
        {"eks.amazonaws.com/capacityType", node.capacity_type},
        {"eks.amazonaws.com/nodegroup", node.node_group},
        {"eks.amazonaws.com/nodegroup-image", node.image_id},
        {"eks.amazonaws.com/sourceLaunchTemplateId", node.launch_template_id},
        {"eks.amazonaws.com/sourceLaunchTemplateVersion", node.launch_template_version},
        {"failure-domain.beta.kubernetes.io/region", node.region},
        {"failure-domain.beta.kubernetes.io/zone", node.zone},
        {"kubernetes.io/arch", "amd64"},
        {"kubernetes.io/hostname", node.name},
        {"kubernetes.io/os", "linux"},
        {"node.kubernetes.io/instance-type", node.instance_type},
        {"topology.kubernetes.io/region", node.region},
        {"topology.kubernetes.io/zone", node.zone}};
    for (const auto& [name, value] : own) {
        if (!value.empty()) labels[name] = value;
    }
    return labels;
}

void write_taints(JsonWriter& json, const std::vector<NodeTaint>& taints) {
    json.begin_array();
    for (const NodeTaint& taint : taints) {
        json.begin_object().member("key", taint.key);
        if (!taint.value.empty()) json.member("value", taint.value);
        json.member("effect", taint.effect).end_object();
    }
    json.end_array();
}

// What the node group has given to a node, so that it can be taken away again.
std::string given_text(const VirtualNode& node) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().name("labels").begin_object();
    for (const auto& [name, value] : node.labels) json.member(name, value);
    json.end_object().name("taints");
    write_taints(json, node.taints);
    json.end_object();
    return text;
}

std::vector<NodeTaint> read_taints(const json::value* list) {
    std::vector<NodeTaint> taints;
    if (list == nullptr || !list->is_array()) return taints;
    for (const auto& item : list->get_array()) {
        taints.push_back({find_text(item, "key").value_or(""), find_text(item, "value").value_or(""),
                          find_text(item, "effect").value_or("")});
    }
    return taints;
}

const json::value* member_of(const json::value& object, std::string_view outer, std::string_view inner) {
    const json::value* found = find(object, outer);
    return found == nullptr ? nullptr : find(*found, inner);
}

}  // namespace

std::string node_object(const VirtualNode& node) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("apiVersion", "v1").member("kind", "Node").name("metadata").begin_object();
    json.member("name", node.name).name("labels").begin_object();
    for (const auto& [name, value] : labels_of(node)) json.member(name, value);
    json.end_object().name("annotations").begin_object().member(given_annotation, given_text(node)).end_object();
    json.end_object().name("spec").begin_object();
    json.member("providerID", fmt::format("aws:///{}/{}", node.zone, node.instance_id));
    if (!node.taints.empty()) {
        json.name("taints");
        write_taints(json, node.taints);
    }
    json.end_object().end_object();
    return text;
}

std::string node_patch(const VirtualNode& node, const json::value& object) {
    const std::string wanted = given_text(node);
    const json::value* annotations = member_of(object, "metadata", "annotations");
    const std::string before = annotations == nullptr ? "" : find_text(*annotations, given_annotation).value_or("");
    if (before == wanted) return {};
    const auto given = parse_json(before.empty() ? "{}" : before);
    if (!given) return {};

    std::vector<NodeTaint> taints = read_taints(member_of(object, "spec", "taints"));
    const auto drop = [&](const NodeTaint& gone) {
        std::erase_if(taints, [&](const NodeTaint& t) { return t.key == gone.key && t.effect == gone.effect; });
    };
    for (const auto& taint : read_taints(find(*given, "taints"))) drop(taint);
    for (const auto& taint : node.taints) {
        drop(taint);
        taints.push_back(taint);
    }

    std::string text;
    JsonWriter json(text);
    json.begin_object().name("metadata").begin_object();
    // Somebody else's change in between is a conflict.
    if (const json::value* metadata = find(object, "metadata")) {
        json.member("resourceVersion", find_text(*metadata, "resourceVersion").value_or(""));
    }
    json.name("annotations").begin_object().member(given_annotation, wanted).end_object();
    json.name("labels").begin_object();
    const auto labels = labels_of(node);
    const json::value* old_labels = find(*given, "labels");
    if (old_labels != nullptr && old_labels->is_object()) {
        for (const auto& [name, value] : old_labels->get_object()) {
            if (!labels.contains(std::string(name))) json.name(name).null();
        }
    }
    for (const auto& [name, value] : labels) json.member(name, value);
    json.end_object().end_object().name("spec").begin_object().name("taints");
    write_taints(json, taints);
    json.end_object().end_object();
    return text;
}

std::string node_status(const VirtualNode& node, Time now) {
    const std::string time = format_iso8601(now);
    std::string text;
    JsonWriter json(text);
    json.begin_object().name("status").begin_object().name("conditions").begin_array();
    write_condition(json, "Ready", true, "KubeletReady", "kubelet is posting ready status", time);
    write_condition(json, "MemoryPressure", false, "KubeletHasSufficientMemory",
                    "kubelet has sufficient memory available", time);
    write_condition(json, "DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", time);
    write_condition(json, "PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available",
                    time);
    json.end_array().name("addresses").begin_array();
    const std::pair<const char*, const std::string&> addresses[] = {
        {"InternalIP", node.private_ip}, {"InternalDNS", node.name}, {"Hostname", node.name}};
    for (const auto& [type, address] : addresses) {
        json.begin_object().member("type", type).member("address", address).end_object();
    }
    json.end_array();
    write_resources(json, "capacity", node);
    write_resources(json, "allocatable", node);
    json.name("nodeInfo").begin_object();
    json.member("architecture", "amd64").member("bootID", "").member("machineID", node.instance_id);
    json.member("containerRuntimeVersion", "sekisho://virtual").member("kernelVersion", "virtual");
    json.member("kubeProxyVersion", "").member("kubeletVersion", node.kubelet_version);
    json.member("operatingSystem", "linux").member("osImage", "Sekisho virtual node");
    json.member("systemUUID", node.instance_id).end_object();
    json.end_object().end_object();
    return text;
}

std::string node_lease(const VirtualNode& node, Time now) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("apiVersion", "coordination.k8s.io/v1").member("kind", "Lease");
    json.name("metadata").begin_object().member("name", node.name).member("namespace", "kube-node-lease").end_object();
    json.name("spec").begin_object().member("holderIdentity", node.name);
    json.member("leaseDurationSeconds", lease_length.count()).member("renewTime", micro_time(now));
    json.end_object().end_object();
    return text;
}

Result<void> remove_node(const KubernetesClient& client, std::string_view name) {
    for (const std::string& collection : {nodes_path, leases_path}) {
        const auto removed = client.remove(fmt::format("{}/{}", collection, encode_uri(name)));
        if (!removed && removed.error().http_status != 404) return removed.error();
    }
    return {};
}

Result<void> update_node(const KubernetesClient& client, const VirtualNode& node) {
    const std::string path = fmt::format("{}/{}", nodes_path, encode_uri(node.name));
    ApiError last;
    for (int tries = 0; tries < update_tries_max; ++tries) {
        const auto found = client.get(path);
        if (!found && found.error().http_status == 404) return {};
        if (!found) return found.error();
        const std::string patch = node_patch(node, *found);
        if (patch.empty()) return {};
        const auto patched = client.patch(path, patch, Patch::merge);
        if (patched) return {};
        last = patched.error();
        if (last.http_status != 409) return last;
    }
    return last;
}

Result<std::set<std::string>> list_nodes(const KubernetesClient& client) {
    SEK_TRY(const auto list, client.get(nodes_path + "?labelSelector=eks.amazonaws.com%2Fnodegroup"));
    std::set<std::string> names;
    const json::value* items = find(list, "items");
    if (items == nullptr || !items->is_array()) return names;
    for (const auto& item : items->get_array()) {
        const json::value* name = member_of(item, "metadata", "name");
        if (name != nullptr && name->is_string()) names.emplace(name->get_string());
    }
    return names;
}

NodeKeeper::NodeKeeper(net::HttpClient& http, std::string url, std::string ca_pem, NodeToken token, const Clock& clock)
    : http_(http),
      url_(std::move(url)),
      ca_pem_(std::move(ca_pem)),
      token_(std::move(token)),
      clock_(clock),
      thread_([this] { run(); }) {}

NodeKeeper::~NodeKeeper() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void NodeKeeper::keep(std::vector<VirtualNode> nodes) {
    std::unique_lock lock(mutex_);
    std::map<std::string, Kept> wanted;
    for (VirtualNode& node : nodes) {
        const std::string name = node.name;
        auto found = nodes_.find(name);
        Kept kept = found == nodes_.end() ? Kept{} : std::move(found->second);
        kept.state.name = name;
        kept.node = std::move(node);
        wanted[name] = std::move(kept);
    }
    nodes_ = std::move(wanted);
    changed_.notify_all();
    // Else a node might register itself after it was deleted, and stay for ever.
    changed_.wait(lock, [&] { return tended_.empty() || nodes_.contains(tended_); });
}

std::vector<NodeState> NodeKeeper::states() const {
    std::lock_guard lock(mutex_);
    std::vector<NodeState> states;
    for (const auto& [name, kept] : nodes_) states.push_back(kept.state);
    return states;
}

// What is due for one node: its object, its status, its lease; each write is the node's own.
Result<void> NodeKeeper::renew(Kept& kept, Time now) {
    if (kept.token.empty() || now >= kept.token_until) {
        SEK_TRY(kept.token, token_(kept.node));
        kept.token_until = now + token_life;
    }
    const KubernetesClient client(http_, {.url = url_, .ca_pem = ca_pem_, .token = kept.token});
    const std::string path = fmt::format("{}/{}", nodes_path, encode_uri(kept.node.name));
    if (!kept.state.is_registered) {
        const auto created = client.create(nodes_path, node_object(kept.node));
        if (!created && created.error().http_status != 409) return created.error();
        kept.state.is_registered = true;
        kept.next_status = now;
    }
    if (now >= kept.next_status) {
        const auto patched = client.patch(path + "/status", node_status(kept.node, now), Patch::strategic_merge);
        if (!patched) {
            if (patched.error().http_status == 404)
                kept.state.is_registered = false;  // somebody deleted it: join again
            return patched.error();
        }
        kept.next_status = now + status_every;
    }
    const std::string lease = fmt::format("{}/{}", leases_path, encode_uri(kept.node.name));
    auto renewed = client.patch(lease, node_lease(kept.node, now), Patch::merge);
    if (!renewed && renewed.error().http_status == 404)
        renewed = client.create(leases_path, node_lease(kept.node, now));
    if (!renewed) return renewed.error();
    kept.next_lease = now + lease_every;
    return {};
}

void NodeKeeper::tend(Kept& kept, Time now) {
    const auto done = renew(kept, now);
    if (done) {
        if (!kept.state.error.empty()) log::info("node is well again", {{"node", kept.node.name}});
        kept.state.error.clear();
        return;
    }
    const std::string text = done.error().message + (done.error().cause.empty() ? "" : ": " + done.error().cause);
    if (kept.state.error != text) log::warning("node cannot be kept", {{"node", kept.node.name}, {"cause", text}});
    kept.state.error = text;
    kept.token = Secret();
    kept.next_status = now;
    kept.next_lease = now + retry_after;
}

void NodeKeeper::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const Time now = clock_.now();
        std::vector<std::string> due;
        for (const auto& [name, kept] : nodes_) {
            if (now >= kept.next_lease) due.push_back(name);
        }
        for (const std::string& name : due) {
            Kept work = nodes_.contains(name) ? nodes_.at(name) : Kept{};
            if (stopping_ || work.node.name.empty()) continue;
            tended_ = name;
            lock.unlock();
            tend(work, clock_.now());
            lock.lock();
            tended_.clear();
            changed_.notify_all();
            // keep() may have changed the wanted node meanwhile: only what was learnt is put back.
            const auto found = nodes_.find(name);
            if (found == nodes_.end()) continue;
            work.node = found->second.node;
            found->second = std::move(work);
        }
        if (due.empty()) changed_.wait_for(lock, std::chrono::seconds(1));
    }
}

}  // namespace sekisho::kube
