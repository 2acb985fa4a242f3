#include "domains/va/cli/choose_method.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/support/nearest.hpp"
#include "domains/va/cli/study_rows.hpp"
#include "domains/va/study/comparison.hpp"
#include "domains/va/study/context.hpp"
#include "domains/va/study/options.hpp"
#include "domains/va/study/training.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using Texts = std::vector<std::string>;

/// A comparison, opened to be asked.
struct ComparisonFile {
    store::Reader const& study;
    StudyRows rows;
    study::Config config;
    Options options;
    std::string name;  ///< of the file, for messages

    [[nodiscard]] Texts methods() const {
        Texts names;
        for (auto const& method : methods_of(options)) names.push_back(method.name);
        return names;
    }

    /// @throws std::logic_error for a name that is not among methods()
    [[nodiscard]] Method method(std::string const& wanted) const {
        for (auto const& known : methods_of(options))
            if (known.name == wanted) return known;
        throw std::logic_error(fmt::format("no method '{}'", wanted));
    }
};

ComparisonFile source_of(store::Reader const& study, study::Kinds const& kinds,
                         std::shared_ptr<models::Catalogue const> const& catalogue) {
    require<DataError>(study.header().kind == va_comparison_kind,
                       "{} is a study of kind {}; a model can be chosen from one of kind {} only",
                       study.path().string(), study.header().kind, va_comparison_kind);
    auto loaded = kinds.load({study.path().string(), study.header().config, {}});
    Options options = options_of(loaded.config, catalogue);
    return {study, StudyRows(study), std::move(loaded.config), std::move(options), study.path().string()};
}

// ---- which method is the best

Texts types_for(Wanted::Where where) {
    switch (where) {
        case Wanted::Where::within:
            return {"in_domain"};
        case Wanted::Where::between:
            return {"leave_one_site_out", "out_domain"};
        case Wanted::Where::as_far_as_possible:
            break;
    }
    return {"leave_one_site_out", "out_domain", "in_domain"};
}

/// The first of the types that the study has finished experiments of.
std::string type_for(ComparisonFile const& source, Wanted::Where where) {
    Texts const types = types_for(where);
    for (auto const& type : types)
        for (std::size_t row = 0; row < source.rows.size(); ++row)
            if (source.rows.done(row) && source.rows.design(row, "type") == type) return type;
    throw DataError(
        fmt::format("{} has no finished experiment of type {}, which would say which model is the best; name "
                    "one with --method",
                    source.name, fmt::join(types, " or ")));
}

/// The experiments of one type: what each method got at each question.
struct Grid {
    std::string type;
    Texts methods;
    std::map<std::string, std::map<std::string, std::size_t>> rows;  ///< by question and method
    Texts holes;
};

std::string question_of(ComparisonFile const& source, std::size_t row) {
    auto const& experiment = source.study.experiment(row);
    return fmt::format("{} -> {} ({})", source.rows.design(row, "train_site"),
                       source.rows.design(row, "test_site"), std::get<std::int64_t>(experiment.design.at(5)));
}

Grid grid_of(ComparisonFile const& source, std::string const& type) {
    Grid grid{type, source.methods(), {}, {}};
    for (std::size_t row = 0; row < source.rows.size(); ++row) {
        if (source.rows.design(row, "type") != type || source.study.skipped(row)) continue;
        std::string const method = source.rows.design(row, "model");
        if (source.rows.done(row))
            grid.rows[question_of(source, row)][method] = row;
        else
            grid.holes.push_back(fmt::format("{} {}", method, question_of(source, row)));
    }
    return grid;
}

void require_whole(ComparisonFile const& source, Grid const& grid, bool allow_holes) {
    constexpr std::size_t n_shown = 5;
    Texts shown(grid.holes.begin(),
                grid.holes.begin() + static_cast<std::ptrdiff_t>(std::min(n_shown, grid.holes.size())));
    require<DataError>(grid.holes.empty() || allow_holes,
                       "{}: {} experiments of type {} are not finished ({}{}); finish them with 'run "
                       "--resume', or choose among "
                       "the questions that every method has answered with --allow-holes",
                       source.name, grid.holes.size(), grid.type, fmt::join(shown, "; "),
                       grid.holes.size() > n_shown ? "; ..." : "");
}

/// The questions that every method has answered.
std::vector<std::string> common_questions(Grid const& grid) {
    std::vector<std::string> questions;
    for (auto const& [question, by_method] : grid.rows)
        if (by_method.size() == grid.methods.size()) questions.push_back(question);
    return questions;
}

bool less_is_better(std::string const& metric) {
    return metric.starts_with("log_loss") || metric.starts_with("brier");
}

/// A method's mean over the questions, and how far chance may have moved it.
struct Mean {
    std::string method;
    double mean = 0;
    double error = 0;    ///< bootstrap standard error; without intervals: of the mean over the questions
    double seconds = 0;  ///< guess of what a training takes
};

