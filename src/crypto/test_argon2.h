#pragma once
// For tests and benchmarks: a whole hash by one build, whichever the processor's fastest is.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "crypto/argon2_builds.h"

namespace sekisho::crypto {

// What goes into a hash; without more said, what hash_password() takes.
struct Argon2Input {
    std::string password = "Quiet-Harbour-42!";
    std::string salt = "sixteen bytes ok";
    std::string secret;
    std::string data;
    std::uint32_t memory = 19 * 1024;
    std::uint32_t passes = 2;
    std::uint32_t lanes = 1;
    std::uint32_t version = ARGON2_VERSION_13;
};

// Points into both.
inline argon2_context argon2_context_of(Argon2Input& input, std::string& out) {
    const auto bytes = [](std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); };
    const auto size = [](const std::string& text) { return static_cast<std::uint32_t>(text.size()); };
    argon2_context context{};
    context.out = bytes(out);
    context.outlen = size(out);
    context.pwd = bytes(input.password);
    context.pwdlen = size(input.password);
    context.salt = bytes(input.salt);
    context.saltlen = size(input.salt);
    context.secret = bytes(input.secret);
    context.secretlen = size(input.secret);
    context.ad = bytes(input.data);
    context.adlen = size(input.data);
    context.m_cost = input.memory;
    context.t_cost = input.passes;
    context.lanes = context.threads = input.lanes;
    context.version = input.version;
    return context;
}

// 32 bytes: what the library's argon2_ctx() does for Argon2id, with this build's inner loop.
inline std::string argon2id_by(const Argon2Build& build, Argon2Input input) {
    std::string out(32, '\0');
    argon2_context context = argon2_context_of(input, out);
    const std::uint32_t segment = input.memory / (input.lanes * ARGON2_SYNC_POINTS);
    argon2_instance_t instance{};
    instance.version = input.version;
    instance.passes = input.passes;
    instance.memory_blocks = segment * input.lanes * ARGON2_SYNC_POINTS;
    instance.segment_length = segment;
    instance.lane_length = segment * ARGON2_SYNC_POINTS;
    instance.lanes = instance.threads = input.lanes;
    instance.type = Argon2_id;
    if (validate_inputs(&context) != ARGON2_OK || initialize(&instance, &context) != ARGON2_OK) std::abort();
    for (std::uint32_t pass = 0; pass < input.passes; ++pass) {
        for (std::uint8_t slice = 0; slice < ARGON2_SYNC_POINTS; ++slice) {
            for (std::uint32_t lane = 0; lane < input.lanes; ++lane) {
                build.fill_segment(&instance, {.pass = pass, .lane = lane, .slice = slice, .index = 0});
            }
        }
    }
    finalize(&context, &instance);
    return out;
}

}  // namespace sekisho::crypto
