#include "portal/html.h"

#include "base/text.h"

namespace sekisho::portal {

class Element {
 public:
    static void append(Markup& markup, std::string_view html) { markup.html_ += html; }
};

namespace {

bool is_address(std::string_view name) {
    return name == "href" || name == "src" || name == "action";
}

void append_start(Markup& made, std::string_view tag, std::initializer_list<Attribute> attributes) {
    std::string html = "<";
    html += tag;
    for (const auto& attribute : attributes) {
        if (!attribute.present) continue;
        html += ' ';
        html += attribute.name;
        if (!attribute.has_value) continue;
        html += "=\"";
        html += is_address(attribute.name) && !is_safe_address(attribute.value) ? "#" : escape_html(attribute.value);
        html += '"';
    }
    html += '>';
    Element::append(made, html);
}

}  // namespace

Markup::Markup(std::string_view text) : html_(escape_html(text)) {}

Markup::Markup(const std::vector<Markup>& parts) {
    for (const auto& part : parts) html_ += part.html_;
}

Markup Markup::trusted(Literal literal) {
    Markup made;
    made.html_ = literal.text();
    return made;
}

bool is_safe_address(std::string_view address) {
    if (address.starts_with("//")) return false;
    return address.starts_with('/') || address.starts_with('#') || address.starts_with("https://") ||
           address.starts_with("data:image/");
}

Markup element(Literal tag, std::initializer_list<Attribute> attributes, std::initializer_list<Markup> children) {
    Markup made;
    append_start(made, tag.text(), attributes);
    for (const auto& child : children) made += child;
    Element::append(made, "</");
    Element::append(made, tag.text());
    Element::append(made, ">");
    return made;
}

Markup element(Literal tag, std::initializer_list<Markup> children) {
    return element(tag, {}, children);
}

Markup void_element(Literal tag, std::initializer_list<Attribute> attributes) {
    Markup made;
    append_start(made, tag.text(), attributes);
    return made;
}

}  // namespace sekisho::portal
