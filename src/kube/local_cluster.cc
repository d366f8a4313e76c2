#include "kube/local_cluster.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/jose.h"

namespace sekisho::kube {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kubernetes_version = "1.34.4";  // tools/clients/kubernetes-1.34
constexpr std::string_view etcd_version = "3.7.3";         // tools/clients/etcd
constexpr hours authority_life{24 * 3650};
constexpr hours certificate_life{24 * 365};  // issued anew at every start
constexpr hours clock_slack{1};
constexpr milliseconds stop_deadline{2'000};  // kube-apiserver waits for idle connections, and has nothing to save

ApiError failed(std::string cause) {
    return errors::internal_failure("local cluster: " + std::move(cause));
}

std::optional<std::string> read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// Whole or not at all, mode 0600.
Result<void> write_file(const fs::path& path, std::string_view text) {
    const std::string temporary = path.string() + ".new";
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return failed("cannot write " + temporary);
    bool good = true;
    while (good && !text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        good = written > 0;
        if (good) text.remove_prefix(static_cast<std::size_t>(written));
    }
    good = ::fsync(fd) == 0 && good;
    good = ::close(fd) == 0 && good;
    if (!good || ::rename(temporary.c_str(), path.c_str()) != 0) return failed("cannot write " + path.string());
    return {};
}

Result<void> make_folder(const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error || ::chmod(folder.c_str(), 0700) != 0) return failed("cannot make " + folder);
    return {};
}

// A loopback port that nobody listens on. It is kept with the cluster, since kubeconfigs name it.
Result<int> choose_port(const fs::path& path) {
    if (const auto text = read_file(path)) {
        int port = 0;
        std::from_chars(text->data(), text->data() + text->size(), port);
        if (port > 0 && port < 65536) return port;
    }
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool good = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (fd >= 0) ::close(fd);
    if (!good) return failed("no free port");
    const int port = ntohs(address.sin_port);
    SEK_TRY(write_file(path, std::to_string(port) + "\n"));
    return port;
}

class Pki {
 public:
    Pki(fs::path folder, const Clock& clock, Random& random)
        : folder_(std::move(folder)), clock_(clock), random_(random) {}

    Result<crypto::CertificateAuthority> authority(const std::string& name, crypto::AuthorityRequest request) {
        const auto certificate = read_file(folder_ / (name + ".crt"));
        const auto key = read_file(folder_ / (name + ".key"));
        if (certificate && key) return crypto::CertificateAuthority::load(*certificate, Secret(*key));
        request.common_name = name;
        request.valid_from = clock_.now() - clock_slack;
        request.valid_to = clock_.now() + authority_life;
        SEK_TRY(auto made, crypto::CertificateAuthority::create(request, random_));
        // The key first: an authority is there only when both are.
        SEK_TRY(write_file(folder_ / (name + ".key"), made.key_pem().expose()));
        SEK_TRY(write_file(folder_ / (name + ".crt"), made.certificate_pem()));
        return made;
    }

    Result<crypto::IssuedCertificate> issue(const crypto::CertificateAuthority& authority, const std::string& file,
                                            crypto::CertificateRequest request) {
        request.valid_from = clock_.now() - clock_slack;
        request.valid_to = clock_.now() + certificate_life;
        SEK_TRY(auto issued, authority.issue(request, random_));
        SEK_TRY(write_file(folder_ / (file + ".key"), issued.key_pem.expose()));
        SEK_TRY(write_file(folder_ / (file + ".crt"), issued.certificate_pem));
        return issued;
    }

    std::string path(std::string_view file) const { return (folder_ / file).string(); }

 private:
    fs::path folder_;
    const Clock& clock_;
    Random& random_;
};

// Names come from our own records, but a kubeconfig is YAML: written as JSON, which is YAML too.
std::string kubeconfig(std::string_view server, std::string_view ca_pem, const std::function<void(JsonWriter&)>& user) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("apiVersion", "v1").member("kind", "Config");
    json.name("clusters").begin_array().begin_object().member("name", "cluster").name("cluster").begin_object();
    json.member("server", server).member("certificate-authority-data", encode_base64(ca_pem));
    json.end_object().end_object().end_array();
    json.name("users").begin_array().begin_object().member("name", "user").name("user").begin_object();
    user(json);
    json.end_object().end_object().end_array();
    json.name("contexts").begin_array().begin_object().member("name", "context").name("context").begin_object();
    json.member("cluster", "cluster").member("user", "user").end_object().end_object().end_array();
    json.member("current-context", "context").end_object();
    return text + "\n";
}

