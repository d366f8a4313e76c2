#include "net/client.h"

#include <sys/socket.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/text.h"
#include "net/curl_library.h"
#include "net/http1_parser.h"

namespace sekisho::net {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct ListDeleter {
    void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};

// A curl_slist that grows.
class List {
 public:
    void add(const std::string& text) {
        curl_slist* grown = curl().slist_append(list_.get(), text.c_str());
        if (grown == nullptr) return;
        (void)list_.release();
        list_.reset(grown);
    }
    curl_slist* get() const { return list_.get(); }

 private:
    std::unique_ptr<curl_slist, ListDeleter> list_;
};

struct EasyDeleter {
    void operator()(CURL* easy) const { curl().easy_cleanup(easy); }
};

// One call under way. Lives on the engine's thread once handed over.
struct Transfer {
    std::uint64_t id = 0;
    std::unique_ptr<CURL, EasyDeleter> easy;
    ClientRequest request;
    SmtpMessage mail;
    bool is_mail = false;
    bool is_stream = false;
    List headers;
    List recipients;
    List connect_to;
    std::size_t mail_sent = 0;
    ClientResponse response;
    bool head_complete = false;
    bool head_reported = false;
    bool refused_by_callback = false;
    bool too_large = false;
    SteadyTime head_deadline = SteadyTime::max();
    char error_text[CURL_ERROR_SIZE] = "";
    HttpClient::Done done;
    HttpClient::StreamCallbacks stream;
    std::function<void(Result<void>)> mail_done;

    void finish(Result<void> result);
};

void Transfer::finish(Result<void> result) {
    if (is_mail) {
        if (mail_done) mail_done(std::move(result));
    } else if (is_stream) {
        if (stream.on_end) stream.on_end(std::move(result));
    } else if (!result) {
        if (done) done(std::move(result).error());
    } else if (done) {
        done(std::move(response));
    }
}

ApiError call_failed(const std::string& reason) {
    return errors::service_unavailable("outbound call: " + reason);
}

// RFC 5321 4.2.3: 550 to 559 speak of this mail; the other permanent replies of our sign-in and commands.
ApiError mail_failed(CURL* easy, CURLcode code, ApiError error) {
    long reply = 0;
    curl().easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply);
    const bool is_reply = code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY;
    if (is_reply && reply >= 550 && reply < 560) error.code = mail_refused;
    return error;
}

std::size_t on_header_line(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    std::string_view line(bytes, size);
    if (line.starts_with("HTTP/")) {  // of each answer in a chain of redirects and interim ones
        transfer.response.headers.clear();
        transfer.head_complete = false;
        return size;
    }
    line = trim(line);
    if (line.empty()) {
        long status = 0;
        curl().easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
        transfer.response.status = static_cast<int>(status);
        const bool redirected = transfer.request.follow_redirects && status >= 300 && status < 400;
        transfer.head_complete = status >= 200 && !redirected;
        if (transfer.is_stream && transfer.head_complete && !transfer.head_reported) {
            transfer.head_reported = true;
            transfer.head_deadline = SteadyTime::max();
            if (transfer.stream.on_head && !transfer.stream.on_head(transfer.response)) {
                transfer.refused_by_callback = true;
                return 0;
            }
        }
        return size;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return size;
    constexpr std::size_t headers_max = 1000;
    if (transfer.response.headers.size() >= headers_max) return 0;
    transfer.response.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
    return size;
}

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.is_mail || !transfer.head_complete) return size;
    if (transfer.is_stream) {
        if (transfer.stream.on_chunk && transfer.stream.on_chunk({bytes, size})) return size;
        transfer.refused_by_callback = true;
        return 0;
    }
    if (transfer.response.body.size() + size > transfer.request.body_bytes_max) {
        transfer.too_large = true;
        return 0;
    }
    transfer.response.body.append(bytes, size);
    return size;
}

std::size_t on_mail_wanted(char* out, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t count = std::min(size, transfer.mail.content.size() - transfer.mail_sent);
    std::memcpy(out, transfer.mail.content.data() + transfer.mail_sent, count);
    transfer.mail_sent += count;
    return count;
}

// Children that the server starts must not inherit the socket.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void set_blob(CURL* easy, CURLoption option, std::string_view bytes) {
    if (bytes.empty()) return;
    curl_blob blob{const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_NOCOPY};
    curl().easy_setopt(easy, option, &blob);
}

