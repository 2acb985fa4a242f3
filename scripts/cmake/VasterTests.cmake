# vaster_add_tests(PATH [ALONE] SOURCES ... [LIBRARIES ...]): the unit tests of the room at that path below src/ as one Catch2
# program, one ctest a case, several of them at a time. ALONE: there are cases tagged [alone]; each runs while no other test does, for it
# has a short time limit.
# vaster_add_mpi_tests(NAME SOURCES ... LIBRARIES ...): Catch2 tests run at 1, 2 and 4 ranks.
find_package(Catch2 2 REQUIRED CONFIG)
include(Catch)
find_package(Python3 COMPONENTS Interpreter)

# Catch2 itself, once for all programs; it is compiled without the optimiser, which takes half as long.
add_library(vaster_catch STATIC "${PROJECT_SOURCE_DIR}/tests/catch.cpp")
target_link_libraries(vaster_catch PUBLIC Catch2::Catch2)
target_compile_options(vaster_catch PRIVATE -O0)
add_library(vaster_catch_main STATIC "${PROJECT_SOURCE_DIR}/tests/catch_main.cpp")
target_link_libraries(vaster_catch_main PUBLIC vaster_catch)
vaster_add_precompiled(vaster_tests_precompiled LIBRARIES fmt::fmt Catch2::Catch2
  HEADERS ${VASTER_PRECOMPILED_HEADERS} <catch2/catch.hpp>)
add_library(vaster_catch_mpi_main STATIC "${PROJECT_SOURCE_DIR}/tests/catch_mpi_main.cpp")
target_link_libraries(vaster_catch_mpi_main PUBLIC vaster_catch Boost::mpi MPI::MPI_CXX fmt::fmt)

# The last: without it every mpirun waits 2 s for a munge daemon where munge is installed and its daemon is not running.
set(VASTER_TEST_ENVIRONMENT "XDG_CACHE_HOME=${PROJECT_BINARY_DIR}/caches;OMP_NUM_THREADS=1;OMP_WAIT_POLICY=passive;OMPI_MCA_rmaps_base_oversubscribe=1"
  "OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;OMPI_MCA_mpi_yield_when_idle=1"
  "OMPI_MCA_hwloc_base_binding_policy=none;OMPI_MCA_btl_vader_single_copy_mechanism=none"
  "PMIX_MCA_psec=native")

function(vaster_add_tests path)
  vaster_room_name(room "${path}")
  cmake_parse_arguments(PARSE_ARGV 1 arg "ALONE" "" "SOURCES;LIBRARIES")
  add_executable(vaster_tests_${room} ${arg_SOURCES})
  target_link_libraries(vaster_tests_${room} PRIVATE vaster::${room} ${arg_LIBRARIES} vaster::options vaster_catch_main)
  target_compile_options(vaster_tests_${room} PRIVATE $<$<CONFIG:Release>:-O1>)
  vaster_precompile(vaster_tests_${room} vaster_tests_precompiled)
  if(VASTER_UNITE_TESTS)
    vaster_unite(vaster_tests_${room} "tests/unit/${path}" ${arg_SOURCES})
  endif()
  target_compile_definitions(vaster_tests_${room} PRIVATE
    VASTER_SOURCE_DIR="${PROJECT_SOURCE_DIR}" VASTER_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
  string(REPLACE ";" "\\\\\\\\;" environment "${VASTER_TEST_ENVIRONMENT}")  # on its way to ctest the list is taken apart four times
  # NoTests: a case fails whose name Catch does not find again, such as one with a semicolon.
  set(rest)
  if(arg_ALONE)
    set(rest TEST_SPEC "~[alone]")
    catch_discover_tests(vaster_tests_${room} TEST_PREFIX "${room}: " TEST_SPEC "[alone]" EXTRA_ARGS --warn NoTests
      PROPERTIES LABELS quick TIMEOUT 300 RUN_SERIAL ON ENVIRONMENT "${environment}")
  endif()
  catch_discover_tests(vaster_tests_${room} TEST_PREFIX "${room}: " ${rest} EXTRA_ARGS --warn NoTests
    PROPERTIES LABELS quick TIMEOUT 300 ENVIRONMENT "${environment}")
endfunction()

function(vaster_add_mpi_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} vaster::options vaster_catch_mpi_main)
  vaster_precompile(${name} vaster_tests_precompiled)
  target_compile_definitions(${name} PRIVATE VASTER_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  foreach(np IN ITEMS 1 2 4)
    add_test(NAME mpi/${name}/np${np}
      COMMAND ${MPIEXEC_EXECUTABLE} ${MPIEXEC_NUMPROC_FLAG} ${np} $<TARGET_FILE:${name}>)
    set_tests_properties(mpi/${name}/np${np} PROPERTIES LABELS mpi PROCESSORS 2 TIMEOUT 300
      ENVIRONMENT "${VASTER_TEST_ENVIRONMENT}")
  endforeach()
endfunction()
