# A room is one folder of src/: its .cc files (but main.cc) are one static library `sekisho_<room>`, its *_test.cc one test program
# `<room>_test`, each *_fuzz.cc one fuzzer (SEKISHO_FUZZ) and, replaying its corpus, a part of the tests, its *_bench.cc one
# benchmark `<room>_bench` (target `benchmarks`: all of them; not built otherwise).
#
# sekisho_room(<path below src> [SMALL] [USES room...] [LINK library...])
# SMALL rooms are compiled for size, which takes a quarter of their code: what is called seldom, and there is much of it.
# The others are what a request passes through: optimized across files too. The program is linked so; the tests, which are many, by
# their object code.
# USES names the rooms it may call (lower floors); tests/house checks every #include against the floors.
if(SEKISHO_TESTS)
  add_custom_target(benchmarks)
endif()

# Sources of tests run once: optimizing them took a third (iam/policies_test.cc) to three quarters
# (wire/roundtrip_iam_test.cc) of their compilation.
function(sekisho_unoptimized TARGET)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${TARGET} PRIVATE -O0 -U_FORTIFY_SOURCE)
  endif()
endfunction()

function(sekisho_room PATH)
  cmake_parse_arguments(ROOM "SMALL" "" "USES;LINK;SOURCES" ${ARGN})
  string(REPLACE "/" "_" NAME ${PATH})
  set(DIR ${CMAKE_SOURCE_DIR}/src/${PATH})
  file(GLOB ALL CONFIGURE_DEPENDS ${DIR}/*.cc)
  set(SOURCES ${ALL})
  list(FILTER SOURCES EXCLUDE REGEX "(_(test|fuzz|bench)|/main)\\.cc$")
  set(TESTS ${ALL})
  list(FILTER TESTS INCLUDE REGEX "_test\\.cc$")
  set(FUZZERS ${ALL})
  list(FILTER FUZZERS INCLUDE REGEX "_fuzz\\.cc$")
  set(BENCHMARKS ${ALL})
  list(FILTER BENCHMARKS INCLUDE REGEX "_bench\\.cc$")

  set(USED "")
  foreach(USE ${ROOM_USES})
    string(REPLACE "/" "_" USE_NAME ${USE})
    list(APPEND USED sekisho_${USE_NAME})
  endforeach()

  if(SOURCES OR ROOM_SOURCES)
    add_library(sekisho_${NAME} STATIC ${SOURCES} ${ROOM_SOURCES})
    target_include_directories(sekisho_${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
    target_link_libraries(sekisho_${NAME} PUBLIC ${USED} ${ROOM_LINK})
    if(ROOM_SMALL AND CMAKE_BUILD_TYPE STREQUAL "Release")
      target_compile_options(sekisho_${NAME} PRIVATE -Os)
    elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
      target_compile_options(sekisho_${NAME} PRIVATE -O3 -fomit-frame-pointer -fno-plt -flto=thin -ffat-lto-objects)
    endif()
  else()
    add_library(sekisho_${NAME} INTERFACE)
    target_include_directories(sekisho_${NAME} INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
    target_link_libraries(sekisho_${NAME} INTERFACE ${USED} ${ROOM_LINK})
  endif()

  if(SEKISHO_TESTS AND TESTS)
    add_executable(${NAME}_test ${TESTS})
    target_link_libraries(${NAME}_test PRIVATE sekisho_${NAME} gtest gmock gtest_main)
    target_compile_definitions(${NAME}_test PRIVATE SEKISHO_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    sekisho_unoptimized(${NAME}_test)
    add_test(NAME ${NAME} COMMAND ${NAME}_test)
  endif()

  if(SEKISHO_TESTS AND BENCHMARKS)
    add_executable(${NAME}_bench EXCLUDE_FROM_ALL ${BENCHMARKS})
    target_link_libraries(${NAME}_bench PRIVATE sekisho_${NAME} benchmark::benchmark_main)
    target_compile_definitions(${NAME}_bench PRIVATE SEKISHO_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_dependencies(benchmarks ${NAME}_bench)
  endif()

  foreach(FUZZER ${FUZZERS})
    get_filename_component(STEM ${FUZZER} NAME_WE)
    if(SEKISHO_FUZZ)
      add_executable(${STEM} ${FUZZER})
      target_link_libraries(${STEM} PRIVATE sekisho_${NAME})
      target_link_options(${STEM} PRIVATE -fsanitize=fuzzer)
    elseif(SEKISHO_TESTS)
      add_executable(${STEM}_replay ${FUZZER} ${CMAKE_SOURCE_DIR}/tests/fuzz_replay.cc)
      target_link_libraries(${STEM}_replay PRIVATE sekisho_${NAME})
      sekisho_unoptimized(${STEM}_replay)
      add_test(NAME ${STEM}_replay COMMAND ${STEM}_replay ${CMAKE_SOURCE_DIR}/tests/corpora/${STEM})
    endif()
  endforeach()
endfunction()
