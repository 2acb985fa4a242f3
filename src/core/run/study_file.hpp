#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/engine/rank/task_server.hpp"
#include "core/engine/run.hpp"
#include "core/run/run_study.hpp"
#include "core/store/header.hpp"
#include "core/store/repair.hpp"
#include "core/study/packed_plan.hpp"

/// The study file of a run, on rank 0: created, or resumed.
namespace vaster::run {

/// What the header says of the configuration; the rest is empty.
[[nodiscard]] store::Header config_header(study::LoadedConfig const& loaded);

[[nodiscard]] store::Header header_of(study::LoadedConfig const& loaded,
                                      engine::Description const& description,
                                      std::string const& command_line);

/// A study file is resumed only when it holds a study of the same configuration, and the same data and
/// plan. Keys that the version that made it did not have count as their defaults. @throws ConfigError,
/// DataError
/// @param flag  RunOptions::study_flag
void check_same_config(store::Header const& there, study::LoadedConfig const& wanted_config,
                       std::filesystem::path const& path, std::string_view flag = "--output");
void check_same_study(store::Header const& there, study::LoadedConfig const& wanted_config,
                      store::Header const& wanted, std::filesystem::path const& path,
                      std::string_view flag = "--output");

/// What to say where another version of the program has begun the study; empty where it was this one.
[[nodiscard]] std::string note_on_versions(store::Header const& there, store::Header const& now,
                                           std::filesystem::path const& path);

void create_file(std::filesystem::path const& path, store::Header const& header,
                 engine::Description const& description, Existing existing);

/// Where a run with a new file starts.
[[nodiscard]] engine::StartingPoint fresh_start(engine::Description const& description);

/// Makes a file ready to be resumed. @return where the run starts. @throws ConfigError, DataError
[[nodiscard]] engine::StartingPoint resumed_start(std::filesystem::path const& path,
                                                  study::LoadedConfig const& loaded,
                                                  store::Header const& wanted, study::PackedPlan const& plan,
                                                  store::NextStage const& next_stage,
                                                  std::vector<std::string>& notices,
                                                  std::string_view flag = "--output");

/// Is it a study file of this configuration in which each experiment that can be planned has its result or
/// was left out, with all files that it has left? @throws ConfigError when it is of another configuration
[[nodiscard]] bool is_complete(std::filesystem::path const& path, study::LoadedConfig const& loaded,
                               std::string_view flag = "--output");

/// What there is in a study file in which nothing is left to do.
[[nodiscard]] engine::Totals totals_of(std::filesystem::path const& path);

}  // namespace vaster::run
