#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "small_study.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::test;
using Catch::Matchers::Contains;

namespace {

std::vector<study::Override> two_sites(std::string const& path, std::string const& models,
                                       std::string const& ensembles = "[]") {
    auto overrides = fast(path);
    overrides[2].text = models;
    overrides.push_back({"design.ensembles", ensembles, ""});
    overrides.push_back({"design.sites", "AP,UP", ""});
    overrides.push_back({"design.types", "in_domain,out_domain", ""});
    overrides.push_back({"models.xgboost.rounds", "2", ""});
    overrides.push_back({"models.insilico.iterations", "400", ""});
    overrides.push_back({"models.insilico.starts", "1", ""});
    return overrides;
}

std::unique_ptr<study::Study> opened(std::vector<study::Override> overrides) {
    return va::make_va_comparison()->open(config_with(std::move(overrides)), study::FromSource()).study;
}

std::string model_of(study::Experiment const& experiment) {
    return std::get<std::string>(experiment.design.at(3));
}

std::set<std::uint64_t> groups_of(std::vector<study::Experiment> const& experiments,
                                  std::string const& model) {
    std::set<std::uint64_t> groups;
    for (auto const& experiment : experiments)
        if (model_of(experiment) == model) groups.insert(experiment.group);
    return groups;
}

/// Where the deaths were that a model was fitted to, or asked about.
struct SitesSeen {
    std::vector<std::uint32_t> train, test;
    std::size_t n_sites = 0;
};

class SiteSpy : public models::Classifier {
  public:
    explicit SiteSpy(std::vector<SitesSeen>& seen) : seen_(seen) {}

    void fit(models::TrainingSet const& training, Random, Watcher&) override {
        fitted_ = {{training.sites.begin(), training.sites.end()}, {}, training.n_sites};
        n_causes_ = training.n_causes;
    }

    [[nodiscard]] models::Prediction predict(models::TestSet const& test, Random, Watcher&) const override {
        seen_.push_back(fitted_);
        seen_.back().test.assign(test.sites.begin(), test.sites.end());
        std::size_t const n = test.deaths.rows.size();
        return {n, n_causes_, std::vector<double>(n * n_causes_, 1 / static_cast<double>(n_causes_)), {}};
    }

  private:
    std::vector<SitesSeen>& seen_;
    SitesSeen fitted_;
    std::size_t n_causes_ = 0;
};

std::shared_ptr<models::Catalogue const> catalogue_with_spy(std::vector<SitesSeen>& seen) {
    models::Model spy;
    spy.name = "spy";
    spy.doc = "looks at sites";
    spy.expected_seconds = [](Parameters const&, models::WorkSize const&) { return 1e-3; };
    spy.make = [&seen](Parameters const&, models::MissingPolicy) { return std::make_unique<SiteSpy>(seen); };
    return std::make_shared<models::Catalogue const>(std::vector{spy});
}

/// Notes what failures would be charged to.
class ChargeSink : public Collect {
  public:
    void begin(study::ExperimentIndex index) override { charged = {index}; }

    void begin_shared(std::vector<study::ExperimentIndex> const& indices) override { charged = indices; }

    std::vector<study::ExperimentIndex> charged;
};

}  // namespace

TEST_CASE("plain experiments have the same results with and without ensembles", "[study][ensemble]") {
    CohortFile const file(700);
    std::string const plain_models = "naive_bayes,xgboost,insilico";
    auto const plain = results_of(*opened(two_sites(file.path(), plain_models)));
    auto const study = opened(two_sites(
        file.path(), plain_models,
        R"x(["vote = soft(insilico, naive_bayes)", "hard = hard(naive_bayes, xgboost; weights = inner_cv)"])x"));
    auto const both = results_of(*study);
    CHECK(plain.size() == 12);
    CHECK(both.size() == 20);
    auto const schema = opened(two_sites(file.path(), plain_models))->schema();
    for (auto const& [identity, result] : plain) {
        auto with = both.at(identity);
        CHECK(std::get<std::string>(with.cells.back()).empty());
        with.cells.pop_back();
        CHECK(without_timings(schema, with) == without_timings(schema, result));
    }
}

