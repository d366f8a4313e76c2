#include "wire/shape.h"

#include <deque>

namespace sekisho::detail {

std::span<const Member> keep_members(std::initializer_list<Member> members) {
    static std::deque<std::vector<Member>> kept;
    return kept.emplace_back(members);
}

}  // namespace sekisho::detail
