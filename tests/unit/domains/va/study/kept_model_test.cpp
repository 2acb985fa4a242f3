#include "domains/va/study/kept_model.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "domains/va/data/rules.hpp"
#include "domains/va/data/splits.hpp"
#include "domains/va/study/kept_facts.hpp"
#include "small_models.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Matchers::Contains;
using vaster::test::small_catalogue;

namespace {

/// Three symptoms, two causes, ten deaths.
KeptModel small_model() {
    KeptModel model;
    model.name = "shares";
    model.weights = {1};
    model.members = {{"shares", "strength = 1.0\n", 1, {}}};
    model.members[0].parts.put("shares", std::vector<double>{0.25, 0.75});
    model.missing = models::MissingPolicy::nan;
    model.seed = 7;
    model.symptoms = {"fever", "cough", "rash"};
    model.causes = {"1", "2"};
    model.cause_deaths = {4, 6};
    model.cause_names = {"Malaria", "Stroke, or \xC3\xA9tat"};
    model.groupings = {{"broad", {"all"}, {0, 0}}};
    model.coding = {
        CohortFormat::encoded, "", csv::Quotes::strict, "va34", {"va34", "cod5"}, "site", "", "newid",
        {{"Y"}, {""}, {}}};
    model.present = {3, 0, 10};
    model.unanswered = {7, 1, 0};
    model.data_hash = "0123456789abcdef";
    model.n_deaths = 10;
    model.sites = {"AP", "UP"};
    model.site_deaths = {9, 1};
    model.left_out = {{"no cause", 3}};
    double const none = std::numeric_limits<double>::quiet_NaN();
    model.inner = {{"cv",
                    {"0", "1"},
                    {5, 5},
                    {5, 5},
                    {"cod_accuracy", "log_loss"},
                    {0.5, 1.5, 0.75, none},
                    {3, 1, 2, 4},
                    {0.5, 0.5, 0.25, 0.75},
                    {0.4, 0.6, 0.3, 0.7}}};
    model.provenance = {{"created", "2026-01-02T03:04:05Z"}, {"program", "vaster 0.1"}};
    return model;
}

/// The parts of the small model with one of them made anew.
template <class T>
Parts with(std::string const& name, std::vector<T> const& values, std::vector<std::uint64_t> shape) {
    Parts changed;
    Parts const whole = parts_of(small_model());
    for (auto const& [known, part] : whole.all())
        if (known != name) changed.put_part(known, part);
    changed.put<T>(name, std::span(values), std::move(shape));
    return changed;
}

Parts with_text(std::string const& name, std::string_view text) {
    Parts changed;
    Parts const whole = parts_of(small_model());
    for (auto const& [known, part] : whole.all())
        if (known != name) changed.put_part(known, part);
    changed.put_text(name, text);
    return changed;
}

std::string refusal(Parts const& parts) {
    try {
        (void)kept_model_from(parts);
    } catch (DataError const& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("a kept model is the same after it has been parts", "[va][kept]") {
    auto const model = small_model();
    auto const parts = parts_of(model);
    auto const again = kept_model_from(parts);
    CHECK(parts_of(again) == parts);
    CHECK(again.name == "shares");
    CHECK(again.missing == models::MissingPolicy::nan);
    CHECK(again.seed == 7);
    CHECK(again.symptoms == model.symptoms);
    CHECK(again.cause_names == model.cause_names);
    CHECK(again.coding == model.coding);
    CHECK(again.left_out == model.left_out);
    CHECK(again.groupings[0].of_cause == model.groupings[0].of_cause);
    REQUIRE(again.inner_of("cv") != nullptr);
    CHECK(again.inner_of("leave_one_site_out") == nullptr);
    CHECK(again.inner_of("cv")->confusion == std::vector<std::uint64_t>{3, 1, 2, 4});
    CHECK(again.inner_of("cv")->values[2] == 0.75);
    CHECK(std::isnan(again.inner_of("cv")->values[3]));
    CHECK(again.provenance == model.provenance);
}

TEST_CASE("the rules that made symptoms of answers go along, and are read again by those who predict",
          "[va][kept]") {
    auto model = small_model();
    std::string const rules =
        "symptom,source,also_source,rule,cutoff,present,absent,missing,question\n"
        "fever,q1,,yes_no,,Yes|1,No,DK,\"Fever, how long?\"\n"
        "fever,q2?,,between,2.5|9,,,DK|99,\n"
        "cough,q3,q4,one_of,,*,No|<empty>,,\n"
        "rash,q5,,has_word,,rash,,dk,\n";
    model.coding.format = CohortFormat::rules;
    model.coding.quotes = csv::Quotes::release;
    model.coding.rules = rules_text(parse_rules(csv::CsvReader::from_text(rules, "rules.csv")));
    CHECK(model.coding.rules == rules);
    auto const again = kept_model_from(parts_of(model));
    CHECK(again.coding == model.coding);
    CHECK_THAT(refusal(with_text("data/coding/rules", "symptom\nfever\n")),
               Contains("part 'data/coding/rules'") && Contains("there is no column 'source'"));
}

TEST_CASE("every part of a kept model is needed but those that say so", "[va][kept]") {
    auto const whole = parts_of(small_model());
    for (auto const& [left_out, part] : whole.all()) {
        bool const optional = left_out.starts_with("provenance/") || left_out == "data/cause_names" ||
                              left_out == "data/groupings/0/name" || left_out == "inner/cv/units" ||
                              left_out.starts_with("model/members/0/parts/");
        Parts rest;
        for (auto const& [name, other] : whole.all())
            if (name != left_out) rest.put_part(name, other);
        INFO(left_out);
        if (optional)
            CHECK_NOTHROW(kept_model_from(rest));
        else
            CHECK_THROWS_AS(kept_model_from(rest), DataError);
    }
}

TEST_CASE("parts that contradict each other are refused by name", "[va][kept]") {
    using Counts = std::vector<std::uint64_t>;
    CHECK_THAT(refusal(with_text("data/causes", "1\n1\n")), Contains("data/causes") && Contains("'1' twice"));
    CHECK_THAT(refusal(with_text("data/causes", "2\n1\n")), Contains("not in byte order"));
    CHECK_THAT(refusal(with_text("data/causes", "")), Contains("no cause"));
    CHECK_THAT(refusal(with_text("data/symptoms", "a\nb\n\n")), Contains("empty name"));
    CHECK_THAT(refusal(with_text("data/symptoms", "a\nb\n\x1B[2J\n")), Contains("control character"));
    CHECK_THAT(refusal(with_text("data/symptoms", "a\nb\n\xFF\n")), Contains("UTF-8"));
    CHECK_THAT(refusal(with_text("data/symptoms", "a\nb")), Contains("no end"));
    CHECK_THAT(refusal(with_text("data/coding/format", "arff")), Contains("'arff'"));
    CHECK_THAT(refusal(with_text("model/missing", "zero")), Contains("absent, nan, ordinal"));
    CHECK_THAT(refusal(with<std::uint64_t>("data/cause_deaths", Counts{4, 7}, {2})),
               Contains("more than the 10 deaths"));
    CHECK_THAT(refusal(with<std::uint64_t>("data/cause_deaths", Counts{4, ~std::uint64_t{0}}, {2})),
               Contains("data/cause_deaths"));
    CHECK_THAT(refusal(with<std::uint64_t>("data/site_deaths", Counts{1, 1}, {2})),
               Contains("8 deaths fewer"));
    CHECK_THAT(refusal(with<std::uint64_t>("data/present", Counts{4, 0, 10}, {3})),
               Contains("'fever' is present in 4 and missing in 7 of 10"));
    CHECK_THAT(refusal(with<std::uint64_t>("data/present", Counts{4, 0}, {2})), Contains("shape"));
    CHECK_THAT(refusal(with<std::uint32_t>("data/groupings/0/of_cause", {0, 1}, {2})),
               Contains("group 1 of 1"));
    CHECK_THAT(refusal(with<double>("model/weights", {0.5}, {1})), Contains("sums to 0.5"));
    CHECK_THAT(refusal(with<double>("model/weights", {std::nan("")}, {1})), Contains("model/weights"));
    CHECK_THAT(refusal(with<double>("inner/cv/csmf_true", {0.5, 0.5, 0.5, 0.75}, {2, 2})),
               Contains("row 1 of part 'inner/cv/csmf_true'"));
    CHECK_THAT(refusal(with<double>("inner/cv/csmf_predicted", {0.5, 0.5, -0.25, 1.25}, {2, 2})),
               Contains("-0.25"));
}

TEST_CASE("a kept model predicts as the classifiers that were fitted", "[va][kept]") {
    auto const catalogue = small_catalogue();
    auto model = small_model();
    auto const members = classifiers(model, catalogue);
    AnswerMatrix const answers(2, 3);
    DeathList const rows{0, 1};
    Watcher watcher;
    auto const said = predict(model, members, {{answers, rows}}, "new", watcher);
    CHECK(said.probability == std::vector<double>{0.25, 0.75, 0.25, 0.75});

    model.vote = Vote::soft;
    model.weights = {0.5, 0.5};
    model.members.push_back(model.members[0]);
    model.members[1].parts = {};
    model.members[1].parts.put("shares", std::vector<double>{0.75, 0.25});
    auto const vote = predict(model, classifiers(model, catalogue), {{answers, rows}}, "new", watcher);
    CHECK(vote.probability == std::vector<double>{0.5, 0.5, 0.5, 0.5});
}

TEST_CASE("a member that this program cannot use is refused with the reason", "[va][kept]") {
    auto const catalogue = small_catalogue();
    auto const problem = [&](auto change) {
        auto model = small_model();
        change(model.members[0]);
        try {
            (void)classifiers(model, catalogue);
        } catch (DataError const& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK_THAT(problem([](KeptMember& member) { member.model = "sharez"; }), Contains("there is 'shares'"));
    CHECK_THAT(problem([](KeptMember& member) { member.model = "fixed"; }), Contains("cannot load"));
    CHECK_THAT(problem([](KeptMember& member) { member.parts_version = 99; }), Contains("version 99"));
    CHECK_THAT(problem([](KeptMember& member) { member.parameters = "strength = -1.0\n"; }),
               Contains("at least 0"));
    CHECK_THAT(problem([](KeptMember& member) { member.parameters = "brawn = 1\n"; }), Contains("brawn"));
    CHECK_THAT(problem([](KeptMember& member) { member.parameters = "strength = [\n"; }), Contains("shares"));
    CHECK_THAT(problem([](KeptMember& member) { member.parts = {}; }), Contains("'shares' is missing"));
}

TEST_CASE("parameters are kept by what they do to results", "[va][kept]") {
    auto const catalogue = small_catalogue();
    auto const& model = catalogue.at("shares");
    Parameters parameters(model.parameters);
    CHECK(parameters_text(model, parameters) == "strength = 1.0\ntable = \"\"\n");
    parameters.set("threads", std::int64_t{4});
    CHECK(parameters_text(model, parameters) == "strength = 1.0\ntable = \"\"\n");
}

TEST_CASE("probes are the same each time and look like the training deaths", "[va][kept]") {
    auto const model = small_model();
    auto const members = classifiers(model, small_catalogue());
    Watcher watcher;
    auto const probes = probes_of(model, members, 50, watcher);
    CHECK(probes == probes_of(model, members, 50, watcher));
    CHECK(probes.probability.size() == 100);
    for (std::size_t i = 0; i < 50; ++i) {
        CHECK(probes.answers[i * 3] != static_cast<std::uint8_t>(Answer::absent));
        CHECK(probes.answers[i * 3 + 1] != static_cast<std::uint8_t>(Answer::present));
        CHECK(probes.answers[i * 3 + 2] == static_cast<std::uint8_t>(Answer::present));
    }
    auto kept = model;
    kept.probes = probes;
    CHECK(kept_model_from(parts_of(kept)).probes == probes);
}

TEST_CASE("what is said of a model are means over folds, and names", "[va][kept]") {
    auto model = small_model();
    model.provenance.emplace_back("study_data", "beef");
    auto const facts = facts_of(model);
    CHECK(std::get<std::string>(facts.at("model")) == "shares");
    CHECK(std::get<double>(facts.at("n_train")) == 10);
    CHECK(std::get<std::string>(facts.at("sites")) == "AP, UP");
    CHECK(std::get<double>(facts.at("inner.cv.cod_accuracy")) == 0.625);
    CHECK(std::get<double>(facts.at("inner.cv.log_loss")) == 1.5);
    CHECK(std::get<std::string>(facts.at("study.data")) == "beef");
}

TEST_CASE("an adapted model is kept with how strongly, and adapts batches of sites that it does not know",
          "[va][kept][adaptation]") {
    KeptModel model = small_model();
    model.adaptation = {.weight = 0.3, .power = 1.1, .prior = 2, .steps = 5};
    auto const again = kept_model_from(parts_of(model));
    CHECK(again.adaptation == model.adaptation);
    CHECK_FALSE(kept_model_from(parts_of(small_model())).adaptation.has_value());
    CHECK(predicts_of(model, small_catalogue()) == models::Predicts::whole_batch);

    AnswerMatrix answers(3, 3);
    answers.row(0)[2] = Answer::present;
    answers.row(1)[1] = Answer::missing;
    std::vector<std::uint32_t> const rows{0, 1, 2};
    auto const members = classifiers(again, small_catalogue());
    Watcher watcher;
    auto const said = [&](KeptModel const& one, std::string_view site) {
        return predict(one, members, {{answers, rows}}, "t", watcher, site).probability;
    };
    auto const plain = said(small_model(), "");
    auto const adapted =
        models::Adapter(*model.adaptation, models::source_rates(model.present, model.unanswered, 10))
            .adapted({answers, rows}, plain, 2, watcher);
    CHECK(adapted != plain);
    CHECK(said(again, "") == adapted);
    CHECK(said(again, "Dar") == adapted);
    CHECK(said(again, "UP") == plain);
}

TEST_CASE("a temperature is kept where it is not 1", "[va][kept][adaptation]") {
    KeptModel model = small_model();
    model.adaptation.emplace();
    CHECK(parts_of(model).get<double>("model/adaptation").size() == 4);
    model.adaptation->temperature = 2.5;
    CHECK(kept_model_from(parts_of(model)).adaptation == model.adaptation);
    CHECK_THAT(std::get<std::string>(facts_of(model).at("adaptation")),
               Contains("steps 10, temperature 2.5"));
}

TEST_CASE("adaptation that no model can have is refused", "[va][kept][adaptation]") {
    auto const refused = [](std::vector<double> const& numbers) {
        return refusal(with<double>("model/adaptation", numbers, {numbers.size()}));
    };
    CHECK(refused({0.15, 1.2, 4, 10}) == "accepted");
    CHECK_THAT(refused({0.15, 1.2, 4}), Contains("model/adaptation"));
    CHECK_THAT(refused({-0.15, 1.2, 4, 10}), Contains("has the number -0.15"));
    CHECK_THAT(refused({0.15, 1.2, 4, 1e9}), Contains("has the number"));
    CHECK_THAT(refused({0.15, 1.2, 0, 10}), Contains("has the prior 0"));
    CHECK_THAT(refused({0.15, std::numeric_limits<double>::quiet_NaN(), 4, 10}),
               Contains("has the number nan"));
    CHECK(refused({0.15, 1.2, 4, 10, 3}) == "accepted");
    CHECK_THAT(refused({0.15, 1.2, 4, 10, 3, 0.5}), Contains("model/adaptation"));
    CHECK_THAT(refused({0.15, 1.2, 4, 10, 0}), Contains("has the temperature 0 (must be above 0)"));
}
