# Headers of the standard library and of fmt are read once for all rooms instead of once for every file: a third of a build's
# time. A file still includes what it uses of them (scripts/check_includes.py).
# VASTER_PRECOMPILE=OFF: for compiler caches that do not know precompiled headers. GCC 12 sees no system headers in precompiled ones, so a false warning
# within std::string may come through; text.insert(at, 1, c) in place of text.insert(at, "c") has none.
option(VASTER_PRECOMPILE "Precompile the headers of the standard library and fmt" ON)

set(VASTER_PRECOMPILED_HEADERS
  <algorithm> <array> <cmath> <cstdint> <cstring> <filesystem> <functional> <map> <memory> <optional> <span> <sstream> <string>
  <string_view> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)

# vaster_add_precompiled(NAME LIBRARIES ...  HEADERS ...): the library NAME, for vaster_precompile.
function(vaster_add_precompiled name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES;HEADERS")
  if(VASTER_PRECOMPILE)
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/${name}.cpp" CONTENT "// A library needs a file.\n")
    add_library(${name} STATIC "${PROJECT_BINARY_DIR}/${name}.cpp")
    target_link_libraries(${name} PRIVATE vaster::options ${arg_LIBRARIES})
    target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
  endif()
endfunction()

# vaster_precompile(TARGET FROM): all files of the target begin with the headers of that library. Files with optimiser options of their
# own cannot: set their property SKIP_PRECOMPILE_HEADERS.
function(vaster_precompile target from)
  if(VASTER_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

vaster_add_precompiled(vaster_precompiled LIBRARIES fmt::fmt HEADERS ${VASTER_PRECOMPILED_HEADERS})
