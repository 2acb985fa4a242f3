#include "domains/va/prediction/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/archive/archive.hpp"
#include "core/study/growth.hpp"
#include "domains/va/prediction/model_in_use.hpp"
#include "prediction_house.hpp"

using namespace vaster;
using namespace vaster::testing;
using namespace vaster::va;
using Catch::Matchers::Contains;

namespace {

std::filesystem::path folder_of(study::Config const& config) {
    return std::filesystem::path(config.get<std::string>("model.file")).parent_path();
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
