#pragma once
// Objects of a Kubernetes API server as JSON: one call at a time, and lists followed by watches. Blocking: for worker
// threads. Errors carry the server's Status: its `reason` as code (NotFound, Conflict, AlreadyExists, Expired,
// Forbidden, Unauthorized), its message and HTTP status; a server that cannot be reached gives ServiceUnavailable.
// Source: Kubernetes API concepts (kubernetes.io/docs/reference/using-api/api-concepts).
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/client.h"

namespace sekisho::kube {

struct ApiServer {
    std::string url;  // https://127.0.0.1:6443
    std::string ca_pem;
    std::string client_certificate_pem;  // with client_key_pem, or
    Secret client_key_pem;
    Secret token;  // a bearer token
};

enum class Patch { merge, strategic_merge };

class KubernetesClient {
 public:
    KubernetesClient(net::HttpClient& http, ApiServer server) : http_(http), server_(std::move(server)) {}

    // Paths begin with '/': /api/v1/namespaces/kube-system/configmaps/aws-auth. Bodies are JSON texts.
    Result<json::value> get(std::string_view path) const;
    Result<json::value> create(std::string_view collection_path, std::string object) const;
    // With metadata.resourceVersion in the object: Conflict when it has changed since.
    Result<json::value> update(std::string_view path, std::string object) const;
    Result<json::value> patch(std::string_view path, std::string body, Patch kind) const;
    Result<void> remove(std::string_view path) const;
    // The text at a path that is no object: /readyz.
    Result<std::string> get_text(std::string_view path, milliseconds timeout) const;

    net::ClientRequest request(std::string_view method, std::string_view path) const;
    net::HttpClient& http() const { return http_; }

 private:
    Result<json::value> call(net::ClientRequest request) const;
    net::HttpClient& http_;
    ApiServer server_;
};

// The Status object of an error answer.
ApiError status_error(int http_status, std::string_view body);

struct WatchHandler {                                      // called on the watch's own thread, one at a time
    std::function<void(const json::value& list)> on_list;  // the whole state: first, and after every gap
    std::function<void(std::string_view type, const json::value& object)> on_event;  // ADDED, MODIFIED, DELETED
    std::function<void(bool is_current, const std::string& cause)> on_state;         // when it breaks or heals
};

// Lists a collection, then watches it, for ever: lists again on 410 Gone, backs off from 1 s to 5 s on errors. What an
// API server can make it hold is bounded: one event, and what came while that was handled.
class Watch {
 public:
    // `selector` is a query: "fieldSelector=metadata.name%3Daws-auth". The client outlives the watch.
    Watch(const KubernetesClient& client, std::string collection_path, std::string selector, WatchHandler handler);
    ~Watch();  // returns when no handler runs any more
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

 private:
    void run();
    bool list();
    bool follow();
    net::HttpClient::StreamCallbacks callbacks();
    void take_lines(std::string& pending);
    void take_line(std::string_view line);
    void report(bool is_current, const std::string& cause);
    bool pause(milliseconds time);

    const KubernetesClient& client_;
    const std::string path_;
    const std::string selector_;
    const WatchHandler handler_;
    std::string resource_version_;
    std::string failure_;
    bool list_again_ = true;
    int state_ = -1;  // -1: not told yet, else what was told

    std::mutex mutex_;
    std::condition_variable changed_;
    struct Stream {              // written by the client's thread
        int status = 0;          // of its head, when that has come
        std::string received;    // bytes not taken yet
        bool has_ended = false;  // nothing comes any more
        std::string failure;     // why, if it failed
    };
    Stream stream_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace sekisho::kube
