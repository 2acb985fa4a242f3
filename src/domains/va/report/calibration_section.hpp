#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/report/chapter.hpp"
#include "core/report/tables.hpp"
#include "core/store/reader.hpp"

// Does what a model states with a probability of 70 % come true in 70 %?
namespace vaster::va {

/// Top causes whose stated probability is within one tenth of [0, 1], the last with both ends. Sums over
/// deaths of their weights, which are 1 where the data have none.
struct Tenth {
    std::size_t deaths = 0;
    double weight = 0;
    double stated = 0;     ///< probabilities of the top causes, weighted
    double came_true = 0;  ///< weights of the deaths whose top cause is right
};

inline constexpr std::size_t n_tenths = 10;
using Tenths = std::array<Tenth, n_tenths>;

/// What one model stated in the experiments of one type. A death that was tested several times counts as
/// often.
struct Stated {
    std::string type, model;
    Tenths all = {};
    std::map<std::string, Tenths> of_site = {};  ///< by the site whose mean an experiment counts for
};

/// The expected calibration error: the mean over deaths of the distance between the mean stated probability
/// of their tenth and the share of it that came true,
///     sum_b n_b / n |stated_b - came_true_b|.
/// NaN without deaths. Never below 0, so that chance alone raises it where there are few deaths.
/// Naeini, Cooper and Hauskrecht (2015), doi:10.1609/aaai.v29i1.9602, with ten bins of equal width.
[[nodiscard]] double calibration_error(Tenths const& tenths);

/// Mean stated probability less the share that came true; above 0 the model is too sure. NaN without deaths.
[[nodiscard]] double overconfidence(Tenths const& tenths);

/// Types and models in order of the plan, of finished experiments with the whole training part and of these
/// types. Empty when the study keeps no probabilities of top causes. Probabilities that are missing are left
/// out.
[[nodiscard]] std::vector<Stated> read_stated(store::Reader const& study,
                                              std::vector<std::string> const& types);

/// Per type, model and tenth with any death: deaths, mean stated probability, share that came true.
[[nodiscard]] report::Table calibration_table(std::vector<Stated> const& stated);

/// Per type and model: the calibration error of all test sets together; and means over sites of the sites'
/// own error and overconfidence, each with its 95 % interval by Student's t (of the error by that of its
/// logit), within what they can be.
[[nodiscard]] report::Table calibration_errors_table(std::vector<Stated> const& stated);

/// Adds the section "calibration" and both tables.
void add_calibration(report::Chapter& chapter, store::Reader const& study,
                     std::vector<std::string> const& types);

}  // namespace vaster::va
