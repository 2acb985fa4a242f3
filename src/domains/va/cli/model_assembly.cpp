#include "domains/va/cli/model_assembly.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "base/support/byte_text.hpp"
#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "core/archive/archive.hpp"
#include "core/run/version.hpp"
#include "domains/va/cli/study_rows.hpp"
#include "domains/va/study/training.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t n_probes = 100;

/// What the model file says of each fold or site; with _lo and _hi where there are intervals.
std::vector<std::string> kept_metrics(StudyRows const& rows) {
    std::vector<std::string> metrics;
    for (std::string const metric :
         {"csmf_accuracy", "csmf_accuracy_posterior", "csmf_accuracy_probabilities", "cccsmf_accuracy",
          "cod_accuracy", "top3_accuracy", "mean_ccc", "log_loss", "brier"})
        for (auto const* ending : {"", "_lo", "_hi"})
            if (rows.has_result(metric + ending)) metrics.push_back(metric + ending);
    return metrics;
}

/// Rows of a step, in order.
std::vector<std::size_t> rows_of(StudyRows const& rows, TrainingStep step) {
    std::vector<std::size_t> found;
    for (std::size_t row = 0; row < rows.size(); ++row)
        if (rows.design(row, "step") == to_text(step) && rows.done(row)) found.push_back(row);
    return found;
}

InnerResults results_of(StudyRows const& rows, TrainingStep step, std::size_t n_causes) {
    InnerResults inner;
    inner.design = to_text(step);
    inner.metrics = kept_metrics(rows);
    inner.confusion.assign(n_causes * n_causes, 0);
    for (auto const row : rows_of(rows, step)) {
        inner.units.push_back(rows.design(row, "unit"));
        inner.n_train.push_back(static_cast<std::uint64_t>(rows.integer(row, "n_train")));
        inner.n_test.push_back(static_cast<std::uint64_t>(rows.integer(row, "n_test")));
        for (auto const& metric : inner.metrics) inner.values.push_back(rows.real(row, metric));
        auto const confusion = rows.counts(row, "confusion");
        for (std::size_t i = 0; i < inner.confusion.size(); ++i) inner.confusion[i] += confusion.at(i);
        auto const add = [&](std::vector<double>& all, std::string_view array) {
            auto const fractions = rows.reals(row, array);
            all.insert(all.end(), fractions.begin(), fractions.end());
        };
        add(inner.csmf_true, "csmf_true");
        add(inner.csmf_predicted, "csmf_own");
    }
    return inner;
}

/// One member's final fit.
struct FinalFit {
    std::string model;
    std::string content;
    fs::path file;
};

std::vector<FinalFit> final_fits(StudyRows const& rows, TrainingOptions const& options) {
    std::vector<FinalFit> fits;
    fits.reserve(options.base.models.size() + 1);
    for (auto const row : rows_of(rows, TrainingStep::final_fit)) {
        std::string const model = rows.design(row, "model");
        fits.push_back({model, rows.text(row, "content"), part_file_of(options.output, model)});
    }
    return fits;
}

KeptModel read_fit(FinalFit const& fit) {
    require<DataError>(
        fs::exists(fit.file),
        "{}, in which the fitted {} was left, is not there any more; train again with --overwrite",
        fit.file.string(), fit.model);
    auto const archive = archive::read_archive(fit.file);
    require<DataError>(archive.content == fit.content,
                       "{} has content {}, but the study file says {}; train again with --overwrite",
                       fit.file.string(), archive.content.substr(0, archive::digits_of_short_id),
                       fit.content.substr(0, archive::digits_of_short_id));
    return kept_model_from(archive.parts);
}

std::vector<double> vote_weights(StudyRows const& rows, Ensemble const& ensemble) {
    if (ensemble.weighting != Weighting::inner_cv) return fixed_weights(ensemble);
    std::vector<OutOfFold> inner;
    inner.reserve(ensemble.members.size());
    for (auto const row : rows_of(rows, TrainingStep::weights))
        inner.push_back({rows.reals(row, "of_truth"), rows.real(row, "cod_accuracy"), 0});
    std::vector<OutOfFold const*> members;
    members.reserve(inner.size());
    for (auto const& one : inner) members.push_back(&one);
    return weights_from(ensemble.vote, members);
}

std::string text_in(char const* variable) {
    char const* const text = std::getenv(variable);
    return text == nullptr ? "" : legible(text);
}

