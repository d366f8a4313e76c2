#pragma once
// Records as bytes, by their Shape. Format: one version byte (1), then for each present member: tag (varint), length
// (varint), value. Values: bool 1 byte; integers and Time zig-zag varint; double 8 bytes little endian; text, blob and
// document their bytes; enumeration varint; structure its members as above; list (length, value) each; map (length,
// key, length, value) each; Secret sealed with associated data (table number, member tag, primary key). A reader skips
// tags it does not know, so an older version reads what a newer one wrote.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/reader.h"
#include "wire/shape.h"

namespace sekisho::store {

// Where a record's secrets belong.
struct SealContext {
    const crypto::KeyRing* key_ring = nullptr;
    std::uint16_t table = 0;
    std::string_view primary_key;
};

// Errors (internal): a secret and no key ring, a member without a tag.
Result<std::string> encode_record(const Shape& shape, const void* record, const SealContext& context);
// Into a record as its constructor left it; members that are not there keep their initial value. Any bytes are safe to
// give. Errors (internal): malformed bytes, a newer version byte, an unknown enumeration value, a secret that does not
// open.
Result<void> decode_record(const Shape& shape, std::string_view bytes, void* record, const SealContext& context);

// What is wrong with the shape of a record: members without a tag, tags used twice. Empty: nothing.
std::vector<std::string> record_shape_problems(const Shape& shape);

}  // namespace sekisho::store
