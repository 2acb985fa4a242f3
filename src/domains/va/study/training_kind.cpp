// The study kind of trainings.
#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/stats/summary.hpp"
#include "base/support/hash.hpp"
#include "domains/va/study/cohort_from.hpp"
#include "domains/va/study/inventory.hpp"
#include "domains/va/study/keys.hpp"
#include "domains/va/study/presets.hpp"
#include "domains/va/study/training.hpp"
#include "vaster/study/left_files.hpp"
#include "vaster/study/renamed_keys.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::va {
namespace {

class VaTraining : public study::Study {
  public:
    VaTraining(TrainingOptions const& options, Cohort cohort)
        : training_(options, std::move(cohort)),
          schema_(va_train_schema(training_.comparison().cohort, training_.comparison().groupings,
                                  training_.comparison().has_ensembles())) {}

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::size_t capacity() const override { return training_.cells().size(); }

    [[nodiscard]] std::string data_hash() const override { return training_.comparison().data_hash(); }

    [[nodiscard]] study::Inventory inventory() const override {
        return inventory_of(training_.comparison().cohort);
    }

    [[nodiscard]] std::vector<std::string> notes() const override { return training_.notes(); }

    [[nodiscard]] std::vector<study::Experiment> next_experiments(
        study::Records const& so_far) const override {
        std::vector<study::Experiment> plan;
        if (so_far.size() > 0) return plan;
        std::uint64_t next_row = 0;
        for (auto const& cell : training_.cells()) {
            study::Experiment experiment;
            experiment.index = plan.size();
            experiment.id.value = hash64(training_.identity_of(cell));
            experiment.group = plan.size();
            experiment.expected_seconds = training_.expected_seconds(cell);
            experiment.cost_key = fmt::format("train {}", cell.method);
            experiment.design = {to_text(cell.step), cell.unit, cell.method};
            experiment.first_row = next_row;
            experiment.n_rows = training_.test_deaths(cell).size();
            next_row += experiment.n_rows;
            plan.push_back(std::move(experiment));
        }
        return plan;
    }

    void run(study::Task const& task, study::Sink& sink, Watcher& watcher) const override {
        for (auto const& item : task.items) {
            sink.begin(item.experiment.index);
            auto const& cell = training_.cells().at(item.experiment.index);
            sink.finish(run_training_cell(training_, schema_, cell, item.experiment.index, watcher));
        }
    }

