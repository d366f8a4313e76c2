#include "operation/event_record.h"

namespace sekisho::operation {

void leave_record(Call& call, store::Transaction& transaction, audit::Record record) {
    record.event_time = call.now;
    if (record.aws_region.empty()) record.aws_region = call.facts.region.str();
    record.source_ip_address = call.facts.source_address;
    record.user_agent = call.facts.user_agent;
    record.request_id = call.facts.request_id;
    record.event_id = random_uuid(call.random);
    if (!call.facts.tls_version.empty()) {
        record.tls_details = audit::TlsDetails{.tls_version = call.facts.tls_version,
                                               .cipher_suite = call.facts.cipher_suite,
                                               .client_provided_host_header = call.facts.host};
    }
    auto payload = record.event_id + audit::print(record);
    transaction.enqueue({.kind = std::string(audit_effect), .ordering_key = {}, .payload = std::move(payload)});
}

}  // namespace sekisho::operation
