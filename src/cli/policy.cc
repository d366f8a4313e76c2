// sekisho policy decide: the policy engine on JSON lines, without a server.
#include <iostream>
#include <string>

#include "cli/program.h"
#include "policy/decide_line.h"

namespace sekisho::cli {

void add_policy(Program& program) {
    CLI::App* policy = program.app().add_subcommand("policy", "The policy engine without a server");
    policy->require_subcommand(1);
    program.add(*policy, "decide", "Read requests as JSON lines, print decisions as JSON lines", []() -> Result<void> {
        std::ios::sync_with_stdio(false);
        std::string line;
        while (std::getline(std::cin, line)) {
            if (!line.empty()) std::cout << policy::decide_line(line) << '\n';
        }
        std::cout.flush();
        return {};
    });
}

}  // namespace sekisho::cli
