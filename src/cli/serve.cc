// sekisho serve
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "base/text.h"
#include "cli/program.h"
#include "server/configuration.h"
#include "server/server.h"

namespace sekisho::cli {

namespace {

struct ServeFlags {
    std::string file;
    std::map<std::string, std::string> values;  // setting to value
};

Result<void> run_server(const Program& program, const ServeFlags& flags) {
    SEK_TRY(server::Home home, program.open());
    const auto file = flags.file.empty() ? home.configuration_file() : std::filesystem::path(flags.file);
    SEK_TRY(server::Configuration configuration, server::load_configuration(file));
    for (const auto& [name, value] : flags.values) {
        if (!value.empty()) SEK_TRY(server::set_value(configuration, name, value));
    }
    return server::serve(std::move(home), std::move(configuration), [](const std::string& url) {
        fmt::print("ready {}\n", url);
        std::fflush(stdout);
    });
}

}  // namespace

void add_serve(Program& program) {
    auto flags = std::make_shared<ServeFlags>();
    auto* command = program.add(program.app(), "serve", "Serve a home until SIGTERM or Ctrl-C",
                                [&program, flags] { return run_server(program, *flags); });
    program.add_home(*command);
    command->add_option("--config", flags->file, "The configuration file (default: HOME/sekisho.yaml)")
        ->type_name("FILE");
    for (const server::Setting& setting : server::settings()) {
        if (setting.flag.empty()) continue;
        // The first sentence of what the file says.
        std::string text = replace_all(std::string(setting.text), "\n", " ");
        text.resize(std::min(text.size(), text.find(". ")));
        command->add_option("--" + std::string(setting.flag), flags->values[std::string(setting.name)], text)
            ->type_name("VALUE");
    }
}

}  // namespace sekisho::cli
