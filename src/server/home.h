#pragma once
// Home: the directory (mode 0700) that holds everything of one Sekisho.
//
//   sekisho.yaml    configuration            store/     records             aws/        config and credentials of the
//   master-key      unless given elsewhere   audit/     the trail                       default profile
//   keys/           authorities, signing key clusters/  local clusters      running.json  of the server that runs
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/seal.h"

namespace sekisho::server {

// Held while it lives: two servers never share a home, and maintenance never meets a server.
class HomeLock {
 public:
    HomeLock() = default;
    HomeLock(HomeLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    HomeLock& operator=(HomeLock&& other) noexcept;
    ~HomeLock();

 private:
    friend class Home;
    int descriptor_ = -1;
};

// What `sekisho status`, `env` and `stop` need to know of a running server.
struct RunningServer {
    std::int64_t pid = 0;
    std::string url;         // https://127.0.0.1:7443, where it listens
    std::string public_url;  // https://localhost:7443
    std::string admin_url;   // http://127.0.0.1:40123
    std::string started_at;
    std::string version;
};

class Home {
 public:
    // $SEKISHO_HOME, else ~/.sekisho.
    static std::filesystem::path default_folder();
    // Makes the directory, its folders and a master key. Refuses one that is not empty.
    static Result<Home> create(std::filesystem::path folder);
    // Refuses a directory that others can read, and one without a master key.
    static Result<Home> open(std::filesystem::path folder);
    // For clients: without the master key; nothing sealed can be read.
    static Result<Home> look(std::filesystem::path folder);

    const std::filesystem::path& folder() const { return folder_; }
    std::filesystem::path store_folder() const { return folder_ / "store"; }
    std::filesystem::path audit_folder() const { return folder_ / "audit"; }
    std::filesystem::path clusters_folder() const { return folder_ / "clusters"; }
    std::filesystem::path keys_folder() const { return folder_ / "keys"; }
    // What programs trust that take authorities from folders (SSL_CERT_DIR): the server's, not the door's.
    std::filesystem::path trusted_folder() const { return keys_folder() / "trusted"; }
    std::filesystem::path aws_folder() const { return folder_ / "aws"; }
    std::filesystem::path configuration_file() const { return folder_ / "sekisho.yaml"; }
    std::string_view master_key_source() const { return master_key_source_; }  // for people

    // A key of its own for each purpose, from the master key.
    Secret derived_key(std::string_view purpose) const;
    // For the fields of records.
    const crypto::KeyRing& store_keys() const { return store_keys_; }
    // Files below keys/, mode 0600; sealed ones can be opened with the master key only.
    Result<void> write_key_file(const std::filesystem::path& name, std::string_view bytes) const;
    Result<std::string> read_key_file(std::string_view name) const;
    Result<void> write_sealed(std::string_view name, const Secret& secret) const;
    Result<Secret> read_sealed(std::string_view name) const;

    // Error: a server runs (or another maintenance command).
    Result<HomeLock> lock() const;
    Result<void> write_running(const RunningServer& running) const;
    void remove_running() const;
    // Nothing: no server runs.
    std::optional<RunningServer> running() const;
    // The port that the home has kept for "port 0".
    std::uint16_t kept_port() const;
    Result<void> keep_port(std::uint16_t port) const;

 private:
    explicit Home(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Result<void> take_master_key(bool may_create);
    std::filesystem::path folder_;
    Secret master_key_;
    std::string_view master_key_source_;
    crypto::KeyRing store_keys_;
    crypto::KeyRing file_keys_;
};

// Reads a whole file of at most that many bytes.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t bytes_max = 1 << 20);

}  // namespace sekisho::server
