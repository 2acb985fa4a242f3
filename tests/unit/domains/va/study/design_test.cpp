#include "domains/va/study/design.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Matchers::Contains;

namespace {

/// Sites with so many deaths each, four causes in turn.
va::Cohort cohort_of(std::vector<std::size_t> const& site_sizes) {
    va::Cohort cohort;
    cohort.causes = {"1", "10", "2", "3"};
    cohort.symptoms = {"fever"};
    cohort.answers = va::AnswerMatrix(1);
    for (std::uint32_t site = 0; site < site_sizes.size(); ++site) {
        cohort.sites.push_back(std::string(1, static_cast<char>('A' + site)));
        for (std::uint32_t i = 0; i < site_sizes[site]; ++i) {
            cohort.site.own().push_back(site);
            cohort.cause.own().push_back(i % 4);
            cohort.row.own().push_back(static_cast<std::uint32_t>(cohort.row.size()));
            cohort.answers.append(std::vector{va::Answer::absent});
        }
    }
    return cohort;
}

DesignOptions options_for(va::Cohort const& cohort, std::vector<std::string> models = {"m1", "m2"}) {
    DesignOptions options;
    for (std::uint32_t site = 0; site < cohort.sites.size(); ++site) options.sites.push_back(site);
    options.models = std::move(models);
    options.types = {ExperimentType::in_domain, ExperimentType::out_domain, ExperimentType::training_size};
    options.training_sizes = {0.25, 0.5, 0.75, 1.0};
    return options;
}

std::set<std::string> fits_of(std::vector<DesignCell> const& cells, DesignOptions const& options,
                              va::Cohort const& cohort) {
    std::set<std::string> fits;
    for (auto const& cell : cells) fits.insert(fit_of(cell, options, cohort));
    return fits;
}

}  // namespace

TEST_CASE("six sites and five models make 200 experiments with nine fits a model", "[study][design]") {
    auto const cohort = cohort_of({100, 100, 100, 100, 100, 100});
    auto const options = options_for(cohort, {"a", "b", "c", "d", "e"});
    auto const cells = design_cells(options, Partition(cohort, options, std::nullopt));
    CHECK(cells.size() == 200);
    CHECK(fits_of(cells, options, cohort).size() ==
          5 * 9);  // six sites, three reduced sets; size 1.0 is the site's own
}

TEST_CASE("whole sites need fits of their own", "[study][design]") {
    auto const cohort = cohort_of({100, 100, 100, 100, 100, 100});
    auto options = options_for(cohort, {"a"});
    options.out_domain = SiteParts::full;
    Partition const partition(cohort, options, std::nullopt);
    auto const cells = design_cells(options, partition);
    CHECK(fits_of(cells, options, cohort).size() == 15);
    auto const out = std::find_if(cells.begin(), cells.end(),
                                  [](auto const& c) { return c.type == ExperimentType::out_domain; });
    CHECK(partition.training_deaths(*out).size() == 100);
    CHECK(partition.test_deaths(*out).size() == 100);
}

TEST_CASE("every cell has an identity of its own, which does not depend on the seed", "[study][design]") {
    auto const cohort = cohort_of({100, 100, 100});
    auto options = options_for(cohort);
    options.repeats = 3;
    auto const cells = design_cells(options, Partition(cohort, options, std::nullopt));
    std::set<std::string> identities;
    for (auto const& cell : cells) identities.insert(identity_of(cell, options, cohort));
    CHECK(identities.size() == cells.size());
    std::string const before = identity_of(cells[5], options, cohort);
    options.seed = 99;
    CHECK(identity_of(cells[5], options, cohort) == before);
}

