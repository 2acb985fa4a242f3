#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/study/journal.hpp"
#include "core/study/packed_plan.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/schema.hpp"
#include "vaster/study/study.hpp"

namespace vaster::study {

/// Does the plan say all experiments at once, or a stage at a time, each from the results of those before?
enum class Growth : std::uint8_t { none, staged };

/// What is known of one row of a plan that grows.
struct KnownRow {
    Experiment experiment;
    Status status = Status::pending;
    Cells cells;  ///< of a done row, as Schema::results

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& experiment& status& cells;
    }
};

/// Rows of which each is done, failed for good or skipped: what the next experiments may depend on. Cells of
/// columns that are timings are blank (a missing number, 0, an empty text), so that nothing can depend on
/// them.
class KnownRecords final : public Records {
  public:
    /// @param schema  must outlive the records
    explicit KnownRecords(Schema const& schema) : schema_(schema) {}

    /// The rows from `first` on are these; what was known of rows from there on is forgotten.
    void set(std::size_t first, std::vector<KnownRow> rows);

    void set_capacity(std::size_t capacity) noexcept { capacity_ = capacity; }

    [[nodiscard]] std::size_t capacity() const noexcept override { return capacity_; }

    [[nodiscard]] std::size_t size() const override { return rows_.size(); }

    [[nodiscard]] Experiment const& experiment(std::size_t row) const override {
        return rows_.at(row).experiment;
    }

    [[nodiscard]] bool done(std::size_t row) const override { return rows_.at(row).status == Status::done; }

    [[nodiscard]] bool skipped(std::size_t row) const override {
        return rows_.at(row).status == Status::skipped;
    }

    [[nodiscard]] Cells const& cells(std::size_t row) const override;

  private:
    Schema const& schema_;
    std::vector<KnownRow> rows_;
    std::size_t capacity_ = std::numeric_limits<std::size_t>::max();
};

/// Study::next_experiments(), held to its promises. @throws std::logic_error when they do not go on from the
/// records, have another design than the schema says, or are more than the study's capacity
[[nodiscard]] std::vector<Experiment> checked_next_experiments(Study const& study, Records const& so_far);

/// The same without records, in little memory if the study is one that HasLongPlan.
[[nodiscard]] PackedPlan checked_first_experiments(Study const& study);

}  // namespace vaster::study
