#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "domains/va/study/context.hpp"
#include "vaster/study/study.hpp"

namespace vaster::va {

/// Which methods share models, directly or through a third: {xgboost}, {insilico, forest, vote}. Experiments
/// of tied methods on one training set are computed in one task, so that every member is fitted once.
class Ties {
  public:
    explicit Ties(Comparison const& comparison);

    /// All models that methods tied to this one fit, in order of name.
    [[nodiscard]] std::vector<std::string> const& models_with(std::uint32_t method) const {
        return models_.at(method);
    }

  private:
    std::vector<std::vector<std::string>> models_;  ///< by method
};

/// Makes experiments of design cells: indices, groups, costs.
class PlanMaker {
  public:
    /// @param so_far  experiments that are planned already; new ones go on after them
    PlanMaker(Comparison const& comparison, study::Records const& so_far);

    /// @param extra  design cells after those that every experiment has
    void add(DesignCell const& cell, study::Cells const& extra = {});

    /// An experiment in a group of its own, complete but for index, group and first row.
    void add_alone(study::Experiment experiment);

    [[nodiscard]] bool empty() const { return experiments_.empty(); }

    /// The new experiments, each with its share of its group's expected time.
    [[nodiscard]] std::vector<study::Experiment> take();

  private:
    struct Group {
        std::vector<std::size_t> experiments;                ///< positions in experiments_
        std::map<std::string, std::set<std::string>> tests;  ///< test sets by model
        std::set<std::string> cross_validated;               ///< models
    };

    [[nodiscard]] std::string group_key(DesignCell const& cell) const;
    [[nodiscard]] double expected_seconds(Group const& group) const;
    void count(Group& group, DesignCell const& cell);

    Comparison const& comparison_;
    Ties ties_;
    std::uint64_t next_index_ = 0;
    std::uint64_t next_group_ = 0;
    std::uint64_t next_row_ = 0;
    std::vector<study::Experiment> experiments_;
    std::vector<DesignCell> cells_;                  ///< of experiments_
    std::map<std::string, std::uint64_t> numbers_;   ///< of groups, by key
    std::map<std::uint64_t, Group> groups_;          ///< by number; without skipped experiments
    std::map<std::string, std::size_t> test_sizes_;  ///< deaths by test set
};

/// The design cell that an experiment was made of, found by its identity.
[[nodiscard]] DesignCell const& cell_of(Comparison const& comparison, study::Experiment const& experiment);

}  // namespace vaster::va
