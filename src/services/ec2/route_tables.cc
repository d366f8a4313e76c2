#include <algorithm>

#include "services/ec2/describe.h"
#include "services/ec2/routes.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using domain::RouteTable;
using Values = std::vector<std::string>;

const ec2::RouteTableAssociationState associated{.state = ec2::RouteTableAssociationStateCode::associated};

Result<ec2::RouteTable> to_wire(const Call& call, const RouteTable& table) {
    ec2::RouteTable wire;
    wire.route_table_id = table.id;
    wire.owner_id = table.account_id.str();
    wire.vpc_id = table.vpc_id;
    SEK_TRY(wire.routes, routes_to_wire(call, table));
    wire.associations.emplace();
    for (const auto& association : table.associations) {
        ec2::RouteTableAssociation shown{.main = association.subnet_id.empty(),
                                         .route_table_association_id = association.id,
                                         .route_table_id = table.id,
                                         .association_state = associated};
        if (!association.subnet_id.empty()) shown.subnet_id = association.subnet_id;
        wire.associations->push_back(std::move(shown));
    }
    wire.propagating_vgws.emplace();
    wire.tags = tags_to_wire(table.tags);
    return wire;
}

Result<ec2::CreateRouteTableResult> create_table(Call& call, const ec2::CreateRouteTableRequest& request) {
    const auto& model = ec2::CreateRouteTable::model;
    SEK_TRY(const auto made, find_made(call, model, request.client_token, &request));
    ec2::CreateRouteTableResult result{.client_token = request.client_token};
    if (made) {
        SEK_TRY(const auto table, find(call, domain::route_tables, route_table_kind, *made));
        SEK_TRY(result.route_table, to_wire(call, table));
        return result;
    }
    SEK_TRY(const auto vpc, find(call, domain::vpcs, vpc_kind, request.vpc_id));
    SEK_TRY(auto tags, read_tags(call, route_table_kind, request.tag_specifications));
    auto table = new_record<RouteTable>(call, route_table_kind.prefix, std::move(tags));
    table.vpc_id = vpc.id;
    SEK_TRY(domain::route_tables.put(call.tx, table));
    SEK_TRY(remember_made(call, model, request.client_token, &request, table.id));
    SEK_TRY(result.route_table, to_wire(call, table));
    return result;
}

access::Permissions create_permissions(const Call& call, const ec2::CreateRouteTableRequest& request) {
    auto permissions = making(call, route_table_kind, "CreateRouteTable", request.tag_specifications);
    permissions.push_back(on_existing(call, vpc_kind, request.vpc_id));
    return permissions;
}

Result<ec2::DeleteRouteTable::Response> delete_table(Call& call, const ec2::DeleteRouteTableRequest& request) {
    SEK_TRY(const auto table, find(call, domain::route_tables, route_table_kind, request.route_table_id));
    if (!table.associations.empty()) {
        return dependency_violation("The routeTable '" + table.id + "' has dependencies and cannot be deleted.");
    }
    SEK_TRY(domain::route_tables.erase(call.tx, call.account(), call.region(), table.id));
    return ec2::DeleteRouteTable::Response{};
}

Result<ec2::AssociateRouteTableResult> associate_table(Call& call, const ec2::AssociateRouteTableRequest& request) {
    SEK_TRY(auto table, find(call, domain::route_tables, route_table_kind, request.route_table_id));
    if (request.gateway_id) return error("UnsupportedOperation", "Route tables are associated with subnets only.");
    if (!request.subnet_id) return missing_parameter("subnetId");
    SEK_TRY(const auto subnet, find(call, domain::subnets, subnet_kind, *request.subnet_id));
    if (subnet.vpc_id != table.vpc_id) {
        return invalid_value("Route table " + table.id + " and network subnet " + subnet.id +
                             " belong to different networks");
    }
    SEK_TRY(const auto tables, all_in_vpc(call, domain::route_tables, table.vpc_id));
    for (const auto& other : tables) {
        const auto at = std::ranges::find(other.associations, subnet.id, &domain::RouteTableAssociation::subnet_id);
        if (at == other.associations.end()) continue;
        if (other.id == table.id) {
            return ec2::AssociateRouteTableResult{.association_id = at->id, .association_state = associated};
        }
        return error("Resource.AlreadyAssociated", "the specified association for route table " + table.id +
                                                       " conflicts with an existing association");
    }
    table.associations.push_back({.id = domain::make_ec2_id("rtbassoc", call.random), .subnet_id = subnet.id});
    SEK_TRY(domain::route_tables.put(call.tx, table));
    return ec2::AssociateRouteTableResult{.association_id = table.associations.back().id,
                                          .association_state = associated};
}

