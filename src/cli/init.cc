// sekisho init
#include <fmt/format.h>

#include <memory>

#include "base/random.h"
#include "cli/program.h"
#include "server/initialize.h"

namespace sekisho::cli {

void add_init(Program& program) {
    auto options = std::make_shared<server::InitializeOptions>();
    auto* command = program.add(
        program.app(), "init", "Make a new home: keys, authorities, the first account and its administrator",
        [&program, options]() -> Result<void> {
            options->folder = program.home_folder();
            SEK_TRY(const auto made, server::initialize(*options, system_clock(), system_random()));
            const std::string home = made.folder.string();
            fmt::print("Home         {}\n", home);
            fmt::print("Public URL   {}\n", made.public_url);
            fmt::print("Account      {} ({}, {})\n", made.account_id.str(), options->account_name, made.email);
            fmt::print("User         {}\n", made.user_arn);
            fmt::print("Access key   {} (profile default in {}/aws)\n", made.access_key_id.str(), home);
            fmt::print("Master key   {}\n", made.master_key_source);
            fmt::print("\nNext:\n  sekisho serve --home {0}\nthen, in another shell:\n", home);
            fmt::print("  eval \"$(sekisho env --home {0})\"\n  aws sts get-caller-identity\n", home);
            return {};
        });
    program.add_home(*command);
    command->add_option("--public-url", options->public_url, "The origin that browsers and clients reach it by")
        ->type_name("URL")
        ->capture_default_str();
    command->add_option("--email", options->email, "The account's address (default: root@ the public host)")
        ->type_name("ADDRESS");
    command->add_option("--account-name", options->account_name, "The account's name")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_option("--region", options->region, "The default profile's region")
        ->type_name("REGION")
        ->capture_default_str();
}

}  // namespace sekisho::cli
