#include "core/engine/rank0/planned_groups.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <tuple>

#include "vaster/support/contracts.hpp"

namespace vaster::engine {

/// An experiment, as it is put into its group.
struct PlannedGroups::Planned {
    std::uint64_t group = 0;
    double expected_seconds = 0;
    std::uint32_t position = 0;
    std::uint32_t kind = 0;
};

std::vector<PlannedGroups::Planned> PlannedGroups::append(study::PackedPlan const& plan,
                                                          KindOf const& kind_of) {
    auto const before = plan_.size();
    if (plan.size() > std::numeric_limits<std::uint32_t>::max() - before)
        throw std::length_error("a plan of more than four thousand million experiments");
    if (before == 0) plan_ = plan;
    std::vector<Planned> planned;
    planned.reserve(plan.size());
    study::ExperimentIndex least = 0;
    for (auto const& experiment : plan) {
        VASTER_EXPECTS(experiment.index >= least);
        least = experiment.index + 1;
        if (before > 0) plan_.push_back(experiment);
        planned.push_back({experiment.group, experiment.expected_seconds,
                           static_cast<std::uint32_t>(before + planned.size()),
                           static_cast<std::uint32_t>(kind_of(experiment))});
    }
    return planned;
}

void PlannedGroups::add(study::PackedPlan const& plan, KindOf const& kind_of, Put const& put) {
    struct Run {
        std::uint32_t first_position;
        std::uint32_t begin;  // among the planned
        std::uint32_t end;
    };

    auto planned = append(plan, kind_of);
    std::sort(planned.begin(), planned.end(), [](Planned const& a, Planned const& b) {
        return std::tie(a.group, a.position) < std::tie(b.group, b.position);
    });
    std::vector<Run> runs;
    for (std::uint32_t i = 0; i < planned.size(); ++i) {
        if (i == 0 || planned[i].group != planned[i - 1].group) runs.push_back({planned[i].position, i, i});
        runs.back().end = i + 1;
    }
    std::sort(runs.begin(), runs.end(),
              [](Run const& a, Run const& b) { return a.first_position < b.first_position; });
    members_.reserve(members_.size() + planned.size());
    ends_.reserve(ends_.size() + runs.size());
    first_indices_.reserve(first_indices_.size() + runs.size());
    for (auto const& run : runs) {
        GroupQueue::Group group{0, static_cast<Number>(ends_.size())};
        for (auto i = run.begin; i < run.end; ++i) {
            group.expected_seconds += planned[i].expected_seconds;
            members_.push_back(planned[i].position);
        }
        ends_.push_back(static_cast<std::uint32_t>(members_.size()));
        first_indices_.push_back(plan_[run.first_position].index);
        put(planned[run.begin].kind, group);
    }
}

std::vector<study::Experiment> PlannedGroups::members(Number group) const {
    std::vector<study::Experiment> experiments;
    experiments.reserve(ends_[group] - begin_of(group));
    for (auto i = begin_of(group); i < ends_[group]; ++i) experiments.push_back(plan_[members_[i]]);
    return experiments;
}

}  // namespace vaster::engine
