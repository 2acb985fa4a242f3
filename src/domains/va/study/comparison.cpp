#include "domains/va/study/comparison.hpp"

#include <memory>
#include <utility>

#include "domains/va/study/cohort_from.hpp"
#include "domains/va/study/context.hpp"
#include "domains/va/study/inventory.hpp"
#include "domains/va/study/keys.hpp"
#include "domains/va/study/options.hpp"
#include "domains/va/study/plan.hpp"
#include "domains/va/study/presets.hpp"
#include "domains/va/study/schema.hpp"
#include "domains/va/study/search.hpp"
#include "domains/va/study/task.hpp"
#include "vaster/study/presets.hpp"
#include "vaster/study/renamed_keys.hpp"

namespace vaster::va {
namespace {

using study::Config;

class VaComparison : public study::Study {
  public:
    VaComparison(Options const& options, va::Cohort cohort)
        : comparison_(options, std::move(cohort)),
          schema_(va_comparison_schema(comparison_.cohort, comparison_.groupings)) {
        if (comparison_.has_ensembles()) schema_.results.push_back(members_column());
        add_transductive_labels();
        add_agreement_labels();
        if (!comparison_.is_tuned()) return;
        tuning_.emplace(comparison_);
        add_tuning_columns(schema_, tuning_->setting_width());
    }

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::size_t capacity() const override {
        return tuning_ ? tuning_->capacity() : comparison_.cells.size();
    }

    [[nodiscard]] std::uint64_t row_capacity() const override {
        return tuning_ ? tuning_->row_capacity() : 0;
    }

    [[nodiscard]] std::string data_hash() const override { return comparison_.data_hash(); }

    [[nodiscard]] study::Inventory inventory() const override { return inventory_of(comparison_.cohort); }

    [[nodiscard]] std::vector<std::string> notes() const override { return comparison_.notes(); }

    [[nodiscard]] std::vector<study::Experiment> next_experiments(
        study::Records const& so_far) const override {
        if (tuning_) return tuning_->next(so_far);
        if (so_far.size() > 0) return {};
        PlanMaker maker(comparison_, so_far);
        for (auto const& cell : comparison_.cells) maker.add(cell);
        return maker.take();
    }

    void run(study::Task const& task, study::Sink& sink, Watcher& watcher) const override {
        auto const& first = task.items.front().experiment;
        if (auto const* trial = tuning_ ? tuning_->find_trial(first) : nullptr)
            tuning_->run(*trial, first.index, sink, watcher);
        else
            run_task(comparison_, task, sink, watcher);
    }

  private:
    void add_transductive_labels() {
        study::LabelList list{transductive_labels, {}};
        for (auto const& method : comparison_.methods)
            if (comparison_.is_transductive(method)) list.labels.push_back(method.name);
        if (!list.labels.empty()) schema_.labels.push_back(std::move(list));
    }

    void add_agreement_labels() {
        if (!comparison_.known || comparison_.known->agreement.empty()) return;
        study::LabelList list{std::string(known_agreement_labels), {agreement_header()}};
        for (auto const& row : comparison_.known->agreement) list.labels.push_back(label_of(row));
        schema_.labels.push_back(std::move(list));
    }

    Comparison comparison_;
    study::Schema schema_;
    std::optional<TuningPlan> tuning_;
};

class VaComparisonKind : public study::Kind, public study::HasRenamedKeys, public study::HasPresets {
  public:
    explicit VaComparisonKind(std::shared_ptr<models::Catalogue const> models)
        : catalogue_(std::move(models)) {}

    [[nodiscard]] std::string name() const override { return std::string(va_comparison_kind); }

    [[nodiscard]] std::string doc() const override {
        return "Verbal-autopsy models in and out of the site they were trained on";
    }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override {
        return comparison_tables(*catalogue_);
    }

    [[nodiscard]] std::vector<study::RenamedKey> renamed_keys() const override { return renamed_data_keys(); }

    [[nodiscard]] std::vector<study::KeyPreset> key_presets() const override { return model_presets(); }

    [[nodiscard]] std::vector<study::Preset> presets() const override { return comparison_presets(); }

    [[nodiscard]] std::vector<std::string> problems(Config const& config) const override {
        return problems_of(options_of(config, catalogue_));
    }

    [[nodiscard]] bool relevant(Config const& config, std::string_view table) const override {
        Options const options = options_of(config, catalogue_);
        if (table == "tuning") return options.tuning.search != Search::none;
        if (table == "adaptation") return !options.adapt.empty();
        return !table.starts_with("models.") || uses_model(options, table.substr(7));
    }

    [[nodiscard]] study::Opened open(Config const& config, study::DataFrom const& from) const override {
        Options const options = options_of(config, catalogue_);
        CohortAndBlock data = cohort_from(options.source, from);
        return {std::make_unique<VaComparison>(options, std::move(data.cohort)), std::move(data.block),
                std::move(data.block_problem)};
    }

    [[nodiscard]] std::vector<TextTable> summary(Config const&, study::Schema const& schema,
                                                 study::Records const& records) const override {
        return summarize_va_comparison(schema, records);
    }

  private:
    std::shared_ptr<models::Catalogue const> catalogue_;
};

}  // namespace

std::unique_ptr<study::Kind> make_va_comparison(std::shared_ptr<models::Catalogue const> models) {
    return std::make_unique<VaComparisonKind>(std::move(models));
}

}  // namespace vaster::va
