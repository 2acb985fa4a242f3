#include "../unit/domains/va/models/kept_models.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "core/archive/archive.hpp"

using namespace vaster;

namespace {

/// One small file of every model and version of its parts, for ever: MODEL-VERSION-POLICY.h5 has the parts
/// "model/..." and what the model said of the deaths with "golden/answers". A version that once was released
/// must be read by all later programs. VASTER_UPDATE_GOLDEN=1 makes files that are not there yet, and never
/// changes one.
std::filesystem::path const folder = std::filesystem::path(VASTER_SOURCE_DIR) / "tests/golden/models";

std::filesystem::path file_of(models::Model const& model, std::uint32_t version,
                              models::MissingPolicy policy) {
    return folder / fmt::format("{}-{}-{}.h5", model.name, version,
                                models::missing_policy_names()[static_cast<std::size_t>(policy)]);
}

testing::SampleCohort deaths_of(Parts const& parts) {
    auto const answers = parts.get<std::uint8_t>("golden/answers");
    std::size_t const n = answers.size() / testing::n_kept_symptoms;
    testing::SampleCohort cohort{va::AnswerMatrix(n, testing::n_kept_symptoms), {}, {}};
    for (std::uint32_t i = 0; i < n; ++i) {
        cohort.rows.push_back(i);
        for (std::size_t s = 0; s < testing::n_kept_symptoms; ++s)
            cohort.answers.row(i)[s] = static_cast<va::Answer>(answers[i * testing::n_kept_symptoms + s]);
    }
    return cohort;
}

void make_golden(std::filesystem::path const& path, testing::KeptSample const& sample) {
    auto const test = testing::sample_cohort(20, testing::n_kept_symptoms, {1, 2, 4}, Random(21));
    std::vector<std::uint8_t> answers;
    for (int const answer : testing::answer_numbers(test.deaths()))
        answers.push_back(static_cast<std::uint8_t>(answer));
    Parts parts;
    parts.put_below("model", sample.parts());
    parts.put<std::uint8_t>("golden/answers", answers, {test.rows.size(), testing::n_kept_symptoms});
    auto const prediction = testing::predicted(sample.fitted(), deaths_of(parts).deaths());
    parts.put<double>("golden/probability", prediction.probability,
                      {prediction.n_deaths, prediction.n_causes});
    archive::write_archive(path, parts);
}

/// Exponentials and logarithms of the C library may differ in their last bit from one processor to another:
/// XGBoost's are of single precision.
double tolerance(models::Model const& model) {
    return model.name == "xgboost" ? 1e-6 : 1e-12;
}

/// By how many standard deviations between random streams each probability is off their mean, at most. What a
/// sampler says changes with the order in which it uses random numbers; what it samples from does not.
double largest_deviation(models::Classifier const& classifier, models::Deaths const& test,
                         std::span<double const> expected) {
    constexpr int n_streams = 60;
    constexpr double resolution = 0.002;  // where hardly any draw has the cause
    std::vector<double> sum(expected.size(), 0.0);
    std::vector<double> squares(expected.size(), 0.0);
    for (int stream = 0; stream < n_streams; ++stream) {
        Watcher watcher;
        auto const found = classifier.predict({test}, Random(100 + stream), watcher);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            sum[i] += found.probability[i];
            squares[i] += found.probability[i] * found.probability[i];
        }
    }
    double largest = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        double const mean = sum[i] / n_streams;
        double const variance = std::max(0.0, squares[i] / n_streams - mean * mean);
        largest = std::max(largest, std::abs(expected[i] - mean) / (std::sqrt(variance) + resolution));
    }
    return largest;
}

void check_golden(std::filesystem::path const& path, models::Model const& model,
                  testing::KeptSample const& sample) {
    auto const kept = archive::read_archive(path);
    auto const classifier = sample.load(kept.parts.below("model"));
    auto const test = deaths_of(kept.parts);
    auto const found = testing::predicted(*classifier, test.deaths());
    auto const expected = kept.parts.get<double>("golden/probability", {found.n_deaths, found.n_causes});
    if (model.name == "insilico") {
        CHECK(largest_deviation(*classifier, test.deaths(), expected) <= 4);
        return;
    }
    double largest = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
        largest = std::max(largest, std::abs(found.probability[i] - expected[i]));
    CHECK(largest <= tolerance(model));
}

/// The models of the catalogue, and those that keep other parts for other values of a key.
std::vector<models::Model> all_models() {
    models::Catalogue const catalogue;
    auto all = catalogue.all();
    models::Model centred = catalogue.at("logistic_regression");
    centred.name += "_centred";
    for (auto& key : centred.parameters)
        if (key.name == "centre") key.standard = std::string("site");
    all.push_back(std::move(centred));
    return all;
}

}  // namespace

TEST_CASE("every version of every model that was ever kept is read, and predicts what it did",
          "[golden][kept]") {
    bool const is_to_be_made = std::getenv("VASTER_UPDATE_GOLDEN") != nullptr;
    for (auto const& model : all_models())
        for (auto const policy : testing::all_policies) {
            testing::KeptSample const sample(model, policy);
            for (std::uint32_t version = 1; version <= model.parts_version; ++version) {
                auto const path = file_of(model, version, policy);
                CAPTURE(path.filename().string());
                bool const is_newest = version == model.parts_version;
                if (is_to_be_made && is_newest && !std::filesystem::exists(path)) make_golden(path, sample);
                REQUIRE(std::filesystem::exists(path));
                check_golden(path, model, sample);
            }
        }
}