std::vector<std::pair<std::string, std::string>> provenance_of(store::Reader const& study,
                                                               TrainingOptions const& options) {
    auto const& header = study.header();
    std::vector<std::pair<std::string, std::string>> all{
        {"chosen_by", legible(options.chosen_by)},
        {"command", legible(header.provenance.command)},
        {"compiler", header.provenance.compiler},
        {"created", utc_text(wall_seconds())},
        {"data_file", legible(options.base.source.path.filename().string())},
        {"host", legible(host_name())},
        {"libraries", header.provenance.libraries},
        {"program", std::string(run::version())},
        {"study_config", header.config_hash},
        {"study_data", header.data_hash},
        {"study_plan", header.plan_hash},
        {"user", text_in("USER")}};
    std::erase_if(all, [](auto const& entry) { return entry.second.empty(); });
    return all;
}

/// Texts of provenance may have line breaks of a command line; a model file has none in them.
void tidy(KeptModel& model) {
    for (auto& [key, text] : model.provenance) {
        std::replace(text.begin(), text.end(), '\n', ' ');
        std::replace(text.begin(), text.end(), '\t', ' ');
    }
}

KeptModel model_of(store::Reader const& study, TrainingOptions const& options,
                   std::vector<FinalFit> const& fits) {
    StudyRows const rows(study);
    KeptModel model = read_fit(fits.front());
    for (std::size_t m = 1; m < fits.size(); ++m)
        model.members.push_back(std::move(read_fit(fits[m]).members.front()));
    if (!options.base.ensembles.empty()) {
        Ensemble const ensemble = parse_ensemble(options.base.ensembles.front(), *options.base.catalogue);
        model.name = ensemble.name;
        model.vote = ensemble.vote;
        model.weights = vote_weights(rows, ensemble);
    }
    Method const method = methods_of(options.base).back();
    model.adaptation = method.adaptation;
    model.name = method.name;
    model.inner = inner_results(study, model.causes.size());
    model.provenance = provenance_of(study, options);
    tidy(model);
    auto const members = classifiers(model, *options.base.catalogue);
    Watcher watcher;
    if (predicts_of(model, *options.base.catalogue) == models::Predicts::each_death)
        model.probes = probes_of(model, members, n_probes, watcher);
    return model;
}

/// The model file that is there, if it was made of this study.
std::optional<Assembled> made_before(store::Reader const& study, fs::path const& file) {
    if (!archive::is_archive(file)) return std::nullopt;
    auto const archive = archive::read_archive(file);
    KeptModel model = kept_model_from(archive.parts);
    auto const says = [&](std::string const& key, std::string const& text) {
        auto const place = std::find(model.provenance.begin(), model.provenance.end(), std::pair(key, text));
        return place != model.provenance.end();
    };
    auto const& header = study.header();
    if (!says("study_config", header.config_hash) || !says("study_data", header.data_hash))
        return std::nullopt;
    return Assembled{file, archive.content, archive.file_hash, std::move(model)};
}

/// They are in the model file now; where they cannot be removed they do no harm.
void remove_fits(std::vector<FinalFit> const& fits) {
    std::error_code ignored;
    for (auto const& fit : fits) fs::remove(fit.file, ignored);
    fs::remove(fits.front().file.parent_path(), ignored);
}

}  // namespace

std::vector<InnerResults> inner_results(store::Reader const& study, std::size_t n_causes) {
    StudyRows const rows(study);
    std::vector<InnerResults> all;
    for (auto const step : {TrainingStep::cv, TrainingStep::leave_one_site_out})
        if (auto inner = results_of(rows, step, n_causes); !inner.units.empty())
            all.push_back(std::move(inner));
    return all;
}

Assembled assemble_model(store::Reader const& study, TrainingOptions const& options) {
    auto const fits = final_fits(StudyRows(study), options);
    auto const file = absolute_path(options.output);
    require<DataError>(!fits.empty(), "{} has no finished final fit", study.path().string());
    if (!fs::exists(fits.front().file))
        if (auto made = made_before(study, file)) return std::move(*made);
    Assembled assembled{file, "", "", model_of(study, options, fits)};
    archive::write_archive(file, parts_of(assembled.model));
    auto const written = archive::read_archive(file);
    assembled.content = written.content;
    assembled.file_hash = written.file_hash;
    remove_fits(fits);
    return assembled;
}

}  // namespace vaster::va
