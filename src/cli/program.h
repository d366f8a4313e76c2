#pragma once
// Program: the command line as a tree of commands (CLI11). Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/home.h"

namespace sekisho::cli {

class Program {
 public:
    Program();
    CLI::App& app() { return app_; }

    // A command that runs `action`; an error is printed and ends with exit code 1. With --home unless said.
    CLI::App* add(CLI::App& parent, const std::string& name, const std::string& description,
                  std::function<Result<void>()> action);
    void add_home(CLI::App& command);
    // What a group does when none of its commands is named.
    void set_default(CLI::App& group, std::function<Result<void>()> action);

    std::filesystem::path home_folder() const;
    // As clients see it: without the master key.
    Result<server::Home> look() const { return server::Home::look(home_folder()); }
    Result<server::Home> open() const { return server::Home::open(home_folder()); }

    int run(int count, char** arguments);

 private:
    CLI::App app_;
    std::string home_;
    int exit_code_ = 0;
    void finish(Result<void> outcome);
};

// One function for each group of commands.
void add_init(Program& program);
void add_serve(Program& program);
void add_env(Program& program);
void add_status(Program& program);
void add_mail(Program& program);
void add_operations(Program& program);
void add_authorities(Program& program);
void add_maintenance(Program& program);
void add_policy(Program& program);
void add_completion(Program& program);

int run(int count, char** arguments);

// Errors of the command line itself.
ApiError failure(std::string message);

}  // namespace sekisho::cli
