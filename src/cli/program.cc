#include "cli/program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "server/server.h"

namespace sekisho::cli {

Program::Program() : app_("Single sign-on for Kubernetes that speaks AWS.", "sekisho") {
    app_.require_subcommand(1);
    app_.set_help_all_flag("--help-all", "Help of every command");
    app_.set_version_flag("--version", std::string("sekisho ") + std::string(server::version()));
    app_.failure_message([](const CLI::App* app, const CLI::Error& error) {
        std::string command = app->get_name();
        for (auto named = app->get_subcommands(); !named.empty(); named = app->get_subcommands()) {
            app = named.front();
            command += " " + app->get_name();
        }
        // A word that is no command leaves CLI11 asking for one.
        const auto strange = app->remaining();
        const bool is_unknown = error.get_name() == "RequiredError" && !strange.empty() && !strange[0].starts_with('-');
        return fmt::format("sekisho: {}\nSee: {} --help\n",
                           is_unknown ? "there is no command " + strange[0] : std::string(error.what()), command);
    });
}

CLI::App* Program::add(CLI::App& parent, const std::string& name, const std::string& description,
                       std::function<Result<void>()> action) {
    CLI::App* command = parent.add_subcommand(name, description);
    command->callback([this, action = std::move(action)] { finish(action()); });
    return command;
}

void Program::set_default(CLI::App& group, std::function<Result<void>()> action) {
    group.callback([this, &group, action = std::move(action)] {
        if (group.get_subcommands().empty()) finish(action());
    });
}

void Program::finish(Result<void> outcome) {
    if (outcome) return;
    const ApiError& error = outcome.error();
    // An inner error's message is the neutral text for callers of the API; here its cause is what helps.
    const bool is_inner = error.is_server_fault() && !error.cause.empty();
    fmt::print(stderr, "sekisho: {}\n", is_inner ? error.cause : error.message.empty() ? error.code : error.message);
    if (!is_inner && !error.cause.empty() && error.cause != error.message) fmt::print(stderr, "  {}\n", error.cause);
    exit_code_ = 1;
}

void Program::add_home(CLI::App& command) {
    command.add_option("--home", home_, "The home directory (default: $SEKISHO_HOME, else ~/.sekisho)")
        ->type_name("DIR");
}

std::filesystem::path Program::home_folder() const {
    return home_.empty() ? server::Home::default_folder() : std::filesystem::path(home_);
}

int Program::run(int count, char** arguments) {
    try {
        app_.parse(count, arguments);
    } catch (const CLI::ParseError& error) {
        return app_.exit(error) == 0 ? 0 : 2;
    }
    std::fflush(stdout);
    return exit_code_;
}

namespace {

// The store's pages are its file, mapped: where the file is cut short, a read ends here.
void end_at_bus_error(int) {
    constexpr std::string_view text =
        "sekisho: the store is cut short, or its disk fails; move its folder away and restore a backup\n";
    (void)!::write(STDERR_FILENO, text.data(), text.size());
    ::_exit(1);
}

}  // namespace

int run(int count, char** arguments) {
    std::signal(SIGBUS, &end_at_bus_error);
    Program program;
    add_init(program);
    add_serve(program);
    add_env(program);
    add_status(program);
    add_mail(program);
    add_operations(program);
    add_authorities(program);
    add_maintenance(program);
    add_policy(program);
    add_completion(program);
    return program.run(count, arguments);
}

ApiError failure(std::string message) {
    return {.code = "Failed", .message = std::move(message), .http_status = 400, .cause = {}, .fields = {}};
}

}  // namespace sekisho::cli
