#include "server/server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "access/session_token.h"
#include "audit/gathering.h"
#include "audit/trail.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/random.h"
#include "domain/directory.h"
#include "kube/cluster_manager.h"
#include "kube/webhook.h"
#include "net/listener.h"
#include "operation/pipeline.h"
#include "portal/portal.h"
#include "server/address.h"
#include "server/admin.h"
#include "server/certificates.h"
#include "server/initialize.h"
#include "server/mailer.h"
#include "server/oidc_issuers.h"
#include "server/router.h"
#include "server/services.h"
#include "server/start_pages.h"
#include "store/expiry.h"
#include "store/outbox.h"
#include "store/reindex.h"

namespace sekisho::server {

namespace {

constexpr hours certificate_check_interval{12};

std::string print_address(const SocketAddress& address, std::uint16_t port) {
    return is_ipv6_address(address.host) ? fmt::format("[{}]:{}", address.host, port)
                                         : fmt::format("{}:{}", address.host, port);
}

ApiError cannot_listen(std::string_view flag, const SocketAddress& address, const ApiError& error) {
    return {.code = "InvalidConfiguration",
            .message = fmt::format("{}: {}; another address: {} ADDRESS:PORT", print_address(address, address.port),
                                   error.cause.empty() ? error.message : error.cause, flag)};
}

// Where Kubernetes' programs are looked for: the configured path, else PATH; then the cache of tools/build_client.
std::string search_path(const Configuration& configuration) {
    if (!configuration.tools_path.empty()) return configuration.tools_path;
    const char* path = std::getenv("PATH");
    return path != nullptr ? path : "";
}

std::string cache_folder() {
    if (const char* own = std::getenv("SEKISHO_CACHE"); own != nullptr && *own != 0) return own;
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != 0) {
        return std::string(cache) + "/sekisho";
    }
    const char* home = std::getenv("HOME");
    return std::string(home != nullptr ? home : "") + "/.cache/sekisho";
}

// HEAD of the start URL: the AWS CLI follows it once and wants a host of AWS (shared/wire/aws-cli.md).
net::Response start_redirect(store::Store& store) {
    const auto snapshot = store.snapshot();
    const auto centers = domain::identity_centers.scan(snapshot, store::prefix(), {.limit = 1});
    if (!centers || centers->items.empty()) return text_response(404, "IAM Identity Center is not enabled yet\n");
    auto response = text_response(302, "");
    response.headers.push_back(
        {"Location", fmt::format("https://{}.awsapps.com/start", centers->items.front().identity_store_id.str())});
    return response;
}

}  // namespace

// Members go in the reverse order of their making; stop() says it in full.
struct Server::Rooms {
    Rooms(Home opened, Configuration read) : home(std::move(opened)), configuration(std::move(read)) {}

    Result<void> open();
    Result<void> listen();
    void handle(net::Request&& request, net::Responder responder);
    std::string readiness() const;
    control_service::ServerHooks hooks();
    Result<control_service::ServerHooks::Authority> authority(std::string_view kind) const;
    control_service::ServerHooks::Status status() const;
    Result<control_service::ServerHooks::BackupFile> backup(const std::string& path) const;
    Result<control_service::MailSender> mail_sender();
    Result<access::FetchDocument> document_fetcher();
    Result<net::Certificate> own_certificate() const;
    void keep_certificates_fresh();
    void stop();

    Home home;
    Configuration configuration;
    HomeLock lock;
    std::optional<Keys> keys;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<audit::Trail> trail;
    std::optional<access::SessionTokens> tokens;
    operation::Environment environment;
    operation::Registry registry;
    net::HttpClient http;
    std::optional<net::HttpClient> issuers{std::in_place};  // of tokens: ends with the listener
    std::optional<operation::Pipeline> pipeline;
    std::optional<portal::Portal> portal;
    std::optional<kube::Webhook> webhook;
    std::optional<kube::ClusterManager> clusters;
    std::optional<store::Outbox> outbox;
    std::optional<store::Sweeper> sweeper;
    std::optional<KnownHosts> known_hosts;
    std::unique_ptr<net::Listener> admin;
    std::unique_ptr<net::Listener> listener;
    std::string url;
    std::string admin_url;
    const Time started_at = system_clock().now();
    std::atomic<bool> serving{false};  // all members above are set for good
    std::atomic<bool> stopping{false};
    bool announced = false;  // running.json is ours

