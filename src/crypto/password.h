#pragma once
// Password hashes: Argon2id (RFC 9106) at OWASP's parameters (19 MiB, 2 passes, 1 lane; Password Storage Cheat Sheet),
// as PHC text `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. 10 to 20 ms of CPU and 19 MiB each: never on an event loop.
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sekisho::crypto {

Result<std::string> hash_password(const Secret& password, Random& random);
// False also for a text that is no Argon2id hash, or that asks for more than 64 MiB, 16 passes or 8 lanes.
bool verify_password(std::string_view phc, const Secret& password);
// The text was made with weaker or other parameters than hash_password's: hash again at the next sign-in.
bool needs_rehash(std::string_view phc);
// Takes the time of a verification. For unknown user names, so that they answer no faster than known ones.
void burn_password_verification(const Secret& password);
// A hash's memory is kept for the next one; this gives back what is not in use.
void release_password_memory();

}  // namespace sekisho::crypto
