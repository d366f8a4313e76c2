// sekisho completion: words for the shells, from the tree of commands itself.
#include <fmt/format.h>

#include <memory>
#include <vector>

#include "base/text.h"
#include "cli/program.h"

namespace sekisho::cli {

namespace {

// What may follow a command: its sub-commands and options.
std::string words_after(const CLI::App& app) {
    std::vector<std::string> words;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        words.push_back(command->get_name());
    }
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
    return join(words, " ");
}

void collect(const CLI::App& app, const std::string& path, std::vector<std::pair<std::string, std::string>>& found) {
    found.emplace_back(path, words_after(app));
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        collect(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), found);
    }
}

void print_bash(const std::vector<std::pair<std::string, std::string>>& found) {
    fmt::print(
        "_sekisho() {{\n"
        "    local current=${{COMP_WORDS[COMP_CWORD]}} path= word words\n"
        "    for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
        "        case $word in -*) ;; *) path=\"${{path:+$path }}$word\" ;; esac\n"
        "    done\n"
        "    case $path in\n");
    for (const auto& [path, words] : found) fmt::print("        '{}') words='{}' ;;\n", path, words);
    fmt::print(
        "        *) words= ;;\n"
        "    esac\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "    [[ ${{#COMPREPLY[@]}} -gt 0 || -n $words && $current == -* ]] || "
        "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
        "}}\n"
        "complete -F _sekisho sekisho\n");
}

void print_zsh(const std::vector<std::pair<std::string, std::string>>& found) {
    fmt::print(
        "#compdef sekisho\n_sekisho() {{\n    local path= word\n"
        "    for word in \"${{(@)words[2,CURRENT-1]}}\"; do [[ $word == -* ]] || path=\"${{path:+$path }}$word\"; "
        "done\n"
        "    case $path in\n");
    for (const auto& [path, words] : found) fmt::print("        '{}') compadd -- {} ;;\n", path, words);
    fmt::print("        *) _files ;;\n    esac\n}}\ncompdef _sekisho sekisho\n");
}

void print_fish(const std::vector<std::pair<std::string, std::string>>& found) {
    for (const auto& [path, words] : found) {
        const std::string condition =
            path.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + path.substr(path.rfind(' ') + 1);
        for (const std::string_view word : split(words, ' ')) {
            if (word.starts_with("--")) {
                fmt::print("complete -c sekisho -n '{}' -l {}\n", condition, word.substr(2));
            } else if (!word.empty()) {
                fmt::print("complete -c sekisho -f -n '{}' -a {}\n", condition, word);
            }
        }
    }
}

}  // namespace

void add_completion(Program& program) {
    auto shell = std::make_shared<std::string>("bash");
    auto* command = program.add(program.app(), "completion", "Print the shell's completion of sekisho's commands",
                                [&program, shell]() -> Result<void> {
                                    std::vector<std::pair<std::string, std::string>> found;
                                    collect(program.app(), "", found);
                                    if (*shell == "bash") print_bash(found);
                                    if (*shell == "zsh") print_zsh(found);
                                    if (*shell == "fish") print_fish(found);
                                    return {};
                                });
    command->add_option("shell", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace sekisho::cli
