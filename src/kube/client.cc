#include "kube/client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace sekisho::kube {
namespace {

constexpr milliseconds pause_min{1'000};
constexpr milliseconds pause_max{5'000};
constexpr seconds watch_length{300};
constexpr seconds watch_grace{30};
constexpr std::size_t event_bytes_max = 8 * 1024 * 1024;
constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024;

ApiError unreachable(std::string cause) {
    return errors::service_unavailable("kubernetes: " + std::move(cause));
}

}  // namespace

ApiError status_error(int http_status, std::string_view body) {
    ApiError error{.code = "Unknown", .message = fmt::format("HTTP {}", http_status), .http_status = http_status};
    if (const auto status = parse_json(body)) {
        if (auto reason = find_text(*status, "reason"); reason && !reason->empty()) error.code = *reason;
        if (auto message = find_text(*status, "message"); message && !message->empty()) error.message = *message;
    }
    return error;
}

net::ClientRequest KubernetesClient::request(std::string_view method, std::string_view path) const {
    net::ClientRequest request;
    request.method = method;
    request.url = server_.url + std::string(path);
    request.headers = {{"Accept", "application/json"}, {"User-Agent", "sekisho"}};
    request.ca_pem = server_.ca_pem;
    request.client_certificate_pem = server_.client_certificate_pem;
    request.client_key_pem = server_.client_key_pem;
    request.bearer = server_.token;
    request.body_bytes_max = answer_bytes_max;
    return request;
}

Result<json::value> KubernetesClient::call(net::ClientRequest request) const {
    SEK_TRY(const net::ClientResponse response, http_.send_and_wait(std::move(request)));
    if (response.status < 200 || response.status > 299) return status_error(response.status, response.body);
    auto value = parse_json(response.body);
    if (!value) return unreachable("the API server's answer is no JSON");
    return value;
}

Result<json::value> KubernetesClient::get(std::string_view path) const {
    return call(request("GET", path));
}

Result<json::value> KubernetesClient::create(std::string_view collection_path, std::string object) const {
    auto sent = request("POST", collection_path);
    sent.headers.push_back({"Content-Type", "application/json"});
    sent.body = std::move(object);
    return call(std::move(sent));
}

Result<json::value> KubernetesClient::update(std::string_view path, std::string object) const {
    auto sent = request("PUT", path);
    sent.headers.push_back({"Content-Type", "application/json"});
    sent.body = std::move(object);
    return call(std::move(sent));
}

Result<json::value> KubernetesClient::patch(std::string_view path, std::string body, Patch kind) const {
    auto sent = request("PATCH", path);
    sent.headers.push_back({"Content-Type", kind == Patch::merge ? "application/merge-patch+json"
                                                                 : "application/strategic-merge-patch+json"});
    sent.body = std::move(body);
    return call(std::move(sent));
}

Result<void> KubernetesClient::remove(std::string_view path) const {
    SEK_TRY(call(request("DELETE", path)));
    return {};
}

Result<std::string> KubernetesClient::get_text(std::string_view path, milliseconds timeout) const {
    auto sent = request("GET", path);
    sent.timeout = timeout;
    SEK_TRY(net::ClientResponse response, http_.send_and_wait(std::move(sent)));
    if (response.status != 200) return status_error(response.status, response.body);
    return std::move(response.body);
}

Watch::Watch(const KubernetesClient& client, std::string collection_path, std::string selector, WatchHandler handler)
    : client_(client),
      path_(std::move(collection_path)),
      selector_(std::move(selector)),
      handler_(std::move(handler)),
      thread_([this] { run(); }) {}

Watch::~Watch() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Watch::report(bool is_current, const std::string& cause) {
    if (state_ == (is_current ? 1 : 0)) return;
    state_ = is_current ? 1 : 0;
    if (handler_.on_state) handler_.on_state(is_current, cause);
}

bool Watch::pause(milliseconds time) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [&] { return stopping_; });
}

bool Watch::list() {
    const auto found = client_.get(fmt::format("{}?{}", path_, selector_));
    if (!found) {
        failure_ = found.error().message + (found.error().cause.empty() ? "" : ": " + found.error().cause);
        return false;
    }
    const json::value* metadata = find(*found, "metadata");
    resource_version_ = metadata == nullptr ? "" : find_text(*metadata, "resourceVersion").value_or("");
    if (resource_version_.empty()) {
        failure_ = "a list without resourceVersion";
        return false;
    }
    handler_.on_list(*found);
    list_again_ = false;
    return true;
}