TEST_CASE("methods that share a model share a group per training set, and others keep theirs",
          "[study][ensemble]") {
    CohortFile const file(700);
    auto const tied =
        opened(two_sites(file.path(), "xgboost,insilico,naive_bayes,logistic_regression",
                         R"x(["a = soft(xgboost, insilico)", "b = soft(insilico, random_forest)"])x"))
            ->next_experiments(study::NoRecords());
    // Two training sets, each with one task for all that are tied to insilico.
    CHECK(groups_of(tied, "xgboost").size() == 2);
    for (std::string const model : {"insilico", "a", "b"})
        CHECK(groups_of(tied, model) == groups_of(tied, "xgboost"));
    CHECK(groups_of(tied, "naive_bayes").size() == 2);
    CHECK(groups_of(tied, "naive_bayes") != groups_of(tied, "xgboost"));
    CHECK(groups_of(tied, "logistic_regression") != groups_of(tied, "naive_bayes"));
    // Without an ensemble insilico has a task for every test set.
    auto const free =
        opened(two_sites(file.path(), "xgboost,insilico"))->next_experiments(study::NoRecords());
    CHECK(groups_of(free, "insilico").size() == 4);
}

TEST_CASE("an ensemble's guess covers its members and their cross-validation", "[study][ensemble]") {
    CohortFile const file(700);
    auto const total = [&](std::string const& ensembles) {
        double seconds = 0;
        for (auto const& experiment : opened(two_sites(file.path(), "xgboost,random_forest", ensembles))
                                          ->next_experiments(study::NoRecords()))
            seconds += experiment.expected_seconds;
        return seconds;
    };
    double const plain = total("[]");
    // The vote itself costs nothing; four fifths of the data five times over cost more than one fit.
    CHECK(total(R"x(["v = soft(xgboost, random_forest)"])x") == Approx(plain));
    CHECK(total(R"x(["v = soft(xgboost, random_forest; weights = inner_cv)"])x") > 2 * plain);
}

TEST_CASE("the weights of an ensemble are in its row", "[study][ensemble]") {
    CohortFile const file(700);
    auto overrides =
        two_sites(file.path(), "xgboost", R"x(["v = soft(xgboost, naive_bayes; weights = inner_cv)"])x");
    overrides.push_back({"design.types", "in_domain", ""});
    auto const study = opened(overrides);
    auto const results = results_of(*study);
    for (auto const& experiment : study->next_experiments(study::NoRecords())) {
        auto const& text = std::get<std::string>(results.at(experiment.id.value).cells.back());
        if (model_of(experiment) == "v")
            CHECK_THAT(text, Contains("xgboost 0.") && Contains(", naive_bayes 0."));
        else
            CHECK(text.empty());
    }
}

TEST_CASE("a member that fails fails its own experiments and its ensembles', by name, and no others",
          "[study][ensemble]") {
    CohortFile const file(700);
    auto overrides = two_sites(file.path(), "naive_bayes,logistic_regression",
                               R"x(["v = soft(naive_bayes, logistic_regression)"])x");
    overrides.push_back({"models.logistic_regression.max_iterations", "1", ""});
    auto const study = opened(overrides);
    study::Task task;
    std::vector<study::ExperimentIndex> expected;
    for (auto const& experiment : study->next_experiments(study::NoRecords())) {
        if (experiment.group != 0) continue;
        task.items.push_back({experiment, 1});
        if (model_of(experiment) != "naive_bayes") expected.push_back(experiment.index);
    }
    REQUIRE(task.items.size() == 6);
    ChargeSink sink;
    Watcher watcher;
    CHECK_THROWS_WITH(study->run(task, sink, watcher),
                      Contains("logistic_regression: ") && Contains("converged"));
    CHECK(sink.results.size() == 2);
    CHECK(sink.charged == expected);
}

TEST_CASE("the time of what experiments share counts in full for each of them", "[study][ensemble]") {
    CohortFile const file(700);
    auto const study = opened(two_sites(
        file.path(), "naive_bayes,xgboost",
        R"x(["a = soft(naive_bayes, xgboost)", "b = soft(naive_bayes, xgboost; weights = inner_cv)", "c = hard(naive_bayes, xgboost; weights = inner_cv)"])x"));
    auto const results = results_of(*study);
    std::map<std::string, std::map<std::string, std::set<double>>> seconds;  // by column and model
    for (auto const& experiment : study->next_experiments(study::NoRecords())) {
        if (experiment.group != 0) continue;
        auto const& result = results.at(experiment.id.value);
        seconds["fit"][model_of(experiment)].insert(cell(study->schema(), result, "fit_seconds"));
        if (std::get<std::string>(experiment.design.at(0)) == "in_domain")
            seconds["predict"][model_of(experiment)].insert(cell(study->schema(), result, "predict_seconds"));
    }
    // Both test sets of a training set show the same fits and the same cross-validation.
    for (auto const& [model, fits] : seconds["fit"]) CHECK(fits.size() == 1);
    auto const of = [&](std::string const& column, std::string const& model) {
        return *seconds.at(column).at(model).begin();
    };
    CHECK(of("fit", "a") == Approx(of("fit", "naive_bayes") + of("fit", "xgboost")));
    CHECK(of("predict", "b") == Approx(of("predict", "naive_bayes") + of("predict", "xgboost")));
    // Five fits on four fifths of the data, whichever ensemble asked for them first.
    for (std::string const weighted : {"b", "c"}) CHECK(of("fit", weighted) > 2 * of("fit", "a"));
}

