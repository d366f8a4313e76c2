#include "audit/record.h"

#include "base/json.h"

namespace sekisho::audit {

namespace {

constexpr std::size_t error_message_bytes_max = 1024;

void optional_text(JsonWriter& json, std::string_view name, std::string_view value) {
    if (!value.empty()) json.member(name, value);
}

void optional_json(JsonWriter& json, std::string_view name, std::string_view value) {
    if (!value.empty()) json.name(name).raw(value);
}

void json_or_null(JsonWriter& json, std::string_view name, std::string_view value) {
    json.name(name).raw(value.empty() ? std::string_view("null") : value);
}

// At most that many bytes, without half a character at the end.
std::string_view cut(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end);
}

void write_issuer(JsonWriter& json, const SessionContext::Issuer& issuer) {
    json.name("sessionIssuer").begin_object();
    json.member("type", identity_type_name(issuer.type));
    optional_text(json, "principalId", issuer.principal_id);
    optional_text(json, "arn", issuer.arn);
    optional_text(json, "accountId", issuer.account_id);
    optional_text(json, "userName", issuer.user_name);
    json.end_object();
}

void write_session_context(JsonWriter& json, const SessionContext& context) {
    json.name("sessionContext").begin_object();
    if (context.issuer) write_issuer(json, *context.issuer);
    json.name("webIdFederationData").begin_object();
    optional_text(json, "federatedProvider", context.federated_provider);
    json.end_object();
    json.name("attributes").begin_object();
    if (context.creation_date) json.member("creationDate", format_iso8601(*context.creation_date));
    json.member("mfaAuthenticated", context.mfa_authenticated ? "true" : "false");
    json.end_object();
    optional_text(json, "sourceIdentity", context.source_identity);
    json.end_object();
}

void write_user_identity(JsonWriter& json, const UserIdentity& identity) {
    json.name("userIdentity").begin_object();
    json.member("type", identity_type_name(identity.type));
    optional_text(json, "principalId", identity.principal_id);
    optional_text(json, "arn", identity.arn);
    optional_text(json, "accountId", identity.account_id);
    optional_text(json, "accessKeyId", identity.access_key_id);
    optional_text(json, "userName", identity.user_name);
    optional_text(json, "identityProvider", identity.identity_provider);
    optional_text(json, "invokedBy", identity.invoked_by);
    optional_text(json, "credentialId", identity.credential_id);
    if (identity.session_context) write_session_context(json, *identity.session_context);
    if (identity.on_behalf_of) {
        json.name("onBehalfOf").begin_object();
        json.member("userId", identity.on_behalf_of->user_id);
        json.member("identityStoreArn", identity.on_behalf_of->identity_store_arn);
        json.end_object();
    }
    json.end_object();
}

void write_resources(JsonWriter& json, const std::vector<ResourceEntry>& resources) {
    if (resources.empty()) return;
    json.name("resources").begin_array();
    for (const ResourceEntry& resource : resources) {
        json.begin_object();
        optional_text(json, "accountId", resource.account_id);
        optional_text(json, "type", resource.type);
        json.member("ARN", resource.arn);
        json.end_object();
    }
    json.end_array();
}

void write_tls_details(JsonWriter& json, const TlsDetails& tls) {
    json.name("tlsDetails").begin_object();
    optional_text(json, "tlsVersion", tls.tls_version);
    optional_text(json, "cipherSuite", tls.cipher_suite);
    optional_text(json, "clientProvidedHostHeader", tls.client_provided_host_header);
    json.end_object();
}

void write_event(JsonWriter& json, const Record& record) {
    json.member("eventTime", format_iso8601(record.event_time));
    json.member("eventSource", record.event_source);
    json.member("eventName", record.event_name);
    json.member("awsRegion", record.aws_region);
    json.member("sourceIPAddress", record.source_ip_address);
    optional_text(json, "userAgent", record.user_agent);
    optional_text(json, "errorCode", record.error_code);
    optional_text(json, "errorMessage", cut(record.error_message, error_message_bytes_max));
    json_or_null(json, "requestParameters", record.request_parameters);
    json_or_null(json, "responseElements", record.response_elements);
    optional_json(json, "additionalEventData", record.additional_event_data);
    optional_text(json, "requestID", record.request_id);
    json.member("eventID", record.event_id);
}

}  // namespace

std::string_view identity_type_name(IdentityType type) {
    switch (type) {
        case IdentityType::root:
            return "Root";
        case IdentityType::iam_user:
            return "IAMUser";
        case IdentityType::assumed_role:
            return "AssumedRole";
        case IdentityType::role:
            return "Role";
        case IdentityType::federated_user:
            return "FederatedUser";
        case IdentityType::directory:
            return "Directory";
        case IdentityType::aws_account:
            return "AWSAccount";
        case IdentityType::aws_service:
            return "AWSService";
        case IdentityType::identity_center_user:
            return "IdentityCenterUser";
        case IdentityType::saml_user:
            return "SAMLUser";
        case IdentityType::web_identity_user:
            return "WebIdentityUser";
        case IdentityType::unknown:
            break;
    }
    return "Unknown";
}

std::string print(const Record& record) {
    std::string out;
    constexpr std::size_t most = 1000;  // without what was asked and answered
    out.reserve(most + record.request_parameters.size() + record.response_elements.size());
    JsonWriter json(out);
    json.begin_object();
    json.member("eventVersion", event_version);
    write_user_identity(json, record.user_identity);
    write_event(json, record);
    if (record.read_only) json.member("readOnly", *record.read_only);
    write_resources(json, record.resources);
    json.member("eventType", record.event_type);
    if (record.management_event) json.member("managementEvent", *record.management_event);
    optional_text(json, "recipientAccountId", record.recipient_account_id);
    optional_text(json, "sharedEventID", record.shared_event_id);
    optional_json(json, "serviceEventDetails", record.service_event_details);
    json.member("eventCategory", record.event_category);
    if (record.session_credential_from_console) json.member("sessionCredentialFromConsole", "true");
    if (record.tls_details) write_tls_details(json, *record.tls_details);
    json.end_object();
    return out;
}

}  // namespace sekisho::audit
