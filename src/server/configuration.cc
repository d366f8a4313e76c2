#include "server/configuration.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <sstream>
#include <thread>
#include <vector>

#include "base/text.h"
#include "server/address.h"

namespace sekisho::server {

namespace {

ApiError invalid(std::string message) {
    return {
        .code = "InvalidConfiguration", .message = std::move(message), .http_status = 400, .cause = {}, .fields = {}};
}

template <class Number>
std::string set_number(Number& into, const std::string& value, std::uint64_t least, std::uint64_t most) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < least || number > most) {
        return fmt::format("must be a number from {} to {}", least, most);
    }
    into = static_cast<Number>(number);
    return {};
}

std::string set_choice(std::string& into, const std::string& value, std::initializer_list<std::string_view> choices) {
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
        return fmt::format("must be one of: {}", fmt::join(choices, ", "));
    }
    into = value;
    return {};
}

// "127.0.0.1:7443" or "[::1]:7443".
std::string set_address(SocketAddress& into, const std::string& value) {
    const std::size_t colon = value.rfind(':');
    constexpr std::string_view wrong = "must be a numeric ADDRESS:PORT, such as 127.0.0.1:7443 or [::1]:7443";
    if (colon == std::string::npos) return std::string(wrong);
    std::string host = value.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (!is_ip_address(host) || bracketed != (host.find(':') != std::string::npos)) return std::string(wrong);
    std::uint16_t port = 0;
    if (!set_number(port, value.substr(colon + 1), 0, 65535).empty()) return std::string(wrong);
    into = {.host = std::move(host), .port = port};
    return {};
}

bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > 253) return false;
    for (const std::string_view label : split(host, '.')) {
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        for (const char c : label) {
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
        }
    }
    return true;
}

// The origin (RFC 6454): https, a host, perhaps a port, nothing after.
std::string set_public_url(Configuration& configuration, const std::string& value) {
    constexpr std::string_view wrong = "must be https://HOST or https://HOST:PORT, in lower case, without a path";
    constexpr std::string_view scheme = "https://";
    std::string url = value;
    if (url.ends_with('/')) url.pop_back();
    if (!url.starts_with(scheme)) return std::string(wrong);
    Configuration made;
    made.public_url = url;
    std::string_view rest = std::string_view(url).substr(scheme.size());
    std::string_view port;
    if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos && !rest.ends_with(']')) {
        port = rest.substr(colon + 1);
        rest = rest.substr(0, colon);
        std::uint16_t number = 0;
        if (!set_number(number, std::string(port), 1, 65535).empty()) return std::string(wrong);
    }
    if (!is_host_name(rest) && !is_ip_address(made.public_host())) return std::string(wrong);
    configuration.public_url = std::move(url);
    return {};
}

std::string set_admin_listen(Configuration& configuration, const std::string& value) {
    SocketAddress address;
    if (std::string wrong = set_address(address, value); !wrong.empty()) return wrong;
    if (!is_loopback(address.host)) {
        return "must be a loopback address: metrics and health have no sign-in";
    }
    configuration.admin_listen = std::move(address);
    return {};
}

