#pragma once
// Points in time and the clock. Milliseconds since the Unix epoch, UTC, everywhere.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Clock {
 public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

// The machine's clock.
const Clock& system_clock();

// A clock that tests set and move.
class ManualClock final : public Clock {
 public:
    explicit ManualClock(Time now) : now_(now) {}
    Time now() const override { return now_; }
    void advance(milliseconds by) { now_ += by; }
    void set(Time now) { now_ = now; }

 private:
    Time now_;
};

inline Time time_from_epoch_seconds(std::int64_t value) {
    return Time(seconds(value));
}
inline std::int64_t epoch_seconds(Time time) {
    return std::chrono::floor<seconds>(time).time_since_epoch().count();
}
inline std::int64_t epoch_milliseconds(Time time) {
    return time.time_since_epoch().count();
}

std::string format_iso8601(Time time);               // 2026-11-24T00:24:11Z
std::string format_iso8601_milliseconds(Time time);  // 2026-11-24T00:24:11.123Z
std::string format_iso8601_basic(Time time);         // 20261124T002411Z (SigV4's X-Amz-Date)
std::string format_http_date(Time time);             // Tue, 24 Nov 2026 00:24:11 GMT (RFC 9110 5.6.7)

// The extended form with optional fraction and 'Z' or an offset; nothing on anything else.
std::optional<Time> parse_iso8601(std::string_view text);
// Exactly YYYYMMDD'T'HHMMSS'Z'; nothing on anything else, nor on dates that do not exist.
std::optional<Time> parse_iso8601_basic(std::string_view text);

}  // namespace sekisho
