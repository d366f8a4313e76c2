#include "kube/webhook.h"

#include "access/authenticate.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/text.h"
#include "crypto/drbg.h"
#include "crypto/equal.h"
#include "domain/cluster_access.h"
#include "kube/access_entries.h"
#include "operation/audit_record.h"

namespace sekisho::kube {
namespace {

constexpr std::string_view path_start = "/webhook/";
constexpr std::string_view path_end = "/authenticate";

std::string_view cluster_id_of(std::string_view path) {
    if (!path.starts_with(path_start) || !path.ends_with(path_end)) return {};
    path.remove_prefix(path_start.size());
    path.remove_suffix(std::min(path.size(), path_end.size()));
    return path.find('/') == std::string_view::npos ? path : std::string_view();
}

bool has_credential(const net::Request& request, const domain::Cluster& cluster) {
    constexpr std::string_view scheme = "Bearer ";
    const auto* header = request.find_header("authorization");
    if (header == nullptr || !header->starts_with(scheme) || cluster.webhook_token.empty()) return false;
    return crypto::equal(cluster.webhook_token, std::string_view(*header).substr(scheme.size()));
}

constexpr std::string_view reviews_metric = "sekisho_token_reviews_total";
constexpr std::string_view reviews_help = "TokenReviews answered";

net::Response unauthorized() {
    static metrics::Counter& counter = metrics::counter(reviews_metric, reviews_help, {{"result", "unauthorized"}});
    counter.add();
    return {.status = 401, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = "unauthorized\n"};
}

// By the id in the path. Null: no such cluster, or a record that does not decode, which is the same refusal.
std::shared_ptr<const domain::Cluster> cached_cluster(const store::Reader& reader, std::string_view id) {
    static store::RevisionCache<domain::Cluster> cache(4096);
    const auto primary = reader.get(domain::clusters.index_prefix(domain::clusters_by_id) + store::key(id));
    if (!primary) return nullptr;
    auto found = cache.get(reader, domain::clusters.row_key(primary->bytes),
                           [&](std::string_view bytes) -> Result<domain::Cluster> {
                               domain::Cluster record;
                               SEK_TRY(domain::clusters.decode(reader, primary->bytes, bytes, &record));
                               return record;
                           });
    return found ? *found : nullptr;
}

std::shared_ptr<const ParsedMapping> cached_mapping(const store::Reader& reader, const std::string& cluster_id) {
    static store::RevisionCache<ParsedMapping> cache(4096);
    const auto parse = [](domain::IdentityMapping&& record) {
        return parse_aws_auth(
            {{"mapRoles", record.map_roles}, {"mapUsers", record.map_users}, {"mapAccounts", record.map_accounts}});
    };
    auto found = domain::identity_mappings.get_derived(cache, reader, parse, cluster_id);
    return found ? *found : nullptr;
}

Result<std::string> private_dns_name(const store::Reader& reader, const domain::Cluster& cluster,
                                     std::string_view instance_id) {
    std::string name;
    SEK_TRY(domain::nodegroups.each(reader, store::key(cluster.account_id, cluster.region, cluster.name),
                                    [&](const domain::Nodegroup& group) {
                                        for (const auto& instance : group.instances) {
                                            if (instance.id == instance_id) name = instance.private_dns_name;
                                        }
                                        return name.empty();
                                    }));
    if (name.empty()) return ApiError{.code = "AccessDenied", .message = "no such instance in the cluster"};
    return name;
}

metrics::Counter& outcome_counter(ReviewOutcome outcome) {
    static constexpr auto last = static_cast<std::size_t>(ReviewOutcome::unavailable);
    static const auto counters = [] {
        std::array<metrics::Counter*, last + 1> made{};
        for (std::size_t i = 0; i <= last; ++i) {
            made[i] = &metrics::counter(reviews_metric, reviews_help,
                                        {{"result", std::string(review_outcome_name(static_cast<ReviewOutcome>(i)))}});
        }
        return made;
    }();
    return *counters[static_cast<std::size_t>(outcome)];
}

}  // namespace

std::string webhook_path(std::string_view cluster_id) {
    return std::string(path_start) + std::string(cluster_id) + std::string(path_end);
}

net::Response Webhook::serve(const net::Request& request) const {
    const auto snapshot = pipeline_.store().snapshot();
    const auto cluster = cached_cluster(snapshot, cluster_id_of(request.path()));
    if (!cluster || !has_credential(request, *cluster)) return unauthorized();
    access::Caller caller;
    auto answer = review(snapshot, *cluster, request, caller);
    outcome_counter(answer.outcome).add();
    audit(request, *cluster, caller, answer);
    return {
        .status = answer.status, .headers = {{"Content-Type", answer.content_type}}, .body = std::move(answer.body)};
}

ReviewAnswer Webhook::review(const store::Reader& reader, const domain::Cluster& cluster, const net::Request& request,
                             access::Caller& caller) const {
    const VerifyPrincipal verify_principal = [&](const EksToken& token, std::string_view cluster_name) {
        return verify(reader, token, cluster_name, caller);
    };
    const MapPrincipal map_principal = [&](const AwsIdentity& identity) { return map(reader, cluster, identity); };
    const ReviewContext context{.cluster_name = cluster.name,
                                .hosts = hosts_,
                                .now = pipeline_.clock().now(),
                                .verify = verify_principal,
                                .map = map_principal};
    return review_token(request.method, request.body, context);
}

bool VerifiedTokens::has(const EksToken& token, std::string_view cluster_name) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_signature_.find(token.signature);
    return found != by_signature_.end() && found->second.raw_query == token.raw_query &&
           found->second.host == token.host && found->second.cluster_name == cluster_name;
}

