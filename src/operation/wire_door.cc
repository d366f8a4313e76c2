// The pipeline's door for AWS clients: from HTTP to an operation, and back in the service's own protocol.
#include "access/authenticate.h"
#include "access/liveness.h"
#include "base/encoding.h"
#include "base/text.h"
#include "operation/audit_record.h"
#include "operation/pipeline.h"
#include "operation/refusal.h"
#include "wire/codec.h"
#include "wire/router.h"

namespace sekisho::operation {
namespace {

constexpr std::string_view bearer_header = "x-amz-sso_bearer_token";
constexpr std::string_view proof_header = "dpop";  // RFC 9449 4.1

access::RequestFacts facts_of(const net::Request& request) {
    access::RequestFacts facts;
    facts.request_id = random_uuid(crypto::thread_random());
    facts.source_address = request.connection().peer_address;
    if (const auto* agent = request.find_header("user-agent")) facts.user_agent = *agent;
    facts.host = request.host;
    facts.tls_version = request.connection().tls_version;
    facts.cipher_suite = request.connection().tls_cipher;
    facts.received = request.received;
    return facts;
}

// One parameter of a form or query, decoded; nothing when it is not there. Looks at the names as they are sent: clients
// encode none of the names asked for here, and the codec judges the whole text later.
std::optional<std::string> find_parameter(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const auto pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (!pair.starts_with(name) || pair.size() <= name.size() || pair[name.size()] != '=') continue;
        return decode_uri(pair.substr(name.size() + 1), true);
    }
    return {};
}

// The credential scope's service, read before the signature is checked: it chooses the service that judges it.
std::string scope_service(const net::Request& request) {
    std::string decoded;
    std::string_view credential;
    if (const auto* header = request.find_header("authorization")) {
        const auto at = header->find("Credential=");
        if (at == std::string::npos) return {};
        credential = std::string_view(*header).substr(at + 11);
        credential = credential.substr(0, credential.find_first_of(", "));
    } else {
        decoded = find_parameter(request.query(), "X-Amz-Credential").value_or("");
        credential = decoded;
    }
    if (std::ranges::count(credential, '/') < 4) return {};
    credential = credential.substr(0, credential.rfind('/'));
    return std::string(credential.substr(credential.rfind('/') + 1));
}

// One parameter of a query request, in its body or its query.
std::string form_parameter(const net::Request& request, std::string_view name) {
    if (auto found = find_parameter(request.body, name)) return std::move(*found);
    return find_parameter(request.query(), name).value_or("");
}

net::Response to_http(wire::EncodedResponse encoded) {
    net::Response response{.status = encoded.status, .headers = {}, .body = std::move(encoded.body)};
    response.headers.reserve(encoded.headers.size());
    for (auto& [name, value] : encoded.headers) response.headers.push_back({std::move(name), std::move(value)});
    return response;
}

wire::RequestParts parts_of(const net::Request& request) {
    const auto* content_type = request.find_header("content-type");
    return {
        .method = request.method,
        .path = request.path(),
        .query = request.query(),
        .body = request.body,
        .content_type = content_type != nullptr ? std::string_view(*content_type) : std::string_view(),
        .header = [](const void* context,
                     std::string_view name) { return static_cast<const net::Request*>(context)->find_header(name); },
        .context = &request};
}

bool wants_json(const net::Request& request) {
    const auto* accept = request.find_header("accept");
    return accept != nullptr && accept->find("application/json") != std::string::npos;
}

// Where the wire's request lives while it is judged.
struct Visit {
    net::Request request;
    net::Responder responder;
    std::string request_id;
    wire::Route route;
    std::string action;
    std::string version;
    std::string scope;