access::Permissions associate_permissions(const Call& call, const ec2::AssociateRouteTableRequest& request) {
    access::Permissions permissions{on_existing(call, route_table_kind, request.route_table_id)};
    if (request.subnet_id) permissions.push_back(on_existing(call, subnet_kind, *request.subnet_id));
    return permissions;
}

Result<std::optional<RouteTable>> table_of_association(const Call& call, const std::string& id) {
    std::optional<RouteTable> found;
    SEK_TRY(domain::route_tables.each(call.tx, store::prefix(call.account(), call.region()), [&](const auto& table) {
        const auto at = std::ranges::find(table.associations, id, &domain::RouteTableAssociation::id);
        if (at != table.associations.end()) found = table;
        return !found;
    }));
    return read_found(call.tx, domain::route_tables, found);
}

// Takes the association from its table.
Result<domain::RouteTableAssociation> take_association(Call& call, RouteTable& table, const std::string& id) {
    const auto at = std::ranges::find(table.associations, id, &domain::RouteTableAssociation::id);
    auto taken = *at;
    table.associations.erase(at);
    SEK_TRY(domain::route_tables.put(call.tx, table));
    return taken;
}

ApiError no_association(const std::string& id) {
    return error("InvalidAssociationID.NotFound", "The association ID '" + id + "' does not exist");
}

Result<ec2::DisassociateRouteTable::Response> disassociate_table(Call& call,
                                                                 const ec2::DisassociateRouteTableRequest& request) {
    SEK_TRY(auto table, table_of_association(call, request.association_id));
    if (!table) return no_association(request.association_id);
    const auto at = std::ranges::find(table->associations, request.association_id, &domain::RouteTableAssociation::id);
    if (at->subnet_id.empty()) {
        return invalid_value("cannot disassociate the main route table association " + request.association_id);
    }
    SEK_TRY(take_association(call, *table, request.association_id));
    return ec2::DisassociateRouteTable::Response{};
}

Result<ec2::ReplaceRouteTableAssociationResult> replace_association(
    Call& call, const ec2::ReplaceRouteTableAssociationRequest& request) {
    SEK_TRY(auto from, table_of_association(call, request.association_id));
    if (!from) return no_association(request.association_id);
    SEK_TRY(const auto asked, find(call, domain::route_tables, route_table_kind, request.route_table_id));
    if (asked.vpc_id != from->vpc_id) {
        return invalid_value("Route table " + asked.id + " and route table " + from->id +
                             " belong to different networks");
    }
    SEK_TRY(auto association, take_association(call, *from, request.association_id));
    // Read again: it may be the table that the association was taken from.
    SEK_TRY(auto to, find(call, domain::route_tables, route_table_kind, request.route_table_id));
    association.id = domain::make_ec2_id("rtbassoc", call.random);
    to.associations.push_back(association);
    SEK_TRY(domain::route_tables.put(call.tx, to));
    return ec2::ReplaceRouteTableAssociationResult{.new_association_id = association.id,
                                                   .association_state = associated};
}

access::Permission on_association(const Call& call, const std::string& id) {
    const auto table = table_of_association(call, id);
    auto permission = on_existing(call, route_table_kind, table && *table ? (*table)->id : "*");
    permission.shown_resource = arn_of(call, route_table_kind, "*");
    return permission;
}
access::Permissions disassociate_permissions(const Call& call, const ec2::DisassociateRouteTableRequest& request) {
    return {on_association(call, request.association_id)};
}
access::Permissions replace_permissions(const Call& call, const ec2::ReplaceRouteTableAssociationRequest& request) {
    return {on_association(call, request.association_id), on_existing(call, route_table_kind, request.route_table_id)};
}

