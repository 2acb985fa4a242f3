#include "vaster/models/xgboost.hpp"

#include <filesystem>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "reference_data.hpp"
#include "vaster/va/metrics.hpp"

using namespace vaster;

namespace {

std::filesystem::path const shared{VASTER_SHARED_DIR};

std::vector<std::uint32_t> causes_of(golden::EncodedDeaths const& deaths,
                                     std::vector<std::uint32_t> const& rows) {
    std::vector<std::uint32_t> causes;
    for (std::uint32_t const row : rows) causes.push_back(deaths.causes[row]);
    return causes;
}

std::unique_ptr<models::Classifier> fit(golden::EncodedDeaths const& deaths,
                                        std::vector<std::uint32_t> const& rows) {
    models::Model const model = models::xgboost();
    auto classifier = model.make(Parameters(model.parameters), models::MissingPolicy::ordinal);
    auto const causes = causes_of(deaths, rows);
    Watcher watcher;
    classifier->fit({{deaths.answers, rows}, causes, deaths.labels.size()}, stream(42, "", Purpose::fit),
                    watcher);
    return classifier;
}

va::Scores score(models::Classifier const& classifier, golden::EncodedDeaths const& deaths,
                 std::vector<std::uint32_t> const& rows) {
    Watcher watcher;
    auto const prediction =
        classifier.predict({deaths.answers, rows}, stream(42, "", Purpose::predict), watcher);
    return va::score(causes_of(deaths, rows), prediction.probability, prediction.n_causes);
}

std::string training_part(std::string const& fraction) {
    return fraction == "1.0" ? "train" : "train_" + fraction;
}

}  // namespace

TEST_CASE("XGBoost's 39 experiments on the reference splits come out as in Python", "[golden][xgboost]") {
    // Expected: xgboost 1.7.4's Python package with scikit-learn 1.2.1's splits, 100 rounds, missing coded
    // as 2.
    if (!std::filesystem::exists(shared / "reference/va34/splits.csv")) {
        WARN("skipped: the reference data is not here");
        return;
    }
    auto const deaths = golden::read_encoded(shared / "data/phmrc_adult_encoded.csv");
    auto const splits = golden::read_splits(shared / "reference/va34/splits.csv");
    golden::SimpleCsv const expected(shared / "reference/va34/xgboost_expected.csv");
    REQUIRE(expected.n_rows() == 39);
    std::map<std::pair<std::string, std::string>, std::unique_ptr<models::Classifier>> fits;
    for (std::size_t i = 0; i < expected.n_rows(); ++i) {
        auto const text = [&](char const* column) { return expected.cell(i, column); };
        auto const training = std::pair(text("train_site"), training_part(text("fraction")));
        CAPTURE(training.first, training.second, text("test_site"));
        if (!fits.contains(training)) fits[training] = fit(deaths, splits.at(training));
        auto const scores = score(*fits[training], deaths, splits.at({text("test_site"), "test"}));
        CHECK(splits.at(training).size() == std::stoul(text("n_train")));
        CHECK(scores.n_deaths == std::stoul(text("n_test")));
        CHECK(scores.csmf_accuracy_union == Approx(std::stod(text("csmf"))).margin(1e-12).epsilon(0));
        CHECK(scores.cod_accuracy == Approx(std::stod(text("cod"))).margin(1e-12).epsilon(0));
    }
    CHECK(fits.size() == 9);
}
