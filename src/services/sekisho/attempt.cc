#include "services/sekisho/attempt.h"

#include <algorithm>

#include "access/authenticate.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "domain/cidr.h"
#include "domain/mail_texts.h"
#include "domain/portal.h"
#include "services/sekisho/new_password.h"
#include "services/sekisho/people.h"
#include "services/sekisho/security_keys.h"
#include "store/record_codec.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;
using operation::Call;

constexpr std::string_view attempt_purpose = "sign-in attempt";
constexpr std::string_view trusted_device_purpose = "trusted device";
constexpr std::size_t user_agent_bytes_max = 512;

ApiError start_again() {
    return control::errors::invalid_token_exception("This sign-in has ended. Start again.");
}

// A browser that a person has called their own, until the end of 90 days, another browser version, another network, or
// sign-out everywhere.
struct TrustedDevice {
    PersonId person_id;
    std::int64_t person_epoch = 0;
    std::string user_agent_hash;
    Time expires_at{};
    std::string network;
    static const Shape shape;
};

const Shape TrustedDevice::shape = record_shape<TrustedDevice>(
    "TrustedDevice", {SEK_FIELD(1, TrustedDevice, person_id), SEK_FIELD(2, TrustedDevice, person_epoch),
                      SEK_FIELD(3, TrustedDevice, user_agent_hash), SEK_FIELD(4, TrustedDevice, expires_at),
                      SEK_FIELD(5, TrustedDevice, network)});

// The part of an address that stays while a device stays where it is; the address itself when it is none.
std::string network_of(const std::string& address) {
    const auto network = domain::Cidr::parse(address + (address.contains(':') ? "/56" : "/24"));
    return network ? network->print() : address;
}

bool is_trusted(const Call& call, const domain::Person& person, const Origin& origin) {
    if (origin.device_token.empty()) return false;
    const auto plain = call.environment.tokens->open_sealed(trusted_device_purpose, origin.device_token);
    TrustedDevice device;
    if (!plain || !store::decode_record(TrustedDevice::shape, *plain, &device, {})) return false;
    return device.person_id == person.id && device.person_epoch == person.epoch && device.expires_at > call.now &&
           device.user_agent_hash == access::hash_of_secret(origin.user_agent) &&
           device.network == network_of(origin.address);
}

// Sends a code to the person's address and asks for it.
Result<Outcome> ask_for_mailed_code(Call& call, Attempt attempt, const domain::Person& person,
                                    const domain::IdentityCenter& center) {
    const auto* email = domain::primary_email(person);
    if (email == nullptr) {
        return control::errors::sign_in_failed_exception(
            "A code is to be sent to your e-mail address, but none is known. Ask your administrator.");
    }
    attempt.nonce = random_hex(call.random, 32);
    const auto code = random_text(call.random, 6, "0123456789");
    SEK_TRY(domain::mailed_tokens.put(call.tx, {.token_hash = email_code_hash(attempt, code),
                                                .purpose = std::string(email_code_purpose),
                                                .person_id = person.id,
                                                .identity_store_id = person.identity_store_id,
                                                .account_id = {},
                                                .created_at = call.now,
                                                .expires_at = call.now + seconds(limits::email_code_seconds),
                                                .email = email->value}));
    SEK_TRY(mail_person(call, center, person, domain::MailKind::email_code, {.link = {}, .code = code}));
    return go_on(call, std::move(attempt), SignInStep::email_code);
}

Result<Outcome> without_device(Call& call, Attempt attempt, const domain::Person& person,
                               const domain::IdentityCenter& center, const Origin& origin) {
    switch (center.mfa.missing_device) {
        case domain::MissingDevice::allow:
            return finish_sign_in(call, std::move(attempt), person, origin, "");
        case domain::MissingDevice::require_email_otp:
            return ask_for_mailed_code(call, std::move(attempt), person, center);
        case domain::MissingDevice::require_registration:
            return go_on(call, std::move(attempt), SignInStep::mfa_enrolment);
        case domain::MissingDevice::block:
            break;
    }
    return control::errors::sign_in_failed_exception(
        "You need an MFA device to sign in and have none registered. Ask your administrator.");
}

