// sekisho ca, trust
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

#include "cli/program.h"
#include "crypto/certificate.h"
#include "server/certificates.h"

extern char** environ;

namespace sekisho::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view system_folder = "/usr/local/share/ca-certificates";

// The program's exit code; -1: it is not installed.
int run_program(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = 0;
    const int failed = posix_spawnp(&pid, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return -1;
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Chromium's database and those of Firefox's profiles.
std::vector<fs::path> browser_databases() {
    std::vector<fs::path> found;
    const char* home = std::getenv("HOME");
    if (home == nullptr) return found;
    found.push_back(fs::path(home) / ".pki" / "nssdb");
    std::error_code error;
    for (const auto* folder : {".mozilla/firefox", "snap/firefox/common/.mozilla/firefox"}) {
        for (fs::directory_iterator entry(fs::path(home) / folder, error), end; !error && entry != end;
             entry.increment(error)) {
            if (fs::exists(entry->path() / "cert9.db", error)) found.push_back(entry->path());
        }
        error.clear();
    }
    return found;
}

void change_browser(const fs::path& database, const std::string& name, const std::string& file, bool remove) {
    std::error_code error;
    const std::string where = "sql:" + database.string();
    if (!fs::exists(database / "cert9.db", error)) {
        if (remove) return;
        fs::create_directories(database, error);
        if (run_program({"certutil", "-N", "-d", where, "--empty-password"}) < 0) {
            fmt::print("not changed  {}: certutil is not installed (package libnss3-tools)\n", database.string());
            return;
        }
    }
    const int former = run_program({"certutil", "-D", "-d", where, "-n", name});
    int code = former;
    if (!remove) code = run_program({"certutil", "-A", "-d", where, "-n", name, "-t", "C,,", "-i", file});
    if (code < 0) {
        fmt::print("not changed  {}: certutil is not installed (package libnss3-tools)\n", database.string());
    } else if (code == 0) {
        fmt::print("{}  browser database {}\n", remove ? "removed    " : "added      ", database.string());
    } else if (!remove) {
        fmt::print("not changed  {}: certutil failed with {}\n", database.string(), code);
    }
}

void change_system(const std::string& pem, const std::string& fingerprint, bool remove) {
    const fs::path file = fs::path(system_folder) / ("sekisho-" + fingerprint.substr(0, 16) + ".crt");
    std::error_code error;
    if (::geteuid() != 0) {
        fmt::print("not changed  the system's store needs root: sudo sekisho trust{} --home ...\n",
                   remove ? " --remove" : "");
        return;
    }
    if (remove) {
        if (!fs::remove(file, error)) return;
    } else {
        fs::create_directories(system_folder, error);
        std::ofstream(file, std::ios::trunc) << pem;
        if (!fs::exists(file, error)) {
            fmt::print("not changed  {} cannot be written\n", file.string());
            return;
        }
    }
    const int code = run_program({"update-ca-certificates"});
    fmt::print("{}  {}\n", remove ? "removed    " : "added      ", file.string());
    if (code != 0) fmt::print("not changed  update-ca-certificates {}\n", code < 0 ? "is not installed" : "failed");
}

Result<void> change_trust(const Program& program, bool remove) {
    SEK_TRY(const server::Home home, program.look());
    SEK_TRY(const std::string pem, home.read_key_file(server::server_authority_file));
    SEK_TRY(const auto details, crypto::certificate_details(pem));
    fmt::print("{}, SHA-256 {}\n", details.common_name, details.fingerprint_sha256);
    change_system(pem, details.fingerprint_sha256, remove);
    const std::string file = (home.keys_folder() / server::server_authority_file).string();
    for (const fs::path& database : browser_databases()) {
        change_browser(database, details.common_name, file, remove);
    }
    return {};
}

}  // namespace

void add_authorities(Program& program) {
    CLI::App* ca = program.app().add_subcommand("ca", "The home's certificate authorities");
    ca->require_subcommand(1);
    auto door = std::make_shared<bool>(false);
    auto* print =
        program.add(*ca, "print", "Print an authority's certificate (PEM)", [&program, door]() -> Result<void> {
            SEK_TRY(const server::Home home, program.look());
            SEK_TRY(const std::string pem,
                    home.read_key_file(*door ? server::door_authority_file : server::server_authority_file));
            fmt::print("{}", pem);
            return {};
        });
    program.add_home(*print);
    print->add_flag("--door", *door, "Of the proxy door, which issues for AWS host names, instead of the server's");

    auto remove = std::make_shared<bool>(false);
    auto* trust = program.add(program.app(), "trust", "Trust the server's authority in this system and its browsers",
                              [&program, remove] { return change_trust(program, *remove); });
    program.add_home(*trust);
    trust->add_flag("--remove", *remove, "Take it out again");
}

}  // namespace sekisho::cli
