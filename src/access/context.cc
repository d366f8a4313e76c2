#include "access/context.h"

#include "base/text.h"

namespace sekisho::access {
namespace {

std::string_view principal_type(const Caller& caller) {
    switch (caller.kind) {
        case CallerKind::root:
            return "Account";
        case CallerKind::user:
            return "User";
        case CallerKind::role_session:
            return "AssumedRole";
        case CallerKind::federated_user:
            return "FederatedUser";
        default:
            return "Anonymous";
    }
}

}  // namespace

RequestContext::Found RequestContext::many(std::vector<std::string> values) const {
    const auto& texts = texts_.emplace_back(std::move(values));
    auto& views = views_.emplace_back();
    for (const auto& text : texts) views.emplace_back(text);
    return policy::ContextValues(views);
}

RequestContext::Found RequestContext::one(std::string value) const {
    return many({std::move(value)});
}

RequestContext::Found RequestContext::find(std::string_view key) const {
    for (const auto& [name, values] : permission_.context) {
        if (equals_ignoring_case(name, key)) return many(values);
    }
    if (key == "identitystore:userid" && caller_.root.person_id) return one(caller_.root.person_id->str());
    if (const auto& context = caller_.root.identity_context) {
        if (key == "identitystore:userid") return one(context->person_id.str());
        if (key == "identitycenter:applicationarn") return one(context->application_arn);
    }
    if (key == "sts:sourceidentity" || key == "sts:rolesessionname") return {};  // of the request, never of the caller
    if (!key.starts_with("aws:")) return {};
    key.remove_prefix(4);
    if (auto found = principal_key(key)) return found;
    return request_key(key);
}

RequestContext::Found RequestContext::principal_key(std::string_view name) const {
    if (caller_.kind == CallerKind::service) return {};
    if (name == "federatedprovider" && caller_.root.oidc_provider_arn) return one(*caller_.root.oidc_provider_arn);
    if (caller_.kind == CallerKind::web_identity) return {};  // no principal of IAM yet
    if (name == "principalarn") return one(caller_.principal_arn);
    if (name == "principalaccount" && !caller_.account_id.empty()) return one(caller_.account_id.str());
    if (name == "principaltype") return one(std::string(principal_type(caller_)));
    if (name == "userid") return one(caller_.user_id);
    if (name == "username" && caller_.kind == CallerKind::user) return one(caller_.user_name);
    if (name == "sourceidentity" && !caller_.source_identity.empty()) return one(caller_.source_identity);
    if (name == "principalorgid" && !caller_controls_.organization_id.empty()) {
        return one(caller_controls_.organization_id);
    }
    if (name == "principalorgpaths" && !caller_controls_.organization_path.empty()) {
        return one(caller_controls_.organization_path);
    }
    constexpr std::string_view tag = "principaltag/";
    if (name.starts_with(tag)) {
        for (const auto& [key, value] : caller_.principal_tags) {
            if (equals_ignoring_case(key, name.substr(tag.size()))) return one(value);
        }
    }
    // Absent for long-term keys, false or true for temporary ones (IAM user guide, aws:MultiFactorAuthPresent).
    if (name == "multifactorauthpresent" && caller_.is_temporary()) return one(caller_.mfa_at ? "true" : "false");
    if (name == "multifactorauthage" && caller_.mfa_at) {
        return one(std::to_string(epoch_seconds(now_) - epoch_seconds(*caller_.mfa_at)));
    }
    if (name == "tokenissuetime" && caller_.issued_at) return one(format_iso8601(*caller_.issued_at));
    return {};
}

RequestContext::Found RequestContext::request_key(std::string_view name) const {
    // A service that calls for its caller has no address (IAM user guide, aws:SourceIp).
    const bool is_via = !facts_.called_via.empty();
    if (name == "sourceip" && !facts_.source_address.empty() && !is_via) return one(facts_.source_address);
    if (name == "securetransport") return one(facts_.tls_version.empty() && !facts_.is_inner ? "false" : "true");
    if (name == "useragent" && !facts_.user_agent.empty()) return one(facts_.user_agent);
    if (name == "requestedregion" && !facts_.region.empty()) return one(facts_.region.str());
    if (name == "currenttime") return one(format_iso8601(now_));
    if (name == "epochtime") return one(std::to_string(epoch_seconds(now_)));
    if (name == "viaawsservice") return one(is_via ? "true" : "false");
    if (is_via && (name == "calledvia" || name == "calledviafirst" || name == "calledvialast")) {
        return one(facts_.called_via);
    }
    if (name == "resourceaccount" && permission_.resource != "*") {
        return one(permission_.resource_account.empty() ? caller_.account_id.str()
                                                        : permission_.resource_account.str());
    }
    if (name == "resourceorgid" && !resource_controls_.organization_id.empty()) {
        return one(resource_controls_.organization_id);
    }
    if (name == "resourceorgpaths" && !resource_controls_.organization_path.empty()) {
        return one(resource_controls_.organization_path);
    }
    return {};
}

}  // namespace sekisho::access
