# Compile options that hold for every target of the project: interface target vaster::options.
add_library(vaster_options INTERFACE)
add_library(vaster::options ALIAS vaster_options)
target_compile_features(vaster_options INTERFACE cxx_std_20)
set(CMAKE_CXX_EXTENSIONS OFF)
target_compile_options(vaster_options INTERFACE
  # -Wrestrict is wrong about operator+(const char*, std::string&&) in GCC 12 (bug 105329).
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> -Wdouble-promotion -Wimplicit-fallthrough -Wextra-semi
  # Results must not depend on which machine compiled them: no fused multiply-add behind our back.
  -ffp-contract=off)
if(VASTER_WARNINGS_AS_ERRORS)
  target_compile_options(vaster_options INTERFACE -Werror)
endif()
if(VASTER_CHECK_CONTRACTS)
  target_compile_definitions(vaster_options INTERFACE VASTER_CHECK_CONTRACTS=1)
endif()
if(VASTER_SANITIZE)
  target_compile_options(vaster_options INTERFACE -fsanitize=${VASTER_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(vaster_options INTERFACE -fsanitize=${VASTER_SANITIZE})
  target_compile_definitions(vaster_options INTERFACE VASTER_SANITIZED=1)
endif()
# A build with tests links a hundred programs, each in a fifth of the time if mold is there.
if(VASTER_BUILD_TESTS)
  include(CheckLinkerFlag)
  check_linker_flag(CXX -fuse-ld=mold VASTER_LINKS_WITH_MOLD)
  if(VASTER_LINKS_WITH_MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()
