#include "crypto/seal.h"

#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "crypto/digest.h"
#include "crypto/drbg.h"
#include "crypto/openssl.h"

namespace sekisho::crypto {
namespace {

constexpr char version = 0x01;
constexpr std::size_t header_bytes = 1 + 4;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
static_assert(header_bytes + nonce_bytes + tag_bytes == sealing_overhead_bytes);

const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    require(cipher != nullptr);
    return cipher;
}

// Keyed contexts of one key on one thread. Expanding a key costs as much as sealing a token.
struct KeyedContexts {
    std::uint64_t serial = 0;
    OwnedCipherContext sealing;
    OwnedCipherContext opening;
};

KeyedContexts& keyed_contexts(std::uint64_t serial, const Secret& key) {
    constexpr std::size_t slots = 8;  // rings are short: a current key and a few before it
    thread_local std::array<KeyedContexts, slots> contexts;
    thread_local std::size_t next = 0;
    for (KeyedContexts& candidate : contexts) {
        if (candidate.serial == serial) return candidate;
    }
    KeyedContexts& slot = contexts[next++ % slots];
    slot.serial = serial;
    slot.sealing.reset(EVP_CIPHER_CTX_new());
    slot.opening.reset(EVP_CIPHER_CTX_new());
    const unsigned char* bytes = bytes_of(key.expose());
    require(slot.sealing && slot.opening &&
            EVP_EncryptInit_ex2(slot.sealing.get(), aes_256_gcm(), bytes, nullptr, nullptr) == 1 &&
            EVP_DecryptInit_ex2(slot.opening.get(), aes_256_gcm(), bytes, nullptr, nullptr) == 1);
    return slot;
}

std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> serial{0};
    return ++serial;
}

}  // namespace

const KeyRing::Key* KeyRing::find(std::uint32_t id) const {
    for (const Key& key : keys_) {
        if (key.id == id) return &key;
    }
    return nullptr;
}

Result<void> KeyRing::add(std::uint32_t id, const Secret& key, bool make_current) {
    if (key.expose().size() != sealing_key_bytes) return errors::internal_failure("a sealing key is not 32 bytes long");
    if (has(id)) return errors::internal_failure("sealing key " + std::to_string(id) + " is on the ring already");
    keys_.push_back({.id = id, .serial = next_serial(), .bytes = key});
    if (make_current) current_ = keys_.size() - 1;
    return {};
}

std::uint32_t KeyRing::current_id() const {
    require(!keys_.empty());
    return keys_[current_].id;
}

std::string KeyRing::seal(std::string_view plaintext, std::string_view associated_data) const {
    require(!keys_.empty() && plaintext.size() < INT32_MAX && associated_data.size() < INT32_MAX);
    const Key& key = keys_[current_];
    EVP_CIPHER_CTX* context = keyed_contexts(key.serial, key.bytes).sealing.get();

    std::string out(sealing_overhead_bytes + plaintext.size(), '\0');
    out[0] = version;
    for (std::size_t i = 0; i < 4; ++i) out[1 + i] = static_cast<char>(key.id >> (24 - 8 * i) & 0xff);
    char* nonce = out.data() + header_bytes;
    thread_random().fill(std::as_writable_bytes(std::span(nonce, nonce_bytes)));
    char* text = nonce + nonce_bytes;
    int written = 0;
    require(EVP_EncryptInit_ex2(context, nullptr, nullptr, bytes_of(nonce), nullptr) == 1 &&
            EVP_EncryptUpdate(context, nullptr, &written, bytes_of(out.data()), header_bytes) == 1 &&
            EVP_EncryptUpdate(context, nullptr, &written, bytes_of(associated_data),
                              static_cast<int>(associated_data.size())) == 1 &&
            EVP_EncryptUpdate(context, bytes_of(text), &written, bytes_of(plaintext),
                              static_cast<int>(plaintext.size())) == 1);
    char* tag = text + plaintext.size();
    require(EVP_EncryptFinal_ex(context, bytes_of(tag), &written) == 1 &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_bytes, tag) == 1);
    return out;
}

std::optional<std::uint32_t> sealing_key_id(std::string_view sealed) {
    if (sealed.size() < sealing_overhead_bytes || sealed.size() >= INT32_MAX || sealed[0] != version)
        return std::nullopt;
    std::uint32_t id = 0;
    for (std::size_t i = 0; i < 4; ++i) id = id << 8 | static_cast<unsigned char>(sealed[1 + i]);
    return id;
}

std::optional<std::string> KeyRing::open(std::string_view sealed, std::string_view associated_data) const {
    const auto id = sealing_key_id(sealed);
    const Key* key = id ? find(*id) : nullptr;
    if (key == nullptr || associated_data.size() >= INT32_MAX) return std::nullopt;
    EVP_CIPHER_CTX* context = keyed_contexts(key->serial, key->bytes).opening.get();

    const std::string_view nonce = sealed.substr(header_bytes, nonce_bytes);
    const std::string_view text = sealed.substr(header_bytes + nonce_bytes, sealed.size() - sealing_overhead_bytes);
    std::array<char, tag_bytes> tag;
    std::memcpy(tag.data(), sealed.data() + sealed.size() - tag_bytes, tag_bytes);
    std::string out(text.size(), '\0');
    int written = 0;
    require(EVP_DecryptInit_ex2(context, nullptr, nullptr, bytes_of(nonce), nullptr) == 1 &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1 &&
            EVP_DecryptUpdate(context, nullptr, &written, bytes_of(sealed), header_bytes) == 1 &&
            EVP_DecryptUpdate(context, nullptr, &written, bytes_of(associated_data),
                              static_cast<int>(associated_data.size())) == 1 &&
            EVP_DecryptUpdate(context, bytes_of(out.data()), &written, bytes_of(text), static_cast<int>(text.size())) ==
                1);
    std::array<char, tag_bytes> rest;
    if (EVP_DecryptFinal_ex(context, bytes_of(rest.data()), &written) != 1) {
        explicit_bzero(out.data(), out.size());
        ERR_clear_error();
        return std::nullopt;
    }
    return out;
}

Secret hkdf_sha256(std::string_view input_key, std::string_view salt, std::string_view info, std::size_t length) {
    require(length <= 255 * 32);
    // RFC 5869 2.2: no salt means 32 zero bytes, which HMAC pads an empty key to anyway.
    const Sha256Digest extracted = hmac_sha256(salt, input_key);
    const HmacKey key(extracted.view());
    std::string out;
    std::string block;
    for (unsigned char counter = 1; out.size() < length; ++counter) {
        block.append(info).push_back(static_cast<char>(counter));
        block = key.mac(block).str();
        out.append(block, 0, std::min(block.size(), length - out.size()));
    }
    explicit_bzero(block.data(), block.size());
    return Secret(std::move(out));
}

Secret derive(const Secret& master, std::string_view purpose, std::size_t length) {
    return hkdf_sha256(master.expose(), {}, purpose, length);
}

}  // namespace sekisho::crypto
