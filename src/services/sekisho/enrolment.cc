// Registering an authenticator app or a security key: forced at sign-in, or by a person who is signed in. The app's
// seed, or the challenge to the key, lives in a sealed value until the right answer comes.
#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/qr_code.h"
#include "base/text.h"
#include "crypto/equal.h"
#include "crypto/totp.h"
#include "domain/portal.h"
#include "services/sekisho/attempt.h"
#include "services/sekisho/people.h"
#include "services/sekisho/security_keys.h"
#include "services/sekisho/service.h"
#include "store/record_codec.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;
using operation::Access;
using operation::Call;

constexpr std::string_view enrolment_purpose = "device enrolment";
constexpr std::string_view issuer = "Sekisho";

struct Enrolment {
    PersonId person_id;
    std::int64_t person_epoch = 0;
    std::string seed;
    std::string name;
    Time expires_at{};
    domain::MfaKind kind = domain::MfaKind::authenticator_app;
    std::string challenge;  // to a security key
    static const Shape shape;
};

const Shape Enrolment::shape = record_shape<Enrolment>(
    "Enrolment", {SEK_FIELD(1, Enrolment, person_id), SEK_FIELD(2, Enrolment, person_epoch),
                  SEK_FIELD(3, Enrolment, seed), SEK_FIELD(4, Enrolment, name), SEK_FIELD(5, Enrolment, expires_at),
                  SEK_FIELD(6, Enrolment, kind), SEK_FIELD(7, Enrolment, challenge)});

// Who registers a device: the person of a sign-in under way, or the one who is signed in.
struct Registrant {
    domain::Person person;
    std::optional<Attempt> attempt;
    domain::IdentityCenter center;
};

Result<Registrant> registrant_of(Call& call, const std::optional<std::string>& attempt_token) {
    if (attempt_token) {
        SEK_TRY(auto attempt, open_attempt(call, *attempt_token, {SignInStep::mfa_enrolment}));
        SEK_TRY(auto person, load_person(call, attempt));
        SEK_TRY(auto center, load_center(call, attempt.identity_store_id));
        return Registrant{std::move(person), std::move(attempt), std::move(center)};
    }
    const auto& root = call.caller.root;
    if (call.caller.kind != access::CallerKind::person || !root.person_id) {
        return control::errors::access_denied_exception("Sign in first.");
    }
    SEK_TRY(auto person, domain::people.get(call.tx, *root.identity_store_id, *root.person_id));
    SEK_TRY(auto center, load_center(call, *root.identity_store_id));
    if (!person) return control::errors::access_denied_exception("Sign in first.");
    if (!center.mfa.users_manage_devices) {
        return control::errors::access_denied_exception("Your administrator manages MFA devices.");
    }
    return Registrant{std::move(*person), {}, std::move(center)};
}

// The person's devices, where one more of that kind may come to them.
Result<std::vector<domain::MfaDevice>> check_room_for_device(Call& call, const Registrant& registrant,
                                                             domain::MfaKind kind) {
    const auto& settings = registrant.center.mfa;
    const bool is_key = kind == domain::MfaKind::security_key;
    if (is_key ? !settings.security_keys : !settings.authenticator_apps) {
        return control::errors::validation_exception("MFA devices of this type cannot be registered.");
    }
    SEK_TRY(const auto usable, usable_devices(call, registrant.person.id, settings));
    // A forced enrolment is for those without a device: once there is one, the sign-in must show it.
    if (registrant.attempt && !usable.empty()) {
        return control::errors::invalid_token_exception("This sign-in has ended. Start again.");
    }
    SEK_TRY(auto devices, domain::mfa_devices.scan(call.tx, store::prefix(registrant.person.id)));
    const auto count = static_cast<std::size_t>(std::ranges::count(devices.items, kind, &domain::MfaDevice::kind));
    if (is_key && count >= limits::security_keys_max) {
        return control::errors::validation_exception("You can register at most 6 security keys.");
    }
    if (!is_key && count >= limits::authenticator_apps_max) {
        return control::errors::validation_exception("You can register at most 2 authenticator apps.");
    }
    return std::move(devices.items);
}

Result<void> seal_enrolment(const Call& call, const Enrolment& enrolment,
                            control::StartMfaEnrolmentResponse& response) {
    SEK_TRY(const auto plain, store::encode_record(Enrolment::shape, &enrolment, {}));
    response.enrolment_token = call.environment.tokens->seal(enrolment_purpose, plain);
    return {};
}

Result<control::StartMfaEnrolmentResponse> start_mfa_enrolment(Call& call,
                                                               const control::StartMfaEnrolmentRequest& request) {
    SEK_TRY(const auto registrant, registrant_of(call, request.attempt_token));
    const auto& person = registrant.person;
    const bool is_key = request.type == control::MfaType::security_key;
    const auto kind = is_key ? domain::MfaKind::security_key : domain::MfaKind::authenticator_app;
    SEK_TRY(const auto known, check_room_for_device(call, registrant, kind));
    Enrolment enrolment{.person_id = person.id,
                        .person_epoch = person.epoch,
                        .seed = {},
                        .name = request.display_name.value_or(is_key ? "Security key" : "Authenticator app"),
                        .expires_at = call.now + seconds(limits::sign_in_attempt_seconds),
                        .kind = kind,
                        .challenge = {}};
    control::StartMfaEnrolmentResponse response;
    if (is_key) {
        enrolment.challenge = random_bytes(call.random, 32);
        response.web_authn_options = creation_options(call, enrolment.challenge, person, known);
    } else {
        const auto seed = crypto::new_totp_seed(call.random);
        enrolment.seed = encode_base32(seed.expose());
        const auto uri = crypto::totp_uri(seed, issuer, person.user_name);
        response.seed = enrolment.seed;
        response.otp_auth_url = std::string(uri.expose());
        SEK_TRY(response.qr_svg, make_qr_svg(uri.expose()));
    }
    SEK_TRY(seal_enrolment(call, enrolment, response));
    return response;
}

