// A text of mapRoles. Whatever it is: what is made of it with a node role's entry holds that entry and the others as
// they were, and taking the entry out gives the others back.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/yaml.h"
#include "kube/aws_auth.h"

using namespace sekisho;
using namespace sekisho::kube;

namespace {

const std::string role = "arn:aws:iam::111122223333:role/path/node";
const std::string canonical = "arn:aws:iam::111122223333:role/node";

json::array entries_of(std::string_view text) {
    const auto list = read_yaml(text);
    if (!list || (!list->is_array() && !list->is_null())) std::abort();
    return list->is_array() ? list->get_array() : json::array();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const AwsAuthData served = {{"mapRoles", text}, {"mapUsers", text}, {"mapAccounts", text}};
    const ParsedMapping parsed = parse_aws_auth(served);
    if (good_data(served, {}, parsed).size() + parsed.unreadable.size() != served.size()) std::abort();

    for (const RoleMapping& mapped : parsed.mapping.roles) {
        const auto again = canonical_arn(mapped.role_arn);
        if (again && *again != mapped.role_arn) std::abort();
    }

    const auto added = add_node_role(text, role);
    if (!added) return 0;
    const json::array before = entries_of(text);
    const json::array with = entries_of(*added);
    if (with.size() != before.size() && with.size() != before.size() + 1) std::abort();
    if (*add_node_role(*added, role) != *added) std::abort();
    bool is_mapped = false;
    for (const RoleMapping& mapped : parse_aws_auth({{"mapRoles", *added}}).mapping.roles) {
        is_mapped = is_mapped || mapped.role_arn == canonical;
    }
    if (with.size() > before.size() && !is_mapped) std::abort();

    const auto removed = remove_node_role(*added, role);
    if (!removed) return 0;
    const json::array left = entries_of(*removed);
    if (with.size() > before.size() && left != before) std::abort();
    return 0;
}
