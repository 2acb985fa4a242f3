#include "domains/va/models/insilico/tables.hpp"

#include <cmath>
#include <numeric>
#include <set>

#include <catch2/catch.hpp>

#include "domains/va/models/insilico/default.hpp"
#include "domains/va/models/insilico/likelihood.hpp"
#include "domains/va/models/insilico/reference.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::models;
using namespace vaster::models::insilicova;
using va::Answer;

namespace {

constexpr Answer yes = Answer::present;
constexpr Answer no = Answer::absent;
constexpr Answer none = Answer::missing;

struct Data {
    va::AnswerMatrix answers;
    std::vector<std::uint32_t> rows, causes;

    explicit Data(std::vector<std::vector<Answer>> const& deaths, std::vector<std::uint32_t> of = {})
        : answers(deaths[0].size()), causes(std::move(of)) {
        for (auto const& death : deaths) {
            rows.push_back(static_cast<std::uint32_t>(rows.size()));
            answers.append(death);
        }
    }

    [[nodiscard]] Deaths deaths() const { return {answers, rows}; }

    [[nodiscard]] TrainingTables tables(std::size_t n_causes) const {
        return count_training({deaths(), causes, n_causes});
    }
};

}  // namespace

TEST_CASE("training deaths are counted by symptom and cause", "[models][insilico]") {
    Data const data({{yes, no}, {yes, none}, {none, yes}}, {0, 2, 2});
    auto const t = data.tables(3);
    CHECK(t.deaths == std::vector<std::uint32_t>{1, 0, 2});
    CHECK(t.present == std::vector<std::uint32_t>{1, 0, 1, 0, 0, 1});
    CHECK(t.answered == std::vector<std::uint32_t>{1, 0, 1, 1, 0, 1});
}

TEST_CASE("symptoms and causes that tell nothing are left out, with the reason", "[models][insilico]") {
    // Symptom 0 is missing in all training deaths, symptom 2 in all test deaths, cause 1 has no training
    // death.
    Data const training({{none, yes, no}, {none, no, yes}}, {0, 2});
    Data const test({{yes, yes, none}, {yes, none, none}});
    Random random(1);
    auto const prepared = prepare(training.tables(3), test.deaths(), {}, random);
    CHECK(prepared.symptoms == std::vector<std::uint32_t>{1});
    CHECK(prepared.causes == std::vector<std::uint32_t>{0, 2});
    REQUIRE(prepared.dropped.size() == 3);
    CHECK(prepared.dropped[0].why == Dropped::missing_in_training);
    CHECK(prepared.dropped[1].why == Dropped::missing_in_test);
    CHECK(prepared.dropped[1].index == 2);
    CHECK(prepared.dropped[2].why == Dropped::cause_without_training);
    CHECK(describe(prepared.dropped) ==
          std::vector<std::string>{"1 symptom left out: missing in more than 95 % of the training deaths",
                                   "1 symptom left out: missing in every test death",
                                   "1 cause left out: no training death"});
}

TEST_CASE("P(s|c) is present over answered, and with too few answers the symptom's share among all deaths",
          "[models][insilico]") {
    std::vector<std::vector<Answer>> deaths;
    std::vector<std::uint32_t> causes;
    for (int i = 0; i < 20; ++i) {  // cause 0: one answer to symptom 0 in 20 deaths, which is too few
        deaths.push_back({i == 0 ? yes : none, i < 5 ? yes : no});
        causes.push_back(0);
    }
    for (int i = 0; i < 10; ++i) {
        deaths.push_back({i < 4 ? yes : no, i < 8 ? none : yes});
        causes.push_back(1);
    }
    Data const data(deaths, causes);
    Random random(1);
    auto const p = conditional_probabilities(data.tables(2), {0, 1}, {0, 1}, {}, random);
    CHECK(p[0] == Approx(5.0 / 30));
    CHECK(p[1] == Approx(0.4));
    CHECK(p[2] == Approx(0.25));
    CHECK(p[3] > 1 - 2e-6);  // 2 of 2
    CHECK(p[3] < 1 - 1e-6);
}

