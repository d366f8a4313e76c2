#include "server/maintenance.h"

#include <algorithm>
#include <system_error>

#include "access/session_token.h"
#include "audit/record.h"
#include "audit/trail.h"
#include "base/json.h"
#include "base/random.h"
#include "domain/directory.h"
#include "domain/iam.h"
#include "domain/organization.h"
#include "domain/virtual_mfa.h"
#include "server/certificates.h"
#include "server/initialize.h"

namespace sekisho::server {

namespace fs = std::filesystem;

namespace {

ApiError failed(std::string message) {
    return {.code = "Failed", .message = std::move(message), .http_status = 400, .cause = {}, .fields = {}};
}

struct MaintenanceEvent {
    std::string_view name;
    std::string_view operator_name;
    std::string_view account_id;
    std::string parameters;  // JSON
};

// On the disk when it returns.
Result<void> record(const Home& home, const MaintenanceEvent& event) {
    SEK_TRY(const Keys keys, load_keys(home));
    SEK_TRY(const auto trail, audit::Trail::open({.folder = home.audit_folder(), .key = keys.audit}));
    audit::Record record;
    record.user_identity.type = audit::IdentityType::aws_account;
    record.user_identity.principal_id = event.account_id;
    record.user_identity.account_id = event.account_id;
    record.user_identity.user_name = event.operator_name;
    record.event_time = system_clock().now();
    record.event_source = "sekisho.amazonaws.com";
    record.event_name = event.name;
    record.aws_region = "us-east-1";
    record.source_ip_address = "sekisho.internal";
    record.user_agent = "sekisho-cli";
    record.request_parameters = event.parameters;
    record.event_id = random_uuid(system_random());
    record.read_only = false;
    record.event_type = "AwsServiceEvent";
    record.recipient_account_id = event.account_id;
    SEK_TRY(trail->append(audit::print(record)));
    return trail->rotate();
}

// An access key's secret is sealed: it tells whether the store was made with this master key.
bool opens_secrets(const store::Store& store) {
    return domain::access_keys.scan(store.snapshot(), store::prefix(), {.limit = 1}).has_value();
}

std::vector<std::string> disabled_only_in(const store::Store& former, const store::Store& restored) {
    std::vector<std::string> names;
    const auto before = former.snapshot();
    const auto now = restored.snapshot();
    // A record that does not decode ends the walk: the list is help, not a promise.
    (void)domain::people.each(before, store::prefix(), [&](const domain::Person& person) {
        if (person.enabled) return true;
        const auto found = domain::people.get(now, person.identity_store_id, person.id);
        if (found && *found && (*found)->enabled) names.push_back(person.user_name);
        return true;
    });
    return names;
}

std::int64_t epoch_of(const store::Store& store) {
    return access::read_store_epoch(store.snapshot());
}

}  // namespace

Result<Recovered> recover(const Home& home, const std::string& operator_name) {
    SEK_TRY(const HomeLock lock, home.lock());
    SEK_TRY(const auto store, open_store(home, system_clock()));
    SEK_TRY(const AccountId account, find_first_account(store->snapshot()));
    SEK_TRY(
        record(home, {.name = "RecoverAdministrator", .operator_name = operator_name, .account_id = account.str()}));
    AdministratorKey key;
    SEK_TRY(store->commit_and_wait([&](store::Transaction& transaction) -> Result<void> {
        SEK_TRY(key, make_administrator_key(transaction, account, system_clock().now(), system_random()));
        return {};
    }));
    SEK_TRY(write_default_profile(home, key, "us-east-1"));
    return Recovered{.account_id = account, .access_key_id = key.id};
}

Result<std::size_t> erase_root_devices(const Home& home, const std::string& operator_name, const AccountId& account) {
    SEK_TRY(const HomeLock lock, home.lock());
    SEK_TRY(const auto store, open_store(home, system_clock()));
    if (!domain::accounts.exists(store->snapshot(), account)) {
        return failed("there is no account " + account.str() + " here");
    }
    SEK_TRY(record(home, {.name = "EraseRootDevices", .operator_name = operator_name, .account_id = account.str()}));
    std::size_t erased = 0;
    SEK_TRY(store->commit_and_wait([&](store::Transaction& transaction) -> Result<void> {
        SEK_TRY(const auto devices, domain::mfa_devices_of_user(transaction, domain::root_principal(account)));
        for (const auto& device : devices) {
            SEK_TRY([[maybe_unused]] const bool existed,
                    domain::virtual_mfa_devices.erase(transaction, device.account_id, device.path, device.name));
        }
        erased = devices.size();
        return {};
    }));
    return erased;
}

Result<Restored> restore(const Home& home, const fs::path& backup) {
    SEK_TRY(const HomeLock lock, home.lock());
    std::error_code error;
    if (!fs::is_regular_file(backup, error)) return failed(backup.string() + " is not a backup file");
    const fs::path incoming = home.folder() / "store.restoring";
    fs::remove_all(incoming, error);
    fs::create_directory(incoming, error);
    fs::permissions(incoming, fs::perms::owner_all, error);
    fs::copy_file(backup, incoming / store::data_file_name, error);
    if (error) return failed("cannot copy " + backup.string() + ": " + error.message());

    Restored restored;
    AccountId account;
    {
        const auto refuse = [&](const std::string& why) {
            fs::remove_all(incoming, error);
            return failed(backup.string() + " " + why);
        };
        auto opened = open_store(home, system_clock(), incoming);
        if (!opened) {
            const ApiError& why = opened.error();
            return refuse("is not a backup: " + (why.cause.empty() ? why.message : why.cause));
        }
        store::Store& fresh = **opened;
        auto first = find_first_account(fresh.snapshot());
        if (!first) return refuse("is not a backup: " + first.error().message);
        if (!opens_secrets(fresh)) {
            return refuse("was made with another master key than this home's; give that one by SEKISHO_MASTER_KEY");
        }
        account = std::move(*first);
        restored.epoch = epoch_of(fresh) + 1;
        if (const auto former = open_store(home, system_clock()); former) {
            restored.former_was_readable = true;
            restored.epoch = std::max(restored.epoch, epoch_of(**former) + 1);
            restored.disabled_since = disabled_only_in(**former, fresh);
        }
        SEK_TRY(fresh.commit_and_wait([&](store::Transaction& transaction) -> Result<void> {
            return access::store_epochs.put(transaction, {.number = restored.epoch});
        }));
        fresh.close();
    }
    std::string parameters;
    JsonWriter(parameters).begin_object().member("epoch", restored.epoch).end_object();
    SEK_TRY(record(home, {.name = "RestoreStore", .account_id = account.str(), .parameters = parameters}));
    restored.former = home.folder() / ("store.before-" + format_iso8601_basic(system_clock().now()));
    fs::rename(home.store_folder(), restored.former, error);
    if (!error) fs::rename(incoming, home.store_folder(), error);
    if (error) return failed("cannot put the store in place: " + error.message());
    return restored;
}

Result<HomeCheck> check(const Home& home) {
    SEK_TRY(const HomeLock lock, home.lock());
    SEK_TRY(const auto store, open_store(home, system_clock()));
    SEK_TRY(const auto key, load_audit_key(home));
    return HomeCheck{.store = store::check(*store), .trail = audit::verify(home.audit_folder(), key)};
}

}  // namespace sekisho::server
