#include "operation/audit_record.h"

#include "wire/audit_json.h"

namespace sekisho::operation {
namespace {

// Of an anonymous caller with an account is known whom it speaks for, by what it carries (a sign-in's code).
audit::IdentityType identity_type(const access::Caller& caller) {
    switch (caller.kind) {
        case access::CallerKind::root:
            return audit::IdentityType::root;
        case access::CallerKind::user:
            return audit::IdentityType::iam_user;
        case access::CallerKind::role_session:
            return audit::IdentityType::assumed_role;
        case access::CallerKind::federated_user:
            return audit::IdentityType::federated_user;
        case access::CallerKind::person:
            return audit::IdentityType::identity_center_user;
        case access::CallerKind::service:
            return audit::IdentityType::aws_service;
        case access::CallerKind::anonymous:
            if (caller.account_id.empty()) return audit::IdentityType::unknown;
            return caller.user_name.empty() ? audit::IdentityType::root : audit::IdentityType::iam_user;
        case access::CallerKind::web_identity:
            return audit::IdentityType::unknown;
    }
    return audit::IdentityType::unknown;
}

audit::SessionContext session_context(const access::Caller& caller) {
    audit::SessionContext context;
    if (caller.kind == access::CallerKind::role_session) {
        context.issuer = audit::SessionContext::Issuer{.type = audit::IdentityType::role,
                                                       .principal_id = caller.principal_id.str(),
                                                       .arn = caller.principal_arn,
                                                       .account_id = caller.account_id.str(),
                                                       .user_name = caller.role_name};
    }
    context.creation_date = caller.issued_at;
    context.mfa_authenticated = caller.mfa_at.has_value();
    context.source_identity = caller.source_identity;
    return context;
}

}  // namespace

audit::UserIdentity user_identity(const access::Caller& caller) {
    audit::UserIdentity identity;
    identity.type = identity_type(caller);
    if (caller.kind == access::CallerKind::service) {
        identity.invoked_by = caller.user_id;
        return identity;
    }
    identity.principal_id = caller.user_id;
    identity.arn = caller.arn;
    identity.account_id = caller.account_id.str();
    identity.access_key_id = caller.access_key_id.str();
    if (identity.type == audit::IdentityType::iam_user) identity.user_name = caller.user_name;
    if (caller.issued_at) identity.session_context = session_context(caller);
    const auto on_behalf_of = [&](const PersonId& person, const IdentityStoreId& identity_store) {
        identity.on_behalf_of =
            audit::OnBehalfOf{.user_id = person.str(),
                              .identity_store_arn = "arn:aws:identitystore::" + caller.account_id.str() +
                                                    ":identitystore/" + identity_store.str()};
    };
    const auto& root = caller.root;
    if (root.person_id) on_behalf_of(*root.person_id, *root.identity_store_id);
    if (root.identity_context) on_behalf_of(root.identity_context->person_id, root.identity_context->identity_store_id);
    return identity;
}

std::string print_audit_record(const AuditedCall& call) {
    const bool is_read = call.operation == nullptr || call.operation->access == Access::read;
    audit::Record record;
    record.user_identity = user_identity(call.caller);
    if (!call.facts.called_via.empty()) record.user_identity.invoked_by = call.facts.called_via;
    record.event_time = call.now;
    record.event_source = call.model->service->event_source;
    record.event_name = call.model->name;
    record.aws_region = call.facts.region.str();
    record.source_ip_address = call.facts.source_address;
    if (call.facts.is_inner && call.facts.source_address.empty()) record.source_ip_address = "sekisho.internal";
    record.user_agent = call.facts.user_agent;
    if (call.error != nullptr) {
        record.error_code = call.error->code;
        record.error_message = call.error->message;
    }
    if (call.request != nullptr) record.request_parameters = wire::print_for_audit(*call.model->request, call.request);
    if (call.response != nullptr && !is_read && call.error == nullptr) {
        record.response_elements = wire::print_for_audit(*call.model->response, call.response);
    }
    record.request_id = call.facts.request_id;
    record.event_id = call.event_id;
    record.read_only = is_read;
    record.recipient_account_id = call.caller.account_id.str();
    if (!call.facts.tls_version.empty()) {
        record.tls_details = audit::TlsDetails{.tls_version = call.facts.tls_version,
                                               .cipher_suite = call.facts.cipher_suite,
                                               .client_provided_host_header = call.facts.host};
    }
    return audit::print(record);
}

}  // namespace sekisho::operation
