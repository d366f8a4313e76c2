#pragma once
// Resource types: what CloudFormation knows of a kind of resource. Each is one declaration in <service>_types.cc: its
// properties, its attributes, and the calls of its service's API that make, change and remove it, as plain functions
// of what the resource is to be. The machine (machine.h) carries the calls out, one after another.
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "domain/stacks.h"
#include "store/reader.h"
#include "wire/model.h"

namespace sekisho::cloudformation_service {

// A resource while work is done on it.
struct ResourceView {
    const domain::Stack& stack;
    const domain::StackResource& record;
    json::object properties;  // functions applied
    json::object before;      // as they are now, while it is changed; empty while it is made
    json::object attributes;  // what calls have brought so far
    domain::Tags tags;        // of the stack, and the resource's own over them
    domain::Tags tags_before;
    std::string physical_id;

    // `<stack>-<logical id>-<random>`, at most `most` characters.
    std::string generated_name(std::size_t most) const;
    std::string text(std::string_view property) const;  // empty: not given
    std::string attribute(std::string_view name) const;
    // For requests that a repetition must not do twice; the same for the same work on the same resource.
    std::string client_token() const;
    const json::value* property(std::string_view name) const { return properties.if_contains(name); }
    bool changes(std::string_view property) const;  // between before and properties
};

// What a call's response brings: an attribute's name and the place in the response ("Role.Arn"; names match whatever
// their case).
struct Capture {
    std::string_view attribute;
    std::string_view path;
};
inline constexpr std::string_view physical_id_capture = "Ref";

struct ApiCall {
    const wire::OperationModel* operation;
    json::object request;  // members named as in the API, whatever their case
    std::vector<Capture> captures = {};
    bool tolerates_missing = false;  // it undoes something: what is not there is undone
    bool waits = false;              // only once the resource is there (ResourceType::standing)
};
using ApiCalls = std::vector<ApiCall>;

// Whether a resource has settled after its calls.
struct Standing {
    enum State : std::uint8_t { ready, pending, failed };
    State state = ready;
    std::string reason = {};
};

enum class OnChange : std::uint8_t { in_place, replaces };
struct Property {
    std::string_view name;
    OnChange change = OnChange::in_place;
    bool required = false;
};

struct ResourceType {
    std::string_view name;
    std::vector<Property> properties;
    std::vector<std::string_view> attributes;
    std::vector<std::string_view> empty_attributes =
        {};  // of those, the ones that give empty text where there is nothing
    // What an attribute is now, of those that other resources change (a VPC's ranges); nothing: what the calls brought.
    // Looks at records. Null: no such attributes.
    std::optional<json::value> (*attribute_now)(const store::Reader&, const domain::Stack&,
                                                const std::string& physical_id, std::string_view attribute) = nullptr;
    ApiCalls (*make)(const ResourceView&);
    // Null: every change replaces the resource.
    ApiCalls (*change)(const ResourceView&) = nullptr;
    ApiCalls (*remove)(const ResourceView&);
    // Null: it is there, or gone, with its last call. Looks at records; the machine asks again when the store changes.
    Standing (*standing)(const store::Reader&, const ResourceView&) = nullptr;
    // What Ref gives of a resource that no API call names. Null: a call brings it.
    std::string (*physical_id)(const ResourceView&) = nullptr;
    // What Ref gives once it is made, where that is put together from attributes.
    std::string (*made_id)(const ResourceView&) = nullptr;
    bool is_iam = false;                  // needs CAPABILITY_IAM
    std::string_view name_property = {};  // an IAM resource named so needs CAPABILITY_NAMED_IAM
    bool takes_tags = false;              // the stack's tags are passed on to it

    const Property* property(std::string_view property_name) const;
};

const ResourceType* find_type(std::string_view name);

// Each property is known, those required are there. The reason, as AWS's schema validation words it; nothing: fine.
std::optional<std::string> check_properties(const ResourceType& type, const json::object& properties);

// The request of the API as the codec reads it: members named whatever the case, texts made numbers and booleans where
// the model wants them, JSON made text, lists of Key and Value made maps. Errors: a member that the model does not
// know.
Result<json::value> fit_request(const Shape& shape, const json::value& source);

// The value at a path of a response; null: not there.
const json::value* at_path(const json::value& response, std::string_view path);

// Building blocks of declarations.
json::object pick(const ResourceView& view, std::initializer_list<std::string_view> properties);
json::array tag_list(const domain::Tags& tags);  // [{Key, Value}]
// What to put and what to take, between two sets of texts.
struct Difference {
    std::vector<std::string> added, removed;
};
Difference difference(const ResourceView& view, std::string_view property);
std::vector<std::string> texts_of(const json::object& properties, std::string_view property);

}  // namespace sekisho::cloudformation_service
