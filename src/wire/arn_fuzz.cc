// What parses prints back, and no helper reads past its text.
#include <cstdint>
#include <cstdlib>

#include "wire/arn.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sekisho::wire;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto arn = Arn::parse(text)) {
        if (arn->print() != text || Arn::parse(arn->print()) != arn) std::abort();
        if (!std::string_view(arn->resource).starts_with(arn->resource_type())) std::abort();
        if (const auto name = entity_name(*arn, "role"); name && "role" + name->path + name->name != arn->resource) {
            std::abort();
        }
    }
    if (const auto session = assumed_role(text); session && (session->role.empty() || session->session.empty())) {
        std::abort();
    }
    return 0;
}
