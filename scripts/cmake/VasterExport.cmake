# vaster_add_library(NAME FOLDERS core ... LIBRARIES ...): the rooms below these folders as one archive, libvaster_NAME.a, for programs outside this
# repository: target vaster_library_NAME here, vaster::NAME for them.
#
# `cmake --install` puts archives, public headers and CMake files where find_package(vaster) looks: component "development".
include(CMakePackageConfigHelpers)

function(vaster_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FOLDERS;LIBRARIES")
  list(JOIN arg_FOLDERS "|" folders)
  get_property(rooms GLOBAL PROPERTY VASTER_ROOMS)
  list(FILTER rooms INCLUDE REGEX "^(${folders})(/|$)")
  set(objects)
  foreach(room IN LISTS rooms)
    vaster_room_name(room_name "${room}")
    list(APPEND objects "$<TARGET_OBJECTS:vaster_${room_name}>")
  endforeach()
  set(target vaster_library_${name})
  add_library(${target} STATIC ${objects})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME vaster_${name} EXPORT_NAME ${name} LINKER_LANGUAGE CXX
    ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
  target_link_libraries(${target} INTERFACE ${arg_LIBRARIES})
  install(TARGETS ${target} EXPORT vasterTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
endfunction()

vaster_add_library(core FOLDERS base core LIBRARIES fmt::fmt
  "$<LINK_ONLY:Boost::mpi>" "$<LINK_ONLY:Boost::serialization>" "$<LINK_ONLY:hdf5::hdf5>" "$<LINK_ONLY:MPI::MPI_CXX>"
  "$<LINK_ONLY:spdlog::spdlog>" "$<LINK_ONLY:PkgConfig::cpp_httplib>" "$<LINK_ONLY:ZLIB::ZLIB>" "$<LINK_ONLY:xxhash>"
  "$<LINK_ONLY:Threads::Threads>")
vaster_add_library(va FOLDERS domains/va LIBRARIES vaster_library_core "$<LINK_ONLY:xgboost_c>")

# What is compiled against the archives must be compiled as they are.
target_compile_features(vaster_library_core INTERFACE cxx_std_20)
target_compile_options(vaster_library_core INTERFACE -ffp-contract=off)
target_include_directories(vaster_library_core INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
if(VASTER_CHECK_CONTRACTS)
  target_compile_definitions(vaster_library_core INTERFACE VASTER_CHECK_CONTRACTS=1)
endif()
if(VASTER_SANITIZE)
  target_compile_options(vaster_library_core INTERFACE -fsanitize=${VASTER_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(vaster_library_core INTERFACE -fsanitize=${VASTER_SANITIZE})
endif()

set(vaster_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/vaster")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/vaster" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT vasterTargets NAMESPACE vaster:: DESTINATION "${vaster_cmake_dir}" COMPONENT development)
# Until 1.0 any new version may ask for changes in what is built on it.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/vasterConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/vasterConfigVersion.cmake" scripts/cmake/vasterConfig.cmake
  scripts/cmake/VasterLibraries.cmake DESTINATION "${vaster_cmake_dir}" COMPONENT development)
