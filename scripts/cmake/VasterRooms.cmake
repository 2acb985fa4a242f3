# vaster_add_room(NAME HEADERS a.hpp ... SOURCES a.cpp ... ROOMS other ... PRIVATE libs ... PUBLIC libs ...)
# One room: one folder in include/vaster/ and src/, one static library vaster_NAME, alias vaster::NAME. The target
# all_verify_interface_header_sets compiles every header alone.
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
function(vaster_add_room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;SOURCES;ROOMS;PRIVATE;PUBLIC")
  list(TRANSFORM arg_HEADERS PREPEND "${PROJECT_SOURCE_DIR}/include/vaster/${name}/")
  list(TRANSFORM arg_ROOMS PREPEND "vaster::")
  add_library(vaster_${name} STATIC ${arg_SOURCES})
  add_library(vaster::${name} ALIAS vaster_${name})
  target_sources(vaster_${name} PUBLIC FILE_SET HEADERS
    BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${arg_HEADERS})
  target_link_libraries(vaster_${name} PUBLIC ${arg_ROOMS} ${arg_PUBLIC} fmt::fmt PRIVATE vaster::options ${arg_PRIVATE})
  target_compile_features(vaster_${name} PUBLIC cxx_std_20)
endfunction()
