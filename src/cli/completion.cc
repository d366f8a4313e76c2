// sekisho completion: words for the shells, from the tree of commands itself.
#include <fmt/format.h>

#include <memory>
#include <set>
#include <vector>

#include "base/text.h"
#include "cli/program.h"

namespace sekisho::cli {

namespace {

struct Words {
    std::string path;   // of the command, "mail show"
    std::string words;  // its sub-commands, options and the words that it takes
};

// The choices in a type's text, "TEXT:{bash,zsh,fish}".
std::vector<std::string> choices_of(const std::string& type) {
    const std::size_t open = type.find('{');
    const std::size_t close = type.find('}', open);
    if (open == std::string::npos || close == std::string::npos) return {};
    std::vector<std::string> choices;
    for (const auto choice : split(std::string_view(type).substr(open + 1, close - open - 1), ',')) {
        choices.emplace_back(choice);
    }
    return choices;
}

// `with_value`: the options whose next word is their value.
void collect(const CLI::App& app, const std::string& path, std::vector<Words>& found,
             std::set<std::string>& with_value) {
    std::vector<std::string> words;
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* command : commands) words.push_back(command->get_name());
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words.push_back("--" + name);
            if (option->get_items_expected_max() > 0) with_value.insert("--" + name);
        }
        if (option->get_positional()) {
            for (std::string& choice : choices_of(option->get_type_name())) words.push_back(std::move(choice));
        }
    }
    found.push_back({path, join(words, " ")});
    for (const CLI::App* command : commands) {
        collect(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), found, with_value);
    }
}

// The words so far, without options and their values, are the command's path; after an option with a value come files.
void print_bash(const std::vector<Words>& found, const std::string& with_value) {
    fmt::print(
        "_sekisho() {{\n"
        "    local current=${{COMP_WORDS[COMP_CWORD]}} path= words= word skip=\n"
        "    for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
        "        if [[ -n $skip ]]; then skip=; continue; fi\n"
        "        case $word in {}) skip=1 ;; -*) ;; *) path=\"${{path:+$path }}$word\" ;; esac\n"
        "    done\n"
        "    [[ -n $skip ]] || case $path in\n",
        with_value);
    for (const auto& [path, words] : found) fmt::print("        '{}') words='{}' ;;\n", path, words);
    fmt::print(
        "    esac\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "    [[ ${{#COMPREPLY[@]}} -gt 0 || -n $words && $current == -* ]] || "
        "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
        "}}\n"
        "complete -o filenames -F _sekisho sekisho\n");
}

void print_zsh(const std::vector<Words>& found, const std::string& with_value) {
    fmt::print(
        "#compdef sekisho\n_sekisho() {{\n    local path_words= word skip=\n"
        "    for word in \"${{(@)words[2,CURRENT-1]}}\"; do\n"
        "        if [[ -n $skip ]]; then skip=; continue; fi\n"
        "        case $word in ({}) skip=1 ;; (-*) ;; (*) path_words=\"${{path_words:+$path_words }}$word\" ;; esac\n"
        "    done\n"
        "    if [[ -n $skip ]]; then _files; return; fi\n"
        "    case $path_words in\n",
        with_value);
    for (const auto& [path, words] : found) fmt::print("        ('{}') compadd -- {} ;;\n", path, words);
    fmt::print("        (*) _files ;;\n    esac\n}}\ncompdef _sekisho sekisho\n");
}

void print_fish(const std::vector<Words>& found) {
    for (const auto& [path, words] : found) {
        const std::string condition =
            path.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + path.substr(path.rfind(' ') + 1);
        for (const auto word : split(words, ' ')) {
            if (word.starts_with("--")) {
                fmt::print("complete -c sekisho -n '{}' -l {}\n", condition, word.substr(2));
            } else if (!word.empty()) {
                fmt::print("complete -c sekisho -n '{}' -f -a {}\n", condition, word);
            }
        }
    }
}

}  // namespace

void add_completion(Program& program) {
    auto shell = std::make_shared<std::string>("bash");
    auto* command = program.add(program.app(), "completion",
                                "Print the shell's completion of sekisho's commands: source <(sekisho completion bash)",
                                [&program, shell]() -> Result<void> {
                                    std::vector<Words> found;
                                    std::set<std::string> with_value;
                                    collect(program.app(), "", found, with_value);
                                    const std::string pattern = fmt::format("{}", fmt::join(with_value, "|"));
                                    if (*shell == "bash") print_bash(found, pattern);
                                    if (*shell == "zsh") print_zsh(found, pattern);
                                    if (*shell == "fish") print_fish(found);
                                    return {};
                                });
    command->add_option("shell", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace sekisho::cli
