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

struct TrustOptions {
    bool remove = false;
    bool browsers_only = false;
};

// The program's exit code; -1: it is not installed.
int run_program(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
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

// Chromium's databases and those of Firefox's profiles. The first is made where it is missing: Chromium looks there.
std::vector<fs::path> browser_databases() {
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') return {};
    std::vector<fs::path> found{fs::path(home) / ".pki" / "nssdb"};
    std::error_code error;
    const auto add_existing = [&](const fs::path& database) {
        if (fs::exists(database / "cert9.db", error)) found.push_back(database);
    };
    add_existing(fs::path(home) / "snap/chromium/current/.pki/nssdb");
    for (const auto* folder : {".mozilla/firefox", "snap/firefox/common/.mozilla/firefox"}) {
        for (fs::directory_iterator entry(fs::path(home) / folder, error), end; !error && entry != end;
             entry.increment(error)) {
            add_existing(entry->path());
        }
        error.clear();
    }
    return found;
}

// True: the place is as it was asked for. Each says so in one line.
bool report(bool done, bool remove, const std::string& place, std::string_view why = {}) {
    if (done) {
        fmt::print("{}  {}\n", remove ? "removed    " : "added      ", place);
    } else {
        fmt::print("not changed  {}: {}\n", place, why);
    }
    return done;
}

bool change_browser(const fs::path& database, const std::string& name, const std::string& file, bool remove) {
    std::error_code error;
    const std::string place = "browser database " + database.string();
    const std::string where = "sql:" + database.string();
    constexpr std::string_view no_program = "certutil is not installed (package libnss3-tools)";
    if (!fs::exists(database / "cert9.db", error)) {
        if (remove) return report(false, true, place, "there is none");
        fs::create_directories(database, error);
        if (run_program({"certutil", "-N", "-d", where, "--empty-password"}) < 0) {
            return report(false, false, place, no_program);
        }
    }
    // What an earlier home left under that name goes first.
    const int former = run_program({"certutil", "-D", "-d", where, "-n", name});
    if (former < 0) return report(false, remove, place, no_program);
    if (remove) return report(former == 0, true, place, "it did not trust this authority");
    const int code = run_program({"certutil", "-A", "-d", where, "-n", name, "-t", "C,,", "-i", file});
    return report(code == 0, false, place, fmt::format("certutil failed with {}", code));
}

// Debian's store: our file among the machine's own authorities, and the bundle made anew.
bool change_system(const std::string& pem, const std::string& fingerprint, bool remove, const std::string& home) {
    const fs::path file = fs::path(system_folder) / ("sekisho-" + fingerprint.substr(0, 16) + ".crt");
    std::error_code error;
    if (::geteuid() != 0) {
        return report(false, remove, "the system's store",
                      fmt::format("it needs root: sudo sekisho trust{} --home {}", remove ? " --remove" : "", home));
    }
    if (remove) {
        if (!fs::remove(file, error)) return report(false, true, file.string(), "it is not there");
    } else {
        fs::create_directories(system_folder, error);
        std::ofstream out(file, std::ios::trunc);
        if (!(out << pem).flush()) return report(false, false, file.string(), "it cannot be written");
    }
    const int code = run_program({"update-ca-certificates"});
    if (code == 0) return report(true, remove, file.string());
    return report(false, remove, file.string(),
                  code < 0 ? "update-ca-certificates is not installed (package ca-certificates)"
                           : "update-ca-certificates failed");
}

Result<void> change_trust(const Program& program, const TrustOptions& options) {
    SEK_TRY(const server::Home home, program.look());
    SEK_TRY(const std::string pem, home.read_key_file(server::server_authority_file));
    SEK_TRY(const auto details, crypto::certificate_details(pem));
    fmt::print("{}, SHA-256 {}\n", details.common_name, details.fingerprint_sha256);
    bool changed = !options.browsers_only &&
                   change_system(pem, details.fingerprint_sha256, options.remove, home.folder().string());
    const std::string file = (home.keys_folder() / server::server_authority_file).string();
    for (const fs::path& database : browser_databases()) {
        changed = change_browser(database, details.common_name, file, options.remove) || changed;
    }
    return changed ? Result<void>() : failure("nothing was changed");
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

    auto options = std::make_shared<TrustOptions>();
    auto* trust = program.add(program.app(), "trust",
                              "Trust the server's authority in this system (as root) and in your browsers",
                              [&program, options] { return change_trust(program, *options); });
    program.add_home(*trust);
    trust->add_flag("--remove", options->remove, "Take it out again");
    trust->add_flag("--browsers", options->browsers_only, "Only in your browsers, which needs no root");
}

}  // namespace sekisho::cli
