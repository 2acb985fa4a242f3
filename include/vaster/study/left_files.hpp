#pragma once  // Stable.

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
};

}  // namespace vaster::study
