// The core knows no domain, not even by a string: no name of a kind of study, of a model, of a key table, of
// a column or of an array stands as a literal in src/core, src/base or the public headers. The names come
// from the domains of the program.
#include "literals.hpp"

#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../temporary_folder.hpp"
#include "app/domains.hpp"
#include "base/support/files.hpp"
#include "domains/service/jobs/jobs_study.hpp"
#include "domains/service/solve/options.hpp"
#include "domains/stream/study/options.hpp"
#include "domains/va/data/simulate.hpp"
#include "domains/va/prediction/prediction_options.hpp"
#include "domains/va/prediction/prediction_schema.hpp"
#include "domains/va/study/training.hpp"
#include "vaster/cli/domain.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;

namespace {

namespace fs = std::filesystem;

/// What only domains may say.
struct Names {
    std::set<std::string> words;  ///< not even as a word in a text: kinds, models
    std::set<std::string> whole;  ///< not as a text of their own: columns, arrays, tables of keys
};

/// Names that a domain shares with the core, where they mean something of its own.
std::set<std::string> const shared = {
    "absent",         // of a part of a model file
    "content",        // of a model file: its identity
    "data",           // a key of Vega-Lite
    "error",          // the engine's column, and the level of a log
    "input",          // of a study: what its file keeps of the data
    "label",          // what people call an experiment: a key of JSON
    "label_columns",  // the core's own list: which columns make it
    "model",          // the subcommand: what any domain keeps
    "name",           // a key of [study], and of JSON
    "none",           // of anything
    "outcome",        // of an attempt
    "output",         // a key of [study]
    "pending",        // status of an experiment
    "rank",           // the engine's column
    "scale",          // a key of Vega-Lite
    "seconds",        // a column of attempts, a key of JSON
    "seed",           // the key of [study]: the seed of all random streams
    "step",           // a key of Vega-Lite
    "type",           // a key of Vega-Lite and of JSON
    "value",          // a key of Vega-Lite
};

/// A cohort of made-up deaths, a stream of no records and a small problem, for the kinds that need data.
class Cohort {
  public:
    Cohort()
        : path_(folder_.path() / "cohort.csv"),
          stream_(folder_.file("stream.senml", "")),
          problem_(folder_.file("problem.lp", "Minimize\n x\nEnd\n")) {
        va::SimulationOptions options;
        options.n_deaths = 600;
        std::ofstream out(path_);
        va::simulate(options, out);
    }

    [[nodiscard]] std::string path() const { return path_.string(); }

    [[nodiscard]] std::string stream() const { return stream_.string(); }

    [[nodiscard]] std::string problem() const { return problem_.string(); }

