#include "kube/aws_auth.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <functional>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/text.h"
#include "base/yaml.h"

namespace sekisho::kube {
namespace {

constexpr std::string_view collection = "/api/v1/namespaces/kube-system/configmaps";
constexpr std::string_view config_map = "/api/v1/namespaces/kube-system/configmaps/aws-auth";
constexpr int tries_max = 8;

// Other keys are nothing to us.
AwsAuthData data_of(const json::value& object) {
    AwsAuthData data;
    const json::value* found = find(object, "data");
    if (found == nullptr) return data;
    for (const char* key : {"mapRoles", "mapUsers", "mapAccounts"}) {
        if (auto text = find_text(*found, key)) data[key] = std::move(*text);
    }
    return data;
}

// One list of the ConfigMap, and the member that names an entry's principal.
struct MapList {
    std::string_view key;
    std::string_view member;
};
constexpr MapList map_roles{"mapRoles", "rolearn"};
constexpr MapList map_users{"mapUsers", "userarn"};

MapList list_of(std::string_view principal_arn) {
    return principal_arn.contains(":user/") ? map_users : map_roles;
}

// How entries are compared: a role is the same with its path and without (its name is the account's only one), and as
// one of its sessions.
std::string compared_form(std::string_view principal_arn) {
    const auto canonical = canonical_arn(principal_arn);
    return lower_ascii(strip_role_path(canonical ? *canonical : std::string(principal_arn)));
}

bool is_entry_of(const json::value& entry, const MapList& list, std::string_view principal_arn) {
    if (!entry.is_object()) return false;
    const std::string wanted = compared_form(principal_arn);
    for (const auto& [key, value] : entry.get_object()) {
        if (equals_ignoring_case(key, list.member) && value.is_string() &&
            compared_form(value.get_string()) == wanted) {
            return true;
        }
    }
    return false;
}

Result<json::array> read_entries(std::string_view text, std::string_view key) {
    SEK_TRY(json::value list, read_yaml(text));
    if (list.is_null()) return json::array();
    if (!list.is_array()) return ApiError{.code = "InvalidYaml", .message = fmt::format("{} is not a list", key)};
    return std::move(list.get_array());
}

std::string node_entry(std::string_view role_arn) {
    return fmt::format(
        "- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: {}\n"
        "  username: system:node:{{{{EC2PrivateDNSName}}}}\n",
        role_arn);
}

// As eksctl writes names; what YAML could take for something else is quoted.
std::string yaml_text(const std::string& text) {
    const auto is_plain = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view(":/._-@+=,{}").contains(c);
    };
    const bool begins_plain = !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0;
    if (begins_plain && std::ranges::all_of(text, is_plain)) {
        if (const auto read = read_yaml("- " + text); read && *read == json::value(json::array{json::value(text)})) {
            return text;
        }
    }
    return json::serialize(json::value(text));
}

std::string entry_text(const MapList& list, const domain::MappingChange& change) {
    std::string text = "- ";
    if (!change.groups.empty()) {
        text += "groups:\n";
        for (const auto& group : change.groups) text += "  - " + yaml_text(group) + "\n";
        text += "  ";
    }
    return text + fmt::format("{}: {}\n  username: {}\n", list.member, yaml_text(strip_role_path(change.principal_arn)),
                              yaml_text(change.username));
}

// The entries written anew, as JSON in YAML: only what reads as the same again.
Result<std::string> write_anew(std::string text, const json::array& entries, const json::array& wanted,
                               std::string_view key) {
    for (const json::value& entry : entries) text += "- " + json::serialize(entry) + "\n";
    const auto check = read_entries(text, key);
    if (check && *check == wanted) return text;
    return ApiError{.code = "InvalidYaml",
                    .message = fmt::format("{} cannot be edited: write it as a plain list", key)};
}

Result<std::string> with_entry(std::string_view before, const MapList& list, const std::string& entry) {
    SEK_TRY(const json::array entries, read_entries(before, list.key));
    // The text as it stands is kept when appending to it gives the list with one entry more; else (flow style,
    // indented lists) the entries are written anew, as JSON in YAML.
    std::string text = entries.empty() ? "" : std::string(before);
    if (!text.empty() && !text.ends_with('\n')) text.push_back('\n');
    text += entry;
    const auto check = read_entries(text, list.key);
    if (check && check->size() == entries.size() + 1 && std::equal(entries.begin(), entries.end(), check->begin())) {
        return text;
    }
    SEK_TRY(json::array wanted, read_entries(entry, list.key));
    wanted.insert(wanted.end(), entries.begin(), entries.end());
    return write_anew(entry, entries, wanted, list.key);
}

Result<std::string> without_entries(std::string_view before, const MapList& list, std::string_view principal_arn) {
    SEK_TRY(const json::array entries, read_entries(before, list.key));
    json::array kept;
    for (const json::value& entry : entries) {
        if (!is_entry_of(entry, list, principal_arn)) kept.push_back(entry);
    }
    if (kept.size() == entries.size()) return std::string(before);
    // The lines of each top-level entry begin with "- " in the first column, or the text is written anew.
    std::vector<std::string> pieces;
    for (std::string_view line : split(before, '\n')) {
        if (line.empty()) continue;
        if (line.starts_with("-") || pieces.empty()) pieces.emplace_back();
        pieces.back().append(line).push_back('\n');
    }
    std::string text;
    if (pieces.size() == entries.size()) {
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            if (!is_entry_of(entries[i], list, principal_arn)) text += pieces[i];
        }
        const auto check = read_entries(text, list.key);
        if (check && *check == kept) return text;
    }
    return write_anew("", kept, kept, list.key);
}

