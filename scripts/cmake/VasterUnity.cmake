# Several sources of a room are compiled as one: a build takes two thirds of the time, the one after a change longer. Which ones go together
# scripts/batches.py says, which needs Python; without it each is compiled alone. So are the unit tests of a room, where
# VASTER_UNITE_TESTS is not OFF: most of the time of a test goes into what it includes. What belongs together is found out when the build is
# configured: a source that has got a name of its own since then may clash with its batch until that is done again.
option(VASTER_UNITY "Compile several sources as one" OFF)
option(VASTER_UNITE_TESTS "Compile several unit tests of a room as one" ON)

if(VASTER_UNITY OR VASTER_BUILD_TESTS)
  find_package(Python3 COMPONENTS Interpreter QUIET)
  if(Python3_FOUND)
    execute_process(COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/batches.py" "${PROJECT_SOURCE_DIR}"
      OUTPUT_FILE "${PROJECT_BINARY_DIR}/batches.cmake" COMMAND_ERROR_IS_FATAL ANY)
    include("${PROJECT_BINARY_DIR}/batches.cmake")
  endif()
endif()

# vaster_unite(TARGET FOLDER SOURCES ...): the target's sources, which lie in that folder of the project, by batches. Those with compiler
# options of their own stay alone.
function(vaster_unite target folder)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # GCC takes what is included for a header, where a type with a member of a namespace without name would be a fault (scripts/check_rooms.py).
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  foreach(source IN LISTS ARGN)
    set(batch "VASTER_BATCH_${folder}/${source}")
    if(DEFINED "${batch}")
      set_property(SOURCE ${source} PROPERTY UNITY_GROUP ${${batch}})
    endif()
  endforeach()
endfunction()