void set_common(Transfer& transfer, const std::string& url, const std::string& ca_pem, milliseconds timeout) {
    CURL* easy = transfer.easy.get();
    curl().easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl().easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl().easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl().easy_setopt(easy, CURLOPT_PROXY, "");
    curl().easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl().easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error_text);
    curl().easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl().easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    curl().easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
    curl().easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    set_blob(easy, CURLOPT_CAINFO_BLOB, ca_pem);
    const auto limit = static_cast<long>(timeout.count());
    curl().easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, limit);
    if (!transfer.is_stream) curl().easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit);
}

Result<void> set_headers(Transfer& transfer) {
    const ClientRequest& request = transfer.request;
    bool has_type = false;
    for (const Header& header : request.headers) {
        if (!is_token(header.name) || !is_field_value(header.value))
            return call_failed("a header that HTTP cannot carry");
        has_type = has_type || equals_ignoring_case(header.name, "content-type");
        transfer.headers.add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    }
    transfer.headers.add("Expect:");
    if (!has_type) transfer.headers.add("Content-Type:");  // else curl claims a form
    curl().easy_setopt(transfer.easy.get(), CURLOPT_HTTPHEADER, transfer.headers.get());
    return {};
}

void set_method(Transfer& transfer) {
    CURL* easy = transfer.easy.get();
    const ClientRequest& request = transfer.request;
    if (request.method == "HEAD") {
        curl().easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (request.method != "GET" || !request.body.empty()) {
        if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
            curl().easy_setopt(easy, CURLOPT_POST, 1L);
            curl().easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
            curl().easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        }
        if (request.method != "POST") curl().easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
}

Result<void> prepare_http(Transfer& transfer) {
    CURL* easy = transfer.easy.get();
    ClientRequest& request = transfer.request;
    if (!is_token(request.method)) return call_failed("malformed method");
    set_common(transfer, request.url, request.ca_pem, request.timeout);
    if (curl().easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK)
        return call_failed("libcurl is too old");
    curl().easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl().easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request.follow_redirects ? 1L : 0L);
    curl().easy_setopt(easy, CURLOPT_MAXREDIRS, 5L);
    curl().easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl().easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header_line);
    curl().easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl().easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    set_blob(easy, CURLOPT_SSLCERT_BLOB, request.client_certificate_pem);
    set_blob(easy, CURLOPT_SSLKEY_BLOB, request.client_key_pem.expose());
    if (!request.client_certificate_pem.empty()) {
        curl().easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
        curl().easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
    }
    if (!request.bearer.empty()) {
        if (!is_field_value(request.bearer.expose())) return call_failed("a bearer token that HTTP cannot carry");
        curl().easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl().easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, std::string(request.bearer.expose()).c_str());
    }
    if (!request.connect_to.empty()) {
        transfer.connect_to.add("::" + request.connect_to);
        curl().easy_setopt(easy, CURLOPT_CONNECT_TO, transfer.connect_to.get());
    }
    set_method(transfer);
    if (transfer.is_stream) transfer.head_deadline = std::chrono::steady_clock::now() + request.timeout;
    return set_headers(transfer);
}

// No character that could end the address or the command (RFC 5321 4.1.2).
bool is_mail_address(std::string_view text) {
    if (text.empty() || text.size() > 320) return false;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '<' || c == '>') return false;
    }
    return true;
}

Result<void> prepare_mail(Transfer& transfer) {
    CURL* easy = transfer.easy.get();
    const SmtpMessage& mail = transfer.mail;
    bool usable = is_mail_address(mail.from) && !mail.to.empty();
    for (const std::string& recipient : mail.to) usable = usable && is_mail_address(recipient);
    if (!usable) return call_failed("malformed mail address");
    set_common(transfer, mail.url, mail.ca_pem, mail.timeout);
    if (curl().easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") != CURLE_OK)
        return call_failed("libcurl is too old");
    using Security = SmtpMessage::Security;
    const long security = mail.security == Security::starttls_required     ? CURLUSESSL_ALL
                          : mail.security == Security::starttls_if_offered ? CURLUSESSL_TRY
                                                                           : CURLUSESSL_NONE;
    curl().easy_setopt(easy, CURLOPT_USE_SSL, security);
    if (!mail.user.empty()) {
        curl().easy_setopt(easy, CURLOPT_USERNAME, mail.user.c_str());
        curl().easy_setopt(easy, CURLOPT_PASSWORD, std::string(mail.password.expose()).c_str());
    }
    curl().easy_setopt(easy, CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
    for (const std::string& recipient : mail.to) transfer.recipients.add("<" + recipient + ">");
    curl().easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer.recipients.get());
    curl().easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl().easy_setopt(easy, CURLOPT_READFUNCTION, &on_mail_wanted);
    curl().easy_setopt(easy, CURLOPT_READDATA, &transfer);
    curl().easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.content.size()));
    return {};
}

}  // namespace

