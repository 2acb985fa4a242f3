#pragma once  // May change before 1.0.

#include <cstdint>
#include <optional>

#include "vaster/study/config.hpp"
#include "vaster/study/experiment.hpp"

namespace vaster::study {

/// What holds for one experiment in place of what [run] says for all.
struct OwnLimits {
    std::optional<double> timeout_seconds = {};
    std::optional<std::uint64_t> memory_bytes = {};
    std::optional<unsigned> retries = {};
    std::optional<double> retry_delay_seconds = {};  ///< before the first new attempt
    double backoff = 2;         ///< factor on the delay with each further attempt, at least 1
    std::int64_t priority = 0;  ///< higher ones are begun first; among equals the longest expected

    bool operator==(OwnLimits const&) const = default;
};

/// What a study kind may also be: one whose experiments have limits and priorities of their own.
class HasOwnLimits {
  public:
    HasOwnLimits() = default;
    virtual ~HasOwnLimits() = default;
    HasOwnLimits(HasOwnLimits const&) = delete;
    HasOwnLimits& operator=(HasOwnLimits const&) = delete;

    /// A function of the configuration and the experiment's design alone. Experiments of one fit group must
    /// have the same. Asked on the first rank.
    [[nodiscard]] virtual OwnLimits limits(Config const& config, Experiment const& experiment) const = 0;

    /// After so many experiments have been given up nothing more is begun; nothing: however many.
    [[nodiscard]] virtual std::optional<std::uint64_t> most_failures(Config const& config) const {
        (void)config;
        return std::nullopt;
    }

    /// Are the stages of a growing plan planned from what is done alone, never from what failed? Then a row
    /// that failed is tried again when the study is resumed, whatever its stage.
    [[nodiscard]] virtual bool plans_from_results_alone() const { return false; }
};

}  // namespace vaster::study
