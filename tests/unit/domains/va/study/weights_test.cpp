// Weights of deaths in a comparison.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "small_study.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::test;
using Catch::Matchers::Contains;
using vaster::testing::TemporaryFolder;

namespace {

/// The table with a column of weights behind it, `weight_of(row)`.
template <class WeightOf>
std::string with_weights(CohortFile const& file, TemporaryFolder const& folder, std::string const& name,
                         WeightOf weight_of) {
    auto const path = folder.path() / name;
    std::ifstream in(file.path());
    std::ofstream out(path);
    std::string line;
    for (std::size_t row = 0; std::getline(in, line); ++row)
        out << line << ',' << (row == 0 ? "w" : fmt::format("{}", weight_of(row - 1))) << '\n';
    return path.string();
}

std::vector<study::Override> weighted(std::string const& path, std::string const& models = "naive_bayes") {
    auto overrides = fast(path);
    overrides.push_back({"data.weight", "w", "--set"});
    overrides.push_back({"design.types", "in_domain", "--types"});
    overrides.push_back({"design.models", models, "--models"});
    return overrides;
}

study::Schema schema_of(std::vector<study::Override> overrides) {
    return va::make_va_comparison()
        ->open(config_with(std::move(overrides)), study::FromSource())
        .study->schema();
}

std::map<std::uint64_t, study::Result> all_results(std::vector<study::Override> overrides) {
    return results_of(
        *va::make_va_comparison()->open(config_with(std::move(overrides)), study::FromSource()).study);
}

std::string refusal(std::vector<study::Override> overrides) {
    try {
        (void)config_with(std::move(overrides));
    } catch (ConfigError const& e) {
        return e.what();
    }
    return "(none)";
}

}  // namespace

TEST_CASE("equal weights change nothing but the columns that tell them", "[study][weights]") {
    CohortFile const file(600);
    TemporaryFolder const folder;
    auto plain = fast(file.path());
    plain.push_back({"design.types", "in_domain", "--types"});
    auto const without = all_results(plain);
    auto const same = weighted(with_weights(file, folder, "same.csv", [](auto) { return 2.0; }));
    auto const schema = schema_of(same);
    CHECK(schema.results[schema.results.size() - 2].name == "sum_of_weights");
    CHECK(schema.results.back().name == "n_effective");
    auto const with = all_results(same);
    REQUIRE(with.size() == without.size());
    for (auto const& [identity, result] : without) {
        auto const& other = with.at(identity);
        CHECK(std::get<double>(other.cells[2]) == std::get<double>(result.cells[2]));  // csmf_accuracy
        CHECK(std::get<double>(other.cells[3]) == std::get<double>(result.cells[3]));  // its interval
        CHECK(other.arrays[0] == result.arrays[0]);                                    // confusion
        auto const n_test = static_cast<double>(std::get<std::int64_t>(result.cells[1]));
        CHECK(std::get<double>(other.cells[other.cells.size() - 2]) == 2 * n_test);
        CHECK(std::get<double>(other.cells.back()) == n_test);
    }
}

TEST_CASE("unequal weights change metrics, and fits only on request", "[study][weights]") {
    CohortFile const file(600);
    TemporaryFolder const folder;
    auto plain = fast(file.path());
    plain.push_back({"design.types", "in_domain", "--types"});
    auto const without = all_results(plain);
    auto const path = with_weights(file, folder, "w.csv", [](auto row) { return row % 5 == 0 ? 9.0 : 0.5; });
    auto overrides = weighted(path);
    auto const with = all_results(overrides);
    overrides.push_back({"data.weight_fit", "true", "--set"});
    auto const in_fit = all_results(overrides);
    auto const& [identity, first] = *without.begin();
    CHECK(with.at(identity).cells[2] != first.cells[2]);
    CHECK(std::get<double>(with.at(identity).cells.back()) <
          static_cast<double>(std::get<std::int64_t>(first.cells[1])));
    CHECK(with.at(identity).arrays[0] == first.arrays[0]);  // the same predictions: confusion counts deaths
    CHECK(in_fit.at(identity).arrays[7] != with.at(identity).arrays[7]);  // other probabilities
}

TEST_CASE("weights in fits are refused for models that cannot take them", "[study][weights]") {
    auto overrides = weighted("deaths.csv", "naive_bayes,insilico,interva");
    overrides.push_back({"data.weight_fit", "true", "--set"});
    CHECK_THAT(refusal(overrides), Contains("data.weight_fit: insilico, interva cannot be trained with "
                                            "weights"));
    auto taken = weighted("deaths.csv", "xgboost,random_forest,logistic_regression,naive_bayes,tariff");
    taken.push_back({"data.weight_fit", "true", "--set"});
    CHECK(refusal(taken) == "(none)");
    auto ensemble = weighted("deaths.csv");
    ensemble.push_back({"data.weight_fit", "true", "--set"});
    ensemble.push_back({"design.ensembles", R"x(["e = soft(naive_bayes, insilico)"])x", "--set"});
    CHECK_THAT(refusal(ensemble), Contains("insilico cannot be trained"));
    auto no_weights = fast("deaths.csv");
    no_weights.push_back({"data.weight_fit", "true", "--set"});
    CHECK_THAT(refusal(no_weights), Contains("data.weight_fit needs data.weight"));
}

TEST_CASE("the column of weights must differ from the others that keys name", "[study][weights]") {
    auto overrides = fast("deaths.csv");
    overrides.push_back({"data.weight", "site", "--set"});
    CHECK_THAT(refusal(overrides), Contains("data.site and data.weight name the same column, 'site'"));
}
