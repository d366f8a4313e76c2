#pragma once
// What is known of a request beside its caller and its content: where it came from and how. Feeds the global condition
// keys (aws:SourceIp, aws:UserAgent, ...), the audit trail and the limits.
#include <string>

#include "base/ids.h"
#include "base/time.h"

namespace sekisho::access {

struct RequestFacts {
    std::string request_id;  // UUID
    std::string source_address;
    std::string user_agent;
    std::string host;         // as asked for
    std::string tls_version;  // "TLSv1.3"; empty for inner calls
    std::string cipher_suite;
    Region region;  // of the credential scope; inner calls name it themselves
    Time received{};
    bool is_inner = false;   // by a worker or a page, not by a client of the API
    std::string called_via;  // the service that makes this call for its own caller: "cloudformation.amazonaws.com"
};

}  // namespace sekisho::access
