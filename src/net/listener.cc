#include "net/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "net/connection.h"
#include "net/event_loop.h"
#include "net/tls_context.h"

namespace sekisho::net {
namespace {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);
};

bool parse_address(const std::string& text, std::uint16_t port, Address& out) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
    if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        out.size = sizeof(sockaddr_in);
        return true;
    }
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
    if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        out.size = sizeof(sockaddr_in6);
        return true;
    }
    return false;
}

bool is_loopback(const Address& address) {
    if (address.storage.ss_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
        return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    }
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr);
}

std::uint16_t port_of(const Address& address) {
    if (address.storage.ss_family == AF_INET) {
        return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
    }
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
}

ConnectionInfo info_of(const Address& peer) {
    ConnectionInfo info;
    char text[INET6_ADDRSTRLEN] = "";
    if (peer.storage.ss_family == AF_INET) {
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&peer.storage)->sin_addr, text, sizeof(text));
    } else {
        ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&peer.storage)->sin6_addr, text, sizeof(text));
    }
    info.peer_address = text;
    info.peer_port = port_of(peer);
    return info;
}

ApiError socket_error(const std::string& what) {
    return errors::internal_failure(what + ": " + std::strerror(errno));
}

Result<int> listen_on(const Address& address) {
    const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return socket_error("cannot make a socket");
    const int one = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (address.storage.ss_family == AF_INET6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
        ::listen(descriptor, SOMAXCONN) != 0) {
        const ApiError error = socket_error("cannot listen");
        ::close(descriptor);
        return error;
    }
    return descriptor;
}

milliseconds tick_of(const ListenerLimits& limits) {
    const milliseconds least = std::min({limits.handshake, limits.request, limits.idle, limits.response});
    return std::clamp(least / 4, milliseconds(5), milliseconds(500));
}

metrics::Gauge& connections_open() {
    static metrics::Gauge& gauge = metrics::gauge("sekisho_net_connections", "Connections open now");
    return gauge;
}

metrics::Counter& connections_accepted() {
    static metrics::Counter& counter = metrics::counter("sekisho_net_connections_total", "Connections accepted");
    return counter;
}

metrics::Counter& connections_refused() {
    static metrics::Counter& counter =
        metrics::counter("sekisho_net_connections_refused_total", "Connections closed because too many are open");
    return counter;
}

}  // namespace

struct Listener::Core {
    // One loop and its connections.
    struct Worker {
        explicit Worker(Core& core)
            : loop(std::make_shared<EventLoop>(
                  tick_of(core.options.limits), [this] { return tick(); }, core.options.before_write)),
              shared{.options = core.options, .contexts = core.contexts, .closed = [this, &core](Connection* c) {
                         const auto found = connections.find(c);
                         if (found == connections.end()) return;
                         dying.push_back(std::move(found->second));
                         connections.erase(found);
                         core.open.fetch_sub(1);
                         connections_open().add(-1);
                     }} {}

        bool tick();
        void adopt(int descriptor, ConnectionInfo info);
        bool quiet() const;
        void close_all();

        std::shared_ptr<EventLoop> loop;
        ConnectionShared shared;
        std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
        std::vector<std::shared_ptr<Connection>> dying;  // freed on the next tick, never under their own feet
        bool draining = false;
        std::thread thread;
    };

    struct Acceptor final : EventLoop::Watcher {
        explicit Acceptor(Core& owner) : core(owner) {}
        void on_events(std::uint32_t) override { core.accept_all(); }
        Core& core;
    };

    explicit Core(ListenerOptions given)
        : options(std::move(given)), contexts(options.is_door_host, options.certificate_for), acceptor(*this) {}
    ~Core() {
        if (descriptor >= 0) ::close(descriptor);
    }

    Result<void> open_port();
    Result<void> start_workers();
    void accept_all();
    void stop(milliseconds grace);

    ListenerOptions options;
    TlsContexts contexts;
    Acceptor acceptor;
    int descriptor = -1;
    std::uint16_t port = 0;
    std::vector<std::unique_ptr<Worker>> workers;
    std::size_t next_worker = 0;
    std::atomic<std::size_t> open{0};
    std::mutex stop_mutex;
    bool stopped = false;
};

void Listener::Core::Worker::adopt(int socket, ConnectionInfo info) {
    auto connection = std::make_shared<Connection>(loop, shared, socket, std::move(info));
    connections.emplace(connection.get(), connection);
    connections_open().add(1);
    if (draining) return connection->close();
    connection->start();
}

bool Listener::Core::Worker::tick() {
    dying.clear();
    std::vector<std::shared_ptr<Connection>> present;
    present.reserve(connections.size());
    for (const auto& [pointer, connection] : connections) present.push_back(connection);
    for (const auto& connection : present) connection->on_tick(loop->now());
    return !connections.empty() || !dying.empty();
}

bool Listener::Core::Worker::quiet() const {
    for (const auto& [pointer, connection] : connections) {
        if (!connection->lingering()) return false;
    }
    return true;
}

