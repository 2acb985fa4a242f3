#include "domains/va/data/splits.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "../../../base/csv/test_files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster::va;
using vaster::DataError;
using vaster::Purpose;
using vaster::Random;
using vaster::random_stream;
using vaster::test::error_of;

namespace {

/// One site with so many deaths of each cause, causes mixed.
Cohort cohort_of(std::vector<std::size_t> const& deaths_of_cause) {
    Cohort cohort;
    cohort.sites = {"A"};
    for (std::size_t c = 0; c < deaths_of_cause.size(); ++c) {
        cohort.causes.push_back("cause" + std::to_string(c));
        cohort.cause.own().insert(cohort.cause.own().end(), deaths_of_cause[c],
                                  static_cast<std::uint32_t>(c));
    }
    Random random(7);
    for (std::size_t left = cohort.cause.size(); left > 1; --left) {
        std::swap(cohort.cause.own()[left - 1], cohort.cause.own()[random.below(left)]);
    }
    cohort.site.own().assign(cohort.cause.size(), 0);
    cohort.row.own().resize(cohort.cause.size());
    std::iota(cohort.row.own().begin(), cohort.row.own().end(), 0U);
    return cohort;
}

std::vector<std::size_t> counts(Cohort const& cohort, DeathList const& deaths) {
    std::vector<std::size_t> result(cohort.causes.size());
    for (auto const death : deaths) ++result[cohort.cause[death]];
    return result;
}

DeathList united(DeathList const& a, DeathList const& b) {
    DeathList all;
    std::ranges::set_union(a, b, std::back_inserter(all));
    return all;
}

}  // namespace

TEST_CASE("training and test part are ascending and make up the whole", "[va][splits]") {
    for (auto const& sizes :
         {std::vector<std::size_t>{40, 30, 5, 2}, std::vector<std::size_t>{40, 30, 1, 2}}) {
        auto const cohort = cohort_of(sizes);
        auto const all = deaths_of_site(cohort, 0);
        auto const split = split_deaths(cohort, all, 0.2, Random(1));
        CHECK(std::ranges::is_sorted(split.train));
        CHECK(std::ranges::is_sorted(split.test));
        CHECK(split.train.size() + split.test.size() == all.size());
        CHECK(united(split.train, split.test) == all);
    }
}

// Sizes as sklearn.model_selection.train_test_split 1.2.1 gives them.
TEST_CASE("the test part has ceil(fraction n) deaths", "[va][splits]") {
    std::map<std::size_t, std::size_t> const expected = {{1483, 297}, {1252, 251}, {1617, 324}, {1528, 306},
                                                         {297, 60},   {1405, 281}, {15, 3},     {2, 1}};
    for (auto const& [n, n_test] : expected) {
        auto const cohort = cohort_of({n});
        CHECK(split_deaths(cohort, deaths_of_site(cohort, 0), 0.2, Random(3)).test.size() == n_test);
    }
}

TEST_CASE("a stratified test part has each cause in proportion", "[va][splits]") {
    auto const cohort = cohort_of({50, 25, 10, 10, 5});
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto const split = split_deaths(cohort, deaths_of_site(cohort, 0), 0.2, Random(seed));
        CHECK(split.sampling == Sampling::stratified);
        CHECK(counts(cohort, split.test) == std::vector<std::size_t>{10, 5, 2, 2, 1});
    }
}

TEST_CASE("what proportion leaves over goes to the largest remainders", "[va][splits]") {
    // n = 23, n_test = 5: quotas 10*5/23 = 2.17, 9*5/23 = 1.96, 4*5/23 = 0.87
    auto const cohort = cohort_of({10, 9, 4});
    auto const split = split_deaths(cohort, deaths_of_site(cohort, 0), 0.2, Random(1));
    CHECK(counts(cohort, split.test) == std::vector<std::size_t>{2, 2, 1});
}

TEST_CASE("equal remainders are favoured equally often", "[va][splits]") {
    // Ten causes of two deaths: four of the ten give one death to the test part. Expected 400 of 1,000 draws
    // for each, standard deviation 15.5.
    auto const cohort = cohort_of(std::vector<std::size_t>(10, 2));
    std::vector<std::size_t> times(10);
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        auto const split = split_deaths(cohort, deaths_of_site(cohort, 0), 0.2,
                                        random_stream(seed, "site=A", Purpose::split));
        auto const drawn = counts(cohort, split.test);
        for (std::size_t c = 0; c < 10; ++c) times[c] += drawn[c];
    }
    for (auto const n : times) CHECK(std::abs(static_cast<double>(n) - 400) < 5 * 15.5);
}

TEST_CASE("every death of a cause is drawn equally often", "[va][splits]") {
    auto const cohort = cohort_of({30, 20});
    std::vector<int> times(50);
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        for (auto const death : split_deaths(cohort, deaths_of_site(cohort, 0), 0.2, Random(seed)).test)
            ++times[death];
    }
    for (auto const n : times) CHECK(std::abs(n - 200) < 5 * 12.7);  // binomial(1000, 0.2): sd 12.65
}

TEST_CASE("one cause with a single death makes the split random", "[va][splits]") {
    auto const cohort = cohort_of({30, 19, 1});
    auto const split = split_deaths(cohort, deaths_of_site(cohort, 0), 0.2, Random(1));
    CHECK(split.sampling == Sampling::random);
    CHECK(split.test.size() == 10);
}

TEST_CASE("the same stream gives the same split, whatever the order of the deaths", "[va][splits]") {
    auto const cohort = cohort_of({30, 20, 9});
    auto const all = deaths_of_site(cohort, 0);
    DeathList const reversed(all.rbegin(), all.rend());
    auto const split = split_deaths(cohort, all, 0.2, Random(5));
    CHECK(split_deaths(cohort, reversed, 0.2, Random(5)).test == split.test);
    CHECK(split_deaths(cohort, all, 0.2, Random(6)).test != split.test);
}