const Setting all_settings[] = {
    {"public-url", "https://localhost:7443", "public-url",
     "The origin of the portal, of tokens and of security keys: https://HOST[:PORT], as browsers and clients reach "
     "it.\n"
     "Chosen at `sekisho init`. After a change people sign in again, and security keys of another host no longer work.",
     set_public_url},
    {"listen", "127.0.0.1:7443", "listen",
     "Where the one port listens, ADDRESS:PORT. Port 0 (for tests) takes a free port at the first start, keeps it, "
     "and\n"
     "puts it into the public URL.",
     [](Configuration& c, const std::string& value) { return set_address(c.listen, value); }},
    {"admin-listen", "127.0.0.1:0", "admin-listen",
     "Where /metrics, /healthz and /readyz listen in plain HTTP: a loopback address. Port 0: any free one, shown by\n"
     "`sekisho status`.",
     set_admin_listen},
    {"log-level", "info", "log-level", "debug, info, warning, error or off. Logs are JSON lines on standard error.",
     [](Configuration& c, const std::string& value) {
         return set_choice(c.log_level, value, {"debug", "info", "warning", "error", "off"});
     }},
    {"threads", "0", "threads", "Threads that serve requests. 0: one for each processor, at most 8.",
     [](Configuration& c, const std::string& value) { return set_number(c.threads, value, 0, 64); }},
    {"limits.connections", "10000", "", "Connections open at once; further ones are closed.",
     [](Configuration& c, const std::string& value) { return set_number(c.connections_max, value, 16, 1'000'000); }},
    {"limits.idle-seconds", "120", "", "How long a connection without a request stays open.",
     [](Configuration& c, const std::string& value) { return set_number(c.idle_seconds_max, value, 5, 3600); }},
    {"limits.stop-seconds", "10", "", "How long requests under way may take when the server is stopped.",
     [](Configuration& c, const std::string& value) { return set_number(c.stop_seconds_max, value, 0, 600); }},
    {"limits.failures-per-address", "100", "",
     "Requests a second that one address (of IPv6: one /64) may have refused for bad signatures or tokens; ten\n"
     "seconds' worth at once. Beyond that the API answers it with AWS's throttling errors. Ten anonymous requests\n"
     "count as one.",
     [](Configuration& c, const std::string& value) {
         return set_number(c.request_rates.failures_per_address, value, 1, 1'000'000);
     }},
    {"limits.requests-per-principal", "0", "",
     "Requests a second of one person, user or role, over all sessions; ten seconds' worth at once. 0: not limited.",
     [](Configuration& c, const std::string& value) {
         return set_number(c.request_rates.requests_per_principal, value, 0, 1'000'000);
     }},
    {"smtp.host", "''", "",
     "The mail server that invitations and verifications are sent through. Empty: mail stays in the local outbox, "
     "read\n"
     "by `sekisho mail`.",
     [](Configuration& c, const std::string& value) {
         c.smtp.host = value;
         return std::string();
     }},
    {"smtp.port", "587", "", "Its port: 587 for starttls, 465 for implicit.",
     [](Configuration& c, const std::string& value) { return set_number(c.smtp.port, value, 1, 65535); }},
    {"smtp.tls", "starttls", "", "starttls (required), implicit, or none (only for a mail server on this machine).",
     [](Configuration& c, const std::string& value) {
         return set_choice(c.smtp.tls, value, {"starttls", "implicit", "none"});
     }},
    {"smtp.user", "''", "", "The user name at the mail server. Empty: no sign-in.",
     [](Configuration& c, const std::string& value) {
         c.smtp.user = value;
         return std::string();
     }},
    {"smtp.password-file", "''", "", "The file that holds its password, readable by Sekisho's user only (0600).",
     [](Configuration& c, const std::string& value) {
         c.smtp.password_file = value;
         return std::string();
     }},
    {"smtp.ca-file", "''", "",
     "The file (PEM) of the authorities that its certificate must chain to. Empty: the system's.",
     [](Configuration& c, const std::string& value) {
         c.smtp.ca_file = value;
         return std::string();
     }},
    {"smtp.from", "''", "", "The sender's address. Empty: no-reply@ the public host.",
     [](Configuration& c, const std::string& value) {
         if (value.find_first_of("\r\n<>") != std::string::npos)
             return std::string("must be an address without < and >");
         c.smtp.from = value;
         return std::string();
     }},
    {"oidc.ca-file", "''", "",
     "The file (PEM) of the authorities that certificates of OpenID Connect issuers come from, for\n"
     "AssumeRoleWithWebIdentity and CreateTokenWithIAM. Empty: the system's. Issuers of this server's own clusters need none.",
     [](Configuration& c, const std::string& value) {
         c.oidc_ca_file = value;
         return std::string();
     }},
    {"cluster.provider", "local", "cluster-provider",
     "What `aws eks create-cluster` makes: local (Kubernetes processes on this machine) or record (nothing runs; for\n"
     "tests and clusters elsewhere).",
     [](Configuration& c, const std::string& value) {
         return set_choice(c.cluster_provider, value, {"local", "record"});
     }},
    {"cluster.tools-path", "''", "tools-path",
     "Where etcd and the Kubernetes programs are looked for, as PATH is written. Empty: PATH, then the cache that\n"
     "tools/build_client fills.",
     [](Configuration& c, const std::string& value) {
         c.tools_path = value;
         return std::string();
     }},
    {"audit.segment-mebibytes", "64", "",
     "The size at which a file of the audit trail is closed and signed (or an hour).",
     [](Configuration& c, const std::string& value) { return set_number(c.audit_segment_mebibytes, value, 1, 4096); }},
};

