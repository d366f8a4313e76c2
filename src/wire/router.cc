#include "wire/router.h"

#include <algorithm>

#include "base/text.h"
#include "wire/rest_codec.h"

namespace sekisho::wire {
namespace {

const OperationModel* find_by_name(const ServiceModel& service, std::string_view name) {
    const auto at = std::ranges::lower_bound(service.operations, name, {}, &OperationModel::name);
    return at != service.operations.end() && (*at)->name == name && !(*at)->is_internal ? *at : nullptr;
}

// Of a template's path: "/clusters/{name}" has one. Fewer labels go first: "/clusters/{name}/addons" before any other.
std::size_t count_labels(std::string_view uri) {
    return static_cast<std::size_t>(std::ranges::count(uri, '{'));
}

// "/token?aws_iam=t" is asked for by a query with that parameter. How many literals the template has; nothing when the
// query lacks one.
std::optional<std::size_t> count_query_literals(std::string_view uri, std::string_view query) {
    const auto mark = uri.find('?');
    if (mark == std::string_view::npos) return 0;
    const auto given = split(query, '&');
    const auto wanted = split(uri.substr(mark + 1), '&');
    for (const auto literal : wanted) {
        if (std::ranges::find(given, literal) == given.end()) return {};
    }
    return wanted.size();
}

const OperationModel* find_by_path(const ServiceModel& service, const RouteFacts& facts) {
    const OperationModel* best = nullptr;
    std::size_t best_labels = 0;
    std::size_t best_literals = 0;
    for (const auto* operation : service.operations) {
        if (operation->is_internal || operation->method != facts.method) continue;
        if (!has_uri_form(operation->uri, facts.path)) continue;
        const auto literals = count_query_literals(operation->uri, facts.query);
        if (!literals) continue;
        const auto labels = count_labels(operation->uri);
        const bool is_better =
            best == nullptr || labels < best_labels || (labels == best_labels && *literals > best_literals);
        if (!is_better) continue;
        best = operation;
        best_labels = labels;
        best_literals = *literals;
    }
    return best;
}

}  // namespace

Route find_route(std::span<const ServiceModel* const> services, const RouteFacts& facts) {
    if (!facts.target.empty()) {
        const auto dot = facts.target.rfind('.');
        const auto prefix = facts.target.substr(0, dot);
        for (const auto* service : services) {
            if (service->protocol != Protocol::aws_json || service->target_prefix != prefix) continue;
            return {service, dot == facts.target.npos ? nullptr : find_by_name(*service, facts.target.substr(dot + 1))};
        }
    }
    Route named;
    for (const auto* service : services) {
        const bool in_scope = !facts.scope_service.empty() && service->signing_name == facts.scope_service;
        if (!facts.scope_service.empty() && !in_scope) continue;
        if (is_form(service->protocol) && !facts.action.empty()) {
            const auto* operation =
                service->api_version == facts.version ? find_by_name(*service, facts.action) : nullptr;
            if (operation != nullptr) return {service, operation};
        }
        if (service->protocol == Protocol::rest_json) {
            if (const auto* operation = find_by_path(*service, facts)) return {service, operation};
        }
        if (in_scope && named.service == nullptr) named = {service, nullptr};
    }
    return named;
}

ApiError unknown_operation(const ServiceModel& service, const RouteFacts& facts) {
    if (service.protocol == Protocol::ec2_query) {
        return {.code = "InvalidAction",
                .message = "The action " + std::string(facts.action) + " is not valid for this web service."};
    }
    if (service.protocol == Protocol::query) {
        return {.code = "InvalidAction",
                .message = "Could not find operation " + std::string(facts.action) + " for version " +
                           std::string(facts.version.empty() ? "NO_VERSION_SPECIFIED" : facts.version)};
    }
    return {.code = "UnknownOperationException",
            .message = service.protocol == Protocol::rest_json
                           ? "Unable to determine service/operation name to be authorized"
                           : "",
            .http_status = service.protocol == Protocol::rest_json ? 403 : 400};
}

}  // namespace sekisho::wire
