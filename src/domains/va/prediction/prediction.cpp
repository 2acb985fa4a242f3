#include "domains/va/prediction/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "core/archive/archive.hpp"
#include "domains/va/data/rules.hpp"
#include "domains/va/data/spellings.hpp"
#include "domains/va/data/table_file.hpp"
#include "domains/va/prediction/model_in_use.hpp"
#include "domains/va/prediction/model_reader.hpp"
#include "domains/va/prediction/predict_block.hpp"
#include "domains/va/prediction/read_block.hpp"
#include "vaster/study/left_files.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using study::Config;
using study::Experiment;

bool codes_batches(ModelInUse const& model) {
    return model.predicts == models::Predicts::whole_batch;
}

/// Its list of labels says that batches leave a posterior beside the study file.
constexpr auto leaves_label = "leaves";

/// What outputs say of a posterior.
PosteriorNote note_of(KeptModel const& model, BatchLearning const& learning) {
    auto const fractions = fractions_of(model, learning);
    return {learning.content,   learning.batch,     learning.n_deaths,
            learning.n_sampled, learning.converged, {fractions.mean, fractions.lo, fractions.hi}};
}

/// The matrix that was asked for.
std::optional<ConfusionCounts> confusion_for(PredictionOptions const& options, KeptModel const& model) {
    if (options.calibrate == Calibrate::none) return std::nullopt;
    if (options.calibrate == Calibrate::file) return read_confusion(options.confusion, model.causes);
    return confusion_of(model, options.calibrate);
}

/// What is to be read, once it is known whether the model codes batches, and what columns there are.
NewDeathsSource settled(PredictionOptions const& options, ModelInUse const& model,
                        std::vector<std::string> const& header) {
    NewDeathsSource source = options.source;
    require<DataError>(
        codes_batches(model) || source.batch_by.empty(),
        "--batch-by {}: model {} codes every death by itself here, so that it has no batches; leave it out",
        source.batch_by, model.kept.name);
    auto const has = [&](std::string const& name) {
        return std::any_of(header.begin(), header.end(),
                           [&](std::string const& column) { return tidied(column) == name; });
    };
    if (model.posterior)
        require<DataError>(
            model.posterior->populations.empty() == source.population.empty(),
            "the posterior {} sub-populations, and --population {}: give or leave it as it was "
            "when the posterior was made",
            model.posterior->populations.empty() ? "has no" : "has",
            source.population.empty() ? "is not given" : source.population);
    std::string const& site = model.kept.coding.site;
    if (codes_batches(model) && source.batch_by.empty() && !site.empty() && has(site)) source.batch_by = site;
    return source;
}

/// The new deaths, from their file or from what an earlier look at it has found.
NewDeaths find_deaths(PredictionOptions const& options, ModelInUse const& model,
                      study::DataFrom const& from) {
    NewDeaths deaths;
    TableFile const table = open_table(options.source.path);
    deaths.header.assign(table.reader.header().begin(), table.reader.header().end());
    deaths.source = settled(options, model, deaths.header);
    deaths.wanted = wanted_by(model.kept);
    deaths.columns = columns_of(table.reader, deaths.source, deaths.wanted);
    deaths.bad_rows = options.bad_rows;
    deaths.causes = model.kept.causes;
    if (auto const* file = std::get_if<study::FromFile>(&from)) {
        deaths.scan = scan_in(file->kept, deaths.wanted.symptoms.size());
        check_unchanged(deaths.source, deaths.scan);
    } else {
        deaths.scan = scan_new_deaths(deaths.source, deaths.wanted, options.block_rows);
    }
    return deaths;
}

