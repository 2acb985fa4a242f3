// The core knows no domain, not even by a string: no name of a kind of study, of a model, of a key table, of
// a column or of an array stands as a literal in src/core, src/base or the public headers. The names come
// from the domains of the program.
#include "literals.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
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
    std::set<std::string> words;   ///< not even as a word in a text: kinds, domains, models, tasks
    std::set<std::string> whole;   ///< not as a text of their own: columns, arrays, tables of keys
    std::set<std::string> dotted;  ///< not even within a text: keys with their tables
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

/// "EMA_Crossover", "va-comparison": no word of English, and not a number.
bool is_a_name(std::string const& choice) {
    auto const is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
    auto const is_capital = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
    return std::any_of(choice.begin(), choice.end(), is_letter) &&
           (choice.find_first_of("_-") != std::string::npos ||
            std::any_of(choice.begin(), choice.end(), is_capital));
}

/// "models.xgboost" names a model.
void add_tables(study::Kind const& kind, Names& names) {
    for (auto const& table : kind.tables()) {
        for (auto const& key : table.keys) {
            names.dotted.insert(table.name + "." + key.name);
            std::copy_if(key.choices.begin(), key.choices.end(),
                         std::inserter(names.words, names.words.end()), is_a_name);
        }
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
    for (auto const& domain : domains)
        if (domain.name != "service" && domain.name != "stream")
            names.words.insert(domain.name);  // words of English
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

/// Whether a text has the key in it, and not as a part of a longer name.
bool mentions(std::string const& text, std::string const& key) {
    auto const is_of_name = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
        auto const end = at + key.size();
        if ((at == 0 || !is_of_name(text[at - 1])) && (end == text.size() || !is_of_name(text[end])))
            return true;
    }
    return false;
}

/// What of a text only domains may say.
std::set<std::string> domains_words_in(std::string const& text, Names const& names) {
    std::set<std::string> found;
    if (names.whole.contains(text)) found.insert(text);
    for (auto const& word : words_of(text))
        if (names.words.contains(word)) found.insert(word);
    for (auto const& key : names.dotted)
        if (mentions(text, key)) found.insert(key);
    return found;
}

/// "line 12: \"evolve\"" for each literal that says what only domains may say.
std::vector<std::string> trespasses(std::string const& text, Names const& names) {
    std::vector<std::string> found;
    for (auto const& literal : testing::literals_of(text))
        if (!domains_words_in(literal.text, names).empty())
            found.push_back(fmt::format("line {}: \"{}\"", literal.line, literal.text));
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

TEST_CASE("the pages of the core know no domain", "[app][literals]") {
    Names names = names_of_domains();
    names.whole.clear();  // JavaScript has such names of its own
    names.dotted.clear();
    std::size_t n_files = 0;
    for (char const* folder : {"/src/core", "/src/base"})
        for (auto const& entry : fs::recursive_directory_iterator(std::string(VASTER_SOURCE_DIR) + folder)) {
            static std::set<fs::path> const read = {".js", ".cjs", ".css", ".json", ".html"};
            bool const is_ours = entry.path().parent_path().filename() != "vendor";
            if (!is_ours || !read.contains(entry.path().extension())) continue;
            ++n_files;
            INFO(entry.path().string());
            CHECK(domains_words_in(read_file(entry.path()), names) == std::set<std::string>());
        }
    CHECK(n_files >= 3);
}

TEST_CASE("what the domains are called is known to this test", "[app][literals]") {
    Names const names = names_of_domains();
    for (char const* word : {"va-comparison", "evolve", "drill", "xgboost", "insilico", "va", "ETL", "KAL"})
        CHECK(names.words.contains(word));
    for (char const* name :
         {"train_site", "test_site", "csmf_accuracy", "confusion", "fitness", "undetermined"})
        CHECK(names.whole.contains(name));
    for (char const* key : {"data.path", "stream.jobs", "models.xgboost.rounds"})
        CHECK(names.dotted.contains(key));
}

TEST_CASE("a name that is put back is found", "[app][literals]") {
    Names const names{{"evolve", "xgboost"}, {"train_site"}, {"data.path"}};
    CHECK(trespasses("auto kind = \"evolve\";", names) == std::vector<std::string>{"line 1: \"evolve\""});
    CHECK(trespasses("\n\nsay(\"as --set models.xgboost.eta\");", names).size() == 1);
    CHECK(trespasses("column(\"train_site\")", names).size() == 1);
    CHECK(trespasses("get(\"data.path\")", names).size() == 1);
    CHECK(trespasses("say(\"set data.path, or mydata.path, data.paths\")", names).size() == 1);
    CHECK(trespasses("say(\"mydata.path, data.paths, metadata.path\")", names).empty());
    CHECK(trespasses("R\"x(evolve)x\"", names).size() == 1);
    CHECK(trespasses("char q = '\"'; auto k = \"evolve\";", names).size() == 1);
    CHECK(trespasses("// \"evolve\"\n/* \"xgboost\" */ int evolve = 1'000;", names).empty());
    CHECK(trespasses("say(\"the train_site column, evolved\")", names).empty());
    CHECK(trespasses("#include \"domains/trading/evolve\"", names).empty());
}