// What a page needs for the step that is asked for: a fresh challenge to the person's keys, and the types that can be
// shown or registered.
Result<void> ask_for_second_factor(Call& call, Attempt& attempt, Outcome& outcome) {
    if (attempt.step != SignInStep::mfa_code && attempt.step != SignInStep::mfa_enrolment) return {};
    SEK_TRY(const auto center, load_center(call, attempt.identity_store_id));
    SEK_TRY(const auto devices, usable_devices(call, *attempt.person_id, center.mfa));
    const bool registers = attempt.step == SignInStep::mfa_enrolment;
    const auto has = [&](domain::MfaKind kind) {
        return std::ranges::find(devices, kind, &domain::MfaDevice::kind) != devices.end();
    };
    auto& types = outcome.mfa_types.emplace();
    if (registers ? center.mfa.authenticator_apps : has(domain::MfaKind::authenticator_app)) {
        types.push_back(control::MfaType::authenticator_app);
    }
    if (registers ? center.mfa.security_keys : has(domain::MfaKind::security_key)) {
        types.push_back(control::MfaType::security_key);
    }
    if (registers || !has(domain::MfaKind::security_key)) return {};
    attempt.nonce = random_bytes(call.random, 32);
    outcome.web_authn_options = request_options(call, attempt.nonce, devices);
    return {};
}

}  // namespace

const Shape Attempt::shape = record_shape<Attempt>(
    "Attempt",
    {SEK_FIELD(1, Attempt, identity_store_id), SEK_FIELD(2, Attempt, user_name), SEK_FIELD(3, Attempt, step),
     SEK_FIELD(4, Attempt, person_id), SEK_FIELD(5, Attempt, person_epoch), SEK_FIELD(6, Attempt, password_stamp),
     SEK_FIELD(7, Attempt, credential_types), SEK_FIELD(8, Attempt, return_to), SEK_FIELD(9, Attempt, invitation_hash),
     SEK_FIELD(10, Attempt, nonce), SEK_FIELD(11, Attempt, expires_at)});

ApiError wrong_code() {
    return control::errors::sign_in_failed_exception("The code is not correct. Enter the newest one.");
}

bool is_local_path(std::string_view path) {
    if (!path.starts_with('/') || path.starts_with("//") || path.contains('\\')) return false;
    return std::ranges::none_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x21 || c == 0x7f; });
}

Result<std::string> seal_attempt(const Call& call, const Attempt& attempt) {
    SEK_TRY(const auto plain, store::encode_record(Attempt::shape, &attempt, {}));
    return call.environment.tokens->seal(attempt_purpose, plain);
}

Result<Attempt> open_attempt(const Call& call, std::string_view token, std::initializer_list<SignInStep> steps) {
    const auto plain = call.environment.tokens->open_sealed(attempt_purpose, token);
    Attempt attempt;
    if (!plain || !store::decode_record(Attempt::shape, *plain, &attempt, {})) return start_again();
    if (attempt.expires_at <= call.now || std::ranges::find(steps, attempt.step) == steps.end()) return start_again();
    return attempt;
}

Result<domain::Person> load_person(const Call& call, const Attempt& attempt) {
    if (!attempt.person_id) return start_again();
    SEK_TRY(auto person, domain::people.get(call.tx, attempt.identity_store_id, *attempt.person_id));
    if (!person || !person->enabled || person->epoch != attempt.person_epoch) return start_again();
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person->id));
    if (password_stamp(credentials) != attempt.password_stamp) return start_again();
    return std::move(*person);
}

Result<domain::IdentityCenter> load_center(const Call& call, const IdentityStoreId& identity_store) {
    SEK_TRY(auto center, domain::identity_centers.get_by(call.tx, domain::identity_centers_by_store, identity_store));
    if (!center) return start_again();
    return std::move(*center);
}

Result<std::vector<domain::MfaDevice>> usable_devices(Call& call, const PersonId& person,
                                                      const domain::MfaSettings& settings) {
    call.tx.read_guard(domain::mfa_devices_guard(person));
    SEK_TRY(auto devices, domain::mfa_devices.scan(call.tx, store::prefix(person)));
    std::erase_if(devices.items, [&](const domain::MfaDevice& device) {
        return device.kind == domain::MfaKind::security_key ? !settings.security_keys : !settings.authenticator_apps;
    });
    return std::move(devices.items);
}

