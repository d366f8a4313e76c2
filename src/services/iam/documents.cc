#include "services/iam/documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/limits.h"
#include "base/text.h"
#include "domain/organization.h"
#include "policy/document.h"
#include "wire/arn.h"

namespace sekisho::iam_service {
namespace {

ApiError quota(std::string_view name, std::size_t bound) {
    return iam::errors::limit_exceeded_exception(fmt::format("Cannot exceed quota for {}: {}", name, bound));
}

Result<policy::Document> parse_identity(const std::string& text) {
    SEK_TRY(auto document, policy::parse(text, policy::Use::identity));
    SEK_TRY(policy::require_current_version(document));
    return document;
}

std::size_t inline_characters_max(EntityKind kind) {
    switch (kind) {
        case EntityKind::user:
            return limits::user_inline_policy_characters_max;
        case EntityKind::group:
            return limits::group_inline_policy_characters_max;
        default:
            return limits::role_inline_policy_characters_max;
    }
}

ApiError invalid_principal(std::string_view kind, std::string_view value) {
    return iam::errors::malformed_policy_document_exception(
        fmt::format("Invalid principal in policy: \"{}\":\"{}\"", kind, value));
}

bool account_exists(const store::Reader& reader, std::string_view id) {
    return is_account_id(id) && domain::accounts.exists(reader, AccountId(id));
}

// A user or role by its ARN with its path: its unique id.
Result<std::optional<PrincipalId>> find_principal(const store::Reader& reader, const wire::Arn& arn) {
    const AccountId account(arn.account);
    for (const auto kind : {EntityKind::role, EntityKind::user}) {
        const auto name = wire::entity_name(arn, kind_name(kind));
        if (!name) continue;
        SEK_TRY(const auto entity, find_entity(reader, account, kind, name->name));
        if (entity && entity->path == name->path) return std::optional(entity->id);
    }
    return std::optional<PrincipalId>();
}

// The form that decisions use: unique ids in place of users and roles.
Result<std::string> resolve_aws(const store::Reader& reader, const std::string& value) {
    if (value == "*" || account_exists(reader, value)) return value;
    const auto arn = wire::Arn::parse(value);
    if (!arn || !account_exists(reader, arn->account)) return invalid_principal("AWS", value);
    if (arn->service == "iam") {
        if (arn->resource == "root") return value;
        SEK_TRY(const auto id, find_principal(reader, *arn));
        if (id) return id->str();
        return invalid_principal("AWS", value);
    }
    if (const auto session = wire::assumed_role(value)) {
        SEK_TRY(const auto role, find_entity(reader, session->account, EntityKind::role, session->role));
        if (role) return value;
        return invalid_principal("AWS", value);
    }
    if (arn->service == "sts" && arn->resource.starts_with("federated-user/")) return value;
    return invalid_principal("AWS", value);
}

bool is_service_name(std::string_view value) {
    const bool plain = std::ranges::all_of(
        value, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; });
    return plain && (value.ends_with(".amazonaws.com") || value.ends_with(".amazonaws.com.cn") ||
                     value.ends_with(".amazon.com") || value.ends_with(".aws.internal"));
}

Result<void> check_federated(const store::Reader& reader, const std::string& value) {
    constexpr std::string_view public_providers[] = {"accounts.google.com", "cognito-identity.amazonaws.com",
                                                     "graph.facebook.com", "www.amazon.com"};
    if (std::ranges::find(public_providers, value) != std::end(public_providers)) return {};
    const auto arn = wire::Arn::parse(value);
    // Of OpenID Connect providers AWS looks at the form only: roles are often made before them.
    const bool is_oidc = arn && arn->service == "iam" && arn->region.empty() && is_account_id(arn->account) &&
                         arn->resource.starts_with("oidc-provider/") && !arn->resource_id().empty();
    if (is_oidc) return {};
    const bool is_saml = arn && arn->service == "iam" && arn->resource_type() == "saml-provider";
    if (is_saml && domain::saml_providers.exists(reader, AccountId(arn->account), std::string(arn->resource_id()))) {
        return {};
    }
    return invalid_principal("Federated", value);
}

Result<void> resolve_principals(const store::Reader& reader, policy::Principals& principals) {
    for (auto& value : principals.aws) {
        SEK_TRY(value, resolve_aws(reader, value));
    }
    for (const auto& value : principals.service) {
        if (!is_service_name(value)) return invalid_principal("SERVICE", value);
    }
    for (const auto& value : principals.federated) SEK_TRY(check_federated(reader, value));
    return {};
}

bool is_unique_id(std::string_view value) {
    return value.starts_with("AROA") || value.starts_with("AIDA");
}

// The ARN behind an id; nothing: it is gone.
std::optional<std::string> arn_of_id(const store::Reader& reader, const std::string& id) {
    if (id.starts_with("AROA")) {
        const auto role = domain::roles.get_by(reader, domain::roles_by_id, PrincipalId(id));
        return role && *role ? std::optional(domain::role_arn(**role)) : std::nullopt;
    }
    const auto user = domain::iam_users.get_by(reader, domain::iam_users_by_id, PrincipalId(id));
    return user && *user ? std::optional(domain::user_arn(**user)) : std::nullopt;
}

}  // namespace

Result<void> check_managed_document(const std::string& text) {
    SEK_TRY([[maybe_unused]] const auto document, parse_identity(text));
    if (policy::count_policy_characters(text) > limits::managed_policy_characters_max) {
        return quota("PolicySize", limits::managed_policy_characters_max);
    }
    return {};
}

Result<void> check_inline_document(const std::string& text, const Entity& entity,
                                   const domain::PrincipalPolicies& policies) {
    SEK_TRY([[maybe_unused]] const auto document, parse_identity(text));
    std::size_t characters = 0;
    for (const auto& [name, document_text] : policies.inline_policies) {
        characters += policy::count_policy_characters(document_text);
    }
    const std::size_t bound = inline_characters_max(entity.kind);
    if (characters > bound) {
        return iam::errors::limit_exceeded_exception(fmt::format("Maximum policy size of {} bytes exceeded for {} {}",
                                                                 bound, kind_name(entity.kind), entity.name));
    }
    return {};
}

Result<TrustPolicy> check_trust_policy(const operation::Call& call, const std::string& text) {
    SEK_TRY(auto document, policy::parse(text, policy::Use::trust));
    if (policy::count_policy_characters(text) > limits::trust_policy_characters_max) {
        return quota("ACLSizePerRole", limits::trust_policy_characters_max);
    }
    const auto given = document;
    for (auto& statement : document.statements) {
        if (statement.principals) SEK_TRY(resolve_principals(call.tx, *statement.principals));
    }
    return TrustPolicy{.text = text, .decided = document == given ? text : policy::print(document)};
}

std::string shown_trust_policy(const store::Reader& reader, const domain::Role& role) {
    if (role.trust_policy_text.empty() || role.trust_policy_text == role.trust_policy) return role.trust_policy;
    auto document = policy::parse(role.trust_policy, policy::Use::trust);
    if (!document) return role.trust_policy_text;
    bool someone_is_gone = false;
    for (auto& statement : document->statements) {
        if (!statement.principals) continue;
        for (auto& value : statement.principals->aws) {
            if (!is_unique_id(value)) continue;
            if (auto arn = arn_of_id(reader, value)) {
                value = std::move(*arn);
            } else {
                someone_is_gone = true;
            }
        }
    }
    return someone_is_gone ? policy::print(*document) : role.trust_policy_text;
}

}  // namespace sekisho::iam_service
