// sekisho recover, backup, restore, check
#include "server/maintenance.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <memory>

#include "cli/client.h"
#include "cli/program.h"

namespace sekisho::cli {

namespace {

std::string operator_name() {
    const passwd* user = ::getpwuid(::getuid());
    return user != nullptr ? user->pw_name : std::to_string(::getuid());
}

Result<void> run_recover(const Program& program) {
    SEK_TRY(const server::Home home, program.open());
    SEK_TRY(const auto made, server::recover(home, operator_name()));
    fmt::print("Account      {}\n", made.account_id.str());
    fmt::print("Access key   {} of user admin, profile default in {}/aws\n", made.access_key_id.str(),
               home.folder().string());
    fmt::print("The audit trail has a record of this.\n");
    return {};
}

Result<void> run_erase_root_devices(const Program& program, const std::string& account) {
    SEK_TRY(const server::Home home, program.open());
    SEK_TRY(const auto erased, server::erase_root_devices(home, operator_name(), AccountId(account)));
    fmt::print("MFA devices of the root user of {} erased: {}. Its next sign-in registers another.\n", account, erased);
    fmt::print("The audit trail has a record of this.\n");
    return {};
}

Result<void> run_backup(const Program& program, const std::string& file) {
    SEK_TRY(const server::Home home, program.look());
    SEK_TRY(const ApiClient client, ApiClient::connect(home));
    std::string body;
    JsonWriter(body).begin_object().member("Path", std::filesystem::absolute(file).string()).end_object();
    SEK_TRY(const json::value answer, client.call("Backup", body));
    const json::value* bytes = find(answer, "Bytes");
    fmt::print("{}: {} bytes. It does not contain the master key: keep that elsewhere.\n", file,
               bytes != nullptr ? json::serialize(*bytes) : "?");
    return {};
}

Result<void> run_restore(const Program& program, const std::string& file) {
    SEK_TRY(const server::Home home, program.open());
    SEK_TRY(const auto restored, server::restore(home, file));
    fmt::print("Restored. Epoch {}: every session and token from before is dead.\n", restored.epoch);
    fmt::print("The former store is kept in {}\n", restored.former.string());
    if (!restored.former_was_readable) {
        fmt::print("It cannot be read: check by hand who was disabled since the backup.\n");
    }
    fmt::print("If the default profile's key is newer than the backup, make another: sekisho recover\n");
    for (const std::string& name : restored.disabled_since) {
        fmt::print("Enabled by the backup, though disabled since: {}\n", name);
    }
    return {};
}

Result<void> run_check(const Program& program) {
    SEK_TRY(const server::Home home, program.open());
    SEK_TRY(const auto found, server::check(home));
    fmt::print("Store        {} rows, {} problems\n", found.store.rows, found.store.problem_count);
    for (const std::string& problem : found.store.problems) fmt::print("  {}\n", problem);
    fmt::print("Audit trail  {} signed segments, {} records, {} open segments, {} problems\n", found.trail.segments,
               found.trail.records, found.trail.unsigned_segments, found.trail.problem_count);
    for (const std::string& problem : found.trail.problems) fmt::print("  {}\n", problem);
    if (!found.ok()) return failure("the home is damaged");
    return {};
}

}  // namespace

void add_maintenance(Program& program) {
    auto file = std::make_shared<std::string>();
    auto root_of = std::make_shared<std::string>();
    auto* recover = program.add(
        program.app(), "recover", "Break-glass, with the server stopped: a new administrator key as default profile",
        [&program, root_of] {
            return root_of->empty() ? run_recover(program) : run_erase_root_devices(program, *root_of);
        });
    program.add_home(*recover);
    recover->add_option("--root-devices", *root_of,
                        "An account whose root user lost its phone: erase its MFA devices instead");
    auto* backup = program.add(program.app(), "backup", "Write a copy of the running server's store",
                               [&program, file] { return run_backup(program, *file); });
    program.add_home(*backup);
    backup->add_option("file", *file, "A file that does not exist yet")->required();
    auto* restore = program.add(program.app(), "restore", "Put a backup in place, with the server stopped",
                                [&program, file] { return run_restore(program, *file); });
    program.add_home(*restore);
    restore->add_option("file", *file, "What `sekisho backup` wrote")->required();
    program.add_home(*program.add(program.app(), "check", "Check store and audit trail, with the server stopped",
                                  [&program] { return run_check(program); }));
}

}  // namespace sekisho::cli