std::string certificate_kubeconfig(std::string_view server, std::string_view ca_pem,
                                   const crypto::IssuedCertificate& user) {
    return kubeconfig(server, ca_pem, [&](JsonWriter& json) {
        json.member("client-certificate-data", encode_base64(user.certificate_pem));
        json.member("client-key-data", encode_base64(user.key_pem.expose()));
    });
}

// The first address of the service range: the `kubernetes` service.
std::optional<std::string> first_service_address(std::string_view cidr) {
    in_addr address{};
    const std::string base(cidr.substr(0, cidr.find('/')));
    if (!cidr.contains('/') || ::inet_pton(AF_INET, base.c_str(), &address) != 1) return std::nullopt;
    address.s_addr = htonl(ntohl(address.s_addr) + 1);
    std::array<char, INET_ADDRSTRLEN> text{};
    return ::inet_ntop(AF_INET, &address, text.data(), text.size());
}

bool is_address(const std::string& text) {
    std::array<unsigned char, 16> bytes{};
    return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

struct ServerNames {
    std::vector<std::string> dns = {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                                    "kubernetes.default.svc.cluster.local"};
    std::vector<std::string> ip = {"127.0.0.1"};
};

Result<ServerNames> server_names(const LocalClusterSpec& spec) {
    ServerNames names;
    const auto service = first_service_address(spec.service_cidr);
    if (!service) return failed("service range is no IPv4 CIDR: " + spec.service_cidr);
    names.ip.push_back(*service);
    for (const std::string& name : spec.endpoint_names) (is_address(name) ? names.ip : names.dns).push_back(name);
    return names;
}

// The service account issuer's key pair; RS256, as EKS signs.
Result<std::string> service_account_key(const Pki& pki) {
    std::optional<crypto::SigningKey> key;
    if (const auto text = read_file(pki.path("service-account.key"))) {
        SEK_TRY(key, crypto::SigningKey::parse_pem(Secret(*text)));
    } else {
        SEK_TRY(key, crypto::SigningKey::generate_rsa());
        SEK_TRY(write_file(pki.path("service-account.key"), key->to_pem().expose()));
    }
    const std::string public_pem = key->public_key().to_pem();
    SEK_TRY(write_file(pki.path("service-account.pub"), public_pem));
    return public_pem;
}

// etcd and kube-apiserver know each other by an authority that signs nothing else.
Result<void> make_etcd_pki(Pki& pki) {
    SEK_TRY(auto etcd, pki.authority("etcd-ca", {.purpose = crypto::KeyPurpose::peer, .permitted_ip = {"127.0.0.1"}}));
    SEK_TRY(pki.issue(etcd, "etcd", {.common_name = "etcd", .ip_addresses = {"127.0.0.1"}}));
    SEK_TRY(pki.issue(etcd, "etcd-client", {.common_name = "kube-apiserver", .ip_addresses = {"127.0.0.1"}}));
    SEK_TRY(auto proxy, pki.authority("front-proxy-ca", {.purpose = crypto::KeyPurpose::client}));
    SEK_TRY(pki.issue(proxy, "front-proxy", {.common_name = "front-proxy-client"}));
    return {};
}

bool is_executable(const fs::path& path) {
    return ::access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path);
}

std::optional<fs::path> find_in_path(std::string_view path, std::string_view program) {
    for (std::string_view folder : split(path, ':')) {
        if (folder.starts_with('/') && is_executable(fs::path(folder) / program)) return fs::path(folder) / program;
    }
    return std::nullopt;
}

