#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "domains/va/data/simulate.hpp"
#include "domains/va/study/comparison.hpp"

/// What tests of the comparison share: a small simulated cohort, and running a study without an engine.
namespace vaster::test {

/// A simulated cohort in a file of its own.
class CohortFile {
  public:
    explicit CohortFile(std::uint64_t n_deaths)
        : path_(std::filesystem::temp_directory_path() /
                fmt::format("vaster_comparison_{}_{}.csv", n_deaths, ::getpid())) {
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

inline study::Config config_with(std::vector<study::Override> overrides) {
    return study::load(*va::make_va_comparison(), {"", "", std::move(overrides)});
}

inline std::vector<study::Override> fast(std::string const& path) {
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
inline std::string without_timings(study::Schema const& schema, study::Result const& result) {
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
        : path_(std::filesystem::temp_directory_path() /
                fmt::format("vaster_mapping_{}_{}.csv", name, ::getpid())) {
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

inline double cell(study::Schema const& schema, study::Result const& result, std::string const& name) {
    for (std::size_t i = 0; i < schema.results.size(); ++i)
        if (schema.results[i].name == name) return std::get<double>(result.cells[i]);
    throw std::out_of_range(name);
}

inline study::Result first_result(study::Study const& study) {
    Watcher watcher;
    Collect collect;
    study.run({1, {{study.next_experiments(study::NoRecords()).front(), 1}}, 0, 0}, collect, watcher);
    return collect.results.begin()->second;
}

/// Results of the experiments that are in the plan and not skipped, run group by group, by identity.
inline std::map<std::uint64_t, study::Result> results_of(study::Study const& study) {
    std::map<std::uint64_t, study::Task> tasks;
    std::map<study::ExperimentIndex, std::uint64_t> identity;
    for (auto const& experiment : study.next_experiments(study::NoRecords())) {
        identity[experiment.index] = experiment.id.value;
        if (experiment.skip_reason.empty()) tasks[experiment.group].items.push_back({experiment, 1});
    }
    Watcher watcher;
    Collect collect;
    for (auto const& [group, task] : tasks) study.run(task, collect, watcher);
    std::map<std::uint64_t, study::Result> results;
    for (auto& [index, result] : collect.results) results.emplace(identity.at(index), std::move(result));
    return results;
}

}  // namespace vaster::test
