#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/engine/rank0/group_queue.hpp"
#include "core/study/packed_plan.hpp"
#include "vaster/study/experiment.hpp"

namespace vaster::engine {

/// Which experiments of a plan share a fit: groups with numbers from 0 on, in order of their first index.
/// Packed, with some 16 bytes for each group and 4 for each experiment beside the plan itself.
class PlannedGroups {
  public:
    using Number = GroupQueue::Number;

    /// What kind of group an experiment belongs to, as the caller counts kinds.
    using KindOf = std::function<std::size_t(study::Experiment const&)>;
    using Put = std::function<void(std::size_t kind, GroupQueue::Group)>;

    /// More experiments, of other groups than before. @param plan  in order of index
    /// @param put  told of each group, with the kind of its first experiment
    void add(study::PackedPlan const& plan, KindOf const& kind_of, Put const& put);

    /// In order of index.
    [[nodiscard]] std::vector<study::Experiment> members(Number group) const;

    [[nodiscard]] study::Experiment first(Number group) const { return plan_[members_[begin_of(group)]]; }

    [[nodiscard]] study::ExperimentIndex first_index(Number group) const { return first_indices_[group]; }

  private:
    struct Planned;

    [[nodiscard]] std::size_t begin_of(Number group) const { return group == 0 ? 0 : ends_[group - 1]; }

    std::vector<Planned> append(study::PackedPlan const& plan, KindOf const& kind_of);

    study::PackedPlan plan_;
    std::vector<std::uint32_t> members_;                 ///< positions in the plan, group after group
    std::vector<std::uint32_t> ends_;                    ///< [group] of its members
    std::vector<study::ExperimentIndex> first_indices_;  ///< [group]
};

}  // namespace vaster::engine
