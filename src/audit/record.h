#pragma once
// Record: one CloudTrail record, version 1.11, as fields. Empty texts and absent optionals are left out, but for those
// that CloudTrail always has. Views are of texts that the maker keeps until the record is printed.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace sekisho::audit {

inline constexpr std::string_view event_version = "1.11";
inline constexpr std::string_view hidden_text = "HIDDEN_DUE_TO_SECURITY_REASONS";

enum class IdentityType : std::uint8_t {
    unknown,
    root,
    iam_user,
    assumed_role,
    role,
    federated_user,
    directory,
    aws_account,
    aws_service,
    identity_center_user,
    saml_user,
    web_identity_user,
};
std::string_view identity_type_name(IdentityType type);  // "IAMUser"

// Who made the role or federation session, and how.
struct SessionContext {
    struct Issuer {
        IdentityType type = IdentityType::role;  // role; iam_user or root of federated users
        std::string_view principal_id;
        std::string_view arn;
        std::string_view account_id;
        std::string_view user_name;  // the role's name
    };
    std::optional<Issuer> issuer;
    std::optional<Time> creation_date;
    bool mfa_authenticated = false;
    std::string_view source_identity;
    std::string_view federated_provider;  // of web identity sessions
};

struct OnBehalfOf {  // the person behind a session of IAM Identity Center
    std::string_view user_id;
    std::string identity_store_arn;
};

// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
struct UserIdentity {
    IdentityType type = IdentityType::unknown;
    std::string_view principal_id;
    std::string_view arn;
    std::string_view account_id;
    std::string_view access_key_id;
    std::string_view user_name;
    std::string_view identity_provider;  // saml_user, web_identity_user
    std::string_view invoked_by;         // aws_service; or the service that called for the principal
    std::string_view credential_id;      // identity_center_user
    std::optional<SessionContext> session_context;
    std::optional<OnBehalfOf> on_behalf_of;
};

struct ResourceEntry {
    std::string_view arn;
    std::string_view account_id;
    std::string_view type;  // AWS::IAM::Role
};

struct TlsDetails {
    std::string_view tls_version;
    std::string_view cipher_suite;
    std::string_view client_provided_host_header;
};

struct Record {
    UserIdentity user_identity;
    Time event_time{};
    std::string_view event_source;  // iam.amazonaws.com
    std::string_view event_name;    // CreateRole
    std::string_view aws_region;
    std::string_view source_ip_address;
    std::string_view user_agent;
    std::string_view error_code;
    std::string_view error_message;  // cut to 1 KB
    // Ready JSON, without secrets; empty: null (the first two) or left out.
    std::string request_parameters;
    std::string response_elements;
    std::string additional_event_data;
    std::string service_event_details;
    std::string_view request_id;
    std::string event_id;  // UUID; the key of append_once
    std::optional<bool> read_only;
    std::vector<ResourceEntry> resources;
    std::string_view event_type = "AwsApiCall";
    std::string_view event_category = "Management";
    std::optional<bool> management_event = true;
    std::string_view recipient_account_id;
    std::string_view shared_event_id;
    bool session_credential_from_console = false;
    std::optional<TlsDetails> tls_details;  // absent when a service called
};

// One line of JSON, without its newline. 1 to 2 microseconds.
std::string print(const Record& record);

}  // namespace sekisho::audit
