#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/archive/archive.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/prediction/drift.hpp"
#include "domains/va/prediction/new_columns.hpp"
#include "domains/va/prediction/posterior.hpp"
#include "domains/va/study/kept_model.hpp"

namespace vaster::va {

/// A model file that has been read and checked, ready to predict.
struct ModelInUse {
    KeptModel kept;
    std::vector<std::unique_ptr<models::Classifier>> members;
    std::string content;    ///< as archive::Archive
    std::string file_hash;  ///< the same
    /// Whether a death's probabilities depend on the other deaths: such a model codes batches.
    models::Predicts predicts = models::Predicts::each_death;
    /// Whether such a model leaves a posterior, with which each death can be coded by itself.
    bool leaves_posterior = false;
    /// That of other deaths, by which these are coded one by one; nothing: batches teach the model.
    std::optional<BatchLearning> posterior;

    /// The first digits of the content id: how outputs name the model.
    [[nodiscard]] std::string stamp() const;
    /// "naive_bayes 1a2b3c4d5e6f, trained on 6,273 deaths of AP, Bohol".
    [[nodiscard]] std::string described() const;
};

/// @param content  that the file must have; empty: any
/// @throws DataError for a file that is not a model file or not sound, or has another content; IoError;
/// UnavailableError
[[nodiscard]] ModelInUse read_model(std::filesystem::path const& path, std::string const& content,
                                    models::Catalogue const& catalogue);

/// The same of a file that has been read. @param path  what messages call it
[[nodiscard]] ModelInUse model_from(archive::Archive const& file, std::filesystem::path const& path,
                                    std::string const& content, models::Catalogue const& catalogue);

/// Lets the model code deaths one by one, by what a batch has taught it before.
/// @param file  as 'vaster predict' leaves it
/// @throws DataError for a file that is not the posterior of a batch, not sound, or of another model; for a
/// model that codes deaths one by one anyway; IoError
void use_posterior(ModelInUse& model, std::filesystem::path const& file);

/// What the model needs of new deaths.
[[nodiscard]] ModelNeeds wanted_by(KeptModel const& model);

/// How wrong its cause fractions were at sites that it had not seen, for transfer_interval(): from its inner
/// results with each site left out in turn. Nothing where it has none of three sites.
[[nodiscard]] std::optional<double> transfer_error_of(KeptModel const& model);

/// Answers of the training deaths, by symptom.
[[nodiscard]] std::vector<SymptomCounts> training_answers(KeptModel const& model);

}  // namespace vaster::va
