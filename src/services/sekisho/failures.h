#pragma once
// Guessing at passwords and codes: every failure is counted for the user name and for the address it came from (of
// IPv6: its /64); past a few, both are locked for a time that doubles (limits.h). Names that nobody has are counted and
// locked like others. Of people, each try that was looked at is kept in their sign-in history.
#include <optional>
#include <string>

#include "domain/directory.h"
#include "operation/call.h"

namespace sekisho::control_service {

// Who is tried, from where.
struct Attacked {
    IdentityStoreId identity_store_id;
    std::string user_name;
    std::optional<PersonId> person_id;  // nothing: nobody has that name
    std::string address;
    std::string user_agent = {};
    std::string_view credential_type = "PASSWORD";  // what was wrong, if it was
};

// LockedException while the name or the address is locked. Tries during a lock are not looked at, nor counted.
Result<void> check_locks(operation::Call& call, const Attacked& attacked);
// The same for an address alone.
Result<void> check_address_lock(operation::Call& call, const std::string& address);
// Written with the refusal.
Result<void> count_failure(operation::Call& call, const Attacked& attacked);
Result<void> count_address_failure(operation::Call& call, const std::string& address);
// Mails that anybody can ask for, counted by address in an hour's window. ThrottlingException: too many.
Result<void> count_mail_request(operation::Call& call, const std::string& address);
// After a complete sign-in: the person's count starts again, and their history tells it. The address's count does not
// start again, or one good account would allow guessing at all others.
struct Shown {
    std::string credential_types;
    std::string address;
    std::string user_agent;
};
Result<void> record_sign_in(operation::Call& call, const PersonId& person, const Shown& shown);

}  // namespace sekisho::control_service
