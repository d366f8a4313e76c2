#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

namespace sekisho::metrics {
namespace {

std::string print_labels(const Labels& labels, std::string_view extra = {}) {
    std::string out;
    for (const auto& [name, value] : labels) {
        out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", name, value);
    }
    if (!extra.empty()) out += fmt::format("{}{}", out.empty() ? "" : ",", extra);
    return out.empty() ? out : "{" + out + "}";
}

struct Family {
    std::string help;
    std::map<Labels, std::unique_ptr<Counter>> counters;
    std::map<Labels, std::unique_ptr<Gauge>> gauges;
    std::map<Labels, std::unique_ptr<Histogram>> histograms;
};

struct Registry {
    std::mutex mutex;
    std::map<std::string, Family, std::less<>> families;
};

Registry& registry() {
    static Registry instance;
    return instance;
}

template <class Metric>
Metric& find_or_make(std::map<Labels, std::unique_ptr<Metric>> Family::* kind, std::string_view name,
                     std::string_view help, Labels labels) {
    auto& all = registry();
    const std::lock_guard lock(all.mutex);
    auto& family = all.families[std::string(name)];
    family.help = help;
    auto& metric = (family.*kind)[std::move(labels)];
    if (!metric) metric = std::make_unique<Metric>();
    return *metric;
}

void print_histogram(std::string& out, std::string_view name, const Labels& labels, const Histogram& histogram) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < Histogram::bucket_count; ++i) {
        total += histogram.bucket(i);
        const bool last = i + 1 == Histogram::bucket_count;
        const auto bound = last ? std::string("+Inf") : fmt::format("{}", Histogram::bounds[i]);
        out += fmt::format("{}_bucket{} {}\n", name, print_labels(labels, fmt::format("le=\"{}\"", bound)), total);
    }
    out += fmt::format("{}_sum{} {}\n{}_count{} {}\n", name, print_labels(labels), histogram.sum(), name,
                       print_labels(labels), total);
}

}  // namespace

void Histogram::observe(double seconds) {
    const auto index = static_cast<std::size_t>(std::ranges::lower_bound(bounds, seconds) - std::begin(bounds));
    buckets_[index].fetch_add(1, std::memory_order_relaxed);
    nanoseconds_.fetch_add(static_cast<std::uint64_t>(seconds * 1e9), std::memory_order_relaxed);
}

Counter& counter(std::string_view name, std::string_view help, Labels labels) {
    return find_or_make(&Family::counters, name, help, std::move(labels));
}

Gauge& gauge(std::string_view name, std::string_view help, Labels labels) {
    return find_or_make(&Family::gauges, name, help, std::move(labels));
}

Histogram& histogram(std::string_view name, std::string_view help, Labels labels) {
    return find_or_make(&Family::histograms, name, help, std::move(labels));
}

std::string print() {
    auto& all = registry();
    const std::lock_guard lock(all.mutex);
    std::string out;
    for (const auto& [name, family] : all.families) {
        const auto type = !family.counters.empty() ? "counter" : !family.gauges.empty() ? "gauge" : "histogram";
        out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, family.help, name, type);
        for (const auto& [labels, metric] : family.counters) {
            out += fmt::format("{}{} {}\n", name, print_labels(labels), metric->value());
        }
        for (const auto& [labels, metric] : family.gauges) {
            out += fmt::format("{}{} {}\n", name, print_labels(labels), metric->value());
        }
        for (const auto& [labels, metric] : family.histograms) print_histogram(out, name, labels, *metric);
    }
    return out;
}

}  // namespace sekisho::metrics
