#pragma once
// Sealing: authenticated encryption (AES-256-GCM, NIST SP 800-38D) under a ring of keys, and key derivation
// (HKDF-SHA256, RFC 5869). About 0.3 us for 600 bytes: a keyed context is kept per thread and key.
//
//   sealed = version (1 byte, 0x01) | key id (4, big endian) | nonce (12, random) | ciphertext | tag (16)
//
// Version and key id are authenticated too. Nonces are drawn here and never from a call's own random source: a handler
// that runs twice would seal two texts under one nonce. A key should seal at most 2^32 texts; rotate before that.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace sekisho::crypto {

inline constexpr std::size_t sealing_key_bytes = 32;
inline constexpr std::size_t sealing_overhead_bytes = 1 + 4 + 12 + 16;

// Keys by id, one of them current. Const functions may run on many threads at once; adding must not run beside them.
class KeyRing {
 public:
    // Adds a key, or refuses (InternalFailure) one that is not 32 bytes long or whose id is taken. The first one added
    // is current; `make_current` makes a later one so (rotation).
    Result<void> add(std::uint32_t id, const Secret& key, bool make_current = true);
    bool has(std::uint32_t id) const { return find(id) != nullptr; }
    std::uint32_t current_id() const;
    std::size_t size() const { return keys_.size(); }

    // Needs at least one key. `associated_data` is bound to the text but not part of it: what the text is for.
    std::string seal(std::string_view plaintext, std::string_view associated_data) const;
    // Nothing when the text was changed, cut, sealed for something else, or its key is not on the ring.
    std::optional<std::string> open(std::string_view sealed, std::string_view associated_data) const;

 private:
    struct Key {
        std::uint32_t id;
        std::uint64_t serial;  // of this process, for the contexts kept per thread
        Secret bytes;
    };
    const Key* find(std::uint32_t id) const;
    std::vector<Key> keys_;
    std::size_t current_ = 0;
};

// The id of the key that a sealed text names, without opening it.
std::optional<std::uint32_t> sealing_key_id(std::string_view sealed);

// HKDF-SHA256 without salt; `purpose` keeps keys for different uses apart. `length` is at most 255 * 32.
Secret derive(const Secret& master, std::string_view purpose, std::size_t length = sealing_key_bytes);
// RFC 5869 in full.
Secret hkdf_sha256(std::string_view input_key, std::string_view salt, std::string_view info, std::size_t length);

}  // namespace sekisho::crypto