  private:
    Training training_;
    study::Schema schema_;
};

std::size_t column(std::vector<study::Column> const& columns, std::string_view name) {
    auto const place =
        std::find_if(columns.begin(), columns.end(), [&](auto const& known) { return known.name == name; });
    VASTER_EXPECTS(place != columns.end());
    return static_cast<std::size_t>(place - columns.begin());
}

class VaTrainingKind : public study::Kind,
                       public study::HasRenamedKeys,
                       public study::LeavesFiles,
                       public study::HasPresets {
  public:
    explicit VaTrainingKind(std::shared_ptr<models::Catalogue const> models)
        : catalogue_(std::move(models)) {}

    [[nodiscard]] std::string name() const override { return std::string(va_train_kind); }

    [[nodiscard]] std::string doc() const override {
        return "A verbal-autopsy model fitted to all labelled deaths, to be kept in a file";
    }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override {
        return training_tables(*catalogue_);
    }

    [[nodiscard]] std::vector<study::RenamedKey> renamed_keys() const override { return renamed_data_keys(); }

    /// The model file is made of what the final fits have left.
    [[nodiscard]] std::vector<study::ExperimentIndex> rows_without_file(
        study::Config const& config, study::Schema const& schema,
        study::Records const& records) const override {
        auto const options = training_options_of(config, catalogue_);
        std::size_t const content = column(schema.results, "content");
        std::vector<study::ExperimentIndex> rows;
        for (std::size_t row = 0; row < records.size(); ++row) {
            auto const& design = records.experiment(row).design;
            if (!records.done(row) || std::get<std::string>(design[0]) != to_text(TrainingStep::final_fit))
                continue;
            auto const& model = std::get<std::string>(design[2]);
            if (!find_final_fit(options.output, model, std::get<std::string>(records.cells(row)[content])))
                rows.push_back(row);
        }
        return rows;
    }

    [[nodiscard]] std::vector<study::KeyPreset> key_presets() const override { return model_presets(); }

    [[nodiscard]] std::vector<study::Preset> presets() const override { return training_presets(); }

    [[nodiscard]] std::vector<std::string> problems(study::Config const& config) const override {
        return problems_of(training_options_of(config, catalogue_));
    }

    [[nodiscard]] bool relevant(study::Config const& config, std::string_view table) const override {
        constexpr std::string_view prefix = "models.";
        if (table == "adaptation") return !training_options_of(config, catalogue_).base.adapt.empty();
        return !table.starts_with(prefix) ||
               uses_model(training_options_of(config, catalogue_).base, table.substr(prefix.size()));
    }

    [[nodiscard]] study::Opened open(study::Config const& config,
                                     study::DataFrom const& from) const override {
        TrainingOptions const options = training_options_of(config, catalogue_);
        CohortAndBlock data = cohort_from(options.base.source, from);
        return {std::make_unique<VaTraining>(options, std::move(data.cohort)), std::move(data.block),
                std::move(data.block_problem)};
    }

    [[nodiscard]] std::vector<TextTable> summary(study::Config const&, study::Schema const& schema,
                                                 study::Records const& records) const override {
        return summarize_training(schema, records);
    }

  private:
    std::shared_ptr<models::Catalogue const> catalogue_;
};

/// What the folds, or the sites, say together.
std::vector<std::string> line_of(std::string const& step, study::Schema const& schema,
                                 study::Records const& records, std::vector<std::string> const& metrics) {
    std::size_t planned = 0;
    std::vector<std::size_t> done;
    for (std::size_t row = 0; row < records.size(); ++row) {
        if (std::get<std::string>(records.experiment(row).design.front()) != step) continue;
        ++planned;
        if (records.done(row)) done.push_back(row);
    }
    if (planned == 0) return {};
    std::vector<std::string> line{step, fmt::format("{} of {}", done.size(), planned)};
    for (auto const& metric : metrics) {
        double sum = 0;
        for (auto const row : done)
            sum += std::get<double>(records.cells(row)[column(schema.results, metric)]);
        line.push_back(done.size() < planned ? "incomplete"
                                             : fmt::format("{:.3f}", sum / static_cast<double>(planned)));
    }
    return line;
}

}  // namespace

std::vector<TextTable> summarize_training(study::Schema const& schema, study::Records const& records) {
    std::vector<std::string> const metrics{
        "csmf_accuracy", "csmf_accuracy_posterior", "cod_accuracy", "top3_accuracy", "mean_ccc", "log_loss"};
    TextTable table{
        "How good the model is at deaths that it was not fitted to: means over the folds, or over the "
        "sites that were left out in turn",
        {"left out", "done"},
        {},
        {}};
    table.header.insert(table.header.end(), metrics.begin(), metrics.end());
    for (auto const step : {TrainingStep::cv, TrainingStep::leave_one_site_out})
        if (auto line = line_of(to_text(step), schema, records, metrics); !line.empty())
            table.rows.push_back(std::move(line));
    if (table.rows.empty()) return {};
    table.notes = {
        "csmf_accuracy: of the top causes; csmf_accuracy_posterior: of the model's own fractions, which "
        "'predict' reports."};
    return {table};
}

std::unique_ptr<study::Kind> make_va_train(std::shared_ptr<models::Catalogue const> models) {
    return std::make_unique<VaTrainingKind>(std::move(models));
}

}  // namespace vaster::va
