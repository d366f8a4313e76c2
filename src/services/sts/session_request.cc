#include "services/sts/session_request.h"

#include <fmt/format.h>

#include "access/policies.h"
#include "policy/document.h"

namespace sekisho::sts_service {

ApiError validation_error(std::string message) {
    return {.code = "ValidationError", .message = std::move(message)};
}

ApiError invalid_parameter(std::string message) {
    return {.code = "InvalidParameterValue", .message = std::move(message)};
}

access::SessionRoot root_of(const access::Caller& caller) {
    if (caller.issued_at) return caller.root;
    access::SessionRoot root;
    root.user_id = caller.principal_id;
    root.user_account_id = caller.account_id;
    root.user_name = caller.user_name;
    root.user_access_key_id = caller.access_key_id;
    return root;
}

std::vector<std::string> arns_of(const std::optional<std::vector<sts::PolicyDescriptorType>>& policies) {
    std::vector<std::string> arns;
    if (!policies) return arns;
    for (const auto& policy : *policies) {
        if (policy.arn) arns.push_back(*policy.arn);
    }
    return arns;
}

Result<void> add_session_policies(const store::Reader& reader, const std::optional<std::string>& policy,
                                  const std::vector<std::string>& policy_arns, access::SessionClaims& claims) {
    if (policy) {
        SEK_TRY(const auto document, policy::parse(*policy, policy::Use::session));
        claims.session_policies.push_back(policy::print(document));
    }
    for (const auto& arn : policy_arns) {
        SEK_TRY(const auto found, access::compiled_managed_policy(reader, arn));
        if (!found)
            return validation_error("The requested policy ARN " + arn + " does not exist or is not attachable.");
        claims.session_policy_arns.push_back(arn);
    }
    return {};
}

Result<std::int32_t> packed_percent(const access::SessionClaims& claims) {
    // AWS compresses into a binary form of its own and does not say how; ours counts characters against the documented
    // plain limits: 2,048 for policies, and 50 tags of 128 + 256 characters.
    std::size_t policies = 0;
    for (const auto& text : claims.session_policies) policies += text.size();
    for (const auto& arn : claims.session_policy_arns) policies += arn.size();
    std::size_t tags = 0;
    for (const auto& [key, value] : claims.session_tags) tags += key.size() + value.size();
    constexpr std::size_t policy_characters_max = 2048 + 10 * 128;
    constexpr std::size_t tag_characters_max = 50 * (128 + 256);
    const auto policy_percent =
        static_cast<std::int32_t>((policies * 100 + policy_characters_max - 1) / policy_characters_max);
    const auto tag_percent = static_cast<std::int32_t>((tags * 100 + tag_characters_max - 1) / tag_characters_max);
    const auto percent = std::max(policy_percent, tag_percent);
    if (percent > 100) {
        return sts::errors::packed_policy_too_large_exception(
            fmt::format("Packed size of session {} consumes {}% of allotted space.",
                        policy_percent > tag_percent ? "policy" : "tags", percent));
    }
    return percent;
}

sts::Credentials to_wire(const access::TemporaryCredentials& credentials) {
    sts::Credentials wire;
    wire.access_key_id = credentials.access_key_id.str();
    wire.secret_access_key = std::string(credentials.secret_access_key.expose());
    wire.session_token = credentials.session_token;
    wire.expiration = credentials.expires_at;
    return wire;
}

}  // namespace sekisho::sts_service