/// A normal interval of 95 % is so many standard errors wide.
constexpr double widths_of_interval = 2 * 1.959963984540054;

Mean mean_of(ComparisonFile const& source, Grid const& grid, std::vector<std::string> const& questions,
             std::string const& method, std::string const& by) {
    Mean mean{method};
    double const n = static_cast<double>(questions.size());
    bool const has_interval = source.rows.has_result(by + "_lo") && source.rows.has_result(by + "_hi");
    double variance = 0;
    std::vector<double> values;
    values.reserve(questions.size());
    for (auto const& question : questions) {
        std::size_t const row = grid.rows.at(question).at(method);
        values.push_back(source.rows.real(row, by));
        mean.mean += values.back() / n;
        if (!has_interval) continue;
        double const error =
            (source.rows.real(row, by + "_hi") - source.rows.real(row, by + "_lo")) / widths_of_interval;
        variance += error * error / (n * n);
    }
    if (!has_interval || !(variance > 0)) {
        variance = 0;
        for (double const value : values)
            if (n > 1) variance += (value - mean.mean) * (value - mean.mean) / (n * (n - 1));
    }
    mean.error = std::sqrt(variance);
    return mean;
}

/// What fitting a method to a thousand deaths may take. [s]
double guessed_seconds(ComparisonFile const& source, std::string const& method) {
    constexpr std::size_t n_deaths = 1000;
    constexpr std::size_t n_symptoms = 168;
    std::size_t const n_causes = source.study.schema().labels.front().labels.size();
    double seconds = 0;
    for (auto const& member : source.method(method).members)
        seconds += source.options.catalogue->at(member).expected_seconds(source.options.parameters.at(member),
                                                                         {n_deaths, 1, n_symptoms, n_causes});
    return seconds;
}

void require_metric(ComparisonFile const& source, std::string const& by) {
    Texts known;
    for (auto const& column : source.study.schema().results)
        if (column.type == study::CellType::real && column.nature == study::Nature::result)
            known.push_back(column.name);
    if (std::find(known.begin(), known.end(), by) != known.end()) return;
    auto const near = nearest_name(by, known);
    throw UsageError(fmt::format("--by {}: {} has no such metric{}", by, source.name,
                                 near ? fmt::format("; did you mean {}?", *near) : ""));
}

std::string sentence_of(ComparisonFile const& source, Grid const& grid, std::size_t n_questions,
                        std::string const& by, Mean const& best, Mean const& taken) {
    std::string text =
        fmt::format("{} has the best mean {} ({:.4f}) over {} experiments of type {} in {}", best.method, by,
                    best.mean, n_questions, grid.type, source.study.path().filename().string());
    if (!grid.holes.empty())
        text += fmt::format(" (without {} that are not finished, for any method)", grid.holes.size());
    if (best.method != taken.method)
        text += fmt::format(
            "; {} ({:.4f}) is within one bootstrap standard error of it ({:.4f}) and takes less "
            "computing, so that it is chosen",
            taken.method, taken.mean, best.error);
    return text;
}

/// The best method, or one that is as good and takes less.
std::pair<std::string, std::string> best_method(ComparisonFile const& source, Wanted const& wanted) {
    require_metric(source, wanted.by);
    Grid const grid = grid_of(source, type_for(source, wanted.where));
    require_whole(source, grid, wanted.allow_holes);
    auto const questions = common_questions(grid);
    require<DataError>(!questions.empty(), "{}: no experiment of type {} is finished for all methods ({})",
                       source.name, grid.type, fmt::join(grid.methods, ", "));
    std::vector<Mean> means;
    means.reserve(grid.methods.size());
    for (auto const& method : grid.methods) {
        means.push_back(mean_of(source, grid, questions, method, wanted.by));
        means.back().seconds = guessed_seconds(source, method);
    }
    double const sign = less_is_better(wanted.by) ? -1 : 1;
    std::erase_if(means, [](Mean const& mean) { return std::isnan(mean.mean); });
    require<DataError>(!means.empty(), "{}: {} is missing in all experiments of type {}", source.name,
                       wanted.by, grid.type);
    auto const best = std::max_element(means.begin(), means.end(), [&](Mean const& a, Mean const& b) {
        return sign * a.mean < sign * b.mean;
    });
    Mean const* taken = &*best;
    for (auto const& mean : means)
        if (sign * (best->mean - mean.mean) <= best->error && mean.seconds < taken->seconds) taken = &mean;
    return {taken->method, sentence_of(source, grid, questions.size(), wanted.by, *best, *taken)};
}

// ---- how it is trained

std::string asked_method(ComparisonFile const& source, std::string const& method) {
    auto const methods = source.methods();
    auto const near = nearest_name(method, methods);
    require<UsageError>(std::find(methods.begin(), methods.end(), method) != methods.end(),
                        "--method {}: {} has no such method{}; it has: {}", method, source.name,
                        near ? fmt::format(" (did you mean {}?)", *near) : "", fmt::join(methods, ", "));
    return method;
}