TEST_CASE(
    "the reference takes a single death's missing answers for absent at every second symptom, the default "
    "does not",
    "[models][insilico]") {
    Data const data({{none, none, none, yes}, {yes, yes, yes, no}, {yes, no, no, no}}, {0, 1, 1});
    Random random(1);
    auto const as_reference = conditional_probabilities(data.tables(2), {0, 1, 2, 3}, {0, 1}, {}, random);
    CHECK(as_reference[0] == Approx(2.0 / 3));
    CHECK(as_reference[2] < 2e-6);
    CHECK(as_reference[4] == Approx(1.0 / 3));
    CHECK(as_reference[6] > 1 - 2e-6);
    auto const mended = conditional_probabilities(data.tables(2), {0, 1, 2, 3}, {0, 1},
                                                  {.alternate_single_deaths = false}, random);
    CHECK(mended[2] == Approx(1.0 / 3));
}

TEST_CASE("fixed levels are the nearest InterVA number, the lower of two", "[models][insilico]") {
    // One cause; 20 deaths; shares .9 (half-way between 1 and .8), .7, .65 (half-way between .8 and .5), .1,
    // 0.
    std::vector<std::vector<Answer>> deaths;
    for (int i = 0; i < 20; ++i) {
        deaths.push_back({i < 18 ? yes : no, i < 14 ? yes : no, i < 13 ? yes : no, i < 2 ? yes : no, no});
    }
    Data const data(deaths, std::vector<std::uint32_t>(20, 0));
    Random random(1);
    auto const prepared = prepare(data.tables(1), data.deaths(), {.levels = LevelRule::fixed}, random);
    std::vector<std::uint8_t> names;
    for (auto const l : prepared.problem.level) names.push_back(prepared.level_of[l]);
    CHECK(names == std::vector<std::uint8_t>{1, 1, 2, 4, 14});
    CHECK(prepared.problem.n_levels == 4);
    // trunc(1.5 * 20) deaths, median of the counts 2 1 1 1, strength 1
    CHECK(prepared.problem.prior_total == 30);
    CHECK(prepared.problem.prior_present[0] == Approx(0.99 * 30 * 0.8));
    CHECK(prepared.problem.start_value[3] == 0);
}

TEST_CASE("tied zero cells share the lowest level and no stream changes them", "[models][insilico]") {
    std::vector<std::vector<Answer>> deaths;
    std::vector<std::uint32_t> causes;
    Random random(5);
    for (int i = 0; i < 60; ++i) {
        deaths.emplace_back();
        for (int s = 0; s < 30; ++s) deaths.back().push_back(random.uniform() < 0.08 ? yes : no);
        causes.push_back(static_cast<std::uint32_t>(i % 6));
    }
    Data const data(deaths, causes);
    TableOptions const tied{.certain_cells = CertainCells::tied};
    Random one(1);
    Random two(2);
    auto const a = prepare(data.tables(6), data.deaths(), tied, one);
    auto const b = prepare(data.tables(6), data.deaths(), tied, two);
    CHECK(a.problem.level == b.problem.level);
    CHECK(a.problem.prior_total == b.problem.prior_total);
    auto const cells = conditional_probabilities(data.tables(6), a.symptoms, a.causes, tied, one);
    for (std::size_t k = 0; k < cells.size(); ++k) {
        bool const is_lowest = a.level_of[a.problem.level[k]] == max_levels - 1;
        CHECK(is_lowest == (cells[k] < 2e-6));
    }
    auto const c = prepare(data.tables(6), data.deaths(), {}, one);
    auto const d = prepare(data.tables(6), data.deaths(), {}, two);
    CHECK(c.problem.level != d.problem.level);
}

TEST_CASE("tied cells of one share the highest level, however many there are, and other cells keep theirs",
          "[models][insilico]") {
    // Twelve symptoms that everybody has, four whose shares differ: the highest level's part of all cells, a
    // sixth, is less than the cells of one are.
    std::vector<std::vector<Answer>> deaths;
    std::vector<std::uint32_t> causes;
    Random random(6);
    for (int i = 0; i < 80; ++i) {
        deaths.emplace_back(12, yes);
        for (int s = 0; s < 4; ++s) deaths.back().push_back(random.uniform() < 0.2 + 0.15 * s ? yes : no);
        causes.push_back(static_cast<std::uint32_t>(i % 4));
    }
    Data const data(deaths, causes);
    Random stream(1);
    auto const prepared =
        prepare(data.tables(4), data.deaths(), {.certain_cells = CertainCells::tied}, stream);
    auto const untied = prepare(data.tables(4), data.deaths(), {}, stream);
    REQUIRE(prepared.problem.level.size() == 64);
    std::set<std::uint8_t> scattered;
    for (std::size_t k = 0; k < 64; ++k) {
        auto const name = prepared.level_of[prepared.problem.level[k]];
        auto const name_untied = untied.level_of[untied.problem.level[k]];
        if (k < 48) scattered.insert(name_untied);
        CHECK(name == (k < 48 ? 0 : name_untied));
    }
    CHECK(scattered.size() > 1);
    CHECK(prepared.problem.prior_total == untied.problem.prior_total);
}

