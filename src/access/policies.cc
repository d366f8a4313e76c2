#include "access/policies.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>

#include "access/records.h"
#include "base/text.h"
#include "domain/aws_managed_policies.h"
#include "store/layout.h"
#include "wire/arn.h"

namespace sekisho::access {
namespace {

// Bounds on what is kept; an entry that falls out is compiled again.
constexpr std::size_t principals_kept = 16'384;
constexpr std::size_t policies_kept = 16'384;
constexpr std::size_t documents_kept = 4'096;
constexpr std::size_t accounts_kept = 16'384;

Result<SharedPolicy> compile(std::string_view document, policy::Use use) {
    SEK_TRY(const auto parsed, policy::parse(document, use));
    return std::make_shared<const policy::CompiledPolicy>(parsed);
}

// A map that is emptied when it is full: for values that are cheap to make again.
template <class Key, class Value>
class BoundedMap {
 public:
    explicit BoundedMap(std::size_t items_max) : items_max_(items_max) {}
    std::optional<Value> find(std::string_view key) const {
        const std::lock_guard lock(mutex_);
        const auto found = items_.find(key);
        return found == items_.end() ? std::nullopt : std::optional<Value>(found->second);
    }
    void put(const Key& key, Value value) {
        const std::lock_guard lock(mutex_);
        if (items_.size() >= items_max_) items_.clear();
        items_.insert_or_assign(key, std::move(value));
    }

