#include "server/initialize.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "access/session_token.h"
#include "audit/file.h"
#include "base/text.h"
#include "domain/iam.h"
#include "domain/organization.h"
#include "server/certificates.h"
#include "server/configuration.h"

namespace sekisho::server {

namespace {

constexpr std::string_view administrator_policy = "arn:aws:iam::aws:policy/AdministratorAccess";
constexpr std::size_t access_keys_max = 2;  // IAM quota for each user

ApiError refused(std::string message) {
    return {.code = "InvalidInput", .message = std::move(message), .http_status = 400, .cause = {}, .fields = {}};
}

AccountId make_account_id(Random& random) {
    return AccountId(random_text(random, 1, "123456789") + random_text(random, 11, "0123456789"));
}

Result<void> check_options(const InitializeOptions& options, Configuration& configuration) {
    SEK_TRY(set_value(configuration, "public-url", options.public_url));
    if (!is_region(options.region)) return refused("--region must be the name of an AWS region, such as us-east-1");
    if (options.account_name.empty() || count_code_points(options.account_name) > 50) {
        return refused("--account-name must have 1 to 50 characters");
    }
    const std::size_t at = options.email.find('@');
    const bool is_address = at != std::string::npos && at > 0 && at + 1 < options.email.size();
    if (!options.email.empty() &&
        (!is_address || options.email.size() > 64 || options.email.find_first_of(" \t\r\n<>") != std::string::npos)) {
        return refused("--email must be an address of at most 64 characters, such as root@example.com");
    }
    return {};
}

Result<domain::IamUser> make_administrator(store::Transaction& transaction, const AccountId& account, Time now,
                                           Random& random) {
    SEK_TRY(auto found, domain::iam_users.get(transaction, account, administrator_name));
    if (found) return std::move(*found);
    domain::IamUser user{.account_id = account,
                         .name = std::string(administrator_name),
                         .path = "/",
                         .id = PrincipalId(domain::make_unique_id("AIDA", account, random)),
                         .created_at = now};
    SEK_TRY(domain::iam_users.put(transaction, user));
    return user;
}

Result<void> attach_administrator_policy(store::Transaction& transaction, const domain::IamUser& user) {
    SEK_TRY(auto found, domain::principal_policies.get(transaction, user.id));
    domain::PrincipalPolicies policies = found ? std::move(*found) : domain::PrincipalPolicies{.principal_id = user.id};
    policies.permissions_boundary_arn.reset();
    auto& attached = policies.attached_policy_arns;
    if (std::find(attached.begin(), attached.end(), administrator_policy) == attached.end()) {
        attached.emplace_back(administrator_policy);
    }
    SEK_TRY(domain::principal_policies.put(transaction, policies));
    return domain::policy_uses.put(transaction, {.account_id = user.account_id,
                                                 .policy_arn = std::string(administrator_policy),
                                                 .kind = "user",
                                                 .name = user.name,
                                                 .principal_id = user.id});
}

Result<std::unique_ptr<store::Store>> open_or_create(const Home& home, const Clock& clock,
                                                     const std::filesystem::path& folder) {
    store::StoreOptions options;
    options.folder = folder;
    options.key_ring = std::make_shared<const crypto::KeyRing>(home.store_keys());
    options.clock = &clock;
    return store::Store::open(std::move(options));
}

Result<Initialized> fill(const Home& home, const InitializeOptions& options, const Configuration& configuration,
                         const Clock& clock, Random& random) {
    const Time now = clock.now();
    SEK_TRY(create_keys(home, configuration.public_host(), now, random));
    if (auto written =
            audit::replace_file(home.configuration_file(), print_configuration_file(configuration.public_url));
        !written) {
        return refused(written.error().cause);
    }
    domain::Account account{.id = make_account_id(random),
                            .name = options.account_name,
                            .email = options.email.empty() ? "root@" + configuration.public_host() : options.email,
                            .created_at = now};
    AdministratorKey key;
    std::string user_arn;
    {
        SEK_TRY(const auto store, open_or_create(home, clock, home.store_folder()));
        SEK_TRY(store->commit_and_wait([&](store::Transaction& transaction) -> Result<void> {
            SEK_TRY(access::store_epochs.put(transaction, {}));
            SEK_TRY(domain::accounts.put(transaction, account));
            SEK_TRY(key, make_administrator_key(transaction, account.id, now, random));
            SEK_TRY(const auto user, domain::iam_users.get(transaction, account.id, administrator_name));
            user_arn = domain::user_arn(*user);
            return {};
        }));
        store->close();
    }
    SEK_TRY(write_default_profile(home, key, options.region));
    return Initialized{.folder = home.folder(),
                       .public_url = configuration.public_url,
                       .email = account.email,
                       .account_id = account.id,
                       .user_arn = user_arn,
                       .access_key_id = key.id,
                       .master_key_source = std::string(home.master_key_source())};
}

}  // namespace

Result<Initialized> initialize(const InitializeOptions& options, const Clock& clock, Random& random) {
    Configuration configuration;
    SEK_TRY(check_options(options, configuration));
    SEK_TRY(const Home home, Home::create(options.folder));
    auto made = fill(home, options, configuration, clock, random);
    if (!made) {
        std::error_code error;
        std::filesystem::remove_all(home.folder(), error);
    }
    return made;
}

Result<std::unique_ptr<store::Store>> open_store(const Home& home, const Clock& clock,
                                                 const std::filesystem::path& folder) {
    const std::filesystem::path place = folder.empty() ? home.store_folder() : folder;
    std::error_code error;
    const auto bytes = std::filesystem::file_size(place / store::data_file_name, error);
    if (error || bytes == 0) return refused("the store " + place.string() + " is missing or empty");
    return open_or_create(home, clock, place);
}

Result<AdministratorKey> make_administrator_key(store::Transaction& transaction, const AccountId& account, Time now,
                                                Random& random) {
    SEK_TRY(const domain::IamUser user, make_administrator(transaction, account, now, random));
    SEK_TRY(attach_administrator_policy(transaction, user));
    SEK_TRY(auto keys, domain::access_keys.scan_by(transaction, domain::access_keys_by_user,
                                                   store::prefix(account, lower_ascii(user.name))));
    std::sort(keys.items.begin(), keys.items.end(),
              [](const auto& a, const auto& b) { return a.created_at < b.created_at; });
    if (keys.items.size() >= access_keys_max) {
        SEK_TRY(domain::access_keys.erase(transaction, keys.items.front().id));
    }
    const domain::AccessKey key{.id = domain::make_access_key_id("AKIA", account, random),
                                .account_id = account,
                                .user_name = user.name,
                                .user_id = user.id,
                                .secret = domain::make_secret_access_key(random),
                                .created_at = now};
    SEK_TRY(domain::access_keys.put(transaction, key));
    return AdministratorKey{.account_id = account, .id = key.id, .secret = key.secret};
}

Result<AccountId> find_first_account(const store::Reader& reader) {
    SEK_TRY(const auto organizations, domain::organizations.scan(reader, store::prefix(), {.limit = 1}));
    if (!organizations.items.empty()) return organizations.items.front().management_account_id;
    SEK_TRY(const auto accounts, domain::accounts.scan(reader, store::prefix(), {.limit = 1}));
    if (accounts.items.empty()) return refused("the store holds no account");
    return accounts.items.front().id;
}

Result<void> write_default_profile(const Home& home, const AdministratorKey& key, std::string_view region) {
    const auto write = [](const std::filesystem::path& file, const std::string& text) -> Result<void> {
        if (auto written = audit::replace_file(file, text); !written) return refused(written.error().cause);
        return {};
    };
    std::error_code error;
    if (const auto config = home.aws_folder() / "config"; !std::filesystem::exists(config, error)) {
        SEK_TRY(write(config, fmt::format("[default]\nregion = {}\noutput = json\n", region)));
    }
    return write(home.aws_folder() / "credentials", fmt::format("[default]\naws_access_key_id = {}\n"
                                                                "aws_secret_access_key = {}\n",
                                                                key.id.str(), key.secret.expose()));
}

}  // namespace sekisho::server