TEST_CASE("the prior never has no strength", "[models][insilico]") {
    Data const data({{yes, no}, {no, yes}}, {0, 1});
    Random random(1);
    auto const prepared = prepare(data.tables(2), data.deaths(), {}, random);
    CHECK(prepared.problem.prior_total == 1);
}

TEST_CASE("a table of letters takes the place of training deaths", "[models][insilico]") {
    Data const test({{yes, no, none}, {no, yes, none}, {no, no, none}});
    // A+ C, B- I, N E
    GivenCells const cells{{0, 1, 2}, {0, 1}, {1, 8, 6, 0, 14, 13}, {}};
    auto const prepared = prepare_given(cells, 2, test.deaths());
    CHECK(prepared.symptoms == std::vector<std::uint32_t>{0, 1});
    std::vector<std::uint8_t> places;
    for (auto const l : prepared.problem.level) places.push_back(prepared.level_of[l]);
    CHECK(places == std::vector<std::uint8_t>{1, 8, 6, 0});
    CHECK(prepared.problem.start[0] == Approx(0.9999));
    Watcher watcher;
    auto const p = sample_reference(prepared.problem, {.iterations = 400}, Random(1), watcher);
    CHECK(p.probability[0] > p.probability[1]);
}

TEST_CASE("a table of numbers is used as it is", "[models][insilico]") {
    Data const test({{yes, no, yes}, {no, yes, none}, {no, no, no}, {none, none, yes}});
    std::vector<double> const numbers{0.7, 0.2, 0.1, 0.6, 0.35, 0};
    auto const prepared = prepare_given({{0, 1, 2}, {0, 1}, {}, numbers}, 2, test.deaths());
    CHECK(prepared.problem.given.back() == lowest_probability);
    Likelihood likelihood(prepared.problem);
    likelihood.set_levels({});
    Counts counts = likelihood.make_counts();
    Random random(1);
    likelihood.draw(std::vector<double>{std::log(0.3), std::log(0.7)}, random, counts, Record::yes);
    std::vector<double> p(8);
    likelihood.add_probabilities(p);
    double const one = 0.3 * 0.7 * 0.9 * 0.35;
    double const two = 0.7 * 0.2 * 0.4 * lowest_probability;
    CHECK(p[0] == Approx(one / (one + two)).epsilon(1e-12));
    CHECK(p[2] == Approx(0.3 * 0.3 * 0.1 / (0.3 * 0.3 * 0.1 + 0.7 * 0.8 * 0.6)).epsilon(1e-12));
    CHECK(p[6] == Approx(0.3 * 0.35 / (0.3 * 0.35 + 0.7 * lowest_probability)).epsilon(1e-12));
    Watcher watcher;
    auto const sampled = sample_default(prepared.problem, {}, Random(1), watcher);
    CHECK(sampled.csmf[0] + sampled.csmf[1] == Approx(1));
    CHECK(sampled.level_draws.empty());
}

TEST_CASE("given numbers do not underflow at a thousand symptoms", "[models][insilico]") {
    std::vector<Answer> all(1000, yes);
    Data const test({all, std::vector<Answer>(1000, no)});
    std::vector<double> numbers;
    for (int s = 0; s < 1000; ++s) {
        numbers.push_back(s % 2 == 0 ? 0.0001 : 0.5);
        numbers.push_back(s % 2 == 0 ? 0.5 : 0.0001001);
    }
    std::vector<std::uint32_t> every(1000);
    std::iota(every.begin(), every.end(), 0U);
    auto const prepared = prepare_given({every, {0, 1}, {}, numbers}, 2, test.deaths());
    Likelihood likelihood(prepared.problem);
    Counts counts = likelihood.make_counts();
    Random random(1);
    likelihood.draw(std::vector<double>{std::log(0.5), std::log(0.5)}, random, counts, Record::yes);
    std::vector<double> p(4);
    likelihood.add_probabilities(p);
    // 500 (log 0.0001001 - log 0.0001) in favour of the second cause, that is 0.49975
    CHECK(p[1] / p[0] == Approx(std::pow(1.001, 500)).epsilon(1e-9));
}
