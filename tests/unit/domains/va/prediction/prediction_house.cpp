#include "prediction_house.hpp"

#include <fstream>

#include "core/archive/archive.hpp"
#include "domains/va/data/simulate.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::testing {

std::vector<std::uint32_t> every_row(Cohort const& cohort) {
    std::vector<std::uint32_t> rows(cohort.n_deaths());
    for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    return rows;
}

std::shared_ptr<models::Catalogue const> catalogue() {
    static auto const all = std::make_shared<models::Catalogue const>();
    return all;
}

std::filesystem::path simulated(TemporaryFolder const& folder, std::uint64_t n_deaths) {
    auto const path = folder.path() / "cohort.csv";
    std::ofstream out(path);
    simulate({n_deaths, 42, CohortFormat::encoded}, out);
    return path;
}

Cohort read(std::filesystem::path const& path) {
    CohortSource source;
    source.path = path;
    source.format = CohortFormat::encoded;
    return read_cohort(source);
}

KeptModel trained(Cohort const& cohort, std::string const& name) {
    auto const& model = catalogue()->at(name);
    Parameters parameters(model.parameters);
    if (name == "insilico") {  // quick; nobody believes the result
        parameters.set("iterations", std::int64_t{400});
        parameters.set("starts", std::int64_t{1});
    }
    auto const classifier = model.make(parameters, models::MissingPolicy::absent);
    auto const rows = every_row(cohort);
    std::vector<std::uint32_t> const causes(cohort.cause.data(), cohort.cause.data() + cohort.cause.size());
    Watcher watcher;
    classifier->fit({{cohort.answers, rows}, causes, cohort.causes.size(), {cohort.symptoms, cohort.causes}},
                    random_stream(42, "test", Purpose::fit), watcher);
    KeptModel kept;
    kept.name = name;
    kept.weights = {1};
    kept.members = {{name, parameters_text(model, parameters), model.parts_version, {}}};
    classifier->save(kept.members.front().parts);
    kept.missing = models::MissingPolicy::absent;
    kept.seed = 42;
    kept.symptoms = cohort.symptoms;
    kept.causes = cohort.causes;
    kept.cause_deaths.resize(cohort.causes.size());
    for (auto const cause : causes) ++kept.cause_deaths[cause];
    kept.coding.label = "va34";
    kept.coding.label_columns = {"va34", "cod5"};
    kept.coding.site = "site";
    kept.present.resize(cohort.symptoms.size());
    kept.unanswered.resize(cohort.symptoms.size());
    for (auto const row : rows)
        for (std::size_t k = 0; k < cohort.symptoms.size(); ++k) {
            Answer const answer = cohort.answers.row(row)[k];
            if (answer == Answer::present) ++kept.present[k];
            if (answer == Answer::missing) ++kept.unanswered[k];
        }
    kept.data_hash = cohort.data_hash;
    kept.n_deaths = cohort.n_deaths();
    kept.sites = cohort.sites;
    kept.site_deaths.resize(cohort.sites.size());
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i) ++kept.site_deaths[cohort.site[i]];
    return kept;
}

House::House(std::string const& model, std::uint64_t n_deaths)
    : data(simulated(folder, n_deaths)), cohort(read(data)), kept(trained(cohort, model)) {
    archive::write_archive(folder.path() / "model.h5", parts_of(kept));
}

study::Config House::config() const {
    auto const kind = make_va_prediction(catalogue());
    study::Config config(study::all_tables(*kind));
    config.set("model.file", (folder.path() / "model.h5").string());
    config.set("data.path", data.string());
    config.set("study.output", (folder.path() / "study.h5").string());
    return config;
}

std::unique_ptr<study::Study> opened(study::Config const& config) {
    return make_va_prediction(catalogue())->open(config, study::FromSource()).study;
}

Predicted predicted(study::Config const& config) {
    auto const study = opened(config);
    auto const plan = study->next_experiments(study::NoRecords());
    Results results;
    Watcher watcher;
    for (auto const& experiment : plan) {
        study::Task task;
        task.items = {{experiment, 1}};
        study->run(task, results, watcher);
    }
    Predicted all;
    all.layout = layout_of(study->schema());
    all.sums = all.layout.no_sums();
    for (auto const& [index, result] : results.by_index) {
        BlockArrays const block = unpacked(result.arrays, all.layout);
        all.deaths.insert(all.deaths.end(), block.deaths.begin(), block.deaths.end());
        all.probability.insert(all.probability.end(), block.probability.begin(), block.probability.end());
        all.sums.add(block.sums);
        PredictionCells const cells = prediction_cells(result.cells);
        all.cells.deaths += cells.deaths;
        all.cells.counted += cells.counted;
        all.cells.unreadable += cells.unreadable;
        all.cells.unanswered += cells.unanswered;
        all.cells.undetermined += cells.undetermined;
    }
    return all;
}

std::string refusal(study::Config const& config) {
    try {
        (void)opened(config);
    } catch (Error const& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace vaster::testing
