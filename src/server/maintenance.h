#pragma once
// Work on a home whose server is stopped: recover (break-glass), restore, check. Each takes the home's lock.
#include <filesystem>
#include <string>
#include <vector>

#include "audit/digest.h"
#include "base/ids.h"
#include "base/result.h"
#include "server/home.h"
#include "store/check.h"

namespace sekisho::server {

struct Recovered {
    AccountId account_id;
    AccessKeyId access_key_id;
};
// A new key of the administrator becomes the default profile. The trail has its record before the key exists.
// `operator_name`: who did it, as the operating system knows them.
Result<Recovered> recover(const Home& home, const std::string& operator_name);
// The root user of an account has lost its phone: its MFA devices are erased, and its next sign-in registers another.
// How many there were. The trail has its record before.
Result<std::size_t> erase_root_devices(const Home& home, const std::string& operator_name, const AccountId& account);

struct Restored {
    std::int64_t epoch = 0;
    std::filesystem::path former;             // where the store that was replaced is kept
    std::vector<std::string> disabled_since;  // user names: disabled in the former store, enabled in the backup
    bool former_was_readable = false;
};
// Puts a backup in the store's place and starts a new epoch: no session or token from before lives.
Result<Restored> restore(const Home& home, const std::filesystem::path& backup);

struct HomeCheck {
    store::CheckReport store;
    audit::VerifyReport trail;
    bool ok() const { return store.ok() && trail.ok(); }
};
Result<HomeCheck> check(const Home& home);

}  // namespace sekisho::server
