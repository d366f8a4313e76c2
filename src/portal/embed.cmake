# Writes the files of a folder as C++ data: cmake -DFOLDER=... -DOUT=... -P embed.cmake
# Each is served under a name that holds the hash of its content.
file(GLOB FILES ${FOLDER}/*)
list(SORT FILES)
set(DATA "")
set(TABLE "")
set(NUMBER 0)
foreach(FILE ${FILES})
  get_filename_component(STEM ${FILE} NAME_WE)
  get_filename_component(EXTENSION ${FILE} EXT)
  file(SHA256 ${FILE} HASH)
  string(SUBSTRING ${HASH} 0 16 HASH)
  file(READ ${FILE} HEX_BYTES HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," BYTES "${HEX_BYTES}")
  string(APPEND DATA "constexpr char bytes_${NUMBER}[] = {${BYTES}};\n")
  string(APPEND TABLE "    {\"${STEM}${EXTENSION}\", \"/assets/${STEM}.${HASH}${EXTENSION}\", "
                      "{bytes_${NUMBER}, sizeof(bytes_${NUMBER})}},\n")
  math(EXPR NUMBER "${NUMBER} + 1")
endforeach()
file(WRITE ${OUT} "// Made by embed.cmake.
#include \"portal/assets.h\"

namespace sekisho::portal {
namespace {
${DATA}
constexpr Asset table[] = {
${TABLE}};
}  // namespace

std::span<const Asset> all_assets() {
    return table;
}

}  // namespace sekisho::portal
")
