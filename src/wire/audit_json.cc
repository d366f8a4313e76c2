#include "wire/audit_json.h"

#include "base/json.h"
#include "base/text.h"
#include "wire/json_codec.h"
#include "wire/path.h"

namespace sekisho::wire {
namespace {

constexpr std::string_view hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
// Longer texts (policy documents, metadata) are cut: a record stays under CloudTrail's 256 KB.
constexpr std::size_t text_bytes_max = 4096;

// Members that carry secrets though the models do not mark them all.
bool is_secret_name(std::string_view name) {
    return name == "SecretAccessKey" || name == "Password" || name == "NewPassword" || name == "OldPassword" ||
           name == "TokenCode" || name == "WebIdentityToken" || name == "SAMLAssertion" || name == "Body" ||
           name == "deviceCode" || name == "code";  // the grants of SSO-OIDC
}

void print_value(const Shape& shape, const void* value, JsonWriter& writer);

// CloudTrail drops secret keys and passwords, and keeps a session token (it is of no use without its secret key).
bool print_members(const Shape& shape, const void* structure, JsonWriter& writer) {
    bool any = false;
    for (const auto& member : shape.members) {
        const void* field = static_cast<const char*>(structure) + member.offset;
        if (member.optional != nullptr) {
            if (!member.optional->has(field)) continue;
            field = member.optional->get(field);
        }
        if (is_secret_name(member.name)) continue;
        any = true;
        writer.name(lower_first(member.name));
        print_value(*member.shape, field, writer);
    }
    return any;
}

void print_map(const Shape& shape, const void* map, JsonWriter& writer) {
    struct Context {
        const Shape* element;
        JsonWriter* writer;
    } context{shape.element, &writer};
    writer.begin_object();
    shape.map->each(map, &context, [](void* opaque, const std::string& key, const void* item) {
        auto& c = *static_cast<Context*>(opaque);
        c.writer->name(key);
        print_value(*c.element, item, *c.writer);
    });
    writer.end_object();
}

void print_value(const Shape& shape, const void* value, JsonWriter& writer) {
    if (shape.sensitive) {
        writer.text(hidden);
        return;
    }
    switch (shape.kind) {
        case Kind::text: {
            const std::string_view text(*static_cast<const std::string*>(value));
            auto cut = text.substr(0, text_bytes_max);
            while (!cut.empty() && cut.size() < text.size() && !is_valid_utf8(cut)) cut.remove_suffix(1);
            writer.text(cut);
            return;
        }
        case Kind::secret:
            writer.text(hidden);
            return;
        case Kind::timestamp:
            writer.text(format_iso8601(*static_cast<const Time*>(value)));
            return;
        case Kind::structure:
            writer.begin_object();
            print_members(shape, value, writer);
            writer.end_object();
            return;
        case Kind::list:
            writer.begin_array();
            for (std::size_t i = 0; i < shape.list->size(value); ++i) {
                print_value(*shape.element, shape.list->at(value, i), writer);
            }
            writer.end_array();
            return;
        case Kind::map:
            return print_map(shape, value, writer);
        default:
            encode_json_value(shape, value, writer);
            return;
    }
}

}  // namespace

std::string print_for_audit(const Shape& shape, const void* structure) {
    std::string out;
    out.reserve(512);
    JsonWriter writer(out);
    writer.begin_object();
    const bool any = print_members(shape, structure, writer);
    writer.end_object();
    return any ? out : std::string();
}

}  // namespace sekisho::wire
