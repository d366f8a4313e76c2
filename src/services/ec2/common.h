#pragma once
// What the operations of EC2 share: rows, permissions, tags of new resources, client tokens.
#include <optional>
#include <string>
#include <vector>

#include "models/ec2.h"
#include "operation/operation.h"
#include "services/ec2/resources.h"

namespace sekisho::ec2_service {

using operation::Access;
using operation::Call;

ApiError error(std::string_view code, std::string message);
ApiError invalid_value(std::string message);        // InvalidParameterValue
ApiError missing_parameter(std::string_view name);  // MissingParameter
ApiError dependency_violation(std::string message);

// A row. DryRun: who may is told so, and nothing is done.
template <class Op>
operation::Operation row(operation::Spec<Op> spec) {
    auto made = operation::operation<Op>(spec);
    if constexpr (requires(const typename Op::Request& request) { request.dry_run; }) {
        made.handle = {spec.handle,
                       [](void (*function)(), Call& call, const void* request) -> Result<std::shared_ptr<void>> {
                           if (static_cast<const typename Op::Request*>(request)->dry_run.value_or(false)) {
                               return ApiError{.code = "DryRunOperation",
                                               .message = "Request would have succeeded, but DryRun flag is set.",
                                               .http_status = 412};
                           }
                           return operation::run_handler<Op>(function, call, request);
                       }};
    }
    return made;
}

// -- permissions

std::string arn_of(const Call& call, const ResourceKind& kind, std::string_view id);
// On a resource that is there: its tags are conditions.
access::Permission on_existing(const Call& call, const ResourceKind& kind, const std::string& id);
// On "*", with the region.
access::Permissions on_all(const Call& call);

using TagSpecifications = std::optional<std::vector<ec2::TagSpecification>>;
// For a new resource: on its kind with the tags asked for, and ec2:CreateTags when there are any.
access::Permissions making(const Call& call, const ResourceKind& kind, std::string_view operation,
                           const TagSpecifications& specifications);

template <class T>
struct MemberOf;
template <class Structure, class Value>
struct MemberOf<Value Structure::*> {
    using Class = Structure;
};
inline const std::string& id_text(const std::string& id) {
    return id;
}
inline std::string id_text(const std::optional<std::string>& id) {
    return id.value_or("*");
}

// As .resources of a row: on all, and on the resources that members of the request name.
template <class Request>
access::Permissions anywhere(const Call& call, const Request&) {
    return on_all(call);
}
template <const ResourceKind& kind, auto member>
access::Permissions on(const Call& call, const typename MemberOf<decltype(member)>::Class& request) {
    return {on_existing(call, kind, id_text(request.*member))};
}

// -- tags

// The tags that a request gives a new resource.
Result<domain::Tags> read_tags(const Call& call, const ResourceKind& kind, const TagSpecifications& specifications);
Result<void> check_tags(const Call& call, const std::vector<ec2::Tag>& tags);
std::vector<ec2::Tag> tags_to_wire(const domain::Tags& tags);

// A record with what every record has.
template <class Record>
Record new_record(Call& call, std::string_view prefix, domain::Tags tags) {
    Record record;
    record.account_id = call.account();
    record.region = call.region();
    record.id = domain::make_ec2_id(prefix, call.random);
    record.created_at = call.now;
    record.tags = std::move(tags);
    return record;
}

// -- client tokens

// What an earlier request with this token made; nothing for a first one. IdempotentParameterMismatch: the token was
// used for another request.
Result<std::optional<std::string>> find_made(const Call& call, const wire::OperationModel& model,
                                             const std::optional<std::string>& token, const void* request);
Result<void> remember_made(Call& call, const wire::OperationModel& model, const std::optional<std::string>& token,
                           const void* request, const std::string& resource_id);

// Everything of a table that is in a VPC; the guard that a decision by it needs is read.
template <class Record>
Result<std::vector<Record>> all_in_vpc(const Call& call, const store::Table<Record>& table, const std::string& vpc_id) {
    call.tx.read_guard(domain::vpc_guard(call.account(), call.region(), vpc_id));
    std::vector<Record> found;
    store::Page page;
    for (;;) {
        SEK_TRY(auto slice,
                table.scan_by(call.tx, domain::by_vpc, store::prefix(call.account(), call.region(), vpc_id), page));
        for (auto& record : slice.items) found.push_back(std::move(record));
        if (!slice.next) return found;
        page.after = std::move(*slice.next);
    }
}

inline std::string text_of(bool value) {
    return value ? "true" : "false";
}

}  // namespace sekisho::ec2_service
