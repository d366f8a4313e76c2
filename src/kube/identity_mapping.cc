#include "kube/identity_mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/text.h"
#include "base/yaml.h"

namespace sekisho::kube {
namespace {

constexpr std::array partitions = {"aws",       "aws-cn",    "aws-us-gov", "aws-iso",
                                   "aws-iso-b", "aws-iso-e", "aws-iso-f",  "aws-eusc"};
constexpr std::size_t name_bytes_max = 2048;  // of an ARN, a user name, a group

bool is_partition(std::string_view text) {
    return std::ranges::find(partitions, text) != partitions.end();
}
bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

ApiError not_mapped(std::string message) {
    return ApiError{.code = "AccessDenied", .message = std::move(message), .http_status = 403};
}
ApiError bad_arn(std::string message) {
    return ApiError{.code = "InvalidInput", .message = std::move(message), .http_status = 400};
}

// The sections of an ARN; the resource may hold ':'.
std::optional<std::array<std::string_view, 6>> arn_sections(std::string_view arn) {
    std::array<std::string_view, 6> sections;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::size_t colon = arn.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        sections[i] = arn.substr(0, colon);
        arn.remove_prefix(colon + 1);
    }
    sections[5] = arn;
    if (sections[0] != "arn") return std::nullopt;
    return sections;
}

// What upstream (pkg/config, issue 268) counts as no value: quotes that lost their content in templating.
bool is_blank(std::string_view text) {
    const std::string_view inner = trim(text);
    return inner.empty() || inner == "``" || inner == "\"\"" || inner == "''";
}

// A member of an entry, its name without case as Go's JSON decoding takes it; the last one wins.
const json::value* member(const json::object& entry, std::string_view name) {
    const json::value* found = nullptr;
    for (const auto& [key, value] : entry) {
        if (equals_ignoring_case(key, name)) found = &value;
    }
    return found;
}

class EntryReader {
 public:
    EntryReader(const json::object& entry, std::string label, std::vector<std::string>& problems)
        : entry_(entry), label_(std::move(label)), problems_(problems) {}

    // A value that is no text counts as absent, as upstream's decoding leaves it, and is reported.
    std::string text(std::string_view name) {
        const json::value* value = member(entry_, name);
        if (value == nullptr || value->is_null()) return {};
        if (!value->is_string()) {
            problem(fmt::format("{} is not a string", name));
            return {};
        }
        const auto& found = value->get_string();
        if (found.size() > name_bytes_max) {
            problem(fmt::format("{} is too long", name));
            return {};
        }
        return is_blank(found) ? std::string() : std::string(found);
    }
    std::vector<std::string> texts(std::string_view name) {
        std::vector<std::string> found;
        const json::value* value = member(entry_, name);
        if (value == nullptr || value->is_null()) return found;
        if (!value->is_array()) {
            problem(fmt::format("{} is not a list", name));
            return found;
        }
        for (const json::value& item : value->get_array()) {
            if (item.is_string() && item.get_string().size() <= name_bytes_max) {
                found.emplace_back(item.get_string());
            } else {
                problem(fmt::format("an element of {} is not a string of at most {} bytes", name, name_bytes_max));
            }
        }
        return found;
    }
    void problem(std::string_view text) { problems_.push_back(fmt::format("{}: {}", label_, text)); }

