// Centred logistic regression and adaptation to the batch against numbers of an independent implementation in
// NumPy (Newton's method to a gradient below 1e-12; plain EM).
#include <cmath>
#include <fstream>

#include <nlohmann/json.hpp>

#include "base/csv/csv.hpp"
#include "domains/va/models/adaptation.hpp"
#include "domains/va/models/features.hpp"
#include "domains/va/models/logistic_regression.hpp"
#include "va34.hpp"

using namespace vaster;

namespace {

std::filesystem::path const reference = golden::shared / "reference/transfer";
constexpr std::size_t n_symptoms = 20;
constexpr std::size_t n_causes = 5;

struct MadeUpDeaths {
    va::AnswerMatrix answers{180, n_symptoms};
    std::vector<std::uint32_t> site, cause;

    [[nodiscard]] std::vector<std::uint32_t> at(std::vector<std::uint32_t> const& sites) const {
        std::vector<std::uint32_t> rows;
        for (std::uint32_t i = 0; i < site.size(); ++i)
            if (std::find(sites.begin(), sites.end(), site[i]) != sites.end()) rows.push_back(i);
        return rows;
    }

    [[nodiscard]] std::vector<std::uint32_t> of(std::vector<std::uint32_t> const& labels,
                                                std::vector<std::uint32_t> const& rows) const {
        std::vector<std::uint32_t> some;
        for (auto const row : rows) some.push_back(labels[row]);
        return some;
    }
};

MadeUpDeaths made_up_deaths() {
    MadeUpDeaths deaths;
    csv::CsvReader csv(reference / "data.csv");
    for (std::uint32_t row = 0; csv.next(); ++row) {
        auto const cells = csv.cells();
        deaths.site.push_back(cells[1] == "A" ? 0 : cells[1] == "B" ? 1 : 2);
        deaths.cause.push_back(static_cast<std::uint32_t>(std::stoul(std::string(cells[2]))) - 1);
        for (std::size_t s = 0; s < n_symptoms; ++s)
            deaths.answers.row(row)[s] = cells[3 + s] == "Y"   ? va::Answer::present
                                         : cells[3 + s] == "." ? va::Answer::missing
                                                               : va::Answer::absent;
    }
    return deaths;
}

/// Columns "lr_1" to "lr_5" of all target deaths, and the like.
std::vector<double> probabilities(std::string const& name, std::string const& prefix) {
    csv::CsvReader csv(reference / (name + "_probabilities.csv"));
    std::vector<double> values;
    while (csv.next())
        for (std::size_t c = 1; c <= n_causes; ++c)
            values.push_back(std::stod(
                std::string(csv.cells()[csv.position(prefix + "_" + std::to_string(c), "reference")])));
    return values;
}

double largest_difference(std::vector<double> const& a, std::vector<double> const& b) {
    REQUIRE(a.size() == b.size());
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

}  // namespace

TEST_CASE("centred regression and adaptation give the reference's numbers, from one site and from two",
          "[golden][transfer]") {
    if (!std::filesystem::exists(reference / "expected.json")) {
        WARN("skipped: the reference data is not here");
        return;
    }
    auto const name = GENERATE(std::string("single"), std::string("pooled"));
    CAPTURE(name);
    bool const pooled = name == "pooled";
    std::ifstream in(reference / "expected.json");
    auto const expected = nlohmann::json::parse(in).at(name);
    auto const deaths = made_up_deaths();
    auto const train = deaths.at(pooled ? std::vector<std::uint32_t>{0, 1} : std::vector<std::uint32_t>{0});
    auto const test = deaths.at({2});
    auto const causes = deaths.of(deaths.cause, train);
    auto const sites = deaths.of(deaths.site, train);
    models::TrainingSet const training{{deaths.answers, train}, causes, n_causes, {}, sites, 3};

    // All keys that are not given are those of centre = "site", from one site and from several.
    models::Model const model = models::logistic_regression();
    Parameters parameters(model.parameters);
    for (auto const& [key, value] : models::logistic_regression_for_transfer()) parameters.set(key, value);
    parameters.set("centre", std::string("site"));
    parameters.set("tolerance", 1e-10);
    auto const present = models::present_causes(training);
    double const power = models::weight_power(parameters, training);
    CHECK(power == expected.at("weight_power").get<double>());
    auto const raw = expected.at("class_weight_raw");
    auto const of_mean_one = expected.at("class_weight_mean_one");
    auto const totals = models::class_totals(training, present);
    for (std::size_t k = 0; k < present.size(); ++k) {
        CHECK(models::class_weights(totals, power)[k] ==
              Approx(raw.at(present.causes[k]).get<double>()).epsilon(1e-14));
        CHECK(models::class_weights_of_mean_one(totals, power)[k] ==
              Approx(of_mean_one.at(present.causes[k]).get<double>()).epsilon(1e-14));
    }

    Watcher watcher;
    auto const classifier = model.make(parameters, models::MissingPolicy::absent);
    classifier->fit(training, Random(1), watcher);
    Parts parts;
    classifier->save(parts);
    auto const weights = parts.get<double>("weights", {n_symptoms, present.size()});
    for (std::size_t k = 0; k < present.size(); ++k) {
        CHECK(parts.get<double>("intercepts", {present.size()})[k] ==
              Approx(expected.at("intercepts_sum_zero").at(k).get<double>()).margin(1e-8));
        for (std::size_t s = 0; s < n_symptoms; ++s)
            CHECK(weights[s * present.size() + k] ==
                  Approx(expected.at("coefficients").at(k).at(s).get<double>()).margin(1e-8));
    }
    auto const said = classifier->predict({{deaths.answers, test}}, Random(1), watcher).probability;
    CHECK(largest_difference(said, probabilities(name, "lr")) < 1e-8);

    // The adaptation from the reference's own probabilities.
    auto const& adapt = expected.at("adapt");
    auto const rates = models::source_rates({deaths.answers, train});
    CHECK(largest_difference(rates, adapt.at("source_rate_observed").get<std::vector<double>>()) < 1e-14);
    auto const p0 = probabilities(name, "lr");
    for (std::size_t const steps : {1, 10}) {
        std::vector<double> objective;
        auto const adapted = models::Adapter({.steps = steps}, rates)
                                 .adapted({deaths.answers, test}, p0, n_causes, watcher,
                                          [&](double value) { objective.push_back(value); });
        CHECK(largest_difference(adapted, probabilities(name, steps == 1 ? "adapt1" : "adapt10")) < 1e-12);
        auto const wanted = adapt.at("objective_by_iteration").get<std::vector<double>>();
        REQUIRE(objective.size() == steps);
        for (std::size_t k = 0; k < steps; ++k) {
            CHECK(objective[k] == Approx(wanted[k]).epsilon(1e-12));
            if (k > 0) CHECK(objective[k] >= objective[k - 1] - 1e-12);
        }
    }
}
