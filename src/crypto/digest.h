#pragma once
// SHA-2, SHA-1 and HMAC (FIPS 180-4, RFC 2104). No function here fails: OpenSSL refusing a built-in digest ends the
// process. Cost of a short text: SHA-256 about 85 ns, HMAC with a cached key about 200 ns, with a raw key about 400 ns.
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;
struct evp_mac_ctx_st;

namespace sekisho::crypto {

// The bytes of a digest, without allocation.
template <std::size_t Size>
struct Digest {
    std::array<char, Size> bytes{};

    std::string_view view() const { return {bytes.data(), bytes.size()}; }
    std::string str() const { return std::string(view()); }
    std::array<char, Size * 2> hex_characters() const {  // lower case
        constexpr std::string_view digits = "0123456789abcdef";
        std::array<char, Size * 2> out;
        for (std::size_t i = 0; i < Size; ++i) {
            const auto byte = static_cast<unsigned char>(bytes[i]);
            out[2 * i] = digits[byte >> 4];
            out[2 * i + 1] = digits[byte & 15];
        }
        return out;
    }
    std::string hex() const {
        const auto characters = hex_characters();
        return {characters.data(), characters.size()};
    }
    friend bool operator==(const Digest&, const Digest&) = default;  // of public values; secrets: crypto/equal.h
};
using Sha1Digest = Digest<20>;
using Sha256Digest = Digest<32>;
using Sha512Digest = Digest<64>;

Sha256Digest sha256(std::string_view bytes);
Sha512Digest sha512(std::string_view bytes);
// Only where a format asks for it: names in the AWS CLI's cache, certificate thumbprints, RFC 6238.
Sha1Digest sha1(std::string_view bytes);

// SHA-256 of bytes that come in pieces. finish() may be called once.
class Sha256 {
 public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();
    Sha256& update(std::string_view bytes);
    Sha256Digest finish();

 private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes);
Sha1Digest hmac_sha1(std::string_view key, std::string_view bytes);  // RFC 6238 only

// An HMAC-SHA256 key with its key schedule. One thread at a time.
class HmacKey {
 public:
    explicit HmacKey(std::string_view key);
    HmacKey(HmacKey&&) noexcept;
    HmacKey& operator=(HmacKey&&) noexcept;
    ~HmacKey();
    Sha256Digest mac(std::string_view bytes) const;

 private:
    struct Free {
        void operator()(evp_mac_ctx_st* context) const;
    };
    std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

}  // namespace sekisho::crypto
