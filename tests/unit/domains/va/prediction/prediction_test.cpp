#include "domains/va/prediction/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "core/archive/archive.hpp"
#include "core/study/growth.hpp"
#include "domains/va/data/cohort.hpp"
#include "domains/va/data/simulate.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/prediction/cause_sums.hpp"
#include "domains/va/prediction/model_in_use.hpp"
#include "domains/va/prediction/prediction_schema.hpp"
#include "domains/va/study/kept_model.hpp"
#include "vaster/study/left_files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Matchers::Contains;
using vaster::testing::TemporaryFolder;

namespace {

std::shared_ptr<models::Catalogue const> catalogue() {
    static auto const all = std::make_shared<models::Catalogue const>();
    return all;
}

std::filesystem::path simulated(TemporaryFolder const& folder, std::uint64_t n_deaths) {
    auto const path = folder.path() / "cohort.csv";
    std::ofstream out(path);
    simulate({n_deaths, 42, CohortFormat::encoded}, out);
    return path;
}

Cohort read(std::filesystem::path const& path) {
    CohortSource source;
    source.path = path;
    source.format = CohortFormat::encoded;
    return read_cohort(source);
}

std::vector<std::uint32_t> every_row(Cohort const& cohort) {
    std::vector<std::uint32_t> rows(cohort.n_deaths());
    for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    return rows;
}

/// A model that was fitted to all deaths of a cohort.
KeptModel trained(Cohort const& cohort, std::string const& name) {
    auto const& model = catalogue()->at(name);
    Parameters parameters(model.parameters);
    if (name == "insilico") {  // quick; nobody believes the result
        parameters.set("iterations", std::int64_t{400});
        parameters.set("starts", std::int64_t{1});
    }
    auto const classifier = model.make(parameters, models::MissingPolicy::absent);
    auto const rows = every_row(cohort);
    std::vector<std::uint32_t> const causes(cohort.cause.data(), cohort.cause.data() + cohort.cause.size());
    Watcher watcher;
    classifier->fit({{cohort.answers, rows}, causes, cohort.causes.size(), {cohort.symptoms, cohort.causes}},
                    random_stream(42, "test", Purpose::fit), watcher);
    KeptModel kept;
    kept.name = name;
    kept.weights = {1};
    kept.members = {{name, parameters_text(model, parameters), model.parts_version, {}}};
    classifier->save(kept.members.front().parts);
    kept.missing = models::MissingPolicy::absent;
    kept.seed = 42;
    kept.symptoms = cohort.symptoms;
    kept.causes = cohort.causes;
    kept.cause_deaths.resize(cohort.causes.size());
    for (auto const cause : causes) ++kept.cause_deaths[cause];
    kept.coding.label = "va34";
    kept.coding.label_columns = {"va34", "cod5"};
    kept.coding.site = "site";
    kept.present.resize(cohort.symptoms.size());
    kept.unanswered.resize(cohort.symptoms.size());
    for (auto const row : rows)
        for (std::size_t k = 0; k < cohort.symptoms.size(); ++k) {
            Answer const answer = cohort.answers.row(row)[k];
            if (answer == Answer::present) ++kept.present[k];
            if (answer == Answer::missing) ++kept.unanswered[k];
        }
    kept.data_hash = cohort.data_hash;
    kept.n_deaths = cohort.n_deaths();
    kept.sites = cohort.sites;
    kept.site_deaths.resize(cohort.sites.size());
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i) ++kept.site_deaths[cohort.site[i]];
    return kept;
}

std::filesystem::path folder_of(study::Config const& config) {
    return std::filesystem::path(config.get<std::string>("model.file")).parent_path();
}

class Results final : public study::Sink {
  public:
    void begin(study::ExperimentIndex) override {}

    void finish(study::Result result) override { by_index[result.index] = std::move(result); }

    std::map<study::ExperimentIndex, study::Result> by_index;
};

/// A folder with a cohort and a model that was trained on it.
struct House {
    explicit House(std::string const& model = "naive_bayes", std::uint64_t n_deaths = 400)
        : data(simulated(folder, n_deaths)), cohort(read(data)), kept(trained(cohort, model)) {
        archive::write_archive(folder.path() / "model.h5", parts_of(kept));
    }

