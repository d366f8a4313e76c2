#include "server/home.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "audit/file.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"

namespace sekisho::server {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t master_key_bytes = 32;

ApiError home_error(std::string message) {
    return {.code = "HomeError", .message = std::move(message), .http_status = 400, .cause = {}, .fields = {}};
}

ApiError system_error(std::string_view what, const fs::path& path, int number) {
    return home_error(std::string(what) + " " + path.string() + ": " + std::generic_category().message(number));
}

// For people: what the cause says.
Result<void> shown(Result<void> outcome) {
    if (!outcome) outcome.error().message = outcome.error().cause;
    return outcome;
}

Result<void> make_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return system_error("cannot make", folder, errno);
    if (::chmod(folder.c_str(), 0700) != 0) return system_error("cannot protect", folder, errno);
    return {};
}

Result<Secret> parse_master_key(std::string_view text, std::string_view source) {
    auto bytes = decode_hex(lower_ascii(trim(text)));
    if (!bytes || bytes->size() != master_key_bytes) {
        return home_error("the master key in " + std::string(source) +
                          " is not 64 hexadecimal digits; `openssl rand -hex 32` makes one");
    }
    return Secret(std::move(*bytes));
}

}  // namespace

HomeLock& HomeLock::operator=(HomeLock&& other) noexcept {
    if (this != &other) {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

HomeLock::~HomeLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string> read_file(const fs::path& file, std::size_t bytes_max) {
    const audit::File descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor) return system_error("cannot read", file, errno);
    std::string out;
    char buffer[16 * 1024];
    for (;;) {
        const ssize_t count = ::read(descriptor.get(), buffer, sizeof(buffer));
        if (count < 0) return system_error("cannot read", file, errno);
        if (count == 0) return out;
        out.append(buffer, static_cast<std::size_t>(count));
        if (out.size() > bytes_max) return home_error(file.string() + " is too large");
    }
}

fs::path Home::default_folder() {
    if (const char* home = std::getenv("SEKISHO_HOME"); home != nullptr && *home != '\0') return home;
    const char* user_home = std::getenv("HOME");
    return fs::path(user_home != nullptr ? user_home : ".") / ".sekisho";
}

Result<Home> Home::create(fs::path folder) {
    std::error_code error;
    folder = fs::absolute(folder, error);
    if (fs::exists(folder, error) && (!fs::is_directory(folder, error) || !fs::is_empty(folder, error))) {
        return home_error(folder.string() + " is not an empty directory; name another with --home, or remove it first");
    }
    fs::create_directories(folder.parent_path(), error);
    if (error) return system_error("cannot make", folder.parent_path(), error.value());
    Home home(folder);
    for (const auto& part : {folder, home.store_folder(), home.audit_folder(), home.clusters_folder(),
                             home.keys_folder(), home.trusted_folder(), home.aws_folder()}) {
        SEK_TRY(make_folder(part));
    }
    SEK_TRY(home.take_master_key(true));
    return home;
}

Result<Home> Home::look(fs::path folder) {
    std::error_code error;
    folder = fs::absolute(folder, error);
    struct stat status{};
    if (::stat((folder / "keys").c_str(), &status) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) return system_error("cannot read the home", folder, errno);
        return home_error("there is no Sekisho home in " + folder.string() + "; make one: sekisho init --home " +
                          folder.string());
    }
    return Home(folder);
}

Result<Home> Home::open(fs::path folder) {
    SEK_TRY(Home home, look(std::move(folder)));
    struct stat status{};
    const std::string path = home.folder_.string();
    if (::stat(path.c_str(), &status) != 0) return system_error("cannot read", path, errno);
    if ((status.st_mode & 077) != 0) return home_error("others can read " + path + "; protect it: chmod 700 " + path);
    SEK_TRY(home.take_master_key(false));
    return home;
}

