#include "domains/va/models/insilico/death_coder.hpp"

#include <cmath>
#include <numeric>

#include <catch2/catch.hpp>

#include "../sample_cohort.hpp"
#include "domains/va/models/insilico/insilico.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::models;
using Catch::Matchers::Contains;
using insilicova::DeathCoder;
using insilicova::DrawsOfBatch;
using va::Answer;

namespace {

/// Three draws of two populations, with symptoms 0 and 2 of three and causes 1, 2 and 4 of five.
DrawsOfBatch three_draws() {
    DrawsOfBatch draws;
    draws.n_symptoms = 3;
    draws.n_causes = 5;
    draws.symptoms = {0, 2};
    draws.causes = {1, 2, 4};
    draws.level = {0, 1, 1, 1, 0, 1};
    draws.n_levels = 2;
    draws.n_populations = 2;
    draws.n_draws = 3;
    draws.csmf = {.2, .3, .5, .6, .3, .1, .1, .1, .8, .25, .25, .5, .4, .4, .2, .7, .2, .1};
    draws.levels = {.9, .1, .8, .2, .6, .05};
    return draws;
}

va::AnswerMatrix all_answers() {
    va::AnswerMatrix answers(27, 3);
    for (std::size_t i = 0; i < 27; ++i) {
        std::size_t rest = i;
        for (std::size_t s = 0; s < 3; ++s, rest /= 3) answers.row(i)[s] = static_cast<Answer>(rest % 3);
    }
    return answers;
}

/// The formula, term by term and without logarithms.
double by_hand(DrawsOfBatch const& d, va::AnswerRow answers, std::size_t population, std::size_t cause) {
    double mean = 0;
    for (std::size_t t = 0; t < d.n_draws; ++t) {
        std::vector<double> weight;
        for (std::size_t c = 0; c < d.causes.size(); ++c) {
            double w = d.is_uniform ? 1 : d.csmf[(t * d.n_populations + population) * d.causes.size() + c];
            for (std::size_t s = 0; s < d.symptoms.size(); ++s) {
                std::size_t const cell = s * d.causes.size() + c;
                double const p = d.given.empty() ? d.levels[t * d.n_levels + d.level[cell]] : d.given[cell];
                if (answers[d.symptoms[s]] == Answer::present) w *= std::pow(p, d.answer_weight);
                if (answers[d.symptoms[s]] == Answer::absent) w *= std::pow(1 - p, d.answer_weight);
            }
            weight.push_back(w);
        }
        mean += weight[cause] / std::accumulate(weight.begin(), weight.end(), 0.0);
    }
    return mean / static_cast<double>(d.n_draws);
}

Prediction coded(DeathCoder const& coder, va::AnswerMatrix const& answers,
                 std::vector<std::uint32_t> const& rows, std::vector<std::uint32_t> const& population) {
    Watcher watcher;
    return coder.predict({{answers, rows}, {}, population, 2}, watcher);
}

std::string refusal(Parts const& parts) {
    try {
        (void)DeathCoder::load(parts, 3, 5);
    } catch (DataError const& error) {
        return error.what();
    }
    return "accepted";
}

template <class T>
Parts with(std::string const& name, std::vector<T> const& values, std::vector<std::uint64_t> shape) {
    Parts saved;
    DeathCoder(three_draws()).save(saved);
    Parts changed;
    for (auto const& [known, part] : saved.all())
        if (known != name) changed.put_part(known, part);
    changed.put<T>(name, std::span<T const>(values), std::move(shape));
    return changed;
}

}  // namespace

TEST_CASE("deaths are coded as the formula says, for every combination of answers", "[models][insilico]") {
    auto const answers = all_answers();
    std::vector<std::uint32_t> rows(27);
    std::iota(rows.begin(), rows.end(), 0U);
    auto draws = three_draws();
    for (double const weight : {1.0, 0.3, 1.0, 0.3}) {
        draws.answer_weight = weight;
        draws.is_uniform = weight != 1;
        DeathCoder const coder(draws);
        for (std::uint32_t population = 0; population < 2; ++population) {
            auto const said = coded(coder, answers, rows, std::vector<std::uint32_t>(27, population));
            for (std::size_t i = 0; i < 27; ++i) {
                CHECK(said.of_death(i)[0] == 0);
                CHECK(said.of_death(i)[3] == 0);
                for (std::size_t c = 0; c < 3; ++c)
                    CHECK(said.of_death(i)[draws.causes[c]] ==
                          Approx(by_hand(draws, answers.row(i), population, c)).epsilon(1e-12));
            }
        }
        if (weight == 1) continue;
        // The same with P(s|c) that stay as they are.
        draws.given = {.9, .2, .4, .1, .3, .7};
        draws.level.clear();
        draws.levels.clear();
        draws.n_levels = 0;
    }
}

