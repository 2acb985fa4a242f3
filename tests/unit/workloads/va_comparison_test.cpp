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

/// A label mapping in a file of its own.
class MappingFile {
  public:
    MappingFile(std::string const& name, std::vector<std::string> const& causes, bool each_its_own)
        : path_(std::filesystem::temp_directory_path() / ("vaster_mapping_" + name + ".csv")) {
        std::ofstream out(path_);
        out << "label,group\n";
        for (auto const& cause : causes) out << cause << ',' << (each_its_own ? "g" + cause : "all") << '\n';
    }

    ~MappingFile() { std::filesystem::remove(path_); }

    MappingFile(MappingFile const&) = delete;
    MappingFile& operator=(MappingFile const&) = delete;

    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

double cell(study::Schema const& schema, study::Result const& result, std::string const& name) {
    for (std::size_t i = 0; i < schema.results.size(); ++i)
        if (schema.results[i].name == name) return std::get<double>(result.cells[i]);
    throw std::out_of_range(name);
}

study::Result first_result(study::Study const& study) {
    Watcher watcher;
    Collect collect;
    study.run({1, {{study.next_experiments(study::NoRecords()).front(), 1}}, 0, 0}, collect, watcher);
    return collect.results.begin()->second;
}

}  // namespace

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

TEST_CASE(
    "a grouping scores the same predictions: every cause by itself changes nothing, one group for all "
    "makes them right",
    "[workloads][comparison]") {
    CohortFile const file(900);
    auto const plain = workloads::make_va_comparison()->open(config_with(fast(file.path())));
    auto const& causes = plain->schema().labels.front().labels;
    MappingFile const own("own", causes, true);
    MappingFile const all("all", causes, false);
    auto overrides = fast(file.path());
    overrides.push_back({"design.groupings", "own=" + own.path() + ",all=" + all.path() + ",cod5", ""});
    auto const grouped = workloads::make_va_comparison()->open(config_with(overrides));
    CHECK(grouped->data_hash() != plain->data_hash());
    auto const before = first_result(*plain);
    auto const after = first_result(*grouped);
    CHECK(before.arrays == after.arrays);
    auto const& schema = grouped->schema();
    for (std::string const metric :
         {"csmf_accuracy", "cccsmf_accuracy", "cod_accuracy", "mean_ccc", "brier"}) {
        CHECK(cell(schema, after, metric + "_own") == Approx(cell(schema, after, metric)));
        CHECK(cell(plain->schema(), before, metric) == cell(schema, after, metric));
    }
    // "g1", "g10", "g2" are in the order of "1", "10", "2": the same resamples give the same intervals.
    CHECK(cell(schema, after, "cod_accuracy_own_lo") == cell(schema, after, "cod_accuracy_lo"));
    CHECK(cell(schema, after, "cod_accuracy_all") == 1);
    CHECK(cell(schema, after, "csmf_accuracy_all") == 1);
    CHECK(cell(schema, after, "log_loss_all") == Approx(0).margin(1e-9));
    CHECK(cell(schema, after, "cod_accuracy_cod5") > cell(schema, after, "cod_accuracy"));
    CHECK(schema.labels.back().name == "causes_cod5");
    CHECK(schema.labels.back().labels.size() == causes.size());
}

TEST_CASE("groupings that cannot be read or miss a cause are refused", "[workloads][comparison]") {
    CohortFile const file(900);
    auto const with = [&](std::string const& text) {
        auto overrides = fast(file.path());
        overrides.push_back({"design.groupings", text, ""});
        return workloads::make_va_comparison()->open(config_with(overrides));
    };
    CHECK_THROWS_WITH(with("cod6"), Contains("\"cod6\" is neither \"cod5\" nor \"NAME=FILE\""));
    CHECK_THROWS_WITH(with("Big=x.csv"), Contains("small letters"));
    CHECK_THROWS_WITH(with("cod5,cod5"), Contains("cod5 is listed twice"));
    MappingFile const few("few", {"1", "2"}, true);
    CHECK_THROWS_WITH(with("few=" + few.path()),
                      Contains(few.path()) && Contains("has no group for: 10, 11, 12"));
    CHECK_THROWS_AS(with("few=/nowhere.csv"), IoError);
}