    std::mutex mutex;
    std::condition_variable wake;
    std::thread certificate_keeper;
    std::thread backup_thread;
};

Result<void> Server::Rooms::open() {
    SEK_TRY(lock, home.lock());
    SEK_TRY(keys, load_keys(home));
    SEK_TRY(store, open_store(home, system_clock()));
    SEK_TRY(store::reindex(*store));
    SEK_TRY(trail,
            audit::Trail::open({.folder = home.audit_folder(),
                                .key = keys->audit,
                                .segment_bytes_max = std::uint64_t{configuration.audit_segment_mebibytes} << 20}));
    tokens.emplace(home.derived_key("sekisho session tokens").expose());
    environment.tokens = &*tokens;
    environment.sends_mail = !configuration.smtp.host.empty();
    environment.cluster_provider = configuration.cluster_provider;
    environment.home = home.folder().string();
    environment.version = version();
    SEK_TRY(auto fetch, document_fetcher());
    registry = make_registry(hooks(), std::move(fetch));
    environment.registry = &registry;
    pipeline.emplace(*store, registry, environment, *trail, system_clock(), configuration.request_rates);
    portal.emplace(*pipeline);
    outbox.emplace(*store);
    SEK_TRY(auto sender, mail_sender());
    register_workers(*outbox, *pipeline, std::move(sender));
    sweeper.emplace(*store);
    return {};
}

Result<void> Server::Rooms::listen() {
    net::ListenerOptions options;
    options.address = configuration.listen.host;
    // Port 0 keeps the port that it got at the first start; the public URL goes with it.
    const bool keeps_port = configuration.listen.port == 0;
    options.port = keeps_port ? home.kept_port() : configuration.listen.port;
    options.threads = configuration.thread_count();
    SEK_TRY(options.certificate, own_certificate());
    options.is_door_host = is_door_host;
    options.certificate_for = [this](std::string_view host) {
        return issue_door_certificate(*keys, host, system_clock().now(), system_random());
    };
    options.is_known_host = [this](std::string_view host) { return known_hosts->has(host); };
    options.limits.connections = configuration.connections_max;
    options.limits.idle = seconds(configuration.idle_seconds_max);
    options.handler = [this](net::Request&& request, net::Responder responder) {
        audit::gather_records();
        handle(std::move(request), std::move(responder));
    };
    options.before_write = [] { return audit::write_gathered().has_value(); };
    environment.public_url = configuration.public_url;
    known_hosts.emplace(configuration.public_host(), configuration.public_port());
    auto started = net::Listener::start(options);
    if (!started && keeps_port && options.port != 0) {  // taken by somebody else meanwhile
        options.port = 0;
        started = net::Listener::start(std::move(options));
    }
    if (!started) return cannot_listen("--listen", configuration.listen, started.error());
    listener = std::move(*started);
    if (keeps_port) {
        SEK_TRY(home.keep_port(listener->port()));
        configuration.set_public_port(listener->port());
        environment.public_url = configuration.public_url;
    }
    url = "https://" + print_address(configuration.listen, listener->port());
    const std::string port = std::to_string(listener->port());
    webhook.emplace(*pipeline, std::vector<std::string>{"localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port,
                                                        environment.public_url.substr(8)});
    clusters.emplace(*pipeline, http,
                     kube::ClusterManagerOptions{.folder = home.clusters_folder().string(),
                                                 .search_path = search_path(configuration),
                                                 .cache_folder = cache_folder(),
                                                 .server_url = url,
                                                 .server_ca = keys->server.certificate_pem(),
                                                 .sts_host = "localhost:" + port});
    clusters->register_worker(*outbox);
    auto admin_started = start_admin(configuration.admin_listen, [this] { return readiness(); });
    if (!admin_started) return cannot_listen("--admin-listen", configuration.admin_listen, admin_started.error());
    admin = std::move(*admin_started);
    admin_url = "http://" + print_address(configuration.admin_listen, admin->port());
    return {};
}

