# vaster_add_version(TARGET): compiles vaster::run::version() (core/run/version.hpp) into the target: the project's version and,
# in a git checkout, the commit. Looked up at every build, written only when it has changed.
if(CMAKE_SCRIPT_MODE_FILE)
  execute_process(COMMAND git -C "${SOURCE_DIR}" describe --always --dirty --abbrev=10 --exclude=*
    OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(commit)
    set(commit "+${commit}")
  endif()
  file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT
"#include \"core/run/version.hpp\"
namespace vaster::run {
std::string_view version() { return \"${VERSION}${commit}\"; }
}  // namespace vaster::run
")
  return()
endif()

function(vaster_add_version target)
  set(output "${CMAKE_CURRENT_BINARY_DIR}/version.cpp")
  add_custom_target(${target}_version BYPRODUCTS "${output}"
    COMMAND "${CMAKE_COMMAND}" -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DOUTPUT=${output} -DVERSION=${PROJECT_VERSION}
            -P "${PROJECT_SOURCE_DIR}/scripts/cmake/VasterVersion.cmake")
  target_sources(${target} PRIVATE "${output}")
  set_source_files_properties("${output}" PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  add_dependencies(${target} ${target}_version)
endfunction()