class VaPrediction final : public study::Study {
  public:
    VaPrediction(PredictionOptions options, std::shared_ptr<ModelInUse const> model, NewDeaths deaths)
        : options_(std::move(options)),
          model_(std::move(model)),
          deaths_(std::move(deaths)),
          confusion_(confusion_for(options_, model_->kept)),
          drift_(drift_of(training_answers(model_->kept), deaths_.scan.answers)) {
        layout_.n_causes = model_->kept.causes.size();
        layout_.n_groups = deaths_.scan.groups.size();
        layout_.top = std::min(options_.top, layout_.n_causes);
        layout_.scored = !deaths_.source.score.empty();
        layout_.all = options_.probabilities == Kept::all;
        layout_.batches = codes_batches(*model_);
        layout_.weighted = deaths_.scan.weights ? Weighted::yes : Weighted::no;
        schema_ = prediction_schema(layout_, model_->kept.causes);
        if (confusion_) schema_.labels.push_back(label_of(*confusion_));
        if (model_->posterior) schema_.labels.push_back(label_of(note_of(model_->kept, *model_->posterior)));
        if (auto const& names = model_->kept.cause_names; !names.empty())
            schema_.labels.push_back({"cause_names", names});
        for (auto& list : labels_of(deaths_.scan)) schema_.labels.push_back(std::move(list));
        schema_.labels.push_back({"symptoms", model_->kept.symptoms});
        schema_.labels.push_back(label_of(
            {model_->kept.name, model_->content, model_->file_hash, transfer_error_of(model_->kept)}));
        if (deaths_.columns.id)
            schema_.labels.push_back({"id_column", {deaths_.header[*deaths_.columns.id]}});
        if (layout_.batches && model_->leaves_posterior)
            schema_.labels.push_back({leaves_label, {"posterior"}});
        if (!deaths_.source.by.empty()) schema_.labels.push_back({"group_columns", deaths_.source.by});
        require<DataError>(!options_.strict || warnings_of(drift_, model_->kept.symptoms).empty(),
                           "{}: {} (--strict)", deaths_.source.path.string(),
                           fmt::join(warnings_of(drift_, model_->kept.symptoms), "; "));
    }

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override {
        std::string const& map = deaths_.source.rename.native();
        std::string more;
        if (model_->posterior) more += fmt::format(" {}", model_->posterior->content);
        if (confusion_) more += fmt::format(" {}", fmt::join(confusion_->deaths, ","));
        return hash_text(fmt::format("{} {} {}{}", deaths_.scan.content_hash, model_->content,
                                     map.empty() ? "" : hash_text(read_file(map)), more));
    }

    [[nodiscard]] std::vector<study::Input> inputs() const override {
        auto inputs = inputs_of(deaths_.scan);
        inputs.push_back(training_input(training_answers(model_->kept)));
        return inputs;
    }

    [[nodiscard]] study::Inventory inventory() const override {
        study::Inventory inventory;
        auto const& scan = deaths_.scan;
        auto const& columns = deaths_.columns;
        std::string const path = deaths_.source.path.string();
        inventory.facts.push_back(model_->described());
        inventory.facts.push_back(fmt::format(
            "{} death{} in {}: {} of the model's {} symptoms; columns not used: {}", grouped(scan.n_rows),
            scan.n_rows == 1 ? "" : "s", path, model_->kept.symptoms.size() - columns.absent.size(),
            model_->kept.symptoms.size(), columns.n_unused));
        if (!scan.coding.empty()) inventory.facts.push_back(fmt::format("coding: {}", scan.coding));
        if (scan.weights) inventory.facts.push_back(weights_text());
        if (layout_.batches) inventory.facts.push_back(batches_text());
        if (confusion_)
            inventory.facts.push_back(
                fmt::format("cause fractions are also given corrected by a matrix of {} deaths: {}",
                            grouped(confusion_->total()), confusion_->source));
        if (model_->posterior) {
            auto const note = note_of(model_->kept, *model_->posterior);
            inventory.facts.push_back(fmt::format(
                "each death is coded by itself, by posterior {} of {} deaths{}", note.stamp(),
                grouped(note.n_deaths), note.batch.empty() ? "" : fmt::format(" of batch {}", note.batch)));
            if (!note.converged)
                inventory.warnings.emplace_back(
                    "the posterior had not converged: its results are not to be trusted");
        }
        if (!columns.absent.empty())
            inventory.warnings.push_back(
                fmt::format("the file lacks {} of the model's symptoms, whose answers count as missing: {}",
                            columns.absent.size(), fmt::join(columns.absent, ", ")));
        if (scan.repeated_ids > 0)
            inventory.warnings.push_back(fmt::format(
                "{} rows have the ID of an earlier row; each is predicted", grouped(scan.repeated_ids)));
        for (auto& warning : warnings_of(drift_, model_->kept.symptoms))
            inventory.warnings.push_back(warning);
        return inventory;
    }

    [[nodiscard]] std::size_t capacity() const override {
        return layout_.batches ? std::max<std::size_t>(deaths_.scan.batches.size(), 1)
                               : deaths_.scan.blocks.size();
    }

