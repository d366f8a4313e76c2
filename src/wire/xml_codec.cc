#include "wire/xml_codec.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "base/text.h"
#include "wire/scalar_text.h"

namespace sekisho::wire {
namespace {

ApiError malformed(std::string cause) {
    return {.code = "SerializationException", .message = "The XML cannot be read.", .cause = std::move(cause)};
}

// Most texts need no escape.
void append_text(std::string_view text, std::string& out) {
    const auto is_plain = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte != 0x7F && c != '&' && c != '<' && c != '>' && c != '"' && c != '\'';
    };
    if (std::ranges::all_of(text, is_plain)) {
        out.append(text);
    } else {
        out.append(escape_xml(text));
    }
}

void encode_xml_value(const Shape& shape, const void* value, std::string_view name, std::string& out);

struct MapEntries {
    const Shape* shape;
    std::string_view name;  // flattened: of each entry
    std::string* out;
};

void encode_xml_map(const Shape& shape, const void* value, std::string_view name, std::string& out) {
    MapEntries entries{&shape, shape.flattened ? name : std::string_view("entry"), &out};
    shape.map->each(value, &entries, [](void* opaque, const std::string& key, const void* item) {
        auto& e = *static_cast<MapEntries*>(opaque);
        e.out->append("<").append(e.name).append("><key>").append(escape_xml(key)).append("</key>");
        encode_xml_value(*e.shape->element, item, "value", *e.out);
        e.out->append("</").append(e.name).append(">");
    });
}

void encode_xml_value(const Shape& shape, const void* value, std::string_view name, std::string& out) {
    const bool is_container = shape.kind == Kind::list || shape.kind == Kind::map;
    const bool has_own_element = !(is_container && shape.flattened);
    if (has_own_element) out.append("<").append(name).append(">");
    if (shape.kind == Kind::structure) {
        encode_xml(shape, value, out);
    } else if (shape.kind == Kind::map) {
        encode_xml_map(shape, value, name, out);
    } else if (shape.kind == Kind::list) {
        for (std::size_t i = 0; i < shape.list->size(value); ++i) {
            encode_xml_value(*shape.element, shape.list->at(value, i), shape.flattened ? name : shape.element_name,
                             out);
        }
    } else if (shape.kind == Kind::text) {
        append_text(*static_cast<const std::string*>(value), out);
    } else {
        append_text(print_scalar(shape, value), out);
    }
    if (has_own_element) out.append("</").append(name).append(">");
}

// XML 1.0 without document types: what AWS's services write.
class Parser {
 public:
    explicit Parser(std::string_view text) : rest_(text) {}

    Result<XmlElement> document() {
        SEK_TRY(skip_between());
        XmlElement root;
        SEK_TRY(element(root, 0));
        SEK_TRY(skip_between());
        if (!rest_.empty()) return malformed("text after the root element");
        return root;
    }

 private:
    // Space, the declaration, processing instructions and comments.
    Result<void> skip_between() {
        for (;;) {
            const auto start = rest_.find_first_not_of(" \t\r\n");
            rest_.remove_prefix(start == std::string_view::npos ? rest_.size() : start);
            std::string_view end;
            if (rest_.starts_with("<?")) {
                end = "?>";
            } else if (rest_.starts_with("<!--")) {
                end = "-->";
            } else {
                return {};
            }
            const auto at = rest_.find(end, 2);
            if (at == std::string_view::npos) return malformed("no end of a comment or instruction");
            rest_.remove_prefix(at + end.size());
        }
    }
    static bool is_name_character(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
    }
    std::string_view name() {
        std::size_t size = 0;
        while (size < rest_.size() && is_name_character(rest_[size])) ++size;
        const auto found = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return found;
    }
    // After '<'.
    Result<void> element(XmlElement& out, std::size_t depth) {
        if (depth >= limits::json_depth_max) return malformed("too deep");
        if (!rest_.starts_with('<')) return malformed("no element");
        rest_.remove_prefix(1);
        const auto full_name = name();
        if (full_name.empty()) return malformed("an element without name");
        const auto colon = full_name.find(':');
        out.name = full_name.substr(colon == std::string_view::npos ? 0 : colon + 1);
        SEK_TRY(const bool is_empty, end_of_tag());
        return is_empty ? Result<void>() : content(out, full_name, depth);
    }
    // Over the attributes. True for "/>".
    Result<bool> end_of_tag() {
        char quote = 0;
        for (std::size_t i = 0; i < rest_.size(); ++i) {
            const char c = rest_[i];
            if (quote != 0) {
                if (c == quote) quote = 0;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '<') {
                return malformed("'<' in a tag");
            } else if (c == '>') {
                const bool is_empty = i > 0 && rest_[i - 1] == '/';
                rest_.remove_prefix(i + 1);
                return is_empty;
            }
        }
        return malformed("no end of a tag");
    }
    Result<void> content(XmlElement& out, std::string_view full_name, std::size_t depth) {
        for (;;) {
            const auto next = rest_.find('<');
            if (next == std::string_view::npos) return malformed("no end of an element");
            SEK_TRY(append_text(rest_.substr(0, next), out.text));
            rest_.remove_prefix(next);
            if (rest_.starts_with("<![CDATA[")) {
                const auto end = rest_.find("]]>");
                if (end == std::string_view::npos) return malformed("no end of CDATA");
                out.text.append(rest_.substr(9, end - 9));
                rest_.remove_prefix(end + 3);
            } else if (rest_.starts_with("<!--") || rest_.starts_with("<?")) {
                SEK_TRY(skip_between());
            } else if (rest_.starts_with("</")) {
                rest_.remove_prefix(2);
                if (name() != full_name) return malformed("an end tag of another element");
                const auto close = rest_.find_first_not_of(" \t\r\n");
                if (close == std::string_view::npos || rest_[close] != '>') return malformed("a bad end tag");
                rest_.remove_prefix(close + 1);
                return {};
            } else {
                SEK_TRY(element(out.children.emplace_back(), depth + 1));
            }
        }
    }
    static Result<void> append_text(std::string_view text, std::string& out) {
        while (!text.empty()) {
            const auto reference = text.find('&');
            out.append(text.substr(0, reference));
            if (reference == std::string_view::npos) return {};
            const auto end = text.find(';', reference);
            if (end == std::string_view::npos) return malformed("no end of a reference");
            if (!append_reference(text.substr(reference + 1, end - reference - 1), out)) {
                return malformed("an unknown reference");
            }
            text.remove_prefix(end + 1);
        }
        return {};
    }
    static bool append_reference(std::string_view reference, std::string& out) {
        constexpr std::pair<std::string_view, char> known[] = {
            {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
        for (const auto& [name, character] : known) {
            if (name != reference) continue;
            out.push_back(character);
            return true;
        }
        if (!reference.starts_with('#')) return false;
        reference.remove_prefix(1);
        const bool is_hex = reference.starts_with('x');
        if (is_hex) reference.remove_prefix(1);
        std::uint32_t code = 0;
        const char* end = reference.data() + reference.size();
        const auto [stop, error] = std::from_chars(reference.data(), end, code, is_hex ? 16 : 10);
        if (reference.empty() || error != std::errc() || stop != end) return false;
        return append_utf8(code, out);
    }
    static bool append_utf8(std::uint32_t code, std::string& out) {
        if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
        const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
        if (code < 0x80) {
            put(code);
        } else if (code < 0x800) {
            put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
        } else {
            put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F));
            put(0x80 | (code & 0x3F));
        }
        return true;
    }

