#pragma once
// What our client encodes our server decodes, and the other way round: for every operation of every model, on values
// drawn at random.
#include <gtest/gtest.h>

#include <random>

#include "base/json.h"
#include "wire/codec.h"
#include "wire/json_codec.h"

namespace sekisho::wire {
class Drawer {
 public:
    explicit Drawer(unsigned seed) : engine_(seed) {}

    void fill(const Shape& shape, void* value, int depth = 0) {
        switch (shape.kind) {
            case Kind::text:
            case Kind::blob:
                *static_cast<std::string*>(value) = text();
                return;
            case Kind::secret:
                *static_cast<Secret*>(value) = Secret(text());
                return;
            case Kind::document:
                *static_cast<std::string*>(value) = R"({"a":[1,"x"]})";
                return;
            case Kind::boolean:
                *static_cast<bool*>(value) = below(2) == 0;
                return;
            case Kind::integer:
                *static_cast<std::int32_t*>(value) = static_cast<std::int32_t>(engine_());
                return;
            case Kind::long_integer:
                *static_cast<std::int64_t*>(value) = static_cast<std::int64_t>(engine_() * (1ull << 20));
                return;
            case Kind::number:
                *static_cast<double*>(value) = static_cast<double>(below(1'000'000)) / 64;
                return;
            case Kind::timestamp:
                *static_cast<Time*>(value) = Time(milliseconds(static_cast<std::int64_t>(below(2'000'000'000)) * 1000 +
                                                               static_cast<std::int64_t>(below(2) * below(1000))));
                return;
            case Kind::enumeration:
                *static_cast<std::uint16_t*>(value) = static_cast<std::uint16_t>(below(shape.names.size()));
                return;
            case Kind::structure:
                return fill_structure(shape, value, depth);
            case Kind::list:
                for (auto i = 1 + below(3); i > 0; --i) fill(*shape.element, shape.list->append(value), depth + 1);
                return;
            case Kind::map:
                for (auto i = 1 + below(3); i > 0; --i)
                    fill(*shape.element, shape.map->insert(value, text()), depth + 1);
                return;
        }
    }

 private:
    // Not empty: a URI label cannot be, and a form drops an empty structure.
    std::string text() {
        static constexpr std::string_view pieces[] = {"a",
                                                      "Z",
                                                      "0",
                                                      " ",
                                                      "/",
                                                      "+",
                                                      "&",
                                                      "=",
                                                      "%",
                                                      "<",
                                                      ">",
                                                      "\"",
                                                      "'",
                                                      ".",
                                                      "\\",
                                                      "\t",
                                                      "\xC3\xA9",
                                                      "\xE6\x97\xA5",
                                                      "\xF0\x9F\x98\x80",
                                                      "{",
                                                      "~"};
        std::string out = "t";
        for (auto i = below(12); i > 0; --i) out += pieces[below(std::size(pieces))];
        return out;
    }
    void fill_structure(const Shape& shape, void* value, int depth) {
        for (const auto& member : shape.members) {
            void* field = static_cast<char*>(value) + member.offset;
            if (member.optional != nullptr) {
                // Deep down all simple members and no others, so that no structure is empty and recursion ends.
                const bool is_simple = member.shape->kind < Kind::structure;
                if (depth > 4 ? !is_simple : (below(3) == 0 && &member != &shape.members.front())) continue;
                field = member.optional->emplace(field);
            }
            fill(*member.shape, field, depth + 1);
        }
    }
    std::size_t below(std::size_t bound) { return engine_() % bound; }
    std::mt19937 engine_;
};

inline std::string print(const Shape& shape, const void* value) {
    std::string out;
    JsonWriter writer(out);
    encode_json(shape, value, writer);
    return out;
}

struct Headers {
    const ClientRequestParts* parts;
    static const std::string* find(const void* context, std::string_view name) {
        for (const auto& [key, value] : static_cast<const Headers*>(context)->parts->headers) {
            if (key == name) return &value;
        }
        return nullptr;
    }
};

// A structure none of whose members is set is not seen in a form.
inline bool vanishes(const OperationModel& model) {
    return model.service->protocol == Protocol::query && model.result_wrapper.empty();
}

template <class Op>
void request_comes_back(unsigned seed) {
    typename Op::Request sent;
    Drawer(seed).fill(*Op::model.request, &sent);
    const auto parts = encode_request(Op::model, &sent);
    const auto mark = parts.target.find('?');
    const Headers headers{&parts};
    typename Op::Request received;
    const auto outcome = decode_request(
        Op::model,
        {.method = parts.method,
         .path = std::string_view(parts.target).substr(0, mark),
         .query = mark == std::string::npos ? std::string_view() : std::string_view(parts.target).substr(mark + 1),
         .body = parts.body,
         .header = Headers::find,
         .context = &headers},
        &received);
    // The drawn values seldom keep the model's constraints; they are decoded all the same.
    if (!outcome) {
        const std::string_view code = outcome.error().code;
        const bool is_ec2 = Op::model.service->protocol == Protocol::ec2_query;  // it has codes of its own
        EXPECT_TRUE(code.starts_with(is_ec2 ? "InvalidParameter" : "Validation"))
            << Op::model.name << code << outcome.error().message;
    }
    EXPECT_EQ(print(*Op::model.request, &sent), print(*Op::model.request, &received)) << Op::model.name << parts.body;
}

template <class Op>
void response_comes_back(unsigned seed) {
    if (!Op::model.has_output || vanishes(Op::model)) return;
    typename Op::Response sent;
    Drawer(seed).fill(*Op::model.response, &sent);
    const auto encoded = encode_response(Op::model, &sent, "r", false);
    typename Op::Response received;
    const auto outcome = decode_response(Op::model, encoded.body, &received);
    EXPECT_TRUE(outcome) << Op::model.name << outcome.error().message;
    EXPECT_EQ(print(*Op::model.response, &sent), print(*Op::model.response, &received))
        << Op::model.name << encoded.body;
}

template <class... Ops>
int check_all(OperationList<Ops...>) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        (request_comes_back<Ops>(seed), ...);
        (response_comes_back<Ops>(seed), ...);
    }
    return sizeof...(Ops);
}

}  // namespace sekisho::wire
