#include "vaster/workloads/va_comparison.hpp"

#include <filesystem>
#include <fstream>
#include <map>

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"
#include "vaster/va/simulate.hpp"

using namespace vaster;
using Catch::Matchers::Contains;

namespace {

/// A simulated cohort in a file of its own.
class CohortFile {
  public:
    explicit CohortFile(std::uint64_t n_deaths)
        : path_(std::filesystem::temp_directory_path() / "vaster_comparison_test.csv") {
        std::ofstream out(path_);
        va::simulate({n_deaths, 7, va::CohortFormat::encoded}, out);
    }

    ~CohortFile() { std::filesystem::remove(path_); }

    CohortFile(CohortFile const&) = delete;
    CohortFile& operator=(CohortFile const&) = delete;

    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

study::Config config_with(std::vector<study::Override> overrides) {
    return study::load(*workloads::make_va_comparison(), {"", "", std::move(overrides)});
}

std::vector<study::Override> fast(std::string const& path) {
    return {{"data.path", path, "--data"},
            {"data.format", "encoded", "--format"},
            {"design.models", "naive_bayes", "--models"},
            {"design.bootstrap", "20", "--bootstrap"}};
}

class Collect : public study::Sink {
  public:
    void begin(study::ExperimentIndex index) override { begun = index; }

    void finish(study::Result result) override { results.emplace(result.index, std::move(result)); }

    std::optional<study::ExperimentIndex> begun;
    std::map<study::ExperimentIndex, study::Result> results;
};

/// Everything but seconds, as text.
std::string without_timings(study::Schema const& schema, study::Result const& result) {
    std::string text;
    for (std::size_t i = 0; i < result.cells.size(); ++i)
        if (schema.results[i].nature == study::Nature::result)
            std::visit([&](auto const& value) { text += fmt::format("{} ", value); }, result.cells[i]);
    for (auto const& array : result.arrays) text.append(array.begin(), array.end());
    return text;
}

}  // namespace

TEST_CASE("five models are compared unless others are asked for", "[workloads][comparison]") {
    auto const config = config_with({{"data.path", "deaths.csv", "--data"}});
    CHECK(config.get<std::vector<std::string>>("design.models") ==
          std::vector<std::string>{"xgboost", "insilico", "random_forest", "logistic_regression",
                                   "naive_bayes"});
}

TEST_CASE("results do not depend on which experiments share a task", "[workloads][comparison]") {
    CohortFile const file(900);
    auto const kind = workloads::make_va_comparison();
    auto const study = kind->open(config_with(fast(file.path())));
    auto const experiments = study->next_experiments(study::NoRecords());
    std::vector<study::Experiment> group;
    for (auto const& experiment : experiments)
        if (experiment.group == experiments.front().group && experiment.skip_reason.empty())
            group.push_back(experiment);
    REQUIRE(group.size() > 2);

    Watcher watcher;
    Collect together;
    study::Task task;
    for (auto const& experiment : group) task.items.push_back({experiment, 1});
    study->run(task, together, watcher);
    CHECK(together.results.size() == group.size());

    Collect alone;
    study->run({2, {{group.back(), 3}}, 0, 0}, alone, watcher);
    CHECK(without_timings(study->schema(), alone.results.at(group.back().index)) ==
          without_timings(study->schema(), together.results.at(group.back().index)));
}

TEST_CASE("results fit the schema: cells, types, array sizes", "[workloads][comparison]") {
    CohortFile const file(900);
    auto const study = workloads::make_va_comparison()->open(config_with(fast(file.path())));
    auto const experiments = study->next_experiments(study::NoRecords());
    Watcher watcher;
    Collect collect;
    study->run({1, {{experiments.front(), 1}}, 0, 0}, collect, watcher);
    auto const& schema = study->schema();
    auto const& result = collect.results.begin()->second;
    REQUIRE(result.cells.size() == schema.results.size());
    for (std::size_t i = 0; i < result.cells.size(); ++i)
        CHECK(result.cells[i].index() == static_cast<std::size_t>(schema.results[i].type));
    REQUIRE(result.arrays.size() == schema.arrays.size());
    for (std::size_t i = 0; i < schema.arrays.size(); ++i) {
        std::uint64_t elements = experiments.front().n_rows;
        if (schema.arrays[i].extent == study::Extent::fixed) {
            elements = 1;
            for (auto const length : schema.arrays[i].shape) elements *= length;
        }
        CHECK(result.arrays[i].size() == elements * study::element_bytes(schema.arrays[i]));
    }
}

TEST_CASE("ragged rows of the plan follow each other without gap", "[workloads][comparison]") {
    CohortFile const file(900);
    auto const study = workloads::make_va_comparison()->open(config_with(fast(file.path())));
    std::uint64_t next = 0;
    for (auto const& experiment : study->next_experiments(study::NoRecords())) {
        CHECK(experiment.first_row == next);
        next += experiment.n_rows;
    }
    CHECK(next > 0);
}

TEST_CASE("mistakes that single keys cannot show are found before any data is read",
          "[workloads][comparison]") {
    auto const refusal = [](std::vector<study::Override> overrides) {
        try {
            config_with(std::move(overrides));
        } catch (ConfigError const& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    CHECK_THAT(refusal({}), Contains("data.path is not set"));
    CHECK_THAT(refusal({{"data.path", "x", ""}, {"design.sites", "A,A", ""}}),
               Contains("design.sites: A is listed twice"));
    CHECK_THAT(
        refusal({{"data.path", "x", ""}, {"design.sites", "A,B", ""}, {"design.primary_site", "C", ""}}),
        Contains("\"C\" is not among design.sites"));
    CHECK_THAT(refusal({{"data.path", "x", ""}, {"data.splits", "s.csv", ""}, {"design.repeats", "2", ""}}),
               Contains("design.repeats > 1 with data.splits"));
    CHECK_THAT(refusal({{"data.path", "x", ""}, {"design.models", "oracle", ""}}),
               Contains("'oracle' is not one of"));
}

TEST_CASE("sites that the data does not have are refused with those it has", "[workloads][comparison]") {
    CohortFile const file(900);
    auto overrides = fast(file.path());
    overrides.push_back({"design.sites", "AP,Atlantis", "--sites"});
    CHECK_THROWS_WITH(workloads::make_va_comparison()->open(config_with(overrides)),
                      Contains("Atlantis is not in the data") && Contains("AP, Bohol, Dar"));
}
