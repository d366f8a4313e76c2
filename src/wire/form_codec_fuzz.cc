// Form bodies, paths with queries, and XML: any bytes decode or are refused; what decodes is stable.
#include <cstdlib>

#include "models/ec2.h"
#include "models/eks.h"
#include "models/sts.h"
#include "wire/codec.h"
#include "wire/xml_codec.h"

// What is read is printed, read again and printed the same.
template <class Op>
void check_stable(std::string_view text) {
    using namespace sekisho;
    typename Op::Request request;
    if (!wire::decode_request(Op::model, {.method = "POST", .path = "/", .body = text}, &request)) return;
    const auto printed = wire::encode_request(Op::model, &request);
    typename Op::Request again;
    if (!wire::decode_request(Op::model, {.method = "POST", .path = "/", .body = printed.body}, &again)) std::abort();
    if (wire::encode_request(Op::model, &again).body != printed.body) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sekisho;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_stable<sts::AssumeRole>(text);
    check_stable<ec2::CreateLaunchTemplate>(text);
    const auto mark = text.find('?');
    eks::ListNodegroupsRequest groups;
    const auto query = mark == std::string_view::npos ? std::string_view() : text.substr(mark + 1);
    (void)wire::decode_request(eks::ListNodegroups::model,
                               {.method = "GET", .path = text.substr(0, mark), .query = query}, &groups);
    sts::AssumeRoleResponse response;
    (void)wire::decode_response(sts::AssumeRole::model, text, &response);
    ec2::DescribeSubnetsResult subnets;
    (void)wire::decode_response(ec2::DescribeSubnets::model, text, &subnets);
    (void)wire::decode_error(400, "", text);
    return 0;
}
