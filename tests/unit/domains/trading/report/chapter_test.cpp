#include "domains/trading/report/chapter.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "../../../core/report/chapter_parts.hpp"
#include "../../../core/store/example.hpp"
#include "core/store/writer.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::report;
using namespace vaster::testing;
using namespace vaster::trading;
using Json = nlohmann::json;

namespace {

double const missing = std::nan("");

/// An individual of a study made by hand.
struct Newborn {
    std::int64_t window, generation;
    std::string seed;
    double first_gene;
    double fitness;  ///< NaN: no result
};

std::vector<std::string> const results{
    "fitness",     "sharpe",           "total_return",     "max_drawdown",     "trades",
    "hold_sharpe", "hold_return",      "placebo_sharpe",   "placebo_return",   "test_sharpe",
    "test_return", "test_hold_sharpe", "test_hold_return", "sharpe_stability", "score",
    "valid",       "test_score",       "test_valid"};

study::Schema schema() {
    using study::CellType;
    study::Schema schema;
    schema.design = {{"window", CellType::integer, 0, ""},
                     {"generation", CellType::integer, 0, ""},
                     {"seed", CellType::text, 20, ""},
                     {"gene_1", CellType::real, 0, ""},
                     {"gene_2", CellType::real, 0, ""}};
    for (auto const& name : results) schema.results.push_back({name, CellType::real, 0, ""});
    schema.labels = {{"genes of Slow", {"length", "depth"}}};
    return schema;
}

/// Gene 2 is always 5; every result but the fitness is its place among the results, plus the window.
Chapter chapter_of(std::vector<Newborn> const& newborn, study::Schema const& columns = schema()) {
    example::Folder const folder;
    study::Plan plan;
    for (std::size_t i = 0; i < newborn.size(); ++i) {
        auto const& one = newborn[i];
        study::Experiment experiment;
        experiment.index = experiment.group = experiment.id.value = i;
        experiment.cost_key = one.seed;
        experiment.design = {one.window, one.generation, one.seed, one.first_gene, 5.0};
        plan.experiments.push_back(experiment);
    }
    auto header = example::header();
    header.kind = "evolve";
    store::create(folder / "study.h5", header, columns, plan, {});
    {
        store::Writer writer(folder / "study.h5");
        for (std::size_t i = 0; i < newborn.size(); ++i) {
            if (std::isnan(newborn[i].fitness)) continue;
            study::Result result;
            result.index = i;
            for (std::size_t k = 0; k < results.size(); ++k)
                result.cells.emplace_back(static_cast<double>(k) + static_cast<double>(newborn[i].window));
            result.cells.front() = newborn[i].fitness;
            writer.commit(result, example::origin());
        }
    }
    OwnSections const own{add_evolution, SummaryTables::all};
    return report::chapter_of(std::make_shared<store::Reader const>(folder / "study.h5"), "study", {}, &own);
}

std::vector<Newborn> two_windows() {
    return {{0, 0, "Slow", 10, 1}, {0, 0, "Slow", 30, 3}, {0, 0, "Fast", 1, -2}, {0, 0, "Fast", 2, missing},
            {1, 0, "Slow", 20, 7}, {0, 1, "Slow", 20, 2}, {0, 1, "Slow", 20, 0}, {0, 2, "Fast", 1, 5}};
}

using Numbers = std::vector<double>;

}  // namespace