using Edit = std::function<Result<std::string>(std::string_view text)>;

// Reads, edits the text of one key and writes with the revision that was read; again when somebody else was faster.
Result<void> edit_aws_auth(const KubernetesClient& client, std::string_view key, const Edit& edit) {
    ApiError last;
    for (int tries = 0; tries < tries_max; ++tries) {
        auto found = client.get(config_map);
        if (!found && found.error().http_status != 404) return found.error();
        json::object object = found ? found->get_object() : json::object();
        const auto data = found ? data_of(*found) : AwsAuthData();
        const auto text = data.find(std::string(key));
        const std::string before = text == data.end() ? "" : text->second;
        SEK_TRY(const std::string after, edit(before));
        if (after == before) return {};
        if (!object.contains("data") || !object["data"].is_object()) object["data"] = json::object();
        object["data"].get_object()[key] = after;
        Result<json::value> written = json::value();
        if (found) {
            written = client.update(config_map, json::serialize(object));
        } else {
            object["apiVersion"] = "v1";
            object["kind"] = "ConfigMap";
            object["metadata"] = {{"name", "aws-auth"}, {"namespace", "kube-system"}};
            written = client.create(collection, json::serialize(object));
        }
        if (written) return {};
        last = written.error();
        if (last.http_status != 409 && last.http_status != 404) return last;
    }
    return last;
}

}  // namespace

AwsAuthData good_data(const AwsAuthData& read, const AwsAuthData& last, const ParsedMapping& parsed) {
    AwsAuthData good = read;
    for (const std::string& key : parsed.unreadable) {
        good.erase(key);
        if (const auto found = last.find(key); found != last.end()) good.insert(*found);
    }
    return good;
}

AwsAuthWatch::AwsAuthWatch(const KubernetesClient& client, std::string cluster_name, ServedMapping last, Keep keep)
    : cluster_name_(std::move(cluster_name)), keep_(std::move(keep)), kept_(std::move(last)), data_(kept_.data) {
    WatchHandler handler;
    handler.on_list = [this](const json::value& list) {
        const json::value* items = find(list, "items");
        const bool has_one = items != nullptr && items->is_array() && !items->get_array().empty();
        take(has_one ? data_of(items->get_array()[0]) : AwsAuthData());
    };
    handler.on_event = [this](std::string_view type, const json::value& object) {
        take(type == "DELETED" ? AwsAuthData() : data_of(object));
    };
    handler.on_state = [this](bool is_followed, const std::string& cause) { note_state(is_followed, cause); };
    watch_ = std::make_unique<Watch>(client, std::string(collection), "fieldSelector=metadata.name%3Daws-auth",
                                     std::move(handler));
}

AwsAuthWatch::~AwsAuthWatch() {
    watch_.reset();
}

