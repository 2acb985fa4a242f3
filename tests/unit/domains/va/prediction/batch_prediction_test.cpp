#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/archive/archive.hpp"
#include "core/study/growth.hpp"
#include "domains/va/prediction/model_in_use.hpp"
#include "domains/va/prediction/prediction.hpp"
#include "prediction_house.hpp"
#include "vaster/study/left_files.hpp"

using namespace vaster;
using namespace vaster::testing;
using namespace vaster::va;
using Catch::Matchers::Contains;

TEST_CASE("a model that codes deaths together predicts the batches of the site column", "[va][prediction]") {
    House const house("insilico", 120);
    study::Config config = house.config();
    auto const study = opened(config);
    auto const plan = study->next_experiments(study::NoRecords());
    REQUIRE(plan.size() == house.cohort.sites.size());
    Predicted const said = predicted(config);
    REQUIRE(said.layout.batches);
    std::vector<std::int64_t> rows;
    for (auto const& death : said.deaths) rows.push_back(death.row);
    std::sort(rows.begin(), rows.end());
    for (std::size_t i = 0; i < 120; ++i) CHECK(rows[i] == static_cast<std::int64_t>(i));
    Results results;
    Watcher watcher;
    study::Task task;
    task.items = {{plan[2], 1}};
    study->run(task, results, watcher);
    BlockArrays const block = unpacked(results.by_index.at(2).arrays, said.layout);
    for (auto const& death : block.deaths)
        CHECK(house.cohort.sites[house.cohort.site[static_cast<std::size_t>(death.row)]] ==
              std::get<std::string>(plan[2].design[1]));
    double sum = 0;
    for (double const fraction : block.own.fraction) sum += fraction;
    CHECK(sum == Approx(1).epsilon(1e-9));
    CHECK_FALSE(std::isnan(prediction_cells(results.by_index.at(2).cells).converged));
}

namespace {

/// A model that codes deaths together, what all deaths of its cohort have taught it, and its prediction.
struct Taught : House {
    Taught() : House("insilico", 150) {
        study::Config config = own_config();
        said = predicted(config);
    }

    [[nodiscard]] study::Config own_config() const {
        study::Config config = config_of_all();
        config.set("data.batch_by", std::string("nation"));
        return config;
    }

    /// One death after another, by what was learned.
    [[nodiscard]] study::Config by_posterior() const {
        study::Config config = config_of_all();
        config.set("model.posterior", posterior().string());
        config.set("study.output", (folder.path() / "again.h5").string());
        return config;
    }

    [[nodiscard]] std::filesystem::path posterior() const { return folder.path() / "study.posterior.h5"; }

    Predicted said;

  private:
    [[nodiscard]] study::Config config_of_all() const {
        study::Config config = House::config();
        config.set("predict.probabilities", std::string("all"));
        config.set("data.path", with_nation().string());
        return config;
    }

    /// The same deaths, all of one nation.
    [[nodiscard]] std::filesystem::path with_nation() const {
        auto const path = folder.path() / "nation.csv";
        std::ifstream in(data);
        std::ofstream out(path);
        bool is_header = true;
        for (std::string line; std::getline(in, line); is_header = false)
            out << line << (is_header ? ",nation" : ",Here") << "\n";
        return path;
    }
};

}  // namespace

TEST_CASE("a posterior codes the deaths of its batch as the batch was coded, one by one and in any blocks",
          "[va][prediction]") {
    Taught const taught;
    study::Config config = taught.by_posterior();
    for (std::int64_t const block : {std::int64_t{7}, std::int64_t{1000}}) {
        config.set("predict.block", block);
        Predicted const again = predicted(config);
        CHECK_FALSE(again.layout.batches);
        CHECK(again.probability == taught.said.probability);
        CHECK(again.sums.sums == taught.said.sums.sums);
    }
    auto const schema = opened(config)->schema();
    auto const note = posterior_note(schema);
    REQUIRE(note);
    CHECK(note->n_deaths == 150);
    CHECK(note->batch == "Here");
    auto const archive = archive::read_archive(taught.posterior());
    CHECK(note->content == archive.content);
    auto const csmf = archive.parts.get<double>("model/members/0/csmf");
    std::size_t const n = taught.kept.causes.size();
    for (std::size_t c = 0; c < n; ++c) {
        double mean = 0;
        for (std::size_t t = 0; t < csmf.size() / n; ++t) mean += csmf[t * n + c];
        CHECK(note->csmf.fraction[c] == Approx(mean / static_cast<double>(csmf.size() / n)));
    }
}

