// sekisho status, stop, version
#include <fmt/format.h>
#include <signal.h>

#include <boost/json/serialize.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "cli/client.h"
#include "cli/program.h"
#include "server/server.h"

namespace sekisho::cli {

namespace {

constexpr seconds stop_seconds_max{60};

std::string show(const json::value& answer, std::string_view name) {
    const json::value* value = find(answer, name);
    if (value == nullptr || value->is_null()) return "-";
    if (value->is_string()) return std::string(value->get_string());
    return json::serialize(*value);
}

Result<void> print_status(const Program& program, bool as_json) {
    SEK_TRY(const server::Home home, program.look());
    SEK_TRY(const ApiClient client, ApiClient::connect(home));
    SEK_TRY(const json::value status, client.call("GetStatus"));
    if (as_json) {
        fmt::print("{}\n", json::serialize(status));
        return {};
    }
    const server::RunningServer& running = client.server();
    fmt::print("Running      pid {}, version {}, since {}\n", running.pid, show(status, "Version"), running.started_at);
    fmt::print("Home         {}\n", home.folder().string());
    fmt::print("Portal       {}/start\n", running.public_url);
    fmt::print("Listening    {}\n", running.url);
    fmt::print("Metrics      {}/metrics\n", running.admin_url);
    fmt::print("Account      {}\n", show(status, "ManagementAccountId"));
    fmt::print("Store        revision {}, {} bytes, {} outbox rows\n", show(status, "StoreRevision"),
               show(status, "StoreBytes"), show(status, "OutboxRows"));
    fmt::print("Mail         {}\n", show(status, "SendsMail") == "true" ? "sent by SMTP" : "kept: sekisho mail");
    fmt::print("Clusters     {} provider\n", show(status, "ClusterProvider"));
    return {};
}

Result<void> stop_server(const Program& program, bool force) {
    SEK_TRY(const server::Home home, program.look());
    SEK_TRY(const server::RunningServer running, find_running(home));
    if (force) {
        if (::kill(static_cast<pid_t>(running.pid), SIGTERM) != 0) {
            return failure(fmt::format("process {} cannot be signalled", running.pid));
        }
    } else {
        SEK_TRY(const ApiClient client, ApiClient::connect(home));
        SEK_TRY(client.call("StopServer"));
    }
    const auto deadline = std::chrono::steady_clock::now() + stop_seconds_max;
    while (home.running()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return failure(
                fmt::format("process {} still runs after {} seconds", running.pid, stop_seconds_max.count()));
        }
        std::this_thread::sleep_for(milliseconds(20));
    }
    fmt::print("Stopped.\n");
    return {};
}

}  // namespace

void add_status(Program& program) {
    auto as_json = std::make_shared<bool>(false);
    auto* status = program.add(program.app(), "status", "Show the running server",
                               [&program, as_json] { return print_status(program, *as_json); });
    program.add_home(*status);
    status->add_flag("--json", *as_json, "As JSON");

    auto force = std::make_shared<bool>(false);
    auto* stop = program.add(program.app(), "stop", "Stop the running server, and wait until it has ended",
                             [&program, force] { return stop_server(program, *force); });
    program.add_home(*stop);
    stop->add_flag("--force", *force, "By a signal to its process instead of a signed request");

    program.add(program.app(), "version", "Print the version", []() -> Result<void> {
        fmt::print("sekisho {}\n", server::version());
        return {};
    });
}

}  // namespace sekisho::cli
