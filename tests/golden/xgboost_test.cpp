#include "vaster/models/xgboost.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "vaster/table/csv.hpp"
#include "vaster/va/cohort.hpp"
#include "vaster/va/metrics.hpp"
#include "vaster/va/splits.hpp"

using namespace vaster;

namespace {

std::filesystem::path const shared{VASTER_SHARED_DIR};

std::vector<std::uint32_t> causes_of(va::Cohort const& cohort, va::DeathList const& deaths) {
    std::vector<std::uint32_t> causes;
    for (std::uint32_t const death : deaths) causes.push_back(cohort.cause[death]);
    return causes;
}

std::unique_ptr<models::Classifier> fit(va::Cohort const& cohort, va::DeathList const& deaths) {
    models::Model const model = models::xgboost();
    auto classifier = model.make(Parameters(model.parameters), models::MissingPolicy::ordinal);
    auto const causes = causes_of(cohort, deaths);
    Watcher watcher;
    classifier->fit({{cohort.answers, deaths}, causes, cohort.causes.size()}, Random(42), watcher);
    return classifier;
}

va::Scores score(models::Classifier const& classifier, va::Cohort const& cohort,
                 va::DeathList const& deaths) {
    Watcher watcher;
    auto const prediction = classifier.predict({{cohort.answers, deaths}}, Random(42), watcher);
    return va::score(causes_of(cohort, deaths), prediction.probability, prediction.n_causes);
}

/// One row of the expected results.
struct Expected {
    std::string train_site;
    std::string test_site;
    double fraction;
    std::size_t n_train;
    std::size_t n_test;
    double csmf_accuracy_union;
    double cod_accuracy;
};

std::vector<Expected> read_expected(std::filesystem::path const& path) {
    std::vector<Expected> rows;
    table::CsvReader csv(path);
    auto const text = [&](std::string_view column) {
        return std::string(csv.cells()[csv.position(column, "expected results")]);
    };
    while (csv.next())
        rows.push_back({text("train_site"), text("test_site"), std::stod(text("fraction")),
                        std::stoul(text("n_train")), std::stoul(text("n_test")), std::stod(text("csmf")),
                        std::stod(text("cod"))});
    return rows;
}

}  // namespace

TEST_CASE("XGBoost's 39 experiments on the reference splits come out as in Python", "[golden][xgboost]") {
    // Expected: xgboost 1.7.4 (Python) on the splits of scikit-learn 1.2.1, 100 rounds, missing coded as 2.
    if (!std::filesystem::exists(shared / "reference/va34/splits.csv")) {
        WARN("skipped: the reference data is not here");
        return;
    }
    auto const cohort = va::read_cohort(
        {.path = shared / "data/phmrc_adult_encoded.csv", .format = va::CohortFormat::encoded});
    auto const splits = va::read_splits(shared / "reference/va34/splits.csv", cohort, "va34");
    auto const split_of = [&](std::string const& site) -> va::GivenSplit const& {
        auto const place = std::find(cohort.sites.begin(), cohort.sites.end(), site);
        return splits.sites.at(static_cast<std::size_t>(place - cohort.sites.begin()));
    };
    auto const all = read_expected(shared / "reference/va34/xgboost_expected.csv");
    REQUIRE(all.size() == 39);
    std::map<std::pair<std::string, double>, std::unique_ptr<models::Classifier>> fits;
    for (Expected const& expected : all) {
        CAPTURE(expected.train_site, expected.fraction, expected.test_site);
        auto const& given = split_of(expected.train_site);
        auto const& train = expected.fraction < 1 ? given.reduced.at(expected.fraction) : given.train;
        CHECK(train.size() == expected.n_train);
        auto& classifier = fits[{expected.train_site, expected.fraction}];
        if (!classifier) classifier = fit(cohort, train);
        auto const scores = score(*classifier, cohort, split_of(expected.test_site).test);
        CHECK(scores.n_deaths == expected.n_test);
        CHECK(scores.csmf_accuracy_union == Approx(expected.csmf_accuracy_union).margin(1e-12).epsilon(0));
        CHECK(scores.cod_accuracy == Approx(expected.cod_accuracy).margin(1e-12).epsilon(0));
    }
    CHECK(fits.size() == 9);
}
