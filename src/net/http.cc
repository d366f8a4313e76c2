#include "net/http.h"

#include <utility>

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

// The IANA registry of HTTP status codes, as far as answers of ours go.
constexpr std::pair<int, std::string_view> reason_phrases[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

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
    for (const auto& [known, phrase] : reason_phrases) {
        if (known == status) return phrase;
    }
    return {};
}

}  // namespace sekisho::net
