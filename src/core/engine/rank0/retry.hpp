#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "vaster/study/experiment.hpp"

namespace vaster::engine {

/// How often an experiment is tried again. Each kind of failure has a budget of its own.
struct RetryPolicy {
    unsigned retries = 3;         ///< after a crash, and as often after a timeout
    unsigned memory_retries = 1;  ///< after running out of memory, each time with twice as much
    unsigned infrastructure_retries = 10;
    double delay_seconds = 5;  ///< before the first retry
    double backoff = 2;        ///< so many times as long before each further one
    double longest_delay_seconds = 300;
    std::uint64_t seed = 0;  ///< of the study, for the jitter
};

/// The failures an experiment has been charged with.
class Charges {
  public:
    void add(study::Failure failure) noexcept { ++counts_[static_cast<std::size_t>(failure)]; }

    [[nodiscard]] unsigned of(study::Failure failure) const noexcept {
        return counts_[static_cast<std::size_t>(failure)];
    }

    [[nodiscard]] unsigned all() const noexcept {
        unsigned sum = 0;
        for (unsigned const count : counts_) sum += count;
        return sum;
    }

  private:
    std::array<unsigned, 6> counts_{};
};

/// How often a failure of this kind is tried again; nothing: always.
[[nodiscard]] std::optional<unsigned> budget(RetryPolicy const& policy, study::Failure failure);

/// May an experiment with these charges, the last one among them, be tried again after this failure?
[[nodiscard]] bool may_retry(RetryPolicy const& policy, Charges const& charges, study::Failure failure);

/// How long to wait before the retry: delay_seconds backoff^(n-1) for the n-th charge, at most the longest
/// delay, times a factor in [0.5, 1.5) that depends on the study's seed, the experiment and n, so that
/// experiments that failed together do not come back together. 0 after an error of which there is no retry,
/// an interruption, or without charges. [s]
[[nodiscard]] double retry_delay(RetryPolicy const& policy, ExperimentId id, Charges const& charges);

/// Factor on the memory limit: 2 to the number of times the experiment ran out of memory.
[[nodiscard]] std::uint64_t memory_factor(Charges const& charges);

}  // namespace vaster::engine