const std::string* ClientResponse::find_header(std::string_view name) const {
    for (const Header& header : headers) {
        if (equals_ignoring_case(header.name, name)) return &header.value;
    }
    return nullptr;
}

class HttpClient::Engine {
 public:
    ~Engine() {
        if (multi_ != nullptr) curl().multi_cleanup(multi_);
    }
    std::uint64_t add(std::unique_ptr<Transfer> transfer);
    void cancel(std::uint64_t id);
    void shut_down();
    bool in_thread() const { return thread_id_.load() == std::this_thread::get_id(); }

 private:
    bool ensure_thread();  // under mutex_
    void run();
    bool take_commands();
    void begin(std::unique_ptr<Transfer> transfer);
    void end(CURL* easy, Result<void> result);
    void take_finished();
    void check_head_deadlines();

    std::mutex mutex_;
    std::vector<std::unique_ptr<Transfer>> added_;  // under mutex_
    std::vector<std::uint64_t> cancelled_;          // under mutex_
    bool stopping_ = false;                         // under mutex_
    std::uint64_t next_id_ = 1;                     // under mutex_
    CURLM* multi_ = nullptr;
    std::thread thread_;
    std::atomic<std::thread::id> thread_id_;
    std::unordered_map<CURL*, std::unique_ptr<Transfer>> running_;
};

bool HttpClient::Engine::ensure_thread() {
    if (thread_.joinable()) return true;
    if (load_curl() == nullptr) return false;
    if (multi_ == nullptr) multi_ = curl().multi_init();
    if (multi_ == nullptr) return false;
    curl().multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 64L);
    thread_ = std::thread([this] { run(); });
    return true;
}

std::uint64_t HttpClient::Engine::add(std::unique_ptr<Transfer> transfer) {
    std::unique_lock lock(mutex_);
    const bool closed = stopping_;
    if (closed || !ensure_thread()) {
        lock.unlock();
        transfer->finish(call_failed(closed ? "the client is closed" : "libcurl cannot be loaded"));
        return 0;
    }
    const std::uint64_t id = next_id_++;
    transfer->id = id;
    added_.push_back(std::move(transfer));
    curl().multi_wakeup(multi_);
    return id;
}

void HttpClient::Engine::cancel(std::uint64_t id) {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || multi_ == nullptr) return;
    cancelled_.push_back(id);
    curl().multi_wakeup(multi_);
}

void HttpClient::Engine::shut_down() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        if (multi_ != nullptr) curl().multi_wakeup(multi_);
    }
    if (thread_.joinable()) thread_.join();
}

void HttpClient::Engine::run() {
    thread_id_.store(std::this_thread::get_id());
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);  // OpenSSL writes to sockets that the peer has closed
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    while (take_commands()) {
        int active = 0;
        curl().multi_perform(multi_, &active);
        take_finished();
        check_head_deadlines();
        bool streams_wait = false;
        for (const auto& [easy, transfer] : running_) {
            streams_wait = streams_wait || transfer->head_deadline != SteadyTime::max();
        }
        curl().multi_poll(multi_, nullptr, 0, streams_wait ? 100 : 60'000, nullptr);
    }
    while (!running_.empty()) end(running_.begin()->first, call_failed("cancelled"));
}

bool HttpClient::Engine::take_commands() {
    std::vector<std::unique_ptr<Transfer>> added;
    std::vector<std::uint64_t> cancelled;
    bool stopping = false;
    {
        const std::scoped_lock lock(mutex_);
        added.swap(added_);
        cancelled.swap(cancelled_);
        stopping = stopping_;
    }
    for (auto& transfer : added) begin(std::move(transfer));
    for (const std::uint64_t id : cancelled) {
        for (const auto& [easy, transfer] : running_) {
            if (transfer->id != id) continue;
            end(easy, call_failed("cancelled"));
            break;
        }
    }
    return !stopping;
}

