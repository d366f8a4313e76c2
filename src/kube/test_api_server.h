#pragma once
// An API server for tests, over plain HTTP on loopback: lists answer with what `list` holds; a watch is a stream that
// stays open until the test ends it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace sekisho::kube {

class TestApiServer {
 public:
    TestApiServer() : door_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(door_, reinterpret_cast<sockaddr*>(&address), size);
        ::listen(door_, 16);
        ::getsockname(door_, reinterpret_cast<sockaddr*>(&address), &size);
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        thread_ = std::thread([this] { run(); });
    }
    ~TestApiServer() {
        stopping_ = true;
        thread_.join();
        for (const int fd : open_) ::close(fd);
        ::close(door_);
    }
    TestApiServer(const TestApiServer&) = delete;
    TestApiServer& operator=(const TestApiServer&) = delete;

    const std::string& url() const { return url_; }

    // What every list gives from now on; empty: the server hangs up, on watches too.
    void set_list(std::string body) {
        const std::lock_guard lock(mutex_);
        list_ = std::move(body);
    }
    int lists() const { return lists_; }

    // Waits until a watch is open, and writes to it. False: it was closed by the client, or never came.
    bool send(std::string_view bytes) {
        const int fd = wait_for_stream();
        while (fd >= 0 && !bytes.empty()) {
            const ssize_t written = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (written <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return fd >= 0;
    }
    // The stream breaks off.
    void break_off() {
        const int fd = wait_for_stream();
        const std::lock_guard lock(mutex_);
        if (fd >= 0) ::shutdown(fd, SHUT_RDWR);
        stream_ = -1;
    }

 private:
    int wait_for_stream() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(10), [&] { return stream_ >= 0; });
        return stream_;
    }
    void run() {
        while (!stopping_) {
            pollfd polled{door_, POLLIN, 0};
            if (::poll(&polled, 1, 20) != 1) continue;
            const int fd = ::accept4(door_, nullptr, nullptr, SOCK_CLOEXEC);
            open_.push_back(fd);
            answer(fd);
        }
    }
    void answer(int fd) {
        std::string request;
        char bytes[4096];
        while (!request.contains("\r\n\r\n")) {
            const ssize_t count = ::recv(fd, bytes, sizeof bytes, 0);
            if (count <= 0) return;
            request.append(bytes, static_cast<std::size_t>(count));
        }
        const std::lock_guard lock(mutex_);
        if (request.contains("watch=1") && !list_.empty()) {
            constexpr std::string_view head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
            ::send(fd, head.data(), head.size(), MSG_NOSIGNAL);
            stream_ = fd;
            changed_.notify_all();
            return;
        }
        if (!request.contains("watch=1")) ++lists_;
        if (!list_.empty()) {
            const std::string text =
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(list_.size()) + "\r\n\r\n" +
                list_;
            ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        }
        ::shutdown(fd, SHUT_WR);
    }

    const int door_;
    std::string url_;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> lists_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string list_;
    int stream_ = -1;
    std::vector<int> open_;  // of the thread
    std::thread thread_;
};

}  // namespace sekisho::kube
