# Several sources of a room are compiled as one: a build takes two thirds of the time, the one after a change longer. Which ones go together
# scripts/batches.py says, which needs Python; without it each is compiled alone.
option(VASTER_UNITY "Compile several sources as one" OFF)

if(VASTER_UNITY)
  find_package(Python3 COMPONENTS Interpreter QUIET)
  if(Python3_FOUND)
    execute_process(COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/scripts/batches.py" "${PROJECT_SOURCE_DIR}"
      OUTPUT_FILE "${PROJECT_BINARY_DIR}/batches.cmake" COMMAND_ERROR_IS_FATAL ANY)
    include("${PROJECT_BINARY_DIR}/batches.cmake")
  endif()
endif()

# vaster_unite(TARGET PATH SOURCES ...): the room's sources by batches. Those with compiler options of their own stay alone.
function(vaster_unite target path)
  if(VASTER_UNITY AND Python3_FOUND)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    foreach(source IN LISTS ARGN)
      set(batch "VASTER_BATCH_src/${path}/${source}")
      if(DEFINED "${batch}")
        set_property(SOURCE ${source} PROPERTY UNITY_GROUP ${${batch}})
      endif()
    endforeach()
  endif()
endfunction()
