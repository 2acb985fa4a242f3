#include "domains/va/models/xgboost.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "base/csv/csv.hpp"
#include "va34.hpp"

using namespace vaster;

namespace {

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
    csv::CsvReader csv(path);
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
    auto const data = golden::va34();
    if (!data) return;
    auto const all = read_expected(golden::shared / "reference/va34/xgboost_expected.csv");
    REQUIRE(all.size() == 39);
    std::map<std::pair<std::string, double>, std::unique_ptr<models::Classifier>> fits;
    for (Expected const& expected : all) {
        CAPTURE(expected.train_site, expected.fraction, expected.test_site);
        auto const& given = data->of(expected.train_site);
        auto const& train = expected.fraction < 1 ? given.reduced.at(expected.fraction) : given.train;
        CHECK(train.size() == expected.n_train);
        auto& classifier = fits[{expected.train_site, expected.fraction}];
        if (!classifier) {
            models::Model const model = models::xgboost();
            classifier =
                data->fit(model, Parameters(model.parameters), models::MissingPolicy::ordinal, train);
        }
        auto const scores = data->score(*classifier, data->of(expected.test_site).test);
        CHECK(scores.n_deaths == expected.n_test);
        CHECK(scores.csmf_accuracy_union == Approx(expected.csmf_accuracy_union).margin(1e-12).epsilon(0));
        CHECK(scores.cod_accuracy == Approx(expected.cod_accuracy).margin(1e-12).epsilon(0));
    }
    CHECK(fits.size() == 9);
}
