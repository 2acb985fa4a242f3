#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vaster/study/inventory.hpp"

namespace vaster::store {

inline constexpr std::string_view file_type = "vaster-study";
inline constexpr std::int64_t format_version = 3;

/// With what a study was made. Never compared; for people who ask why two runs differ.
struct Provenance {
    std::string compiler;   ///< "GCC 12.2.0"
    std::string libraries;  ///< "HDF5 1.10.8, ..."
    std::string host;       ///< where the file was created
    std::string command;    ///< the user's command line
};

/// What a study file says of itself: its root attributes.
struct Header {
    std::string program_version;
    std::string kind;           ///< study kind: "va-comparison"
    std::string config;         ///< all keys as TOML: study::to_toml()
    std::string config_hash;    ///< study::config_hash()
    std::string result_config;  ///< the lines that can change results: study::result_lines()
    std::string data_hash;      ///< Study::data_hash()
    std::string plan_hash;      ///< study::hash_of(Plan) of the plan at creation
    std::uint64_t seed = 0;
    std::string created;  ///< UTC, as utc_text()
    Provenance provenance;
    study::Inventory inventory = {};  ///< Study::inventory(); empty in files of versions that kept none
};

/// What this program knows of itself.
/// @param command    the user's command line, as one text
/// @param libraries  what the caller was built with beside HDF5 ("Open MPI 4.1.4, Boost 1.74.0"); may be
/// empty
[[nodiscard]] Provenance provenance_of(std::string command, std::string const& libraries);

}  // namespace vaster::store
