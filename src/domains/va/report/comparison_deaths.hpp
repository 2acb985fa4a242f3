#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domains/va/report/comparison_grid.hpp"
#include "domains/va/report/tested_predictions.hpp"

// The test deaths of a question, and what its models said of them.
namespace vaster::va {

/// One prediction for one test death.
struct TestedDeath {
    std::uint32_t death = 0;  ///< among Deaths::rows
    std::int32_t truth = 0;
    std::int32_t predicted = 0;
    bool in_top3 = false;
    double weight = 1;  ///< by data.weight, where the study's data have weights

    [[nodiscard]] bool right() const noexcept { return truth == predicted; }
};

/// The test deaths of one site, whatever the number of experiments that tested them.
struct Stratum {
    SiteName test_site;
    std::uint32_t first = 0;  ///< of its deaths
    std::uint32_t n = 0;
};

/// The predictions of a question. They are read from the study files when they are asked for; those that come
/// first are kept as long as there is room, so that memory does not grow with the number of experiments.
class Deaths {
  public:
    /// As many bytes of predictions are kept.
    static constexpr std::size_t room = std::size_t{32} << 20U;

    /// @param question, causes  must outlive this object
    /// @param most_kept  bytes of predictions that are kept
    /// @throws UsageError or DataError when the study keeps no predictions, or two models were tested at one
    /// place on different deaths
    Deaths(Question const& question, CausesOfSites const& causes, std::size_t most_kept = room);

    [[nodiscard]] std::size_t n_causes() const noexcept { return n_causes_; }

    /// Data row of each death, ascending within its stratum.
    [[nodiscard]] std::vector<std::int64_t> const& rows() const noexcept { return rows_; }

    /// In order of test site.
    [[nodiscard]] std::vector<Stratum> const& strata() const noexcept { return strata_; }

    /// Are the test deaths of a pair of sites other ones in each repeat?
    [[nodiscard]] bool resplit() const noexcept { return resplit_; }

    [[nodiscard]] std::size_t n_places() const noexcept { return question_.places.size(); }

    /// Stands behind the models of the question: whoever gives every death the most frequent cause of the
    /// training site. The study file does not keep the training deaths: the cause is that of the site's
    /// tested deaths, which were drawn from the same ones. Of causes equally frequent the one that comes
    /// first in the list counts. Where models were trained at no single site, it is that of all sites but the
    /// one tested.
    [[nodiscard]] std::size_t most_frequent() const noexcept { return readers_.size(); }

    [[nodiscard]] std::size_t n_models() const noexcept { return readers_.size() + 1; }

    /// What a model said at a place; empty where there is no result. Good until the next call but one.
    [[nodiscard]] std::span<TestedDeath const> tested(std::size_t model, std::size_t place);

  private:
    /// Collects the tested deaths by site: sets rows, strata and resplit.
    void collect();
    [[nodiscard]] std::vector<std::int64_t> tested_rows(std::size_t place) const;
    /// Keeps the predictions that come first, by model and then by place.
    void keep(std::size_t most_kept);
    [[nodiscard]] std::vector<Prediction> predictions(std::size_t model, std::size_t place) const;
    void read(std::size_t model, std::size_t place, std::vector<TestedDeath>& tested) const;
    void read_most_frequent(std::size_t place, std::vector<TestedDeath>& tested) const;
    [[nodiscard]] std::optional<std::span<TestedDeath const>> kept(std::size_t model,
                                                                   std::size_t place) const;

    Question const& question_;
    CausesOfSites const& causes_;
    std::vector<PredictionReader> readers_;  ///< [n_models]
    std::size_t n_causes_ = 0;
    std::vector<std::int64_t> rows_;
    std::vector<Stratum> strata_;
    bool resplit_ = false;
    std::vector<TestedDeath> kept_;
    std::vector<std::size_t> ends_;                    ///< in kept_, of what each model said at each place
    std::array<std::vector<TestedDeath>, 2> passing_;  ///< the last two of those that are not kept
    std::size_t turn_ = 0;
};

}  // namespace vaster::va
