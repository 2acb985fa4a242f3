#include "domains/va/study/tuning.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include <catch2/catch.hpp>

#include "domains/va/models/catalogue.hpp"
#include "small_study.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::test;
using namespace vaster::va;
using Catch::Matchers::Contains;

namespace {

/// Runs a study whose plan grows, without an engine. Experiments of `failing` fail.
class Growing final : public study::Records {
  public:
    explicit Growing(study::Study const& study, std::function<bool(study::Experiment const&)> failing = {})
        : study_(study) {
        for (auto next = study.next_experiments(*this); !next.empty(); next = study.next_experiments(*this)) {
            stages.push_back(next.size());
            std::map<std::uint64_t, study::Task> tasks;
            for (auto const& experiment : next) {
                experiments.push_back(experiment);
                bool const run = experiment.skip_reason.empty() && !(failing && failing(experiment));
                if (run) tasks[experiment.group].items.push_back({experiment, 1});
            }
            Watcher watcher;
            for (auto const& [group, task] : tasks) study.run(task, collected, watcher);
        }
    }

    [[nodiscard]] std::size_t size() const override { return experiments.size(); }

    [[nodiscard]] study::Experiment const& experiment(std::size_t row) const override {
        return experiments.at(row);
    }

    [[nodiscard]] bool done(std::size_t row) const override { return collected.results.count(row) > 0; }

    [[nodiscard]] bool skipped(std::size_t row) const override {
        return !experiments.at(row).skip_reason.empty();
    }

    [[nodiscard]] study::Cells const& cells(std::size_t row) const override {
        return collected.results.at(row).cells;
    }

    [[nodiscard]] std::string text(std::size_t row, std::size_t column) const {
        return std::get<std::string>(experiments.at(row).design.at(column));
    }

    [[nodiscard]] double score(std::size_t row) const { return std::get<double>(cells(row).back()); }

