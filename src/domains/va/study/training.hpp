#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/study/context.hpp"
#include "domains/va/study/kept_model.hpp"
#include "domains/va/study/options.hpp"
#include "vaster/study/study.hpp"

namespace vaster::va {

inline constexpr std::string_view va_train_kind = "va-train";

/// What an experiment of a training does, as its column `step` says.
enum class TrainingStep {
    cv,                  ///< trains on all folds but one and scores that one
    leave_one_site_out,  ///< the same with sites
    weights,             ///< cross-validates a member of an ensemble on all deaths, for its weight
    final_fit,           ///< fits a model to all deaths and writes it down
};

/// "cv", "leave_one_site_out", "weights", "final".
[[nodiscard]] std::string to_text(TrainingStep step);

/// One experiment of a training.
struct TrainingCell {
    TrainingStep step = TrainingStep::cv;
    std::string unit;         ///< the fold or the site that is left out; empty: none
    std::string method;       ///< the method that is evaluated, or its member that is fitted
    std::string skip_reason;  ///< empty: to be run
};

/// A training: its data, its one method, and its experiments.
class Training {
  public:
    /// @throws Error for data and names that do not fit, models that cannot be kept or run here
    Training(TrainingOptions const& options, Cohort cohort);

    [[nodiscard]] Comparison const& comparison() const noexcept { return comparison_; }

    [[nodiscard]] Method const& method() const { return comparison_.methods.back(); }

    /// All deaths that the model is made of.
    [[nodiscard]] DeathList const& deaths() const noexcept { return deaths_; }

    [[nodiscard]] std::vector<TrainingCell> const& cells() const noexcept { return cells_; }

    [[nodiscard]] std::vector<std::string> notes() const;

    /// Deaths that a cell trains on, and those that it scores: all, out of their folds, for the weights; none
    /// for a final fit.
    [[nodiscard]] DeathList train_deaths(TrainingCell const& cell) const;
    [[nodiscard]] DeathList test_deaths(TrainingCell const& cell) const;

    /// Names the training set of a cell; the random streams depend on it.
    [[nodiscard]] std::string training_of(TrainingCell const& cell) const;

    /// Names the experiment; its hash is the identity.
    [[nodiscard]] std::string identity_of(TrainingCell const& cell) const;

    /// Guess of what a cell takes. [s]
    [[nodiscard]] double expected_seconds(TrainingCell const& cell) const;

    /// What is kept of the data and of a fitted model of the catalogue.
    [[nodiscard]] KeptModel kept(std::string const& model, models::Classifier const& classifier) const;

    /// Where the final fit of a model is written.
    [[nodiscard]] std::filesystem::path part_file(std::string const& model) const;

  private:
    void add_folds();
    void add_sites();
    void add_final_fits();

    TrainingOptions options_;
    Comparison comparison_;
    DeathList deaths_;
    std::vector<std::uint32_t> fold_;  ///< of each of deaths_; empty: no folds are needed
    std::vector<TrainingCell> cells_;
    std::vector<std::string> notes_;
};

/// What one model of the catalogue has learned in its final fit lies in this file until the model file is
/// made. @param output  the model file
[[nodiscard]] std::filesystem::path part_file_of(std::filesystem::path const& output, std::string_view model);

/// Runs one experiment. @throws Error, Cancelled
[[nodiscard]] study::Result run_training_cell(Training const& training, study::Schema const& schema,
                                              TrainingCell const& cell, study::ExperimentIndex index,
                                              Watcher& watcher);

/// Columns and arrays of a training: those of the comparison, and
/// column `content`: of a final fit, the content id of the file that it wrote;
/// array `of_truth`: P(true cause) of every death that was scored.
[[nodiscard]] study::Schema va_train_schema(Cohort const& cohort, std::vector<Grouping> const& groupings,
                                            bool has_ensemble);

/// The inner results as tables for people.
[[nodiscard]] std::vector<TextTable> summarize_training(study::Schema const& schema,
                                                        study::Records const& records);

/// The kind "va-train": fits a model or an ensemble to all labelled deaths, so that it can be kept, and says
/// how good it is by cross-validation inside them; docs/va/train.md. @param models  not null
[[nodiscard]] std::unique_ptr<study::Kind> make_va_train(
    std::shared_ptr<models::Catalogue const> models = std::make_shared<models::Catalogue const>());

}  // namespace vaster::va
