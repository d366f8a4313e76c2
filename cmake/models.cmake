# The API models as C++ types (tools/generate_models.py).
#
# sekisho_models(<variable>)
# Names the generated sources in <variable>; the wire room compiles them. Headers are "models/<namespace>.h" (below the
# build folder's generated/).
function(sekisho_models VARIABLE)
  set(TOOL ${CMAKE_SOURCE_DIR}/tools/generate_models.py)
  set(FOLDER ${CMAKE_BINARY_DIR}/generated/models)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(SOURCES "")
  # Model file : C++ namespace
  foreach(PAIR aws/organizations:organizations aws/sso-admin:sso_admin aws/identitystore:identitystore aws/sso:sso
               aws/sso-oidc:sso_oidc aws/iam:iam aws/sts:sts aws/eks:eks sekisho:control)
    string(REPLACE ":" ";" PARTS ${PAIR})
    list(GET PARTS 0 MODEL)
    list(GET PARTS 1 NAMESPACE)
    add_custom_command(
      OUTPUT ${FOLDER}/${NAMESPACE}.h ${FOLDER}/${NAMESPACE}.cc
      COMMAND ${Python3_EXECUTABLE} ${TOOL} ${CMAKE_SOURCE_DIR}/models/${MODEL}.json ${NAMESPACE} ${FOLDER}
      COMMAND ${CMAKE_COMMAND} -E touch_nocreate ${FOLDER}/${NAMESPACE}.h ${FOLDER}/${NAMESPACE}.cc
      DEPENDS ${CMAKE_SOURCE_DIR}/models/${MODEL}.json ${TOOL}
      COMMENT "Model ${MODEL}"
      VERBATIM)
    list(APPEND SOURCES ${FOLDER}/${NAMESPACE}.cc ${FOLDER}/${NAMESPACE}.h)
  endforeach()
  set(${VARIABLE} ${SOURCES} PARENT_SCOPE)
endfunction()
