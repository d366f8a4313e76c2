#include "crypto/argon2_builds.h"

#include <algorithm>
#include <array>

#pragma GCC visibility push(hidden)
extern "C" {
// cmake/argon2.cmake compiles them.
void fill_segment_baseline(const argon2_instance_t* instance, argon2_position_t position);
#ifdef __x86_64__
void fill_segment_avx2(const argon2_instance_t* instance, argon2_position_t position);
#endif
}
#pragma GCC visibility pop

namespace sekisho::crypto {

// Not AVX-512, which the library knows too: it saves a twelfth of what AVX2 takes.
std::span<const Argon2Build> argon2_builds() {
    static const std::array builds = {
#ifdef __x86_64__
        Argon2Build{
            .name = "avx2", .runs_here = __builtin_cpu_supports("avx2") != 0, .fill_segment = &fill_segment_avx2},
#endif
        Argon2Build{.name = "baseline", .runs_here = true, .fill_segment = &fill_segment_baseline},
    };
    return builds;
}

const Argon2Build& fastest_here(std::span<const Argon2Build> builds) {
    return *std::ranges::find(builds, true, &Argon2Build::runs_here);
}

}  // namespace sekisho::crypto

// Called by the library, eight times a hash.
void fill_segment(const argon2_instance_t* instance, argon2_position_t position) {
    static const auto fill = sekisho::crypto::fastest_here(sekisho::crypto::argon2_builds()).fill_segment;
    fill(instance, position);
}
