#include "core/study/growth.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

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
        if (experiments[i].index != so_far.size() + i ||
            experiments[i].design.size() != study.schema().design.size())
            throw std::logic_error(
                fmt::format("experiment {} does not follow the plan of {}", i, so_far.size()));
    return experiments;
}

}  // namespace vaster::study
