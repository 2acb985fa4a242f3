#include "domains/va/prediction/prediction_options.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace vaster::va {
namespace {

using Texts = std::vector<std::string>;

study::KeyTable model_table() {
    return {
        "model",
        "The model in use",
        {
            {.name = "file",
             .standard = "",
             .doc = "model file, as 'vaster train' makes them; must be given",
             .effect = Effect::operation},
            {.name = "content",
             .standard = "",
             .doc = "content id that it must have; empty: whatever it has"},
            {.name = "posterior",
             .standard = "",
             .doc = "models that code deaths together: what a batch has taught the model, a file that an "
                    "earlier prediction has left; then every death is coded by itself; empty: these deaths "
                    "teach it",
             .effect = Effect::operation,
             .format = Format::file,
             .flag = "--posterior"},
        }};
}

study::KeyTable data_table() {
    return {
        "data",
        "The new deaths",
        {
            {.name = "path",
             .standard = "",
             .doc = "CSV file of the new deaths, a row each; must be given",
             .effect = Effect::operation},
            {.name = "id",
             .standard = "",
             .doc = "column with the IDs of deaths; empty: that of the training deaths, if it is there",
             .effect = Effect::operation,
             .flag = "--id"},
            {.name = "population",
             .standard = "",
             .doc = "column with sub-populations, for models that estimate the cause fractions of each",
             .flag = "--population"},
            {.name = "by",
             .standard = Texts{},
             .doc =
                 "columns that make groups of deaths, such as sex: cause fractions of each value and of each "
                 "combination",
             .flag = "--by"},
            {.name = "keep",
             .standard = Texts{},
             .doc = "columns that are carried into the output as they are",
             .effect = Effect::operation,
             .flag = "--keep"},
            {.name = "batch_by",
             .standard = "",
             .doc = "models that code deaths together: column whose values are the batches; empty: the site "
                    "column "
                    "of the training deaths if it is there, else all deaths are one batch",
             .flag = "--batch-by"},
            {.name = "score",
             .standard = "",
             .doc =
                 "column with the true causes, to say how well the model did; never a symptom; empty: none",
             .flag = "--score"},
            {.name = "weight",
             .standard = "",
             .doc =
                 "column with the weights of deaths, as surveys have them, above 0: cause fractions, their "
                 "intervals and scores are weighted; never a symptom; empty: none",
             .flag = "--weight"},
            {.name = "rename",
             .standard = "",
             .doc = "CSV with the columns data,model: what symptoms of the model are called in the file",
             .format = Format::file,
             .flag = "--rename"},
            {.name = "missing_columns",
             .standard = "refuse",
             .doc =
                 "symptoms that the file does not have; refuse: an error; missing: every answer is missing, "
                 "unless it is more than half of them",
             .choices = {"refuse", "missing"},
             .flag = "--missing-columns"},
            {.name = "coding",
             .standard = "auto",
             .doc =
                 "what an empty cell means; auto: found from the whole file; yes: absent, as where only Y is "
                 "written; numbers: missing, as beside 1 and 0",
             .choices = {"auto", "yes", "numbers"},
             .flag = "--coding"},
            {.name = "bad_rows",
             .standard = "stop",
             .doc = "rows with an answer that cannot be read; stop: their block fails and says where; mark: "
                    "they "
                    "are flagged as unreadable and have no cause",
             .choices = {"stop", "mark"},
             .flag = "--bad-rows"},
        }};
}

study::KeyTable predict_table() {
    return {
        "predict",
        "What is said of each death",
        {
            {.name = "top",
             .standard = std::int64_t{3},
             .doc = "most probable causes of each death",
             .bounds = {.at_least = 1, .at_most = 100},
             .flag = "--top"},
            {.name = "probabilities",
             .standard = "top",
             .doc = "top: of those causes; all: of every cause, in the study file, too",
             .choices = {"top", "all"},
             .flag = "--probabilities"},
            {.name = "unanswered",
             .standard = "undetermined",
             .doc =
                 "deaths of which every answer is missing; undetermined: they have no cause and do not count "
                 "in cause fractions; model: what the model says of them",
             .choices = {"undetermined", "model"},
             .flag = "--unanswered"},
            {.name = "undetermined_below",
             .standard = 0.0,
             .doc =
                 "a death whose best probability is below this is undetermined; its probabilities count in "
                 "cause fractions all the same",
             .bounds = {.at_least = 0, .at_most = 1},
             .flag = "--undetermined-below"},
            {.name = "block",
             .standard = std::int64_t{10000},
             .doc = "rows of one experiment; changes no result",
             .bounds = {.at_least = 1, .at_most = 200000},
             .flag = "--block"},
            {.name = "fit_deaths",
             .standard = std::int64_t{20000},
             .doc =
                 "models that code deaths together: of a batch with more deaths, so many are sampled, chosen "
                 "by their rows and the seed; all are coded by what these have taught",
             .bounds = {.at_least = 1, .at_most = 100000000},
             .flag = "--fit-deaths"},
            {.name = "calibrate",
             .standard = "none",
             .doc =
                 "cause fractions corrected by a confusion matrix, in columns of their own; inner: that of "
                 "the model's cross-validation; transfer: that of sites left out in turn; at new sites it "
                 "makes them worse more often than better; causes of deaths never change",
             .choices = {"none", "inner", "transfer"},
             .flag = "--calibrate"},
            {.name = "confusion",
             .standard = "",
             .doc = "the same by a matrix of your own: CSV with the column cause (the true one) and one for "
                    "each cause of the model (the assigned one); cells are counts of deaths",
             .format = Format::file,
             .flag = "--confusion"},
            {.name = "strict",
             .standard = false,
             .doc = "refuse deaths whose answers differ very much from those of the training deaths",
             .effect = Effect::operation},
        }};
}

std::optional<Answer> empty_means(std::string const& coding) {
    if (coding == "yes") return Answer::absent;
    if (coding == "numbers") return Answer::missing;
    return std::nullopt;
}

Calibrate calibrate_of(std::string const& word, std::filesystem::path const& confusion) {
    if (word == "inner") return Calibrate::inner;
    if (word == "transfer") return Calibrate::transfer;
    return confusion.empty() ? Calibrate::none : Calibrate::file;
}

}  // namespace

