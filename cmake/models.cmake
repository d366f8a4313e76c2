# Generated API types: for each model, generated/models/<namespace>.h and .cc (tools/generate_models.py), made at build
# time when the model or the generator changed.
#
# sekisho_generate_models(OUT <variable> <model path>=<C++ namespace>...)
# The variable gets the .cc files; src/wire compiles them.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)

function(sekisho_generate_models)
  cmake_parse_arguments(MODELS "" "OUT" "" ${ARGN})
  set(FOLDER ${CMAKE_BINARY_DIR}/generated/models)
  set(GENERATOR ${CMAKE_SOURCE_DIR}/tools/generate_models.py)
  set(SOURCES "")
  foreach(PAIR ${MODELS_UNPARSED_ARGUMENTS})
    string(REPLACE "=" ";" PAIR ${PAIR})
    list(GET PAIR 0 MODEL)
    list(GET PAIR 1 NAMESPACE)
    add_custom_command(
      OUTPUT ${FOLDER}/${NAMESPACE}.cc ${FOLDER}/${NAMESPACE}.h
      COMMAND Python3::Interpreter ${GENERATOR} ${CMAKE_SOURCE_DIR}/${MODEL} ${NAMESPACE} ${FOLDER}
      DEPENDS ${GENERATOR} ${CMAKE_SOURCE_DIR}/${MODEL}
      COMMENT "Generating ${NAMESPACE} from ${MODEL}"
      VERBATIM)
    if(CMAKE_BUILD_TYPE STREQUAL "Release")
      set_source_files_properties(${FOLDER}/${NAMESPACE}.cc PROPERTIES COMPILE_OPTIONS "-Os;-fno-lto")  # tables, run once
    endif()
    list(APPEND SOURCES ${FOLDER}/${NAMESPACE}.cc ${FOLDER}/${NAMESPACE}.h)
  endforeach()
  set(${MODELS_OUT} ${SOURCES} PARENT_SCOPE)
endfunction()
