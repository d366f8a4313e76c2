#pragma once
// The inner loop of Argon2's reference implementation (its fill_segment: nearly all of a hash), compiled more than
// once: for any processor, and for those with AVX2, which take two thirds of the time. Their results are the same. For
// this room only.
#include <argon2.h>

#include <span>

// The library's own names are not for other libraries to find.
#pragma GCC visibility push(hidden)
extern "C" {
#include <core.h>
}
#pragma GCC visibility pop

namespace sekisho::crypto {

struct Argon2Build {
    const char* name;
    // This processor has what the build is compiled for, and the kernel keeps its registers.
    bool runs_here;
    decltype(&::fill_segment) fill_segment;
};

// The fastest first; the last one runs everywhere.
std::span<const Argon2Build> argon2_builds();
// The first that runs here, and that hashes are made by.
const Argon2Build& fastest_here(std::span<const Argon2Build> builds);

}  // namespace sekisho::crypto
