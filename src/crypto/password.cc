#include "crypto/password.h"

#include <argon2.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/encoding.h"
#include "crypto/equal.h"

namespace sekisho::crypto {
namespace {

constexpr std::uint32_t memory_kibibytes = 19 * 1024;
constexpr std::uint32_t passes = 2;
constexpr std::uint32_t lanes = 1;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;

struct Parameters {
    std::uint32_t version = ARGON2_VERSION_13;
    std::uint32_t memory = memory_kibibytes;
    std::uint32_t time = passes;
    std::uint32_t parallelism = lanes;
};

// Memory of hashes, kept for the next one: 19 MiB new from the kernel, page by page, cost half as much as the hash.
class Blocks {
 public:
    static constexpr std::size_t block_bytes = memory_kibibytes * 1024;

    std::uint8_t* take() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                auto block = std::move(free_.back());
                free_.pop_back();
                return block.release();
            }
        }
        return new (std::nothrow) std::uint8_t[block_bytes];
    }
    void give_back(std::uint8_t* block) {
        const std::lock_guard lock(mutex_);
        free_.emplace_back(block);
    }
    void release() {
        const std::lock_guard lock(mutex_);
        free_.clear();
    }

 private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<std::uint8_t[]>> free_;
};

// Never destroyed: threads that hash may end after what is static here would.
Blocks& blocks() {
    static Blocks& all = *new Blocks;
    return all;
}

int allocate(std::uint8_t** memory, std::size_t bytes) {
    *memory = bytes == Blocks::block_bytes ? blocks().take() : new (std::nothrow) std::uint8_t[bytes];
    return *memory != nullptr ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

void give_back(std::uint8_t* memory, std::size_t bytes) {
    if (bytes == Blocks::block_bytes) return blocks().give_back(memory);
    delete[] memory;
}

// Argon2 only reads them.
std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

// Status of libargon2; `out` gets the hash and says how long it is.
int run(const Parameters& p, const Secret& password, std::string_view salt, std::string& out) {
    const auto text = password.expose();
    argon2_context context{};
    context.out = reinterpret_cast<std::uint8_t*>(out.data());
    context.outlen = static_cast<std::uint32_t>(out.size());
    context.pwd = bytes_of(text);
    context.pwdlen = static_cast<std::uint32_t>(text.size());
    context.salt = bytes_of(salt);
    context.saltlen = static_cast<std::uint32_t>(salt.size());
    context.t_cost = p.time;
    context.m_cost = p.memory;
    context.lanes = context.threads = p.parallelism;
    context.version = p.version;
    context.allocate_cbk = &allocate;
    context.free_cbk = &give_back;
    return argon2id_ctx(&context);
}

bool skip(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool read_number(std::string_view& text, std::uint32_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

// The parameters, and in `phc` what follows them: salt and hash.
std::optional<Parameters> read_parameters(std::string_view& phc) {
    Parameters p;
    if (skip(phc, "$argon2id$v=") && read_number(phc, p.version) && skip(phc, "$m=") && read_number(phc, p.memory) &&
        skip(phc, ",t=") && read_number(phc, p.time) && skip(phc, ",p=") && read_number(phc, p.parallelism) &&
        skip(phc, "$")) {
        return p;
    }
    return std::nullopt;
}

// PHC texts have base64 without padding.
std::string encode_unpadded(std::string_view bytes) {
    std::string text = encode_base64(bytes);
    text.resize(std::min(text.find('='), text.size()));
    return text;
}
std::optional<std::string> decode_unpadded(std::string_view text) {
    if (text.contains('=')) return {};
    return decode_base64(std::string(text).append((4 - text.size() % 4) % 4, '='));
}

}  // namespace

Result<std::string> hash_password(const Secret& password, Random& random) {
    const std::string salt = random_bytes(random, salt_bytes);
    std::string hash(hash_bytes, '\0');
    const int status = run({}, password, salt, hash);
    if (status != ARGON2_OK) return errors::internal_failure(std::string("argon2: ") + argon2_error_message(status));
    return fmt::format("$argon2id$v={}$m={},t={},p={}${}${}", static_cast<int>(ARGON2_VERSION_13), memory_kibibytes,
                       passes, lanes, encode_unpadded(salt), encode_unpadded(hash));
}

bool verify_password(std::string_view phc, const Secret& password) {
    if (phc.size() > 512) return false;
    const auto p = read_parameters(phc);
    // A text from a damaged or foreign store must not be able to take all memory or time.
    if (!p || p->memory > 64 * 1024 || p->time > 16 || p->parallelism > 8) return false;
    const auto between = phc.find('$');
    if (between == std::string_view::npos) return false;
    const auto salt = decode_unpadded(phc.substr(0, between));
    const auto expected = decode_unpadded(phc.substr(between + 1));
    if (!salt || !expected) return false;
    std::string hash(expected->size(), '\0');
    return run(*p, password, *salt, hash) == ARGON2_OK && equal(hash, *expected);
}

bool needs_rehash(std::string_view phc) {
    const auto p = read_parameters(phc);
    return !p || p->version != ARGON2_VERSION_13 || p->memory != memory_kibibytes || p->time != passes ||
           p->parallelism != lanes;
}

void burn_password_verification(const Secret& password) {
    constexpr std::array<char, salt_bytes> salt{};
    std::string hash(hash_bytes, '\0');
    // The value is of no use, only the time; a failure to allocate is as good as any other answer here.
    static_cast<void>(run({}, password, {salt.data(), salt.size()}, hash));
}

void release_password_memory() {
    blocks().release();
}

}  // namespace sekisho::crypto
