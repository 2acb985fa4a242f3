#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/rank0/dispatcher.hpp"
#include "core/study/growth.hpp"

namespace vaster::engine {

/// Rank 0's knowledge of a plan that may grow: every row, what came of it, and whether there may be more.
class GrowingPlan {
  public:
    explicit GrowingPlan(StartingPoint const& start) : rows_(start.rows), capacity_(start.capacity) {}

    /// May there be experiments after those that are known?
    [[nodiscard]] bool open() const noexcept { return !complete_ && rows_.size() < capacity_; }

    /// All rows, as the study is to know them.
    [[nodiscard]] std::vector<study::KnownRow> const& rows() const noexcept { return rows_; }

    /// Rows that the study file has room for.
    [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }

    /// At most so many experiments may yet be planned.
    [[nodiscard]] std::uint64_t room() const noexcept { return open() ? capacity_ - rows_.size() : 0; }

    void on_committed(study::ExperimentIndex index, study::Cells cells);
    void on_failed(study::ExperimentIndex index);

    /// The study's answer: the next experiments, or none any more.
    void add(std::vector<study::Experiment> const& next);

  private:
    std::vector<study::KnownRow> rows_;
    std::uint64_t capacity_ = 0;
    bool complete_ = false;
};

}  // namespace vaster::engine