void VerifiedTokens::add(const EksToken& token, std::string_view cluster_name) {
    constexpr std::size_t tokens_max = 1024;  // of at most 4 KiB
    const std::lock_guard lock(mutex_);
    if (by_signature_.size() >= tokens_max) by_signature_.clear();
    by_signature_.insert_or_assign(token.signature, Entry{token.host, token.raw_query, std::string(cluster_name)});
}

// The presigned request as STS would have got it: the URL's own host, and our cluster's name as the signed header. No
// request leaves the house. Its age was judged with the token's other rules.
Result<AwsIdentity> Webhook::verify(const store::Reader& reader, const EksToken& token, std::string_view cluster_name,
                                    access::Caller& caller) const {
    const auto& tokens = *pipeline_.environment().tokens;
    const Time now = pipeline_.clock().now();
    const bool is_known = verified_.has(token, cluster_name);
    const std::array headers{wire::HeaderView{"host", token.host}, wire::HeaderView{"x-k8s-aws-id", cluster_name}};
    const wire::HttpRequestView view{
        .method = "GET", .path = "/", .query = token.raw_query, .headers = headers, .body = {}};
    auto authenticated =
        is_known ? access::authenticate_again(reader, tokens, token.access_key_id, token.session_token, now)
                 : access::authenticate_signature(reader, tokens, view,
                                                  {.now = now,
                                                   .ignore_expires = true,
                                                   .age_seconds_max = limits::eks_token_age_seconds_max,
                                                   .future_seconds_max = limits::eks_token_future_seconds_max,
                                                   .service = "sts"});
    if (authenticated && !is_known) verified_.add(token, cluster_name);
    if (!authenticated) {
        return ApiError{.code = "AccessDenied", .message = authenticated.error().message, .http_status = 403};
    }
    caller = std::move(*authenticated);
    AwsIdentity identity;
    identity.account_id = caller.account_id.str();
    identity.arn = caller.arn;
    identity.user_id = caller.user_id;
    identity.access_key_id = caller.access_key_id.str();
    identity.source_identity = caller.source_identity;
    if (caller.kind == access::CallerKind::role_session) identity.role_arn = caller.principal_arn;
    if (caller.root.person_id) identity.person_id = caller.root.person_id->str();
    return identify(std::move(identity));
}

Result<KubernetesUser> Webhook::map(const store::Reader& reader, const domain::Cluster& cluster,
                                    const AwsIdentity& identity) const {
    static const ParsedMapping nothing;
    const PrivateDnsName node_name = [&](std::string_view instance_id) {
        return private_dns_name(reader, cluster, instance_id);
    };
    if (domain::has_access_entries(cluster)) {
        SEK_TRY(auto user, map_access_entry(reader, cluster, identity, node_name));
        if (user) return std::move(*user);
    }
    const auto mapping = domain::has_aws_auth(cluster) ? cached_mapping(reader, cluster.id) : nullptr;
    // The creator is known by unique id: a role made anew under the old name is not the creator.
    std::optional<CreatorMapping> creator;
    if (cluster.creator_is_admin && !cluster.creator_has_entry && cluster.creator_id.str() == identity.principal_id) {
        creator = CreatorMapping{.arn = identity.canonical_arn};
    }
    return map_identity(identity, mapping ? mapping->mapping : nothing.mapping, creator, node_name);
}

void Webhook::audit(const net::Request& request, const domain::Cluster& cluster, const access::Caller& caller,
                    const ReviewAnswer& answer) const {
    audit::Record record;
    record.user_identity = operation::user_identity(caller);
    record.event_time = pipeline_.clock().now();
    record.event_source = "eks.amazonaws.com";
    record.event_name = "TokenReview";
    record.aws_region = cluster.region.str();
    record.source_ip_address = request.connection().peer_address;
    if (answer.outcome != ReviewOutcome::success) {
        record.error_code = review_outcome_name(answer.outcome);
        record.error_message = answer.reason;
    }
    JsonWriter writer(record.additional_event_data);
    writer.begin_object().member("clusterName", cluster.name);
    if (answer.outcome == ReviewOutcome::success) writer.member("kubernetesUser", answer.user.username);
    writer.end_object();
    record.event_id = random_uuid(crypto::thread_random());
    record.read_only = true;
    record.recipient_account_id = cluster.account_id.str();
    if (auto kept = pipeline_.trail().append(audit::print(record)); !kept) {
        log::error("a token review could not be recorded", {{"cause", kept.error().cause}});
    }
}

}  // namespace sekisho::kube