  private:
    testing::TemporaryFolder folder_;
    fs::path path_;
    fs::path stream_;
    fs::path problem_;
};

void add_schema(study::Schema const& schema, Names& names) {
    for (auto const* columns : {&schema.design, &schema.results})
        for (auto const& column : *columns) names.whole.insert(column.name);
    for (auto const& array : schema.arrays) names.whole.insert(array.name);
    for (auto const& list : schema.labels) names.whole.insert(list.name);
}

/// "models.xgboost" names a model.
void add_tables(study::Kind const& kind, Names& names) {
    for (auto const& table : kind.tables()) {
        auto const dot = table.name.find('.');
        if (dot == std::string::npos)
            names.whole.insert(table.name);
        else
            names.words.insert(table.name.substr(dot + 1));
    }
}

/// The defaults of the kind, with what it cannot do without.
study::LoadedConfig configured(study::Kinds const& kinds, study::Kind const& kind, Cohort const& cohort) {
    study::ConfigSource source{"", "", {{"study.kind", kind.name(), ""}}};
    if (kind.name().starts_with("va-")) source.overrides.push_back({"data.path", cohort.path(), ""});
    if (kind.name() == va::va_train_kind) {
        source.overrides.push_back({"train.model", "naive_bayes", ""});
        source.overrides.push_back({"train.output", "model.h5", ""});
    }
    if (kind.name() == service::jobs_kind_name) {
        source.overrides.push_back({"jobs.command", "true", ""});
        source.overrides.push_back({"jobs.list", cohort.path(), ""});
    }
    if (kind.name() == service::solve::solve_kind)
        source.overrides.push_back({"solve.files", cohort.problem(), ""});
    if (kind.name() == stream::stream_kind) {
        source.overrides.push_back({"stream.jobs", "NOP", ""});
        source.overrides.push_back({"input.files", cohort.stream(), ""});
        source.overrides.push_back({"input.sensor", "source", ""});
    }
    return kinds.load(source);
}

Names names_of_domains() {
    Cohort const cohort;
    Names names;
    auto const domains = app::domains();
    auto const kinds = cli::kinds_of(domains);
    for (auto const& kind : kinds.all()) {
        names.words.insert(kind->name());
        add_tables(*kind, names);
        if (kind->name() == va::va_predict_kind) {  // needs a model file, but not to know its columns
            add_schema(va::prediction_schema({2, 1, 2, true, true, true, va::Weighted::yes}, {"a", "b"}),
                       names);
            continue;
        }
        auto const loaded = configured(kinds, *kind, cohort);
        add_schema(kind->open(loaded.config, study::FromSource()).study->schema(), names);
    }
    for (auto const& name : shared) names.whole.erase(name);
    names.words.erase(std::string(stream::stream_kind));  // a random stream is one, too
    return names;
}

/// The words of a text: letters, digits, _ and -.
std::set<std::string> words_of(std::string const& text) {
    std::set<std::string> words;
    std::string word;
    for (char const c : text + " ") {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-') {
            word += c;
        } else {
            words.insert(word);
            word.clear();
        }
    }
    return words;
}

/// "line 12: \"evolve\"" for each literal that says what only domains may say.
std::vector<std::string> trespasses(std::string const& text, Names const& names) {
    std::vector<std::string> found;
    for (auto const& literal : testing::literals_of(text)) {
        bool bad = names.whole.contains(literal.text);
        for (auto const& word : words_of(literal.text)) bad = bad || names.words.contains(word);
        if (bad) found.push_back(fmt::format("line {}: \"{}\"", literal.line, literal.text));
    }
    return found;
}

}  // namespace

TEST_CASE("the core and the base know no domain, not even by a string", "[app][literals]") {
    Names const names = names_of_domains();
    std::size_t n_files = 0;
    for (char const* folder : {"/src/core", "/src/base", "/include/vaster"})
        for (auto const& entry : fs::recursive_directory_iterator(std::string(VASTER_SOURCE_DIR) + folder)) {
            auto const extension = entry.path().extension();
            if (extension != ".cpp" && extension != ".hpp") continue;
            ++n_files;
            for (auto const& trespass : trespasses(read_file(entry.path()), names))
                FAIL_CHECK(entry.path().string() << ", " << trespass);
        }
    CHECK(n_files > 200);
}

TEST_CASE("what the domains are called is known to this test", "[app][literals]") {
    Names const names = names_of_domains();
    for (char const* word : {"va-comparison", "evolve", "drill", "xgboost", "insilico"})
        CHECK(names.words.contains(word));
    for (char const* name :
         {"train_site", "test_site", "csmf_accuracy", "confusion", "fitness", "undetermined"})
        CHECK(names.whole.contains(name));
}

TEST_CASE("a name that is put back is found", "[app][literals]") {
    Names const names{{"evolve", "xgboost"}, {"train_site"}};
    CHECK(trespasses("auto kind = \"evolve\";", names) == std::vector<std::string>{"line 1: \"evolve\""});
    CHECK(trespasses("\n\nsay(\"as --set models.xgboost.eta\");", names).size() == 1);
    CHECK(trespasses("column(\"train_site\")", names).size() == 1);
    CHECK(trespasses("R\"x(evolve)x\"", names).size() == 1);
    CHECK(trespasses("char q = '\"'; auto k = \"evolve\";", names).size() == 1);
    CHECK(trespasses("// \"evolve\"\n/* \"xgboost\" */ int evolve = 1'000;", names).empty());
    CHECK(trespasses("say(\"the train_site column, evolved\")", names).empty());
    CHECK(trespasses("#include \"domains/trading/evolve\"", names).empty());
}
