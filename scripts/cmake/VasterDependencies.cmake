# What the project is built on; all of it is in Debian 12 (scripts/install-dependencies).
include(VasterLibraries)

# Headers that only vaster's own sources include.
find_package(nlohmann_json REQUIRED)
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
find_package(EXPAT REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(SQLite3 REQUIRED)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
find_package(simdjson REQUIRED)
if(VASTER_WITH_MQTT)
  pkg_check_modules(libmosquitto REQUIRED IMPORTED_TARGET libmosquitto)
endif()
