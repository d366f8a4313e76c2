#include "kube/cluster_manager.h"

#include <filesystem>
#include <set>

#include "base/log.h"
#include "base/metrics.h"
#include "crypto/certificate.h"
#include "domain/cluster_access.h"
#include "kube/access_keeper.h"
#include "kube/mapping_operations.h"
#include "kube/node_token.h"
#include "kube/webhook.h"

namespace sekisho::kube {
namespace {

constexpr std::size_t threads_count = 4;  // clusters worked on at once
constexpr milliseconds start_deadline{180'000};
constexpr milliseconds nodes_deadline{60'000};
constexpr milliseconds check_interval{5'000};
constexpr seconds start_again_after{10};
constexpr seconds unreachable_after{15};  // a control plane that answers nothing for so long is ill

// EKS's names of taint effects are not Kubernetes'.
std::string taint_effect(std::string_view effect) {
    return effect == "NO_EXECUTE" ? "NoExecute" : effect == "PREFER_NO_SCHEDULE" ? "PreferNoSchedule" : "NoSchedule";
}

// For people: where an error's text is neutral, the cause says what happened.
std::string text_of(const ApiError& error) {
    return error.cause.empty() ? error.message : error.cause;
}

bool is_made(const domain::Cluster& cluster) {
    return cluster.status == "ACTIVE" || cluster.status == "UPDATING";
}

VirtualNode to_node(const domain::Nodegroup& group, const domain::NodeInstance& instance) {
    VirtualNode node;
    node.name = instance.private_dns_name;
    node.instance_id = instance.id;
    node.private_ip = instance.address;
    if (!group.launch_template_instance_type.empty()) node.instance_type = group.launch_template_instance_type;
    if (!group.instance_types.empty()) node.instance_type = group.instance_types.front();
    node.region = group.region.str();
    node.zone = instance.zone.empty() ? group.region.str() + "a" : instance.zone;
    node.node_group = group.name;
    node.capacity_type = group.capacity_type;
    node.image_id = group.image_id;
    node.launch_template_id = group.launch_template_id;
    node.launch_template_version = group.launch_template_version;
    node.labels = group.labels;
    for (const auto& taint : group.taints) node.taints.push_back({taint.key, taint.value, taint_effect(taint.effect)});
    return node;
}

}  // namespace

struct ClusterManager::Running {
    std::mutex mutex;  // one piece of work on a cluster at a time
    domain::Cluster cluster;
    std::shared_ptr<LocalCluster> local;
    std::unique_ptr<AwsAuthWatch> watch;
    std::unique_ptr<NodeKeeper> keeper;
    std::unique_ptr<AccessKeeper> access;
    std::set<std::string> nodes;  // names that are kept
    std::optional<SteadyTime> unreachable_since;
    std::optional<SteadyTime> start_again_at;
    bool is_reported_ill = false;

    void stop() {
        keeper.reset();
        access.reset();
        watch.reset();
        if (local) local->stop();
        set_local(nullptr);
    }
    void set_local(std::shared_ptr<LocalCluster> made) {
        const std::lock_guard held(local_mutex);
        local = std::move(made);
    }
    // Ends a start that is under way, beside the work.
    void cancel_start() {
        const std::lock_guard held(local_mutex);
        if (local) local->cancel();
    }

 private:
    std::mutex local_mutex;  // of the pointer
};

ClusterManager::ClusterManager(operation::Pipeline& pipeline, net::HttpClient& http, ClusterManagerOptions options)
    : pipeline_(pipeline), http_(http), options_(std::move(options)) {
    for (std::size_t i = 0; i < threads_count; ++i) threads_.emplace_back([this] { work(); });
    threads_.emplace_back([this] { check_running(); });
}

ClusterManager::~ClusterManager() {
    stop();
}

void ClusterManager::register_worker(store::Outbox& outbox) {
    outbox.register_worker(std::string(domain::cluster_effect),
                           [this](const store::OutboxRow& row, store::Completion completion) {
                               const auto effect = domain::read_cluster_effect(row.payload);
                               if (!effect) return completion.failed(effect.error().cause);
                               const auto done = carry_out(*effect);
                               if (!done) return completion.failed(done.error().message + " " + done.error().cause);
                               completion.done();
                           },
                           {.parallel_max = threads_count, .run_on = [this](Task task) { enqueue(std::move(task)); }});
}

void ClusterManager::start() {
    const auto snapshot = pipeline_.store().snapshot();
    const auto listed = domain::clusters.each(snapshot, store::prefix(), [&](const domain::Cluster& cluster) {
        if (cluster.provider == "local" && is_made(cluster)) enqueue([this, cluster] { start_again(cluster); });
        return true;
    });
    if (!listed) log::error("the clusters cannot be read", {{"cause", listed.error().cause}});
}

// What hinders the start stands in the record's health, and is tried again by check_running.
void ClusterManager::start_again(const domain::Cluster& recorded) {
    const auto cluster = find({.account_id = recorded.account_id,
                               .region = recorded.region,
                               .cluster_name = recorded.name,
                               .cluster_id = recorded.id});
    if (!cluster || !*cluster || !is_made(**cluster)) return;
    const auto running = ensure_running(**cluster);
    const std::string failure = running ? "" : text_of(running.error());
    // A cluster that was made before issuers were served has not told its key yet.
    const bool tells_key = running && (*cluster)->service_account_key.empty();
    if (failure == (*cluster)->failure && !tells_key) return;
    if (!running) log::error("a cluster does not start", {{"cluster", recorded.arn}, {"cause", failure}});
    ClusterReport report{.failure = failure};
    if (tells_key) report.service_account_key = (*running)->local->service_account_public_key_pem();
    if (auto told = report_cluster(recorded, report); !told) {
        log::error("a cluster's health cannot be kept", {{"cluster", recorded.arn}, {"cause", text_of(told.error())}});
    }
}

void ClusterManager::stop() {
    std::map<std::string, std::shared_ptr<Running>> running;
    {
        const std::lock_guard held(mutex_);
        if (stopping_) return;
        stopping_ = true;
        running = running_;
        tasks_.clear();
    }
    wake_.notify_all();
    std::vector<std::thread> endings;
    for (auto& [id, cluster] : running) {
        endings.emplace_back([cluster] {
            cluster->cancel_start();
            const std::lock_guard held(cluster->mutex);
            cluster->stop();
        });
    }
    for (auto& ending : endings) ending.join();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

void ClusterManager::enqueue(Task task) {
    {
        const std::lock_guard held(mutex_);
        if (stopping_) return;
        tasks_.push_back(std::move(task));
    }
    wake_.notify_all();  // workers and waiters share the condition
}

void ClusterManager::work() {
    std::unique_lock held(mutex_);
    for (;;) {
        wake_.wait(held, [this] { return stopping_ || !tasks_.empty(); });
        if (stopping_) return;
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        held.unlock();
        task();
        held.lock();
    }
}

Result<std::optional<domain::Cluster>> ClusterManager::find(const domain::ClusterEffect& effect) const {
    const auto snapshot = pipeline_.store().snapshot();
    SEK_TRY(auto cluster, domain::clusters.get(snapshot, effect.account_id, effect.region, effect.cluster_name));
    // A cluster made anew under the old name is another one.
    if (cluster && cluster->id != effect.cluster_id) cluster.reset();
    return cluster;
}

Result<void> ClusterManager::carry_out(const domain::ClusterEffect& effect) {
    SEK_TRY(const auto cluster, find(effect));
    if (!cluster) return {};
    switch (effect.action) {
        case domain::ClusterAction::create_cluster:
            return create(*cluster);
        case domain::ClusterAction::delete_cluster:
            return remove(*cluster);
        case domain::ClusterAction::apply_nodegroup:
            return apply_nodegroup(*cluster, effect.nodegroup_name);
        case domain::ClusterAction::delete_nodegroup:
            return delete_nodegroup(*cluster, effect.nodegroup_name);
        case domain::ClusterAction::apply_access:
            return apply_access(*cluster);
        case domain::ClusterAction::change_mapping:
            return change_mapping(*cluster, effect.mapping);
    }
    return {};
}

Result<void> ClusterManager::create(const domain::Cluster& cluster) {
    if (cluster.status != "CREATING") return {};
    return cluster.provider == "local" ? create_local(cluster) : create_record(cluster);
}

Result<void> ClusterManager::report_made(const domain::Cluster& cluster, const LocalCluster& local) {
    return report_cluster(cluster, {.status = "ACTIVE",
                                    .endpoint = local.endpoint(),
                                    .ca_pem = local.ca_pem(),
                                    .service_account_key = local.service_account_public_key_pem()});
}

Result<void> ClusterManager::create_local(const domain::Cluster& cluster) {
    const auto running = ensure_running(cluster);
    if (!running) {
        const std::string failure = text_of(running.error());
        log::error("a cluster cannot be made", {{"cluster", cluster.arn}, {"cause", failure}});
        return report_cluster(cluster, {.status = "FAILED", .failure = failure});
    }
    return report_made(cluster, *(*running)->local);
}

WebhookTarget ClusterManager::webhook_of(const domain::Cluster& cluster) const {
    return {.url = options_.server_url + webhook_path(cluster.id),
            .ca_pem = options_.server_ca,
            .bearer = cluster.webhook_token};
}

// A cluster that is only a record still has an authority of its own, as clients read one, and a kubeconfig by which an
// API server elsewhere asks our webhook.
Result<void> ClusterManager::create_record(const domain::Cluster& cluster) {
    SEK_TRY(write_webhook_kubeconfig(options_.folder + "/" + cluster.id, webhook_of(cluster)));
    const Time now = pipeline_.clock().now();
    SEK_TRY(const auto authority, crypto::CertificateAuthority::create({.common_name = "kubernetes",
                                                                        .permitted_dns = {"eks.amazonaws.com"},
                                                                        .valid_from = now,
                                                                        .valid_to = now + days(3650)},
                                                                       system_random()));
    const std::string endpoint = "https://" + cluster.id + ".gr7." + cluster.region.str() + ".eks.amazonaws.com";
    return report_cluster(cluster, {.status = "ACTIVE", .endpoint = endpoint, .ca_pem = authority.certificate_pem()});
}

Result<std::shared_ptr<ClusterManager::Running>> ClusterManager::ensure_running(const domain::Cluster& cluster) {
    std::shared_ptr<Running> running;
    {
        const std::lock_guard held(mutex_);
        if (stopping_) return errors::service_unavailable("the server is stopping");
        auto& slot = running_[cluster.id];
        if (!slot) slot = std::make_shared<Running>();
        running = slot;
    }
    const std::lock_guard held(running->mutex);
    if (running->watch) return running;
    auto started = start_local(cluster, *running);
    if (started) return running;
    running->start_again_at = std::chrono::steady_clock::now() + start_again_after;
    return std::move(started).error();
}

Result<void> ClusterManager::start_local(const domain::Cluster& cluster, Running& running) {
    running.cluster = cluster;
    LocalClusterSpec spec;
    spec.folder = options_.folder + "/" + cluster.id;
    spec.name = cluster.name;
    spec.region = cluster.region.str();
    spec.service_cidr = cluster.service_ipv4_cidr;
    spec.service_account_issuer = cluster.oidc_issuer;
    spec.webhook = webhook_of(cluster);
    SEK_TRY(spec.binaries, find_binaries(options_.search_path, options_.cache_folder));
    SEK_TRY(auto made, LocalCluster::prepare(std::move(spec), supervisor_, http_, pipeline_.clock(), system_random()));
    running.set_local(std::move(made));
    {
        const std::lock_guard held(mutex_);
        if (stopping_) return errors::service_unavailable("the server is stopping");
    }
    if (auto started = running.local->start(start_deadline); !started) {
        running.stop();
        return started;
    }
    SEK_TRY(const auto mapping, domain::identity_mappings.get(pipeline_.store().snapshot(), cluster.id));
    ServedMapping last;
    if (mapping) last = {.data = kept_data(*mapping), .is_stale = mapping->stale};
    running.watch = std::make_unique<AwsAuthWatch>(
        running.local->admin(), cluster.name, std::move(last), [this, cluster](const ServedMapping& served) {
            const auto kept = report_mapping(cluster, served);
            if (!kept) {
                log::error("an aws-auth mapping cannot be kept",
                           {{"cluster", cluster.arn}, {"cause", text_of(kept.error())}});
            }
            return kept.has_value();
        });
    running.access =
        std::make_unique<AccessKeeper>(running.local->admin(), pipeline_.store(), cluster.id, [this, cluster] {
            enqueue([this, cluster] {
                if (auto applied = apply_access(cluster); !applied) {
                    log::warning("access policies cannot be bound",
                                 {{"cluster", cluster.arn}, {"cause", text_of(applied.error())}});
                }
            });
        });
    // Whoever may enter can do so before the cluster says that it is there. Its outbox row would try again.
    if (auto bound = running.access->apply(); !bound) {
        log::warning("access policies cannot be bound", {{"cluster", cluster.arn}, {"cause", text_of(bound.error())}});
    }
    tend_nodes(cluster, running);
    return {};
}

Result<void> ClusterManager::apply_access(const domain::Cluster& recorded) {
    // A namespace's news may come while its cluster goes, which must not start again for it.
    SEK_TRY(const auto cluster,
            domain::clusters.get_by(pipeline_.store().snapshot(), domain::clusters_by_id, recorded.id));
    if (!cluster || cluster->provider != "local" || !is_made(*cluster)) return {};
    SEK_TRY(const auto running, ensure_running(*cluster));
    const std::lock_guard held(running->mutex);
    if (!running->local) return errors::service_unavailable("the cluster was stopped");
    return running->access->apply();
}

Result<std::vector<domain::Nodegroup>> ClusterManager::nodegroups_of(const domain::Cluster& cluster) const {
    const auto snapshot = pipeline_.store().snapshot();
    std::vector<domain::Nodegroup> groups;
    SEK_TRY(domain::nodegroups.each(snapshot, store::key(cluster.account_id, cluster.region, cluster.name),
                                    [&](const domain::Nodegroup& group) {
                                        groups.push_back(group);
                                        return true;
                                    }));
    return groups;
}

// The nodes of all groups that are not being deleted; those that are not any more leave the cluster.
void ClusterManager::tend_nodes(const domain::Cluster& cluster, Running& running) {
    const auto groups = nodegroups_of(cluster);
    if (!groups) return log::error("node groups cannot be read", {{"cause", groups.error().cause}});
    std::vector<VirtualNode> nodes;
    std::set<std::string> names;
    for (const auto& group : *groups) {
        if (group.status == "DELETING") continue;
        for (const auto& instance : group.instances) {
            nodes.push_back(to_node(group, instance));
            names.insert(instance.private_dns_name);
        }
    }
    if (!running.keeper) {
        running.keeper = std::make_unique<NodeKeeper>(
            http_, running.local->endpoint(), running.local->ca_pem(),
            [this, cluster](const VirtualNode& node) { return token_of(cluster, node); }, pipeline_.clock());
        // A group may have shrunk while nobody looked.
        if (auto known = list_nodes(running.local->admin())) running.nodes = std::move(*known);
    }
    running.keeper->keep(std::move(nodes));
    for (const auto& name : running.nodes) {
        if (names.contains(name)) continue;
        if (auto removed = remove_node(running.local->admin(), name); !removed) {
            log::warning("a node cannot be removed", {{"node", name}, {"cause", removed.error().cause}});
        }
    }
    running.nodes = std::move(names);
}

Result<void> ClusterManager::wait_for_nodes(Running& running, const domain::Nodegroup& group) {
    const auto deadline = std::chrono::steady_clock::now() + nodes_deadline;
    for (;;) {
        std::size_t there = 0;
        std::string problem;
        for (const auto& state : running.keeper->states()) {
            for (const auto& instance : group.instances) {
                if (state.name != instance.private_dns_name) continue;
                there += state.is_registered ? 1 : 0;
                if (!state.error.empty()) problem = state.error;
            }
        }
        if (there >= group.instances.size()) return {};
        if (std::chrono::steady_clock::now() > deadline) {
            return ApiError{.code = "NodeCreationFailure",
                            .message = "Instances failed to join the kubernetes cluster: " + problem};
        }
        std::unique_lock held(mutex_);
        if (wake_.wait_for(held, milliseconds(200), [this] { return stopping_; })) {
            return errors::service_unavailable("the server is stopping");
        }
    }
}

// Where it fails, whoever asked is told and may ask again: nothing waits behind it.
Result<void> ClusterManager::change_mapping(const domain::Cluster& cluster, const domain::MappingChange& change) {
    const auto changed =
        cluster.provider == "local" ? change_config_map(cluster, change) : change_recorded_mapping(cluster, change);
    {
        const std::lock_guard held(mutex_);
        if (!changed && stopping_) return changed;
    }
    if (changed) return report_mapping_change(cluster, change.id, "");
    log::warning("aws-auth was not changed", {{"cluster", cluster.arn}, {"cause", text_of(changed.error())}});
    return report_mapping_change(cluster, change.id, text_of(changed.error()));
}

Result<void> ClusterManager::change_config_map(const domain::Cluster& cluster, const domain::MappingChange& change) {
    SEK_TRY(const auto running, ensure_running(cluster));
    const std::lock_guard held(running->mutex);
    if (!running->local) return errors::service_unavailable("the cluster was stopped");
    return change_aws_auth(running->local->admin(), change);
}

Result<void> ClusterManager::change_recorded_mapping(const domain::Cluster& cluster,
                                                     const domain::MappingChange& change) {
    SEK_TRY(const auto mapping, domain::identity_mappings.get(pipeline_.store().snapshot(), cluster.id));
    if (!mapping) return {};
    ServedMapping served{.data = kept_data(*mapping)};
    std::string& text = served.data[std::string(aws_auth_key(change.principal_arn))];
    SEK_TRY(text, change_entry(text, change));
    return report_mapping(cluster, served);
}

Result<void> ClusterManager::apply_nodegroup(const domain::Cluster& cluster, const std::string& name) {
    const auto snapshot_group = [&] {
        return domain::nodegroups.get(pipeline_.store().snapshot(), cluster.account_id, cluster.region, cluster.name,
                                      name);
    };
    SEK_TRY(const auto group, snapshot_group());
    if (!group || group->status == "DELETING") return {};
    if (cluster.provider != "local") return report_nodegroup(*group, "ACTIVE", "");
    SEK_TRY(const auto running, ensure_running(cluster));
    const std::lock_guard held(running->mutex);
    if (!running->local) return errors::service_unavailable("the cluster was stopped");
    // As EKS does: the node role's entry comes with the group.
    if (domain::has_aws_auth(cluster)) {
        if (auto mapped = upsert_node_role_mapping(running->local->admin(), group->node_role_arn); !mapped) {
            return report_nodegroup(*group, "CREATE_FAILED", mapped.error().message);
        }
    }
    tend_nodes(cluster, *running);
    if (auto joined = wait_for_nodes(*running, *group); !joined) {
        if (joined.error().code == "ServiceUnavailable") return joined;
        return report_nodegroup(*group, group->status == "CREATING" ? "CREATE_FAILED" : "DEGRADED",
                                joined.error().message);
    }
    for (const auto& instance : group->instances) {
        SEK_TRY(update_node(running->local->admin(), to_node(*group, instance)));
    }
    return report_nodegroup(*group, "ACTIVE", "");
}

Result<void> ClusterManager::delete_nodegroup(const domain::Cluster& cluster, const std::string& name) {
    SEK_TRY(const auto groups, nodegroups_of(cluster));
    const domain::Nodegroup* group = nullptr;
    bool is_role_shared = false;
    for (const auto& other : groups) {
        if (other.name == name) group = &other;
    }
    if (group == nullptr) return {};
    for (const auto& other : groups) {
        is_role_shared = is_role_shared || (&other != group && other.node_role_arn == group->node_role_arn);
    }
    if (cluster.provider == "local") {
        SEK_TRY(const auto running, ensure_running(cluster));
        const std::lock_guard held(running->mutex);
        if (!running->local) return errors::service_unavailable("the cluster was stopped");
        tend_nodes(cluster, *running);
        for (const auto& instance : group->instances) {
            SEK_TRY(remove_node(running->local->admin(), instance.private_dns_name));
        }
        if (!is_role_shared && domain::has_aws_auth(cluster)) {
            SEK_TRY(remove_node_role_mapping(running->local->admin(), group->node_role_arn));
        }
    }
    return report_nodegroup(*group, "DELETED", "");
}

Result<void> ClusterManager::remove(const domain::Cluster& cluster) {
    std::shared_ptr<Running> running;
    {
        const std::lock_guard held(mutex_);
        const auto found = running_.find(cluster.id);
        if (found != running_.end()) {
            running = found->second;
            running_.erase(found);
        }
    }
    if (running) {
        running->cancel_start();
        const std::lock_guard held(running->mutex);
        running->stop();
    }
    std::error_code error;
    std::filesystem::remove_all(options_.folder + "/" + cluster.id, error);
    if (error) return errors::internal_failure("a cluster's folder cannot be removed: " + error.message());
    // What belongs to the record goes in parts (services/eks/provider_reports.cc).
    do {
        SEK_TRY(report_cluster(cluster, {.status = "DELETED"}));
        SEK_TRY(const auto left,
                domain::clusters.get_by(pipeline_.store().snapshot(), domain::clusters_by_id, cluster.id));
        if (!left) return {};
    } while (true);
}

Result<Secret> ClusterManager::token_of(const domain::Cluster& cluster, const VirtualNode& node) {
    SEK_TRY(const auto groups, nodegroups_of(cluster));
    std::string role_arn;
    for (const auto& group : groups) {
        if (group.name == node.node_group) role_arn = group.node_role_arn;
    }
    return node_token(pipeline_, cluster, role_arn, node.instance_id, options_.sts_host);
}

// What the record says of a cluster that runs, as its watch sees it. True: its mapping is stale.
bool ClusterManager::check(Running& running, SteadyTime now) {
    running.watch->keep();
    const AwsAuthState state = running.watch->state();
    if (state.is_followed) running.unreachable_since.reset();
    if (!state.is_followed && !running.unreachable_since) running.unreachable_since = now;
    const bool is_ill = running.unreachable_since && now - *running.unreachable_since > unreachable_after;
    if (is_ill != running.is_reported_ill) {
        const std::string failure = "The control plane does not answer (" + state.cause + "); its logs lie in " +
                                    options_.folder + "/" + running.cluster.id;
        if (report_health(running.cluster, is_ill ? failure : "")) running.is_reported_ill = is_ill;
    }
    return state.is_stale;
}

void ClusterManager::check_running() {
    static metrics::Gauge& stale = metrics::gauge(
        "sekisho_aws_auth_stale", "Clusters whose mapping is not what their aws-auth says at the moment");
    std::unique_lock held(mutex_);
    while (!wake_.wait_for(held, check_interval, [this] { return stopping_; })) {
        const auto running = running_;
        held.unlock();
        const auto now = std::chrono::steady_clock::now();
        std::int64_t count = 0;
        for (const auto& [id, cluster] : running) {
            const std::unique_lock busy(cluster->mutex, std::try_to_lock);
            if (!busy) continue;
            if (cluster->watch) {
                count += check(*cluster, now) ? 1 : 0;
            } else if (cluster->start_again_at && now >= *cluster->start_again_at) {
                cluster->start_again_at.reset();
                enqueue([this, recorded = cluster->cluster] { start_again(recorded); });
            }
        }
        stale.set(count);
        held.lock();
    }
}

}  // namespace sekisho::kube