    std::string_view rest_;
};

Result<void> decode_xml_value(const Shape& shape, const XmlElement& source, void* target);

Result<void> decode_xml_entry(const Shape& shape, const XmlElement& entry, void* target) {
    const auto* key = entry.find("key");
    const auto* value = entry.find("value");
    if (key == nullptr || value == nullptr) return malformed("a map entry without key or value");
    return decode_xml_value(*shape.element, *value, shape.map->insert(target, key->text));
}

Result<void> decode_xml_value(const Shape& shape, const XmlElement& source, void* target) {
    switch (shape.kind) {
        case Kind::structure:
            return decode_xml(shape, source, target);
        case Kind::list:
            for (const auto& item : source.children) {
                SEK_TRY(decode_xml_value(*shape.element, item, shape.list->append(target)));
            }
            return {};
        case Kind::map:
            for (const auto& entry : source.children) SEK_TRY(decode_xml_entry(shape, entry, target));
            return {};
        default:
            // A name that this program does not know yet stays at its default.
            if (read_scalar(shape, source.text, target) == ScalarOutcome::malformed) {
                return malformed("a bad value of " + source.name);
            }
            return {};
    }
}

}  // namespace

const XmlElement* XmlElement::find(std::string_view child) const {
    for (const auto& element : children) {
        if (element.name == child) return &element;
    }
    return nullptr;
}

Result<XmlElement> parse_xml(std::string_view text) {
    if (!is_valid_utf8(text)) return malformed("not UTF-8");
    return Parser(text).document();
}

Result<void> decode_xml(const Shape& shape, const XmlElement& source, void* structure) {
    for (const auto& member : shape.members) {
        const bool is_flat = member.shape->flattened;
        bool found = false;
        for (const auto& child : source.children) {
            if (child.name != member.wire_name || (found && !is_flat)) continue;
            void* field = static_cast<char*>(structure) + member.offset;
            if (member.optional != nullptr) {
                field = found ? const_cast<void*>(member.optional->get(field)) : member.optional->emplace(field);
            }
            found = true;
            if (is_flat && member.shape->kind == Kind::list) {
                SEK_TRY(decode_xml_value(*member.shape->element, child, member.shape->list->append(field)));
            } else if (is_flat && member.shape->kind == Kind::map) {
                SEK_TRY(decode_xml_entry(*member.shape, child, field));
            } else {
                SEK_TRY(decode_xml_value(*member.shape, child, field));
            }
        }
    }
    return {};
}

void encode_xml(const Shape& shape, const void* structure, std::string& out) {
    for (const auto& member : shape.members) {
        const void* field = static_cast<const char*>(structure) + member.offset;
        if (member.optional != nullptr) {
            if (!member.optional->has(field)) continue;
            field = member.optional->get(field);
        }
        encode_xml_value(*member.shape, field, member.wire_name, out);
    }
}

}  // namespace sekisho::wire