AwsAuthState AwsAuthWatch::state() const {
    const std::lock_guard lock(mutex_);
    return {.is_followed = failure_.empty(),
            .is_stale = !failure_.empty() || !problem_.empty(),
            .cause = failure_.empty() ? problem_ : failure_};
}

void AwsAuthWatch::note_state(bool is_followed, const std::string& cause) {
    static metrics::Counter& failures =
        metrics::counter("sekisho_aws_auth_watch_failures_total", "Times that a watch of aws-auth broke");
    if (is_followed) {
        log::info("aws-auth is followed", {{"cluster", cluster_name_}});
    } else {
        failures.add();
        log::warning("aws-auth is not followed; its last content serves",
                     {{"cluster", cluster_name_}, {"cause", cause}});
    }
    {
        const std::lock_guard lock(mutex_);
        failure_ = is_followed ? "" : cause.empty() ? "no answer" : cause;
    }
    keep();
}

void AwsAuthWatch::take(const AwsAuthData& read) {
    const ParsedMapping parsed = parse_aws_auth(read);
    for (const std::string& problem : parsed.problems) {
        log::warning("aws-auth has a bad entry", {{"cluster", cluster_name_}, {"problem", problem}});
    }
    {
        const std::lock_guard lock(mutex_);
        problem_ = parsed.unreadable.empty() ? "" : "aws-auth cannot be read: " + join(parsed.unreadable, ", ");
        data_ = good_data(read, data_, parsed);
    }
    keep();
}

void AwsAuthWatch::keep() {
    const std::lock_guard one(keep_mutex_);
    ServedMapping now;
    {
        const std::lock_guard lock(mutex_);
        now = {.data = data_, .is_stale = !failure_.empty() || !problem_.empty()};
    }
    // The data first: a mark leaves the data as it is.
    const ServedMapping fresh{.data = now.data};
    if ((now.data != kept_.data || !now.is_stale) && kept_ != fresh) {
        if (!keep_(fresh)) return;
        kept_ = fresh;
    }
    if (now.is_stale && !kept_.is_stale && keep_(now)) kept_ = now;
}

Result<std::string> add_node_role(std::string_view map_roles_text, std::string_view role_arn) {
    SEK_TRY(const json::array roles, read_entries(map_roles_text, map_roles.key));
    for (const json::value& entry : roles) {
        if (is_entry_of(entry, map_roles, role_arn)) return std::string(map_roles_text);
    }
    return with_entry(map_roles_text, map_roles, node_entry(strip_role_path(role_arn)));
}

Result<std::string> remove_node_role(std::string_view map_roles_text, std::string_view role_arn) {
    return without_entries(map_roles_text, map_roles, role_arn);
}

std::string_view aws_auth_key(std::string_view principal_arn) {
    return list_of(principal_arn).key;
}

Result<std::string> change_entry(std::string_view text, const domain::MappingChange& change) {
    const MapList list = list_of(change.principal_arn);
    SEK_TRY(const std::string without, without_entries(text, list, change.principal_arn));
    if (change.removes) return without;
    return with_entry(without, list, entry_text(list, change));
}

Result<void> upsert_node_role_mapping(const KubernetesClient& client, std::string_view role_arn) {
    return edit_aws_auth(client, map_roles.key,
                         [role_arn](std::string_view text) { return add_node_role(text, role_arn); });
}
Result<void> remove_node_role_mapping(const KubernetesClient& client, std::string_view role_arn) {
    const auto removed = edit_aws_auth(client, map_roles.key,
                                       [role_arn](std::string_view text) { return remove_node_role(text, role_arn); });
    if (removed || removed.error().code != "InvalidYaml") return removed;
    // What nobody can read maps nobody, and must not keep a node group from going.
    log::warning("a node role stays in an aws-auth that cannot be read",
                 {{"role", role_arn}, {"problem", removed.error().message}});
    return {};
}
Result<void> change_aws_auth(const KubernetesClient& client, const domain::MappingChange& change) {
    return edit_aws_auth(client, aws_auth_key(change.principal_arn),
                         [&change](std::string_view text) { return change_entry(text, change); });
}

}  // namespace sekisho::kube