    study::Study const& study_;
    std::vector<study::Experiment> experiments;
    std::vector<std::size_t> stages;
    Collect collected;
};

std::vector<study::Override> tuned(std::string const& path, std::string const& method,
                                   std::string const& space) {
    auto overrides = fast(path);
    overrides[2].text = "naive_bayes,xgboost";
    for (auto const& [key, value] :
         std::vector<std::pair<std::string, std::string>>{{"design.sites", "AP,UP"},
                                                          {"design.types", "in_domain,out_domain"},
                                                          {"models.xgboost.rounds", "2"},
                                                          {"tuning.method", method},
                                                          {"tuning.space", space},
                                                          {"tuning.folds", "2"},
                                                          {"tuning.trials", "4"}})
        overrides.push_back({key, value, ""});
    return overrides;
}

std::unique_ptr<study::Study> opened(std::vector<study::Override> overrides) {
    return make_va_comparison()->open(config_with(std::move(overrides)), study::FromSource()).study;
}

constexpr char const* eta_grid = R"x(["xgboost.eta = 0.01, 0.5", "xgboost.max_depth = 1, 3"])x";

TuningOptions options(Search search, std::vector<std::string> const& space) {
    TuningOptions options;
    options.search = search;
    for (auto const& text : space) options.space.push_back(parse_space(text, models::Catalogue()));
    return options;
}

std::string problem(std::string const& text) {
    try {
        (void)parse_space(text, models::Catalogue());
    } catch (ConfigError const& e) {
        return e.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a line of the space is a list or a range", "[study][tuning]") {
    auto const list = parse_space("xgboost.max_depth = 3, 4 ,6", models::Catalogue());
    CHECK(list.model == "xgboost");
    CHECK(list.key == "max_depth");
    CHECK(list.values == std::vector<Value>{std::int64_t{3}, std::int64_t{4}, std::int64_t{6}});
    auto const range = parse_space("xgboost.eta=0.01 to 0.3 log", models::Catalogue());
    CHECK(range.scale == ParameterSpace::Scale::logarithmic);
    CHECK(range.lo == 0.01);
    CHECK(range.hi == 0.3);
    CHECK(parse_space("xgboost.class_weight = none, balanced", models::Catalogue()).values.size() == 2);

    CHECK_THAT(problem("eta = 0.1"), Contains("it must be MODEL.KEY = VALUE"));
    CHECK_THAT(problem("xgboost.etta = 0.1"), Contains("no parameter xgboost.etta"));
    CHECK_THAT(problem("oracle.eta = 0.1"), Contains("no parameter oracle.eta"));
    CHECK_THAT(problem("xgboost.max_depth = 2.5"), Contains("'2.5' is not a value of max_depth"));
    CHECK_THAT(problem("xgboost.rounds = 0"), Contains("must be"));
    CHECK_THAT(problem("xgboost.class_weight = heavy"), Contains("not one of"));
    CHECK_THAT(problem("xgboost.class_weight = a to b"), Contains("takes no numbers"));
    CHECK_THAT(problem("xgboost.eta = 0.3 to 0.1"), Contains("from the lower to the higher"));
    CHECK_THAT(problem("xgboost.eta = 0.1, 0.1"), Contains("listed twice"));
}

TEST_CASE("a grid is every combination, random settings are drawn once each after the configured one",
          "[study][tuning]") {
    auto const grid = options(Search::grid, {"xgboost.eta = 0.1, 0.3", "xgboost.max_depth = 2, 3"});
    CHECK(settings_of(grid, "xgboost", 1) ==
          std::vector<Setting>{"xgboost.eta=0.1 xgboost.max_depth=2", "xgboost.eta=0.1 xgboost.max_depth=3",
                               "xgboost.eta=0.3 xgboost.max_depth=2", "xgboost.eta=0.3 xgboost.max_depth=3"});
    auto random = options(Search::random, {"xgboost.eta = 0.01 to 1 log", "xgboost.max_depth = 2 to 5"});
    random.trials = 400;
    auto const settings = settings_of(random, "xgboost", 1);
    CHECK(settings.size() == 400);
    CHECK(settings.front().empty());
    CHECK(std::set<Setting>(settings.begin(), settings.end()).size() == 400);
    CHECK(settings == settings_of(random, "xgboost", 1));
    CHECK(settings != settings_of(random, "xgboost", 2));
    std::map<std::int64_t, int> depths;
    int below = 0;
    Parameters const standard(models::Catalogue().at("xgboost").parameters);
    for (std::size_t i = 1; i < settings.size(); ++i) {
        auto const parameters = with_setting(standard, "xgboost", settings[i]);
        ++depths[parameters.get<std::int64_t>("max_depth")];
        double const eta = parameters.get<double>("eta");
        CHECK(eta >= 0.01);
        CHECK(eta <= 1);
        below += eta < 0.1 ? 1 : 0;
    }
    // Half of a log-uniform draw lies below the geometric mean; 399 draws, 5 standard errors.
    CHECK(std::abs(below - 399 / 2) < 50);
    CHECK(depths.size() == 4);
    CHECK(depths.begin()->first == 2);
    for (auto const& [depth, n] : depths) CHECK(std::abs(n - 100) < 45);
    auto few = options(Search::random, {"xgboost.max_depth = 2, 3"});
    CHECK(settings_of(few, "xgboost", 1).size() == 3);
}

TEST_CASE("halving trains the last rung on all", "[study][tuning]") {
    auto const halving = options(Search::halving, {"xgboost.max_depth = 2, 3"});
    CHECK(trials_in_rung(halving, 20, 0) == 20);
    CHECK(trials_in_rung(halving, 20, 1) == 7);
    CHECK(trials_in_rung(halving, 20, 2) == 3);
    CHECK(share_of_rung(halving, 0) == Approx(1.0 / 9));
    CHECK(share_of_rung(halving, 2) == 1);
}

TEST_CASE("a model is tuned once per training set, and its experiments run with the best setting",
          "[study][tuning]") {
    CohortFile const file(700);
    auto const study = opened(tuned(file.path(), "grid", eta_grid));
    Growing const grown(*study);
    // First naive_bayes (4) and 4 settings on 2 training sets, then the 4 experiments of xgboost.
    CHECK(grown.stages == std::vector<std::size_t>{12, 4});
    CHECK(study->capacity() == 16);
    std::map<std::string, std::pair<double, std::string>> best;
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < grown.size(); ++i) {
        CHECK(grown.experiments[i].index == i);
        CHECK(grown.experiments[i].first_row == rows);
        rows += grown.experiments[i].n_rows;
        if (grown.text(i, 0) != "tuning") continue;
        auto& champion = best.try_emplace(grown.text(i, 1), -1.0, "").first->second;
        if (grown.score(i) > champion.first) champion = {grown.score(i), grown.text(i, 6)};
    }
    CHECK(rows == study->row_capacity());
    REQUIRE(best.size() == 2);
    for (std::size_t i = 12; i < 16; ++i) CHECK(grown.text(i, 6) == best.at(grown.text(i, 1)).second);

    // The same results as a study that is configured so.
    auto const& [score, setting] = best.at("AP");
    auto overrides = tuned(file.path(), "none", "[]");
    auto const parameters =
        with_setting(Parameters(models::Catalogue().at("xgboost").parameters), "xgboost", setting);
    overrides.push_back({"models.xgboost.eta", fmt::format("{}", parameters.get<double>("eta")), ""});
    overrides.push_back(
        {"models.xgboost.max_depth", fmt::format("{}", parameters.get<std::int64_t>("max_depth")), ""});
    auto const configured = opened(overrides);
    auto const expected = results_of(*configured);
    std::size_t compared = 0;
    for (std::size_t i = 12; i < 16; ++i) {
        if (grown.text(i, 1) != "AP") continue;
        auto result = grown.collected.results.at(i);
        CHECK(std::isnan(std::get<double>(result.cells.back())));
        result.cells.pop_back();
        CHECK(without_timings(configured->schema(), result) ==
              without_timings(configured->schema(), expected.at(grown.experiments[i].id.value)));
        ++compared;
    }
    CHECK(compared == 2);
}

TEST_CASE("a trial is scored by the mean over its folds, on deaths its fits have not seen",
          "[study][tuning]") {
    CohortFile const file(700);
    Growing const grown(*opened(tuned(file.path(), "grid", eta_grid)));
    for (std::size_t i = 4; i < 12; ++i) {
        auto const& cells = grown.cells(i);
        CHECK(cells.at(0) == cells.at(1));  // as many deaths are predicted as the training set has
        CHECK(std::get<std::int64_t>(cells.at(1)) == static_cast<std::int64_t>(grown.experiments[i].n_rows));
        // Two folds that differ by one death at most: their mean is the accuracy of all, nearly.
        CHECK(grown.score(i) == Approx(std::get<double>(cells.at(8))).margin(0.01));
        CHECK(grown.score(i) < 0.9);
    }
}

TEST_CASE("a failed trial counts as the worst, and without any the experiments are skipped",
          "[study][tuning]") {
    CohortFile const file(700);
    auto const study = opened(tuned(file.path(), "grid", eta_grid));
    auto const is_trial = [](study::Experiment const& experiment, std::string const& site) {
        return std::get<std::string>(experiment.design.at(0)) == "tuning" &&
               std::get<std::string>(experiment.design.at(1)) == site;
    };
    std::string const survivor = "xgboost.eta=0.01 xgboost.max_depth=3";
    Growing const grown(*study, [&](study::Experiment const& experiment) {
        return is_trial(experiment, "UP") ||
               (is_trial(experiment, "AP") && std::get<std::string>(experiment.design.at(6)) != survivor);
    });
    REQUIRE(grown.size() == 16);
    for (std::size_t i = 12; i < 16; ++i) {
        if (grown.text(i, 1) == "AP")
            CHECK(grown.text(i, 6) == survivor);
        else
            CHECK_THAT(grown.experiments[i].skip_reason,
                       Contains("every tuning trial of xgboost on site=UP"));
    }
}

TEST_CASE("halving sends the best on, and ensembles wait for their tuned members", "[study][tuning]") {
    CohortFile const file(700);
    auto overrides =
        tuned(file.path(), "halving", R"x(["xgboost.eta = 0.01 to 0.5 log", "xgboost.max_depth = 1 to 4"])x");
    overrides.push_back({"tuning.rungs", "2", ""});
    overrides.push_back({"tuning.factor", "2", ""});
    overrides.push_back({"design.types", "in_domain,leave_one_site_out", ""});
    overrides.push_back({"design.sites", "AP,Bohol,UP", ""});
    overrides.push_back({"tuning.inner", "leave_one_site_out", ""});
    overrides.push_back({"design.ensembles", R"x(["v = soft(naive_bayes, xgboost)"])x", ""});
    auto const study = opened(overrides);
    Growing const grown(*study);
    // naive_bayes is tied to xgboost by the ensemble: nothing but trials comes before tuning has ended.
    CHECK(grown.stages == std::vector<std::size_t>{6 * 4, 6 * 2, 18});
    CHECK(grown.size() == study->capacity());
    std::map<std::string, std::vector<std::pair<double, std::string>>> first;
    for (std::size_t i = 0; i < 24; ++i)
        first[grown.text(i, 1)].emplace_back(-grown.score(i), grown.text(i, 6));
    for (auto& [site, trials] : first)
        std::stable_sort(trials.begin(), trials.end(),
                         [](auto const& a, auto const& b) { return a.first < b.first; });
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 24; i < 36; ++i) {
        auto const site = grown.text(i, 1);
        CHECK(grown.text(i, 6) == first.at(site).at(seen[site]++).second);
        CHECK(std::get<std::int64_t>(grown.experiments[i].design.at(7)) == 1);
    }
    for (std::size_t i = 36; i < 54; ++i)
        if (grown.text(i, 3) == "v") CHECK(grown.done(i));
}

TEST_CASE("mistakes in table tuning are listed before any data is read", "[study][tuning]") {
    auto const refusal = [](std::string const& method, std::string const& space) {
        try {
            config_with(tuned("x.csv", method, space));
        } catch (ConfigError const& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    CHECK(refusal("grid", eta_grid).empty());
    CHECK(refusal("none", "[]").empty());
    CHECK_THAT(refusal("random", "[]"), Contains("tuning.space is empty"));
    CHECK_THAT(refusal("grid", "xgboost.eta = 0.1 to 0.3"), Contains("a grid needs listed values"));
    CHECK_THAT(refusal("grid", "random_forest.trees = 10"),
               Contains("random_forest is neither compared nor a member"));
    CHECK_THAT(refusal("grid", R"x(["xgboost.eta = 0.1", "xgboost.eta = 0.2"])x"), Contains("listed twice"));
    auto both = tuned("x.csv", "grid", "xgboost.eta = 0.1 to 0.3");
    both.push_back({"design.ensembles", "vote = loud(xgboost)", ""});
    CHECK_THROWS_WITH(config_with(both), Contains("2 problems") && Contains("a grid needs listed values"));
}