// Levenshtein distance, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

std::string_view nearest(std::string_view name) {
    const auto* best = &all_settings[0];
    for (const Setting& setting : all_settings) {
        if (distance(name, setting.name) < distance(name, best->name)) best = &setting;
    }
    return best->name;
}

const Setting* find_setting(std::string_view name) {
    for (const Setting& setting : all_settings) {
        if (setting.name == name) return &setting;
    }
    return nullptr;
}

bool is_group(std::string_view name) {
    const std::string start = std::string(name) + ".";
    return std::any_of(std::begin(all_settings), std::end(all_settings),
                       [&](const Setting& setting) { return setting.name.starts_with(start); });
}

Result<void> read_mapping(const YAML::Node& mapping, const std::string& group, std::string_view file,
                          Configuration& into) {
    for (const auto& member : mapping) {
        const std::string name = group + member.first.as<std::string>();
        const auto place = fmt::format("{}:{}", file, member.first.Mark().line + 1);
        if (group.empty() && is_group(name)) {
            if (member.second.IsNull()) continue;
            if (!member.second.IsMap()) return invalid(fmt::format("{}: {} must hold indented settings", place, name));
            SEK_TRY(read_mapping(member.second, name + ".", file, into));
            continue;
        }
        const Setting* setting = find_setting(name);
        if (setting == nullptr) {
            return invalid(fmt::format("{}: no setting is named {}; did you mean {}?", place, name, nearest(name)));
        }
        if (!member.second.IsScalar()) return invalid(fmt::format("{}: {} must be one value", place, name));
        const std::string wrong = setting->set(into, member.second.as<std::string>());
        if (!wrong.empty()) return invalid(fmt::format("{}: {} {}", place, name, wrong));
    }
    return {};
}

}  // namespace

std::string Configuration::public_host() const {
    std::string_view rest = std::string_view(public_url).substr(std::string_view("https://").size());
    if (rest.starts_with('[')) return std::string(rest.substr(1, rest.find(']') - 1));
    return std::string(rest.substr(0, rest.find(':')));
}

std::uint16_t Configuration::public_port() const {
    const std::size_t colon = public_url.rfind(':');
    std::uint16_t port = 443;
    if (colon > 5 && !public_url.ends_with(']')) {
        std::from_chars(public_url.data() + colon + 1, public_url.data() + public_url.size(), port);
    }
    return port;
}

void Configuration::set_public_port(std::uint16_t port) {
    const std::string host = public_host();
    public_url = host.find(':') == std::string::npos ? fmt::format("https://{}:{}", host, port)
                                                     : fmt::format("https://[{}]:{}", host, port);
}

std::size_t Configuration::thread_count() const {
    if (threads > 0) return threads;
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
}

std::span<const Setting> settings() {
    return all_settings;
}

