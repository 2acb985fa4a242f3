#include "domains/va/study/method.hpp"

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> const ensembles{"vote = soft(xgboost, naive_bayes; weights = 2, 1)"};

/// Three deaths of site 0, two of site 1, with one answer each.
struct Deaths {
    AnswerMatrix answers{5, 1};
    std::vector<std::uint32_t> rows{0, 1, 2, 3, 4};
    std::vector<std::uint32_t> sites{0, 0, 1, 0, 1};
    models::Prediction said{5, 2, {0.5, 0.5, 0.4, 0.6, 0.9, 0.1, 0.5, 0.5, 0.2, 0.8}, {0.3, 0.7}};

    Deaths() {
        for (std::uint32_t const row : rows)
            answers.row(row)[0] = row == 1 || row == 2 ? Answer::absent : Answer::present;
    }

    [[nodiscard]] models::Prediction adapted_where(std::vector<bool> const& was_trained_on) const {
        Watcher watcher;
        return adapted(models::Adapter({}, {0.5}), {answers, rows}, sites, was_trained_on, said, watcher);
    }
};

}  // namespace

TEST_CASE("what is adapted is a model or an ensemble, with a name of its own or a made one",
          "[study][adaptation]") {
    models::Catalogue const catalogue;
    auto const plain = adapted_method("xgboost", {}, {}, catalogue);
    CHECK(plain.name == "xgboost_adapted");
    CHECK(plain.members == std::vector<std::string>{"xgboost"});
    CHECK_FALSE(plain.ensemble.has_value());
    CHECK(plain.adaptation == models::AdaptationOptions());
    auto const named = adapted_method(" transfer=vote ", ensembles, {.weight = 0.3}, catalogue);
    CHECK(named.name == "transfer");
    CHECK(named.members == std::vector<std::string>{"xgboost", "naive_bayes"});
    REQUIRE(named.ensemble.has_value());
    CHECK(named.ensemble->name == "vote");
    CHECK(named.adaptation->weight == 0.3);
}

TEST_CASE("each text of design.adapt that cannot be read is named with what is wrong",
          "[study][adaptation]") {
    models::Catalogue const catalogue;
    auto const problem = [&](std::string const& text) {
        auto const problems = adapt_problems({text}, ensembles, catalogue);
        return problems.empty() ? std::string() : problems.front();
    };
    CHECK(problem("vote").empty());
    CHECK_THAT(problem("vot"), Contains("design.adapt: \"vot\": 'vot' is neither a model nor one of the "
                                        "ensembles") &&
                                   Contains("vote"));
    CHECK_THAT(problem("t = "), Contains("'' is neither a model"));
    CHECK_THAT(problem("vote = xgboost"), Contains("'vote' is the name of a model or an ensemble"));
    CHECK_THAT(problem("insilico = vote"), Contains("is the name of a model or an ensemble"));
    CHECK_THAT(problem("a b = vote"), Contains("its name 'a b' must be 1 to 32"));
    CHECK_THAT(problem(" = vote"), Contains("its name '' must be"));
    auto const twice = adapt_problems({"vote", "vote_adapted = xgboost"}, ensembles, catalogue);
    REQUIRE(twice.size() == 1);
    CHECK_THAT(twice[0], Contains("vote_adapted is listed twice"));
}

TEST_CASE("batches are adapted site by site, and sites that were trained on are left alone",
          "[study][adaptation]") {
    Deaths const deaths;
    auto const none = deaths.adapted_where({true, true});
    CHECK(none.probability == deaths.said.probability);
    CHECK(none.csmf == deaths.said.csmf);
    auto const both = deaths.adapted_where({false, false});
    auto const first = deaths.adapted_where({false, true});
    CHECK(both.csmf.empty());
    for (std::size_t i = 0; i < 5; ++i)
        for (std::size_t c = 0; c < 2; ++c) {
            CHECK((both.of_death(i)[c] != deaths.said.of_death(i)[c]));
            CHECK(first.of_death(i)[c] == (deaths.sites[i] == 0 ? both : deaths.said).of_death(i)[c]);
        }
    // Alone, the deaths of a site are the same batch.
    std::vector<std::uint32_t> const rows{2, 4};
    Watcher watcher;
    auto const alone = adapted(models::Adapter({}, {0.5}), {deaths.answers, rows}, {}, {},
                               {2, 2, {0.9, 0.1, 0.2, 0.8}, {}}, watcher);
    CHECK(alone.of_death(0)[0] == both.of_death(2)[0]);
    CHECK(alone.of_death(1)[0] == both.of_death(4)[0]);
}
