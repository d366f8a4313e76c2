#pragma once
// What several resources of a VPC share: finding subnets, addresses in them, network interfaces.
#include "domain/cidr.h"
#include "services/ec2/common.h"

namespace sekisho::ec2_service {

// Of a subnet: EC2 keeps the first four addresses and the last for itself.
inline constexpr std::uint64_t reserved_addresses = 5;

Result<std::vector<domain::NetworkInterface>> interfaces_in_subnet(const Call& call, const std::string& vpc_id,
                                                                   const std::string& subnet_id);
Result<std::int32_t> count_free_addresses(const Call& call, const domain::Subnet& subnet);

struct InterfaceAsked {
    std::string type;  // interface, nat_gateway
    std::string description;
    std::string requester_id;
    std::optional<std::string> private_address;
    std::vector<std::string> security_group_ids;
    domain::Tags tags;
};
// A network interface with a free address of the subnet. InvalidParameterValue, InvalidIPAddress.InUse,
// InsufficientFreeAddressesInSubnet.
Result<domain::NetworkInterface> make_interface(Call& call, const domain::Subnet& subnet, InterfaceAsked asked);

// Ties an address to an interface, and unties it.
Result<void> associate_address(Call& call, domain::Address& address, const domain::NetworkInterface& interface);
Result<void> release_association(Call& call, domain::Address& address);
// Of an interface: the address that is tied to it.
Result<std::optional<domain::Address>> address_of_interface(const Call& call, const std::string& interface_id);

}  // namespace sekisho::ec2_service
