#include "core/study/growth.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "vaster/study/long_plan.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::study {
namespace {

Cell blank(CellType type) {
    switch (type) {
        case CellType::integer:
            return std::int64_t{0};
        case CellType::real:
            return std::numeric_limits<double>::quiet_NaN();
        case CellType::text:
            return std::string();
    }
    throw std::logic_error("a type of cells that does not exist");
}

void require_next(Study const& study, Experiment const& experiment, std::uint64_t index) {
    if (experiment.index != index || experiment.design.size() != study.schema().design.size())
        throw std::logic_error(fmt::format("experiment {} with {} cells does not follow the plan of {}",
                                           experiment.index, experiment.design.size(), index));
}

}  // namespace

void KnownRecords::set(std::size_t first, std::vector<KnownRow> rows) {
    VASTER_EXPECTS(first <= rows_.size());
    rows_.resize(first);
    for (auto& row : rows) {
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            if (schema_.results.at(i).nature == Nature::timing) row.cells[i] = blank(schema_.results[i].type);
        rows_.push_back(std::move(row));
    }
}

Cells const& KnownRecords::cells(std::size_t row) const {
    VASTER_EXPECTS(done(row));
    return rows_.at(row).cells;
}

std::vector<Experiment> checked_next_experiments(Study const& study, Records const& so_far) {
    auto experiments = study.next_experiments(so_far);
    if (experiments.size() > study.capacity() - std::min(study.capacity(), so_far.size()))
        throw std::logic_error(fmt::format("{} experiments after {}, but there is room for {}",
                                           experiments.size(), so_far.size(), study.capacity()));
    for (std::size_t i = 0; i < experiments.size(); ++i)
        require_next(study, experiments[i], so_far.size() + i);
    return experiments;
}

PackedPlan checked_first_experiments(Study const& study) {
    auto const* const with_long_plan = dynamic_cast<HasLongPlan const*>(&study);
    if (with_long_plan == nullptr) return checked_next_experiments(study, NoRecords());
    PackedPlan plan;
    with_long_plan->first_experiments([&](Experiment const& experiment) {
        if (plan.size() == study.capacity())
            throw std::logic_error(
                fmt::format("more experiments than there is room for: {}", study.capacity()));
        require_next(study, experiment, plan.size());
        plan.push_back(experiment);
    });
    return plan;
}

}  // namespace vaster::study
