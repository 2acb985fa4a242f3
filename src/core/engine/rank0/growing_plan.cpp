#include "core/engine/rank0/growing_plan.hpp"

#include <utility>

namespace vaster::engine {

void GrowingPlan::on_committed(study::ExperimentIndex index, study::Cells cells) {
    if (index >= rows_.size()) return;  // a plan that does not grow is not kept
    rows_[index].status = study::Status::done;
    rows_[index].cells = std::move(cells);
}

void GrowingPlan::on_failed(study::ExperimentIndex index) {
    if (index < rows_.size()) rows_[index].status = study::Status::failed;
}

void GrowingPlan::add(std::vector<study::Experiment> const& next) {
    complete_ = next.empty();
    for (auto const& experiment : next) {
        bool const skipped = !experiment.skip_reason.empty();
        rows_.push_back({experiment, skipped ? study::Status::skipped : study::Status::pending, {}});
    }
}

}  // namespace vaster::engine