// The numbers of this file are by pencil.
TEST_CASE("generations of a report have the best so far, means, health and diversity by window",
          "[report][evolution]") {
    auto const chapter = chapter_of(two_windows());
    auto const& table = table_of(chapter, "generations");
    CHECK(numbers(table, "window") == Numbers{0, 0, 0, 1});
    CHECK(numbers(table, "generation") == Numbers{0, 1, 2, 0});
    CHECK(numbers(table, "newborn") == Numbers{4, 2, 1, 1});
    CHECK(numbers(table, "evaluated") == Numbers{3, 2, 1, 1});
    CHECK(numbers(table, "best_so_far") == Numbers{3, 3, 5, 7});
    CHECK(numbers(table, "best") == Numbers{3, 2, 5, 7});
    CHECK(numbers(table, "mean")[0] == Approx(2.0 / 3));
    CHECK(numbers(table, "seed_bits") == Numbers{1, 0, 0, 0});
    // Slow: sd of 10, 30 is sqrt(200), of a range of 20; Fast: sd of 1, 2 is sqrt(1/2), of a range of 1.
    CHECK(numbers(table, "gene_spread")[0] == Approx(std::sqrt(0.5)));
    CHECK(numbers(table, "gene_spread")[1] == 0);
    CHECK(std::isnan(numbers(table, "gene_spread")[2]));
}

TEST_CASE("seeds and genes of a report are those of the newborn", "[report][evolution]") {
    auto const chapter = chapter_of(two_windows());
    CHECK(numbers(table_of(chapter, "seed_shares"), "share") == Numbers{0.5, 0.5, 1, 0, 0, 1, 1, 0});
    auto const& genes = table_of(chapter, "genes");
    CHECK(column(genes, "gene") == study::Cells{"gene_1", "length", "length", "gene_1", "length"});
    CHECK(numbers(genes, "median") == Numbers{1.5, 20, 20, 1, 20});
    CHECK(numbers(genes, "q25") == Numbers{1.25, 15, 20, 1, 20});
    CHECK(numbers(genes, "q25_place") == Numbers{0.25, 0.25, 0.5, 0, 0.5});
}

TEST_CASE("the fittest of each window stand beside holding and placebo, on training and test bars",
          "[report][evolution]") {
    auto const chapter = chapter_of(two_windows());
    auto const& table = table_of(chapter, "out_of_sample");
    CHECK(numbers(table, "experiment") == Numbers{7, 7, 7, 7, 7, 4, 4, 4, 4, 4});
    CHECK(column(table, "sample")[8] == study::Cell("window 1, test"));
    CHECK(numbers(table, "sharpe") == Numbers{1, 5, 7, 9, 11, 2, 6, 8, 10, 12});
    CHECK(numbers(table, "return") == Numbers{2, 6, 8, 10, 12, 3, 7, 9, 11, 13});
    CHECK(numbers(table_of(chapter, "fittest"), "experiment") == Numbers{7, 1, 5, 0, 6, 2, 4});
}

TEST_CASE("figures of strategies that evolve have the columns of their tables", "[report][evolution]") {
    std::size_t n_figures = 0;
    auto const chapter = chapter_of(two_windows());
    for (auto const& section : chapter.sections) {
        if (section.name == "run-time") continue;
        for (auto const& figure : section.figures) {
            CAPTURE(figure.name);
            auto const spec = Json::parse(figure.spec);
            CHECK(spec["data"]["url"] == table_of(chapter, figure.table).name + ".csv");
            ++n_figures;
        }
    }
    // best and mean, two of diversity, seeds, genes of the one seed of window 1, three out of sample, health
    CHECK(n_figures == 10);
}

TEST_CASE("an evolution without results says so", "[report][evolution]") {
    auto const chapter = chapter_of({{0, 0, "Slow", 10, missing}});
    auto const found = std::find_if(chapter.sections.begin(), chapter.sections.end(),
                                    [](Section const& section) { return section.name == "evolution"; });
    REQUIRE(found != chapter.sections.end());
    CHECK(found->text == std::vector<std::string>{"No individual has a result yet."});
    CHECK(found->figures.empty());
}

TEST_CASE("a study without the columns of strategies that evolve is refused", "[report][evolution]") {
    auto columns = schema();
    columns.results.front().name = "fit";
    CHECK_THROWS_WITH(chapter_of(two_windows(), columns), Catch::Contains("no column 'fitness'"));
}
