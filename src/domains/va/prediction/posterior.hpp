#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/models/batch_posterior.hpp"
#include "domains/va/study/kept_model.hpp"

namespace vaster::va {

/// What a kept model has learned from a batch of new deaths, for those of its members that code deaths
/// together: with it every death is coded by itself. docs/va/predict.md.
struct BatchLearning {
    std::vector<std::unique_ptr<models::BatchPosterior>> members;  ///< as the model's; null: needs none
    std::string model;                                             ///< content id of the model
    std::string batch;                     ///< its name; empty: all deaths of the file
    std::string data_hash;                 ///< of the file of deaths
    std::uint64_t seed = 0;                ///< that chose the deaths it was sampled on
    std::uint64_t n_deaths = 0;            ///< of the batch
    std::uint64_t n_sampled = 0;           ///< that it was sampled on
    std::vector<std::string> populations;  ///< in byte order; empty: all deaths are one
    std::vector<double> shares;            ///< of the populations among the deaths, [at least 1]
    bool converged = false;
    double rhat = 0;
    std::string content;  ///< of the posterior itself, as archive::Archive; empty: not read from a file

    /// The population of that name. @throws DataError when it has none
    [[nodiscard]] std::uint32_t population(std::string const& name) const;
};

/// Which deaths, and how they are called.
struct BatchOfDeaths {
    models::TestSet deaths;
    std::vector<std::uint32_t> sampled;    ///< positions in `deaths` that are sampled, ascending
    std::vector<std::string> populations;  ///< as BatchLearning::populations
    std::string_view test;                 ///< names the deaths: the random streams depend on it
};

/// Samples the members that code deaths together. @throws ModelError, Cancelled
[[nodiscard]] BatchLearning learn_batch(KeptModel const& model,
                                        std::span<std::unique_ptr<models::Classifier> const> members,
                                        BatchOfDeaths const& batch, Watcher& watcher);

/// What the model says of deaths, each by itself. Has the sampling's verdict, but no fractions.
/// @param population  of each death, as BatchLearning::populations; empty: all in the first
/// @throws ModelError, Cancelled
[[nodiscard]] models::Prediction predict(KeptModel const& model,
                                         std::span<std::unique_ptr<models::Classifier> const> members,
                                         BatchLearning const& learning, models::TestSet const& deaths,
                                         std::string_view test, Watcher& watcher);

/// The model's own fractions for deaths with these shares of the populations. An ensemble has none but where
/// all of its members have: then the weighted mean. Empty: none.
[[nodiscard]] models::CauseFractions fractions_of(KeptModel const& model, BatchLearning const& learning);

/// As parts of a file, and back.
/// @throws DataError when they are not sound, or of another model
[[nodiscard]] Parts parts_of(BatchLearning const& learning);
[[nodiscard]] BatchLearning learning_from(Parts const& parts, KeptModel const& model,
                                          std::span<std::unique_ptr<models::Classifier> const> members,
                                          std::string const& model_content);

/// Are these parts such a file's?
[[nodiscard]] bool is_posterior(Parts const& parts);

/// Where the posterior of a batch is left. @param study  the study file
[[nodiscard]] std::filesystem::path posterior_file(std::filesystem::path const& study, std::size_t batch,
                                                   std::size_t n_batches);

/// The deaths with the smallest hashes of seed and row, as many as are wanted, in order.
[[nodiscard]] std::vector<std::uint32_t> sampled_deaths(std::span<std::uint64_t const> rows,
                                                        std::uint64_t seed, std::size_t wanted);

}  // namespace vaster::va
