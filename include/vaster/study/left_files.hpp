#pragma once  // Stable.

#include <filesystem>
#include <vector>

#include "vaster/study/study.hpp"

namespace vaster::study {

/// What a study kind may also be: one whose experiments leave files beside the study file, which may be lost
/// before the study is resumed.
class LeavesFiles {
  public:
    LeavesFiles() = default;
    virtual ~LeavesFiles() = default;
    LeavesFiles(LeavesFiles const&) = delete;
    LeavesFiles& operator=(LeavesFiles const&) = delete;

    /// Rows that are done, but whose file is gone or is not the one that they left: when the study is resumed
    /// they are computed again. Asked on the first rank.
    /// @throws IoError when a file cannot be read
    [[nodiscard]] virtual std::vector<ExperimentIndex> rows_without_file(Config const& config,
                                                                         Schema const& schema,
                                                                         Records const& records) const = 0;

    /// Files, other than the study file and what lies in folders of its own, that a new study writes: one
    /// that is there already may be somebody else's, and is not overwritten unless the user says so. Asked on
    /// the first rank, before anything is read.
    [[nodiscard]] virtual std::vector<std::filesystem::path> files_to_write(Config const& config) const {
        (void)config;
        return {};
    }
};

}  // namespace vaster::study
