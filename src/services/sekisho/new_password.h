#pragma once
// Setting a password: AWS's rules (IAM Identity Center user guide, "Password requirements"), the slow part before the
// handler, and the record.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/directory.h"
#include "operation/operation.h"

namespace sekisho::control_service {

// What is wrong with it, one text a rule; empty: nothing. The last-three rule is checked with the hashes.
std::vector<std::string> password_problems(std::string_view password);

// What .prepare leaves for the handler.
struct NewPassword {
    std::vector<std::string> problems;  // then there is no hash
    std::string hash;
    std::string former_hash;      // the current one that it was checked against
    std::string one_time;         // the password itself, where it was made here
    bool current_matches = true;  // the current password was given, and right; else there is nothing more
};

// Checks the rules and the last three passwords, and hashes. `known`: the person's credentials, if any.
void prepare_new_password(std::string password, const std::optional<domain::Credentials>& known, bool is_one_time,
                          operation::PrepareDone done);
// The same for somebody who must show the current password first.
void prepare_changed_password(std::string current, std::string password, const domain::Credentials& known,
                              operation::PrepareDone done);
// A password that satisfies the rules.
std::string make_one_time_password(Random& random);

// Writes it. InvalidTokenException: the credentials have changed since .prepare looked at them.
Result<void> set_password(operation::Call& call, const PersonId& person, const NewPassword& password,
                          bool change_required);
// Changes with every password: what is bound to one dies with it.
std::string password_stamp(const std::optional<domain::Credentials>& credentials);

}  // namespace sekisho::control_service
