// Form bodies, paths with queries, and XML: any bytes decode or are refused; what decodes is stable.
#include <cstdlib>

#include "models/eks.h"
#include "models/sts.h"
#include "wire/codec.h"
#include "wire/xml_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sekisho;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    sts::AssumeRoleRequest request;
    if (wire::decode_request(sts::AssumeRole::model, {.method = "POST", .path = "/", .body = text}, &request)) {
        const auto printed = wire::encode_request(sts::AssumeRole::model, &request);
        sts::AssumeRoleRequest again;
        if (!wire::decode_request(sts::AssumeRole::model, {.method = "POST", .path = "/", .body = printed.body},
                                  &again)) {
            std::abort();
        }
        if (wire::encode_request(sts::AssumeRole::model, &again).body != printed.body) std::abort();
    }
    const auto mark = text.find('?');
    eks::ListNodegroupsRequest groups;
    const auto query = mark == std::string_view::npos ? std::string_view() : text.substr(mark + 1);
    (void)wire::decode_request(eks::ListNodegroups::model,
                               {.method = "GET", .path = text.substr(0, mark), .query = query}, &groups);
    sts::AssumeRoleResponse response;
    (void)wire::decode_response(sts::AssumeRole::model, text, &response);
    (void)wire::decode_error(400, "", text);
    return 0;
}
