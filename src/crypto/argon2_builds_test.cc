#include "crypto/argon2_builds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "crypto/test_argon2.h"

namespace sekisho::crypto {
namespace {

std::string by_library(Argon2Input input) {
    std::string out(32, '\0');
    argon2_context context = argon2_context_of(input, out);
    EXPECT_EQ(argon2id_ctx(&context), ARGON2_OK);
    return encode_hex(out);
}

std::vector<Argon2Build> builds_that_run_here() {
    std::vector<Argon2Build> all;
    std::ranges::copy_if(argon2_builds(), std::back_inserter(all), &Argon2Build::runs_here);
    return all;
}

Argon2Input rfc_9106_input() {
    return {.password = std::string(32, '\1'),
            .salt = std::string(16, '\2'),
            .secret = std::string(8, '\3'),
            .data = std::string(12, '\4'),
            .memory = 32,
            .passes = 3,
            .lanes = 4};
}

// RFC 9106, section 5.3.
TEST(Argon2Builds, EachHashesTheVectorOfRfc9106) {
    constexpr std::string_view tag = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
    for (const auto& build : builds_that_run_here()) {
        EXPECT_EQ(encode_hex(argon2id_by(build, rfc_9106_input())), tag) << build.name;
    }
    EXPECT_EQ(by_library(rfc_9106_input()), tag);
}

// As passwords are hashed; the least memory; more passes; more lanes, and a number of them that does not divide the
// memory; the older version, whose later passes overwrite.
TEST(Argon2Builds, AllHashAlike) {
    const std::array<Argon2Input, 5> inputs = {{{},
                                                {.memory = 8, .passes = 1},
                                                {.memory = 1024, .passes = 3},
                                                {.memory = 3001, .lanes = 3},
                                                {.memory = 1024, .lanes = 2, .version = ARGON2_VERSION_10}}};
    for (const auto& input : inputs) {
        const std::string expected = by_library(input);
        for (const auto& build : builds_that_run_here()) {
            EXPECT_EQ(encode_hex(argon2id_by(build, input)), expected) << build.name << ", " << input.memory << " KiB";
        }
    }
}

TEST(Argon2Builds, TheFastestThatRunsHereIsTaken) {
    const auto never = [](const argon2_instance_t*, argon2_position_t) { FAIL() << "it is not to be called"; };
    const std::array builds = {Argon2Build{"newest", false, never}, Argon2Build{"newer", true, never},
                               Argon2Build{"old", true, never}};
    EXPECT_STREQ(fastest_here(builds).name, "newer");
    EXPECT_STREQ(fastest_here(std::span(builds).last(1)).name, "old");
    EXPECT_TRUE(argon2_builds().back().runs_here);
}

// What a hash leaves in its memory would help to guess the password.
TEST(Argon2Builds, MemoryIsWipedBeforeItIsGivenBack) {
    static bool wiped;
    wiped = false;
    Argon2Input input;
    std::string out(32, '\0');
    argon2_context context = argon2_context_of(input, out);
    context.allocate_cbk = [](std::uint8_t** memory, std::size_t bytes) {
        *memory = new std::uint8_t[bytes];
        std::memset(*memory, 0xAA, bytes);
        return static_cast<int>(ARGON2_OK);
    };
    context.free_cbk = [](std::uint8_t* memory, std::size_t bytes) {
        wiped = std::ranges::all_of(std::span(memory, bytes), [](std::uint8_t byte) { return byte == 0; });
        delete[] memory;
    };
    ASSERT_EQ(argon2id_ctx(&context), ARGON2_OK);
    EXPECT_TRUE(wiped);
}

}  // namespace
}  // namespace sekisho::crypto
