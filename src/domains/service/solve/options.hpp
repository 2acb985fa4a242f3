#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "domains/service/solve/solve.hpp"
#include "vaster/study/config.hpp"

namespace vaster::service::solve {

/// Studies that solve optimisation problems.
inline constexpr std::string_view solve_kind = "solve";

/// What the configuration of such a study says.
struct StudyOptions {
    std::vector<std::filesystem::path> files;
    SolveOptions solving;
};

[[nodiscard]] std::vector<study::KeyTable> solve_tables();

[[nodiscard]] StudyOptions options_of(study::Config const& config);

/// What is wrong with them taken together.
[[nodiscard]] std::vector<std::string> problems_of(StudyOptions const& options);

}  // namespace vaster::service::solve
