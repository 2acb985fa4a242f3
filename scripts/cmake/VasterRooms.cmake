# A room is one folder below src/, named by its path ("core/engine"), and one static library: vaster_engine, alias
# vaster::engine. The target's name is the path without base/, core/ or domains/, with _ for /: domains/va/models is
# vaster_va_models.
#
# vaster_add_room(PATH
#   COLD                       it computes nothing that takes long: texts, checks, one command. Compiled with -O1, which takes three
#                              quarters of the time; results are the same to the bit
#   PUBLIC_HEADERS a.hpp ...   in include/vaster/<last part of the path>: installed, for programs outside this repository
#   HEADERS b.hpp ...          in the folder itself, by path below it
#   SOURCES b.cpp ...
#   ROOMS core/study ...       that it may include (scripts/rooms.txt holds it to that)
#   PRIVATE libs ... PUBLIC libs ...)
#
# Every header can be compiled alone: x.cpp begins with x.hpp (scripts/check_rooms.py), what is precompiled is included all the same
# (scripts/check_includes.py), and tests/headers compiles those that begin no source.

# vaster_room_name(OUT PATH): what the room's targets are called.
function(vaster_room_name out path)
  string(REGEX REPLACE "^(base|core|domains)/" "" name "${path}")
  string(REPLACE "/" "_" name "${name}")
  set(${out} "${name}" PARENT_SCOPE)
endfunction()

function(vaster_add_room path)
  cmake_parse_arguments(PARSE_ARGV 1 arg "COLD" "" "PUBLIC_HEADERS;HEADERS;SOURCES;ROOMS;PRIVATE;PUBLIC")
  vaster_room_name(name "${path}")
  cmake_path(GET path FILENAME last)
  add_library(vaster_${name} STATIC ${arg_SOURCES})
  add_library(vaster::${name} ALIAS vaster_${name})
  target_include_directories(vaster_${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src;${PROJECT_SOURCE_DIR}/include>")  # all in one order
  list(TRANSFORM arg_PUBLIC_HEADERS PREPEND "${PROJECT_SOURCE_DIR}/include/vaster/${last}/")
  target_sources(vaster_${name} PRIVATE ${arg_HEADERS} ${arg_PUBLIC_HEADERS})
  foreach(room IN LISTS arg_ROOMS)
    vaster_room_name(other "${room}")
    target_link_libraries(vaster_${name} PUBLIC vaster::${other})
  endforeach()
  target_link_libraries(vaster_${name} PUBLIC ${arg_PUBLIC} fmt::fmt PRIVATE vaster::options ${arg_PRIVATE})
  target_compile_features(vaster_${name} PUBLIC cxx_std_20)
  if(arg_COLD)
    target_compile_options(vaster_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  vaster_precompile(vaster_${name} vaster_precompiled)
  if(VASTER_UNITY)
    vaster_unite(vaster_${name} "src/${path}" ${arg_SOURCES})
  endif()
  set_property(GLOBAL APPEND PROPERTY VASTER_ROOMS ${path})
endfunction()

# vaster_domains(OUT): the names of all domains: the folders below src/domains.
function(vaster_domains out)
  file(GLOB lists CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/src/domains" "${PROJECT_SOURCE_DIR}/src/domains/*/CMakeLists.txt")
  list(TRANSFORM lists REPLACE "/CMakeLists.txt" "")
  set(${out} "${lists}" PARENT_SCOPE)
endfunction()