Result<void> Home::take_master_key(bool may_create) {
    const fs::path file = folder_ / "master-key";
    const char* variable = std::getenv("SEKISHO_MASTER_KEY");
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
    std::error_code error;
    if (variable != nullptr && *variable != '\0') {
        SEK_TRY(master_key_, parse_master_key(variable, "SEKISHO_MASTER_KEY"));
        master_key_source_ = "SEKISHO_MASTER_KEY";
        ::unsetenv("SEKISHO_MASTER_KEY");  // children must not inherit it
    } else if (credentials != nullptr && fs::exists(fs::path(credentials) / "master-key", error)) {
        SEK_TRY(const std::string text, read_file(fs::path(credentials) / "master-key", 4096));
        SEK_TRY(master_key_, parse_master_key(text, "the credential master-key"));
        master_key_source_ = "systemd credential";
    } else {
        master_key_source_ = "file master-key";
        if (may_create) {
            master_key_ = Secret(random_bytes(system_random(), master_key_bytes));
            SEK_TRY(shown(audit::replace_file(file, encode_hex(master_key_.expose()) + "\n")));
        } else {
            struct stat status{};
            if (::stat(file.c_str(), &status) != 0) {
                return home_error("the master key is missing: put " + file.string() +
                                  " back, or give it by SEKISHO_MASTER_KEY");
            }
            if ((status.st_mode & 077) != 0) {
                return home_error("others can read " + file.string() + "; protect it: chmod 600 " + file.string());
            }
            SEK_TRY(const std::string text, read_file(file, 4096));
            SEK_TRY(master_key_, parse_master_key(text, file.string()));
        }
    }
    SEK_TRY(store_keys_.add(1, derived_key("sekisho store fields")));
    SEK_TRY(file_keys_.add(1, derived_key("sekisho key files")));
    return {};
}

Secret Home::derived_key(std::string_view purpose) const {
    return crypto::derive(master_key_, purpose);
}

Result<void> Home::write_key_file(const fs::path& name, std::string_view bytes) const {
    return shown(audit::replace_file(keys_folder() / name, bytes));
}

Result<std::string> Home::read_key_file(std::string_view name) const {
    return read_file(keys_folder() / name);
}

Result<void> Home::write_sealed(std::string_view name, const Secret& secret) const {
    return write_key_file(name, encode_base64(file_keys_.seal(secret.expose(), name)) + "\n");
}

Result<Secret> Home::read_sealed(std::string_view name) const {
    SEK_TRY(const std::string text, read_key_file(name));
    const auto sealed = decode_base64(trim(text));
    auto plain = sealed ? file_keys_.open(*sealed, name) : std::nullopt;
    if (!plain) {
        return home_error((keys_folder() / name).string() + " cannot be opened with this master key (" +
                          std::string(master_key_source_) + ")");
    }
    return Secret(std::move(*plain));
}

Result<HomeLock> Home::lock() const {
    const fs::path file = folder_ / "lock";
    HomeLock lock;
    lock.descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock.descriptor_ < 0) return system_error("cannot open", file, errno);
    if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
        return home_error("a server runs in " + folder_.string() + "; stop it first: sekisho stop --home " +
                          folder_.string());
    }
    return lock;
}

Result<void> Home::write_running(const RunningServer& running) const {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("pid", running.pid);
    json.member("url", running.url);
    json.member("publicUrl", running.public_url);
    json.member("adminUrl", running.admin_url);
    json.member("startedAt", running.started_at);
    json.member("version", running.version);
    json.end_object();
    return shown(audit::replace_file(folder_ / "running.json", out + "\n"));
}

void Home::remove_running() const {
    std::error_code error;
    fs::remove(folder_ / "running.json", error);
}

std::optional<RunningServer> Home::running() const {
    // A killed server leaves its file; the lock tells.
    if (lock()) return std::nullopt;
    const auto text = read_file(folder_ / "running.json");
    if (!text) return std::nullopt;
    const auto value = parse_json(*text);
    if (!value) return std::nullopt;
    const json::value* pid = find(*value, "pid");
    if (pid == nullptr || !pid->is_int64()) return std::nullopt;
    return RunningServer{.pid = pid->get_int64(),
                         .url = find_text(*value, "url").value_or(""),
                         .public_url = find_text(*value, "publicUrl").value_or(""),
                         .admin_url = find_text(*value, "adminUrl").value_or(""),
                         .started_at = find_text(*value, "startedAt").value_or(""),
                         .version = find_text(*value, "version").value_or("")};
}

std::uint16_t Home::kept_port() const {
    const auto text = read_file(folder_ / "port", 64);
    if (!text) return 0;
    const std::string_view digits = trim(*text);
    std::uint16_t port = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return port;
}

Result<void> Home::keep_port(std::uint16_t port) const {
    if (port == kept_port()) return {};
    return shown(audit::replace_file(folder_ / "port", std::to_string(port) + "\n"));
}

}  // namespace sekisho::server
