#include "vaster/study/config.hpp"

#include <catch2/catch.hpp>

#include "vaster/study/renamed_keys.hpp"
#include "vaster/study/study.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::study;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

namespace {

/// A kind with one key of every type and a rule that joins two of them.
class Sample : public Kind {
  public:
    [[nodiscard]] std::string name() const override { return "sample"; }

    [[nodiscard]] std::string doc() const override { return "for tests"; }

    [[nodiscard]] std::vector<KeyTable> tables() const override {
        return {{"design",
                 "The design",
                 {{.name = "models",
                   .standard = std::vector<std::string>{"a"},
                   .doc = "m",
                   .choices = {"a", "b"}},
                  {.name = "fractions",
                   .standard = std::vector<double>{0.5, 1.0},
                   .doc = "f",
                   .bounds = {.above = 0, .at_most = 1}},
                  {.name = "bootstrap",
                   .standard = std::int64_t{1000},
                   .doc = "resamples",
                   .bounds = {.at_least = 1}},
                  {.name = "shuffle", .standard = true, .doc = "s"}}},
                {"models.a",
                 "Model a",
                 {{.name = "eta", .standard = 0.3, .doc = "rate", .bounds = {.above = 0}}}},
                {"models.b", "Model b", {{.name = "depth", .standard = std::int64_t{6}, .doc = "levels"}}}};
    }

    [[nodiscard]] std::vector<std::string> problems(Config const& config) const override {
        if (config.get<std::vector<std::string>>("design.models").empty()) return {"design.models is empty"};
        return {};
    }

    [[nodiscard]] bool relevant(Config const& config, std::string_view table) const override {
        if (table != "models.b") return true;
        auto const& models = config.get<std::vector<std::string>>("design.models");
        return std::find(models.begin(), models.end(), "b") != models.end();
    }

    [[nodiscard]] Opened open(Config const&, DataFrom const&) const override { return {}; }

    [[nodiscard]] std::vector<TextTable> summary(Config const&, Schema const&,
                                                 Records const&) const override {
        return {};
    }
};

Config loaded(std::string text, std::vector<Override> overrides = {}) {
    return load(Sample(), {"study.toml", std::move(text), std::move(overrides)});
}

std::string refusal(std::string text, std::vector<Override> overrides = {}) {
    try {
        loaded(std::move(text), std::move(overrides));
    } catch (ConfigError const& e) {
        return e.what();
    }
    return "";
}

/// A kind in which a key was renamed, and its old name given to another one.
class Renamed : public Sample, public HasRenamedKeys {
  public:
    [[nodiscard]] std::vector<KeyTable> tables() const override {
        return {
            {"data",
             "The data",
             {{.name = "missing", .standard = std::vector<std::string>{}, .doc = "spellings"},
              {.name = "missing_as", .standard = "absent", .doc = "policy", .choices = {"absent", "nan"}}}}};
    }

    [[nodiscard]] std::vector<RenamedKey> renamed_keys() const override {
        return {{"data", "missing", "missing_as"}};
    }

    [[nodiscard]] std::vector<std::string> problems(Config const&) const override { return {}; }
};

}  // namespace

TEST_CASE("what the text does not say has its default", "[study][config]") {
    Config const config = loaded("[design]\nbootstrap = 7\n");
    CHECK(config.get<std::int64_t>("design.bootstrap") == 7);
    CHECK(config.get<bool>("design.shuffle"));
    CHECK(config.get<std::string>("study.kind") == "sample");
    CHECK(config.seconds("run.timeout") == 3600);
    CHECK(config.bytes("run.memory") == 4ULL << 30U);
}

TEST_CASE("five mistakes are listed at once, each with its line", "[study][config]") {
    std::string const text = refusal(
        "[design]\nmodels = [\"a\", \"c\"]\nbootstap = 10\nfractions = [0.5, 1.5]\nshuffle = "
        "1\n[models.a]\neta = 0\n");
    CHECK_THAT(text, Contains("5 problems"));
    CHECK_THAT(text, Contains("study.toml:2: design.models = [\"a\", \"c\"] ('c' is not one of: a, b)"));
    CHECK_THAT(text, Contains("study.toml:3: design.bootstap: unknown key; did you mean 'bootstrap'?"));
    CHECK_THAT(text, Contains("study.toml:4: design.fractions = [0.5, 1.5] (must be at most 1)"));
    CHECK_THAT(text, Contains("study.toml:5: design.shuffle = 1 must be true or false"));
    CHECK_THAT(text, Contains("study.toml:7: models.a.eta = 0.0 (must be above 0)"));
}

TEST_CASE("problems of values taken together stand in the same list", "[study][config]") {
    std::string const text = refusal("[design]\nmodels = []\nbootstrap = 0\n");
    CHECK_THAT(
        text, Contains("2 problems") && Contains("design.models is empty") && Contains("must be at least 1"));
}

