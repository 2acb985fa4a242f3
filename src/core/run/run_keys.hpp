#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/store/writer.hpp"
#include "vaster/study/config.hpp"

namespace vaster::run {

/// What [study] and [run] say. Their doc lines are in common_tables() of src/core/study/config.cpp.
struct RunKeys {
    std::string name;                ///< of the study, for people
    std::filesystem::path output;    ///< the study file, absolute
    std::uint64_t seed = 0;          ///< of every random stream
    double timeout_seconds = 0;      ///< for one fit, and for one experiment after it
    std::uint64_t memory_bytes = 0;  ///< of a child
    unsigned retries = 0;
    double retry_delay_seconds = 0;
    store::Durability durability = store::Durability::group;
    double max_seconds = 0;  ///< of this run; 0: no limit
    std::string cost_cache;  ///< folder, or "user"; empty: none
    double silence_seconds = 0;
    std::uint32_t threads = 0;  ///< of a fit; 0: chosen
};

/// study.name where nobody has given one.
inline constexpr char const* unnamed_study = "study";

/// The only place of the core where these keys are fetched by name. @throws ConfigError when study.output is
/// empty
[[nodiscard]] RunKeys run_keys(study::Config const& config);

}  // namespace vaster::run
