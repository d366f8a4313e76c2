#include "net/http.h"

#include "base/log.h"
#include "base/text.h"

namespace sekisho::net {
namespace {

const std::string* find_in(const std::vector<Header>& headers, std::string_view name) {
    for (const Header& header : headers) {
        if (header.name.size() == name.size() && equals_ignoring_case(header.name, name)) return &header.value;
    }
    return nullptr;
}

class FunctionSink final : public ResponseSink {
 public:
    explicit FunctionSink(std::function<void(Response)> receive) : receive_(std::move(receive)) {}
    void respond(std::uint64_t, Response&& response) override { receive_(std::move(response)); }

 private:
    std::function<void(Response)> receive_;
};

}  // namespace

std::string_view Request::path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
    const std::size_t mark = target.find('?');
    return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

const std::string* Request::find_header(std::string_view name) const {
    return find_in(headers, name);
}

const ConnectionInfo& Request::connection() const {
    static const ConnectionInfo none;
    return connection_info ? *connection_info : none;
}

const std::string* Response::find_header(std::string_view name) const {
    return find_in(headers, name);
}

Responder Responder::to(std::function<void(Response)> receive) {
    return Responder(std::make_shared<FunctionSink>(std::move(receive)), 0);
}

Responder& Responder::operator=(Responder&& other) noexcept {
    if (this != &other) {
        drop();
        sink_ = std::move(other.sink_);
        token_ = other.token_;
    }
    return *this;
}

Responder::~Responder() {
    drop();
}

void Responder::drop() {
    if (!sink_) return;
    log::error("a request was dropped unanswered");
    send(Response{.status = 500});
}

void Responder::send(Response response) {
    if (!sink_) return;
    const std::shared_ptr<ResponseSink> sink = std::move(sink_);
    sink_ = nullptr;
    sink->respond(token_, std::move(response));
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "";
    }
}

}  // namespace sekisho::net