    void refuse(const wire::ServiceModel& service, const ApiError& error) {
        responder.send(to_http(wire::encode_error(service, route.operation, error, request_id, wants_json(request))));
    }
};

void find_route(Visit& visit, const Registry& registry) {
    const auto* target = visit.request.find_header("x-amz-target");
    visit.scope = scope_service(visit.request);
    const bool has_form = target == nullptr && (visit.request.path() == "/" || visit.request.path().empty());
    if (has_form) {
        visit.action = form_parameter(visit.request, "Action");
        visit.version = form_parameter(visit.request, "Version");
    }
    visit.route = wire::find_route(registry.services(),
                                   {.method = visit.request.method,
                                    .path = visit.request.path(),
                                    .target = target != nullptr ? std::string_view(*target) : std::string_view(),
                                    .scope_service = visit.scope,
                                    .action = visit.action,
                                    .version = visit.version,
                                    .query = visit.request.query()});
}

access::Authenticated<access::Caller> authenticate(const Visit& visit, const store::Reader& reader,
                                                   const access::SessionTokens& tokens, Time now, Region& region) {
    if (const auto* bearer = visit.request.find_header(bearer_header); bearer != nullptr && visit.scope.empty()) {
        return access::authenticate_bearer(reader, *bearer, now);
    }
    std::vector<wire::HeaderView> headers;
    headers.reserve(visit.request.headers.size() + 1);
    for (const auto& header : visit.request.headers) headers.push_back({header.name, header.value});
    if (visit.request.find_header("host") == nullptr) headers.push_back({"host", visit.request.host});
    const wire::HttpRequestView view{.method = visit.request.method,
                                     .path = visit.request.path(),
                                     .query = visit.request.query(),
                                     .headers = headers,
                                     .body = visit.request.body};
    const bool is_unsigned = visit.route.operation != nullptr && visit.route.operation->is_unsigned;
    if (!wire::has_signature(view) && is_unsigned) {
        const bool has_proof = visit.request.find_header(proof_header) != nullptr;
        return has_proof ? access::claimed_by_grant(reader, tokens, visit.request.body) : access::Caller{};
    }
    // A presigned GetCallerIdentity is what an EKS token is; STS looks at its age only.
    const bool is_caller_identity =
        visit.route.operation != nullptr && visit.route.operation->iam_action == "sts:GetCallerIdentity";
    return access::authenticate_signature(
        reader, tokens, view,
        {.now = now, .ignore_expires = is_caller_identity, .service = visit.route.service->signing_name}, &region);
}

// The portal's own words for a bad bearer token (aws-sso-util#74).
ApiError bearer_error() {
    return {.code = "UnauthorizedException", .message = "Session token not found or invalid", .http_status = 401};
}

// A region's service is asked for by the host when nothing is signed.
Region region_of_host(std::string_view host) {
    for (const auto label : split(host, '.')) {
        if (is_region(label)) return Region(label);
    }
    return Region("us-east-1");
}

net::Response no_service() {
    return {
        .status = 404,
        .headers = {{"Content-Type", "application/json"}},
        .body =
            R"({"message":"No service of Sekisho answers here. `sekisho env` prints how to point clients at it."})"};
}

}  // namespace

void Pipeline::serve(net::Request&& request, net::Responder responder) {
    auto visit = std::make_shared<Visit>();
    visit->request = std::move(request);
    visit->responder = std::move(responder);
    auto facts = facts_of(visit->request);
    visit->request_id = facts.request_id;
    find_route(*visit, registry_);
    if (visit->route.service == nullptr) return visit->responder.send(no_service());
    const auto& service = *visit->route.service;
    const auto* model = visit->route.operation;
    const std::string address = facts.source_address;
    if (!limits_.admits_address(address)) return visit->refuse(service, throttled(service));

    const Time now = clock_.now();
    auto transaction = store_.transaction();
    Region region;
    auto caller = authenticate(*visit, *transaction, *environment_.tokens, now, region);
    if (!caller) {
        limits_.count_failure(address);
        const bool has_bearer = visit->scope.empty() && visit->request.find_header(bearer_header) != nullptr;
        return visit->refuse(service,
                             has_bearer ? bearer_error() : authentication_error(service.protocol, caller.error()));
    }
    facts.region = region.empty() ? region_of_host(visit->request.host) : std::move(region);
    if (!limits_.admits_caller(*caller, address)) return visit->refuse(service, throttled(service));
    if (model == nullptr) {
        return visit->refuse(service,
                             wire::unknown_operation(service, {.action = visit->action, .version = visit->version}));
    }
    const Operation* operation = registry_.find(*model);
    if (operation == nullptr) return visit->refuse(service, not_implemented(*model));

    auto run = std::make_shared<Run>();
    run->operation = operation;
    run->caller = std::move(*caller);
    run->facts = std::move(facts);
    run->now = now;
    run->transaction = std::move(transaction);
    run->is_live = true;
    run->request = operation->make_request();
    if (auto decoded = wire::decode_request(*model, parts_of(visit->request), run->request.get()); !decoded) {
        return visit->refuse(service, decoded.error());
    }
    const bool is_anonymous = !run->caller.is_signed_in();
    run->answer = [this, visit, model, is_anonymous, &service](Result<std::shared_ptr<void>> response) {
        if (!response) {
            if (is_anonymous) limits_.count_failure(visit->request.connection().peer_address);
            return visit->refuse(service, response.error());
        }
        visit->responder.send(
            to_http(wire::encode_response(*model, response->get(), visit->request_id, wants_json(visit->request))));
    };
    start(std::move(run));
}

}  // namespace sekisho::operation
