#pragma once
// Structured logs: one JSON object a line on standard error. Never pass a secret; Secret does not convert.
//
//   log::info("cluster started", {{"cluster", name}, {"seconds", 4}});
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace sekisho::log {

enum class Level { debug, info, warning, error, off };

struct Field {
    Field(std::string_view field_name, std::string_view text) : name(field_name), value(text), quoted(true) {}
    Field(std::string_view field_name, const std::string& text) : Field(field_name, std::string_view(text)) {}
    Field(std::string_view field_name, const char* text) : Field(field_name, std::string_view(text)) {}
    Field(std::string_view field_name, bool flag) : name(field_name), value(flag ? "true" : "false"), quoted(false) {}
    template <class Number>
        requires std::is_arithmetic_v<Number>
    Field(std::string_view field_name, Number number)
        : name(field_name), value(std::to_string(number)), quoted(false) {}

    std::string_view name;
    std::string value;
    bool quoted;
};
using Fields = std::initializer_list<Field>;

void set_level(Level level);
bool set_level(std::string_view name);  // false: no such level
void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warning(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

}  // namespace sekisho::log
