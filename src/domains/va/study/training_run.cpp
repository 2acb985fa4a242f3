// One experiment of a training.
#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "core/archive/archive.hpp"
#include "domains/va/study/comparison.hpp"
#include "domains/va/study/schema.hpp"
#include "domains/va/study/task.hpp"
#include "domains/va/study/trainer.hpp"
#include "domains/va/study/training.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

constexpr std::uint32_t digits_of_hash = 64;

std::vector<std::uint8_t> bytes_of(std::vector<double> const& values) {
    std::vector<std::uint8_t> bytes(values.size() * sizeof(double));
    if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

/// Elements of a fixed array of an experiment that scores nothing: NaN, or 0 where there is none.
std::vector<std::uint8_t> blank_array(study::ArraySpec const& spec) {
    std::size_t n = spec.extent == study::Extent::ragged ? 0 : 1;
    for (auto const length : spec.shape) n *= length;
    bool const is_real = std::all_of(spec.fields.begin(), spec.fields.end(), [](auto const& field) {
        return field.type == study::ElementType::float64;
    });
    if (is_real)
        return bytes_of(
            std::vector<double>(n * spec.fields.size(), std::numeric_limits<double>::quiet_NaN()));
    return std::vector<std::uint8_t>(n * study::element_bytes(spec));
}

study::Cell blank_cell(study::Column const& column) {
    switch (column.type) {
        case study::CellType::integer:
            return std::int64_t{0};
        case study::CellType::real:
            return std::numeric_limits<double>::quiet_NaN();
        case study::CellType::text:
            break;
    }
    return std::string();
}

study::Result blank_result(study::Schema const& schema, study::ExperimentIndex index) {
    study::Result result;
    result.index = index;
    result.cells.reserve(schema.results.size());
    result.arrays.reserve(schema.arrays.size());
    for (auto const& column : schema.results) result.cells.push_back(blank_cell(column));
    for (auto const& spec : schema.arrays) result.arrays.push_back(blank_array(spec));
    return result;
}

void set(study::Result& result, study::Schema const& schema, std::string_view name, study::Cell cell) {
    auto const place = std::find_if(schema.results.begin(), schema.results.end(),
                                    [&](study::Column const& column) { return column.name == name; });
    result.cells.at(static_cast<std::size_t>(place - schema.results.begin())) = std::move(cell);
}

class Run {
  public:
    Run(Training const& training, TrainingCell const& cell, Watcher& watcher)
        : training_(training),
          cell_(cell),
          watcher_(watcher),
          trainer_(training.comparison(), training.train_deaths(cell), training.training_of(cell),
                   parameters()) {}

    /// Fits the model to all deaths, and leaves it in its file.
    study::Result fit(study::Schema const& schema, study::ExperimentIndex index) {
        Fit const& fit = trainer_.fit(cell_.method, watcher_);
        Parts const parts = parts_of(training_.kept(cell_.method, *fit.classifier));
        auto const path = training_.part_file(cell_.method);
        std::filesystem::create_directories(path.parent_path());
        archive::write_archive(path, parts);
        study::Result result = blank_result(schema, index);
        set(result, schema, "n_train", static_cast<std::int64_t>(trainer_.deaths().size()));
        set(result, schema, "fit_seconds", fit.seconds);
        set(result, schema, "content", archive::content_of(parts));
        return result;
    }

    /// Cross-validates a member on all deaths.
    study::Result weigh(study::ExperimentIndex index) {
        double const started = monotonic_seconds();
        auto const prediction = out_of_folds(cell_.method);
        return scored(index, prediction, {monotonic_seconds() - started, 0, 0}, "");
    }

    /// Trains on some deaths and scores the others.
    study::Result score(study::ExperimentIndex index) {
        Seconds seconds;
        TestDeaths const test{cell_.unit, training_.test_deaths(cell_), TestDeaths::Known::untold};
        std::vector<models::Prediction const*> members;
        members.reserve(training_.method().members.size());
        for (auto const& member : training_.method().members) {
            seconds.fit += trainer_.fit(member, watcher_).seconds;
            Forecast const& said = trainer_.forecast(member, test, watcher_);
            seconds.predict += said.seconds;
            members.push_back(&said.prediction);
        }
        auto const& ensemble = training_.method().ensemble;
        if (!ensemble) return scored(index, adapted(*members.front(), test.deaths), seconds, "");
        double const started = monotonic_seconds();
        auto const weights = weights_of(*ensemble);
        seconds.fit += monotonic_seconds() - started;
        return scored(index, adapted(combine(ensemble->vote, weights, members), test.deaths), seconds,
                      describe(*ensemble, weights));
    }

  private:
    [[nodiscard]] ParametersOf parameters() const {
        return [&comparison = training_.comparison()](std::string const& model) {
            return comparison.parameters_of(model);
        };
    }

    models::Prediction adapted(models::Prediction prediction, DeathList const& test) {
        return adapted_if_wanted(training_.comparison(), training_.method(), trainer_.deaths(), test,
                                 std::move(prediction), watcher_);
    }

    models::Prediction out_of_folds(std::string const& member) {
        auto const folds = inner_folds(training_.comparison(), trainer_.deaths(), trainer_.training(),
                                       training_.comparison().options.inner_folds);
        return out_of_fold(
            training_.comparison(), trainer_, folds, member, parameters(), [] {}, watcher_);
    }

    std::vector<double> weights_of(Ensemble const& ensemble) {
        if (ensemble.weighting != Weighting::inner_cv) return fixed_weights(ensemble);
        std::size_t const n = ensemble.members.size();
        std::vector<OutOfFold> inner;
        inner.reserve(n);
        for (auto const& member : ensemble.members)
            inner.push_back(
                out_of_fold_scores(training_.comparison(), trainer_.deaths(), out_of_folds(member)));
        std::vector<OutOfFold const*> members;
        members.reserve(n);
        for (auto const& one : inner) members.push_back(&one);
        return weights_from(ensemble.vote, members);
    }

    static std::string describe(Ensemble const& ensemble, std::vector<double> const& weights) {
        std::vector<std::string> texts;
        texts.reserve(weights.size());
        for (std::size_t m = 0; m < weights.size(); ++m)
            texts.push_back(fmt::format("{} {:.4f}", ensemble.members[m], weights[m]));
        return fmt::format("{}", fmt::join(texts, ", "));
    }

    study::Result scored(study::ExperimentIndex index, models::Prediction const& prediction, Seconds seconds,
                         std::string members) {
        DeathList const test = training_.test_deaths(cell_);
        auto const& comparison = training_.comparison();
        study::Result result =
            evaluate(comparison, {index, trainer_.deaths().size(), test, training_.training_of(cell_),
                                  prediction, std::move(members), seconds});
        result.cells.emplace_back(std::string());
        result.arrays.push_back(bytes_of(out_of_fold_scores(comparison, test, prediction).of_truth));
        return result;
    }

    Training const& training_;
    TrainingCell const& cell_;
    Watcher& watcher_;
    Trainer trainer_;
};

}  // namespace

