#include "domains/va/study/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "small_study.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::test;
using Catch::Matchers::Contains;

namespace {

/// The name of a table's last column: a symptom.
std::string last_column(std::string const& path) {
    std::ifstream file(path);
    std::string header;
    std::getline(file, header);
    return header.substr(header.rfind(',') + 1);
}

}  // namespace

TEST_CASE("five models are compared unless others are asked for", "[study][comparison]") {
    auto const config = config_with({{"data.path", "deaths.csv", "--data"}});
    CHECK(config.get<std::vector<std::string>>("design.models") ==
          std::vector<std::string>{"xgboost", "insilico", "random_forest", "logistic_regression",
                                   "naive_bayes"});
}

TEST_CASE("results do not depend on which experiments share a task", "[study][comparison]") {
    CohortFile const file(900);
    auto const kind = va::make_va_comparison();
    auto const study = kind->open(config_with(fast(file.path())), study::FromSource()).study;
    auto const experiments = study->next_experiments(study::NoRecords());
    std::vector<study::Experiment> group;
    for (auto const& experiment : experiments)
        if (experiment.group == experiments.front().group && experiment.skip_reason.empty())
            group.push_back(experiment);
    REQUIRE(group.size() > 2);

    Watcher watcher;
    Collect together;
    study::Task task;
    for (auto const& experiment : group) task.items.push_back({experiment, 1});
    study->run(task, together, watcher);
    CHECK(together.results.size() == group.size());

    Collect alone;
    study->run({2, {{group.back(), 3}}, 0, 0}, alone, watcher);
    CHECK(without_timings(study->schema(), alone.results.at(group.back().index)) ==
          without_timings(study->schema(), together.results.at(group.back().index)));
}

TEST_CASE("results fit the schema: cells, types, array sizes", "[study][comparison]") {
    CohortFile const file(900);
    auto const study =
        va::make_va_comparison()->open(config_with(fast(file.path())), study::FromSource()).study;
    auto const experiments = study->next_experiments(study::NoRecords());
    Watcher watcher;
    Collect collect;
    study->run({1, {{experiments.front(), 1}}, 0, 0}, collect, watcher);
    auto const& schema = study->schema();
    auto const& result = collect.results.begin()->second;
    REQUIRE(result.cells.size() == schema.results.size());
    for (std::size_t i = 0; i < result.cells.size(); ++i)
        CHECK(result.cells[i].index() == static_cast<std::size_t>(schema.results[i].type));
    REQUIRE(result.arrays.size() == schema.arrays.size());
    for (std::size_t i = 0; i < schema.arrays.size(); ++i) {
        std::uint64_t elements = experiments.front().n_rows;
        if (schema.arrays[i].extent == study::Extent::fixed) {
            elements = 1;
            for (auto const length : schema.arrays[i].shape) elements *= length;
        }
        CHECK(result.arrays[i].size() == elements * study::element_bytes(schema.arrays[i]));
    }
}

TEST_CASE("ragged rows of the plan follow each other without gap", "[study][comparison]") {
    CohortFile const file(900);
    auto const study =
        va::make_va_comparison()->open(config_with(fast(file.path())), study::FromSource()).study;
    std::uint64_t next = 0;
    for (auto const& experiment : study->next_experiments(study::NoRecords())) {
        CHECK(experiment.first_row == next);
        next += experiment.n_rows;
    }
    CHECK(next > 0);
}

