#include "domains/va/models/answer_counts.hpp"

#include <catch2/catch.hpp>

#include "sample_cohort.hpp"

using namespace vaster;
using va::Answer;

namespace {

struct Size {
    std::size_t n_deaths;
    std::size_t n_symptoms;
};

}  // namespace

TEST_CASE("counting bits gives what counting answers one by one gives", "[models][answer_counts]") {
    // Widths about a word, and classes about the 255 deaths that a counter of a byte holds.
    auto const [n_deaths, n_symptoms] = GENERATE(Size{1, 1}, Size{20, 64}, Size{255, 65}, Size{256, 63},
                                                 Size{510, 7}, Size{511, 7}, Size{1500, 168});
    CAPTURE(n_deaths, n_symptoms);
    auto const occurring =
        n_deaths < 1000 ? std::vector<std::uint32_t>{4} : std::vector<std::uint32_t>{0, 2, 5};
    auto const cohort = testing::sample_cohort(n_deaths, n_symptoms, occurring, Random(n_deaths));
    auto const causes = models::present_causes(cohort.training(6));
    auto const counts = models::count_answers(cohort.deaths(), causes);
    REQUIRE(counts.n_symptoms == n_symptoms);
    REQUIRE(counts.n_classes == occurring.size());
    std::vector<std::uint32_t> present(n_symptoms * counts.n_classes);
    std::vector<std::uint32_t> missing(n_symptoms * counts.n_classes);
    for (std::size_t i = 0; i < n_deaths; ++i) {
        auto const row = cohort.deaths().answers.row(cohort.rows[i]);
        for (std::size_t s = 0; s < n_symptoms; ++s) {
            std::size_t const cell = s * counts.n_classes + causes.class_of[i];
            present[cell] += row[s] == Answer::present ? 1 : 0;
            missing[cell] += row[s] == Answer::missing ? 1 : 0;
        }
    }
    CHECK(counts.present == present);
    CHECK(counts.missing == missing);
}
