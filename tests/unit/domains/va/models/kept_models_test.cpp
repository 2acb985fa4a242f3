#include "kept_models.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../temporary_folder.hpp"

using namespace vaster;
using testing::KeptSample;
using testing::n_kept_causes;
using testing::n_kept_symptoms;

namespace {

/// The probabilities of all deaths, predicted so many at a time.
std::vector<double> by_blocks(models::Classifier const& classifier, models::Deaths const& deaths,
                              std::size_t block) {
    std::vector<double> all;
    for (std::size_t begin = 0; begin < deaths.rows.size(); begin += block) {
        std::size_t const n = std::min(block, deaths.rows.size() - begin);
        auto const some = testing::predicted(classifier, {deaths.answers, deaths.rows.subspan(begin, n)});
        all.insert(all.end(), some.probability.begin(), some.probability.end());
    }
    return all;
}

/// Calls check(sample) for every model of the catalogue by every policy.
template <class Check>
void for_all_models(testing::SampleCohort const& training, Check check) {
    models::Catalogue const catalogue;
    for (auto const& model : catalogue.all())
        for (auto const policy : testing::all_policies) {
            CAPTURE(model.name, static_cast<int>(policy));
            REQUIRE(model.load);
            check(model, KeptSample(model, policy, training));
        }
}

}  // namespace

TEST_CASE("every model predicts the same to the bit after it was saved and loaded", "[models][kept]") {
    auto const test = testing::sample_cohort(90, n_kept_symptoms, {0, 1, 2, 3, 4}, Random(2));
    for_all_models(testing::deaths_to_learn_from(), [&](auto const&, KeptSample const& sample) {
        auto const after = sample.load(sample.parts());
        auto const expected = testing::predicted(sample.fitted(), test.deaths());
        auto const found = testing::predicted(*after, test.deaths());
        CHECK(found.n_causes == n_kept_causes);
        CHECK(found.probability == expected.probability);
        CHECK(found.csmf == expected.csmf);
        Parts again;
        after->save(again);
        CHECK(again == sample.parts());
    });
}

TEST_CASE("a model that predicts each death by itself gives the same bits in blocks of any size",
          "[models][kept]") {
    auto const test = testing::sample_cohort(200, n_kept_symptoms, {1, 2, 4}, Random(3));
    for_all_models(testing::deaths_to_learn_from(), [&](auto const& model, KeptSample const& sample) {
        if (model.predicts == models::Predicts::whole_batch) return;
        auto const after = sample.load(sample.parts());
        auto const expected = testing::predicted(sample.fitted(), test.deaths()).probability;
        for (std::size_t const block : {1, 7, 64, 1000})
            CHECK(by_blocks(*after, test.deaths(), block) == expected);
    });
}

TEST_CASE("a model of one cause and one of deaths without answers can be kept, too", "[models][kept]") {
    auto const one_cause = testing::sample_cohort(12, n_kept_symptoms, {2}, Random(1));
    auto no_answers = testing::deaths_to_learn_from();
    no_answers.answers = va::AnswerMatrix(no_answers.rows.size(), n_kept_symptoms);
    for (auto const& training : {std::cref(one_cause), std::cref(no_answers)})
        for_all_models(training.get(), [&](auto const&, KeptSample const& sample) {
            CHECK(testing::predicted(*sample.load(sample.parts()), training.get().deaths()).probability ==
                  testing::predicted(sample.fitted(), training.get().deaths()).probability);
        });
}

TEST_CASE("the same deaths and seed give the same parts", "[models][kept]") {
    for_all_models(testing::deaths_to_learn_from(), [&](auto const& model, KeptSample const& sample) {
        Parts again;
        testing::fitted(model, testing::deaths_to_learn_from().training(n_kept_causes), sample.policy(),
                        testing::quick_parameters(model))
            ->save(again);
        CHECK(again == sample.parts());
    });
}

TEST_CASE("InSilicoVA with its own sampler or a given table predicts the same after it was saved and loaded",
          "[models][kept][insilico]") {
    auto const training = testing::deaths_to_learn_from();
    auto const test = testing::sample_cohort(30, n_kept_symptoms, {1, 2, 4}, Random(2));
    std::vector<std::string> symptoms;
    std::vector<std::string> causes;
    for (std::size_t s = 0; s < n_kept_symptoms; ++s) symptoms.push_back(fmt::format("s{}", s));
    for (std::size_t c = 0; c < n_kept_causes; ++c) causes.push_back(fmt::format("c{}", c));
    models::Catalogue const catalogue;
    auto const& model = catalogue.at("insilico");
    for (auto const* table : {"", "symptom,c1,c2,c4\ns3,A,B,E\ns9,N,I,C\n", "symptom,c1,c4\ns3,0.5,0.25\n"}) {
        CAPTURE(table);
        Parameters parameters(model.parameters);
        auto folder = std::make_optional<testing::TemporaryFolder>();
        if (*table != '\0') parameters.set("table", folder->file("table.csv", table).string());
        auto const before = model.make(parameters, models::MissingPolicy::nan);
        Watcher watcher;
        before->fit({training.deaths(), training.causes, n_kept_causes, {symptoms, causes}}, Random(1),
                    watcher);
        folder.reset();  // what is kept does not need the table
        Parts parts;
        before->save(parts);
        auto const after =
            model.load(parameters, models::MissingPolicy::nan, parts, n_kept_symptoms, n_kept_causes);
        auto const expected = testing::predicted(*before, test.deaths());
        auto const found = testing::predicted(*after, test.deaths());
        CHECK(found.probability == expected.probability);
        CHECK(found.csmf == expected.csmf);
    }
}

TEST_CASE("only InSilicoVA predicts by batches", "[models][kept]") {
    models::Catalogue const catalogue;
    for (auto const& model : catalogue.all())
        CHECK((model.predicts == models::Predicts::whole_batch) == (model.name == "insilico"));
}