Result<void> read_configuration(std::string_view yaml, std::string_view file_name, Configuration& into) {
    try {
        const YAML::Node root = YAML::Load(std::string(yaml));
        if (root.IsNull()) return {};
        if (!root.IsMap()) return invalid(fmt::format("{}: must hold settings, one `name: value` a line", file_name));
        return read_mapping(root, "", file_name, into);
    } catch (const YAML::Exception& error) {
        return invalid(fmt::format("{}:{}: {}", file_name, error.mark.line + 1, error.msg));
    }
}

Result<Configuration> load_configuration(const std::filesystem::path& file) {
    Configuration configuration;
    std::ifstream in(file, std::ios::binary);
    if (!in) return invalid(file.string() + ": cannot be read");
    std::ostringstream text;
    text << in.rdbuf();
    SEK_TRY(read_configuration(text.view(), file.string(), configuration));
    return configuration;
}

Result<void> set_value(Configuration& configuration, std::string_view name, const std::string& value) {
    const Setting* setting = find_setting(name);
    if (setting == nullptr) return invalid(fmt::format("no setting is named {}", name));
    const std::string wrong = setting->set(configuration, value);
    if (!wrong.empty()) {
        return invalid(setting->flag.empty() ? fmt::format("{} {}", name, wrong)
                                             : fmt::format("--{} {}", setting->flag, wrong));
    }
    return {};
}

std::string print_configuration_file(std::string_view public_url) {
    std::string out =
        "# Sekisho's configuration. Lines that begin with # are remarks; settings in remarks show the default.\n";
    std::string_view group;
    for (const Setting& setting : all_settings) {
        const std::size_t dot = setting.name.find('.');
        const std::string_view member = dot == std::string_view::npos ? setting.name : setting.name.substr(dot + 1);
        const std::string_view its_group = dot == std::string_view::npos ? "" : setting.name.substr(0, dot);
        out += "\n";
        if (its_group != group) out += fmt::format("{}:\n", its_group);
        group = its_group;
        const std::string indent = group.empty() ? "" : "  ";
        for (const std::string_view line : split(setting.text, '\n')) out += fmt::format("{}# {}\n", indent, line);
        if (setting.name == "public-url") {
            out += fmt::format("public-url: {}\n", public_url);
        } else {
            out += fmt::format("{}# {}: {}\n", indent, member, setting.default_value);
        }
    }
    return out;
}

std::string print_reference() {
    std::string out =
        "# Configuration\n\n"
        "`sekisho serve` reads `sekisho.yaml` in its home directory. `sekisho init` writes that file with every "
        "setting in\n"
        "it, those at their default as remarks. A dot in a name below stands for a mapping:\n\n"
        "```yaml\nsmtp:\n  host: mail.example.com\n```\n\n"
        "An unknown setting is an error that names its line. Flags of `sekisho serve` override the file.\n\n"
        "| setting | default | flag | meaning |\n|---|---|---|---|\n";
    for (const Setting& setting : all_settings) {
        const std::string flag = setting.flag.empty() ? "" : fmt::format("`--{}`", setting.flag);
        out += fmt::format("| `{}` | `{}` | {} | {} |\n", setting.name, setting.default_value, flag,
                           replace_all(std::string(setting.text), "\n", " "));
    }
    out +=
        "\n## The master key\n\n"
        "Secrets in the home are sealed under one key of 32 bytes (64 hexadecimal digits). It is looked for in this "
        "order:\n"
        "the environment variable `SEKISHO_MASTER_KEY`; the systemd credential `master-key`\n"
        "(`LoadCredential=master-key:/path`); the file `master-key` in the home (mode 0600), which `sekisho init` "
        "makes when\n"
        "neither of the others is there. Backups never contain it.\n\n"
        "## Environment\n\n"
        "| variable | meaning |\n|---|---|\n"
        "| `SEKISHO_HOME` | the home directory, where `--home` is not given; else `~/.sekisho` |\n"
        "| `SEKISHO_MASTER_KEY` | the master key, see above |\n"
        "| `CREDENTIALS_DIRECTORY` | set by systemd: the folder that holds the credential `master-key` |\n";
    return out;
}

}  // namespace sekisho::server