// Whether a kube-apiserver on PATH is of the version that the cluster promises. Runs `--version`, without environment.
bool is_wanted_version(const fs::path& program) {
    const std::string command = fmt::format("exec env -i '{}' --version 2>/dev/null", program.string());
    if (program.string().contains('\'')) return false;
    FILE* output = ::popen(command.c_str(), "re");
    if (output == nullptr) return false;
    std::array<char, 256> line{};
    const std::size_t count = std::fread(line.data(), 1, line.size(), output);
    ::pclose(output);
    return std::string_view(line.data(), count).starts_with("Kubernetes v1.34.");
}

std::vector<std::string> etcd_arguments(const Pki& pki, const std::string& data, int port) {
    const std::string url = fmt::format("https://127.0.0.1:{}", port);
    // One member: the peer address is a name in its data only, and the peer listener takes any free port.
    return {"--name=default",
            "--data-dir=" + data,
            "--listen-client-urls=" + url,
            "--advertise-client-urls=" + url,
            "--listen-peer-urls=https://127.0.0.1:0",
            "--initial-advertise-peer-urls=https://127.0.0.1:2380",
            "--initial-cluster=default=https://127.0.0.1:2380",
            "--client-cert-auth",
            "--peer-client-cert-auth",
            "--trusted-ca-file=" + pki.path("etcd-ca.crt"),
            "--cert-file=" + pki.path("etcd.crt"),
            "--key-file=" + pki.path("etcd.key"),
            "--peer-trusted-ca-file=" + pki.path("etcd-ca.crt"),
            "--peer-cert-file=" + pki.path("etcd.crt"),
            "--peer-key-file=" + pki.path("etcd.key"),
            "--log-level=warn"};
}

std::vector<std::string> apiserver_arguments(const LocalClusterSpec& spec, const Pki& pki, int port, int etcd_port) {
    return {fmt::format("--etcd-servers=https://127.0.0.1:{}", etcd_port),
            "--etcd-cafile=" + pki.path("etcd-ca.crt"),
            "--etcd-certfile=" + pki.path("etcd-client.crt"),
            "--etcd-keyfile=" + pki.path("etcd-client.key"),
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",  // loopback is no endpoint that a pod could reach
            fmt::format("--secure-port={}", port),
            "--tls-cert-file=" + pki.path("apiserver.crt"),
            "--tls-private-key-file=" + pki.path("apiserver.key"),
            "--client-ca-file=" + pki.path("client-ca.crt"),
            "--requestheader-client-ca-file=" + pki.path("front-proxy-ca.crt"),
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--proxy-client-cert-file=" + pki.path("front-proxy.crt"),
            "--proxy-client-key-file=" + pki.path("front-proxy.key"),
            "--service-account-issuer=" + spec.service_account_issuer,
            "--service-account-jwks-uri=" + spec.service_account_issuer + "/keys",
            "--service-account-key-file=" + pki.path("service-account.pub"),
            "--service-account-signing-key-file=" + pki.path("service-account.key"),
            "--api-audiences=https://kubernetes.default.svc",
            "--service-cluster-ip-range=" + spec.service_cidr,
            "--authorization-mode=Node,RBAC",
            "--anonymous-auth=true",  // as EKS: health and version, by RBAC's own roles
            "--enable-admission-plugins=NodeRestriction",
            "--authentication-token-webhook-config-file=" + pki.path("webhook.kubeconfig"),
            "--authentication-token-webhook-version=v1",
            "--authentication-token-webhook-cache-ttl=10s",
            "--allow-privileged=true",
            "--profiling=false"};
}

std::vector<std::string> controller_arguments(const LocalClusterSpec& spec, const Pki& pki) {
    const std::string config = pki.path("controller-manager.kubeconfig");
    return {"--kubeconfig=" + config,
            "--authentication-kubeconfig=" + config,
            "--authorization-kubeconfig=" + config,
            "--bind-address=127.0.0.1",
            "--secure-port=0",
            "--leader-elect=false",
            "--use-service-account-credentials",
            "--service-account-private-key-file=" + pki.path("service-account.key"),
            "--root-ca-file=" + pki.path("serving-ca.crt"),
            "--cluster-signing-cert-file=" + pki.path("client-ca.crt"),
            "--cluster-signing-key-file=" + pki.path("client-ca.key"),
            "--cluster-name=" + spec.name,
            "--profiling=false"};
}