TEST_CASE("causes of other sites do not matter", "[va][splits]") {
    auto cohort = cohort_of({10, 10, 1});
    cohort.sites = {"A", "B"};
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i) cohort.site.own()[i] = cohort.cause[i] == 2 ? 1 : 0;
    auto const split = split_deaths(cohort, deaths_of_site(cohort, 0), 0.2, Random(1));
    CHECK(split.sampling == Sampling::stratified);
    CHECK(counts(cohort, split.test) == std::vector<std::size_t>{2, 2, 0});
}

// Sizes of the reduced training sets of site AP as scikit-learn 1.2.1 made them.
TEST_CASE("a reduced training set has floor(fraction n) deaths in proportion", "[va][splits]") {
    auto const cohort = cohort_of({500, 400, 200, 86});
    auto const train = deaths_of_site(cohort, 0);
    REQUIRE(train.size() == 1186);
    std::map<double, std::size_t> const expected = {{0.25, 296}, {0.5, 593}, {0.75, 889}, {1.0, 1186}};
    for (auto const& [fraction, n] : expected) {
        auto const reduced = reduce_deaths(cohort, train, fraction, Random(1));
        CHECK(reduced.size() == n);
        CHECK(std::ranges::is_sorted(reduced));
        CHECK(std::ranges::includes(train, reduced));
        auto const drawn = counts(cohort, reduced);
        CHECK(std::abs(static_cast<double>(drawn[3]) - 86 * static_cast<double>(n) / 1186) < 1);
    }
}

TEST_CASE("too few deaths to divide are refused", "[va][splits]") {
    auto const cohort = cohort_of({1});
    CHECK_THROWS_AS(split_deaths(cohort, deaths_of_site(cohort, 0), 0.2, Random(1)), DataError);
    auto const three = cohort_of({3});
    CHECK_THROWS_AS(reduce_deaths(three, deaths_of_site(three, 0), 0.25, Random(1)), DataError);
    CHECK(vaster::test::error_of<DataError>(
              [&] { (void)split_deaths(three, deaths_of_site(three, 0), 0.9, Random(1)); }) ==
          "3 deaths cannot be divided into a training and a test part with test_fraction = 0.9; more deaths "
          "are needed, or "
          "another fraction");
}

TEST_CASE("folds have every cause in proportion and differ by one death at most", "[va][splits]") {
    auto const cohort = cohort_of({41, 30, 3, 1});
    auto const all = deaths_of_site(cohort, 0);
    auto const folds = fold_deaths(cohort, all, 5, Random(3));
    REQUIRE(folds.size() == all.size());
    std::vector<DeathList> deaths(5);
    for (std::size_t i = 0; i < all.size(); ++i) deaths.at(folds[i]).push_back(all[i]);
    for (auto const& fold : deaths) {
        CHECK(fold.size() == 15);
        auto const of_cause = counts(cohort, fold);
        CHECK((of_cause[0] == 8 || of_cause[0] == 9));
        CHECK(of_cause[1] == 6);
        CHECK(of_cause[2] <= 1);
    }
    CHECK(fold_deaths(cohort, all, 5, Random(3)) == folds);
    CHECK(fold_deaths(cohort, all, 5, Random(4)) != folds);
    CHECK(error_of<DataError>([&] {
              (void)fold_deaths(cohort, DeathList{0, 1}, 5, Random(1));
          }) == "2 deaths cannot be divided into 5 folds; fewer folds are needed");
}

TEST_CASE("deaths of one ID are always in the same part", "[va][splits]") {
    auto cohort = cohort_of({40, 30, 20});
    std::size_t const n = cohort.n_deaths();
    for (std::size_t i = 0; i < n; ++i) {  // every third death shares the ID of the one before
        cohort.first_of_id.own().push_back(static_cast<std::uint32_t>(i % 3 == 2 ? i - 1 : i));
        cohort.ids.push_back(std::to_string(cohort.first_of_id[i]));
    }
    auto const ids_of = [&](DeathList const& deaths) {
        std::set<std::uint32_t> ids;
        for (auto const death : deaths) ids.insert(cohort.first_of_id[death]);
        return ids;
    };
    auto const are_apart = [&](DeathList const& a, DeathList const& b) {
        auto const [ids_a, ids_b] = std::pair(ids_of(a), ids_of(b));
        return std::ranges::none_of(ids_a, [&](auto id) { return ids_b.contains(id); });
    };
    auto const all = deaths_of_site(cohort, 0);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto const split = split_deaths(cohort, all, 0.2, Random(seed));
        CHECK(are_apart(split.train, split.test));
        CHECK(united(split.train, split.test) == all);
        CHECK(ids_of(split.test).size() == 12);
        auto const half = reduce_deaths(cohort, split.train, 0.5, Random(seed));
        CHECK(std::ranges::includes(split.train, half));
        DeathList rest;
        std::ranges::set_difference(split.train, half, std::back_inserter(rest));
        CHECK(are_apart(half, rest));
        auto const folds = fold_deaths(cohort, split.train, 5, Random(seed));
        std::map<std::uint32_t, std::set<std::uint32_t>> folds_of_id;
        for (std::size_t i = 0; i < folds.size(); ++i)
            folds_of_id[cohort.first_of_id[split.train[i]]].insert(folds[i]);
        CHECK(std::ranges::all_of(folds_of_id, [](auto const& entry) { return entry.second.size() == 1; }));
    }
}
