#pragma once
// The add-ons that can be recorded for a cluster, as data.
#include <span>
#include <string_view>

namespace sekisho::eks_service {

// A service account of an add-on, and the managed policy that AWS recommends for its role.
struct AddonServiceAccount {
    std::string_view name;
    std::string_view managed_policy_arn;
};

struct CatalogAddon {
    std::string_view name;
    std::string_view type;
    std::string_view namespace_name;
    std::span<const std::string_view> versions;  // newest first
    std::string_view default_version;
    std::span<const AddonServiceAccount> service_accounts;  // none: it needs no permissions of IAM

    bool has_version(std::string_view version) const;
};

std::span<const CatalogAddon> addon_catalog();
const CatalogAddon* find_catalog_addon(std::string_view name);

// No add-on has a schema of its own here: any object is a configuration.
inline constexpr std::string_view addon_configuration_schema =
    R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object"})";

}  // namespace sekisho::eks_service