Result<Outcome> go_on(Call& call, Attempt attempt, SignInStep step) {
    attempt.step = step;
    Outcome outcome{.step = step};
    if (attempt.person_id) SEK_TRY(ask_for_second_factor(call, attempt, outcome));
    SEK_TRY(outcome.attempt_token, seal_attempt(call, attempt));
    return outcome;
}

Result<Outcome> after_password(Call& call, Attempt attempt, const domain::Person& person, const Origin& origin) {
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, person.id));
    if (credentials && credentials->change_required) {
        return go_on(call, std::move(attempt), SignInStep::new_password);
    }
    SEK_TRY(const auto center, load_center(call, person.identity_store_id));
    if (center.mfa.prompt == domain::MfaPrompt::never) {
        return finish_sign_in(call, std::move(attempt), person, origin, "");
    }
    if (center.mfa.prompt == domain::MfaPrompt::context_aware && is_trusted(call, person, origin)) {
        return finish_sign_in(call, std::move(attempt), person, origin, "");
    }
    SEK_TRY(const auto devices, usable_devices(call, person.id, center.mfa));
    if (!devices.empty()) return go_on(call, std::move(attempt), SignInStep::mfa_code);
    return without_device(call, std::move(attempt), person, center, origin);
}

Result<NewSession> make_session(Call& call, const domain::Person& person, const Origin& origin,
                                std::string credential_types, bool mfa_done, Time expires_at) {
    NewSession made;
    made.secret = encode_base64url(random_bytes(call.random, 32));
    made.session = {.id = SignInSessionId(access::hash_of_secret(made.secret)),
                    .person_id = person.id,
                    .identity_store_id = person.identity_store_id,
                    .person_epoch = person.epoch,
                    .created_at = call.now,
                    .expires_at = expires_at,
                    .mfa_done = mfa_done,
                    .credential_types = std::move(credential_types),
                    .source_address = origin.address,
                    .user_agent = origin.user_agent.substr(0, user_agent_bytes_max),
                    .store_epoch = access::read_store_epoch(call.tx)};
    SEK_TRY(domain::sign_in_sessions.put(call.tx, made.session));
    return made;
}

Result<Outcome> finish_sign_in(Call& call, Attempt attempt, const domain::Person& person, const Origin& origin,
                               std::string_view second_factor) {
    SEK_TRY(const auto center, load_center(call, person.identity_store_id));
    std::string credential_types = attempt.credential_types;
    if (!credential_types.empty() && !second_factor.empty()) credential_types += ',';
    credential_types += second_factor;
    SEK_TRY(auto made, make_session(call, person, origin, credential_types, !second_factor.empty(),
                                    call.now + minutes(center.session_minutes_max)));
    SEK_TRY(record_sign_in(
        call, person.id,
        {.credential_types = credential_types, .address = origin.address, .user_agent = origin.user_agent}));
    Outcome outcome{.step = SignInStep::done};
    outcome.session_token = std::move(made.secret);
    outcome.user_id = person.id.str();
    outcome.display_name = person.display_name;
    outcome.expires_date = made.session.expires_at;
    if (!attempt.return_to.empty()) outcome.return_to = attempt.return_to;
    return outcome;
}

Result<std::string> make_device_token(Call& call, const domain::Person& person, const Origin& origin) {
    const TrustedDevice device{.person_id = person.id,
                               .person_epoch = person.epoch,
                               .user_agent_hash = access::hash_of_secret(origin.user_agent),
                               .expires_at = call.now + seconds(limits::trusted_device_seconds),
                               .network = network_of(origin.address)};
    SEK_TRY(const auto plain, store::encode_record(TrustedDevice::shape, &device, {}));
    return call.environment.tokens->seal(trusted_device_purpose, plain);
}

std::string email_code_hash(const Attempt& attempt, std::string_view code) {
    return access::hash_of_secret(attempt.nonce + "\n" + std::string(code));
}

}  // namespace sekisho::control_service