void HttpClient::Engine::begin(std::unique_ptr<Transfer> transfer) {
    transfer->easy.reset(curl().easy_init());
    if (!transfer->easy) return transfer->finish(call_failed("out of memory"));
    Result<void> prepared = transfer->is_mail ? prepare_mail(*transfer) : prepare_http(*transfer);
    if (!prepared) return transfer->finish(std::move(prepared));
    CURL* easy = transfer->easy.get();
    running_.emplace(easy, std::move(transfer));
    if (curl().multi_add_handle(multi_, easy) != CURLM_OK) end(easy, call_failed("out of memory"));
}

void HttpClient::Engine::end(CURL* easy, Result<void> result) {
    const auto found = running_.find(easy);
    if (found == running_.end()) return;
    const std::unique_ptr<Transfer> transfer = std::move(found->second);
    running_.erase(found);
    curl().multi_remove_handle(multi_, easy);
    transfer->finish(std::move(result));
}

void HttpClient::Engine::take_finished() {
    int left = 0;
    while (const CURLMsg* message = curl().multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* easy = message->easy_handle;
        const CURLcode code = message->data.result;
        const auto found = running_.find(easy);
        if (found == running_.end()) continue;
        const Transfer& transfer = *found->second;
        if (code == CURLE_OK || (transfer.is_stream && transfer.refused_by_callback)) {
            end(easy, {});
        } else if (transfer.too_large) {
            end(easy, call_failed("the answer is too large"));
        } else {
            auto error = call_failed(transfer.error_text[0] != '\0' ? transfer.error_text : curl().easy_strerror(code));
            end(easy, transfer.is_mail ? mail_failed(easy, code, std::move(error)) : std::move(error));
        }
    }
}

void HttpClient::Engine::check_head_deadlines() {
    const SteadyTime now = std::chrono::steady_clock::now();
    std::vector<CURL*> late;
    for (const auto& [easy, transfer] : running_) {
        if (transfer->head_deadline < now) late.push_back(easy);
    }
    for (CURL* easy : late) end(easy, call_failed("no answer in time"));
}

struct HttpClient::Stream::State {
    std::weak_ptr<Engine> engine;
    std::uint64_t id = 0;
};

HttpClient::Stream& HttpClient::Stream::operator=(Stream&& other) noexcept {
    if (this != &other) {
        cancel();
        state_ = std::move(other.state_);
    }
    return *this;
}

void HttpClient::Stream::cancel() {
    if (!state_) return;
    if (const auto engine = state_->engine.lock()) engine->cancel(state_->id);
    state_.reset();
}

HttpClient::HttpClient() : engine_(std::make_shared<Engine>()) {}
HttpClient::~HttpClient() {
    engine_->shut_down();
}

void HttpClient::send(ClientRequest request, Done done) {
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->done = std::move(done);
    engine_->add(std::move(transfer));
}

Result<ClientResponse> HttpClient::send_and_wait(ClientRequest request) {
    if (engine_->in_thread()) return call_failed("send_and_wait on the client's own thread");
    const auto promise = std::make_shared<std::promise<Result<ClientResponse>>>();
    std::future<Result<ClientResponse>> answer = promise->get_future();
    send(std::move(request), [promise](Result<ClientResponse> result) { promise->set_value(std::move(result)); });
    return answer.get();
}

HttpClient::Stream HttpClient::open_stream(ClientRequest request, StreamCallbacks callbacks) {
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->is_stream = true;
    transfer->stream = std::move(callbacks);
    Stream stream;
    stream.state_ = std::make_shared<Stream::State>();
    stream.state_->engine = engine_;
    stream.state_->id = engine_->add(std::move(transfer));
    return stream;
}

void HttpClient::send_mail(SmtpMessage message, std::function<void(Result<void>)> done) {
    auto transfer = std::make_unique<Transfer>();
    transfer->mail = std::move(message);
    transfer->is_mail = true;
    transfer->mail_done = std::move(done);
    engine_->add(std::move(transfer));
}

}  // namespace sekisho::net