void Server::Rooms::handle(net::Request&& request, net::Responder responder) {
    if (!serving.load(std::memory_order_acquire)) return responder.send(text_response(503, "starting\n"));
    switch (find_route(request)) {
        case Route::health:
            return responder.send(health_response(request.path(), [this] { return readiness(); }));
        case Route::start:
            return responder.send(start_redirect(*store));
        case Route::home: {
            auto response = text_response(302, "");
            response.headers.push_back({"Location", environment.public_url + "/start"});
            return responder.send(std::move(response));
        }
        case Route::portal:
            return portal->serve(std::move(request), std::move(responder));
        case Route::webhook:
            return responder.send(webhook->serve(request));
        case Route::oidc:
            return responder.send(serve_oidc_issuer(store->snapshot(), environment.public_url, request));
        case Route::api:
            return pipeline->serve(std::move(request), std::move(responder));
    }
}

control_service::ServerHooks Server::Rooms::hooks() {
    using Hooks = control_service::ServerHooks;
    return Hooks{
        .status = [this] { return status(); },
        .certificate_authority = [this](std::string_view kind) { return authority(kind); },
        .stop = [] { ::kill(::getpid(), SIGTERM); },
        .backup =
            [this](std::string path, std::move_only_function<void(Result<Hooks::BackupFile>)> done) {
                // A copy takes as long as the disk needs; it is not a request's thread that waits.
                const std::lock_guard held(mutex);
                if (backup_thread.joinable()) backup_thread.join();
                backup_thread = std::thread(
                    [this, path = std::move(path), done = std::move(done)]() mutable { done(backup(path)); });
            },
        .scan_trail = [this](const auto& visit, const auto& before) { trail->scan_newest_first(visit, before); }};
}

control_service::ServerHooks::Status Server::Rooms::status() const {
    const auto account = find_first_account(store->snapshot());
    return {.started_at = started_at,
            .endpoint = url,
            .store_revision = static_cast<std::int64_t>(store->revision()),
            .store_bytes = static_cast<std::int64_t>(store->used_bytes()),
            .outbox_rows = static_cast<std::int64_t>(outbox->depth()),
            .management_account_id = account ? *account : AccountId()};
}

Result<control_service::ServerHooks::Authority> Server::Rooms::authority(std::string_view kind) const {
    const auto& chosen = kind == "DOOR" ? keys->door : keys->server;
    return control_service::ServerHooks::Authority{.certificate_pem = chosen.certificate_pem(),
                                                   .fingerprint = chosen.fingerprint(),
                                                   .not_after = chosen.valid_to()};
}

Result<control_service::ServerHooks::BackupFile> Server::Rooms::backup(const std::string& path) const {
    if (auto copied = store->copy(path); !copied) {
        return ApiError{.code = "ValidationException", .message = "No backup was written: " + copied.error().cause};
    }
    std::error_code error;
    const auto bytes = std::filesystem::file_size(path, error);
    return control_service::ServerHooks::BackupFile{.path = path,
                                                    .bytes = error ? 0 : static_cast<std::int64_t>(bytes),
                                                    .store_revision = static_cast<std::int64_t>(store->revision())};
}

Result<control_service::MailSender> Server::Rooms::mail_sender() {
    SEK_TRY(MailAccess access, read_mail_access(configuration.smtp));
    return control_service::MailSender(
        [this, access = std::move(access)](const domain::Mail& mail, std::move_only_function<void(Result<void>)> done) {
            auto shared = std::make_shared<decltype(done)>(std::move(done));
            http.send_mail(
                make_message(configuration.smtp, configuration.public_host(), access, mail, system_clock().now()),
                [shared](Result<void> outcome) { (*shared)(std::move(outcome)); });
        });
}

// Our own clusters' issuers are this server, whatever its public name resolves to here.
Result<access::FetchDocument> Server::Rooms::document_fetcher() {
    std::string authorities;
    if (!configuration.oidc_ca_file.empty()) {
        SEK_TRY(authorities, read_file(configuration.oidc_ca_file));
    }
    // The client itself, not the member: while it ends it refuses calls.
    return access::FetchDocument([this, client = &*issuers, authorities = std::move(authorities)](
                                     std::string address, std::move_only_function<void(Result<std::string>)> done) {
        net::ClientRequest request;
        request.timeout = milliseconds(limits::oidc_fetch_milliseconds_max);
        request.body_bytes_max = limits::oidc_document_bytes_max;
        request.headers = {{"Accept", "application/json"}};
        const bool is_own = address.starts_with(environment.public_url + "/");
        request.ca_pem = is_own ? keys->server.certificate_pem() : authorities;
        if (is_own) request.connect_to = url.substr(std::string_view("https://").size());
        request.url = std::move(address);
        auto shared = std::make_shared<decltype(done)>(std::move(done));
        client->send(std::move(request), [shared](Result<net::ClientResponse> answer) {
            if (!answer) return (*shared)(std::move(answer).error());
            if (answer->status == 200) return (*shared)(std::move(answer->body));
            (*shared)(errors::service_unavailable("answered with status " + std::to_string(answer->status)));
        });
    });
}

