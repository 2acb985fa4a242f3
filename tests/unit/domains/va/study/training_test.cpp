#include "domains/va/study/training.hpp"

#include <cstring>
#include <numeric>

#include <catch2/catch.hpp>

#include "core/archive/archive.hpp"
#include "small_models.hpp"
#include "small_study.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Matchers::Contains;

namespace {

namespace fs = std::filesystem;

std::shared_ptr<models::Catalogue const> catalogue() {
    return std::make_shared<models::Catalogue const>(test::small_catalogue());
}

/// A folder that goes when the test ends.
class Folder {
  public:
    Folder() : path_(fs::temp_directory_path() / fmt::format("vaster_training_{}", ::getpid())) {
        fs::remove_all(path_);
        fs::create_directories(path_);
    }

    ~Folder() { fs::remove_all(path_); }

    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;

    [[nodiscard]] std::string file(std::string const& name) const { return (path_ / name).string(); }

  private:
    fs::path path_;
};

using Overrides = std::vector<study::Override>;

study::Config config_of(test::CohortFile const& cohort, std::string const& output, Overrides more = {}) {
    Overrides all{{"study.kind", "va-train", ""},           {"data.path", cohort.path(), "--data"},
                  {"data.format", "encoded", "--format"},   {"train.model", "shares", "--model"},
                  {"train.bootstrap", "20", "--bootstrap"}, {"train.output", output, "--output"}};
    all.insert(all.end(), more.begin(), more.end());
    return study::load(*make_va_train(catalogue()), {"", "", std::move(all)});
}

std::unique_ptr<study::Study> open(study::Config const& config) {
    return make_va_train(catalogue())->open(config, study::FromSource()).study;
}

std::vector<study::Result> all_results(study::Study const& study) {
    std::vector<study::Result> results;
    Watcher watcher;
    for (auto const& experiment : study.next_experiments(study::NoRecords())) {
        test::Collect collect;
        study.run({1, {{experiment, 1}}, 0, 0}, collect, watcher);
        results.push_back(collect.results.at(experiment.index));
    }
    return results;
}

std::vector<std::string> steps_of(study::Study const& study) {
    std::vector<std::string> steps;
    for (auto const& experiment : study.next_experiments(study::NoRecords()))
        steps.push_back(std::get<std::string>(experiment.design[0]) + " " +
                        std::get<std::string>(experiment.design[1]) + " " +
                        std::get<std::string>(experiment.design[2]));
    return steps;
}

std::string problem(Overrides more) {
    test::CohortFile const cohort(100);
    try {
        (void)open(config_of(cohort, "model.h5", std::move(more)));
    } catch (Error const& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("a training leaves out folds and sites in turn and fits to all deaths", "[va][training]") {
    test::CohortFile const cohort(600);
    auto const steps = steps_of(*open(config_of(cohort, "model.h5", {{"train.folds", "3", ""}})));
    REQUIRE(steps.size() > 5);
    CHECK(steps.front() == "cv 0 shares");
    CHECK(steps[2] == "cv 2 shares");
    CHECK(steps[3].starts_with("leave_one_site_out "));
    CHECK(steps.back() == "final  shares");
    CHECK(steps_of(*open(config_of(cohort, "model.h5", {{"train.inner", "none", ""}}))) ==
          std::vector<std::string>{"final  shares"});
}

TEST_CASE("each death is scored once by each inner design, and never by a model that saw it",
          "[va][training]") {
    test::CohortFile const file(400);
    auto const config = config_of(file, "model.h5");
    Training const training(training_options_of(config, catalogue()),
                            read_cohort({file.path(), CohortFormat::encoded}));
    std::map<TrainingStep, DeathList> scored;
    for (auto const& cell : training.cells()) {
        auto const test = training.test_deaths(cell);
        auto const train = training.train_deaths(cell);
        if (cell.step == TrainingStep::cv || cell.step == TrainingStep::leave_one_site_out) {
            CHECK(test.size() + train.size() == training.deaths().size());
            DeathList both;
            std::set_intersection(test.begin(), test.end(), train.begin(), train.end(),
                                  std::back_inserter(both));
            CHECK(both.empty());
        }
        scored[cell.step].insert(scored[cell.step].end(), test.begin(), test.end());
    }
    auto folds = scored[TrainingStep::cv];
    std::sort(folds.begin(), folds.end());
    CHECK(folds == training.deaths());
    CHECK(scored[TrainingStep::final_fit].empty());
}

TEST_CASE("a final fit leaves a model that reads back, with the content that its row names",
          "[va][training]") {
    Folder const folder;
    test::CohortFile const cohort(300);
    auto const study = open(config_of(cohort, folder.file("model.h5"), {{"train.inner", "none", ""}}));
    auto const results = all_results(*study);
    auto const archive = archive::read_archive(part_file_of(folder.file("model.h5"), "shares"));
    CHECK(std::get<std::string>(results.back().cells.back()) == archive.content);
    auto const kept = kept_model_from(archive.parts);
    CHECK(kept.n_deaths == 300);
    CHECK(std::accumulate(kept.cause_deaths.begin(), kept.cause_deaths.end(), std::uint64_t{0}) == 300);
    CHECK(kept.members.front().model == "shares");
    CHECK(kept.coding.label == "va34");
    CHECK(kept.data_hash == study->data_hash());
    auto const members = classifiers(kept, *catalogue());
    AnswerMatrix const answers(1, kept.symptoms.size());
    DeathList const rows{0};
    Watcher watcher;
    auto const said = predict(kept, members, {{answers, rows}}, "new", watcher);
    for (std::size_t c = 0; c < kept.causes.size(); ++c)
        CHECK(said.probability[c] == Approx(static_cast<double>(kept.cause_deaths[c]) / 300));
    for (std::size_t i = 0; i < study->schema().arrays.size(); ++i)
        CHECK(results.back().arrays[i].size() % study::element_bytes(study->schema().arrays[i]) == 0);
}

TEST_CASE("the content of a fit does not depend on where it is made", "[va][training]") {
    Folder const folder;
    test::CohortFile const cohort(300);
    std::vector<std::string> contents;
    for (std::string const name : {"a.h5", "b.h5"})
        contents.push_back(std::get<std::string>(
            all_results(*open(config_of(cohort, folder.file(name), {{"train.inner", "none", ""}})))
                .back()
                .cells.back()));
    CHECK(contents[0] == contents[1]);
    auto const other = all_results(*open(
        config_of(cohort, folder.file("c.h5"), {{"train.inner", "none", ""}, {"study.seed", "8", ""}})));
    CHECK(std::get<std::string>(other.back().cells.back()) != contents[0]);
}

TEST_CASE("members of a weighted ensemble are cross-validated on all deaths", "[va][training]") {
    Folder const folder;
    test::CohortFile const cohort(300);
    auto const study = open(config_of(cohort, folder.file("model.h5"),
                                      {{"train.model", "both = soft(shares, even; weights = inner_cv)", ""},
                                       {"train.inner", "cv", ""},
                                       {"train.folds", "2", ""}}));
    CHECK(steps_of(*study) == std::vector<std::string>{"cv 0 both", "cv 1 both", "weights  shares",
                                                       "weights  even", "final  shares", "final  even"});
    auto const results = all_results(*study);
    auto const of_truth = results[3].arrays.back();
    REQUIRE(of_truth.size() == 300 * sizeof(double));
    double first = 0;
    std::memcpy(&first, of_truth.data(), sizeof first);
    CHECK(first == Approx(1.0 / 34));
    CHECK(fs::exists(part_file_of(folder.file("model.h5"), "even")));
}

TEST_CASE("a training that cannot be is refused with what helps", "[va][training]") {
    CHECK_THAT(problem({{"train.model", "", ""}}), Contains("train.model is not set"));
    CHECK_THAT(problem({{"train.model", "share", ""}}), Contains("did you mean 'shares'?"));
    CHECK_THAT(problem({{"train.model", "fixed", ""}}), Contains("cannot be kept"));
    CHECK_THAT(problem({{"train.model", "x = soft(shares)", ""}}), Contains("train.model"));
    CHECK_THAT(problem({{"train.output", "", ""}}), Contains("--output"));
    CHECK_THAT(problem({{"train.sites", "Atlantis", ""}}),
               Contains("train.sites: Atlantis is not in the data"));
    CHECK_THAT(problem({{"train.groupings", "cod6", ""}}), Contains("train.groupings"));
}

TEST_CASE("the summary says nothing as long as folds are missing", "[va][training]") {
    test::CohortFile const cohort(300);
    auto const study = open(config_of(cohort, "model.h5"));
    auto const tables = summarize_training(study->schema(), study::NoRecords());
    CHECK(tables.empty());
}

TEST_CASE("a training with train.adapt scores the adapted model, and fits its base",
          "[va][training][adaptation]") {
    test::CohortFile const cohort(600);
    Folder const folder;
    auto const plain = open(config_of(cohort, folder.file("a.h5"), {{"train.folds", "2", ""}}));
    auto const adapted = open(
        config_of(cohort, folder.file("b.h5"), {{"train.folds", "2", ""}, {"train.adapt", "local", ""}}));
    auto const steps = steps_of(*adapted);
    CHECK(steps.front() == "cv 0 local");
    CHECK(steps.back() == "final  shares");
    auto const before = all_results(*plain);
    auto const after = all_results(*adapted);
    REQUIRE(before.size() == after.size());
    for (std::size_t i = 0; i + 1 < before.size(); ++i) {
        // Folds are of sites that were trained on; sites that were left out are not.
        CHECK((before[i].arrays == after[i].arrays) == steps[i].starts_with("cv "));
    }
    CHECK_THAT(problem({{"train.adapt", "even", ""}}),
               Contains("train.adapt") && Contains("'even' is the name"));
}
