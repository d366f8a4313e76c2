#pragma once
// The kinds of resources: how their ids, ARNs and errors look, and where their records and tags are. One kind for each
// table of domain/ec2.h.
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ec2.h"
#include "models/ec2.h"
#include "operation/call.h"

namespace sekisho::ec2_service {

struct ResourceKind {
    std::string_view prefix;  // of ids: "vpc" of vpc-0123
    ec2::ResourceType type;   // of tag specifications and ARNs
    std::string_view not_found;
    std::string_view not_found_text;  // {} is the id
    std::string_view malformed;

    // Nothing: no such resource.
    Result<std::optional<domain::Tags>> (*tags)(const store::Reader&, const AccountId&, const Region&,
                                                const std::string& id);
    Result<void> (*put_tags)(store::Transaction&, const AccountId&, const Region&, const std::string& id,
                             domain::Tags tags);
    using Visit = std::function<void(const std::string& id, const domain::Tags& tags)>;
    Result<void> (*each)(const store::Reader&, const AccountId&, const Region&, const Visit& visit);
};

extern const ResourceKind vpc_kind;
extern const ResourceKind subnet_kind;
extern const ResourceKind internet_gateway_kind;
extern const ResourceKind egress_only_gateway_kind;
extern const ResourceKind nat_gateway_kind;
extern const ResourceKind route_table_kind;
extern const ResourceKind address_kind;
extern const ResourceKind network_interface_kind;
extern const ResourceKind security_group_kind;
extern const ResourceKind security_group_rule_kind;
extern const ResourceKind launch_template_kind;
extern const ResourceKind key_pair_kind;
extern const ResourceKind placement_group_kind;
extern const ResourceKind network_acl_kind;
extern const ResourceKind instance_kind;

std::span<const ResourceKind* const> all_kinds();
// By the id's prefix; null: no such kind.
const ResourceKind* kind_of_id(std::string_view id);

ApiError not_found(const ResourceKind& kind, std::string_view id);
// The id has the kind's form. InvalidVpcID.Malformed: Invalid id: "x" (expecting "vpc-...").
Result<void> check_id(const ResourceKind& kind, std::string_view id);

// The record, or the kind's errors.
template <class Record>
Result<Record> find(const operation::Call& call, const store::Table<Record>& table, const ResourceKind& kind,
                    const std::string& id) {
    SEK_TRY(check_id(kind, id));
    SEK_TRY(auto record, table.get(call.tx, call.account(), call.region(), id));
    if (!record) return not_found(kind, id);
    return std::move(*record);
}

// A record that a scan found, read so that a change of it conflicts with another's: scans remember nothing.
template <class Record>
Result<std::optional<Record>> read_found(const store::Reader& reader, const store::Table<Record>& table,
                                         const std::optional<Record>& found) {
    if (!found) return std::optional<Record>();
    return table.get(reader, found->account_id, found->region, found->id);
}

// The group of a rule, found by the groups' scan: rules live in their group.
Result<std::optional<domain::SecurityGroup>> group_of_rule(const store::Reader& reader, const AccountId& account,
                                                           const Region& region, const std::string& rule_id);

}  // namespace sekisho::ec2_service
