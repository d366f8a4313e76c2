#pragma once
// Configuration: the file HOME/sekisho.yaml, below the command line's flags. One table (settings()) names each setting
// once: reading, the file that `init` writes, and docs/configuration.md come from it.
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "operation/request_limits.h"

namespace sekisho::server {

struct SocketAddress {
    std::string host;  // numeric
    std::uint16_t port = 0;
};

struct SmtpSettings {
    std::string host;  // empty: mail stays in the local outbox
    std::uint16_t port = 587;
    std::string tls = "starttls";  // starttls, implicit, none
    std::string user;
    std::string password_file;
    std::string ca_file;
    std::string from;
};

struct Configuration {
    std::string public_url = "https://localhost:7443";  // without a slash at its end
    SocketAddress listen{"127.0.0.1", 7443};
    SocketAddress admin_listen{"127.0.0.1", 0};
    std::string log_level = "info";
    std::uint32_t threads = 0;  // 0: one for each processor, at most 8
    std::uint32_t connections_max = 10'000;
    std::uint32_t idle_seconds_max = 120;
    std::uint32_t stop_seconds_max = 10;
    operation::RequestRates request_rates;
    SmtpSettings smtp;
    std::string oidc_ca_file;  // empty: the system's authorities
    std::string tools_path;
    std::string cluster_provider = "local";
    std::uint32_t audit_segment_mebibytes = 64;

    std::string public_host() const;  // without port and brackets
    std::uint16_t public_port() const;
    // `listen` had port 0: the public URL goes with the port that was given.
    void set_public_port(std::uint16_t port);
    std::size_t thread_count() const;
};

struct Setting {
    std::string_view name;           // "smtp.host": a member of a mapping
    std::string_view default_value;  // as written in YAML
    std::string_view flag;           // of `sekisho serve`; empty: none
    std::string_view text;           // one or more lines, for people
    // Nothing: taken. Else what is wrong with the value.
    std::string (*set)(Configuration&, const std::string& value);
};
std::span<const Setting> settings();

// Errors (InvalidConfiguration): "<file>:<line>: ...", with the nearest name for one that is unknown.
Result<void> read_configuration(std::string_view yaml, std::string_view file_name, Configuration& into);
Result<Configuration> load_configuration(const std::filesystem::path& file);
// One setting from a flag. `name` as in settings().
Result<void> set_value(Configuration& configuration, std::string_view name, const std::string& value);

// The file that `init` writes: every setting with its text, those at their default commented out.
std::string print_configuration_file(std::string_view public_url);
// docs/configuration.md.
std::string print_reference();

}  // namespace sekisho::server
