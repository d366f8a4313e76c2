#pragma once
// Which operation does a request ask for? By X-Amz-Target, by Action and Version, or by method and path, among the
// services that the caller lists.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/codec.h"
#include "wire/model.h"

namespace sekisho::wire {

struct RouteFacts {
    std::string_view method;
    std::string_view path;
    std::string_view target;         // X-Amz-Target, or empty
    std::string_view scope_service;  // the credential scope's service, or empty when unsigned
    std::string_view action;         // Action of the form or query, or empty
    std::string_view version;
    std::string_view query = {};  // encoded; told apart by it: "/token" and "/token?aws_iam=t"
};

struct Route {
    const ServiceModel* service = nullptr;      // null: no service of ours is meant
    const OperationModel* operation = nullptr;  // null: the service has no such operation (error below)
};
Route find_route(std::span<const ServiceModel* const> services, const RouteFacts& facts);

// What a service answers for an operation that it does not have.
ApiError unknown_operation(const ServiceModel& service, const RouteFacts& facts);

}  // namespace sekisho::wire