std::vector<std::string> scheduler_arguments(const Pki& pki) {
    const std::string config = pki.path("scheduler.kubeconfig");
    return {"--kubeconfig=" + config,
            "--authentication-kubeconfig=" + config,
            "--authorization-kubeconfig=" + config,
            "--bind-address=127.0.0.1",
            "--secure-port=0",
            "--leader-elect=false",
            "--profiling=false"};
}

}  // namespace

Result<ClusterBinaries> find_binaries(std::string_view path, std::string_view cache_folder) {
    const fs::path cache(cache_folder);
    const fs::path kubernetes = cache / fmt::format("kubernetes-{}", kubernetes_version) / "bin";
    const fs::path etcd = cache / fmt::format("etcd-{}", etcd_version) / "bin";
    const auto on_path = find_in_path(path, "kube-apiserver");
    const bool use_path = on_path && is_wanted_version(*on_path);
    std::vector<std::string> missing;
    const auto locate = [&](std::string_view program, const fs::path& cached, bool path_is_right) {
        if (const auto found = path_is_right ? find_in_path(path, program) : std::nullopt) return found->string();
        if (!is_executable(cached / program)) missing.emplace_back(program);
        return (cached / program).string();
    };
    ClusterBinaries found{.etcd = locate("etcd", etcd, true),
                          .kube_apiserver = locate("kube-apiserver", kubernetes, use_path),
                          .kube_controller_manager = locate("kube-controller-manager", kubernetes, use_path),
                          .kube_scheduler = locate("kube-scheduler", kubernetes, use_path)};
    if (missing.empty()) return found;
    return ApiError{.code = "NotFound",
                    .message = fmt::format("{} not found, neither on PATH (Kubernetes 1.34) nor in {}; build with "
                                           "`tools/build_client kubernetes etcd`",
                                           join(missing, ", "), cache.string()),
                    .http_status = 404};
}

Result<void> write_webhook_kubeconfig(const std::string& folder, const WebhookTarget& webhook) {
    SEK_TRY(make_folder(folder));
    return write_file(fs::path(folder) / "webhook.kubeconfig",
                      kubeconfig(webhook.url, webhook.ca_pem,
                                 [&](JsonWriter& json) { json.member("token", webhook.bearer.expose()); }));
}

Result<std::unique_ptr<LocalCluster>> LocalCluster::prepare(LocalClusterSpec spec, Supervisor& supervisor,
                                                            net::HttpClient& http, const Clock& clock, Random& random) {
    SEK_TRY(make_folder(spec.folder));
    auto cluster = std::unique_ptr<LocalCluster>(new LocalCluster(std::move(spec), supervisor, http));
    Pki pki(cluster->spec_.folder, clock, random);
    SEK_TRY(cluster->port_, choose_port(pki.path("port")));
    cluster->endpoint_ = fmt::format("https://127.0.0.1:{}", cluster->port_);

    SEK_TRY(const ServerNames names, server_names(cluster->spec_));
    SEK_TRY(auto serving, pki.authority("serving-ca", {.purpose = crypto::KeyPurpose::server,
                                                       .permitted_dns = names.dns,
                                                       .permitted_ip = names.ip}));
    SEK_TRY(pki.issue(serving, "apiserver",
                      {.common_name = "kube-apiserver", .dns_names = names.dns, .ip_addresses = names.ip}));
    cluster->ca_pem_ = serving.certificate_pem();
    SEK_TRY(make_etcd_pki(pki));
    SEK_TRY(cluster->service_account_public_key_, service_account_key(pki));

    SEK_TRY(auto client_ca, pki.authority("client-ca", {.purpose = crypto::KeyPurpose::client}));
    const auto write_config = [&](const std::string& name,
                                  crypto::CertificateRequest request) -> Result<crypto::IssuedCertificate> {
        SEK_TRY(auto issued, pki.issue(client_ca, name, std::move(request)));
        SEK_TRY(write_file(pki.path(name + ".kubeconfig"),
                           certificate_kubeconfig(cluster->endpoint_, cluster->ca_pem_, issued)));
        return issued;
    };
    SEK_TRY(auto admin, write_config("admin", {.common_name = "sekisho:admin", .organizations = {"system:masters"}}));
    SEK_TRY(write_config("controller-manager", {.common_name = "system:kube-controller-manager"}));
    SEK_TRY(write_config("scheduler", {.common_name = "system:kube-scheduler"}));
    SEK_TRY(write_webhook_kubeconfig(cluster->spec_.folder, cluster->spec_.webhook));
    cluster->admin_ = std::make_unique<KubernetesClient>(
        http, ApiServer{cluster->endpoint_, cluster->ca_pem_, admin.certificate_pem, admin.key_pem, Secret()});
    return cluster;
}