TEST_CASE("a death's row depends on nothing but its answers and its population", "[models][insilico]") {
    auto const answers = all_answers();
    DeathCoder const coder(three_draws());
    std::vector<std::uint32_t> rows(27);
    std::iota(rows.begin(), rows.end(), 0U);
    auto const together = coded(coder, answers, rows, std::vector<std::uint32_t>(27, 1));
    for (std::uint32_t i = 0; i < 27; ++i) {
        auto const alone = coded(coder, answers, {i}, {1});
        CHECK(std::equal(alone.probability.begin(), alone.probability.end(), together.of_death(i).begin()));
    }
}

TEST_CASE("fractions are the mean of the draws, weighed by the populations", "[models][insilico]") {
    DeathCoder const coder(three_draws());
    auto const all = coder.fractions(std::vector<double>{0.25, 0.75});
    CHECK(all.mean[1] == Approx((.25 * (.2 + .1 + .4) + .75 * (.6 + .25 + .7)) / 3));
    CHECK(all.mean[0] == 0);
    CHECK(std::accumulate(all.mean.begin(), all.mean.end(), 0.0) == Approx(1));
    for (std::size_t c = 0; c < 5; ++c) CHECK((all.lo[c] <= all.mean[c] && all.mean[c] <= all.hi[c]));
}

TEST_CASE("draws are saved and loaded to the bit", "[models][insilico]") {
    auto const answers = all_answers();
    std::vector<std::uint32_t> const rows{0, 5, 26};
    std::vector<std::uint32_t> const population{0, 1, 1};
    Parts parts;
    DeathCoder const coder(three_draws());
    coder.save(parts);
    auto const loaded = DeathCoder::load(parts, 3, 5);
    CHECK(coded(*loaded, answers, rows, population).probability ==
          coded(coder, answers, rows, population).probability);
    CHECK(loaded->n_populations() == 2);
}

TEST_CASE(
    "weight of answers and prior of causes are kept with the draws, and are as before where they are not",
    "[models][insilico]") {
    auto const answers = all_answers();
    std::vector<std::uint32_t> const rows{0, 5, 26};
    std::vector<std::uint32_t> const population{0, 1, 1};
    auto draws = three_draws();
    Parts before;
    DeathCoder(draws).save(before);
    CHECK_FALSE(before.has("answer_weight"));
    CHECK_FALSE(before.has("uniform"));
    draws.answer_weight = 0.4;
    draws.is_uniform = true;
    DeathCoder const coder(draws);
    Parts parts;
    coder.save(parts);
    CHECK(coded(*DeathCoder::load(parts, 3, 5), answers, rows, population).probability ==
          coded(coder, answers, rows, population).probability);
    CHECK(coded(*DeathCoder::load(before, 3, 5), answers, rows, population).probability ==
          coded(DeathCoder(three_draws()), answers, rows, population).probability);
}

