// The head of a CONNECT request at the proxy door.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/connect_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sekisho::net;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    ConnectRequest request;
    ParseFailure failure;
    const ParseState state = parse_connect(input, request, failure);
    if (state == ParseState::failed && (failure.status < 400 || failure.status > 499)) std::abort();
    if (state == ParseState::done) {
        std::string again;
        if (request.consumed > size || request.port == 0 || !normalize_authority(request.host, again)) std::abort();
        if (again != request.host || request.host.find(' ') != std::string::npos) std::abort();
        ConnectRequest shorter;
        // One byte less is not a request yet, and what follows the head does not matter.
        if (parse_connect(input.substr(0, request.consumed - 1), shorter, failure) != ParseState::need_more)
            std::abort();
        if (parse_connect(input.substr(0, request.consumed), shorter, failure) != ParseState::done) std::abort();
    }
    return 0;
}
