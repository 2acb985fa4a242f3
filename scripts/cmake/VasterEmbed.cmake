# vaster_embed(TARGET FILE NAMESPACE FUNCTION): compiles a text file into the target. It defines
# std::string_view NAMESPACE::FUNCTION(), which the caller declares.
function(vaster_embed target file namespace function)
  file(READ "${file}" content HEX)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${content}")
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/${function}.embedded.cpp")
  file(CONFIGURE OUTPUT "${generated}" CONTENT
"#include <string_view>
namespace ${namespace} {
std::string_view ${function}();
std::string_view ${function}() {
    static constexpr char bytes[] = \"${bytes}\";
    return {bytes, sizeof bytes - 1};
}
}  // namespace ${namespace}
" @ONLY)
  target_sources(${target} PRIVATE "${generated}")
endfunction()
