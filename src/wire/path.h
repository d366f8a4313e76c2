#pragma once
// Where a value is inside a request: "tags.1.member.tagKey". A chain of places on the stack of whoever walks the value;
// it becomes text only when something is wrong there.
#include <cstddef>
#include <string>
#include <string_view>

namespace sekisho::wire {

class Path {
 public:
    Path() = default;  // the request itself
    static Path member(const Path& of, std::string_view name) { return {of, Step::member, name, 0}; }
    static Path element(const Path& of, std::size_t index_from_1) { return {of, Step::element, {}, index_from_1}; }
    static Path map_value(const Path& of, std::string_view key) { return {of, Step::map_value, key, 0}; }

    // AWS's form: members in lower-camel, in the query protocol too; "attrs.KEY.member", "list.1.member".
    std::string print() const;

 private:
    enum class Step : unsigned char { root, member, element, map_value };
    Path(const Path& up, Step step, std::string_view name, std::size_t index)
        : up_(&up), name_(name), index_(index), step_(step) {}

    const Path* up_ = nullptr;
    std::string_view name_;
    std::size_t index_ = 0;
    Step step_ = Step::root;
};

// "RoleName" -> "roleName".
std::string lower_first(std::string_view name);

}  // namespace sekisho::wire
