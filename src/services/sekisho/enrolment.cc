// Registering an authenticator app: forced at sign-in, or by a person who is signed in. The seed lives in a sealed
// value until a code proves that the app has it.
#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/qr_code.h"
#include "base/text.h"
#include "crypto/equal.h"
#include "crypto/totp.h"
#include "domain/portal.h"
#include "services/sekisho/attempt.h"
#include "services/sekisho/service.h"
#include "store/record_codec.h"

namespace sekisho::control_service {
namespace {

using control::SignInStep;
using operation::Access;
using operation::Call;

constexpr std::string_view enrolment_purpose = "authenticator enrolment";
constexpr std::string_view issuer = "Sekisho";

struct Enrolment {
    PersonId person_id;
    std::int64_t person_epoch = 0;
    std::string seed;
    std::string name;
    Time expires_at{};
    static const Shape shape;
};

const Shape Enrolment::shape = record_shape<Enrolment>(
    "Enrolment", {SEK_FIELD(1, Enrolment, person_id), SEK_FIELD(2, Enrolment, person_epoch),
                  SEK_FIELD(3, Enrolment, seed), SEK_FIELD(4, Enrolment, name), SEK_FIELD(5, Enrolment, expires_at)});

// Who registers a device: the person of a sign-in under way, or the one who is signed in.
struct Registrant {
    domain::Person person;
    std::optional<Attempt> attempt;
};

Result<Registrant> registrant_of(Call& call, const std::optional<std::string>& attempt_token) {
    if (attempt_token) {
        SEK_TRY(auto attempt, open_attempt(call, *attempt_token, {SignInStep::mfa_enrolment}));
        SEK_TRY(auto person, load_person(call, attempt));
        return Registrant{std::move(person), std::move(attempt)};
    }
    const auto& root = call.caller.root;
    if (call.caller.kind != access::CallerKind::person || !root.person_id) {
        return control::errors::access_denied_exception("Sign in first.");
    }
    SEK_TRY(auto person, domain::people.get(call.tx, *root.identity_store_id, *root.person_id));
    SEK_TRY(const auto center, load_center(call, *root.identity_store_id));
    if (!person) return control::errors::access_denied_exception("Sign in first.");
    if (!center.mfa.users_manage_devices) {
        return control::errors::access_denied_exception("Your administrator manages MFA devices.");
    }
    return Registrant{std::move(*person), {}};
}

Result<void> check_room_for_device(Call& call, const Registrant& registrant) {
    call.tx.read_guard(domain::mfa_devices_guard(registrant.person.id));
    SEK_TRY(const auto devices, domain::mfa_devices.scan(call.tx, store::prefix(registrant.person.id)));
    // A forced enrolment is for those without a device: once there is one, the sign-in must show it.
    if (registrant.attempt && !devices.items.empty()) {
        return control::errors::invalid_token_exception("This sign-in has ended. Start again.");
    }
    const auto apps = std::ranges::count(devices.items, domain::MfaKind::authenticator_app, &domain::MfaDevice::kind);
    if (static_cast<std::size_t>(apps) >= limits::authenticator_apps_max) {
        return control::errors::validation_exception("You can register at most 2 authenticator apps.");
    }
    return {};
}

Result<control::StartMfaEnrolmentResponse> start_mfa_enrolment(Call& call,
                                                               const control::StartMfaEnrolmentRequest& request) {
    SEK_TRY(const auto registrant, registrant_of(call, request.attempt_token));
    SEK_TRY(const auto center, load_center(call, registrant.person.identity_store_id));
    if (request.type != control::MfaType::authenticator_app || !center.mfa.authenticator_apps) {
        return control::errors::validation_exception("MFA devices of this type cannot be registered.");
    }
    SEK_TRY(check_room_for_device(call, registrant));
    const auto seed = crypto::new_totp_seed(call.random);
    const Enrolment enrolment{.person_id = registrant.person.id,
                              .person_epoch = registrant.person.epoch,
                              .seed = encode_base32(seed.expose()),
                              .name = request.display_name.value_or("Authenticator app"),
                              .expires_at = call.now + seconds(limits::sign_in_attempt_seconds)};
    SEK_TRY(const auto plain, store::encode_record(Enrolment::shape, &enrolment, {}));
    const auto uri = crypto::totp_uri(seed, issuer, registrant.person.user_name);
    control::StartMfaEnrolmentResponse response;
    response.enrolment_token = call.environment.tokens->seal(enrolment_purpose, plain);
    response.seed = enrolment.seed;
    response.otp_auth_url = std::string(uri.expose());
    SEK_TRY(response.qr_svg, make_qr_svg(uri.expose()));
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

Result<control::ConfirmMfaEnrolmentResponse> confirm_mfa_enrolment(Call& call,
                                                                   const control::ConfirmMfaEnrolmentRequest& request) {
    SEK_TRY(auto registrant, registrant_of(call, request.attempt_token));
    SEK_TRY(const auto enrolment, open_enrolment(call, request.enrolment_token, registrant.person));
    SEK_TRY(check_room_for_device(call, registrant));
    const Secret seed(decode_base32(enrolment.seed).value_or(""));
    const auto code = replace_all(std::string(trim(request.code)), " ", "");
    const auto step = crypto::verify_totp(seed, code, call.now, -1);
    if (!step) {
        return control::errors::sign_in_failed_exception(
            "The code is not correct. Enter the one that the authenticator app shows now.");
    }
    const domain::MfaDevice device{.id = random_uuid(call.random),
                                   .person_id = registrant.person.id,
                                   .kind = domain::MfaKind::authenticator_app,
                                   .name = request.display_name.value_or(enrolment.name),
                                   .seed = seed,
                                   .last_used_step = *step,
                                   .registered_at = call.now,
                                   .last_used_at = call.now};
    SEK_TRY(const auto known, domain::mfa_devices.scan(call.tx, store::prefix(registrant.person.id)));
    for (const auto& other : known.items) {  // the same confirmation, sent twice
        if (crypto::equal(other.seed, seed)) {
            return control::errors::invalid_token_exception("This registration has ended. Start again.");
        }
    }
    SEK_TRY(domain::mfa_devices.put(call.tx, device));
    control::ConfirmMfaEnrolmentResponse response;
    if (registrant.attempt) {
        SEK_TRY(auto outcome, finish_sign_in(call, std::move(*registrant.attempt), registrant.person,
                                             origin_of(call, request), "TOTP"));
        response = to_response<control::ConfirmMfaEnrolmentResponse>(std::move(outcome));
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
