// Predictions are read when they are asked for, and resamples are made a few at a time.
#include "domains/va/report/comparison_deaths.hpp"

#include <catch2/catch.hpp>

#include "domains/va/report/comparison_bootstrap.hpp"
#include "study_by_hand.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using namespace vaster::va;

namespace {

/// Two models, which were tested at two sites in six repeats; one result is missing.
class Example {
  public:
    Example() {
        std::vector<by_hand::Entry> entries;
        Random random(3);
        for (std::string const model : {"m", "n"})
            for (std::int64_t repeat = 0; repeat < 6; ++repeat)
                for (std::string const site : {"A", "B"}) {
                    std::string right;
                    bool const is_missing = model == "n" && site == "B" && repeat == 4;
                    for (int i = 0; i < 9 && !is_missing; ++i) right += random.below(3) == 0 ? '0' : '1';
                    entries.push_back({"in_domain", site, site, model, right,
                                       (site == "A" ? 0 : 100) + 3 * repeat, 1, repeat});
                }
        by_hand::make(folder_ / "study.h5", entries);
        study_.emplace(folder_ / "study.h5");
        grid_ = read_grid(*study_);
        causes_ = causes_of_sites(grid_);
    }

    [[nodiscard]] Deaths deaths(std::size_t most_kept) const {
        return Deaths(grid_.questions.front(), causes_, most_kept);
    }

    [[nodiscard]] std::vector<Contrast> contrasts() const {
        auto const& question = grid_.questions.front();
        PlaceWeights const weights(question, std::vector<bool>(question.places.size(), true));
        return {{weights, 0}, {weights, 1}, {weights, 2}, {weights, 0, 1}};
    }

    [[nodiscard]] static std::vector<std::vector<double>> values(std::vector<Resampled> const& all) {
        std::vector<std::vector<double>> values;
        values.reserve(all.size());
        for (auto const& one : all) values.push_back(one.values);
        return values;
    }

  private:
    example::Folder folder_;
    std::optional<store::Reader> study_;
    Grid grid_;
    CausesOfSites causes_;
};

}  // namespace

TEST_CASE("predictions are the same whether they are kept or read again", "[report][comparison]") {
    Example const example;
    auto kept = example.deaths(Deaths::room);
    for (std::size_t const most_kept : {0U, 400U, 1500U}) {
        auto read = example.deaths(most_kept);
        REQUIRE(read.rows() == kept.rows());
        REQUIRE(read.n_models() == 3);
        for (std::size_t model = 0; model < kept.n_models(); ++model)
            for (std::size_t place = 0; place < kept.n_places(); ++place) {
                auto const expected = kept.tested(model, place);
                auto const found = read.tested(model, place);
                REQUIRE(found.size() == expected.size());
                for (std::size_t i = 0; i < found.size(); ++i) {
                    CHECK(found[i].death == expected[i].death);
                    CHECK(found[i].truth == expected[i].truth);
                    CHECK(found[i].predicted == expected[i].predicted);
                    CHECK(found[i].in_top3 == expected[i].in_top3);
                }
            }
    }
    CHECK(kept.tested(1, kept.n_places() - 2).empty());  // the missing result: site B, repeat 4
}

TEST_CASE("two models at one place can be looked at together", "[report][comparison]") {
    Example const example;
    auto deaths = example.deaths(0);
    auto const first = deaths.tested(0, 0);
    std::vector<TestedDeath> const copy(first.begin(), first.end());
    (void)deaths.tested(1, 0);
    for (std::size_t i = 0; i < copy.size(); ++i) CHECK(first[i].predicted == copy[i].predicted);
}

TEST_CASE("resamples do not depend on how many are held at once", "[report][comparison]") {
    Example const example;
    auto deaths = example.deaths(Deaths::room);
    auto expected = Example::values(bootstrap_contrasts(deaths, "cod_accuracy", example.contrasts(), 100, 7));
    auto few = example.deaths(0);
    auto found = Example::values(bootstrap_contrasts(few, "cod_accuracy", example.contrasts(), 100, 7, 1));
    CHECK(found == expected);
    CHECK(expected[0].size() == 100);
    for (std::size_t r = 0; r < expected[0].size(); ++r) CHECK(expected[0][r] <= 1);
}
