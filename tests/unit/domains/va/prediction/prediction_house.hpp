#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../../../temporary_folder.hpp"
#include "domains/va/data/cohort.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/prediction/cause_sums.hpp"
#include "domains/va/prediction/prediction.hpp"
#include "domains/va/prediction/prediction_schema.hpp"
#include "domains/va/study/kept_model.hpp"

namespace vaster::testing {

using namespace vaster::va;

[[nodiscard]] std::shared_ptr<models::Catalogue const> catalogue();

/// A simulated cohort as a file.
[[nodiscard]] std::filesystem::path simulated(TemporaryFolder const& folder, std::uint64_t n_deaths);

[[nodiscard]] Cohort read(std::filesystem::path const& path);

[[nodiscard]] std::vector<std::uint32_t> every_row(Cohort const& cohort);

/// A model that was fitted to all deaths of a cohort.
[[nodiscard]] KeptModel trained(Cohort const& cohort, std::string const& name);

class Results final : public study::Sink {
  public:
    void begin(study::ExperimentIndex) override {}

    void finish(study::Result result) override { by_index[result.index] = std::move(result); }

    std::map<study::ExperimentIndex, study::Result> by_index;
};

/// A folder with a cohort and a model that was trained on it.
struct House {
    explicit House(std::string const& model = "naive_bayes", std::uint64_t n_deaths = 400);

    [[nodiscard]] study::Config config() const;

    TemporaryFolder folder;
    std::filesystem::path data;
    Cohort cohort;
    KeptModel kept;
};

/// What a study of predictions has yielded.
struct Predicted {
    PredictionLayout layout;
    std::vector<DeathRow> deaths;
    std::vector<double> probability;
    CauseSums sums{1, 1, 1};
    PredictionCells cells;
};

[[nodiscard]] std::unique_ptr<study::Study> opened(study::Config const& config);

/// All blocks or batches of the study, together.
[[nodiscard]] Predicted predicted(study::Config const& config);

/// What is said when the study is opened.
[[nodiscard]] std::string refusal(study::Config const& config);

}  // namespace vaster::testing