std::string Server::Rooms::readiness() const {
    return stopping ? "stopping" : serving ? "" : "starting";
}

Result<net::Certificate> Server::Rooms::own_certificate() const {
    return issue_server_certificate(*keys, configuration.public_host(), system_clock().now(), system_random());
}

void Server::Rooms::keep_certificates_fresh() {
    Time issued_at = system_clock().now();
    std::unique_lock held(mutex);
    while (!wake.wait_for(held, certificate_check_interval, [this] { return stopping.load(); })) {
        if (system_clock().now() - issued_at < certificate_days_max * 2 / 3) continue;
        auto certificate = own_certificate();
        auto replaced = certificate ? listener->replace_certificates(std::move(*certificate), "")
                                    : Result<void>(std::move(certificate).error());
        if (replaced) {
            issued_at = system_clock().now();
        } else {
            log::error("the certificate cannot be issued anew", {{"reason", replaced.error().cause}});
        }
    }
}

void Server::Rooms::stop() {
    {
        const std::lock_guard held(mutex);
        if (stopping.exchange(true)) return;
    }
    wake.notify_all();
    if (certificate_keeper.joinable()) certificate_keeper.join();
    if (clusters) clusters->stop();
    if (listener) listener->stop(seconds(configuration.stop_seconds_max));
    issuers.reset();  // answers who still waits for an issuer, while there is a pipeline
    if (backup_thread.joinable()) backup_thread.join();
    control_service::wait_for_pools();
    if (outbox) outbox->stop(seconds(configuration.stop_seconds_max));
    if (sweeper) sweeper->stop();
    if (store) store->close();
    if (admin) admin->stop(milliseconds(0));
    if (trail) {  // nothing lies unsigned while no server runs
        if (auto signed_segment = trail->rotate(); !signed_segment) {
            log::error("the audit trail's last segment is not signed", {{"cause", signed_segment.error().cause}});
        }
    }
    trail.reset();
    if (announced) home.remove_running();  // another server's file stays: it may be why this one did not start
}

Server::Server(std::unique_ptr<Rooms> rooms) : rooms_(std::move(rooms)) {}

Server::~Server() {
    stop();
}

Result<std::unique_ptr<Server>> Server::start(Home home, Configuration configuration) {
    log::set_level(configuration.log_level);
    std::unique_ptr<Server> server(new Server(std::make_unique<Rooms>(std::move(home), std::move(configuration))));
    Rooms& rooms = *server->rooms_;
    SEK_TRY(rooms.open());
    SEK_TRY(rooms.listen());
    rooms.serving.store(true, std::memory_order_release);
    rooms.outbox->start();
    rooms.sweeper->start();
    rooms.clusters->start();
    rooms.certificate_keeper = std::thread([&rooms] { rooms.keep_certificates_fresh(); });
    SEK_TRY(rooms.home.write_running({.pid = ::getpid(),
                                      .url = rooms.url,
                                      .public_url = rooms.environment.public_url,
                                      .admin_url = rooms.admin_url,
                                      .started_at = format_iso8601(system_clock().now()),
                                      .version = std::string(version())}));
    rooms.announced = true;
    return server;
}

const std::string& Server::url() const {
    return rooms_->url;
}

const std::string& Server::admin_url() const {
    return rooms_->admin_url;
}

void Server::stop() {
    rooms_->stop();
}

Result<void> serve(Home home, Configuration configuration, const std::function<void(const std::string& url)>& ready) {
    // Blocked in every thread that starts from here on; waited for below.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);

    SEK_TRY(const auto server, Server::start(std::move(home), std::move(configuration)));
    log::info("serving", {{"url", server->url()}, {"admin_url", server->admin_url()}, {"version", version()}});
    ready(server->url());
    release_start_pages();
    int received = 0;
    sigwait(&ends, &received);
    log::info("stopping", {{"signal", received == SIGTERM ? "SIGTERM" : "SIGINT"}});
    pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);  // a second one ends it at once
    server->stop();
    return {};
}

std::string_view version() {
    return SEKISHO_VERSION;
}

}  // namespace sekisho::server
