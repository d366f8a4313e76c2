#pragma once
// Counters, gauges and histograms, printed in Prometheus' text format. A metric is made once (static) where it is
// counted and lives as long as the process; counting is one relaxed atomic add.
//
//   static metrics::Counter& denied = metrics::counter("sekisho_denied_total", "Requests refused", {{"door", "api"}});
//   denied.add();
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sekisho::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
    void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    void add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<std::int64_t> value_{0};
};

// Seconds, in fixed buckets from 50 microseconds to 10 seconds.
class Histogram {
 public:
    void observe(double seconds);
    static constexpr double bounds[] = {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                        0.05,    0.1,    0.25,    0.5,    1,     2.5,    5,     10};
    static constexpr std::size_t bucket_count = sizeof(bounds) / sizeof(bounds[0]) + 1;
    std::uint64_t bucket(std::size_t index) const { return buckets_[index].load(std::memory_order_relaxed); }
    double sum() const { return static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) * 1e-9; }

 private:
    std::atomic<std::uint64_t> buckets_[bucket_count]{};
    std::atomic<std::uint64_t> nanoseconds_{0};
};

// The same name and labels give the same metric. Names and help are ours, never a request's text.
Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
Histogram& histogram(std::string_view name, std::string_view help, Labels labels = {});

// All metrics in Prometheus' text exposition format 0.0.4.
std::string print();

}  // namespace sekisho::metrics
