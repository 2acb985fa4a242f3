#include "domains/va/models/logistic_regression.hpp"

#include <catch2/catch.hpp>

#include "../unit/domains/va/models/sample_cohort.hpp"
#include "../unit/python_peer.hpp"
#include "va34.hpp"

using namespace vaster;

TEST_CASE("logistic regression is scikit-learn's to 1e-4 on the real data", "[golden][logistic_regression]") {
    auto const data = golden::va34();
    if (!data) return;
    auto const policy = GENERATE(models::MissingPolicy::absent, models::MissingPolicy::ordinal);
    auto const& train = data->of("AP").train;
    auto const& test = data->of("UP").test;
    auto const numbers = [&](va::DeathList const& deaths) {
        return testing::answer_numbers({data->cohort.answers, deaths});
    };
    using testing::number_line;
    auto const causes = data->causes_of(train);
    auto const peer = testing::ask_python(
        VASTER_SOURCE_DIR "/tests/unit/domains/va/models/logistic_regression_peer.py",
        number_line("n_symptoms", std::vector{data->cohort.symptoms.size()}) +
            number_line("C", std::vector{1.0}) + number_line("tolerance", std::vector{1e-5}) +
            number_line("balanced", std::vector{0}) +
            number_line("policies", std::vector{static_cast<int>(policy)}) +
            number_line("train", numbers(train)) + number_line("causes", causes) +
            number_line("test", numbers(test)));
    if (!peer) {
        WARN("skipped: /usr/bin/python3 with scikit-learn is not here");
        return;
    }
    models::Model const model = models::logistic_regression();
    auto const classifier = data->fit(model, Parameters(model.parameters), policy, train);
    std::vector<std::uint32_t> present = causes;
    std::sort(present.begin(), present.end());
    present.erase(std::unique(present.begin(), present.end()), present.end());
    double const largest = testing::largest_difference(
        data->predict(*classifier, test), present,
        peer->at(models::missing_policy_names()[static_cast<std::size_t>(policy)]));
    INFO("largest difference " << largest);
    CHECK(largest < 1e-4);
}
