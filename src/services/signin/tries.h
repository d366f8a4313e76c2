#pragma once
// Guessing at passwords and codes: each failure is counted by the address that it came from and by who is tried; past a
// few, both are locked for a time that doubles (domain/failures.h). Names and addresses that nobody has count like
// others. And the pool that hashes.
#include <functional>
#include <string>
#include <string_view>

#include "operation/call.h"
#include "operation/operation.h"

namespace sekisho::signin_service {

// What is counted of who is tried. `account`: the id; where no account was found, what was typed.
std::string counted_user(std::string_view account, std::string_view user_name);
std::string counted_root(std::string_view account);

// LockedException. Tries during a lock are not looked at, nor counted.
Result<void> check_locks(const operation::Call& call, const std::string& counted);
// Written with the refusal.
Result<void> count_failure(operation::Call& call, const std::string& counted);
// SignInFailedException, of every kind of code.
ApiError wrong_code();

// `work` runs on the pool; ThrottlingException where too much waits for it.
void run_on_pool(operation::PrepareDone done, std::move_only_function<Result<operation::Prepared>()> work);

}  // namespace sekisho::signin_service
