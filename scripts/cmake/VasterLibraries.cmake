# The libraries that vaster is linked to, for its own build and for programs that find_package(vaster).
find_package(MPI REQUIRED COMPONENTS CXX)
find_package(Boost 1.74 REQUIRED COMPONENTS mpi serialization)
set(HDF5_PREFER_PARALLEL ON)
find_package(HDF5 REQUIRED COMPONENTS C)
if(NOT HDF5_IS_PARALLEL)
  message(FATAL_ERROR "The HDF5 found here is not parallel. Install libhdf5-openmpi-dev, or set HDF5_ROOT to a parallel build.")
endif()
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(cpp_httplib REQUIRED IMPORTED_TARGET cpp-httplib)

# vaster_import(NAME LIBRARY INCLUDE_DIR): a target for a library without CMake files of its own.
function(vaster_import name library include_dir)
  if(NOT TARGET ${name})
    add_library(${name} UNKNOWN IMPORTED)
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${library}" INTERFACE_INCLUDE_DIRECTORIES "${include_dir}")
  endif()
endfunction()

# Debian's xgboost package names a binary in its CMake files that it does not ship, so find_package(xgboost) fails.
find_path(XGBOOST_INCLUDE_DIR xgboost/c_api.h REQUIRED)
find_library(XGBOOST_LIBRARY xgboost REQUIRED)
vaster_import(xgboost_c "${XGBOOST_LIBRARY}" "${XGBOOST_INCLUDE_DIR}")

find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
find_library(XXHASH_LIBRARY xxhash REQUIRED)
vaster_import(xxhash "${XXHASH_LIBRARY}" "${XXHASH_INCLUDE_DIR}")