study::Result run_training_cell(Training const& training, study::Schema const& schema,
                                TrainingCell const& cell, study::ExperimentIndex index, Watcher& watcher) {
    Run run(training, cell, watcher);
    if (cell.step == TrainingStep::final_fit) return run.fit(schema, index);
    return cell.step == TrainingStep::weights ? run.weigh(index) : run.score(index);
}

study::Schema va_train_schema(Cohort const& cohort, std::vector<Grouping> const& groupings,
                              bool has_ensemble) {
    using study::CellType;
    study::Schema schema = va_comparison_schema(cohort, groupings);
    std::size_t width = 1;
    for (auto const& site : cohort.sites) width = std::max(width, site.size());
    constexpr std::size_t most_digits = 3;
    schema.design = {
        {"step", CellType::text, static_cast<std::uint32_t>(to_text(TrainingStep::leave_one_site_out).size()),
         "cv, leave_one_site_out: scores what was left out; weights: cross-validates a member for its "
         "weight; "
         "final: fits to all deaths"},
        {"unit", CellType::text, static_cast<std::uint32_t>(std::max(width, most_digits)),
         "fold (from 0) or site that was left out"},
        {"model", CellType::text, models::longest_model_name,
         "what was fitted: a model of the catalogue, or an ensemble"},
    };
    if (has_ensemble) schema.results.push_back(members_column());
    schema.results.push_back({"content", CellType::text, digits_of_hash,
                              "final: content id of the file with what was learned", study::Nature::result,
                              study::ColumnPosition::trailing});
    schema.arrays.push_back({"of_truth",
                             {{"probability", study::ElementType::float64}},
                             study::Extent::ragged,
                             {},
                             "probability that each scored death's true cause was given"});
    return schema;
}

}  // namespace vaster::va
