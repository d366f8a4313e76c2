#include "domain/failures.h"

#include "base/limits.h"
#include "domain/cidr.h"
#include "domain/sessions.h"

namespace sekisho::domain {

Result<bool> is_locked_out(const store::Reader& reader, const std::string& counted, Time now) {
    SEK_TRY(const auto known, address_failures.get(reader, counted));
    return known && known->locked_until && *known->locked_until > now;
}

Result<void> count_wrong_guess(store::Transaction& transaction, const std::string& counted, std::int32_t free,
                               Time now) {
    SEK_TRY(auto known, address_failures.get(transaction, counted));
    if (!known || known->expires_at <= now) known = AddressFailures{.address = counted};
    ++known->failures;
    known->locked_until = lock_after(known->failures, free, now);
    known->expires_at = now + seconds(limits::failures_kept_seconds);
    return address_failures.put(transaction, *known);
}

Result<bool> count_mail_request(store::Transaction& transaction, std::string_view source_address, Time now) {
    const auto counted = store::key("password-reset", counted_address(source_address));
    SEK_TRY(auto known, address_failures.get(transaction, counted));
    if (!known || known->expires_at <= now) {
        known = AddressFailures{.address = counted, .locked_until = {}, .expires_at = now + hours(1)};
    }
    if (known->failures >= limits::password_resets_per_address_max) return false;
    ++known->failures;
    SEK_TRY(address_failures.put(transaction, *known));
    return true;
}

}  // namespace sekisho::domain
