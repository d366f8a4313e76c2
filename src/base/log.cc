#include "base/log.h"

#include <unistd.h>

#include <atomic>

#include "base/json.h"
#include "base/time.h"

namespace sekisho::log {
namespace {

std::atomic<Level> threshold{Level::info};

// One write(2) a line: lines of several threads never mix, and none is lost in a buffer when the process is killed.
void write_line(Level level, std::string_view name, std::string_view message, Fields fields) {
    if (level < threshold.load(std::memory_order_relaxed)) return;
    std::string line;
    JsonWriter writer(line);
    writer.begin_object()
        .member("time", format_iso8601_milliseconds(system_clock().now()))
        .member("level", name)
        .member("message", message);
    for (const auto& field : fields) {
        writer.name(field.name);
        field.quoted ? writer.text(field.value) : writer.raw(field.value);
    }
    writer.end_object();
    line.push_back('\n');
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void set_level(Level level) {
    threshold = level;
}

bool set_level(std::string_view name) {
    static constexpr std::string_view names[] = {"debug", "info", "warning", "error", "off"};
    for (int i = 0; i < 5; ++i) {
        if (name == names[i]) {
            set_level(static_cast<Level>(i));
            return true;
        }
    }
    return false;
}

void debug(std::string_view message, Fields fields) {
    write_line(Level::debug, "debug", message, fields);
}
void info(std::string_view message, Fields fields) {
    write_line(Level::info, "info", message, fields);
}
void warning(std::string_view message, Fields fields) {
    write_line(Level::warning, "warning", message, fields);
}
void error(std::string_view message, Fields fields) {
    write_line(Level::error, "error", message, fields);
}

}  // namespace sekisho::log