TEST_CASE("training and test deaths of one site are disjoint, and repeats differ", "[study][design]") {
    auto const cohort = cohort_of({100, 60});
    auto options = options_for(cohort, {"a"});
    options.repeats = 2;
    Partition const partition(cohort, options, std::nullopt);
    DesignCell cell;
    cell.train_sites = {0};
    auto const train = partition.training_deaths(cell);
    auto const test = partition.test_deaths(cell);
    CHECK(train.size() == 80);
    CHECK(test.size() == 20);
    va::DeathList common;
    std::set_intersection(train.begin(), train.end(), test.begin(), test.end(), std::back_inserter(common));
    CHECK(common.empty());
    cell.repeat = 1;
    CHECK(partition.test_deaths(cell) != test);
}

TEST_CASE("out of domain is tested on the same deaths as in domain", "[study][design]") {
    auto const cohort = cohort_of({100, 60});
    auto const options = options_for(cohort, {"a"});
    Partition const partition(cohort, options, std::nullopt);
    DesignCell inside;
    inside.train_sites = {1};
    inside.test_site = 1;
    DesignCell outside;
    outside.type = ExperimentType::out_domain;
    outside.train_sites = {0};
    outside.test_site = 1;
    CHECK(partition.test_deaths(inside) == partition.test_deaths(outside));
    CHECK(test_set_of(inside, cohort) == test_set_of(outside, cohort));
}

TEST_CASE("small sites are skipped with the reason", "[study][design]") {
    auto const cohort = cohort_of({100, 49, 19});
    auto const options = options_for(cohort, {"a"});
    auto const cells = design_cells(options, Partition(cohort, options, std::nullopt));
    auto const reason = [&](ExperimentType type, std::uint32_t train, std::uint32_t test) {
        for (auto const& cell : cells)
            if (cell.type == type && cell.train_sites == std::vector{train} && cell.test_site == test)
                return cell.skip_reason;
        return std::string("no such cell");
    };
    CHECK(reason(ExperimentType::in_domain, 0, 0).empty());
    CHECK(reason(ExperimentType::in_domain, 1, 1) == "site B has 49 deaths; 50 are needed to train on it");
    CHECK(reason(ExperimentType::out_domain, 0, 1).empty());
    CHECK(reason(ExperimentType::out_domain, 0, 2) == "site C has 19 deaths; 20 are needed to test on it");
    CHECK_THAT(reason(ExperimentType::out_domain, 2, 1), Contains("50 are needed to train"));
}

TEST_CASE("given splits are used as they are, and what they leave out is drawn or skipped",
          "[study][design]") {
    auto const cohort = cohort_of({100, 60});
    auto const options = options_for(cohort, {"a"});
    va::GivenSplits given;
    given.sites.resize(2);
    for (std::uint32_t i = 99; i >= 20; --i) given.sites[0].train.push_back(i);  // in the order of the file
    for (std::uint32_t i = 0; i < 20; ++i) given.sites[0].test.push_back(i);
    given.sites[0].reduced[0.5] = {21, 20};
    Partition const partition(cohort, options, given);
    DesignCell cell;
    cell.train_sites = {0};
    CHECK(partition.training_deaths(cell) == given.sites[0].train);
    CHECK(partition.test_deaths(cell) == given.sites[0].test);
    cell.part = TrainingPart::reduced;
    cell.fraction = 0.5;
    CHECK(partition.training_deaths(cell) == va::DeathList{21, 20});
    cell.fraction = 0.25;
    CHECK(partition.training_deaths(cell).size() == 20);
    CHECK(partition.training_obstacle(1) == "the splits file has no train rows for site B");
}

namespace {

std::vector<DesignCell> pooled_cells(va::Cohort const& cohort, DesignOptions& options) {
    options.types = {ExperimentType::leave_one_site_out};
    return design_cells(options, Partition(cohort, options, std::nullopt));
}

}  // namespace

