#include "cli/client.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/program.h"
#include "server/certificates.h"

namespace sekisho::cli {

namespace {

constexpr std::string_view target_prefix = "Sekisho_20261124.";
constexpr std::string_view signing_name = "sekisho";
constexpr int pages_max = 1000;

// Where to connect: a server that listens everywhere is reached on loopback.
std::string reachable(std::string url) {
    url = replace_all(std::move(url), "//0.0.0.0:", "//127.0.0.1:");
    return replace_all(std::move(url), "//[::]:", "//[::1]:");
}

ApiError service_error(const net::ClientResponse& response) {
    ApiError error{.code = "ServiceError",
                   .message = fmt::format("the server answered {}", response.status),
                   .http_status = response.status,
                   .cause = {},
                   .fields = {}};
    const auto body = parse_json(response.body);
    if (!body) return error;
    std::string code = find_text(*body, "__type").value_or(error.code);
    if (const auto hash = code.rfind('#'); hash != std::string::npos) code = code.substr(hash + 1);
    auto message = find_text(*body, "message");
    if (!message) message = find_text(*body, "Message");
    error.code = code;
    error.message = message ? fmt::format("{} ({})", *message, code) : code;
    return error;
}

}  // namespace

std::string profile_value(std::string_view ini, std::string_view name) {
    bool is_default = false;
    for (const std::string_view raw : split(ini, '\n')) {
        const std::string_view line = trim(raw);
        if (line.starts_with('[')) {
            is_default = line == "[default]";
            continue;
        }
        const std::size_t equals = line.find('=');
        if (is_default && equals != std::string_view::npos && trim(line.substr(0, equals)) == name) {
            return std::string(trim(line.substr(equals + 1)));
        }
    }
    return {};
}

Result<server::RunningServer> find_running(const server::Home& home) {
    auto running = home.running();
    if (!running) {
        return failure(
            fmt::format("no server runs in {0}; start it: sekisho serve --home {0}", home.folder().string()));
    }
    return std::move(*running);
}

Result<ApiClient> ApiClient::connect(const server::Home& home) {
    ApiClient client;
    SEK_TRY(client.server_, find_running(home));
    SEK_TRY(const std::string credentials, server::read_file(home.aws_folder() / "credentials"));
    SEK_TRY(const std::string config, server::read_file(home.aws_folder() / "config"));
    SEK_TRY(client.authority_pem_, home.read_key_file(server::server_authority_file));
    client.credentials_.access_key_id = profile_value(credentials, "aws_access_key_id");
    client.credentials_.secret_key = Secret(profile_value(credentials, "aws_secret_access_key"));
    client.credentials_.session_token = profile_value(credentials, "aws_session_token");
    client.region_ = profile_value(config, "region");
    if (client.region_.empty()) client.region_ = "us-east-1";
    if (client.credentials_.access_key_id.empty()) {
        return failure(fmt::format("{} has no default profile; make a new administrator key: sekisho recover",
                                   (home.aws_folder() / "credentials").string()));
    }
    return client;
}

Result<json::value> ApiClient::call(std::string_view operation, std::string_view body) const {
    net::ClientRequest request;
    request.method = "POST";
    const std::string url = reachable(server_.url);
    request.url = url + "/";
    request.body = body;
    request.ca_pem = authority_pem_;
    const std::string host = url.substr(std::string_view("https://").size());
    request.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                       {"X-Amz-Target", std::string(target_prefix) + std::string(operation)},
                       {"User-Agent", "sekisho-cli"}};
    std::vector<wire::HeaderView> views{{"Host", host}};
    for (const auto& header : request.headers) views.push_back({header.name, header.value});
    const wire::HttpRequestView view{
        .method = request.method, .path = "/", .query = "", .headers = views, .body = request.body};
    for (auto& [name, value] : wire::sign_request(view, credentials_, region_, signing_name, system_clock().now())) {
        request.headers.push_back({name, value});
    }
    net::HttpClient http;
    auto response = http.send_and_wait(std::move(request));
    if (!response) {
        return failure(fmt::format("{} cannot be reached: {}", url, response.error().cause));
    }
    if (response->status != 200) return service_error(*response);
    return parse_json(response->body.empty() ? "{}" : std::string_view(response->body));
}

Result<json::array> ApiClient::call_all(std::string_view operation, std::string_view list) const {
    json::array all;
    std::string token;
    for (int page = 0; page < pages_max; ++page) {
        std::string body;
        JsonWriter writer(body);
        writer.begin_object();
        if (!token.empty()) writer.member("NextToken", token);
        writer.end_object();
        SEK_TRY(const json::value answer, call(operation, body));
        const json::value* items = find(answer, list);
        if (items != nullptr && items->is_array()) {
            for (const json::value& item : items->get_array()) all.push_back(item);
        }
        token = find_text(answer, "NextToken").value_or("");
        if (token.empty()) break;
    }
    return all;
}

}  // namespace sekisho::cli
