#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/engine/rank0/group_queue.hpp"
#include "core/engine/rank0/planned_groups.hpp"
#include "core/engine/rank0/retry.hpp"
#include "core/study/journal.hpp"
#include "core/study/packed_plan.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/own_limits.hpp"

namespace vaster::engine {

/// What experiments cost: guesses of the plan, corrected by what has been measured.
class CostBook {
  public:
    /// @param known       measured in this study before
    /// @param remembered  of other studies: stand in for what has not been measured in this one
    explicit CostBook(std::vector<study::MeasuredCost> const& known = {},
                      std::vector<study::MeasuredCost> const& remembered = {});

    /// A finished task of this key took `measured_seconds` where `expected_seconds` were guessed.
    void add(std::string const& cost_key, double expected_seconds, double measured_seconds);

    /// Has a task of the key been measured, here or in another study?
    [[nodiscard]] bool knows(std::string const& cost_key) const;

    /// Has one been measured in this study?
    [[nodiscard]] bool knows_here(std::string const& cost_key) const { return here_.ratio(cost_key) > 0; }

    /// Measured over expected seconds of the key, in this study, else in others; of all keys together where
    /// the key has not been measured; else 1.
    [[nodiscard]] double correction(std::string const& cost_key) const;

    /// The same without what other studies have taken, which must not keep a task from ever being begun.
    [[nodiscard]] double correction_here(std::string const& cost_key) const;

    /// What was measured in this study.
    [[nodiscard]] std::vector<study::MeasuredCost> all() const;

  private:
    /// Sums by key, and of all keys.
    struct Page {
        void add(std::string const& cost_key, double expected_seconds, double measured_seconds);
        [[nodiscard]] double ratio(std::string const& cost_key) const;

        std::map<std::string, study::MeasuredCost> costs;
        study::MeasuredCost together;
    };

    Page here_;
    Page elsewhere_;
};

/// An experiment that is still to be done, and what it has been charged with.
struct OpenExperiment {
    study::Experiment experiment;
    Charges charges;
    study::OwnLimits limits = {};  ///< the same for all of a fit group
};

/// Experiments that share one training, still to be done: handed out together, perhaps with other batches.
struct Batch {
    std::vector<OpenExperiment> members;
};

/// The plan's guess for all of the batch. [s]
[[nodiscard]] double expected_seconds(Batch const& batch);

/// Has nothing of the batch failed so far?
[[nodiscard]] bool untroubled(Batch const& batch);

/// What holds for single experiments in place of what holds for all; empty: nothing.
using OwnLimitsOf = std::function<study::OwnLimits(study::Experiment const&)>;

/// The batches that nobody works on. Hands out those of the highest priority first; among them the longest
/// expected one (corrected by the cost book), the lowest index first among equals; members of a group have
/// the same cost key. Whether there is time for one is judged by what was measured in this study alone.
/// Groups of the plan stay packed until they are handed out.
class Schedule {
  public:
    /// A batch of each fit group of the plan, members in order of index, due at once.
    /// @param plan  in order of index
    void add_plan(study::PackedPlan const& plan, OwnLimitsOf const& own = {});

    /// What has been handed out before, or parts of it.
    /// @param due  not to be handed out before this time. [s]
    void add(Batch batch, double due);

    /// The batch to be worked on now, if one is due that is expected to take no more than the time left. [s]
    [[nodiscard]] std::optional<Batch> take(CostBook const& costs, double now,
                                            double seconds_left = std::numeric_limits<double>::infinity());

    /// What take() would hand out next of those that were due then, if it is expected to take no more than
    /// `most_seconds`, has had no trouble, has none of these cost keys, and has these limits (nothing: any).
    [[nodiscard]] std::optional<Batch> take_more(CostBook const& costs, double most_seconds,
                                                 double seconds_left, std::set<std::string> const& not_of,
                                                 std::optional<study::OwnLimits> const& limits = {});

    /// Takes out all experiments for which this holds, due now or later.
    std::vector<OpenExperiment> remove_if(std::function<bool(study::Experiment const&)> const& unwanted);

    /// Is there a batch, due now or later, that is expected to end before the deadline?
    [[nodiscard]] bool any_until(CostBook const& costs, double now, double deadline) const;

    /// What the shortest batch, due now or later, is expected to take [s]; 0 where there is none.
    [[nodiscard]] double shortest_seconds(CostBook const& costs) const;

    [[nodiscard]] bool empty() const noexcept { return ready_.empty() && later_.empty(); }

    /// Batches, due now or later.
    [[nodiscard]] std::size_t size() const noexcept;

  private:
    /// Longest first, then lowest index.
    using Rank = std::pair<double, study::ExperimentIndex>;

    /// Priority, the highest first, and cost key.
    struct Lane {
        std::int64_t priority = 0;
        std::string cost_key;

        bool operator<(Lane const& other) const {
            return priority != other.priority ? priority > other.priority : cost_key < other.cost_key;
        }
    };

    /// Batches of a lane that are due; a correction keeps the order among them.
    struct Ready {
        GroupQueue planned;  ///< never handed out
        std::map<Rank, Batch> returned;
    };

    using ByLane = std::map<Lane, Ready>;

    /// Where a batch is, and what it is expected to take.
    struct Slot {
        ByLane::iterator lane;
        std::variant<GroupQueue::Place, std::map<Rank, Batch>::iterator> batch;
        double seconds = 0;
    };

    /// A slot and its place in the order, corrected.
    using Candidate = std::pair<Rank, Slot>;

    [[nodiscard]] std::optional<Candidate> longest_planned(ByLane::iterator lane, CostBook const& costs,
                                                           double most_seconds);
    [[nodiscard]] static std::optional<Candidate> longest_returned(ByLane::iterator lane,
                                                                   CostBook const& costs,
                                                                   double most_seconds);
    void make_ready(Batch batch);
    /// The longest that is expected to take no more than this.
    [[nodiscard]] std::optional<Slot> longest(CostBook const& costs, double most_seconds);
    Batch remove(Slot const& slot);
    [[nodiscard]] study::OwnLimits limits_at(Slot const& slot) const;
    [[nodiscard]] static bool untroubled_at(Slot const& slot);
    [[nodiscard]] Batch unpacked(GroupQueue::Number group) const;
    void remove_planned(Ready& ready, std::function<bool(study::Experiment const&)> const& unwanted);
    /// What the plan expects the shortest of these to take. [s]
    [[nodiscard]] static double shortest_guess(Ready const& ready);

    PlannedGroups groups_;
    OwnLimitsOf own_;
    ByLane ready_;
    std::multimap<double, Batch> later_;  ///< by due time
};

}  // namespace vaster::engine
