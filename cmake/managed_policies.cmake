# The AWS managed policies as read-only data.
#
# sekisho_managed_policies(<variable>)
# Names the generated source in <variable>; give it to one room: sekisho_room(domain ... SOURCES ${<variable>}). Its
# header is "models/managed_policies.h" (below the build folder's generated/). The room that reads it links libzstd.
function(sekisho_managed_policies VARIABLE)
  set(SOURCE ${CMAKE_SOURCE_DIR}/models/aws/managed_policies.jsonl)
  set(TOOL ${CMAKE_SOURCE_DIR}/tools/embed_managed_policies.py)
  set(FOLDER ${CMAKE_BINARY_DIR}/generated/models)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  find_program(ZSTD_PROGRAM zstd REQUIRED)
  add_custom_command(
    OUTPUT ${FOLDER}/managed_policies.h ${FOLDER}/managed_policies.cc
    COMMAND ${Python3_EXECUTABLE} ${TOOL} ${SOURCE} ${FOLDER}
    DEPENDS ${SOURCE} ${TOOL}
    COMMENT "AWS managed policies"
    VERBATIM)
  set(${VARIABLE} ${FOLDER}/managed_policies.cc ${FOLDER}/managed_policies.h PARENT_SCOPE)
endfunction()