/// The setting that tuning has chosen most often for a method; of equals the first in byte order.
std::optional<std::string> usual_setting(ComparisonFile const& source, std::string const& method) {
    std::map<std::string, std::size_t> counts;
    auto const& design = source.study.schema().design;
    auto const column = std::find_if(design.begin(), design.end(),
                                     [](study::Column const& known) { return known.name == "parameters"; });
    if (column == design.end()) return std::nullopt;
    auto const types = types_for(Wanted::Where::as_far_as_possible);
    for (std::size_t row = 0; row < source.rows.size(); ++row)
        if (source.rows.design(row, "model") == method && source.rows.done(row) &&
            std::find(types.begin(), types.end(), source.rows.design(row, "type")) != types.end())
            ++counts[source.rows.design(row, "parameters")];
    auto const most = std::max_element(counts.begin(), counts.end(),
                                       [](auto const& a, auto const& b) { return a.second < b.second; });
    if (most == counts.end()) return std::nullopt;
    return most->first;
}

class Keys {
  public:
    explicit Keys(ComparisonFile const& source)
        : origin_(fmt::format("--from {}", source.study.path().filename().string())) {}

    void add(std::string const& key, Value const& value) {
        keys_.push_back({key, vaster::to_toml(value), origin_});
    }

    [[nodiscard]] std::vector<study::Override> take() { return std::move(keys_); }

  private:
    std::string origin_;
    std::vector<study::Override> keys_;
};

/// Of [data] what a training has too.
void add_data_keys(Keys& keys, ComparisonFile const& source, study::Kinds const& kinds) {
    for (auto const& table : study::all_tables(kinds.find(va_train_kind)))
        if (table.name == "data")
            for (auto const& key : table.keys)
                keys.add("data." + key.name, source.config.table("data").value(key.name));
}

void add_parameters(Keys& keys, ComparisonFile const& source, std::string const& model,
                    std::string const& setting) {
    auto const parameters = with_setting(source.options.parameters.at(model), model, setting);
    for (auto const& [name, value] : parameters.all())
        keys.add(fmt::format("models.{}.{}", model, name), value);
}

}  // namespace

Chosen choose_method(store::Reader const& study, study::Kinds const& kinds,
                     std::shared_ptr<models::Catalogue const> const& catalogue, Wanted const& wanted) {
    ComparisonFile const source = source_of(study, kinds, catalogue);
    Chosen chosen;
    chosen.data_hash = study.header().data_hash;
    if (wanted.method.empty()) {
        auto [method, sentence] = best_method(source, wanted);
        chosen.method = std::move(method);
        chosen.sentence = std::move(sentence);
    } else {
        chosen.method = asked_method(source, wanted.method);
        chosen.sentence =
            fmt::format("{} of {}, as asked for", chosen.method, study.path().filename().string());
    }
    auto const setting = usual_setting(source, chosen.method);
    if (setting)
        chosen.sentence += fmt::format("; parameters that tuning has chosen most often: {}",
                                       setting->empty() ? "the configured ones" : *setting);
    Method const method = source.method(chosen.method);
    std::string model = method.members.front();
    for (auto const& text : source.options.ensembles)
        if (method.ensemble && parse_ensemble(text, *catalogue).name == method.ensemble->name) model = text;
    Keys keys(source);
    add_data_keys(keys, source, kinds);
    keys.add("study.seed", static_cast<std::int64_t>(source.options.seed));
    keys.add("train.model", model);
    keys.add("train.adapt", method.adaptation ? method.name : std::string());
    for (auto const& [name, value] : source.config.table("adaptation").all())
        keys.add(fmt::format("adaptation.{}", name), value);
    keys.add("train.sites", source.options.sites);
    keys.add("train.folds", std::int64_t{source.options.inner_folds});
    keys.add("train.groupings", source.options.groupings);
    keys.add("train.bootstrap", static_cast<std::int64_t>(source.options.n_resamples));
    keys.add("train.chosen_by", chosen.sentence);
    for (auto const& member : method.members) add_parameters(keys, source, member, setting.value_or(""));
    chosen.keys = keys.take();
    return chosen;
}

void check_same_data(store::Reader const& study, study::Kinds const& kinds,
                     std::shared_ptr<models::Catalogue const> const& catalogue, std::string const& data) {
    ComparisonFile source = source_of(study, kinds, catalogue);
    if (!data.empty()) source.options.source.path = data;
    Comparison const comparison(source.options);
    std::string const hash = comparison.data_hash();
    require<DataError>(
        hash == study.header().data_hash,
        "{} is not the file that {} was made with (data hash {} instead of {}); give that file with "
        "--data, or say with --other-data that the method is to be trained on other deaths",
        source.options.source.path.string(), source.name, hash, study.header().data_hash);
}

}  // namespace vaster::va
