// Bodies of awsJson and rest-json requests: any bytes decode or are refused, and what was decoded is printed and
// decoded to the same again.
#include <cstdlib>

#include "base/json.h"
#include "models/eks.h"
#include "models/organizations.h"
#include "wire/audit_json.h"
#include "wire/codec.h"
#include "wire/json_codec.h"

namespace {

template <class Op>
void check(std::string_view body) {
    using namespace sekisho;
    typename Op::Request request;
    if (!wire::decode_request(Op::model, {.method = "POST", .path = "/clusters", .body = body}, &request)) return;
    std::string printed;
    JsonWriter writer(printed);
    wire::encode_json(*Op::model.request, &request, writer);
    typename Op::Request again;
    if (!wire::decode_request(Op::model, {.method = "POST", .path = "/clusters", .body = printed}, &again))
        std::abort();
    std::string second;
    JsonWriter second_writer(second);
    wire::encode_json(*Op::model.request, &again, second_writer);
    if (printed != second) std::abort();
    const auto audit = wire::print_for_audit(*Op::model.request, &request);
    if (!audit.empty() && !parse_json(audit)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    check<sekisho::organizations::CreateAccount>(body);
    check<sekisho::eks::CreateCluster>(body);
    return 0;
}
