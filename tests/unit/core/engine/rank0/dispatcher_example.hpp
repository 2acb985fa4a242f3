#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/engine/rank0/dispatcher.hpp"

/// Work for a dispatcher, and what workers say of it.
namespace vaster::engine::dispatcher_example {

using study::Failure;

/// n experiments of 1 s in groups of `group`.
inline StartingPoint work(std::size_t n, std::size_t group = 1) {
    StartingPoint work;
    for (std::size_t i = 0; i < n; ++i) {
        study::Experiment one;
        one.index = i;
        one.id = {i};
        one.group = i / group;
        one.expected_seconds = 1;
        one.cost_key = "toy";
        work.to_do.push_back(one);
    }
    return work;
}

inline study::TaskEnd completed(study::Task const& task, double seconds = 1) {
    study::TaskEnd end;
    end.task = task.number;
    end.completed = true;
    end.seconds = seconds;
    return end;
}

inline study::TaskEnd failed(study::Task const& task, Failure failure,
                             std::vector<study::ExperimentIndex> blamed) {
    study::TaskEnd end;
    end.task = task.number;
    end.failure = failure;
    end.message = "it did not work";
    end.blamed = std::move(blamed);
    return end;
}

inline std::vector<study::ExperimentIndex> indices(study::Task const& task) {
    std::vector<study::ExperimentIndex> all;
    for (auto const& item : task.items) all.push_back(item.experiment.index);
    return all;
}

using Indices = std::vector<study::ExperimentIndex>;
inline constexpr double long_after = 1e6;
inline constexpr int n_ranks = 4;

inline RetryPolicy policy(unsigned retries) {
    RetryPolicy policy;
    policy.retries = retries;
    return policy;
}

}  // namespace vaster::engine::dispatcher_example