 private:
    const std::size_t items_max_;
    mutable std::mutex mutex_;
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::unordered_map<Key, Value, Hash, std::equal_to<>> items_;
};

Result<SharedPolicy> compiled_aws_policy(const domain::AwsManagedPolicy& entry) {
    static BoundedMap<std::string_view, SharedPolicy> cache(policies_kept);
    if (auto found = cache.find(entry.name)) return *found;
    SEK_TRY(auto compiled, compile(domain::aws_managed_policy_document(entry), policy::Use::identity));
    cache.put(entry.name, compiled);
    return compiled;
}

Result<CompiledPrincipal> compile_principal(const domain::PrincipalPolicies& record) {
    CompiledPrincipal compiled{.inline_policies = {},
                               .attached_policy_arns = record.attached_policy_arns,
                               .permissions_boundary_arn = record.permissions_boundary_arn,
                               .group_ids = record.group_ids};
    for (const auto& [name, document] : record.inline_policies) {
        SEK_TRY(auto policy, compile(document, policy::Use::identity));
        compiled.inline_policies.push_back({name, std::move(policy)});
    }
    return compiled;
}

Result<SharedPolicy> compile_default_version(const domain::ManagedPolicy& record) {
    for (const auto& version : record.versions) {
        if (version.id == record.default_version_id) return compile(version.document, policy::Use::identity);
    }
    return errors::internal_failure("a policy has no default version");
}

// Attached to one target, in the order of their ids.
Result<std::vector<NamedSharedPolicy>> attached_controls(const store::Reader& reader,
                                                         const OrganizationId& organization, const std::string& target,
                                                         std::string_view type) {
    std::vector<NamedSharedPolicy> found;
    const auto use = type == "SERVICE_CONTROL_POLICY" ? policy::Use::scp : policy::Use::rcp;
    Result<void> problem;
    SEK_TRY(domain::policy_attachments.each(
        reader, store::key(organization, target), [&](const domain::PolicyAttachment& attachment) {
            if (attachment.type != type) return true;
            const auto record = domain::organization_policies.get(reader, organization, attachment.policy_id);
            if (!record || !*record) {
                problem = ApiError(errors::internal_failure("an attached policy is missing"));
                return false;
            }
            auto compiled = compiled_document((*record)->content, use);
            if (!compiled) {
                problem = std::move(compiled).error();
                return false;
            }
            found.push_back({attachment.policy_id.str(), std::move(*compiled)});
            return true;
        }));
    SEK_TRY(problem);
    return found;
}

// From the root down to the account.
Result<std::vector<std::string>> path_to(const store::Reader& reader, const domain::Account& account) {
    std::vector<std::string> path{account.id.str()};
    std::string node = account.parent_id ? account.parent_id->str() : std::string();
    // Units nest at most five deep (Organizations quotas); more is a loop, which nothing of ours makes.
    for (int depth = 0; !node.empty(); ++depth) {
        if (depth > 8) return errors::internal_failure("the organization's tree is too deep");
        path.push_back(node);
        SEK_TRY(const auto unit,
                domain::organizational_units.get(reader, *account.organization_id, OrganizationNodeId(node)));
        node = unit ? unit->parent_id.str() : std::string();
    }
    std::ranges::reverse(path);
    return path;
}

Result<AccountControls> gather_controls(const store::Reader& reader, const domain::Account& account,
                                        const domain::Organization& organization) {
    AccountControls controls;
    controls.organization_id = organization.id.str();
    controls.is_management = organization.management_account_id == account.id;
    const auto enabled = [&](std::string_view type) {
        return std::ranges::find(organization.enabled_policy_types, type) != organization.enabled_policy_types.end();
    };
    controls.scp_enabled = enabled("SERVICE_CONTROL_POLICY") && !controls.is_management;
    controls.rcp_enabled = enabled("RESOURCE_CONTROL_POLICY") && !controls.is_management;
    SEK_TRY(const auto path, path_to(reader, account));
    std::vector<ControlLevel> scp;
    std::vector<ControlLevel> rcp;
    controls.organization_path = controls.organization_id + "/";
    for (const auto& node : path) {
        if (node != account.id.str()) controls.organization_path += node + "/";
        if (controls.scp_enabled) {
            SEK_TRY(auto policies, attached_controls(reader, organization.id, node, "SERVICE_CONTROL_POLICY"));
            scp.push_back({node, std::move(policies)});
        }
        if (controls.rcp_enabled) {
            SEK_TRY(auto policies, attached_controls(reader, organization.id, node, "RESOURCE_CONTROL_POLICY"));
            rcp.push_back({node, std::move(policies)});
        }
    }
    controls.scp = ControlLevels(std::move(scp));
    controls.rcp = ControlLevels(std::move(rcp));
    return controls;
}

}  // namespace

ControlLevels::ControlLevels(std::vector<ControlLevel> levels) : levels_(std::move(levels)) {
    for (const auto& level : levels_) {
        auto& named = named_.emplace_back();
        for (const auto& control : level.policies) named.push_back({control.name, control.policy.get()});
        view_.push_back({level.target_id, named});
    }
}

Result<std::shared_ptr<const CompiledPrincipal>> compiled_principal(const store::Reader& reader,
                                                                    const PrincipalId& id) {
    static store::RevisionCache<CompiledPrincipal> cache(principals_kept);
    return domain::principal_policies.get_derived(cache, reader, compile_principal, id);
}

Result<SharedPolicy> compiled_managed_policy(const store::Reader& reader, const std::string& arn) {
    if (const auto* entry = domain::find_aws_managed_policy_by_arn(arn)) return compiled_aws_policy(*entry);
    const auto parsed = wire::Arn::parse(arn);
    const auto name = parsed ? wire::entity_name(*parsed, "policy") : std::nullopt;
    if (!name) return SharedPolicy();
    static store::RevisionCache<SharedPolicy> cache(policies_kept);
    SEK_TRY(const auto found,
            domain::managed_policies.get_derived(cache, reader, compile_default_version, AccountId(parsed->account),
                                                 lower_ascii(name->name)));
    return found ? *found : SharedPolicy();
}

Result<SharedPolicy> compiled_document(std::string_view text, policy::Use use) {
    struct Cache : BoundedMap<std::string, SharedPolicy> {
        Cache() : BoundedMap(documents_kept) {}
    };
    static std::array<Cache, policy::use_count> caches;
    auto& cache = caches[static_cast<std::size_t>(use)];
    if (auto found = cache.find(text)) return *found;
    SEK_TRY(auto compiled, compile(text, use));
    cache.put(std::string(text), compiled);
    return compiled;
}

Result<std::shared_ptr<const AccountControls>> account_controls(const store::Reader& reader, const AccountId& account) {
    static const auto outside = std::make_shared<const AccountControls>();
    static store::RevisionCache<AccountControls> cache(accounts_kept);
    const auto record = cached_account(reader, account);
    if (!record || !record->organization_id) return outside;
    const auto gather = [&](std::string_view = {}) -> Result<AccountControls> {
        const auto organization = cached_organization(reader, *record->organization_id);
        if (!organization) return errors::internal_failure("an account's organization is missing");
        return gather_controls(reader, *record, *organization);
    };
    // They hang on the organization's guard, those of all its accounts.
    std::string key;
    key.reserve(96);
    key.append(store::row_prefix(store::guard_table)).append(domain::organization_guard(*record->organization_id));
    const std::size_t guard_size = key.size();
    SEK_TRY(auto kept, cache.get(reader, key.append(account), guard_size, gather));
    if (kept) return kept;
    SEK_TRY(auto controls, gather());
    return std::make_shared<const AccountControls>(std::move(controls));
}

}  // namespace sekisho::access
