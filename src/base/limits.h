#pragma once
// Every limit of the house: sizes in bytes, times in the unit that the name ends with. AWS's where AWS has one.
#include <cstddef>
#include <cstdint>

namespace sekisho::limits {

// net
inline constexpr std::size_t request_line_bytes_max = 16 * 1024;
inline constexpr std::size_t header_bytes_max = 32 * 1024;  // all headers of one request together
inline constexpr std::size_t header_count_max = 100;
inline constexpr std::size_t body_bytes_max = 1024 * 1024;
inline constexpr std::size_t connections_max = 10'000;
inline constexpr std::size_t http2_streams_max = 256;  // open at once on one connection
inline constexpr std::size_t tls_handshake_milliseconds_max = 10'000;
inline constexpr std::size_t request_milliseconds_max = 30'000;   // first byte of a request to its last
inline constexpr std::size_t idle_milliseconds_max = 120'000;     // keep-alive
inline constexpr std::size_t response_milliseconds_max = 60'000;  // a client that does not read

// wire
inline constexpr std::size_t json_depth_max = 32;
inline constexpr std::size_t form_members_max = 10'000;
inline constexpr std::size_t validation_errors_max = 20;

// YAML (a ConfigMap holds at most 1 MiB)
inline constexpr std::size_t yaml_bytes_max = 1024 * 1024;  // also after aliases are expanded
inline constexpr std::size_t yaml_nodes_max = 50'000;

// template (CloudFormation quotas)
inline constexpr std::size_t template_body_bytes_max = 51'200;  // in a request
inline constexpr std::size_t template_resources_max = 500;
inline constexpr std::size_t template_parameters_max = 200;
inline constexpr std::size_t template_mappings_max = 200;
inline constexpr std::size_t template_outputs_max = 200;
inline constexpr std::size_t template_description_bytes_max = 1024;
inline constexpr std::size_t template_parameter_bytes_max = 4096;
inline constexpr std::size_t template_name_characters_max = 255;
inline constexpr std::size_t template_value_bytes_max = 256 * 1024;  // of one resource, functions applied

// store
inline constexpr std::size_t key_bytes_max = 511;
inline constexpr std::size_t transaction_keys_max = 100;
inline constexpr std::size_t transaction_bytes_max = 1024 * 1024;
inline constexpr std::size_t commit_queue_max = 10'000;
inline constexpr std::size_t page_items_max = 1000;

// operation (the API's doors, per second)
inline constexpr std::uint32_t address_failures_per_second = 100;
inline constexpr std::uint32_t anonymous_requests_per_failure = 10;  // so many cost what one failure costs
inline constexpr std::int64_t rate_burst_seconds = 10;               // what a bucket holds, of its rate
inline constexpr std::size_t rate_buckets_max = 16'384;              // 16 bytes each

// access
inline constexpr std::int64_t signature_skew_seconds_max = 15 * 60;
inline constexpr std::int64_t eks_token_age_seconds_max = 15 * 60;
inline constexpr std::int64_t eks_token_future_seconds_max = 5 * 60;
inline constexpr std::size_t eks_token_bytes_max = 4096;
inline constexpr std::size_t session_token_bytes_max = 2048;
inline constexpr std::size_t session_token_inline_bytes_max = 1100;

// sign-in
inline constexpr std::int64_t sign_in_attempt_seconds = 15 * 60;  // from the user name to the last step
inline constexpr std::int32_t user_failures_free = 5;             // wrong passwords and codes before the first lock
inline constexpr std::int32_t address_failures_free = 20;
inline constexpr std::int64_t lock_seconds_first = 30;  // doubled with each further failure
inline constexpr std::int64_t lock_seconds_max = 15 * 60;
inline constexpr std::int64_t failures_kept_seconds = 24 * 60 * 60;
inline constexpr std::size_t saml_metadata_bytes_max = 256 * 1024;  // two copies fit in one transaction
inline constexpr std::size_t password_queue_max = 64;               // hashes that wait for a thread
inline constexpr std::size_t password_threads_max = 2;
inline constexpr std::size_t password_characters_min = 8;  // AWS, "Password requirements"
inline constexpr std::size_t password_characters_max = 64;
inline constexpr std::size_t authenticator_apps_max = 2;  // of one person
inline constexpr std::size_t security_keys_max = 6;
inline constexpr std::int64_t mfa_recovery_seconds = 60 * 60;  // an administrator's one-time code
inline constexpr std::int64_t sign_in_history_seconds = 90 * 24 * 60 * 60;
inline constexpr std::size_t webauthn_response_bytes_max = 32 * 1024;  // a browser's answer, as JSON
inline constexpr std::int64_t invitation_seconds = 7 * 24 * 60 * 60;
inline constexpr std::int64_t password_reset_seconds = 60 * 60;
inline constexpr std::int64_t password_reset_wait_seconds = 60;      // between two mails to one person
inline constexpr std::int32_t password_resets_per_address_max = 20;  // in an hour
inline constexpr std::int64_t email_code_seconds = 10 * 60;
inline constexpr std::int64_t trusted_device_seconds = 90 * 24 * 60 * 60;
inline constexpr std::int32_t mail_attempts_max = 10;

// SSO-OIDC
inline constexpr std::int64_t client_registration_seconds = 7'776'000;  // 90 days
inline constexpr std::size_t client_id_bytes_max = 4096;
inline constexpr std::int32_t device_code_seconds = 600;
inline constexpr std::int32_t device_poll_seconds = 1;
inline constexpr std::size_t device_grants_per_address_max = 20;  // open at once
inline constexpr std::int64_t authorization_code_seconds = 120;
inline constexpr std::int32_t access_token_seconds = 3600;
inline constexpr std::int32_t legacy_access_token_seconds = 8 * 3600;  // of a client without scopes
inline constexpr std::int64_t refresh_reuse_seconds = 60;

// policy (IAM quotas, in non-white-space characters)
inline constexpr std::size_t managed_policy_characters_max = 6144;
inline constexpr std::size_t role_inline_policy_characters_max = 10240;
inline constexpr std::size_t user_inline_policy_characters_max = 2048;
inline constexpr std::size_t group_inline_policy_characters_max = 5120;
inline constexpr std::size_t trust_policy_characters_max = 2048;
inline constexpr std::size_t policy_document_bytes_max = 262'144;  // AWSSupportServiceRolePolicy has 152,297
inline constexpr std::size_t policy_statements_max = 1'000;
inline constexpr std::size_t policy_values_max = 10'000;  // of all lists of one document together

// Identity Center (user guide, "IAM Identity Center quotas")
inline constexpr std::size_t permission_set_policies_max = 20;  // managed, AWS's and the customer's together
inline constexpr std::size_t permission_set_policy_characters_max = 10240;
inline constexpr std::int32_t permission_set_session_seconds_min = 3600;
inline constexpr std::int32_t permission_set_session_seconds_max = 12 * 3600;
inline constexpr std::size_t tags_max = 50;  // of one resource
inline constexpr std::int64_t provisioning_request_days_max = 90;
inline constexpr std::size_t applications_max = 3000;  // of an instance
inline constexpr std::size_t applications_page_max = 50;
inline constexpr std::size_t application_scopes_max = 10;
inline constexpr std::size_t trusted_token_issuers_max = 10;  // of an instance
inline constexpr std::size_t redirect_uri_bytes_max = 1024;

// Organizations (user guide, "Quotas and service limits for AWS Organizations")
inline constexpr int unit_depth_max = 5;
inline constexpr std::size_t service_control_policy_characters_max = 10'240;
inline constexpr std::size_t resource_control_policy_characters_max = 5'120;
inline constexpr std::size_t service_control_policies_attached_max = 10;  // to one root, unit or account
inline constexpr std::size_t resource_control_policies_attached_max = 5;  // .. AWS's own among them
inline constexpr std::size_t invitations_per_day_max = 20;                // that were not accepted
inline constexpr std::int64_t organization_invitation_seconds = 15 * 24 * 60 * 60;
inline constexpr std::int64_t all_features_request_seconds = 90 * 24 * 60 * 60;

// iam (quotas of AWS)
inline constexpr std::size_t attached_policies_max = 10;  // of a user, group or role
inline constexpr std::size_t groups_of_user_max = 10;
inline constexpr std::size_t access_keys_of_user_max = 2;
inline constexpr std::size_t mfa_devices_of_user_max = 8;
inline constexpr int mfa_enable_steps_max = 3;           // how far off two codes may be when a device is enabled
inline constexpr int mfa_resync_steps_max = 20;          // and when its clock is set: 10 min
inline constexpr std::size_t oidc_providers_max = 100;   // of an account
inline constexpr std::size_t oidc_client_ids_max = 100;  // of a provider
inline constexpr std::size_t oidc_thumbprints_max = 5;
inline constexpr std::int64_t oidc_keys_seconds = 5 * 60;  // an issuer's keys are kept so long
inline constexpr std::int64_t oidc_retry_seconds = 10;     // and asked for again not sooner
inline constexpr std::int64_t oidc_skew_seconds = 60;      // of a token's nbf
inline constexpr std::size_t oidc_issuers_kept_max = 1000;
inline constexpr std::size_t oidc_document_bytes_max = 256 * 1024;
inline constexpr std::int64_t oidc_fetch_milliseconds_max = 5'000;
inline constexpr std::size_t policy_versions_max = 5;
inline constexpr std::size_t simulation_results_max = 1000;

// ec2 (quotas of AWS)
inline constexpr std::size_t vpc_cidrs_max = 5;
inline constexpr std::size_t security_group_rules_max = 60;  // of each direction
inline constexpr std::size_t routes_max = 200;               // of one table; 50 by default
inline constexpr std::int64_t launch_template_versions_max = 10'000;

}  // namespace sekisho::limits
