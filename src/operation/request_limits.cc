#include "operation/request_limits.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>

#include "base/metrics.h"
#include "base/random.h"

namespace sekisho::operation {
namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t burst = nanoseconds(std::chrono::seconds(limits::rate_burst_seconds)).count();

std::int64_t count_of(SteadyTime time) {
    return nanoseconds(time.time_since_epoch()).count();
}

nanoseconds cost_of(std::uint32_t per_second) {
    return per_second == 0 ? nanoseconds(0) : nanoseconds(std::chrono::seconds(1)) / per_second;
}

// Every bit of the product depends on every bit of both; never 0, which is an unused slot.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return (static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64)) | 1;
}

std::array<std::uint64_t, 2> make_seed() {
    std::array<std::uint64_t, 2> seed{};
    system_random().fill(std::as_writable_bytes(std::span(seed)));
    return seed;
}

metrics::Counter& throttled_counter(std::string limit) {
    return metrics::counter("sekisho_throttled_requests_total", "Requests refused because too many came",
                            {{"limit", std::move(limit)}});
}

}  // namespace

bool RateBuckets::is_spent(std::uint64_t key, SteadyTime now) const {
    for (const Slot& slot : set_of(key).slots) {
        if (slot.key.load(std::memory_order_relaxed) != key) continue;
        return slot.full_at.load(std::memory_order_relaxed) - count_of(now) >= burst;
    }
    return false;
}

RateBuckets::Slot& RateBuckets::slot_for(std::uint64_t key, std::int64_t now) {
    for (;;) {
        Slot* fullest = nullptr;
        for (Slot& slot : set_of(key).slots) {
            if (slot.key.load(std::memory_order_relaxed) == key) return slot;
            if (fullest == nullptr ||
                slot.full_at.load(std::memory_order_relaxed) < fullest->full_at.load(std::memory_order_relaxed)) {
                fullest = &slot;
            }
        }
        std::uint64_t former = fullest->key.load(std::memory_order_relaxed);
        if (!fullest->key.compare_exchange_strong(former, key, std::memory_order_relaxed)) continue;
        fullest->full_at.store(now, std::memory_order_relaxed);
        return *fullest;
    }
}

void RateBuckets::charge(std::uint64_t key, nanoseconds cost, SteadyTime time) {
    const std::int64_t now = count_of(time);
    auto& full_at = slot_for(key, now).full_at;
    std::int64_t was = full_at.load(std::memory_order_relaxed);
    while (!full_at.compare_exchange_weak(was, std::max(was, now) + cost.count(), std::memory_order_relaxed)) {
    }
}

RequestLimits::RequestLimits(const RequestRates& rates)
    : seed_(make_seed()),
      failure_cost_(cost_of(rates.failures_per_address)),
      request_cost_(cost_of(rates.requests_per_principal)),
      principals_(rates.requests_per_principal == 0 ? nullptr : std::make_unique<RateBuckets>()) {}

std::uint64_t RequestLimits::text_key(std::string_view text) const {
    return mix(std::hash<std::string_view>()(text) ^ seed_[0], seed_[1]);
}

// Who has one IPv6 address has its whole /64.
std::uint64_t RequestLimits::address_key(std::string_view address) const {
    const std::string text(address);
    std::uint32_t short_address = 0;
    if (inet_pton(AF_INET, text.c_str(), &short_address) == 1) return mix(short_address ^ seed_[0], seed_[1]);
    in6_addr long_address{};
    if (inet_pton(AF_INET6, text.c_str(), &long_address) != 1) return text_key(address);
    if (IN6_IS_ADDR_V4MAPPED(&long_address)) {
        std::memcpy(&short_address, long_address.s6_addr + 12, sizeof(short_address));
        return mix(short_address ^ seed_[0], seed_[1]);
    }
    std::uint64_t network = 0;
    std::memcpy(&network, long_address.s6_addr, sizeof(network));
    return mix(network ^ seed_[1], seed_[0]);
}

bool RequestLimits::admits_address(std::string_view address, SteadyTime now) const {
    static metrics::Counter& throttled = throttled_counter("address");
    if (!addresses_.is_spent(address_key(address), now)) return true;
    throttled.add();
    return false;
}

void RequestLimits::count_failure(std::string_view address, SteadyTime now) {
    addresses_.charge(address_key(address), failure_cost_, now);
}

bool RequestLimits::admits_caller(const access::Caller& caller, std::string_view address, SteadyTime now) {
    static metrics::Counter& throttled = throttled_counter("principal");
    if (!caller.is_signed_in()) {
        addresses_.charge(address_key(address), failure_cost_ / limits::anonymous_requests_per_failure, now);
        return true;
    }
    if (principals_ == nullptr) return true;
    const auto key = text_key(caller.root.person_id ? caller.root.person_id->str()
                                                    : caller.principal_id.str() + caller.account_id.str());
    if (principals_->is_spent(key, now)) {
        throttled.add();
        return false;
    }
    principals_->charge(key, request_cost_, now);
    return true;
}

}  // namespace sekisho::operation