 private:
    const json::object& entry_;
    std::string label_;
    std::vector<std::string>& problems_;
};

bool is_permission_set_name(std::string_view text) {
    return !text.empty() && text.size() <= 32 &&
           std::ranges::all_of(text, [](char c) { return is_word(c) || std::string_view("+=,.@-").contains(c); });
}
bool is_account(std::string_view text) {
    return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<SsoMatcher> read_sso(const json::value& value, EntryReader& outer, std::vector<std::string>& problems) {
    if (!value.is_object()) {
        outer.problem("sso is not a map");
        return std::nullopt;
    }
    EntryReader reader(value.get_object(), "sso", problems);
    SsoMatcher sso{reader.text("permissionSetName"), reader.text("accountID"), reader.text("partition")};
    if (sso.partition.empty()) sso.partition = "aws";
    if (!is_permission_set_name(sso.permission_set_name))
        outer.problem("sso.permissionSetName is missing or invalid");
    else if (!is_account(sso.account_id))
        outer.problem("sso.accountID is not 12 digits");
    else if (!is_partition(sso.partition))
        outer.problem("sso.partition is unknown");
    else
        return sso;
    return std::nullopt;
}

void read_role(const json::object& entry, const std::string& label, ParsedMapping& out) {
    EntryReader reader(entry, label, out.problems);
    RoleMapping role;
    role.role_arn = reader.text("rolearn");
    const json::value* sso = member(entry, "sso");
    const bool has_sso = sso != nullptr && !sso->is_null();
    if (role.role_arn.empty() == !has_sso) {
        reader.problem("exactly one of rolearn and sso is needed; the entry is skipped");
        return;
    }
    if (has_sso) {
        role.sso = read_sso(*sso, reader, out.problems);
        if (!role.sso) return;
    } else if (auto canonical = canonical_arn(role.role_arn)) {
        role.role_arn = *canonical;
    }
    role.username = reader.text("username");
    role.groups = reader.texts("groups");
    out.mapping.roles.push_back(std::move(role));
}

void read_user(const json::object& entry, const std::string& label, ParsedMapping& out) {
    EntryReader reader(entry, label, out.problems);
    UserMapping user{reader.text("userarn"), {}, {}};
    if (user.user_arn.empty()) {
        reader.problem("userarn is needed; the entry is skipped");
        return;
    }
    user.username = reader.text("username");
    user.groups = reader.texts("groups");
    out.mapping.users.push_back(std::move(user));
}

using ReadEntry = void (*)(const json::object&, const std::string&, ParsedMapping&);

// The list under one key of the ConfigMap; nothing, with a problem noted, when it cannot be read at all.
std::optional<json::array> read_list(const std::map<std::string, std::string>& data, const std::string& key,
                                     ParsedMapping& out) {
    auto found = data.find(key);
    if (found == data.end()) return std::nullopt;
    auto value = read_yaml(found->second);
    if (!value) {
        out.problems.push_back(fmt::format("{}: {}", key, value.error().message));
        out.unreadable.push_back(key);
        return std::nullopt;
    }
    if (value->is_null()) return std::nullopt;
    if (!value->is_array()) {
        out.problems.push_back(fmt::format("{}: not a list", key));
        out.unreadable.push_back(key);
        return std::nullopt;
    }
    return std::move(value->get_array());
}

void read_entries(const std::map<std::string, std::string>& data, const std::string& key, ReadEntry read,
                  ParsedMapping& out) {
    const auto list = read_list(data, key, out);
    if (!list) return;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string label = fmt::format("{}[{}]", key, i);
        if ((*list)[i].is_object()) {
            read((*list)[i].get_object(), label, out);
        } else {
            out.problems.push_back(label + ": not a map; the entry is skipped");
        }
    }
}

// One element that is no string (an unquoted number) refuses the whole list, as upstream's decoding does.
void read_accounts(const std::map<std::string, std::string>& data, ParsedMapping& out) {
    const auto list = read_list(data, "mapAccounts", out);
    if (!list) return;
    for (const json::value& item : *list) {
        if (!item.is_string()) {
            out.problems.emplace_back("mapAccounts: account ids must be quoted strings; the list is skipped");
            out.unreadable.emplace_back("mapAccounts");
            return;
        }
    }
    for (const json::value& item : *list) out.mapping.accounts.emplace_back(item.get_string());
}

// arn:<p>:iam::<account>:role/AWSReservedSSO_<set>_<16 hex>, without case.
bool matches_sso(const SsoMatcher& sso, std::string_view canonical) {
    const std::string prefix = lower_ascii(
        fmt::format("arn:{}:iam::{}:role/AWSReservedSSO_{}_", sso.partition, sso.account_id, sso.permission_set_name));
    const std::string arn = lower_ascii(canonical);
    if (!arn.starts_with(prefix)) return false;
    const std::string_view suffix = std::string_view(arn).substr(prefix.size());
    return suffix.size() == 16 &&
           std::ranges::all_of(suffix, [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
}

const RoleMapping* find_role(const AwsIdentity& identity, const std::vector<RoleMapping>& roles) {
    const RoleMapping* by_pattern = nullptr;
    for (auto role = roles.rbegin(); role != roles.rend(); ++role) {
        if (role->sso) {
            if (by_pattern == nullptr && matches_sso(*role->sso, identity.canonical_arn)) by_pattern = &*role;
        } else if (equals_ignoring_case(role->role_arn, identity.canonical_arn) ||
                   (!identity.role_arn.empty() && equals_ignoring_case(role->role_arn, identity.role_arn))) {
            return &*role;
        }
    }
    return by_pattern;
}

Result<KubernetesUser> render(const std::string& username, const std::vector<std::string>& groups,
                              const AwsIdentity& identity, const PrivateDnsName& private_dns_name) {
    KubernetesUser user;
    SEK_TRY(user.username, render_template(username, identity, private_dns_name));
    if (user.username.empty()) {
        return not_mapped(fmt::format("the mapping of {} has no username", identity.canonical_arn));
    }
    for (const std::string& group : groups) {
        SEK_TRY(std::string rendered, render_template(group, identity, private_dns_name));
        user.groups.push_back(std::move(rendered));
    }
    return user;
}

Result<std::string> private_name(const AwsIdentity& identity, const PrivateDnsName& private_dns_name) {
    const std::string& session = identity.session_name;
    const bool is_instance = (session.size() == 10 || session.size() == 19) && session.starts_with("i-") &&
                             std::ranges::all_of(session.substr(2), is_word);
    if (!is_instance || !private_dns_name) {
        return not_mapped(fmt::format("{{{{EC2PrivateDNSName}}}}: session \"{}\" is no EC2 instance", session));
    }
    return private_dns_name(session);
}

}  // namespace

Result<std::string> canonical_arn(std::string_view arn) {
    const auto sections = arn_sections(arn);
    if (!sections) return bad_arn(fmt::format("arn '{}' is invalid", arn));
    const auto& [prefix, partition, service, region, account, resource] = *sections;
    if (!is_partition(partition)) return bad_arn(fmt::format("unrecognized partition in arn '{}'", arn));
    const auto parts = split(resource, '/');
    if (service == "sts" && parts[0] == "federated-user") return std::string(arn);
    if (service == "sts" && parts[0] == "assumed-role") {
        if (parts.size() < 3) return bad_arn(fmt::format("assumed-role arn '{}' does not have a role", arn));
        const std::string_view role = resource.substr(parts[0].size() + 1);
        return fmt::format("arn:{}:iam::{}:role/{}", partition, account, role.substr(0, role.rfind('/')));
    }
    if (service == "iam" && (parts[0] == "role" || parts[0] == "user" || parts[0] == "root")) return std::string(arn);
    return bad_arn(fmt::format("unrecognized resource {} for service {}", resource, service));
}

std::string strip_role_path(std::string_view arn) {
    const auto sections = arn_sections(arn);
    if (!sections || !(*sections)[5].starts_with("role/")) return std::string(arn);
    const std::string_view resource = (*sections)[5];
    return fmt::format("{}role/{}", arn.substr(0, arn.size() - resource.size()),
                       resource.substr(resource.rfind('/') + 1));
}

Result<AwsIdentity> identify(AwsIdentity identity) {
    SEK_TRY(identity.canonical_arn, canonical_arn(identity.arn));
    const auto sections = arn_sections(identity.arn);
    const std::string_view resource = (*sections)[5];
    identity.principal_id = identity.user_id;
    identity.session_name.clear();
    if (resource.starts_with("user/") || resource == "root" || resource.starts_with("federated-user/")) return identity;
    const auto parts = split(identity.user_id, ':');
    if (parts.size() != 2) return bad_arn(fmt::format("malformed UserID \"{}\"", identity.user_id));
    std::string session(parts[1]);
    identity.principal_id = std::string(parts[0]);
    identity.session_name = std::move(session);
    return identity;
}

ParsedMapping parse_aws_auth(const std::map<std::string, std::string>& data) {
    ParsedMapping out;
    read_entries(data, "mapRoles", read_role, out);
    read_entries(data, "mapUsers", read_user, out);
    read_accounts(data, out);
    return out;
}

Result<std::string> render_template(std::string_view text, const AwsIdentity& identity,
                                    const PrivateDnsName& private_dns_name) {
    std::string out;
    while (true) {
        const std::size_t open = text.find("{{");
        const std::size_t close = open == std::string_view::npos ? open : text.find("}}", open);
        if (close == std::string_view::npos) {
            out.append(text);
            return out;
        }
        const std::string_view name = text.substr(open + 2, close - open - 2);
        std::optional<std::string> value;
        if (name == "EC2PrivateDNSName") {
            SEK_TRY(value, private_name(identity, private_dns_name));
        } else if (name == "AccountID") {
            value = identity.account_id;
        } else if (name == "SessionName") {
            value = replace_all(identity.session_name, "@", "-");
        } else if (name == "SessionNameRaw") {
            value = identity.session_name;
        } else if (name == "AccessKeyID") {
            value = identity.access_key_id;
        }
        out.append(text.substr(0, open));
        if (value) {
            out.append(*value);
            text.remove_prefix(close + 2);
        } else {
            // Unknown: keep one brace and look again, so that "{{{{AccountID}}" still finds its template.
            out.push_back('{');
            text.remove_prefix(open + 1);
        }
    }
}

Result<KubernetesUser> map_identity(const AwsIdentity& identity, const IdentityMapping& mapping,
                                    const std::optional<CreatorMapping>& creator,
                                    const PrivateDnsName& private_dns_name) {
    if (creator && equals_ignoring_case(creator->arn, identity.canonical_arn)) {
        return KubernetesUser{creator->username, {"system:masters"}};
    }
    if (const RoleMapping* role = find_role(identity, mapping.roles)) {
        return render(role->username, role->groups, identity, private_dns_name);
    }
    for (auto user = mapping.users.rbegin(); user != mapping.users.rend(); ++user) {
        if (equals_ignoring_case(user->user_arn, identity.canonical_arn)) {
            return render(user->username, user->groups, identity, private_dns_name);
        }
    }
    if (std::ranges::find(mapping.accounts, identity.account_id) != mapping.accounts.end()) {
        return KubernetesUser{identity.canonical_arn, {}};
    }
    return not_mapped(fmt::format("ARN is not mapped: {}", identity.canonical_arn));
}

}  // namespace sekisho::kube