    [[nodiscard]] study::Config config() const {
        auto const kind = make_va_prediction(catalogue());
        study::Config config(study::all_tables(*kind));
        config.set("model.file", (folder.path() / "model.h5").string());
        config.set("data.path", data.string());
        config.set("study.output", (folder.path() / "study.h5").string());
        return config;
    }

    TemporaryFolder folder;
    std::filesystem::path data;
    Cohort cohort;
    KeptModel kept;
};

struct Predicted {
    PredictionLayout layout;
    std::vector<DeathRow> deaths;
    std::vector<double> probability;
    CauseSums sums{1, 1, 1};
    PredictionCells cells;
};

std::unique_ptr<study::Study> opened(study::Config const& config) {
    return make_va_prediction(catalogue())->open(config, study::FromSource()).study;
}

Predicted predicted(study::Config const& config) {
    auto const study = opened(config);
    auto const plan = study->next_experiments(study::NoRecords());
    Results results;
    Watcher watcher;
    for (auto const& experiment : plan) {
        study::Task task;
        task.items = {{experiment, 1}};
        study->run(task, results, watcher);
    }
    Predicted all;
    all.layout = layout_of(study->schema());
    all.sums = all.layout.no_sums();
    for (auto const& [index, result] : results.by_index) {
        BlockArrays const block = unpacked(result.arrays, all.layout);
        all.deaths.insert(all.deaths.end(), block.deaths.begin(), block.deaths.end());
        all.probability.insert(all.probability.end(), block.probability.begin(), block.probability.end());
        all.sums.add(block.sums);
        PredictionCells const cells = prediction_cells(result.cells);
        all.cells.deaths += cells.deaths;
        all.cells.counted += cells.counted;
        all.cells.unreadable += cells.unreadable;
        all.cells.unanswered += cells.unanswered;
        all.cells.undetermined += cells.undetermined;
    }
    return all;
}

