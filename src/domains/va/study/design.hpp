#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/splits.hpp"

namespace vaster::va {

/// What an experiment asks.
enum class ExperimentType {
    in_domain,           ///< train and test at one site
    out_domain,          ///< train at one site, test at another
    training_size,       ///< train on a fraction of the primary site's training part, test at the same site
    leave_one_site_out,  ///< train at all other sites together, test at the one left out
};

/// "in_domain", "out_domain", "training_size", "leave_one_site_out".
[[nodiscard]] std::vector<std::string> const& experiment_type_names();
[[nodiscard]] std::string const& to_text(ExperimentType type);

/// Which deaths an experiment uses that tests at a site it was not trained at.
enum class SiteParts {
    split,  ///< training parts of the sites that are trained at, test part of the other
    full,   ///< all of these sites, all of the other
};

/// The part of every training site that a model is trained on.
enum class TrainingPart { train, reduced, whole };

/// The design of a comparison, checked, with sites and models as positions in their lists.
struct DesignOptions {
    std::vector<std::uint32_t> sites;  ///< positions in Cohort::sites, ascending by name
    std::vector<std::string> models;   ///< names of the catalogue, of ensembles, of what is adapted
    std::vector<ExperimentType> types;
    SiteParts out_domain = SiteParts::split;  ///< split: one fit serves all test sites
    SiteParts leave_one_site_out = SiteParts::split;
    std::vector<double> training_sizes;  ///< fractions in (0, 1]
    std::uint32_t primary_site = 0;
    double test_fraction = 0.2;
    std::uint32_t repeats = 1;
    std::uint32_t inner_folds = 5;  ///< of cross-validation inside a training set
    std::size_t min_train = 50;     ///< deaths that a site, or a pool of sites, needs to be trained on
    std::size_t min_test = 20;      ///< deaths that a site needs to be tested on
    std::uint64_t seed = 42;
};

/// One experiment of the design.
struct DesignCell {
    std::uint32_t repeat = 0;
    std::uint32_t model = 0;  ///< position in DesignOptions::models
    ExperimentType type = ExperimentType::in_domain;
    std::vector<std::uint32_t> train_sites;  ///< ascending; one, but for leave_one_site_out
    std::uint32_t test_site = 0;
    double fraction = 1.0;
    TrainingPart part = TrainingPart::train;
    std::string skip_reason;  ///< empty: to be run
};

/// The training sites as exports show them: "AP"; for leave_one_site_out "all_but:AP".
[[nodiscard]] std::string training_site_text(DesignCell const& cell, va::Cohort const& cohort);

/// Bytes that training_site_text() needs at most, for sites of that many bytes.
[[nodiscard]] std::uint32_t training_site_width(std::uint32_t site_width);

/// Names the cell in words; its hash is the experiment's identity. Knows neither seed nor model parameters,
/// so that the same question has the same identity in every study.
[[nodiscard]] std::string identity_of(DesignCell const& cell, DesignOptions const& options,
                                      va::Cohort const& cohort);

/// Names the training set of the cell: the sites, the part, the repeat.
[[nodiscard]] std::string training_of(DesignCell const& cell, va::Cohort const& cohort);

/// Names a model's training on a training set: its stream depends on nothing else but the study's seed.
[[nodiscard]] std::string fit_identity(std::string const& model, std::string const& training);

/// Names the training of the cell. Cells of one fit share one training.
[[nodiscard]] std::string fit_of(DesignCell const& cell, DesignOptions const& options,
                                 va::Cohort const& cohort);

/// Names the test set of the cell: the bootstrap's stream depends on it and on the study seed only.
[[nodiscard]] std::string test_set_of(DesignCell const& cell, va::Cohort const& cohort);

/// Draws and looks up the deaths of training and test sets. Pure: the same question has the same answer every
/// time.
class Partition {
  public:
    /// @param given  the user's splits, or nothing: then they are drawn from the seed
    Partition(va::Cohort const& cohort, DesignOptions const& options, std::optional<va::GivenSplits> given);

    [[nodiscard]] va::DeathList training_deaths(DesignCell const& cell) const;
    [[nodiscard]] va::DeathList test_deaths(DesignCell const& cell) const;

    /// Why a site cannot be trained or tested on; empty if it can.
    [[nodiscard]] std::string training_obstacle(std::uint32_t site) const;
    [[nodiscard]] std::string test_obstacle(std::uint32_t site) const;

    /// Why a site cannot be divided into a training and a test part: very few deaths have no room for two.
    [[nodiscard]] std::string division_obstacle(std::uint32_t site) const;

    /// Why a site cannot be in the pool of leave_one_site_out; empty if it can. A pool takes sites that are
    /// too small to be trained on alone.
    [[nodiscard]] std::string pool_obstacle(std::uint32_t site) const;

    /// Why the training sites together are not enough; empty if they are.
    [[nodiscard]] std::string pool_obstacle(std::vector<std::uint32_t> const& sites) const;

    /// Why the fraction of the site's training part cannot be taken; empty if it can.
    [[nodiscard]] std::string reduction_obstacle(std::uint32_t site, double fraction) const;

  private:
    [[nodiscard]] va::DeathList reduced_deaths(DesignCell const& cell) const;
    [[nodiscard]] va::Split split_of(std::uint32_t site, std::uint32_t repeat) const;
    [[nodiscard]] std::size_t n_train(std::uint32_t site) const;

    va::Cohort const& cohort_;
    DesignOptions options_;
    std::optional<va::GivenSplits> given_;
    std::vector<va::DeathList> site_deaths_;  ///< [n_sites]
};

/// All cells in order of index: by repeat, model, type, training site, test site or fraction. Sites that
/// have no training part are left out of the pools of leave_one_site_out; see pool_notes().
[[nodiscard]] std::vector<DesignCell> design_cells(DesignOptions const& options, Partition const& partition);

/// "12 experiments are skipped: site Big has ...": one line for each reason, most experiments first.
[[nodiscard]] std::vector<std::string> skip_notes(std::vector<DesignCell> const& cells);

/// @throws DataError with all reasons when every cell is skipped: there would be nothing to run
void require_some_to_run(std::vector<DesignCell> const& cells);

/// Which sites are left out of the pools, and why. Empty without leave_one_site_out.
[[nodiscard]] std::vector<std::string> pool_notes(DesignOptions const& options, va::Cohort const& cohort,
                                                  Partition const& partition);

}  // namespace vaster::va
