#pragma once
// HTML that is escaped by construction: text becomes Markup only by escaping, tags and attributes only by element(),
// and anything else must be a literal of the program.
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::portal {

// A piece of the program's own source; no run-time text becomes one.
class Literal {
 public:
    consteval Literal(const char* text) : text_(text) {}
    constexpr std::string_view text() const { return text_; }

 private:
    std::string_view text_;
};

class Markup {
 public:
    Markup() = default;
    Markup(std::string_view text);  // escaped
    Markup(const std::string& text) : Markup(std::string_view(text)) {}
    Markup(const char* text) : Markup(std::string_view(text)) {}
    Markup(const std::vector<Markup>& parts);
    static Markup trusted(Literal literal);

    Markup& operator+=(const Markup& other) {
        html_ += other.html_;
        return *this;
    }
    const std::string& html() const { return html_; }
    bool empty() const { return html_.empty(); }

 private:
    friend class Element;
    std::string html_;
};

struct Attribute {
    Attribute(Literal attribute_name, std::string_view text) : name(attribute_name.text()), value(text) {}
    // Without a value (required, checked), and only where `is_set`.
    Attribute(Literal attribute_name, bool is_set) : name(attribute_name.text()), has_value(false), present(is_set) {}
    Attribute(Literal attribute_name, const char* text) : Attribute(attribute_name, std::string_view(text)) {}
    Attribute(Literal attribute_name, const std::string& text) : Attribute(attribute_name, std::string_view(text)) {}
    // Where there is something to say.
    static Attribute unless_empty(Literal attribute_name, std::string_view text) {
        Attribute made(attribute_name, text);
        made.present = !text.empty();
        return made;
    }

    std::string_view name;
    std::string value;
    bool has_value = true;
    bool present = true;
};

// Addresses (href, src, action) must be local paths, fragments, https, or data:image; others become "#".
Markup element(Literal tag, std::initializer_list<Attribute> attributes, std::initializer_list<Markup> children);
Markup element(Literal tag, std::initializer_list<Markup> children);
// Without content: input, meta, link, img.
Markup void_element(Literal tag, std::initializer_list<Attribute> attributes);

bool is_safe_address(std::string_view address);

}  // namespace sekisho::portal
