# Compiler and linker flags of the whole house. One place, so that every room is built alike.
option(SEKISHO_FUZZ "Build the fuzzers (libFuzzer)" OFF)
option(SEKISHO_WERROR "Treat warnings as errors" OFF)
option(SEKISHO_TESTS "Build the unit tests" ON)
set(SEKISHO_SANITIZE "" CACHE STRING "Sanitizers, as clang's -fsanitize= takes them")

add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Wno-sign-conversion -Wno-missing-designated-field-initializers
                    -Wno-invalid-offsetof -fno-omit-frame-pointer)
if(SEKISHO_WERROR)
  add_compile_options(-Werror)
endif()
add_link_options(-fuse-ld=lld)

if(SEKISHO_SANITIZE)
  add_compile_options(-fsanitize=${SEKISHO_SANITIZE} -fno-sanitize-recover=all -O1)
  add_link_options(-fsanitize=${SEKISHO_SANITIZE})
endif()
if(SEKISHO_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
  set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
  add_compile_definitions(_GLIBCXX_ASSERTIONS _FORTIFY_SOURCE=3)
  add_compile_options(-fstack-protector-strong -ffunction-sections -fdata-sections)
  # One copy of equal functions (of operations that differ in their types only), and relocations as bits: a tenth of
  # the program.
  add_link_options(-pie -Wl,-z,relro,-z,now -Wl,--gc-sections -Wl,--icf=safe -Wl,-z,pack-relative-relocs)
endif()