Result<Enrolment> open_enrolment(const Call& call, std::string_view token, const domain::Person& person) {
    const auto plain = call.environment.tokens->open_sealed(enrolment_purpose, token);
    Enrolment enrolment;
    if (!plain || !store::decode_record(Enrolment::shape, *plain, &enrolment, {}) || enrolment.expires_at <= call.now ||
        enrolment.person_id != person.id || enrolment.person_epoch != person.epoch) {
        return control::errors::invalid_token_exception("This registration has ended. Start again.");
    }
    return enrolment;
}

// An authenticator app proves that it has the seed.
Result<domain::MfaDevice> confirm_app(Call& call, const Enrolment& enrolment, std::string_view typed,
                                      const std::vector<domain::MfaDevice>& known) {
    const Secret seed(decode_base32(enrolment.seed).value_or(""));
    const auto code = replace_all(std::string(trim(typed)), " ", "");
    const auto step = crypto::verify_totp(seed, code, call.now, -1);
    if (!step) {
        return control::errors::sign_in_failed_exception(
            "The code is not correct. Enter the one that the authenticator app shows now.");
    }
    for (const auto& other : known) {  // the same confirmation, sent twice
        if (crypto::equal(other.seed, seed)) {
            return control::errors::invalid_token_exception("This registration has ended. Start again.");
        }
    }
    return domain::MfaDevice{
        .person_id = enrolment.person_id, .kind = enrolment.kind, .seed = seed, .last_used_step = *step};
}

// A security key answers the challenge with a new key.
Result<domain::MfaDevice> confirm_key(Call& call, const Enrolment& enrolment, std::string_view credential) {
    SEK_TRY(const bool is_fresh, use_challenge(call, enrolment.challenge, enrolment.expires_at));
    if (!is_fresh) return control::errors::invalid_token_exception("This registration has ended. Start again.");
    auto refused = control::errors::sign_in_failed_exception("The security key was not accepted. Try again.");
    const auto answer = read_credential(credential);
    if (!answer) {
        refused.cause = answer.error().cause;
        return refused;
    }
    auto made = crypto::verify_registration(ceremony_of(call, enrolment.challenge), answer->client_data,
                                            answer->attestation_object);
    if (!made || made->credential_id != answer->credential_id) {
        refused.cause = made ? "another credential id" : made.error().cause;
        return refused;
    }
    return domain::MfaDevice{.person_id = enrolment.person_id,
                             .kind = enrolment.kind,
                             .credential_id = std::move(made->credential_id),
                             .public_key = std::move(made->public_key),
                             .sign_count = made->sign_count,
                             .is_discoverable = answer->is_discoverable,
                             .can_back_up = made->can_back_up,
                             .transports = answer->transports};
}

Result<control::ConfirmMfaEnrolmentResponse> confirm_mfa_enrolment(Call& call,
                                                                   const control::ConfirmMfaEnrolmentRequest& request) {
    SEK_TRY(auto registrant, registrant_of(call, request.attempt_token));
    SEK_TRY(const auto enrolment, open_enrolment(call, request.enrolment_token, registrant.person));
    SEK_TRY(const auto known, check_room_for_device(call, registrant, enrolment.kind));
    const bool is_key = enrolment.kind == domain::MfaKind::security_key;
    SEK_TRY(auto device, is_key ? confirm_key(call, enrolment, request.credential.value_or(""))
                                : confirm_app(call, enrolment, request.code.value_or(""), known));
    device.id = random_uuid(call.random);
    device.name = request.display_name.value_or(enrolment.name);
    device.registered_at = call.now;
    device.last_used_at = call.now;
    if (auto put = domain::mfa_devices.put(call.tx, device); !put) {
        if (put.error().code != store::codes::unique_index_violation) return std::move(put).error();
        return control::errors::sign_in_failed_exception("This security key is registered already.");
    }
    control::ConfirmMfaEnrolmentResponse response;
    if (registrant.attempt) {
        SEK_TRY(auto outcome, finish_sign_in(call, std::move(*registrant.attempt), registrant.person,
                                             origin_of(call, request), is_key ? "WEBAUTHN" : "TOTP"));
        response = to_response<control::ConfirmMfaEnrolmentResponse>(std::move(outcome));
    } else {
        SEK_TRY(tell_person(call, registrant.person, domain::MailKind::device_registered, device.name));
    }
    response.device_id = device.id;
    return response;
}

}  // namespace

const operation::OperationTable enrolment_operations = {
    operation::operation<control::StartMfaEnrolment>(
        {.access = Access::read, .resources = operation::anyone, .handle = start_mfa_enrolment}),
    operation::operation<control::ConfirmMfaEnrolment>(
        {.access = Access::write, .resources = operation::anyone, .handle = confirm_mfa_enrolment}),
};

}  // namespace sekisho::control_service
