#include "services/sekisho/failures.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "domain/cidr.h"
#include "domain/failures.h"
#include "domain/sessions.h"
#include "models/control.h"

namespace sekisho::control_service {
namespace {

using operation::Call;

ApiError locked() {
    return control::errors::locked_exception("Too many failed attempts. Wait a while, then try again.");
}

std::string name_key(const Attacked& attacked) {
    return store::key("name", attacked.identity_store_id, attacked.user_name);
}

// The history grows by what the lock lets through: it is bounded by time.
Result<void> keep_record(store::Transaction& tx, Call& call, const PersonId& person, bool succeeded,
                         const Shown& shown) {
    constexpr std::size_t user_agent_bytes_max = 512;
    return domain::sign_in_records.put(
        tx, {.id = fmt::format("{:014}-{}", epoch_milliseconds(call.now), random_hex(call.random, 8)),
             .person_id = person,
             .at = call.now,
             .succeeded = succeeded,
             .credential_types = shown.credential_types,
             .source_address = shown.address,
             .user_agent = shown.user_agent.substr(0, user_agent_bytes_max),
             .expires_at = call.now + seconds(limits::sign_in_history_seconds)});
}

Result<void> count_person(Call& call, const Attacked& attacked) {
    const auto& person = *attacked.person_id;
    auto& tx = call.on_refusal();
    SEK_TRY(keep_record(tx, call, person, false,
                        {.credential_types = std::string(attacked.credential_type),
                         .address = attacked.address,
                         .user_agent = attacked.user_agent}));
    SEK_TRY(auto known, domain::credentials.get(tx, person));
    auto credentials = known.value_or(domain::Credentials{.person_id = person});
    const auto kept = seconds(limits::failures_kept_seconds);
    if (credentials.last_failure_at && *credentials.last_failure_at + kept <= call.now) credentials.failures = 0;
    ++credentials.failures;
    credentials.last_failure_at = call.now;
    credentials.locked_until = domain::lock_after(credentials.failures, limits::user_failures_free, call.now);
    return domain::credentials.put(tx, credentials);
}

}  // namespace

Result<void> check_address_lock(Call& call, const std::string& address) {
    SEK_TRY(const bool address_locked, domain::is_locked_out(call.tx, domain::counted_address(address), call.now));
    if (address_locked) return locked();
    return {};
}

Result<void> check_locks(Call& call, const Attacked& attacked) {
    SEK_TRY(check_address_lock(call, attacked.address));
    if (!attacked.person_id) {
        SEK_TRY(const bool name_locked, domain::is_locked_out(call.tx, name_key(attacked), call.now));
        if (name_locked) return locked();
        return {};
    }
    SEK_TRY(const auto credentials, domain::credentials.get(call.tx, *attacked.person_id));
    if (credentials && credentials->locked_until && *credentials->locked_until > call.now) return locked();
    return {};
}

Result<void> count_address_failure(Call& call, const std::string& address) {
    return domain::count_wrong_guess(call.on_refusal(), domain::counted_address(address), limits::address_failures_free,
                                     call.now);
}

Result<void> count_failure(Call& call, const Attacked& attacked) {
    SEK_TRY(count_address_failure(call, attacked.address));
    if (attacked.person_id) return count_person(call, attacked);
    return domain::count_wrong_guess(call.on_refusal(), name_key(attacked), limits::user_failures_free, call.now);
}

Result<void> count_mail_request(Call& call, const std::string& address) {
    SEK_TRY(const bool may, domain::count_mail_request(call.tx, address, call.now));
    if (!may) return control::errors::throttling_exception("Too many requests. Wait a while, then try again.");
    return {};
}

Result<void> record_sign_in(Call& call, const PersonId& person, const Shown& shown) {
    SEK_TRY(keep_record(call.tx, call, person, true, shown));
    SEK_TRY(auto known, domain::credentials.get(call.tx, person));
    auto credentials = known.value_or(domain::Credentials{.person_id = person});
    credentials.failures = 0;
    credentials.locked_until.reset();
    credentials.last_failure_at.reset();
    credentials.last_sign_in_at = call.now;
    return domain::credentials.put(call.tx, credentials);
}

}  // namespace sekisho::control_service