    [[nodiscard]] std::vector<Experiment> next_experiments(study::Records const& so_far) const override {
        std::vector<Experiment> experiments;
        if (so_far.size() > 0) return experiments;
        std::uint64_t first = 0;
        for (std::size_t i = 0; i < capacity(); ++i) {
            Experiment experiment;
            experiment.index = i;
            experiment.group = i;
            experiment.n_rows = rows_of(i);
            experiment.first_row = first;
            first += experiment.n_rows;
            std::string const batch = batch_of(i).value_or("");
            std::string const identity = layout_.batches ? fmt::format("batch={}", batch)
                                                         : fmt::format("row={}", deaths_.scan.blocks[i].row);
            experiment.id = {hash64(identity)};
            experiment.cost_key = layout_.batches ? "batch" : "block";
            constexpr double seconds_of_death = 2e-5;
            experiment.expected_seconds = seconds_of_death * static_cast<double>(experiment.n_rows + 10);
            experiment.design = {static_cast<std::int64_t>(i), batch,
                                 layout_.batches ? -1 : static_cast<std::int64_t>(deaths_.scan.blocks[i].row),
                                 static_cast<std::int64_t>(experiment.n_rows)};
            experiments.push_back(std::move(experiment));
        }
        return experiments;
    }

    void run(study::Task const& task, study::Sink& sink, Watcher& watcher) const override {
        for (auto const& item : task.items) {
            sink.begin(item.experiment.index);
            double const start = monotonic_seconds();
            BlockResult block = predicted(item.experiment.index, watcher);
            block.cells.seconds = monotonic_seconds() - start;
            study::Result result;
            result.index = item.experiment.index;
            result.cells = cells_of(block.cells);
            result.arrays = packed(block.arrays, layout_);
            if (block.learned) leave_posterior(std::move(*block.learned), item.experiment.index);
            sink.finish(std::move(result));
        }
    }

  private:
    /// The batch of an experiment; nothing: a block, or all deaths.
    [[nodiscard]] std::optional<std::string> batch_of(std::size_t i) const {
        if (!layout_.batches || deaths_.scan.batches.empty()) return std::nullopt;
        return deaths_.scan.batches[i].name;
    }

    [[nodiscard]] std::uint64_t rows_of(std::size_t i) const {
        if (!layout_.batches) return deaths_.scan.blocks[i].rows;
        return deaths_.scan.batches.empty() ? deaths_.scan.n_rows : deaths_.scan.batches[i].rows;
    }

    [[nodiscard]] BlockResult predicted(std::size_t i, Watcher& watcher) const {
        auto const batch = batch_of(i);
        std::span<RowBlock const> blocks(deaths_.scan.blocks);
        if (!layout_.batches) blocks = blocks.subspan(i, 1);
        DeathsRead const deaths = read_deaths(deaths_, blocks, batch);
        return predict_block(*model_, deaths, options_, layout_,
                             fmt::format("batch={}", batch.value_or("all")), site_of(batch.value_or("")),
                             watcher);
    }

    /// The site that a batch is of; empty: batches are not sites.
    [[nodiscard]] std::string site_of(std::string const& batch) const {
        return deaths_.source.batch_by == model_->kept.coding.site ? batch : "";
    }

    /// Leaves what a batch has taught the model beside the study file.
    void leave_posterior(BatchLearning learning, std::size_t i) const {
        learning.batch = batch_of(i).value_or("");
        learning.data_hash = deaths_.scan.content_hash;
        archive::write_archive(posterior_file(options_.study, i, capacity()), parts_of(learning));
    }

    [[nodiscard]] std::string weights_text() const {
        auto const& weights = *deaths_.scan.weights;
        return fmt::format(
            "weights of deaths in column {}: sum {:.6g}, effective number of deaths {:.1f}; cause fractions "
            "are "
            "weighted means of the probabilities{}",
            deaths_.source.weight, weights.sum, weights.effective(),
            layout_.batches ? "; the model itself counts the deaths of a batch evenly" : "");
    }

    /// Adapted without a temperature.
    [[nodiscard]] bool is_too_sure() const {
        auto const& adaptation = model_->kept.adaptation;
        return adaptation && adaptation->temperature <= 1;
    }

    [[nodiscard]] std::string batches_text() const {
        std::string const who = fmt::format("{} codes deaths together", model_->kept.name);
        std::string const what = fmt::format(
            "transductive: a death's causes depend on who else is in its batch, never on a label{}",
            is_too_sure() ? "; adapted: its probabilities are surer than they come true, and no "
                            "chances of single deaths (train with adaptation.temperature = 1.6 for these)"
                          : "");
        if (deaths_.scan.batches.empty()) return fmt::format("{}: all of them are one batch ({})", who, what);
        std::vector<std::string> left;
        left.reserve(deaths_.scan.batches.size());
        for (auto const& batch : deaths_.scan.batches)
            if (model_->kept.adaptation && was_trained_on(model_->kept, site_of(batch.name)))
                left.push_back(batch.name);
        return fmt::format("{}: {} batches by column {} ({}){}", who, deaths_.scan.batches.size(),
                           deaths_.source.batch_by, what,
                           left.empty() ? ""
                                        : fmt::format("; not adapted, since the model was trained there: {}",
                                                      fmt::join(left, ", ")));
    }