// One event of the stream: {"type": "MODIFIED", "object": {...}}.
void Watch::take_line(std::string_view line) {
    if (line.empty() || list_again_) return;
    const auto event = parse_json(line);
    const json::value* object = event ? find(*event, "object") : nullptr;
    const auto type = event ? find_text(*event, "type") : std::nullopt;
    if (object == nullptr || !type || *type == "ERROR") {
        // 410 Gone, or something that cannot be read: the state is unknown until it is listed anew.
        failure_ = object == nullptr ? "unreadable event" : find_text(*object, "message").value_or("error event");
        list_again_ = true;
        return;
    }
    if (const json::value* metadata = find(*object, "metadata")) {
        if (auto version = find_text(*metadata, "resourceVersion")) resource_version_ = *version;
    }
    if (*type != "BOOKMARK") handler_.on_event(*type, *object);
}

net::HttpClient::StreamCallbacks Watch::callbacks() {
    net::HttpClient::StreamCallbacks callbacks;
    callbacks.on_head = [this](const net::ClientResponse& head) {
        const std::lock_guard lock(mutex_);
        stream_.status = head.status;
        changed_.notify_all();
        return head.status == 200;
    };
    callbacks.on_chunk = [this](std::string_view bytes) {
        const std::lock_guard lock(mutex_);
        stream_.received.append(bytes);
        changed_.notify_all();
        return stream_.received.size() <= event_bytes_max;
    };
    callbacks.on_end = [this](Result<void> result) {
        const std::lock_guard lock(mutex_);
        if (!result) stream_.failure = result.error().cause;
        stream_.has_ended = true;
        changed_.notify_all();
    };
    return callbacks;
}

// The whole lines of `pending`; what is left of it is the begin of the next.
void Watch::take_lines(std::string& pending) {
    std::size_t begin = 0;
    for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
        take_line(std::string_view(pending).substr(begin, end - begin));
        begin = end + 1;
    }
    pending.erase(0, begin);
    if (pending.size() <= event_bytes_max) return;
    failure_ = "an event is too long";
    list_again_ = true;
}

// Until the stream ends. False: it failed, rather than ran out.
bool Watch::follow() {
    {
        const std::lock_guard lock(mutex_);
        stream_ = {};
    }
    auto request = client_.request(
        "GET", fmt::format("{}?watch=1&allowWatchBookmarks=true&timeoutSeconds={}&resourceVersion={}&{}", path_,
                           watch_length.count(), resource_version_, selector_));
    // The server ends the stream at its time; one that has gone silent does not.
    const auto give_up_at = std::chrono::steady_clock::now() + watch_length + watch_grace;
    auto stream = client_.http().open_stream(std::move(request), callbacks());
    std::string pending;
    bool ended = false;
    std::unique_lock lock(mutex_);
    while (!ended) {
        const bool woken = changed_.wait_until(lock, give_up_at, [&] {
            return stopping_ || stream_.has_ended || !stream_.received.empty() ||
                   (stream_.status == 200 && state_ != 1);
        });
        ended = stream_.has_ended;
        pending.append(std::exchange(stream_.received, {}));
        const bool is_good = stream_.status == 200;
        lock.unlock();
        if (is_good) report(true, "");
        if (is_good) take_lines(pending);
        if (!woken) {
            failure_ = "the stream is silent";
            list_again_ = true;
        }
        lock.lock();
        if (!ended && (stopping_ || list_again_)) {
            lock.unlock();
            stream.cancel();
            lock.lock();
            changed_.wait(lock, [&] { return stream_.has_ended; });
            break;
        }
    }
    if (stream_.status == 410) list_again_ = true;
    if (list_again_) return false;
    failure_ = stream_.status == 200 || stream_.status == 0 ? stream_.failure : fmt::format("HTTP {}", stream_.status);
    return stream_.status == 200 && stream_.failure.empty();
}

void Watch::run() {
    milliseconds back_off = pause_min;
    while (true) {
        {
            std::lock_guard lock(mutex_);
            if (stopping_) return;
        }
        const auto begun = std::chrono::steady_clock::now();
        const bool good = (!list_again_ || list()) && follow();
        if (good) {
            back_off = pause_min;
            // A server that ends each stream at once is not asked without end.
            const bool was_short = std::chrono::steady_clock::now() - begun < pause_min;
            if (was_short && !pause(pause_min)) return;
            continue;
        }
        {
            std::lock_guard lock(mutex_);
            if (stopping_) return;
        }
        // A stream that ran out goes on where it was; everything else starts from a list.
        list_again_ = true;
        report(false, failure_);
        if (!pause(back_off)) return;
        back_off = std::min(back_off * 2, pause_max);
    }
}

}  // namespace sekisho::kube
