#pragma once
// The first step of the pipeline: how much one address may have refused, and how often one principal may ask.
// Token buckets, each one atomic number (the generic cell rate algorithm: the time at which the bucket is full again),
// in a table of fixed size without locks. An address without failures costs one look at a cache line that nobody
// writes.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "access/caller.h"
#include "base/limits.h"

namespace sekisho::operation {

using SteadyTime = std::chrono::steady_clock::time_point;

// Buckets that hold limits::rate_burst_seconds of their rate. In a full set of slots the bucket that is nearest to full
// gives way: a flood of keys forgets the least offender first. Threads that meet in one slot may lose a charge.
class RateBuckets {
 public:
    bool is_spent(std::uint64_t key, SteadyTime now) const;
    // `cost`: the time in which the bucket regains it.
    void charge(std::uint64_t key, std::chrono::nanoseconds cost, SteadyTime now);

 private:
    struct Slot {
        std::atomic<std::uint64_t> key{0};
        std::atomic<std::int64_t> full_at{0};  // steady nanoseconds
    };
    struct alignas(64) Set {
        std::array<Slot, 4> slots;
    };
    static constexpr std::size_t set_count = limits::rate_buckets_max / 4;
    Set& set_of(std::uint64_t key) const { return sets_[key % set_count]; }
    Slot& slot_for(std::uint64_t key, std::int64_t now);
    const std::unique_ptr<Set[]> sets_ = std::make_unique<Set[]>(set_count);
};

struct RequestRates {
    std::uint32_t failures_per_address = limits::address_failures_per_second;
    std::uint32_t requests_per_principal = 0;  // 0: not limited
};

class RequestLimits {
 public:
    explicit RequestLimits(const RequestRates& rates);

    // Before anything is verified. False: this address had too much refused.
    bool admits_address(std::string_view address, SteadyTime now = std::chrono::steady_clock::now()) const;
    // A bad signature or token, or a refused anonymous request.
    void count_failure(std::string_view address, SteadyTime now = std::chrono::steady_clock::now());
    // Counts the request, too: an anonymous one as a part of a failure of its address. A person's sessions share one
    // bucket, whatever role they are in; so do the sessions of a role.
    bool admits_caller(const access::Caller& caller, std::string_view address,
                       SteadyTime now = std::chrono::steady_clock::now());

 private:
    std::uint64_t address_key(std::string_view address) const;
    std::uint64_t text_key(std::string_view text) const;

    const std::array<std::uint64_t, 2> seed_;  // nobody outside can aim at another's slot
    const std::chrono::nanoseconds failure_cost_;
    const std::chrono::nanoseconds request_cost_;  // 0: not limited
    RateBuckets addresses_;
    std::unique_ptr<RateBuckets> principals_;
};

}  // namespace sekisho::operation
