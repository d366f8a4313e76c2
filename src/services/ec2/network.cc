#include "services/ec2/network.h"

#include <fmt/format.h>

#include <set>

namespace sekisho::ec2_service {

Result<std::vector<domain::NetworkInterface>> interfaces_in_subnet(const Call& call, const std::string& vpc_id,
                                                                   const std::string& subnet_id) {
    call.tx.read_guard(domain::vpc_guard(call.account(), call.region(), vpc_id));
    std::vector<domain::NetworkInterface> found;
    store::Page page;
    for (;;) {
        SEK_TRY(auto slice,
                domain::network_interfaces.scan_by(call.tx, domain::by_subnet,
                                                   store::prefix(call.account(), call.region(), subnet_id), page));
        for (auto& interface : slice.items) found.push_back(std::move(interface));
        if (!slice.next) return found;
        page.after = std::move(*slice.next);
    }
}

Result<std::int32_t> count_free_addresses(const Call& call, const domain::Subnet& subnet) {
    SEK_TRY(const auto interfaces, interfaces_in_subnet(call, subnet.vpc_id, subnet.id));
    const auto size = domain::Cidr::parse(subnet.cidr)->size();
    return static_cast<std::int32_t>(size - reserved_addresses - interfaces.size());
}

Result<domain::NetworkInterface> make_interface(Call& call, const domain::Subnet& subnet, InterfaceAsked asked) {
    SEK_TRY(const auto others, interfaces_in_subnet(call, subnet.vpc_id, subnet.id));
    std::set<std::string> taken;
    for (const auto& other : others) taken.insert(other.private_address);
    const auto cidr = *domain::Cidr::parse(subnet.cidr);
    std::string address;
    if (asked.private_address) {
        const auto wanted = domain::Cidr::parse(*asked.private_address + "/32");
        if (!wanted || !cidr.contains(*wanted)) {
            return invalid_value("Address " + *asked.private_address +
                                 " does not fall within the subnet's address range");
        }
        if (taken.contains(*asked.private_address)) {
            return error("InvalidIPAddress.InUse", "Address " + *asked.private_address + " is in use.");
        }
        address = *asked.private_address;
    }
    const auto last = cidr.size() - 2;
    for (std::uint64_t n = reserved_addresses - 1; address.empty() && n <= last; ++n) {
        if (!taken.contains(cidr.address(n))) address = cidr.address(n);
    }
    if (address.empty()) {
        return error("InsufficientFreeAddressesInSubnet",
                     "The specified subnet does not have enough free addresses to satisfy the request.");
    }
    auto interface = new_record<domain::NetworkInterface>(call, network_interface_kind.prefix, std::move(asked.tags));
    interface.vpc_id = subnet.vpc_id;
    interface.subnet_id = subnet.id;
    interface.zone = subnet.zone;
    interface.type = std::move(asked.type);
    interface.description = std::move(asked.description);
    interface.requester_id = std::move(asked.requester_id);
    interface.private_address = std::move(address);
    const auto digits = random_hex(call.random, 10);
    interface.mac_address = fmt::format("02:{}:{}:{}:{}:{}", digits.substr(0, 2), digits.substr(2, 2),
                                        digits.substr(4, 2), digits.substr(6, 2), digits.substr(8, 2));
    interface.security_group_ids = std::move(asked.security_group_ids);
    SEK_TRY(domain::network_interfaces.put(call.tx, interface));
    return interface;
}

Result<void> associate_address(Call& call, domain::Address& address, const domain::NetworkInterface& interface) {
    address.association_id = domain::make_ec2_id("eipassoc", call.random);
    address.network_interface_id = interface.id;
    address.private_address = interface.private_address;
    return domain::addresses.put(call.tx, address);
}

Result<void> release_association(Call& call, domain::Address& address) {
    address.association_id.clear();
    address.network_interface_id.clear();
    address.private_address.clear();
    return domain::addresses.put(call.tx, address);
}

Result<std::optional<domain::Address>> address_of_interface(const Call& call, const std::string& interface_id) {
    call.tx.read_guard(domain::addresses_guard(call.account(), call.region()));
    std::optional<domain::Address> found;
    SEK_TRY(domain::addresses.each(call.tx, store::prefix(call.account(), call.region()), [&](const auto& address) {
        if (address.network_interface_id == interface_id) found = address;
        return !found;
    }));
    return read_found(call.tx, domain::addresses, found);
}

}  // namespace sekisho::ec2_service
