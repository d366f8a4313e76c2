#include "services/sekisho/views.h"

namespace sekisho::control_service {

control::MfaDevice to_view(const domain::MfaDevice& device) {
    return {
        .device_id = device.id,
        .type = device.kind == domain::MfaKind::security_key ? control::MfaType::security_key
                                                             : control::MfaType::authenticator_app,
        .display_name = device.name,
        .registered_date = device.registered_at,
        .last_used_date = device.last_used_at,
        .passkey = device.kind == domain::MfaKind::security_key ? std::optional(device.is_discoverable) : std::nullopt};
}

control::SignInSession to_view(const domain::SignInSession& session) {
    return {.session_id = session.id.str(),
            .created_date = session.created_at,
            .expires_date = session.expires_at,
            .mfa_done = session.mfa_done,
            .source_address = session.source_address,
            .user_agent = session.user_agent,
            .credential_types = session.credential_types};
}

control::SignInRecord to_view(const domain::SignInRecord& record) {
    return {.date = record.at,
            .outcome = record.succeeded ? control::Outcome::succeeded : control::Outcome::failed,
            .credential_types = record.credential_types,
            .source_address = record.source_address,
            .user_agent = record.user_agent};
}

control::MailSummary to_view(const domain::Mail& mail) {
    const auto state = [&] {
        if (mail.state == "sent") return control::MailState::sent;
        if (mail.state == "bounced") return control::MailState::bounced;
        return mail.state == "failed" ? control::MailState::failed : control::MailState::outbox;
    };
    control::MailSummary summary{.mail_id = mail.id,
                                 .kind = mail.kind,
                                 .to = mail.to,
                                 .subject = mail.subject,
                                 .state = state(),
                                 .created_date = mail.created_at,
                                 .sent_date = mail.sent_at};
    if (!mail.failure.empty()) summary.failure_reason = mail.failure;
    summary.language = mail.language == "ja" ? control::Language::ja : control::Language::en;
    summary.attempts = mail.attempts;
    return summary;
}

bool is_live(const domain::SignInSession& session, const domain::Person& person, Time now) {
    return session.person_id == person.id && session.person_epoch == person.epoch && person.enabled &&
           session.expires_at > now;
}

Result<std::vector<control::SignInSession>> live_sessions(const store::Reader& reader, const domain::Person& person,
                                                          Time now) {
    std::vector<control::SignInSession> live;
    store::Page page;
    do {
        SEK_TRY(auto part, domain::sign_in_sessions.scan_by(reader, domain::sign_in_sessions_by_person,
                                                            store::key(person.id), page));
        for (const auto& session : part.items) {
            if (is_live(session, person, now)) live.push_back(to_view(session));
        }
        page.after = part.next.value_or("");
    } while (!page.after.empty());
    return live;
}

Result<domain::Person> signed_in_person(operation::Call& call) {
    const auto& root = call.caller.root;
    if (call.caller.kind != access::CallerKind::person || !root.person_id || !root.identity_store_id) {
        return control::errors::access_denied_exception("Sign in first.");
    }
    SEK_TRY(auto person, domain::people.get(call.tx, *root.identity_store_id, *root.person_id));
    if (!person) return control::errors::access_denied_exception("Sign in first.");
    return std::move(*person);
}

}  // namespace sekisho::control_service