TEST_CASE("leave_one_site_out trains on the training parts of all other sites", "[study][design]") {
    auto const cohort = cohort_of({100, 60, 80});
    auto options = options_for(cohort, {"a"});
    options.sites = {2, 0, 1};
    auto const cells = pooled_cells(cohort, options);
    Partition const partition(cohort, options, std::nullopt);
    REQUIRE(cells.size() == 3);
    CHECK(cells[0].test_site == 2);
    CHECK(cells[0].train_sites == std::vector<std::uint32_t>{0, 1});
    CHECK(training_site_text(cells[0], cohort) == "all_but:C");
    auto const train = partition.training_deaths(cells[0]);
    CHECK(train.size() == 80 + 48);
    DesignCell alone;
    alone.train_sites = {0};
    va::DeathList expected = partition.training_deaths(alone);
    alone.train_sites = {1};
    for (auto const death : partition.training_deaths(alone)) expected.push_back(death);
    CHECK(train == expected);
    alone.test_site = 2;
    CHECK(partition.test_deaths(cells[0]) == partition.test_deaths(alone));
    CHECK(test_set_of(cells[0], cohort) == test_set_of(alone, cohort));
}

TEST_CASE("leave_one_site_out on whole sites is a question of its own, with every death in it",
          "[study][design]") {
    auto const cohort = cohort_of({100, 60, 80, 1});
    auto options = options_for(cohort, {"a"});
    auto const parts = pooled_cells(cohort, options);
    options.leave_one_site_out = SiteParts::full;
    auto const whole = pooled_cells(cohort, options);
    Partition const partition(cohort, options, std::nullopt);
    REQUIRE(whole.size() == 4);
    CHECK(whole[0].train_sites == std::vector<std::uint32_t>{1, 2, 3});
    CHECK(partition.training_deaths(whole[0]).size() == 141);
    CHECK(partition.test_deaths(whole[0]) == va::deaths_of_site(cohort, 0));
    CHECK(whole[3].skip_reason == "site D has 1 deaths; 20 are needed to test on it");
    CHECK(pool_notes(options, cohort, partition).empty());
    CHECK(identity_of(whole[1], options, cohort) != identity_of(parts[1], options, cohort));
    CHECK(fit_of(whole[1], options, cohort) != fit_of(parts[1], options, cohort));
    CHECK(test_set_of(whole[1], cohort) == "va test site=B part=whole repeat=0");
    CHECK(test_set_of(parts[1], cohort) == "va test site=B part=test repeat=0");
    auto again = whole[1];
    again.repeat = 1;
    CHECK(test_set_of(again, cohort) == test_set_of(whole[1], cohort));
    CHECK(partition.test_deaths(parts[0]).size() == 20);
}

TEST_CASE("a pool is named by its sites: another choice of sites is another question", "[study][design]") {
    auto const cohort = cohort_of({100, 60, 80, 90});
    auto all = options_for(cohort, {"a"});
    auto three = all;
    three.sites = {0, 1, 2};
    auto const of_all = pooled_cells(cohort, all);
    auto const of_three = pooled_cells(cohort, three);
    CHECK(identity_of(of_all[0], all, cohort) != identity_of(of_three[0], three, cohort));
    CHECK(fit_of(of_all[0], all, cohort) != fit_of(of_three[0], three, cohort));
    CHECK_THAT(fit_of(of_three[0], three, cohort), Contains("site=B+C "));
    auto reversed = three;
    reversed.sites = {2, 1, 0};
    CHECK(identity_of(pooled_cells(cohort, reversed)[2], reversed, cohort) ==
          identity_of(of_three[0], three, cohort));
}

TEST_CASE("a pool of one site is that site's own fit", "[study][design]") {
    auto const cohort = cohort_of({100, 60});
    auto options = options_for(cohort, {"a"});
    auto const pooled = pooled_cells(cohort, options);
    DesignCell transfer;
    transfer.type = ExperimentType::out_domain;
    transfer.train_sites = {1};
    CHECK(fit_of(pooled[0], options, cohort) == fit_of(transfer, options, cohort));
}