TEST_CASE("text that is not TOML is refused with line and column", "[study][config]") {
    CHECK_THAT(refusal("[design\nmodels = 1\n"), Contains("study.toml:1:8: this is not TOML"));
    CHECK_THAT(refusal("[nonsense]\nx = 1\n"), Contains("[nonsense]: unknown table"));
    CHECK_THAT(refusal("seed = 1\n"), Contains("a key outside of any table"));
}

TEST_CASE("letters that TOML allows in quotes and comments only are refused elsewhere", "[study][config]") {
    std::string const letter = "\u028D";  // the end of a table in toml++ 3.3
    CHECK_THAT(refusal("[design]\n  " + letter + " = 1\n"),
               Contains("study.toml:2:3: this is not TOML: letters other than A-Z and a-z"));
    CHECK_THAT(refusal("[" + letter + "]\n"), Contains("study.toml:1:2: this is not TOML"));
    CHECK_THAT(refusal("x = \"a\nb\"" + letter + "\n"),
               Contains("study.toml:2:2: this is not TOML: quotes may only"));
    CHECK_THAT(refusal("x = 0\"1" + letter + "\"\n"),
               Contains("study.toml:1:6: this is not TOML: quotes may only"));
    CHECK_THAT(refusal("", {{"design.bootstrap", letter, "--bootstrap"}}),
               Contains("must be a whole number"));
    for (std::string const& text :
         {"\"" + letter + "\"", "\"\"\"" + letter + "\"\"\"\"\" # " + letter, "'" + letter + "'",
          "\"\"\"" + letter + "\\\"\"\"\"", "\"\\\"" + letter + "\" # " + letter, "''' '" + letter + "\n'''"})
        CHECK_THAT(loaded("[study]\noutput = " + text + "\n").get<std::string>("study.output"),
                   Contains(letter));
}

TEST_CASE("a number that is not a whole number of 64 bits is shown with what would be one",
          "[study][config]") {
    auto const by_flag = [](std::string const& text) {
        return refusal("", {{"design.bootstrap", text, "--set"}});
    };
    CHECK_THAT(by_flag("18446744073709551615"),
               Contains("design.bootstrap = 18446744073709551615 must be a whole number of at most "
                        "9223372036854775807"));
    CHECK_THAT(by_flag("-9_999_999_999_999_999_999"),
               Contains("must be a whole number of at least -9223372036854775808"));
    CHECK_THAT(by_flag("1e3"), Contains("design.bootstrap = 1e3 must be a whole number: write 1000"));
    CHECK_THAT(by_flag("250.0"), Contains("must be a whole number: write 250"));
    for (auto const* other : {"2.5", "1e400", "nan", "true", "1000x", "\"1000\"", "-", "[1]"})
        CHECK_THAT(by_flag(other), EndsWith("must be a whole number"));
    CHECK_THAT(refusal("[design]\nbootstrap = 1e3\n"),
               Contains("study.toml:2: design.bootstrap = 1000.0 must be a whole number: write 1000"));
    CHECK_THAT(refusal("[design]\nbootstrap = \"many\"\n"),
               Contains("study.toml:2: design.bootstrap = 'many' must be a whole number"));
    CHECK_THAT(refusal("[design]\nbootstrap = [1]\n"),
               Contains("study.toml:2: design.bootstrap must be a whole number"));
}

TEST_CASE("a bound of a size or a duration is told in its unit", "[study][config]") {
    Parameter const memory{.name = "memory",
                           .standard = std::string("1GiB"),
                           .doc = "m",
                           .bounds = {.at_least = 33554432, .at_most = 1099511627776},
                           .format = Format::bytes};
    CHECK(problem_of(memory, std::string("1B")) == "(must be at least 32.0 MiB)");
    CHECK(problem_of(memory, std::string("9TiB")) == "(must be at most 1.0 TiB)");
    CHECK(problem_of(memory, std::string("32MiB")).empty());
    Parameter const delay{.name = "delay",
                          .standard = std::string("1s"),
                          .doc = "d",
                          .bounds = {.at_least = 0, .at_most = 7200},
                          .format = Format::duration};
    CHECK(problem_of(delay, std::string("1d")) == "(must be at most 2 h 00 min)");
    CHECK(problem_of(delay, std::string("0")).empty());
}

TEST_CASE("flags win over the text and need no quotes", "[study][config]") {
    Config const config = loaded("[design]\nmodels = [\"a\"]\n", {{"design.models", "a,b", "--models"},
                                                                  {"design.fractions", "0.25, 1", "--set"},
                                                                  {"study.output", "x y.h5", "--output"},
                                                                  {"models.a.eta", "1", "--set"}});
    CHECK(config.get<std::vector<std::string>>("design.models") == std::vector<std::string>{"a", "b"});
    CHECK(config.get<std::vector<double>>("design.fractions") == std::vector<double>{0.25, 1.0});
    CHECK(config.get<std::string>("study.output") == "x y.h5");
    CHECK(config.get<double>("models.a.eta") == 1.0);
    CHECK_THAT(refusal("", {{"design.bootstrap", "many", "--bootstrap"}}),
               Contains("--bootstrap: design.bootstrap = many must be a whole number"));
    CHECK_THAT(refusal("", {{"desing.bootstrap", "5", "--set"}}),
               Contains("--set: desing.bootstrap: unknown key; did you mean 'design'?"));
}

