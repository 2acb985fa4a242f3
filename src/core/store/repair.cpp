#include "core/store/repair.hpp"

#include <algorithm>

#include "core/store/layout.hpp"
#include "core/store/settled.hpp"
#include "core/store/study_file.hpp"

namespace vaster::store {
namespace {

/// Rows of /plan, written again where they are damaged.
class Mending {
  public:
    explicit Mending(StudyFile const& file) : file_(file) {
        holds_.reserve(file.plan.n_rows());
        planned_.reserve(file.plan.n_rows());
        see_settled_rows(file.plan, [&](std::uint64_t i, auto bytes, bool holds) {
            holds_.push_back(holds);
            planned_.push_back(tail_of(bytes).mark != 0);
            if (!holds) end_of_damage_ = i + 1;
        });
    }

    void first_stage(study::PackedPlan const& experiments) {
        auto const n = std::min<std::uint64_t>(experiments.size(), file_.plan.n_rows());
        for (std::uint64_t i = 0; i < n; ++i)
            if (!holds_[i] || !planned_[i]) write(experiments[i], 1);
    }

    /// What follows a stage is asked for again only as far as there is damage, and a stage that has not been
    /// planned yet (its first row is written last) is left to the run.
    /// @param first_stage  few studies need it here, and it may be long
    void later_stages(study::PackedPlan const& first_stage, NextStage const& next_stage) {
        if (end_of_damage_ <= first_stage.size()) return;
        add(first_stage);
        std::uint32_t stage = 1;
        while (rows_.size() < end_of_damage_ && settled()) {
            std::uint64_t const first = rows_.size();
            if (holds_[first] && !planned_[first]) return;
            auto const experiments = next_stage(rows_, file_.plan.n_rows());
            if (experiments.empty()) return;
            ++stage;
            for (auto const& experiment : experiments)
                if (!holds_.at(experiment.index)) write(experiment, stage);
            add(experiments);
        }
    }

    [[nodiscard]] std::vector<std::uint64_t> const& mended() const noexcept { return mended_; }

  private:
    void write(study::Experiment const& experiment, std::uint32_t stage) {
        file_.plan.commit(experiment.index, plan_row(file_.plan.type(), file_.schema, experiment), 0, stage);
        mended_.push_back(experiment.index);
    }

    void add(study::PackedPlan const& experiments) {
        for (auto const& experiment : experiments) {
            auto const record = file_.records.read(experiment.index);
            bool const holds = file_.records.holds(record.bytes());
            study::KnownRow row{experiment, study::Status::pending, {}};
            if (holds) row.status = static_cast<study::Status>(tail_of(record.bytes()).mark);
            if (row.status == study::Status::done)
                row.cells = cells_of(record, RecordColumns::results, file_.schema.results);
            rows_.push_back(std::move(row));
        }
    }

    [[nodiscard]] bool settled() const {
        return std::all_of(rows_.begin(), rows_.end(),
                           [](auto const& row) { return row.status >= study::Status::done; });
    }

    StudyFile const& file_;
    std::vector<bool> holds_;    ///< [rows of the plan]
    std::vector<bool> planned_;  ///< [rows of the plan]
    std::uint64_t end_of_damage_ = 0;
    std::vector<study::KnownRow> rows_;  ///< of the stages gone through
    std::vector<std::uint64_t> mended_;
};

}  // namespace

std::vector<std::uint64_t> mend_plan(std::filesystem::path const& path, study::PackedPlan const& plan,
                                     std::string const& plan_hash, NextStage const& next_stage) {
    auto const file = open_study_for_rows(path, h5::Driver::direct);
    if (file.header.plan_hash != plan_hash) return {};
    Mending mending(file);
    mending.first_stage(plan);
    mending.later_stages(plan, next_stage);
    return mending.mended();
}

}  // namespace vaster::store
