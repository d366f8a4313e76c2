// Any bytes: decode_record must refuse or accept them, and what it accepts must encode and decode again to the same
// bytes.
#include <cstdint>
#include <cstdlib>

#include "crypto/seal.h"
#include "store/record_codec.h"

namespace sekisho::store {
namespace {

enum class Mode : std::uint16_t { off, on };
constexpr std::string_view mode_names[] = {"OFF", "ON"};
[[maybe_unused]] constexpr std::span<const std::string_view> enum_names(Mode) {
    return mode_names;
}

struct Node {
    std::string name;
    std::vector<Node> children;
    static const Shape shape;
};
const Shape Node::shape = record_shape<Node>("Node", {SEK_FIELD(1, Node, name), SEK_FIELD(2, Node, children)});

struct Sample {
    bool flag = false;
    std::int32_t small = 0;
    std::optional<std::int64_t> large;
    double ratio = 0;
    Mode mode = Mode::off;
    Time time{};
    Node tree;
    std::map<std::string, std::vector<std::string>> lists;
    std::optional<Secret> secret;
    static const Shape shape;
};
const Shape Sample::shape = record_shape<Sample>(
    "Sample", {SEK_FIELD(1, Sample, flag), SEK_FIELD(2, Sample, small), SEK_FIELD(3, Sample, large),
               SEK_FIELD(4, Sample, ratio), SEK_FIELD(5, Sample, mode), SEK_FIELD(6, Sample, time),
               SEK_FIELD(7, Sample, tree), SEK_FIELD(8, Sample, lists), SEK_FIELD(9, Sample, secret)});

}  // namespace
}  // namespace sekisho::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sekisho;
    using namespace sekisho::store;
    static const crypto::KeyRing key_ring = [] {
        crypto::KeyRing ring;
        if (!ring.add(1, Secret(std::string(crypto::sealing_key_bytes, 'k')))) std::abort();
        return ring;
    }();
    const SealContext context{&key_ring, 1, "key"};
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Sample sample;
    if (!decode_record(Sample::shape, bytes, &sample, context)) return 0;
    sample.secret.reset();  // sealed anew each time
    const auto once = encode_record(Sample::shape, &sample, context);
    if (!once) std::abort();
    Sample again;
    if (!decode_record(Sample::shape, *once, &again, context)) std::abort();
    const auto twice = encode_record(Sample::shape, &again, context);
    if (!twice || *twice != *once) std::abort();
    return 0;
}
