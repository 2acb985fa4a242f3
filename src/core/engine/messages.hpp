#pragma once

#include <cstdint>
#include <string>

#include "core/engine/run.hpp"
#include "core/study/serialization.hpp"
#include "vaster/study/experiment.hpp"

/// What rank 0 and its followers tell each other. Arrays are not among it: each rank commits its own results.
namespace vaster::engine {

/// From rank 0 to a follower.
struct Order {
    enum class Kind : std::uint8_t {
        task,      ///< do this
        sign,      ///< rank 0 lives
        drain,     ///< finish or give back what you do
        quit,      ///< the same at once
        conclude,  ///< the run ends: commit nothing more, and report what you have committed
        finish,    ///< all is over; these are the totals
        cancel,    ///< end the experiment `index` if the task of that number has begun it
    };
    Kind kind = Kind::sign;
    study::Task task;  ///< cancel: its number alone
    Totals totals;
    study::ExperimentIndex index = 0;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& kind& task& totals& index;
    }
};

/// From a worker to rank 0, over MPI if it is a follower's.
struct Report {
    enum class Kind : std::uint8_t {
        ready,      ///< has nothing to do
        committed,  ///< `index` is in the study file
        ended,      ///< the task is over
        sign,       ///< the worker lives
        stop,       ///< it was asked to stop
        quit,       ///< it was asked to stop at once
        retired,    ///< it cannot work any more
        notice,     ///< a line for the log: `text`
        concluded,  ///< it commits nothing more, and has reported everything
        farewell,   ///< it has the totals; nothing comes after this
    };
    Kind kind = Kind::sign;
    study::Attempt
        attempt;         ///< committed: of `attempt.index`; ended: who and when, without index; ready: host
    study::TaskEnd end;  ///< ended
    std::string text;    ///< ended: what the child printed; notice
    study::Cells cells = {};  ///< committed, where the plan grows: the result, from which it does

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& kind& attempt& end& text& cells;
    }
};

}  // namespace vaster::engine