TEST_CASE("mistakes that single keys cannot show are found before any data is read", "[study][comparison]") {
    auto const refusal = [](std::vector<study::Override> overrides) {
        try {
            config_with(std::move(overrides));
        } catch (ConfigError const& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    CHECK_THAT(refusal({}), Contains("data.path is not set"));
    CHECK_THAT(refusal({{"data.path", "x", ""}, {"design.sites", "A,A", ""}}),
               Contains("design.sites: A is listed twice"));
    CHECK_THAT(
        refusal({{"data.path", "x", ""}, {"design.sites", "A,B", ""}, {"design.primary_site", "C", ""}}),
        Contains("\"C\" is not among design.sites"));
    CHECK_THAT(refusal({{"data.path", "x", ""}, {"data.splits", "s.csv", ""}, {"design.repeats", "2", ""}}),
               Contains("design.repeats > 1 with data.splits"));
    CHECK_THAT(refusal({{"data.path", "x", ""}, {"design.models", "oracle", ""}}),
               Contains("'oracle' is not one of"));
}

TEST_CASE("sites that the data does not have are refused with those it has", "[study][comparison]") {
    CohortFile const file(900);
    auto overrides = fast(file.path());
    overrides.push_back({"design.sites", "AP,Atlantis", "--sites"});
    CHECK_THROWS_WITH(va::make_va_comparison()->open(config_with(overrides), study::FromSource()).study,
                      Contains("Atlantis is not in the data") && Contains("AP, Bohol, Dar"));
}

TEST_CASE(
    "a grouping scores the same predictions: every cause by itself changes nothing, one group for all "
    "makes them right",
    "[study][comparison]") {
    CohortFile const file(900);
    auto const plain =
        va::make_va_comparison()->open(config_with(fast(file.path())), study::FromSource()).study;
    auto const& causes = plain->schema().labels.front().labels;
    MappingFile const own("own", causes, true);
    MappingFile const all("all", causes, false);
    auto overrides = fast(file.path());
    overrides.push_back({"design.groupings", "own=" + own.path() + ",all=" + all.path() + ",cod5", ""});
    auto const grouped = va::make_va_comparison()->open(config_with(overrides), study::FromSource()).study;
    CHECK(grouped->data_hash() != plain->data_hash());
    auto const before = first_result(*plain);
    auto const after = first_result(*grouped);
    CHECK(before.arrays == after.arrays);
    auto const& schema = grouped->schema();
    for (std::string const metric :
         {"csmf_accuracy", "cccsmf_accuracy", "cod_accuracy", "mean_ccc", "brier"}) {
        CHECK(cell(schema, after, metric + "_own") == Approx(cell(schema, after, metric)));
        CHECK(cell(plain->schema(), before, metric) == cell(schema, after, metric));
    }
    // "g1", "g10", "g2" are in the order of "1", "10", "2": the same resamples give the same intervals.
    CHECK(cell(schema, after, "cod_accuracy_own_lo") == cell(schema, after, "cod_accuracy_lo"));
    CHECK(cell(schema, after, "cod_accuracy_all") == 1);
    CHECK(cell(schema, after, "csmf_accuracy_all") == 1);
    CHECK(cell(schema, after, "log_loss_all") == Approx(0).margin(1e-9));
    CHECK(cell(schema, after, "cod_accuracy_cod5") > cell(schema, after, "cod_accuracy"));
    CHECK(schema.labels.back().name == "causes_cod5");
    CHECK(schema.labels.back().labels.size() == causes.size());
}

TEST_CASE("groupings that cannot be read or miss a cause are refused", "[study][comparison]") {
    CohortFile const file(900);
    auto const with = [&](std::string const& text) {
        auto overrides = fast(file.path());
        overrides.push_back({"design.groupings", text, ""});
        return va::make_va_comparison()->open(config_with(overrides), study::FromSource()).study;
    };
    CHECK_THROWS_WITH(with("cod6"), Contains("\"cod6\" is neither \"cod5\" nor \"NAME=FILE\""));
    CHECK_THROWS_WITH(with("Big=x.csv"), Contains("small letters"));
    CHECK_THROWS_WITH(with("cod5,cod5"), Contains("cod5 is listed twice"));
    MappingFile const few("few", {"1", "2"}, true);
    CHECK_THROWS_WITH(with("few=" + few.path()),
                      Contains(few.path()) && Contains("has no group for: 10, 11, 12"));
    CHECK_THROWS_AS(with("few=/nowhere.csv"), IoError);
}

TEST_CASE("known deaths are told to insilico and scored for no model", "[study][comparison]") {
    CohortFile const file(900);
    auto overrides = fast(file.path());
    auto const kind = va::make_va_comparison();
    auto const plain = kind->open(config_with(overrides), study::FromSource()).study;
    auto const before = plain->next_experiments(study::NoRecords());

    testing::TemporaryFolder const folder;
    auto const known_path = folder.path() / "known.csv";
    {
        std::ofstream out(known_path);
        out << "row\n";
        for (int row = 0; row < 900; row += 2) out << row << "\n";
    }
    overrides.push_back({"data.known", known_path.string(), "--set"});
    auto const study = kind->open(config_with(overrides), study::FromSource()).study;
    std::filesystem::remove(known_path);
    auto const experiments = study->next_experiments(study::NoRecords());
    CHECK(study->data_hash() != plain->data_hash());
    REQUIRE(experiments.size() == before.size());
    std::uint64_t all = 0;
    std::uint64_t scored = 0;
    for (std::size_t i = 0; i < experiments.size(); ++i) {
        all += before[i].n_rows;
        scored += experiments[i].n_rows;
    }
    CHECK(scored > 0);
    CHECK(scored < all * 2 / 3);

    Collect sink;
    Watcher watcher;
    study->run({1, {{experiments.front(), 1}}, 0, 0}, sink, watcher);
    auto const& result = sink.results.at(experiments.front().index);
    CHECK(std::get<std::int64_t>(result.cells.at(1)) ==
          static_cast<std::int64_t>(experiments.front().n_rows));
    // predictions: row, true cause, three causes with probabilities, packed
    auto const& predictions = result.arrays.at(7);
    constexpr std::size_t element = 8 + 4 + 3 * (4 + 8);
    REQUIRE(predictions.size() == experiments.front().n_rows * element);
    for (std::size_t at = 0; at < predictions.size(); at += element) {
        std::int64_t row = 0;
        std::memcpy(&row, &predictions[at], sizeof row);
        CHECK(row % 2 == 1);
    }
}

TEST_CASE("causes that physicians gave are read, checked and told of", "[study][comparison]") {
    CohortFile const file(900);
    testing::TemporaryFolder const folder;
    auto const with = [&](std::string const& text, std::vector<study::Override> const& more = {}) {
        auto overrides = fast(file.path());
        overrides.push_back({"data.known", folder.file("known.csv", text).string(), "--set"});
        overrides.insert(overrides.end(), more.begin(), more.end());
        return va::make_va_comparison()->open(config_with(overrides), study::FromSource()).study;
    };
    auto const says = [](study::Study const& study, std::string const& text) {
        auto const notes = study.notes();
        return std::any_of(notes.begin(), notes.end(),
                           [&](auto const& note) { return note.find(text) != std::string::npos; });
    };
    auto const study = with("row,cause\n0,1\n1,2\n2,2\n");
    CHECK(says(*study, "3 deaths are known: 3 by one cause"));
    CHECK(study->data_hash() != with("row,cause\n0,2\n1,2\n2,2\n")->data_hash());
    CHECK(says(*with("row,physician,group\n0,A,4\n0,B,5\n", {{"data.known_grouping", "cod5", "--set"}}),
               "1 deaths are known"));
    auto const two = with("row,physician,cause\n0,A,1\n0,B,1\n1,A,2\n1,B,2\n");
    auto const& kept = two->schema().labels;
    auto const table = std::find_if(kept.begin(), kept.end(),
                                    [](auto const& list) { return list.name == "known_agreement"; });
    REQUIRE(table != kept.end());
    CHECK(table->labels.front() == "what\tfirst\tsecond\tdeaths\tagree\tkappa");
    CHECK(table->labels.back() == "physicians\tA\tB\t2\t2\t1");
    CHECK_THROWS_AS(with("row,cause\n0,no such cause\n"), DataError);
    CHECK_THROWS_AS(with("row,cause,extra\n0,1,2\n"), DataError);
    CHECK_THROWS_WITH(with("row,group\n0,4\n", {{"data.known_grouping", "cod6", "--set"}}), Contains("cod6"));
}

TEST_CASE("a study of which nothing can be run is refused before anything is made", "[study][comparison]") {
    CohortFile const file(900);
    auto overrides = fast(file.path());
    overrides.push_back({"design.min_train", "100000", "--set"});
    auto const kind = va::make_va_comparison();
    CHECK_THROWS_AS(kind->open(config_with(overrides), study::FromSource()), DataError);
    CHECK_THROWS_WITH(kind->open(config_with(overrides), study::FromSource()),
                      Contains("no experiment can be run") && Contains("100000 are needed to train on it"));
}

TEST_CASE("without resamples there are no intervals, and that is said", "[study][comparison]") {
    CohortFile const file(900);
    auto overrides = fast(file.path());
    overrides.push_back({"design.bootstrap", "0", "--set"});
    auto const study = va::make_va_comparison()->open(config_with(overrides), study::FromSource()).study;
    auto const notes = study->notes();
    CHECK(std::any_of(notes.begin(), notes.end(), [](std::string const& note) {
        return note == "design.bootstrap = 0: experiments have no intervals (columns _lo and _hi are empty)";
    }));
    Collect sink;
    Watcher watcher;
    auto const first = study->next_experiments(study::NoRecords()).front();
    study->run({1, {{first, 1}}, 0, 0}, sink, watcher);
    auto const& result = sink.results.at(first.index);
    CHECK(std::isnan(cell(study->schema(), result, "csmf_accuracy_lo")));
    CHECK(std::isnan(cell(study->schema(), result, "cod_accuracy_hi")));
    CHECK_FALSE(std::isnan(cell(study->schema(), result, "csmf_accuracy")));
}

TEST_CASE("a given table is bound to the data when the study is opened", "[study][comparison]") {
    CohortFile const file(900);
    testing::TemporaryFolder const folder;
    auto const with = [&](std::string const& text) {
        auto overrides = fast(file.path());
        overrides[2].text = "insilico";
        overrides.push_back({"models.insilico.table", folder.file("table.csv", text).string(), "--set"});
        return va::make_va_comparison()->open(config_with(overrides), study::FromSource()).study;
    };
    auto const symptom = last_column(file.path());
    auto const notes = with("symptom,1,2,Tetanus\n" + symptom + ",0.5,0.1,0.9\n")->notes();
    CHECK(std::any_of(notes.begin(), notes.end(), [](auto const& note) {
        return note.find("insilico: ") == 0 && note.find("Tetanus") != std::string::npos;
    }));
    CHECK_THROWS_AS(with("symptom,Tetanus\n" + symptom + ",0.9\n"), DataError);
    CHECK_THROWS_AS(with("symptom,1\nno such symptom,0.9\n"), DataError);
}

TEST_CASE("sub-populations have an array of their own", "[study][comparison]") {
    CohortFile const file(900);
    auto overrides = fast(file.path());
    overrides.push_back({"data.population", "va34", "--set"});
    overrides.push_back({"data.label", "cod5", "--label"});
    auto const study = va::make_va_comparison()->open(config_with(overrides), study::FromSource()).study;
    auto const& schema = study->schema();
    CHECK(schema.arrays.back().name == "csmf_own_population");
    CHECK(schema.labels.back().name == "populations");
    CHECK(schema.arrays.back().shape.front() == schema.labels.back().labels.size());
    auto const experiments = study->next_experiments(study::NoRecords());
    Collect sink;
    Watcher watcher;
    study->run({1, {{experiments.front(), 1}}, 0, 0}, sink, watcher);
    auto const& arrays = sink.results.at(experiments.front().index).arrays;
    REQUIRE(arrays.size() == schema.arrays.size());
    CHECK(arrays.back().size() == 8 * schema.arrays.back().shape.front() * schema.arrays.back().shape.back());
}

TEST_CASE("a given table of P(symptom | cause) is part of the data", "[study][comparison]") {
    CohortFile const file(900);
    auto overrides = fast(file.path());
    overrides[2].text = "insilico";
    auto const kind = va::make_va_comparison();
    auto const plain = kind->open(config_with(overrides), study::FromSource()).study->data_hash();
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "given.csv";
    auto const hash_with = [&](std::string const& text) {
        std::ofstream(path) << text;
        auto more = overrides;
        more.push_back({"models.insilico.table", path.string(), "--set"});
        return kind->open(config_with(more), study::FromSource()).study->data_hash();
    };
    auto const symptom = last_column(file.path());
    auto const one = hash_with("symptom,1\n" + symptom + ",A\n");
    CHECK(one != plain);
    CHECK(hash_with("symptom,1\n" + symptom + ",B\n") != one);
    CHECK_THROWS_AS(hash_with("symptom,1\n" + symptom + ",Q\n"), DataError);
}

TEST_CASE("a comparison from a shared block is the one from its source", "[study][comparison]") {
    CohortFile const file(900);
    auto const kind = va::make_va_comparison();
    auto const config = config_with(fast(file.path()));
    auto const alone = kind->open(config, study::FromSource());
    CHECK(alone.block == nullptr);
    auto const sharing = kind->open(config, study::FromSourceToShare());
    REQUIRE(sharing.block != nullptr);
    CHECK(sharing.block_problem.empty());
    auto const shared = kind->open(config, study::FromBlock{sharing.block});
    CHECK(shared.block == sharing.block);
    auto const expected = without_timings(alone.study->schema(), first_result(*alone.study));
    for (auto const* opened : {&sharing, &shared}) {
        CHECK(opened->study->data_hash() == alone.study->data_hash());
        CHECK(without_timings(opened->study->schema(), first_result(*opened->study)) == expected);
    }
}

TEST_CASE("keys of the data that do not go together are all told", "[study][comparison]") {
    auto const problems = [](std::vector<study::Override> overrides) -> std::string {
        overrides.push_back({"data.path", "deaths.csv", "--data"});
        try {
            (void)config_with(std::move(overrides));
        } catch (ConfigError const& error) {
            return error.what();
        }
        return "";
    };
    CHECK_THAT(problems({{"data.format", "encoded", "--format"},
                         {"data.present", "1,Y", "--set"},
                         {"data.absent", "0,1.0", "--set"},
                         {"data.duplicates", "first", "--set"},
                         {"data.site", "va34", "--set"}}),
               Contains("3 problems") &&
                   Contains("data.absent: \"1.0\" is in data.present already; a spelling means one thing") &&
                   Contains("data.duplicates needs data.id") &&
                   Contains("data.label and data.site name the same column, 'va34'"));
    CHECK_THAT(problems({{"data.format", "encoded", "--format"}, {"data.features", "closed,words", "--set"}}),
               Contains("data.features = closed, words is for the raw releases") && Contains("\"encoded\""));
    CHECK_THAT(
        problems({{"data.format", "phmrc-child", "--format"}, {"data.features", "health_care", "--set"}}),
        Contains("only the adult release") && Contains("\"phmrc-child\""));
    CHECK_THAT(problems({{"data.features", "words,words", "--set"}}), Contains("words is listed twice"));
    CHECK_THAT(problems({{"data.features", "", "--set"}}), Contains("data.features is empty"));
    CHECK_THAT(problems({{"data.missing", "8,9", "--set"}}), Contains("are for data.format = \"encoded\""));
    CHECK_THAT(problems({{"data.site", "", "--set"}}), Contains("design.types: out_domain needs sites"));
    CHECK(problems({{"data.site", "", "--set"}, {"design.types", "in_domain,training_size", "--types"}})
              .empty());
}

TEST_CASE("IDs of deaths are in the schema and come before the rows of predictions", "[study][comparison]") {
    testing::TemporaryFolder const folder;
    std::string text = "ID,site,cause,a,b\n";
    for (int i = 0; i < 120; ++i)
        text += fmt::format("d{},{},{},{},{}\n", i, i < 60 ? "A" : "B", i % 3 == 0 ? "x" : "y", i % 2,
                            i % 3 == 0 ? 1 : 0);
    auto const path = folder.file("deaths.csv", text).string();
    auto overrides = fast(path);
    overrides.insert(overrides.end(), {{"data.label", "cause", "--label"},
                                       {"data.id", "ID", "--set"},
                                       {"design.types", "in_domain", "--types"}});
    auto const study = va::make_va_comparison()->open(config_with(overrides), study::FromSource()).study;
    auto const& schema = study->schema();
    auto const ids = std::find_if(schema.labels.begin(), schema.labels.end(),
                                  [](auto const& list) { return list.name == "ids"; });
    REQUIRE(ids != schema.labels.end());
    CHECK(ids->labels.size() == 120);
    CHECK(ids->labels[7] == "d7");
    auto const predictions = std::find_if(schema.arrays.begin(), schema.arrays.end(),
                                          [](auto const& array) { return array.name == "predictions"; });
    REQUIRE(predictions != schema.arrays.end());
    CHECK(predictions->fields.front().name == "death_id");
    auto const experiments = study->next_experiments(study::NoRecords());
    Collect sink;
    Watcher watcher;
    study->run({2, {{experiments.front(), 1}}, 0, 0}, sink, watcher);
    auto const& array =
        sink.results.begin()->second.arrays.at(static_cast<std::size_t>(predictions - schema.arrays.begin()));
    std::size_t const stride = study::element_bytes(*predictions);
    CHECK(array.size() == experiments.front().n_rows * stride);
    for (std::size_t at = 0; at < array.size(); at += stride) {
        std::int32_t id = 0;
        std::int64_t row = 0;
        std::memcpy(&id, array.data() + at, sizeof id);
        std::memcpy(&row, array.data() + at + sizeof id, sizeof row);
        CHECK(id == row);  // no row of this file was left out
    }
}

TEST_CASE(
    "experiments whose training set has fewer deaths than folds, or none for the first rung, are "
    "skipped with the reason",
    "[study][comparison][design]") {
    CohortFile const file(400);
    auto const kind = va::make_va_comparison();
    auto const plan = [&](std::vector<study::Override> const& more) {
        auto keys = fast(file.path());
        keys.push_back({"design.min_train", "10", "--set"});
        keys.push_back({"design.min_test", "2", "--set"});
        keys.insert(keys.end(), more.begin(), more.end());
        return kind->open(config_with(keys), study::FromSource()).study->next_experiments(study::NoRecords());
    };
    auto const skipped = [](std::vector<study::Experiment> const& experiments, std::string const& model,
                            std::string const& key) {
        std::map<std::string, std::size_t> n;  // by type
        for (auto const& experiment : experiments) {
            bool const is_so =
                std::get<std::string>(experiment.design[3]) == model &&
                experiment.skip_reason.find("into 100 folds (" + key + ")") != std::string::npos;
            if (is_so) ++n[std::get<std::string>(experiment.design[0])];
        }
        return n;
    };
    using Skipped = std::map<std::string, std::size_t>;
    std::string const ensembles = R"x(["mix = soft(naive_bayes, tariff; weights = inner_cv)"])x";
    auto const weighted = plan({{"design.ensembles", ensembles, "--set"},
                                {"design.inner_folds", "100", "--set"},
                                {"design.types", "in_domain,leave_one_site_out", "--types"}});
    auto const n_small = skipped(weighted, "mix", "design.inner_folds");
    CHECK(n_small.at("in_domain") >= 4);
    CHECK_FALSE(n_small.contains("leave_one_site_out"));
    CHECK(skipped(weighted, "naive_bayes", "design.inner_folds") == Skipped{});

    std::vector<study::Override> tuned = {
        {"tuning.method", "grid", "--set"},
        {"tuning.space", R"(["naive_bayes.prior = empirical, uniform"])", "--set"},
        {"tuning.folds", "100", "--set"}};
    tuned.push_back({"design.types", "in_domain,out_domain", "--types"});
    CHECK_THROWS_WITH(plan(tuned), Contains("into 100 folds (tuning.folds)"));

    auto const halved = [&](std::string const& rungs) {
        return plan({{"tuning.method", "halving", "--set"},
                     {"tuning.space", R"(["naive_bayes.prior = empirical, uniform"])", "--set"},
                     {"tuning.trials", "2", "--set"},
                     {"tuning.factor", "10", "--set"},
                     {"tuning.rungs", rungs, "--set"},
                     {"design.models", "naive_bayes", "--models"},
                     {"design.types", "in_domain", "--types"}});
    };
    CHECK_THROWS_WITH(halved("5"), Contains("the first rung of halving would train on none (tuning.factor = "
                                            "10, tuning.rungs = 5)"));
    CHECK_FALSE(halved("2").empty());
}
