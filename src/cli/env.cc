// sekisho env
#include <fmt/format.h>

#include <memory>

#include "base/text.h"
#include "cli/client.h"
#include "cli/program.h"
#include "server/certificates.h"
#include "server/configuration.h"

namespace sekisho::cli {

namespace {

// In single quotes, as every POSIX shell reads it.
std::string quote(std::string_view text) {
    return "'" + replace_all(std::string(text), "'", "'\\''") + "'";
}

void print_export(std::string_view name, std::string_view value) {
    fmt::print("export {}={}\n", name, quote(value));
}

// Variables of another session that would win over the default profile or over the door.
constexpr std::string_view stale_variables[] = {"AWS_ACCESS_KEY_ID",
                                                "AWS_SECRET_ACCESS_KEY",
                                                "AWS_SESSION_TOKEN",
                                                "AWS_SECURITY_TOKEN",
                                                "AWS_PROFILE",
                                                "AWS_DEFAULT_PROFILE",
                                                "AWS_ROLE_ARN",
                                                "AWS_WEB_IDENTITY_TOKEN_FILE",
                                                "AWS_ROLE_SESSION_NAME",
                                                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"};

// The first is enough for all but Go's SDK (eksctl): its clients that fetch the credentials of a profile, by single
// sign-on or a role, hear of their own variables only.
constexpr std::string_view endpoint_variables[] = {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSO",
                                                   "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_STS",
                                                   "AWS_ENDPOINT_URL_SIGNIN"};

void print_endpoint_door(const server::RunningServer& running, const std::string& proxy) {
    for (const auto name : endpoint_variables) print_export(name, running.public_url);
    // The proxy door of an earlier `sekisho env --proxy`.
    fmt::print("if [ \"${{HTTPS_PROXY:-}}\" = {} ]; then unset HTTPS_PROXY https_proxy; fi\n", quote(proxy));
    fmt::print(
        "case \",${{NO_PROXY:-}},\" in *,127.0.0.1,*) ;; *) export "
        "NO_PROXY=\"localhost,127.0.0.1,::1${{NO_PROXY:+,$NO_PROXY}}\" ;; esac\n");
}

void print_proxy_door(const server::RunningServer& running, const std::string& proxy) {
    fmt::print("unset {}\n", fmt::join(endpoint_variables, " "));
    for (const std::string_view name : {"HTTPS_PROXY", "https_proxy"}) print_export(name, proxy);
    // Our own pages and the endpoints of local clusters are reached directly.
    std::string direct = "localhost,127.0.0.1,::1";
    server::Configuration configuration;
    configuration.public_url = running.public_url;
    const std::string name = configuration.public_host();
    if (("," + direct + ",").find("," + name + ",") == std::string::npos) direct += "," + name;
    for (const std::string_view variable : {"NO_PROXY", "no_proxy"}) print_export(variable, direct);
}

// eksctl meets the issuer of a cluster's tokens (IAM roles for service accounts) with the system's authorities only. Go
// takes further ones from these folders; those of the system stay.
void print_trusted_folder(const server::Home& home) {
    const auto folder = quote(home.trusted_folder().string());
    fmt::print(
        "case \":${{SSL_CERT_DIR:-}}:\" in *:{0}:*) ;; *) export "
        "SSL_CERT_DIR={0}:\"${{SSL_CERT_DIR:-/etc/ssl/certs}}\" ;; "
        "esac\n",
        folder);
}

Result<void> print_environment(const Program& program, bool proxy) {
    SEK_TRY(const server::Home home, program.look());
    SEK_TRY(const server::RunningServer running, find_running(home));
    SEK_TRY(const std::string config, server::read_file(home.aws_folder() / "config"));
    std::string region = profile_value(config, "region");
    if (region.empty()) region = "us-east-1";
    fmt::print("unset {}\n", fmt::join(stale_variables, " "));
    print_export("SEKISHO_HOME", home.folder().string());
    print_export("AWS_CONFIG_FILE", (home.aws_folder() / "config").string());
    print_export("AWS_SHARED_CREDENTIALS_FILE", (home.aws_folder() / "credentials").string());
    print_export("AWS_CA_BUNDLE", (home.keys_folder() / server::bundle_file).string());
    print_export("AWS_REGION", region);
    print_export("AWS_DEFAULT_REGION", region);
    print_export("AWS_EC2_METADATA_DISABLED", "true");
    print_trusted_folder(home);
    const std::string port = running.url.substr(running.url.rfind(':') + 1);
    const std::string door = "http://127.0.0.1:" + port;
    if (proxy) {
        print_proxy_door(running, door);
    } else {
        print_endpoint_door(running, door);
    }
    return {};
}

}  // namespace

void add_env(Program& program) {
    auto proxy = std::make_shared<bool>(false);
    auto* command = program.add(program.app(), "env",
                                "Print shell lines that point every AWS client at the running server: "
                                "eval \"$(sekisho env)\"",
                                [&program, proxy] { return print_environment(program, *proxy); });
    program.add_home(*command);
    command->add_flag("--proxy", *proxy, "Use the proxy door, for clients older than AWS CLI 2.13");
}

}  // namespace sekisho::cli