    PredictionOptions options_;
    std::shared_ptr<ModelInUse const> model_;
    NewDeaths deaths_;
    std::optional<ConfusionCounts> confusion_;  ///< by which cause fractions are corrected
    Drift drift_;
    PredictionLayout layout_;
    study::Schema schema_;
};

/// Is there the posterior of this batch, made of this model with this seed?
bool has_posterior(std::filesystem::path const& file, PredictionOptions const& options,
                   std::string const& model, std::string const& batch) {
    if (!archive::is_archive(file)) return false;
    try {
        auto const parts = archive::read_archive(file).parts;
        return is_posterior(parts) && parts.text("model/parent") == model &&
               parts.text("model/batch") == batch &&
               parts.number<std::uint64_t>("model/seed") == options.seed;
    } catch (DataError const&) {
        return false;
    }
}

class VaPredictionKind final : public study::Kind, public study::LeavesFiles {
  public:
    explicit VaPredictionKind(std::shared_ptr<models::Catalogue const> models)
        : catalogue_(std::move(models)) {}

    [[nodiscard]] std::string name() const override { return std::string(va_predict_kind); }

    [[nodiscard]] std::string doc() const override { return "Causes of new deaths by a kept model"; }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override { return prediction_tables(); }

    [[nodiscard]] std::vector<std::string> problems(Config const& config) const override {
        return problems_of(prediction_options_of(config));
    }

    [[nodiscard]] study::Opened open(Config const& config, study::DataFrom const& from) const override {
        PredictionOptions options = prediction_options_of(config);
        SharedModel shared = models_->model_of(options, from, *catalogue_);
        NewDeaths deaths = find_deaths(options, *shared.model, from);
        study::Opened opened{
            std::make_unique<VaPrediction>(std::move(options), std::move(shared.model), std::move(deaths))};
        auto const* const file = std::get_if<study::FromFile>(&from);
        if (file == nullptr || !file->share) return opened;
        opened.block = std::move(shared.block);
        opened.block_problem = std::move(shared.block_problem);
        return opened;
    }

    [[nodiscard]] bool keeps_inputs(Config const&) const override { return true; }

    /// Batches that have taught the model, but whose posterior is gone.
    [[nodiscard]] std::vector<study::ExperimentIndex> rows_without_file(
        Config const& config, study::Schema const& schema, study::Records const& records) const override {
        std::vector<study::ExperimentIndex> rows;
        if (!layout_of(schema).batches || labels_named(schema, leaves_label).empty()) return rows;
        auto const options = prediction_options_of(config);
        auto const model = model_note(schema).content;
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (!records.done(i) || prediction_cells(records.cells(i)).counted == 0) continue;
            auto const& batch = std::get<std::string>(records.experiment(i).design.at(1));
            if (!has_posterior(posterior_file(options.study, i, records.size()), options, model, batch))
                rows.push_back(i);
        }
        return rows;
    }

    [[nodiscard]] std::vector<TextTable> summary(Config const&, study::Schema const&,
                                                 study::Records const& records) const override {
        PredictionCells all;
        std::size_t n_done = 0;
        std::size_t n_unconverged = 0;
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (!records.done(i)) continue;
            PredictionCells const cells = prediction_cells(records.cells(i));
            ++n_done;
            all.deaths += cells.deaths;
            all.counted += cells.counted;
            all.unreadable += cells.unreadable;
            all.unanswered += cells.unanswered;
            all.undetermined += cells.undetermined;
            if (cells.converged == 0) ++n_unconverged;
        }
        TextTable table;
        table.title = "Deaths";
        table.header = {"predicted", "in cause fractions", "undetermined", "unanswered", "unreadable"};
        auto const text = [](std::int64_t n) { return grouped(static_cast<std::uint64_t>(n)); };
        table.rows = {{text(all.deaths), text(all.counted), text(all.undetermined), text(all.unanswered),
                       text(all.unreadable)}};
        if (n_done < records.size())
            table.notes.push_back(
                fmt::format("{} of {} blocks have no result", records.size() - n_done, records.size()));
        if (n_unconverged > 0)
            table.notes.push_back(fmt::format(
                "{} batches did not converge: their results are not to be trusted", n_unconverged));
        return {table};
    }

  private:
    std::shared_ptr<models::Catalogue const> catalogue_;
    std::unique_ptr<ModelReader> models_ = std::make_unique<ModelReader>();  ///< remembers the last one
};

}  // namespace

std::unique_ptr<study::Kind> make_va_prediction(std::shared_ptr<models::Catalogue const> models) {
    return std::make_unique<VaPredictionKind>(std::move(models));
}

}  // namespace vaster::va
