#include "wire/arn.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>

namespace sekisho::wire {
namespace {

std::string concatenate(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const std::string_view part : parts) size += part.size();
    std::string out;
    out.reserve(size);
    for (const std::string_view part : parts) out.append(part);
    return out;
}

std::string iam_arn(std::string_view account, std::string_view type, std::string_view path, std::string_view name) {
    return concatenate({"arn:", default_partition, ":iam::", account, ":", type, path.empty() ? "/" : path, name});
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

std::size_t end_of_type(std::string_view resource) {
    return resource.find_first_of("/:");
}

}  // namespace

std::optional<Arn> Arn::parse(std::string_view text) {
    if (text.size() > arn_bytes_max || !text.starts_with("arn:")) return std::nullopt;
    text.remove_prefix(4);
    std::array<std::string_view, 4> parts;
    for (std::string_view& part : parts) {
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        part = text.substr(0, colon);
        if (!is_plain(part)) return std::nullopt;
        text.remove_prefix(colon + 1);
    }
    const auto [partition, service, region, account] = parts;
    if (partition.empty() || service.empty() || text.empty()) return std::nullopt;
    if (!account.empty() && account != "aws" && !is_account_id(account)) return std::nullopt;
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::ranges::any_of(text, is_control)) return std::nullopt;
    return Arn{.partition = std::string(partition),
               .service = std::string(service),
               .region = std::string(region),
               .account = std::string(account),
               .resource = std::string(text)};
}

std::string Arn::print() const {
    return concatenate({"arn:", partition, ":", service, ":", region, ":", account, ":", resource});
}

std::string_view Arn::resource_type() const {
    return std::string_view(resource).substr(0, end_of_type(resource));
}

std::string_view Arn::resource_id() const {
    const std::size_t end = end_of_type(resource);
    return end == std::string::npos ? std::string_view() : std::string_view(resource).substr(end + 1);
}

std::optional<EntityName> entity_name(const Arn& arn, std::string_view type) {
    const std::string_view resource = arn.resource;
    if (arn.service != "iam" || !arn.region.empty() || !resource.starts_with(type)) return std::nullopt;
    const std::string_view path_and_name = resource.substr(type.size());
    if (!path_and_name.starts_with('/')) return std::nullopt;
    const std::size_t slash = path_and_name.rfind('/');
    const std::string_view name = path_and_name.substr(slash + 1);
    if (name.empty()) return std::nullopt;
    return EntityName{.path = std::string(path_and_name.substr(0, slash + 1)), .name = std::string(name)};
}

std::optional<EntityName> role_name(std::string_view role_arn) {
    const auto arn = Arn::parse(role_arn);
    if (!arn || !is_account_id(arn->account)) return std::nullopt;
    return entity_name(*arn, "role");
}

std::optional<AssumedRole> assumed_role(std::string_view text) {
    const auto arn = Arn::parse(text);
    constexpr std::string_view prefix = "assumed-role/";
    if (!arn || arn->service != "sts" || !is_account_id(arn->account) || !arn->resource.starts_with(prefix)) {
        return std::nullopt;
    }
    const std::string_view rest = std::string_view(arn->resource).substr(prefix.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0) return std::nullopt;
    const std::string_view session = rest.substr(slash + 1);
    if (session.empty() || session.contains('/')) return std::nullopt;
    return AssumedRole{.partition = arn->partition,
                       .account = AccountId(arn->account),
                       .role = std::string(rest.substr(0, slash)),
                       .session = std::string(session)};
}

std::string make_role_arn(const AccountId& account, std::string_view path, std::string_view name) {
    return iam_arn(account, "role", path, name);
}
std::string make_user_arn(const AccountId& account, std::string_view path, std::string_view name) {
    return iam_arn(account, "user", path, name);
}
std::string make_group_arn(const AccountId& account, std::string_view path, std::string_view name) {
    return iam_arn(account, "group", path, name);
}
std::string make_policy_arn(const AccountId& account, std::string_view path, std::string_view name) {
    return iam_arn(account, "policy", path, name);
}
std::string make_managed_policy_arn(std::string_view path, std::string_view name) {
    return iam_arn("aws", "policy", path, name);
}
std::string make_instance_profile_arn(const AccountId& account, std::string_view path, std::string_view name) {
    return iam_arn(account, "instance-profile", path, name);
}
std::string make_assumed_role_arn(const AccountId& account, std::string_view role, std::string_view session) {
    return concatenate({"arn:", default_partition, ":sts::", account, ":assumed-role/", role, "/", session});
}
std::string make_federated_user_arn(const AccountId& account, std::string_view name) {
    return concatenate({"arn:", default_partition, ":sts::", account, ":federated-user/", name});
}
std::string make_root_arn(const AccountId& account) {
    return concatenate({"arn:", default_partition, ":iam::", account, ":root"});
}
std::string make_saml_provider_arn(const AccountId& account, std::string_view name) {
    return iam_arn(account, "saml-provider", "/", name);
}
std::string make_oidc_provider_arn(const AccountId& account, std::string_view host_and_path) {
    return iam_arn(account, "oidc-provider", "/", host_and_path);
}
std::string make_arn(std::string_view service, std::string_view region, std::string_view account,
                     std::string_view resource) {
    return concatenate({"arn:", default_partition, ":", service, ":", region, ":", account, ":", resource});
}

}  // namespace sekisho::wire