TEST_CASE("a config written as TOML reads back as the same config", "[study][config]") {
    Config const config =
        loaded("", {{"study.output", "a \"b\"\\\t\u00fc.h5", "--output"}, {"models.a.eta", "1e-7", "--set"}});
    std::string const text = to_toml(config);
    CHECK(to_toml(loaded(text)) == text);
}

TEST_CASE("the hash follows what can change results and nothing else", "[study][config]") {
    Sample const kind;
    auto const hash = [&](std::string const& text) { return config_hash(kind, loaded(text)); };
    CHECK(hash("") == hash("[run]\ntimeout = \"5s\"\n[study]\noutput = \"other.h5\"\n"));
    CHECK(hash("") == hash("[models.b]\ndepth = 9\n"));  // model b is not used
    CHECK(hash("") != hash("[models.a]\neta = 0.31\n"));
    CHECK(hash("") != hash("[study]\nseed = 43\n"));
    CHECK(differences(result_lines(kind, loaded("")), result_lines(kind, loaded("[study]\nseed = 43\n"))) ==
          std::vector<std::string>{"study.seed: 42 -> 43"});
}

TEST_CASE("the documented defaults are a valid config with the defaults", "[study][config]") {
    Sample const kind;
    CHECK(to_toml(loaded(documented_defaults(all_tables(kind)))) == to_toml(loaded("")));
}

TEST_CASE("what no table name may begin with is refused in every build", "[study][config]") {
    for (std::string const text : {"[\x1estudy]\n", "[#tu[", "a = 1\n[\x01", "[=]"})
        CHECK_THROWS_AS(kind_of({"x.toml", text, {}}), ConfigError);
}

TEST_CASE("texts keep all of their bytes through TOML, in flags and in lists too", "[study][config]") {
    std::string const name = "/data/B\xE4r \xFF\u00e9\U0010FEE4\xC3.h5";
    Config const given = loaded("", {{"study.output", name, "--output"}});
    CHECK(given.get<std::string>("study.output") == name);
    CHECK(loaded(to_toml(given)).get<std::string>("study.output") == name);
    CHECK_THAT(to_toml(given), Contains("B\\U0010FEE4r \\U0010FEFF\u00e9"));
    CHECK(loaded("", {{"study.output", "\"" + name + "\"", "--set"}}).get<std::string>("study.output") ==
          name);
    CHECK(loaded("", {{"study.output", "'" + name + "'", "--set"}}).get<std::string>("study.output") == name);
    CHECK(loaded("[study]\noutput = \"\\U0010FEE4.h5\"\n").get<std::string>("study.output") == "\xE4.h5");
    CHECK(std::get<std::vector<std::string>>(
              loaded("", {{"design.models", "['a', \"b\"]", "--set"}}).value("design.models")) ==
          std::vector<std::string>{"a", "b"});
    CHECK_THAT(refusal("", {{"design.models", "a,\xE4", "--models"}}), Contains("\\U0010FEE4"));
}

TEST_CASE("a configuration file that is not UTF-8 is refused with line and column", "[study][config]") {
    CHECK_THAT(refusal("[study]\noutput = \"\xE4.h5\"\n"), Contains("study.toml:2:") && Contains("utf-8"));
}

TEST_CASE("a word that only the former bearer of a name can take goes to it, with a note",
          "[study][config]") {
    using Texts = std::vector<std::string>;
    Renamed const kind;
    auto const check = [&](ConfigSource const& source, std::string const& policy, Texts const& spellings) {
        Config const config = load(kind, source);
        CHECK(config.get<std::string>("data.missing_as") == policy);
        CHECK(config.get<Texts>("data.missing") == spellings);
        return notes_on_renamed_keys(kind, source);
    };
    CHECK(check({"old.toml", "[data]\nmissing = \"nan\"\n", {}}, "nan", {}) ==
          Texts{"old.toml:2: data.missing = \"nan\" is taken for data.missing_as, as the key is called now"});
    CHECK(check({"", "", {{"data.missing", "nan", "--set"}}}, "nan", {}).size() == 1);
    CHECK(check({"", "[data]\nmissing = [\"nan\"]\n", {{"data.missing_as", "nan", "--set"}}}, "nan", {"nan"})
              .empty());
    CHECK(check({"", "", {{"data.missing", "8,9", "--set"}}}, "absent", {"8", "9"}).empty());
    CHECK_THROWS_WITH(load(kind, {"old.toml", "[data]\nmissing = \"never\"\n", {}}),
                      Contains("old.toml:2: data.missing = 'never' must be a list of texts"));
}