TEST_CASE("a posterior goes with its own model, and with models that need one", "[va][prediction]") {
    Taught const taught;
    study::Config config = taught.by_posterior();
    KeptModel other = taught.kept;
    ++other.seed;
    archive::write_archive(taught.folder.path() / "other.h5", parts_of(other));
    config.set("model.file", (taught.folder.path() / "other.h5").string());
    CHECK_THAT(refusal(config), Contains("is a posterior of model"));
    config.set("model.file", taught.posterior().string());
    CHECK_THAT(refusal(config),
               Contains("is the posterior of a batch, not a model") && Contains("--posterior"));
    config = taught.by_posterior();
    config.set("model.posterior", (taught.folder.path() / "model.h5").string());
    CHECK_THAT(refusal(config), Contains("is not the posterior of a batch"));
    config = taught.by_posterior();
    config.set("data.batch_by", std::string("site"));
    CHECK_THAT(refusal(config), Contains("--batch-by site") && Contains("by itself here"));
    config = taught.by_posterior();
    config.set("data.population", std::string("site"));
    CHECK_THAT(refusal(config), Contains("--population site"));
    House const plain;
    study::Config naive = plain.config();
    naive.set("model.posterior", taught.posterior().string());
    CHECK_THAT(refusal(naive), Contains("codes every death by itself"));
}

TEST_CASE("a batch whose posterior is gone is predicted again", "[va][prediction]") {
    Taught const taught;
    auto const config = taught.own_config();
    auto const kind = make_va_prediction(catalogue());
    auto const study = opened(config);
    study::KnownRecords records(study->schema());
    PredictionCells cells;
    cells.counted = 150;
    records.set(
        0, {{study->next_experiments(study::NoRecords()).front(), study::Status::done, cells_of(cells)}});
    auto const lost = [&] {
        return dynamic_cast<study::LeavesFiles const&>(*kind).rows_without_file(config, study->schema(),
                                                                                records);
    };
    CHECK(lost().empty());
    std::filesystem::resize_file(taught.posterior(), 5000);
    CHECK(lost() == std::vector<study::ExperimentIndex>{0});
    std::filesystem::remove(taught.posterior());
    CHECK(lost() == std::vector<study::ExperimentIndex>{0});
}

TEST_CASE("of a large batch some deaths are sampled, and all are coded", "[va][prediction]") {
    std::vector<std::uint64_t> rows;
    for (std::uint64_t row = 0; row < 1000; ++row) rows.push_back(3 * row);
    auto const chosen = sampled_deaths(rows, 42, 100);
    CHECK(chosen.size() == 100);
    CHECK(std::is_sorted(chosen.begin(), chosen.end()));
    CHECK(sampled_deaths(rows, 43, 100) != chosen);
    CHECK(sampled_deaths(rows, 42, 1000).size() == 1000);
    // A death is chosen for its row, not for its company.
    std::vector<std::uint64_t> without(rows.begin() + 500, rows.end());
    for (auto const place : sampled_deaths(without, 42, 100)) {
        bool const before = std::find(chosen.begin(), chosen.end(), place + 500) != chosen.end();
        auto const later = sampled_deaths(rows, 42, 400);
        CHECK((before || std::find(later.begin(), later.end(), place + 500) != later.end()));
    }
    Taught const taught;
    study::Config config = taught.own_config();
    config.set("predict.fit_deaths", std::int64_t{60});
    Predicted const said = predicted(config);
    CHECK(said.cells.counted == 150);
    CHECK(archive::read_archive(taught.posterior()).parts.number<std::uint64_t>("model/sampled") == 60);
    double mean = 0;
    for (std::size_t i = 0; i < said.probability.size(); ++i)
        mean += std::abs(said.probability[i] - taught.said.probability[i]) / 150;
    CHECK(mean < 1);
    CHECK(said.probability != taught.said.probability);
}

TEST_CASE("an adapted model predicts by batch, and says which batches it leaves alone",
          "[va][prediction][adaptation]") {
    House house("naive_bayes", 200);
    // One of the sites is new to the model.
    house.kept.adaptation.emplace();
    house.kept.sites.front() = "Aaa";
    archive::write_archive(house.folder.path() / "model.h5", parts_of(house.kept));
    study::Config const config = house.config();
    auto const facts = opened(config)->inventory().facts;
    auto const told = std::find_if(facts.begin(), facts.end(), [](std::string const& fact) {
        return fact.find("codes deaths together") != std::string::npos;
    });
    REQUIRE(told != facts.end());
    CHECK_THAT(*told,
               Contains("transductive") &&
                   Contains("adapted: its probabilities are surer than they come true") &&
                   Contains("not adapted, since the model was trained there: " + house.cohort.sites[1]));
    Predicted const said = predicted(config);
    CHECK(said.layout.batches);
    House const plain("naive_bayes", 200);
    Predicted const inductive = predicted(plain.config());
    std::map<std::int64_t, double> before;
    for (auto const& death : inductive.deaths) before[death.row] = death.probabilities.front();
    std::size_t n_changed = 0;
    for (auto const& death : said.deaths) {
        bool const is_changed = death.probabilities.front() != before.at(death.row);
        n_changed += is_changed ? 1 : 0;
        if (house.cohort.site[static_cast<std::size_t>(death.row)] != 0) CHECK_FALSE(is_changed);
    }
    CHECK(n_changed > 5);
}
