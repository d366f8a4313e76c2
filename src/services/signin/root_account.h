#pragma once
// The account that a root user signs in to, by its address.
#include <optional>
#include <string_view>

#include "domain/organization.h"
#include "store/reader.h"

namespace sekisho::signin_service {

// Addresses are unique among all accounts of the home (accounts_by_email), ignoring case. Nothing: no account has it,
// or the one that has it is not active.
Result<std::optional<domain::Account>> find_root_account(const store::Reader& reader, std::string_view email);

}  // namespace sekisho::signin_service
