# EC2's zones and instance types as read-only data: "models/ec2_catalog.h".
#
# sekisho_ec2_catalog(<variable>)
# As sekisho_managed_policies(): names the generated sources; the room that reads them links libzstd.
function(sekisho_ec2_catalog VARIABLE)
  set(MODELS ${CMAKE_SOURCE_DIR}/models/aws)
  set(TOOL ${CMAKE_SOURCE_DIR}/tools/embed_ec2_catalog.py)
  set(FOLDER ${CMAKE_BINARY_DIR}/generated/models)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_custom_command(
    OUTPUT ${FOLDER}/ec2_catalog.h ${FOLDER}/ec2_catalog.cc
    COMMAND ${Python3_EXECUTABLE} ${TOOL} ${MODELS} ${FOLDER}
    DEPENDS ${TOOL} ${MODELS}/ec2_zones.json ${MODELS}/ec2_instance_types.jsonl
            ${CMAKE_SOURCE_DIR}/tools/embed_managed_policies.py
    COMMENT "EC2's zones and instance types"
    VERBATIM)
  set(${VARIABLE} ${FOLDER}/ec2_catalog.cc ${FOLDER}/ec2_catalog.h PARENT_SCOPE)
endfunction()
