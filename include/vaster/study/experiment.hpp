#pragma once  // Stable but for Task, TaskEnd and Failure.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vaster/study/schema.hpp"
#include "vaster/support/ids.hpp"

namespace vaster::study {

using ExperimentIndex = std::uint64_t;

/// One row of the plan.
struct Experiment {
    ExperimentIndex index = 0;
    ExperimentId id;          ///< hash of the design cell: the same for every seed and every number of ranks
    std::uint64_t group = 0;  ///< fit group: experiments of one group share one training
    double expected_seconds = 0;  ///< of this experiment's share of its group
    std::string cost_key;  ///< experiments of one key have costs in proportion to their guesses ("xgboost")
    Cells design;          ///< as Schema::design
    /// Elements, not rows of a table, that its result takes in each of the ragged arrays of the study file.
    std::uint64_t n_rows = 0;
    /// Element of the ragged arrays at which they begin.
    std::uint64_t first_row = 0;
    std::string skip_reason;  ///< empty: to be run

    template <class Archive>
    void serialize(Archive& archive, unsigned);
};

/// The table of experiments, in order of index. A pure function of config and data.
struct Plan {
    std::vector<Experiment> experiments;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& experiments;
    }
};

/// Elements of ragged arrays of all experiments together.
[[nodiscard]] std::uint64_t total_rows(Plan const& plan);

/// Hash of everything in the plan that decides what is computed.
[[nodiscard]] std::string hash_of(std::span<Experiment const> plan);

[[nodiscard]] inline std::string hash_of(Plan const& plan) {
    return hash_of(std::span(plan.experiments));
}

/// What experiments of one group share the child for: one fit, an attempt each.
struct TaskItem {
    Experiment experiment;
    std::uint32_t attempt = 1;  ///< counted from 1; results never depend on it

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& experiment& attempt;
    }
};

/// A piece of work that one child does: experiments of one fit group, or of several short ones in turn.
struct Task {
    std::uint64_t number = 0;  ///< by the dispatcher's count; tells reports of an earlier task from its own
    std::vector<TaskItem> items;
    std::uint64_t memory_bytes = 0;  ///< limit for the child
    double timeout_seconds = 0;      ///< for the fit and for each experiment
    std::uint32_t threads = 1;       ///< that its computations may use

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& number& items& memory_bytes& timeout_seconds& threads;
    }
};

/// What one experiment yielded.
struct Result {
    ExperimentIndex index = 0;
    Cells cells;                                    ///< as Schema::results
    std::vector<std::vector<std::uint8_t>> arrays;  ///< as Schema::arrays, packed elements
    std::uint64_t peak_rss_bytes = 0;               ///< of the child, so far

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& index& cells& arrays& peak_rss_bytes;
    }
};

/// Why an attempt did not yield a result. Each has a budget of its own (core/engine/retry.hpp).
enum class Failure : std::uint8_t {
    error,           ///< the model or the data said no: the same again every time
    crash,           ///< the child died by a signal or exited before it was done
    timeout,         ///< no sign of progress within the time limit
    out_of_memory,   ///< over the memory limit
    infrastructure,  ///< the machinery around it failed: the task server, a rank
    interrupted,     ///< stopped by us: drain, walltime, preemption. Counts for nothing
};

[[nodiscard]] std::string to_text(Failure failure);

/// How a task ended on its rank. The results that came before have been committed already.
struct TaskEnd {
    std::uint64_t task = 0;
    bool completed = false;            ///< every experiment yielded its result
    Failure failure = Failure::error;  ///< if not
    std::string message;               ///< deterministic: no times, no process numbers
    std::vector<ExperimentIndex>
        blamed;          ///< experiments to which the attempt is charged; the others just go back
    double seconds = 0;  ///< wall time of the task
    std::uint64_t peak_rss_bytes = 0;
    std::uint64_t available_bytes = 0;  ///< memory that its host could still give then; 0: not known

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& task& completed& failure& message& blamed& seconds& peak_rss_bytes& available_bytes;
    }
};

}  // namespace vaster::study
