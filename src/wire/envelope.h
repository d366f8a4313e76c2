#pragma once
// What the codecs of requests, answers and errors share.
#include <string>
#include <string_view>

#include "wire/model.h"

namespace sekisho::wire {

inline constexpr std::string_view xml_declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
inline constexpr std::string_view request_id_header = "x-amzn-RequestId";

inline std::string json_content_type(const ServiceModel& service) {
    if (service.protocol == Protocol::aws_json) return "application/x-amz-json-" + std::string(service.json_version);
    return "application/json";
}

// rest-json: the member that is the body, or null.
inline const Member* find_payload(const Shape& shape) {
    for (const auto& member : shape.members) {
        if (member.is_payload) return &member;
    }
    return nullptr;
}

}  // namespace sekisho::wire
