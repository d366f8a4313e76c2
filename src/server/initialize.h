#pragma once
// What `sekisho init` makes, and what `sekisho recover` makes anew: the home, its first account, an IAM user `admin`
// with AdministratorAccess, and an access key that is the default profile of HOME/aws.
#include <filesystem>
#include <memory>
#include <string>

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "server/home.h"
#include "store/store.h"

namespace sekisho::server {

inline constexpr std::string_view administrator_name = "admin";

struct InitializeOptions {
    std::filesystem::path folder;
    std::string public_url = "https://localhost:7443";
    std::string email;  // of the account; empty: root@<public host>
    std::string account_name = "Management";
    std::string region = "us-east-1";  // of the default profile
};
struct Initialized {
    std::filesystem::path folder;
    std::string public_url;
    std::string email;
    AccountId account_id;
    std::string user_arn;
    AccessKeyId access_key_id;
    std::string master_key_source;
};
// All or nothing: what it made is removed when a step fails. Refuses a directory that is not empty.
Result<Initialized> initialize(const InitializeOptions& options, const Clock& clock, Random& random);

// The home's store, which must be there, with its secrets open; `folder`: another one than the home's own (restore).
Result<std::unique_ptr<store::Store>> open_store(const Home& home, const Clock& clock,
                                                 const std::filesystem::path& folder = {});

struct AdministratorKey {
    AccountId account_id;
    AccessKeyId id;
    Secret secret;
};
// The user `admin` of the account, made if missing, with AdministratorAccess attached, its boundary taken off and one
// more active access key. Where it has two keys, the older one goes.
Result<AdministratorKey> make_administrator_key(store::Transaction& transaction, const AccountId& account, Time now,
                                                Random& random);
// The management account, or the only account there is.
Result<AccountId> find_first_account(const store::Reader& reader);

// HOME/aws/config and HOME/aws/credentials, [default]. An existing config is left as it is.
Result<void> write_default_profile(const Home& home, const AdministratorKey& key, std::string_view region);

}  // namespace sekisho::server
