#pragma once
// Operations that users, groups and roles have alike: whom a request names.
#include <string>

#include "services/iam/entity.h"

namespace sekisho::iam_service {

template <class Request>
struct Named {
    static constexpr EntityKind kind = requires(const Request& r) { r.user_name; }    ? EntityKind::user
                                       : requires(const Request& r) { r.group_name; } ? EntityKind::group
                                                                                      : EntityKind::role;
    static const std::string& name(const Request& request) {
        if constexpr (kind == EntityKind::user) {
            return request.user_name;
        } else if constexpr (kind == EntityKind::group) {
            return request.group_name;
        } else {
            return request.role_name;
        }
    }
};

}  // namespace sekisho::iam_service
