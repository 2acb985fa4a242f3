#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "domains/va/study/kept_model.hpp"

namespace vaster::va {

/// Where the confusion matrix comes from that cause fractions are corrected by.
enum class Calibrate {
    none,      ///< they are not corrected
    inner,     ///< the model's inner cross-validation over folds
    transfer,  ///< its inner results with each site left out in turn
    file,      ///< a table of the user's own
};

/// Deaths by true and assigned cause, of which the model had seen none.
struct ConfusionCounts {
    std::vector<std::uint64_t> deaths;  ///< [n_causes true][n_causes assigned]
    std::string source;                 ///< for people

    [[nodiscard]] std::uint64_t total() const;
};

/// The model's own matrix. @param calibrate  inner or transfer
/// @throws DataError where the model file has none, or a cause has no death in it
[[nodiscard]] ConfusionCounts confusion_of(KeptModel const& model, Calibrate calibrate);

/// Reads a CSV file with the column `cause` (the true one) and a column for every cause of the model (the
/// assigned one); cells are counts of deaths.
/// @throws DataError with line and column for a cell that is not a count, a cause that is absent, unknown or
/// there twice, a cause without deaths
[[nodiscard]] ConfusionCounts read_confusion(std::filesystem::path const& path,
                                             std::vector<std::string> const& causes);

/// The cause fractions that make the assigned causes most likely, maximum likelihood on the simplex:
///     max over p >= 0, sum p = 1 of  sum_j n_j log sum_i p_i P(assigned j | true i)
/// by expectation maximisation, until no fractions are more likely by more than `gap` a death (the duality
/// gap, max_i sum_j n_j P_ij / (n q_j) - 1 with q_j = sum_i p_i P_ij).
/// @param assigned  deaths by assigned cause, n_j, at least one, [n_causes]
/// @param shares    P(assigned | true), rows sum to 1, all above 0, [n_causes][n_causes]
/// @return [n_causes]
/// Vardi and Lee (1993), doi:10.1111/j.2517-6161.1993.tb01925.x.
[[nodiscard]] std::vector<double> most_likely_fractions(std::span<double const> assigned,
                                                        std::span<double const> shares, double gap = 1e-9);

/// A corrected fraction with its 95 % interval.
struct CalibratedFraction {
    double fraction = 0;
    double lo = 0;
    double hi = 0;
};

/// Cause fractions corrected by a confusion matrix. P(assigned j | true i) = (deaths_ij + 1/K) / (deaths_i +
/// 1), K causes: a pair that was not seen is unlikely, not impossible. The interval is over draws of each row
/// from Dirichlet(deaths_ij + 1/K), and of the assigned causes from Dirichlet(n_j) with n_j above 0. It takes
/// P(assigned | true) to be that of the matrix, which at a new site it is not.
/// @param assigned  deaths by most probable cause, top_deaths_of()
/// @return [n_causes]; all NaN without deaths
[[nodiscard]] std::vector<CalibratedFraction> calibrated_fractions(std::span<double const> assigned,
                                                                   ConfusionCounts const& confusion,
                                                                   std::uint64_t seed,
                                                                   std::size_t n_draws = 200);

}  // namespace vaster::va