std::string refusal(study::Config const& config) {
    try {
        (void)opened(config);
    } catch (Error const& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("a prediction has the bits that the model had before it was kept", "[va][prediction]") {
    House const house;
    study::Config config = house.config();
    config.set("predict.probabilities", std::string("all"));
    Predicted const said = predicted(config);
    auto const members = classifiers(house.kept, *catalogue());
    Watcher watcher;
    auto const rows = every_row(house.cohort);
    auto const expected = predict(house.kept, members, {{house.cohort.answers, rows}}, "anything", watcher);
    CHECK(said.probability == expected.probability);
    REQUIRE(said.deaths.size() == 400);
    CHECK(said.cells.counted == 400);
    for (std::size_t i = 0; i < 400; ++i) CHECK(said.deaths[i].row == static_cast<std::int64_t>(i));
}

TEST_CASE("results are the same for any size of blocks", "[va][prediction]") {
    House const house;
    study::Config config = house.config();
    config.set("data.by", std::vector<std::string>{"site"});
    config.set("data.score", std::string("va34"));
    Predicted const whole = predicted(config);
    for (std::int64_t const length : {1, 7, 399}) {
        config.set("predict.block", length);
        Predicted const cut = predicted(config);
        CHECK(cut.sums.sums == whole.sums.sums);
        CHECK(cut.sums.deaths == whole.sums.deaths);
        CHECK(cut.sums.top == whole.sums.top);
        REQUIRE(cut.deaths.size() == whole.deaths.size());
        for (std::size_t i = 0; i < cut.deaths.size(); ++i) {
            CHECK(cut.deaths[i].causes == whole.deaths[i].causes);
            CHECK(cut.deaths[i].probabilities == whole.deaths[i].probabilities);
            CHECK(cut.deaths[i].true_rank == whole.deaths[i].true_rank);
        }
    }
}

TEST_CASE("deaths with nothing answered are undetermined and counted", "[va][prediction]") {
    House house;
    std::string text =
        "id," + house.kept.symptoms[0] + "," + house.kept.symptoms[1] + "\n1,Y,N\n2,.,.\n3,N,Y\n";
    house.data = house.folder.file("new.csv", text);
    study::Config config = house.config();
    CHECK_THAT(refusal(config), Contains("166 of the model's 168 symptoms") && Contains("--rename"));
    std::string header;
    std::string full;
    std::string nothing;
    for (auto const& symptom : house.kept.symptoms) {
        header += symptom + ",";
        full += "Y,";
        nothing += ".,";
    }
    house.data =
        house.folder.file("new.csv", header + "id\n" + full + "1\n" + nothing + "2\n" + full + "3\n");
    config = house.config();
    Predicted said = predicted(config);
    CHECK(said.cells.unanswered == 1);
    CHECK(said.cells.undetermined == 1);
    CHECK(said.cells.counted == 2);
    CHECK(said.deaths[1].causes.front() == -1);
    CHECK(std::isnan(said.deaths[1].probabilities.front()));
    CHECK(flags_text(said.deaths[1].flags) == "unanswered undetermined");
    CHECK(said.deaths[0].causes.front() >= 0);
    config.set("predict.unanswered", std::string("model"));
    said = predicted(config);
    CHECK(said.cells.counted == 3);
    CHECK(said.deaths[1].causes.front() >= 0);
    CHECK(flags_text(said.deaths[1].flags) == "unanswered");
}

TEST_CASE("a best probability below the key makes a death undetermined, but counts in the fractions",
          "[va][prediction]") {
    House const house;
    study::Config config = house.config();
    Predicted const before = predicted(config);
    config.set("predict.undetermined_below", 0.6);
    Predicted const after = predicted(config);
    CHECK(after.sums.sums == before.sums.sums);
    std::int64_t n = 0;
    for (std::size_t i = 0; i < before.deaths.size(); ++i) {
        bool const below = before.deaths[i].probabilities.front() < 0.6;
        n += below ? 1 : 0;
        CHECK((after.deaths[i].causes.front() == -1) == below);
        CHECK(after.deaths[i].probabilities.front() == before.deaths[i].probabilities.front());
    }
    CHECK(n > 0);
    CHECK(after.cells.undetermined == n);
    CHECK(after.sums.top.back() == n);
}

TEST_CASE("a model that is not the one asked for is refused", "[va][prediction]") {
    House const house;
    study::Config config = house.config();
    config.set("model.content", std::string(64, '0'));
    CHECK_THAT(refusal(config), Contains("000000000000") && Contains("was begun with"));
    config.set("model.content", std::string());
    config.set("model.file", house.data.string());
    CHECK_THAT(refusal(config), Contains("cohort.csv"));
}

TEST_CASE("a study that is opened from its file is the same", "[va][prediction]") {
    House const house;
    study::Config const config = house.config();
    auto const kind = make_va_prediction(catalogue());
    auto const first = kind->open(config, study::FromSource()).study;
    study::KeptData kept{first->schema(), first->inputs()};
    auto const second = kind->open(config, study::FromFile{kept}).study;
    CHECK(second->data_hash() == first->data_hash());
    CHECK(study::hash_of(second->next_experiments(study::NoRecords())) ==
          study::hash_of(first->next_experiments(study::NoRecords())));
    std::ofstream(house.data, std::ios::app) << "\n";
    CHECK_THROWS_WITH(kind->open(config, study::FromFile{kept}), Contains("has changed"));
}

TEST_CASE("other servers of the host take the model from a block, not from its file", "[va][prediction]") {
    House const house;
    study::Config const config = house.config();
    auto const first_kind = make_va_prediction(catalogue());
    auto const first = first_kind->open(config, study::FromSource()).study;
    study::KeptData const kept{first->schema(), first->inputs()};
    CHECK(first_kind->open(config, study::FromFile{kept}).block == nullptr);
    auto const shared = first_kind->open(config, study::FromFile{kept, nullptr, true});
    REQUIRE(shared.block != nullptr);
    CHECK(shared.block_problem.empty());
    std::filesystem::remove(folder_of(config) / "model.h5");
    auto const other_kind = make_va_prediction(catalogue());
    auto const other = other_kind->open(config, study::FromFile{kept, shared.block});
    CHECK(other.study->data_hash() == first->data_hash());
    auto const plan = first->next_experiments(study::NoRecords());
    Results one, two;
    Watcher watcher;
    study::Task task;
    task.items = {{plan[0], 1}};
    first->run(task, one, watcher);
    other.study->run(task, two, watcher);
    CHECK(one.by_index.at(0).arrays == two.by_index.at(0).arrays);
}

TEST_CASE("a model file that was changed between two looks at it is read again", "[va][prediction]") {
    House const house;
    study::Config config = house.config();
    auto const kind = make_va_prediction(catalogue());
    auto const first = kind->open(config, study::FromSource()).study;
    study::KeptData const kept{first->schema(), first->inputs()};
    auto other = house.kept;
    other.seed += 1;
    archive::write_archive(folder_of(config) / "model.h5", parts_of(other));
    CHECK(kind->open(config, study::FromFile{kept}).study->data_hash() != first->data_hash());
    config.set("model.content", archive::content_of(parts_of(house.kept)));
    CHECK_THROWS_WITH(kind->open(config, study::FromFile{kept}), Contains("was begun with"));
}

TEST_CASE("batches are refused where a model codes every death by itself", "[va][prediction]") {
    House const house;
    study::Config config = house.config();
    config.set("data.batch_by", std::string("site"));
    CHECK_THAT(refusal(config), Contains("--batch-by site") && Contains("leave it out"));
}

TEST_CASE("deaths that are very different are a warning, or refused", "[va][prediction]") {
    House house;
    std::string header;
    std::string row;
    for (auto const& symptom : house.kept.symptoms) {
        header += symptom + ",";
        row += "Y,";
    }
    house.data = house.folder.file("new.csv", header + "id\n" + row + "1\n" + row + "2\n");
    study::Config config = house.config();
    auto const warnings = opened(config)->inventory().warnings;
    REQUIRE_FALSE(warnings.empty());
    CHECK_THAT(warnings.front(), Contains("answered very differently"));
    config.set("predict.strict", true);
    CHECK_THAT(refusal(config), Contains("--strict"));
}

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

TEST_CASE("weights change cause fractions and no death's causes, with any size of blocks",
          "[va][prediction][weights]") {
    House house;
    std::ifstream in(house.data);
    std::string text;
    std::string line;
    for (std::size_t row = 0; std::getline(in, line); ++row)
        text += line + (row == 0 ? ",w" : row % 4 == 1 ? ",3" : ",0.25") + "\n";
    house.data = house.folder.file("weighted.csv", text);
    study::Config config = house.config();
    Predicted const plain = predicted(config);
    config.set("data.weight", std::string("w"));
    Predicted const weighted = predicted(config);
    REQUIRE(weighted.layout.weighted == Weighted::yes);
    REQUIRE(weighted.deaths.size() == 400);
    for (std::size_t i = 0; i < 400; ++i) {
        CHECK(weighted.deaths[i].causes == plain.deaths[i].causes);
        CHECK(weighted.deaths[i].probabilities == plain.deaths[i].probabilities);
        CHECK(weighted.deaths[i].weight == (i % 4 == 0 ? 3 : 0.25));
    }
    CHECK(weight_of(weighted.sums).effective == Approx(375.0 * 375 / (100 * 9 + 300 * 0.0625)));
    CHECK(fractions_of(weighted.sums) != fractions_of(plain.sums));
    config.set("predict.block", std::int64_t{37});
    Predicted const cut = predicted(config);
    CHECK(cut.sums.sums == weighted.sums.sums);
    CHECK(cut.sums.weights == weighted.sums.weights);
    CHECK(cut.sums.squares == weighted.sums.squares);
    auto const facts = opened(config)->inventory().facts;
    CHECK(std::any_of(facts.begin(), facts.end(), [](std::string const& fact) {
        return fact.find("weights of deaths in column w: sum 375, effective number of deaths 153.1") !=
               std::string::npos;
    }));
}
