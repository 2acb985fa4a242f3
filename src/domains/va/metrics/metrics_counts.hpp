#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "domains/va/metrics/metrics.hpp"

// Metrics as functions of counts, for the whole test set and for its bootstrap samples alike.
namespace vaster::va {

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// 0/0 is missing.
[[nodiscard]] inline double ratio(double part, double whole) {
    return whole == 0 ? missing : part / whole;
}

/// Weight of the deaths by cause, each [n_causes]; numbers of deaths where each weighs 1, which are exact.
struct CauseCounts {
    std::vector<double> truth;
    std::vector<double> predicted;
    std::vector<double> correct;  ///< true and predicted
    double right = 0;             ///< of all deaths whose cause is predicted
    double total = 0;             ///< of all deaths

    explicit CauseCounts(std::size_t n_causes) : truth(n_causes), predicted(n_causes), correct(n_causes) {}

    [[nodiscard]] std::size_t n_causes() const { return truth.size(); }

    void add(Assignment const& death, double weight) {
        truth[death.truth] += weight;
        predicted[death.predicted] += weight;
        correct[death.truth] += death.truth == death.predicted ? weight : 0;
        right += death.truth == death.predicted ? weight : 0;  // as `total`, so that all right is exactly 1
        total += weight;
    }

    void clear();
};

[[nodiscard]] double cod_accuracy(CauseCounts const& counts);
[[nodiscard]] double csmf_accuracy(CauseCounts const& counts);
[[nodiscard]] double csmf_accuracy_union(CauseCounts const& counts);
[[nodiscard]] double mean_ccc(CauseCounts const& counts);

/// (sensitivity - 1/C) / (1 - 1/C)
[[nodiscard]] double concordance(double sensitivity, std::size_t n_causes);

/// Share of deaths with the true cause among the k most probable; NaN where ranks are not known.
[[nodiscard]] double top_accuracy(Assignments const& assignments, std::uint32_t k);

}  // namespace vaster::va