TEST_CASE("models are told at which site each death was, in training and in test", "[study][sites]") {
    CohortFile const file(700);
    std::vector<SitesSeen> seen;
    auto const kind = va::make_va_comparison(catalogue_with_spy(seen));
    auto overrides = fast(file.path());
    overrides[2].text = "spy";
    overrides.push_back({"design.types", "leave_one_site_out", ""});
    auto const config = study::load(*kind, {"", "", std::move(overrides)});
    auto const results = results_of(*kind->open(config, study::FromSource()).study);
    REQUIRE(seen.size() == results.size());
    for (auto const& one : seen) {
        CHECK(one.n_sites == seen.size());
        std::set<std::uint32_t> const train(one.train.begin(), one.train.end());
        std::set<std::uint32_t> const test(one.test.begin(), one.test.end());
        REQUIRE(test.size() == 1);
        CHECK(train.size() == one.n_sites - 1);
        CHECK_FALSE(train.contains(*test.begin()));
    }
}

namespace {

/// What was said of the test deaths, by the method's name and its sites.
std::map<std::string, std::string> said_by(study::Study const& study) {
    std::map<std::string, std::string> said;
    auto const experiments = study.next_experiments(study::NoRecords());
    auto const results = results_of(study);
    for (auto const& experiment : experiments) {
        auto const text = [&](std::size_t i) { return std::get<std::string>(experiment.design.at(i)); };
        auto const& predictions = results.at(experiment.id.value).arrays.at(7);
        said[fmt::format("{} {} {}", text(3), text(1), text(2))] = {predictions.begin(), predictions.end()};
    }
    return said;
}

}  // namespace

TEST_CASE("an adapted method shares its base's fits, differs from it at another site, and is it at home",
          "[study][adaptation]") {
    CohortFile const file(700);
    auto overrides = two_sites(file.path(), "naive_bayes,xgboost",
                               R"x(["vote = soft(naive_bayes, xgboost; weights = 2, 1)"])x");
    overrides.push_back({"design.adapt", R"(["naive_bayes", "both = vote"])", ""});
    auto const study = opened(overrides);
    auto const experiments = study->next_experiments(study::NoRecords());
    CHECK(groups_of(experiments, "both") == groups_of(experiments, "vote"));
    CHECK(groups_of(experiments, "naive_bayes_adapted") == groups_of(experiments, "naive_bayes"));
    auto const said = said_by(*study);
    for (auto const& [adapted, base] :
         {std::pair{"naive_bayes_adapted", "naive_bayes"}, std::pair{"both", "vote"}}) {
        auto const same = [&, adapted = adapted, base = base](std::string const& sites) {
            return said.at(fmt::format("{} {}", adapted, sites)) ==
                   said.at(fmt::format("{} {}", base, sites));
        };
        CHECK(same("AP AP"));
        CHECK(same("UP UP"));
        CHECK_FALSE(same("AP UP"));
        CHECK_FALSE(same("UP AP"));
    }
    auto const& labels = study->schema().labels;
    auto const list = std::find_if(labels.begin(), labels.end(),
                                   [](auto const& one) { return one.name == "transductive"; });
    REQUIRE(list != labels.end());
    CHECK(list->labels == std::vector<std::string>{"naive_bayes_adapted", "both"});
}

TEST_CASE("a study without transductive methods names none", "[study][adaptation]") {
    CohortFile const file(700);
    auto const without = opened(two_sites(file.path(), "naive_bayes,logistic_regression"))->schema();
    for (auto const& list : without.labels) CHECK(list.name != "transductive");
    auto overrides = two_sites(file.path(), "naive_bayes,logistic_regression,insilico");
    overrides.push_back({"models.logistic_regression.centre", "site", ""});
    auto const schema = opened(overrides)->schema();
    auto const list = std::find_if(schema.labels.begin(), schema.labels.end(),
                                   [](auto const& one) { return one.name == "transductive"; });
    REQUIRE(list != schema.labels.end());
    CHECK(list->labels == std::vector<std::string>{"logistic_regression", "insilico"});
}