template <class Item>
Values each(const std::vector<Item>& items, std::string Item::* member) {
    Values values;
    for (const auto& item : items) values.push_back(item.*member);
    return values;
}
Values targets(const RouteTable& table, std::string_view prefix) {
    auto values = each(table.routes, &domain::Route::target);
    std::erase_if(values, [&](const auto& value) { return !value.starts_with(prefix); });
    return values;
}
Values destinations(const RouteTable& table, bool ipv6) {
    auto values = each(table.routes, &domain::Route::destination);
    std::erase_if(values, [&](const auto& value) { return (value.find(':') != std::string::npos) != ipv6; });
    return values;
}
constexpr FilterRow<RouteTable> filters[] = {
    {"association.main",
     [](const RouteTable& t) {
         Values values;
         for (const auto& association : t.associations) values.push_back(text_of(association.subnet_id.empty()));
         return values;
     }},
    {"association.route-table-association-id",
     [](const RouteTable& t) { return each(t.associations, &domain::RouteTableAssociation::id); }},
    {"association.route-table-id",
     [](const RouteTable& t) { return t.associations.empty() ? Values() : Values{t.id}; }},
    {"association.subnet-id",
     [](const RouteTable& t) { return each(t.associations, &domain::RouteTableAssociation::subnet_id); }},
    {"owner-id", [](const RouteTable& t) { return Values{t.account_id.str()}; }},
    {"route-table-id", [](const RouteTable& t) { return Values{t.id}; }},
    {"route.destination-cidr-block", [](const RouteTable& t) { return destinations(t, false); }},
    {"route.destination-ipv6-cidr-block", [](const RouteTable& t) { return destinations(t, true); }},
    {"route.egress-only-internet-gateway-id", [](const RouteTable& t) { return targets(t, "eigw-"); }},
    {"route.gateway-id", [](const RouteTable& t) { return targets(t, "igw-"); }},
    {"route.nat-gateway-id", [](const RouteTable& t) { return targets(t, "nat-"); }},
    {"vpc-id", [](const RouteTable& t) { return Values{t.vpc_id}; }},
};

Result<ec2::DescribeRouteTablesResult> describe_tables(Call& call, const ec2::DescribeRouteTablesRequest& request) {
    SEK_TRY(const auto found,
            describe<RouteTable>(call, domain::route_tables, route_table_kind, filters, request.route_table_ids,
                                 request.filters, {"DescribeRouteTables", request.next_token, request.max_results}));
    ec2::DescribeRouteTablesResult result;
    result.next_token = found.next_token;
    result.route_tables.emplace();
    for (const auto& table : found.records) {
        SEK_TRY(auto wire, to_wire(call, table));
        result.route_tables->push_back(std::move(wire));
    }
    return result;
}

}  // namespace

const operation::OperationTable route_table_operations = {
    row<ec2::CreateRouteTable>({.access = Access::write, .resources = create_permissions, .handle = create_table}),
    row<ec2::DeleteRouteTable>({.access = Access::write,
                                .resources = on<route_table_kind, &ec2::DeleteRouteTableRequest::route_table_id>,
                                .handle = delete_table}),
    row<ec2::AssociateRouteTable>(
        {.access = Access::write, .resources = associate_permissions, .handle = associate_table}),
    row<ec2::DisassociateRouteTable>(
        {.access = Access::write, .resources = disassociate_permissions, .handle = disassociate_table}),
    row<ec2::ReplaceRouteTableAssociation>(
        {.access = Access::write, .resources = replace_permissions, .handle = replace_association}),
    row<ec2::DescribeRouteTables>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeRouteTablesRequest>, .handle = describe_tables}),
};

}  // namespace sekisho::ec2_service
