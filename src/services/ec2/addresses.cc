// Elastic addresses.
#include <fmt/format.h>

#include "services/ec2/describe.h"
#include "services/ec2/network.h"
#include "services/ec2/service.h"

namespace sekisho::ec2_service {
namespace {

using domain::Address;
using Values = std::vector<std::string>;

// 198.18.0.0/15: addresses that the internet routes to nobody (RFC 2544).
std::string draw_address(Call& call) {
    const auto bytes = random_bytes(call.random, 3);
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    return fmt::format("198.{}.{}.{}", 18 + (byte(0) & 1), byte(1), byte(2));
}

ec2::Address to_wire(const Address& address) {
    ec2::Address wire;
    wire.allocation_id = address.id;
    wire.public_ip = address.public_address;
    wire.domain = ec2::DomainType::vpc;
    wire.public_ipv4_pool = "amazon";
    wire.network_border_group = address.region.str();
    if (!address.association_id.empty()) {
        wire.association_id = address.association_id;
        wire.network_interface_id = address.network_interface_id;
        wire.network_interface_owner_id = address.account_id.str();
        wire.private_ip_address = address.private_address;
    }
    wire.tags = tags_to_wire(address.tags);
    return wire;
}

Result<ec2::AllocateAddressResult> allocate_address(Call& call, const ec2::AllocateAddressRequest& request) {
    if (request.address || request.customer_owned_ipv4_pool || request.ipam_pool_id) {
        return error("UnsupportedOperation", "Addresses come from Amazon's pool only.");
    }
    SEK_TRY(auto tags, read_tags(call, address_kind, request.tag_specifications));
    auto address = new_record<Address>(call, address_kind.prefix, std::move(tags));
    for (;;) {
        address.public_address = draw_address(call);
        SEK_TRY(const auto other, domain::addresses.get_by(call.tx, domain::by_public_address, address.public_address));
        if (!other) break;
    }
    SEK_TRY(domain::addresses.put(call.tx, address));
    return ec2::AllocateAddressResult{.allocation_id = address.id,
                                      .public_ipv4_pool = "amazon",
                                      .network_border_group = call.region().str(),
                                      .domain = ec2::DomainType::vpc,
                                      .public_ip = address.public_address};
}

access::Permissions allocate_permissions(const Call& call, const ec2::AllocateAddressRequest& request) {
    return making(call, address_kind, "AllocateAddress", request.tag_specifications);
}

Result<Address> find_by_text(const Call& call, const std::string& text) {
    SEK_TRY(auto address, domain::addresses.get_by(call.tx, domain::by_public_address, text));
    if (address && address->account_id == call.account() && address->region == call.region()) {
        return std::move(*address);
    }
    return error("InvalidAddress.NotFound", "Address '" + text + "' not found.");
}

Result<Address> find_address(const Call& call, const std::optional<std::string>& id,
                             const std::optional<std::string>& text) {
    if (id) return find(call, domain::addresses, address_kind, *id);
    if (text) return find_by_text(call, *text);
    return error("MissingParameter", "Either public IP or allocation id must be specified");
}

Result<ec2::AssociateAddressResult> associate(Call& call, const ec2::AssociateAddressRequest& request) {
    SEK_TRY(auto address, find_address(call, request.allocation_id, request.public_ip));
    if (request.instance_id) return not_found(instance_kind, *request.instance_id);
    if (!request.network_interface_id) {
        return error("MissingParameter", "Either 'networkInterfaceId' or 'instanceId' must be specified.");
    }
    SEK_TRY(const auto interface,
            find(call, domain::network_interfaces, network_interface_kind, *request.network_interface_id));
    if (address.network_interface_id == interface.id) {
        return ec2::AssociateAddressResult{.association_id = address.association_id};
    }
    SEK_TRY(auto other, address_of_interface(call, interface.id));
    const bool may_move = request.allow_reassociation.value_or(true);
    if ((!address.association_id.empty() || other) && !may_move) {
        return error("Resource.AlreadyAssociated",
                     "resource " + address.id + " is already associated with associate-id " + address.association_id);
    }
    if (other) SEK_TRY(release_association(call, *other));
    SEK_TRY(associate_address(call, address, interface));
    return ec2::AssociateAddressResult{.association_id = address.association_id};
}

access::Permissions associate_permissions(const Call& call, const ec2::AssociateAddressRequest& request) {
    access::Permissions permissions{on_existing(call, address_kind, request.allocation_id.value_or("*"))};
    if (request.network_interface_id) {
        permissions.push_back(on_existing(call, network_interface_kind, *request.network_interface_id));
    }
    return permissions;
}

// Of a NAT gateway's address the gateway disposes.
Result<bool> is_of_nat_gateway(const Call& call, const Address& address) {
    SEK_TRY(const auto interface,
            domain::network_interfaces.get(call.tx, call.account(), call.region(), address.network_interface_id));
    return interface && interface->type == to_text(ec2::NetworkInterfaceType::nat_gateway);
}
ApiError no_permission() {
    return error("AuthFailure", "You do not have permission to access the specified resource.");
}

Result<ec2::DisassociateAddress::Response> disassociate(Call& call, const ec2::DisassociateAddressRequest& request) {
    std::optional<Address> address;
    if (request.association_id) {
        SEK_TRY(
            domain::addresses.each(call.tx, store::prefix(call.account(), call.region()), [&](const Address& other) {
                if (other.association_id == *request.association_id) address = other;
                return !address;
            }));
        SEK_TRY(address, read_found(call.tx, domain::addresses, address));
        if (!address) {
            return error("InvalidAssociationID.NotFound",
                         "The association ID '" + *request.association_id + "' does not exist");
        }
    } else {
        SEK_TRY(address, find_address(call, {}, request.public_ip));
    }
    SEK_TRY(const bool is_bound, is_of_nat_gateway(call, *address));
    if (is_bound) return no_permission();
    SEK_TRY(release_association(call, *address));
    return ec2::DisassociateAddress::Response{};
}

Result<ec2::ReleaseAddress::Response> release(Call& call, const ec2::ReleaseAddressRequest& request) {
    SEK_TRY(const auto address, find_address(call, request.allocation_id, request.public_ip));
    SEK_TRY(const bool is_bound, is_of_nat_gateway(call, address));
    if (is_bound) return no_permission();
    if (!address.association_id.empty()) {
        return error("InvalidIPAddress.InUse", "Address " + address.public_address + " is in use.");
    }
    SEK_TRY(domain::addresses.erase(call.tx, call.account(), call.region(), address.id));
    return ec2::ReleaseAddress::Response{};
}

constexpr FilterRow<Address> filters[] = {
    {"allocation-id", [](const Address& a) { return Values{a.id}; }},
    {"association-id", [](const Address& a) { return Values{a.association_id}; }},
    {"domain", [](const Address&) { return Values{"vpc"}; }},
    {"instance-id", [](const Address&) { return Values(); }},
    {"network-border-group", [](const Address& a) { return Values{a.region.str()}; }},
    {"network-interface-id", [](const Address& a) { return Values{a.network_interface_id}; }},
    {"network-interface-owner-id",
     [](const Address& a) { return a.association_id.empty() ? Values() : Values{a.account_id.str()}; }},
    {"private-ip-address", [](const Address& a) { return Values{a.private_address}; }},
    {"public-ip", [](const Address& a) { return Values{a.public_address}; }},
};

Result<ec2::DescribeAddressesResult> describe_addresses(Call& call, const ec2::DescribeAddressesRequest& request) {
    Ids ids = request.allocation_ids;
    for (const auto& text : request.public_ips.value_or(Values())) {
        SEK_TRY(const auto address, find_by_text(call, text));
        if (!ids) ids.emplace();
        ids->push_back(address.id);
    }
    SEK_TRY(const auto found, describe<Address>(call, domain::addresses, address_kind, filters, ids, request.filters,
                                                {"DescribeAddresses", {}, {}}));
    ec2::DescribeAddressesResult result{.addresses = std::vector<ec2::Address>()};
    for (const auto& address : found.records) result.addresses->push_back(to_wire(address));
    return result;
}

}  // namespace

const operation::OperationTable address_operations = {
    row<ec2::AllocateAddress>({.access = Access::write, .resources = allocate_permissions, .handle = allocate_address}),
    row<ec2::AssociateAddress>({.access = Access::write, .resources = associate_permissions, .handle = associate}),
    row<ec2::DisassociateAddress>(
        {.access = Access::write, .resources = anywhere<ec2::DisassociateAddressRequest>, .handle = disassociate}),
    row<ec2::ReleaseAddress>({.access = Access::write,
                              .resources = on<address_kind, &ec2::ReleaseAddressRequest::allocation_id>,
                              .handle = release}),
    row<ec2::DescribeAddresses>(
        {.access = Access::read, .resources = anywhere<ec2::DescribeAddressesRequest>, .handle = describe_addresses}),
};

}  // namespace sekisho::ec2_service
