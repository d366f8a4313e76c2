#pragma once
// Result<T>: a value or an ApiError, and the one control-flow macro of the house.
//
//   Result<Account> find(...);
//   SEK_TRY(auto account, find(id));   // declares `account`, or returns the error from this function
//   SEK_TRY(validate(account));        // for Result<void>
#include <expected>
#include <utility>

#include "base/error.h"

namespace sekisho {

template <class T>
class [[nodiscard]] Result : public std::expected<T, ApiError> {
 public:
    using std::expected<T, ApiError>::expected;
    // An ApiError converts by itself, so that `return errors::no_such_entity(...)` reads as it should.
    Result(ApiError error) : std::expected<T, ApiError>(std::unexpect, std::move(error)) {}
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, ApiError> {
 public:
    using std::expected<void, ApiError>::expected;
    Result() = default;
    Result(ApiError error) : std::expected<void, ApiError>(std::unexpect, std::move(error)) {}
};

}  // namespace sekisho

#define SEK_CONCAT_INNER(a, b) a##b
#define SEK_CONCAT(a, b) SEK_CONCAT_INNER(a, b)
#define SEK_TRY_VOID(name, expression)             \
    do {                                           \
        auto name = (expression);                  \
        if (!name) return std::move(name).error(); \
    } while (false)
#define SEK_TRY_VALUE(name, declaration, ...)  \
    auto name = (__VA_ARGS__);                 \
    if (!name) return std::move(name).error(); \
    declaration = std::move(*name)
#define SEK_TRY_PICK(_1, _2, _3, _4, _5, _6, which, ...) which
#define SEK_TRY_ONE(...) SEK_TRY_VOID(SEK_CONCAT(sek_result_, __COUNTER__), __VA_ARGS__)
#define SEK_TRY_MANY(...) SEK_TRY_VALUE(SEK_CONCAT(sek_result_, __COUNTER__), __VA_ARGS__)
// SEK_TRY(expression) or SEK_TRY(declaration, expression).
#define SEK_TRY(...)                                                                                             \
    SEK_TRY_PICK(__VA_ARGS__, SEK_TRY_MANY, SEK_TRY_MANY, SEK_TRY_MANY, SEK_TRY_MANY, SEK_TRY_MANY, SEK_TRY_ONE) \
    (__VA_ARGS__)
