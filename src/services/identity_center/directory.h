#pragma once
// What the operations of the identity store share: its permissions, its errors, looking up and changing people, groups
// and memberships.
#include <string>
#include <string_view>

#include "models/identitystore.h"
#include "services/identity_center/instance.h"

namespace sekisho::identity_center_service {

enum class Reach : std::uint8_t {
    owner,    // writes: the account that owns the instance
    members,  // reads: its organization's accounts, too (API reference, "from the member account")
};

// The permission on the store itself; those on users, groups and memberships follow with the same owner.
access::Permissions on_store(const Call& call, std::string_view identity_store, Reach reach);
// The operations of `sekisho` have no region: the store is found wherever it is, and is its owner's.
access::Permissions on_store_of_any_region(const Call& call, std::string_view identity_store);
Result<domain::IdentityCenter> store_of_any_region(const Call& call, std::string_view identity_store);
void add_user(access::Permissions& permissions, std::string_view id);
void add_group(access::Permissions& permissions, std::string_view id);
void add_membership(access::Permissions& permissions, std::string_view id);
// For what the request names otherwise than by id: the refusal shows "*", whatever there is.
void hide_last_resource(access::Permissions& permissions);

template <class Request>
access::Permissions store_write_permissions(const Call& call, const Request& request) {
    return on_store(call, request.identity_store_id, Reach::owner);
}
template <class Request>
access::Permissions store_read_permissions(const Call& call, const Request& request) {
    return on_store(call, request.identity_store_id, Reach::members);
}

ApiError not_found(identitystore::ResourceType type, std::string_view id);
ApiError validation_error(std::string message);
// Of a write whose unique index is taken: Duplicate UserName and its like. Other errors stay.
ApiError conflict_of(ApiError error);
ApiError stale_revision();

// One of the CIDR ranges holds the address, or there are none.
bool is_in_ranges(const std::vector<std::string>& ranges, std::string_view address);
// ResourceNotFoundException; AccessDeniedException from where the store's network configuration allows no requests.
Result<domain::IdentityCenter> store_of(const Call& call, std::string_view identity_store);
Result<domain::Person> find_person(const Call& call, const domain::IdentityCenter& center, std::string_view id);
Result<domain::DirectoryGroup> find_group(const Call& call, const domain::IdentityCenter& center, std::string_view id);
Result<domain::Membership> find_membership(const Call& call, const domain::IdentityCenter& center, std::string_view id);
// The user that a MemberId names, by id.
Result<std::string> member_user_id(const identitystore::MemberId& member);

// <10 hex of the store>-<uuid>
std::string make_directory_id(const domain::IdentityCenter& center, Random& random);
// Administrator and AWSAdministrators, however they are written.
Result<void> check_name_is_free_to_use(std::string_view name);

}  // namespace sekisho::identity_center_service
