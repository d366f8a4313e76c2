# The reference implementation of Argon2 (CC0 or Apache-2.0), from the sources that tools/setup.sh fetched, or fetches now.
#
# sekisho_argon2(<variable of its objects> <variable of its folders of headers>)
# The objects are for one room, which defines `fill_segment`, the library's inner loop. Of that they hold
# fill_segment_baseline, for any processor, and on x86-64 fill_segment_avx2. Lanes are filled one after the other, without
# threads. No name of the library is seen outside of the program.
function(sekisho_argon2 OBJECTS HEADERS)
  execute_process(
    COMMAND bash -c "set -e; source tools/setup.sh; setup_argon2 >&2; printf %s \"$SEKISHO_ARGON2\""
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE FOLDER
    COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/setup.sh)
  set(LIBRARIES argon2 argon2_baseline)
  add_library(argon2 OBJECT ${FOLDER}/src/argon2.c ${FOLDER}/src/core.c ${FOLDER}/src/encoding.c ${FOLDER}/src/blake2/blake2b.c)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    list(APPEND LIBRARIES argon2_avx2)
    add_library(argon2_baseline OBJECT ${FOLDER}/src/opt.c)
    add_library(argon2_avx2 OBJECT ${FOLDER}/src/opt.c)
    target_compile_definitions(argon2_avx2 PRIVATE fill_segment=fill_segment_avx2)
    target_compile_options(argon2_avx2 PRIVATE -mavx2)
  else()
    add_library(argon2_baseline OBJECT ${FOLDER}/src/ref.c)
  endif()
  target_compile_definitions(argon2_baseline PRIVATE fill_segment=fill_segment_baseline)
  set(ALL "")
  foreach(LIBRARY ${LIBRARIES})
    target_include_directories(${LIBRARY} PRIVATE ${FOLDER}/include ${FOLDER}/src)
    target_compile_definitions(${LIBRARY} PRIVATE ARGON2_NO_THREADS)
    # Always optimized and without sanitizers, or a hash takes ten times as long.
    target_compile_options(${LIBRARY} PRIVATE -w -O2 -fno-sanitize=all -fvisibility=hidden)
    list(APPEND ALL $<TARGET_OBJECTS:${LIBRARY}>)
  endforeach()
  set(${OBJECTS} ${ALL} PARENT_SCOPE)
  set(${HEADERS} ${FOLDER}/include ${FOLDER}/src PARENT_SCOPE)
endfunction()