TEST_CASE("sites too small to train on alone are part of the pools", "[study][design]") {
    auto const cohort = cohort_of({100, 49, 80, 1});
    auto options = options_for(cohort, {"a"});
    auto const cells = pooled_cells(cohort, options);
    CHECK(cells[0].train_sites == std::vector<std::uint32_t>{1, 2});
    CHECK(cells[1].train_sites == std::vector<std::uint32_t>{0, 2});
    CHECK(cells[1].skip_reason.empty());
    Partition const partition(cohort, options, std::nullopt);
    CHECK(pool_notes(options, cohort, partition) ==
          std::vector<std::string>{"leave_one_site_out trains without site D: site D has 1 deaths; "
                                   "test_fraction = 0.2 leaves none of them to train on"});
    options.types = {ExperimentType::in_domain};
    CHECK(pool_notes(options, cohort, partition).empty());
}

TEST_CASE("a pool needs as many deaths as a site", "[study][design]") {
    auto const cohort = cohort_of({100, 30, 19});
    auto options = options_for(cohort, {"a"});
    auto const cells = pooled_cells(cohort, options);
    CHECK(cells[0].skip_reason == "sites B+C have 49 deaths together; 50 are needed to train on them");
    CHECK(cells[1].skip_reason.empty());
    CHECK(cells[2].skip_reason == "site C has 19 deaths; 20 are needed to test on it");
    auto const lonely = cohort_of({100, 1});
    auto two = options_for(lonely, {"a"});
    CHECK(pooled_cells(lonely, two)[0].skip_reason == "there is no other site to train on");
}

TEST_CASE("how many deaths a site needs is the design's to say", "[study][design]") {
    auto const cohort = cohort_of({40, 12, 3});
    auto options = options_for(cohort, {"a"});
    options.types = {ExperimentType::in_domain};
    options.min_train = 12;
    options.min_test = 2;
    auto const cells = design_cells(options, Partition(cohort, options, std::nullopt));
    CHECK(cells[0].skip_reason.empty());
    CHECK(cells[1].skip_reason.empty());
    CHECK(cells[2].skip_reason == "site C has 3 deaths; 12 are needed to train on it");
    CHECK(skip_notes(cells) ==
          std::vector<std::string>{
              "1 experiment is skipped: site C has 3 deaths; 12 are needed to train on it"});
    CHECK_NOTHROW(require_some_to_run(cells));
}

TEST_CASE("what a tiny site cannot be divided into is skipped, not refused", "[study][design]") {
    auto const cohort = cohort_of({4, 100});
    auto options = options_for(cohort, {"a"});
    options.types = {ExperimentType::in_domain, ExperimentType::training_size};
    options.min_train = options.min_test = 2;
    options.test_fraction = 0.8;
    auto const cells = design_cells(options, Partition(cohort, options, std::nullopt));
    CHECK(cells[0].skip_reason == "site A has 4 deaths; test_fraction = 0.8 leaves none of them to train on");
    options.test_fraction = 0.5;  // two to train on: of a quarter of them none is left
    auto const halves = design_cells(options, Partition(cohort, options, std::nullopt));
    CHECK(halves[0].skip_reason.empty());
    CHECK(halves[2].skip_reason == "training size 0.25 of the 2 training deaths of site A leaves none");
    CHECK(halves[3].skip_reason.empty());
}

TEST_CASE("a design of which nothing can be run is refused with every reason", "[study][design]") {
    auto const cohort = cohort_of({48, 12});
    auto options = options_for(cohort, {"a"});
    auto const cells = design_cells(options, Partition(cohort, options, std::nullopt));
    CHECK_THROWS_AS(require_some_to_run(cells), DataError);
    CHECK_THROWS_WITH(require_some_to_run(cells),
                      Contains("no experiment can be run, all 8 would be skipped") &&
                          Contains("site A has 48 deaths; 50 are needed to train on it (6)") &&
                          Contains("site B has 12 deaths; 50 are needed to train on it (2)") &&
                          Contains("design.min_train") && Contains("design.min_test"));
    CHECK_THROWS_AS(require_some_to_run({}), DataError);
}