TEST_CASE("draws that would be read beyond their ends, or are not probabilities, are refused",
          "[models][insilico]") {
    using U32 = std::vector<std::uint32_t>;
    using Bytes = std::vector<std::uint8_t>;
    using Reals = std::vector<double>;
    CHECK_THAT(refusal(with("symptoms", U32{0, 3}, {2})), Contains("ends at 3"));
    CHECK_THAT(refusal(with("symptoms", U32{2, 0}, {2})), Contains("ascend"));
    CHECK_THAT(refusal(with("causes", U32{1, 2, 5}, {3})), Contains("ends at 5"));
    CHECK_THAT(refusal(with("causes", U32{}, {0})), Contains("0 causes"));
    CHECK_THAT(refusal(with("level", Bytes{0, 1, 1, 1, 0, 2}, {2, 3})), Contains("value 5 is 2"));
    CHECK_THAT(refusal(with("level", Bytes{0, 1, 1, 1}, {2, 2})), Contains("level"));
    CHECK_THAT(refusal(with("levels", Reals{.9, .1, .8, .2, .6, 1}, {3, 2})), Contains("value 5 is 1"));
    CHECK_THAT(refusal(with("levels", Reals{.9, .1, .8, .2, .6, 0}, {3, 2})), Contains("value 5 is 0"));
    CHECK_THAT(refusal(with("levels", Reals{.9, .1}, {1, 2})), Contains("levels"));
    auto csmf = three_draws().csmf;
    csmf[4] = std::nan("");
    CHECK_THAT(refusal(with("csmf", csmf, {3, 2, 3})), Contains("value 4 is nan"));
    csmf[4] = 0.5;
    CHECK_THAT(refusal(with("csmf", csmf, {3, 2, 3})), Contains("fractions 1 sum to 1.2"));
    CHECK_THAT(refusal(with("csmf", Reals{}, {0, 2, 3})), Contains("no draws"));
    CHECK_THAT(refusal(with("uniform", Bytes{2}, {1})), Contains("value 0 is 2"));
    CHECK_THAT(refusal(with("answer_weight", Reals{0}, {1})), Contains("value 0 is 0"));
    CHECK_THAT(refusal(with("answer_weight", Reals{1.5}, {1})), Contains("value 0 is 1.5"));
    CHECK_THAT(refusal(with("answer_weight", Reals{.5, .5}, {2})), Contains("answer_weight"));
}

TEST_CASE("what a batch has taught InSilicoVA codes its deaths as sampling them does", "[models][insilico]") {
    auto const training = testing::sample_cohort(300, 30, {0, 1, 3}, Random(1));
    auto const test = testing::sample_cohort(200, 30, {0, 0, 0, 1, 3}, Random(2));
    double const weight = GENERATE(1.0, 0.4);
    std::string const causes = weight == 1 ? "batch" : "uniform";
    for (char const* sampler : {"default", "reference"}) {
        CAPTURE(sampler, weight);
        Parameters parameters(insilico().parameters);
        parameters.set("answer_weight", weight);
        parameters.set("cause_fractions", causes);
        parameters.set("sampler", std::string(sampler));
        auto const classifier =
            testing::fitted(insilico(), training.training(4), MissingPolicy::absent, parameters);
        auto const sampled = testing::predicted(*classifier, test.deaths());
        Watcher watcher;
        auto const learned =
            dynamic_cast<LearnsBatch const&>(*classifier).learn_batch({test.deaths()}, Random(2), watcher);
        CHECK(learned.sampling.converged == sampled.sampling->converged);
        auto const said = learned.posterior->predict({test.deaths()}, watcher);
        double mean = 0;
        for (std::size_t i = 0; i < said.probability.size(); ++i)
            mean += std::abs(said.probability[i] - sampled.probability[i]);
        CHECK(mean / 200 < 0.02);
        auto const fractions = learned.posterior->fractions(std::vector<double>{1});
        for (std::size_t c = 0; c < 4; ++c) CHECK(fractions.mean[c] == Approx(sampled.csmf[c]).margin(0.01));
    }
}

TEST_CASE("where there is nothing to sample every possible cause is as probable", "[models][insilico]") {
    auto const training = testing::sample_cohort(60, 6, {0, 2}, Random(1));
    auto test = testing::sample_cohort(3, 6, {0}, Random(2));
    for (std::size_t i = 0; i < 3; ++i) test.answers.row(i).fill(Answer::missing);
    auto const classifier = testing::fitted(insilico(), training.training(3), MissingPolicy::absent,
                                            Parameters(insilico().parameters));
    Watcher watcher;
    auto const learned =
        dynamic_cast<LearnsBatch const&>(*classifier).learn_batch({test.deaths()}, Random(2), watcher);
    Parts parts;
    learned.posterior->save(parts);
    auto const said = DeathCoder::load(parts, 6, 3)->predict({test.deaths()}, watcher);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(said.of_death(i)[0] == 0.5);
        CHECK(said.of_death(i)[1] == 0);
        CHECK(said.of_death(i)[2] == 0.5);
    }
}
