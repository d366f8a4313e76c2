#pragma once
// Text patterns of the policy language: `*` and `?`, policy variables, ARNs. IAM user guide, "Policy variables" and
// "IAM JSON policy elements: Resource". Matching never backtracks over more than one wildcard: its time is at most
// the product of both lengths, and linear without `?`.
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::policy {

using ContextValues = std::span<const std::string_view>;

// The request's context. Looked up lazily, so that no caller has to build a map.
class Context {
 public:
    virtual ~Context() = default;
    // The values of a key, which arrives in lower case ("aws:principaltag/team"). Nothing when the key is absent; an
    // empty list is taken as absent. The values stay valid until the decision is made.
    virtual std::optional<ContextValues> find(std::string_view lower_case_key) const = 0;
};

enum class Match : std::uint8_t { no, yes, unresolved };  // unresolved: a policy variable has no value

// A pattern with its wildcards and variables recognised. Immutable.
class Pattern {
 public:
    enum class Wildcards : bool { literal, active };
    // `variables`: the document's version knows them. ${*}, ${?} and ${$} are the plain characters.
    Pattern(std::string_view text, Wildcards wildcards, bool variables);

    Match matches(std::string_view value, const Context& context) const;
    Match matches_ignoring_case(std::string_view value, const Context& context) const;
    // Segment by segment: the six parts of an ARN are matched one by one, the sixth takes the rest, and a wildcard
    // stays within its part. A pattern of fewer parts matches only if it ends in `*`, which then spans the rest.
    Match matches_arn(std::string_view value, const Context& context) const;

    bool has_variables() const { return !variables_.empty(); }
    bool matches_everything() const { return everything_; }

 private:
    struct Variable {
        std::size_t offset = 0;  // into text_, where its value goes
        std::string key;         // lower case
        std::optional<std::string> fallback;
    };
    bool read_variable(std::string_view body);
    void measure_plain_parts();
    bool expand(const Context& context, std::pmr::string& out) const;
    template <class Compare>
    Match with_text(const Context& context, Compare compare) const;

    std::string text_;  // wildcards as bytes that UTF-8 never has
    std::vector<Variable> variables_;
    // The ARN parts at the front that hold no wildcard, with their colons: compared at once.
    std::size_t plain_bytes_ = 0;
    int plain_parts_ = 0;
    bool everything_ = false;
};

// For actions, where there are no variables: a pattern made once, matched many times. Both sides in the same case.
std::string encode_glob(std::string_view text);
bool glob(std::string_view encoded, std::string_view value);

}  // namespace sekisho::policy
