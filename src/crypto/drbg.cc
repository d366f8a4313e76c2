#include "crypto/drbg.h"

#include <openssl/rand.h>
#include <strings.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "crypto/digest.h"
#include "crypto/openssl.h"

namespace sekisho::crypto {
namespace {

// With the seed (32) and the counter (8) it fills one block of SHA-256 (55 bytes and padding).
constexpr std::string_view label = "sekisho drbg v1";
static_assert(label.size() + Drbg::seed_bytes + 8 == 55);

// OpenSSL's generator (NIST SP 800-90A, reseeded by itself), drawn from in large pieces: one call of it costs as much
// as a kilobyte. What was handed out is erased here.
class ThreadRandom final : public Random {
 public:
    ~ThreadRandom() override { explicit_bzero(ahead_.data(), ahead_.size()); }
    void fill(std::span<std::byte> out) override {
        if (out.size() > ahead_.size()) return draw(out);
        if (out.size() > ahead_.size() - used_) {
            draw(ahead_);
            used_ = 0;
        }
        std::memcpy(out.data(), ahead_.data() + used_, out.size());
        explicit_bzero(ahead_.data() + used_, out.size());
        used_ += out.size();
    }

 private:
    static void draw(std::span<std::byte> out) {
        require(RAND_priv_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) == 1);
    }
    std::array<std::byte, 1024> ahead_{};
    std::size_t used_ = ahead_.size();
};

}  // namespace

Drbg::~Drbg() {
    explicit_bzero(seed_.data(), seed_.size());
    explicit_bzero(block_.data(), block_.size());
}

void Drbg::next_block() {
    std::array<char, 55> input;
    char* at = std::copy(label.begin(), label.end(), input.data());
    std::memcpy(at, seed_.data(), seed_.size());
    at += seed_.size();
    for (int shift = 56; shift >= 0; shift -= 8) *at++ = static_cast<char>(counter_ >> shift & 0xff);
    ++counter_;
    const Sha256Digest digest = sha256({input.data(), input.size()});
    std::memcpy(block_.data(), digest.bytes.data(), block_.size());
    used_ = 0;
}

void Drbg::fill(std::span<std::byte> out) {
    while (!out.empty()) {
        if (used_ == block_.size()) next_block();
        const std::size_t count = std::min(out.size(), block_.size() - used_);
        std::memcpy(out.data(), block_.data() + used_, count);
        used_ += count;
        out = out.subspan(count);
    }
}

Random& thread_random() {
    thread_local ThreadRandom random;
    return random;
}

Drbg::Seed random_seed() {
    Drbg::Seed seed;
    thread_random().fill(seed);
    return seed;
}

}  // namespace sekisho::crypto
