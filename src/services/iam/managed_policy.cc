#include "services/iam/managed_policy.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "services/iam/policy_use.h"
#include "services/iam/tags.h"
#include "wire/arn.h"

namespace sekisho::iam_service {

Result<std::optional<domain::ManagedPolicy>> find_customer_policy(const store::Reader& reader, const AccountId& account,
                                                                  const std::string& arn) {
    using Found = std::optional<domain::ManagedPolicy>;
    const auto parsed = wire::Arn::parse(arn);
    const auto name = parsed ? wire::entity_name(*parsed, "policy") : std::nullopt;
    if (!name || parsed->account != account.str()) return Found();
    SEK_TRY(auto policy, domain::managed_policies.get(reader, account, lower_ascii(name->name)));
    if (!policy || policy->path != name->path) return Found();
    return Found(std::move(policy));
}

Result<void> check_policy_arn(const std::string& arn) {
    if (wire::Arn::parse(arn)) return {};
    return ApiError{.code = "ValidationError", .message = "Invalid ARN:  Could not be parsed!"};
}

Result<void> require_attachable(const store::Reader& reader, const AccountId& account, const std::string& arn,
                                const std::string& subject) {
    SEK_TRY(check_policy_arn(arn));
    if (const auto* aws = domain::find_aws_managed_policy_by_arn(arn)) {
        if (aws->attachable) return {};
        return iam::errors::policy_not_attachable_exception("Cannot attach a Service Role Policy to a Customer Role.");
    }
    SEK_TRY(const auto policy, find_customer_policy(reader, account, arn));
    if (policy) return {};
    return iam::errors::no_such_entity_exception(subject + " does not exist or is not attachable.");
}

ApiError policy_not_found(const std::string& arn) {
    return iam::errors::no_such_entity_exception("Policy " + arn + " was not found.");
}

Result<domain::ManagedPolicy> require_customer_policy(const store::Reader& reader, const AccountId& account,
                                                      const std::string& arn) {
    SEK_TRY(check_policy_arn(arn));
    if (domain::find_aws_managed_policy_by_arn(arn) != nullptr) {
        return ApiError{
            .code = "AccessDenied", .message = "AWS managed policies cannot be changed: " + arn, .http_status = 403};
    }
    SEK_TRY(auto policy, find_customer_policy(reader, account, arn));
    if (!policy) return policy_not_found(arn);
    return std::move(*policy);
}

const domain::PolicyVersion* find_version(const domain::ManagedPolicy& policy, std::string_view id) {
    const auto found = std::ranges::find(policy.versions, id, &domain::PolicyVersion::id);
    return found == policy.versions.end() ? nullptr : &*found;
}

std::string policy_name_of(std::string_view arn) {
    return std::string(arn.substr(arn.rfind('/') + 1));
}

std::string policy_path_of(std::string_view arn) {
    const auto first = arn.find('/');
    const auto last = arn.rfind('/');
    return first == arn.npos ? "/" : std::string(arn.substr(first, last - first + 1));
}

Result<iam::Policy> to_wire(const store::Reader& reader, const domain::ManagedPolicy& policy, bool full) {
    const auto arn = domain::policy_arn(policy);
    SEK_TRY(const auto counts, count_uses(reader, policy.account_id, arn));
    iam::Policy wire;
    wire.policy_name = policy.name;
    wire.policy_id = policy.id;
    wire.arn = arn;
    wire.path = policy.path;
    wire.default_version_id = policy.default_version_id;
    wire.attachment_count = counts.attachments;
    wire.permissions_boundary_usage_count = counts.boundaries;
    wire.is_attachable = true;
    wire.create_date = policy.created_at;
    wire.update_date = policy.updated_at;
    if (full) {
        wire.description = policy.description;
        wire.tags = tags_to_wire(policy.tags);
    }
    return wire;
}

Result<iam::Policy> to_wire(const store::Reader& reader, const AccountId& account,
                            const domain::AwsManagedPolicy& policy) {
    const auto arn = domain::aws_managed_policy_arn(policy);
    SEK_TRY(const auto counts, count_uses(reader, account, arn));
    iam::Policy wire;
    wire.policy_name = std::string(policy.name);
    wire.policy_id = std::string(policy.id);
    wire.arn = arn;
    wire.path = std::string(policy.path);
    wire.default_version_id = std::string(policy.version);
    wire.attachment_count = counts.attachments;
    wire.permissions_boundary_usage_count = counts.boundaries;
    wire.is_attachable = policy.attachable;
    wire.create_date = time_from_epoch_seconds(policy.created_seconds);
    wire.update_date = time_from_epoch_seconds(policy.updated_seconds);
    return wire;
}

iam::PolicyVersion to_wire(const domain::PolicyVersion& version, const domain::ManagedPolicy& policy,
                           bool with_document) {
    iam::PolicyVersion wire;
    if (with_document) wire.document = encode_uri(version.document);
    wire.version_id = version.id;
    wire.is_default_version = version.id == policy.default_version_id;
    wire.create_date = version.created_at;
    return wire;
}

iam::PolicyVersion to_wire_version(const domain::AwsManagedPolicy& policy, bool with_document) {
    iam::PolicyVersion wire;
    if (with_document) wire.document = encode_uri(domain::aws_managed_policy_document(policy));
    wire.version_id = std::string(policy.version);
    wire.is_default_version = true;
    wire.create_date = time_from_epoch_seconds(policy.updated_seconds);
    return wire;
}

}  // namespace sekisho::iam_service