std::vector<study::KeyTable> prediction_tables() {
    return {model_table(), data_table(), predict_table()};
}

PredictionOptions prediction_options_of(study::Config const& config) {
    auto const text = [&](std::string_view key) { return config.get<std::string>(key); };
    PredictionOptions options;
    options.seed = static_cast<std::uint64_t>(config.get<std::int64_t>("study.seed"));
    options.model = text("model.file");
    options.content = text("model.content");
    options.posterior = text("model.posterior");
    options.study = text("study.output");
    options.source.path = text("data.path");
    options.source.id = text("data.id");
    options.source.population = text("data.population");
    options.source.by = config.get<Texts>("data.by");
    options.source.keep = config.get<Texts>("data.keep");
    options.source.batch_by = text("data.batch_by");
    options.source.score = text("data.score");
    options.source.weight = text("data.weight");
    options.source.rename = text("data.rename");
    options.source.missing_columns =
        text("data.missing_columns") == "missing" ? MissingColumns::missing : MissingColumns::refuse;
    options.source.empty_means = empty_means(text("data.coding"));
    options.bad_rows = text("data.bad_rows") == "mark" ? BadRows::mark : BadRows::stop;
    options.unanswered = text("predict.unanswered") == "model" ? Unanswered::model : Unanswered::undetermined;
    options.undetermined_below = config.get<double>("predict.undetermined_below");
    options.top = static_cast<std::size_t>(config.get<std::int64_t>("predict.top"));
    options.probabilities = text("predict.probabilities") == "all" ? Kept::all : Kept::top;
    options.block_rows = static_cast<std::uint64_t>(config.get<std::int64_t>("predict.block"));
    options.fit_deaths = static_cast<std::size_t>(config.get<std::int64_t>("predict.fit_deaths"));
    options.confusion = text("predict.confusion");
    options.calibrate = calibrate_of(text("predict.calibrate"), options.confusion);
    options.strict = config.get<bool>("predict.strict");
    return options;
}

std::vector<std::string> problems_of(PredictionOptions const& options) {
    std::vector<std::string> problems;
    if (options.model.empty()) problems.emplace_back("model.file is empty (must name a model file)");
    if (options.source.path.empty())
        problems.emplace_back("data.path is empty (must name the CSV file of the new deaths)");
    if (!options.confusion.empty() && options.calibrate != Calibrate::file)
        problems.emplace_back(
            "predict.confusion is a matrix of your own, and predict.calibrate asks for one of the model's: "
            "give "
            "one of them");
    auto by = options.source.by;
    std::sort(by.begin(), by.end());
    if (std::adjacent_find(by.begin(), by.end()) != by.end())
        problems.emplace_back("data.by names a column twice");
    return problems;
}

}  // namespace vaster::va
