#include "services/sekisho/portal_setup.h"

#include <fmt/format.h>

#include <set>

#include "access/records.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "domain/cluster_access.h"
#include "domain/clusters.h"
#include "domain/portal.h"
#include "services/sekisho/attempt.h"
#include "services/sekisho/views.h"

namespace sekisho::control_service {
namespace {

using operation::Call;

// A profile's name is typed, and stands in a file: letters, digits and a few signs.
std::string plain_name(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
                              c == '_' || c == '-';
        if (is_plain || (!out.empty() && out.back() != '-')) out += is_plain ? c : '-';
    }
    while (out.ends_with('-')) out.pop_back();
    return out;
}

std::string quote(std::string_view text) {
    std::string out;
    JsonWriter(out).text(text);
    return out;
}

struct Profile {
    std::string name;
    AccountId account_id;
    const domain::PermissionSet* set = nullptr;
};

struct Context {
    domain::Cluster cluster;
    std::string profile;
    std::string name;
};

// Whether the cluster knows the role: it made the cluster, has an access entry, or its name stands in aws-auth. What
// the role may do there, the cluster says itself: a context too many opens nothing.
Result<bool> knows_role(const store::Reader& reader, const domain::Cluster& cluster, const domain::HeldRole& held) {
    const auto& role = held.provisioned;
    if (cluster.creator_id == role.role_id) return true;
    if (domain::has_access_entries(cluster)) {
        SEK_TRY(const auto entry,
                domain::access_entries.get_by(reader, domain::access_entries_by_principal, cluster.id, role.role_id));
        if (entry) return true;
    }
    if (!domain::has_aws_auth(cluster)) return false;
    SEK_TRY(const auto mapping, domain::identity_mappings.get(reader, cluster.id));
    if (!mapping) return false;
    const auto text = lower_ascii(mapping->map_roles);
    return text.contains(lower_ascii(role.role_name)) ||
           (text.contains("permissionsetname") && text.contains(lower_ascii(held.permission_set.name)));
}

std::string print_config(const Call& call, const Setup& setup, const Region& region,
                         const std::vector<Profile>& profiles) {
    const auto& url = call.environment.public_url;
    std::string out = fmt::format(
        "[sso-session sekisho]\nsso_start_url = {}/start\nsso_region = {}\n"
        "sso_registration_scopes = sso:account:access\n",
        url, region.str());
    for (const auto& profile : profiles) {
        out += fmt::format(
            "\n[profile {}]\nsso_session = sekisho\nsso_account_id = {}\nsso_role_name = {}\nregion = {}\n"
            "endpoint_url = {}\n",
            profile.name, profile.account_id.str(), profile.set->name, region.str(), url);
        if (setup.has_authority) out += fmt::format("ca_bundle = {}\n", authority_file);
    }
    return out;
}

std::string print_kubeconfig(const std::vector<Context>& contexts) {
    std::string clusters;
    std::string users;
    std::string names;
    std::set<std::string> known;
    for (const auto& [cluster, profile, name] : contexts) {
        if (known.insert(cluster.arn).second) {
            clusters += fmt::format("- name: {}\n  cluster:\n    server: {}\n    certificate-authority-data: {}\n",
                                    quote(cluster.arn), quote(cluster.endpoint),
                                    quote(encode_base64(cluster.certificate_authority)));
        }
        users += fmt::format(
            "- name: {0}\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n"
            "      command: aws\n      args: [--region, {1}, eks, get-token, --cluster-name, {2}, --output, json]\n"
            "      env:\n      - name: AWS_PROFILE\n        value: {3}\n",
            quote(name), quote(cluster.region.str()), quote(cluster.name), quote(profile));
        names +=
            fmt::format("- name: {0}\n  context:\n    cluster: {1}\n    user: {0}\n", quote(name), quote(cluster.arn));
    }
    return fmt::format(
        "apiVersion: v1\nkind: Config\npreferences: {{}}\ncurrent-context: {}\nclusters:\n{}users:\n{}contexts:\n{}",
        quote(contexts.front().name), clusters, users, names);
}

// The contexts of one account, in which the profiles stand side by side.
Result<void> add_contexts(Call& call, const domain::Person& person, std::span<const Profile> profiles,
                          std::vector<Context>& contexts) {
    const auto& account = profiles.front().account_id;
    std::vector<domain::Cluster> clusters;
    SEK_TRY(domain::clusters.each(call.tx, store::prefix(account), [&](const domain::Cluster& cluster) {
        if (cluster.status == "ACTIVE" || cluster.status == "UPDATING") clusters.push_back(cluster);
        return true;
    }));
    if (clusters.empty()) return {};
    SEK_TRY(const auto roles, domain::roles_of_person(call.tx, person.identity_store_id, person.id, account));
    for (const auto& cluster : clusters) {
        for (const auto& role : roles) {
            SEK_TRY(const bool is_known, knows_role(call.tx, cluster, role));
            const auto profile =
                std::ranges::find_if(profiles, [&](const Profile& p) { return p.set->arn == role.permission_set.arn; });
            if (!is_known || profile == profiles.end()) continue;
            contexts.push_back({.cluster = cluster,
                                .profile = profile->name,
                                .name = fmt::format("{}/{}", cluster.name, profile->name)});
        }
    }
    return {};
}

}  // namespace

Result<control::GetPortalSetupResponse> make_portal_setup(Call& call, const Setup& setup) {
    SEK_TRY(const auto person, signed_in_person(call));
    SEK_TRY(const auto center, load_center(call, person.identity_store_id));
    SEK_TRY(const auto holdings, domain::holdings_of_person(call.tx, person.identity_store_id, person.id));
    std::vector<Profile> profiles;
    std::vector<Context> contexts;
    std::set<std::string> names;
    for (const auto& held : holdings) {
        const auto account = access::cached_account(call.tx, held.account_id);
        if (!account || held.permission_sets.empty()) continue;
        const auto first = profiles.size();
        for (const auto& set : held.permission_sets) {
            auto name = plain_name(set->name + "-" + account->name);
            // Accounts may share a name.
            if (!names.insert(name).second) {
                name += "-" + held.account_id.str();
                names.insert(name);
            }
            profiles.push_back({.name = std::move(name), .account_id = held.account_id, .set = set.get()});
        }
        SEK_TRY(add_contexts(call, person, std::span(profiles).subspan(first), contexts));
    }
    control::GetPortalSetupResponse response;
    response.aws_config = print_config(call, setup, center.region, profiles);
    if (!contexts.empty()) response.kubeconfig = print_kubeconfig(contexts);
    if (setup.has_authority) response.certificate_authority_pem = setup.authority_pem;
    response.profile_count = static_cast<std::int32_t>(profiles.size());
    response.cluster_count = static_cast<std::int32_t>(contexts.size());
    return response;
}

}  // namespace sekisho::control_service