LocalCluster::~LocalCluster() {
    stop();
}

Result<void> LocalCluster::run(const std::string& name, const std::string& program,
                               std::vector<std::string> arguments) {
    std::lock_guard lock(mutex_);
    if (stopping_) return errors::service_unavailable("local cluster: stopped while starting");
    SEK_TRY(const Supervisor::Id id, supervisor_.start({.name = fmt::format("{} of {}", name, spec_.name),
                                                        .program = program,
                                                        .arguments = std::move(arguments),
                                                        .environment = {},
                                                        .folder = spec_.folder,
                                                        .log_path = fmt::format("{}/{}.log", spec_.folder, name)}));
    processes_.push_back(id);
    return {};
}

Result<void> LocalCluster::wait_ready(milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    std::string cause = "no answer";
    while (std::chrono::steady_clock::now() < end) {
        if (stopping_) return errors::service_unavailable("local cluster: stopped while starting");
        const auto answer = admin_->get_text("/readyz", milliseconds(2'000));
        if (answer) return {};
        cause = answer.error().message + (answer.error().cause.empty() ? "" : ": " + answer.error().cause);
        std::this_thread::sleep_for(milliseconds(100));
    }
    return errors::service_unavailable(fmt::format(
        "local cluster {}: not ready in time ({}); see {}/kube-apiserver.log", spec_.name, cause, spec_.folder));
}

Result<void> LocalCluster::start(milliseconds deadline) {
    state_ = ClusterState::starting;
    const Clock& clock = system_clock();
    Pki pki(spec_.folder, clock, system_random());
    const auto bring_up = [&]() -> Result<void> {
        // Only we know etcd's port: a new one at each start cannot be taken by another program meanwhile for long.
        std::error_code ignored;
        fs::remove(pki.path("etcd-port"), ignored);
        SEK_TRY(const int etcd_port, choose_port(pki.path("etcd-port")));
        SEK_TRY(run("etcd", spec_.binaries.etcd, etcd_arguments(pki, pki.path("etcd-data"), etcd_port)));
        SEK_TRY(
            run("kube-apiserver", spec_.binaries.kube_apiserver, apiserver_arguments(spec_, pki, port_, etcd_port)));
        SEK_TRY(wait_ready(deadline));
        SEK_TRY(
            run("kube-controller-manager", spec_.binaries.kube_controller_manager, controller_arguments(spec_, pki)));
        return run("kube-scheduler", spec_.binaries.kube_scheduler, scheduler_arguments(pki));
    };
    const auto begun = std::chrono::steady_clock::now();
    const auto result = bring_up();
    if (!result) {
        stop();
        state_ = ClusterState::failed;
        return result.error();
    }
    state_ = ClusterState::ready;
    log::info(
        "cluster is ready",
        {{"cluster", spec_.name},
         {"endpoint", endpoint_},
         {"milliseconds", std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun).count()}});
    return {};
}

void LocalCluster::stop() {
    stopping_ = true;
    std::lock_guard lock(mutex_);
    // The last started first: etcd outlives kube-apiserver.
    for (auto id = processes_.rbegin(); id != processes_.rend(); ++id) supervisor_.stop(*id, stop_deadline);
    processes_.clear();
    state_ = ClusterState::stopped;
}

}  // namespace sekisho::kube