void Listener::Core::Worker::close_all() {
    std::vector<std::shared_ptr<Connection>> present;
    for (const auto& [pointer, connection] : connections) present.push_back(connection);
    for (const auto& connection : present) connection->close();
    dying.clear();
}

Result<void> Listener::Core::open_port() {
    Address address;
    if (!parse_address(options.address, options.port, address)) {
        return errors::internal_failure("not a numeric address: " + options.address);
    }
    if (!options.tls && !is_loopback(address)) {
        return errors::internal_failure("plain HTTP is for loopback addresses only: " + options.address);
    }
    SEK_TRY(descriptor, listen_on(address));
    Address bound;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) != 0) {
        return socket_error("cannot read the port");
    }
    port = port_of(bound);
    return {};
}

Result<void> Listener::Core::start_workers() {
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
        workers.push_back(std::make_unique<Worker>(*this));
        if (!workers.back()->loop->usable()) return socket_error("cannot make an event loop");
    }
    if (!workers.front()->loop->watch(descriptor, EPOLLIN, &acceptor)) return socket_error("cannot watch the port");
    for (const auto& worker : workers) {
        worker->thread = std::thread([&loop = *worker->loop] { loop.run(); });
    }
    return {};
}

void Listener::Core::accept_all() {
    constexpr int accepts_per_turn = 64;
    for (int i = 0; i < accepts_per_turn; ++i) {
        Address peer;
        const int socket =
            ::accept4(descriptor, reinterpret_cast<sockaddr*>(&peer.storage), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) {
            if (errno == ECONNABORTED || errno == EINTR) continue;
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                // The port stays readable: rest a moment instead of turning round it.
                log::error("cannot accept connections", {{"cause", std::strerror(errno)}});
                ::usleep(10'000);
            }
            return;
        }
        if (open.load() >= options.limits.connections) {
            connections_refused().add();
            ::close(socket);
            continue;
        }
        const int one = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        connections_accepted().add();
        open.fetch_add(1);
        Worker* worker = workers[next_worker++ % workers.size()].get();
        if (worker == workers.front().get()) {
            worker->adopt(socket, info_of(peer));
        } else if (!worker->loop->post(
                       [worker, socket, info = info_of(peer)]() mutable { worker->adopt(socket, std::move(info)); })) {
            open.fetch_sub(1);
            ::close(socket);
        }
    }
}

void Listener::Core::stop(milliseconds grace) {
    const std::scoped_lock lock(stop_mutex);
    if (stopped) return;
    stopped = true;
    const auto deadline = std::chrono::steady_clock::now() + grace;
    for (const auto& worker : workers) {
        worker->loop->post([this, worker = worker.get()] {
            if (worker == workers.front().get()) worker->loop->forget(descriptor, &acceptor);
            worker->draining = true;
            std::vector<std::shared_ptr<Connection>> present;
            for (const auto& [pointer, connection] : worker->connections) present.push_back(connection);
            for (const auto& connection : present) connection->begin_shutdown();
        });
    }
    for (const auto& worker : workers) {
        // Asks each loop until it is quiet. Lingering connections have been answered and may be cut off.
        std::mutex mutex;
        std::condition_variable changed;
        while (true) {
            bool answered = false;
            bool quiet = false;
            const bool posted = worker->loop->post([&] {
                const std::scoped_lock inner(mutex);
                quiet = worker->quiet();
                answered = true;
                changed.notify_one();
            });
            if (!posted) break;
            std::unique_lock inner(mutex);
            changed.wait(inner, [&] { return answered; });
            if (quiet || std::chrono::steady_clock::now() >= deadline) break;
            inner.unlock();
            std::this_thread::sleep_for(milliseconds(5));
        }
    }
    for (const auto& worker : workers) {
        worker->loop->post([worker = worker.get()] {
            worker->close_all();
            worker->loop->stop();
        });
    }
    for (const auto& worker : workers) {
        if (worker->thread.joinable()) worker->thread.join();
        worker->close_all();
    }
    ::close(descriptor);
    descriptor = -1;
}

Listener::Listener(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Listener::~Listener() {
    core_->stop(milliseconds(0));
}

Result<std::unique_ptr<Listener>> Listener::start(ListenerOptions options) {
    if (!options.handler) return errors::internal_failure("a listener needs a handler");
    auto core = std::make_unique<Core>(std::move(options));
    if (core->options.tls) SEK_TRY(core->contexts.replace(core->options.certificate, core->options.client_ca_pem));
    core->options.certificate = {};  // the contexts hold the key; no second copy of it stays
    SEK_TRY(core->open_port());
    SEK_TRY(core->start_workers());
    return std::unique_ptr<Listener>(new Listener(std::move(core)));
}

std::uint16_t Listener::port() const {
    return core_->port;
}
std::size_t Listener::connection_count() const {
    return core_->open.load();
}

Result<void> Listener::replace_certificates(Certificate certificate, std::string client_ca_pem) {
    return core_->contexts.replace(certificate, client_ca_pem);
}

void Listener::stop(milliseconds grace) {
    core_->stop(grace);
}

}  // namespace sekisho::net
