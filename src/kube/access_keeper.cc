#include "kube/access_keeper.h"

#include <algorithm>

#include "domain/cluster_access.h"
#include "kube/access_policies.h"

namespace sekisho::kube {

AccessKeeper::AccessKeeper(const KubernetesClient& client, store::Store& store, std::string cluster_id,
                           std::function<void()> again)
    : client_(client), store_(store), cluster_id_(std::move(cluster_id)), again_(std::move(again)) {}

Result<void> AccessKeeper::apply() {
    std::vector<domain::AccessEntry> entries;
    SEK_TRY(domain::access_entries.each(store_.snapshot(), store::prefix(cluster_id_),
                                        [&](const domain::AccessEntry& entry) {
                                            entries.push_back(entry);
                                            return true;
                                        }));
    SEK_TRY(reconcile_access(client_, entries));
    const bool has_namespaces = std::ranges::any_of(entries, [](const domain::AccessEntry& entry) {
        return std::ranges::any_of(entry.policies, [](const auto& policy) { return !policy.namespaces.empty(); });
    });
    if (has_namespaces && !namespaces_) follow_namespaces();
    return {};
}

void AccessKeeper::follow_namespaces() {
    WatchHandler handler;
    handler.on_list = [this](const json::value&) { again_(); };
    handler.on_event = [this](std::string_view type, const json::value&) {
        if (type == "ADDED") again_();
    };
    handler.on_state = [](bool, const std::string&) {};
    namespaces_ = std::make_unique<Watch>(client_, "/api/v1/namespaces", "", std::move(handler));
}

}  // namespace sekisho::kube
