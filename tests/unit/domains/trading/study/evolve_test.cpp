#include "domains/trading/study/evolve.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/study/growth.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::trading;

namespace {

using Overrides = std::vector<study::Override>;

study::Config config_with(Overrides overrides) {
    return study::load(*make_evolve(), {"", "", std::move(overrides)});
}

/// A small evolution of seeds that cost little.
Overrides small(Overrides more = {}) {
    Overrides all{{"strategies.seeds", "EMA_Crossover,RSI_Filter,Bollinger_Bands", "--set"},
                  {"evolution.population", "8", "--set"},
                  {"evolution.generations", "4", "--set"},
                  {"data.bars", "400", "--set"}};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

class Collect final : public study::Sink {
  public:
    void begin(study::ExperimentIndex) override {}

    void finish(study::Result result) override { cells = std::move(result.cells); }

    study::Cells cells;
};

enum class Order { forward, backward };

/// All of a study without an engine: stages of experiments, each run as a task of its own.
struct Played {
    study::Schema schema;
    std::vector<study::KnownRow> rows;

    [[nodiscard]] double real(std::size_t row, std::string const& name) const {
        for (std::size_t i = 0; i < schema.results.size(); ++i)
            if (schema.results[i].name == name) return std::get<double>(rows.at(row).cells.at(i));
        throw std::out_of_range(name);
    }

    [[nodiscard]] study::Cell const& design(std::size_t row, std::string const& name) const {
        for (std::size_t i = 0; i < schema.design.size(); ++i)
            if (schema.design[i].name == name) return rows.at(row).experiment.design.at(i);
        throw std::out_of_range(name);
    }

    [[nodiscard]] std::int64_t number(std::size_t row, std::string const& name) const {
        return std::get<std::int64_t>(design(row, name));
    }
};

/// @param fails  experiments that are to fail
Played play(study::Config const& config, Order order = Order::forward,
            std::vector<study::ExperimentIndex> const& fails = {}) {
    auto const study = make_evolve()->open(config, study::FromSource()).study;
    Played played{study->schema(), {}};
    Watcher watcher;
    for (;;) {
        study::KnownRecords known(study->schema());
        known.set(0, played.rows);
        auto const next = study::checked_next_experiments(*study, known);
        if (next.empty()) return played;
        std::vector<study::KnownRow> stage;
        stage.reserve(next.size());
        for (auto const& experiment : next) stage.push_back({experiment, study::Status::failed, {}});
        if (order == Order::backward) std::reverse(stage.begin(), stage.end());
        for (auto& row : stage) {
            if (std::count(fails.begin(), fails.end(), row.experiment.index) > 0) continue;
            study::Task task;
            task.items = {{row.experiment, 1}};
            Collect sink;
            study->run(task, sink, watcher);
            row.cells = sink.cells;
            row.status = study::Status::done;
        }
        if (order == Order::backward) std::reverse(stage.begin(), stage.end());
        played.rows.insert(played.rows.end(), stage.begin(), stage.end());
    }
}

/// Equal, or both missing.
bool same(study::Cells const& a, study::Cells const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](auto const& one, auto const& other) {
        if (auto const* x = std::get_if<double>(&one))
            return *x == std::get<double>(other) || (std::isnan(*x) && std::isnan(std::get<double>(other)));
        return one == other;
    });
}

}  // namespace

TEST_CASE("an evolution has the same individuals in whatever order they are evaluated", "[study][evolve]") {
    auto const config = config_with(small({{"evolution.islands", "2", "--set"},
                                           {"evolution.migration_interval", "1", "--set"},
                                           {"evolution.migrants", "1", "--set"}}));
    auto const forward = play(config);
    auto const backward = play(config, Order::backward);
    REQUIRE(forward.rows.size() == 8 + 3 * (8 - 2));  // an elite of one on each island
    REQUIRE(backward.rows.size() == forward.rows.size());
    for (std::size_t row = 0; row < forward.rows.size(); ++row) {
        CHECK(same(forward.rows[row].experiment.design, backward.rows[row].experiment.design));
        CHECK(forward.real(row, "fitness") == backward.real(row, "fitness"));
    }
}

TEST_CASE("parents are of the child's seed and were evaluated before it", "[study][evolve]") {
    auto const played = play(config_with(small()));
    for (std::size_t row = 8; row < played.rows.size(); ++row) {
        auto const mother = played.number(row, "mother");
        REQUIRE((mother >= 0 && static_cast<std::size_t>(mother) < row));
        CHECK(played.design(row, "seed") == played.design(static_cast<std::size_t>(mother), "seed"));
        CHECK(played.number(static_cast<std::size_t>(mother), "generation") <
              played.number(row, "generation"));
        auto const father = played.number(row, "father");
        if (father >= 0)
            CHECK(played.design(row, "seed") == played.design(static_cast<std::size_t>(father), "seed"));
    }
}

TEST_CASE("bars of the test change nothing that was learnt", "[study][evolve][lookahead]") {
    // A walk goes on as it began: 500 bars of training each, and more or fewer bars to test on.
    Overrides const base{{"data.simulated", "walk", "--set"}, {"evolution.generations", "3", "--set"}};
    auto shorter = small(base);
    shorter.insert(shorter.end(),
                   {{"data.bars", "1000", "--set"}, {"validation.train_share", "0.5", "--set"}});
    auto longer = small(base);
    longer.insert(longer.end(), {{"data.bars", "1250", "--set"}, {"validation.train_share", "0.4", "--set"}});
    auto const one = play(config_with(shorter));
    auto const other = play(config_with(longer));
    REQUIRE(one.rows.size() == other.rows.size());
    double difference = 0;
    for (std::size_t row = 0; row < one.rows.size(); ++row) {
        CHECK(same(one.rows[row].experiment.design, other.rows[row].experiment.design));
        for (auto const* name : {"fitness", "total_return", "max_drawdown", "placebo_sharpe", "hold_return"})
            CHECK(one.real(row, name) == other.real(row, name));
        difference += std::abs(one.real(row, "test_return") - other.real(row, "test_return"));
    }
    CHECK(difference > 0);
}

TEST_CASE("each window of a walk forward evolves by itself and is tested on bars of its own",
          "[study][evolve]") {
    auto const played = play(config_with(small({{"validation.windows", "3", "--set"},
                                                {"validation.train_share", "0.4", "--set"},
                                                {"validation.gap", "10", "--set"},
                                                {"evolution.generations", "2", "--set"}})));
    std::map<std::int64_t, double> training;
    double tested = 0;
    for (std::size_t row = 0; row < played.rows.size(); ++row) {
        auto const window = played.number(row, "window");
        if (!training.contains(window)) tested += played.real(row, "test_bars");
        training[window] = played.real(row, "bars");
        auto const mother = played.number(row, "mother");
        if (mother >= 0) CHECK(played.number(static_cast<std::size_t>(mother), "window") == window);
    }
    CHECK(training == std::map<std::int64_t, double>{{0, 150}, {1, 230}, {2, 310}});
    CHECK(tested == 240);
}

TEST_CASE("the published profile meets the pool's numbers for all seeds", "[study][evolve][golden]") {
    // An earlier implementation in Python (pandas 1.5.3, scikit-learn 1.2.1) on the same series: mean over
    // population sd of the returns of bars in the market, of the same bar and with a lag of one. The two
    // seeds that train a model depend on the solver's last digits and are left out.
    struct Golden {
        std::string seed;
        double pool;
        double lagged;
    };

    std::vector<Golden> const goldens{
        {"EMA_Crossover", 0, 0},
        {"Donchian_Breakout", .059604, -.025073},
        {"RSI_Filter", -.022114, -.021540},
        {"Stochastic_Oscillator", -.165609, .022766},
        {"SMA_Trend_Filter", 0, 0},
        {"ATR_Stop_Loss", 0, 0},
        {"Ichimoku_Cloud", 0, 0},
        {"VWAP_Reversion", 0, 0},
        {"Volatility_Scaling", .023771, .020445},
        {"Funding_Rate_Carry", -.016488, .004099},
        {"Bollinger_Bands", -.003275, .034797},
        {"Nadaraya_Watson", .263921, -.018581},
    };
    std::string names;
    for (auto const& golden : goldens) names += (names.empty() ? "" : ",") + golden.seed;
    for (std::string const measure : {"pool", "pool_lagged"}) {
        auto const played = play(config_with({{"strategies.profile", "published", "--set"},
                                              {"strategies.seeds", names, "--set"},
                                              {"validation.train_share", "1.0", "--set"},
                                              {"validation.placebos", "0", "--set"},
                                              {"fitness.measure", measure, "--set"},
                                              {"evolution.population", "12", "--set"},
                                              {"evolution.generations", "1", "--set"}}));
        REQUIRE(played.rows.size() == goldens.size());
        for (std::size_t row = 0; row < goldens.size(); ++row) {
            CHECK(std::get<std::string>(played.design(row, "seed")) == goldens[row].seed);
            double const expected = measure == "pool" ? goldens[row].pool : goldens[row].lagged;
            CHECK(played.real(row, "fitness") == Approx(expected).margin(6e-7));
            CHECK(std::isnan(played.real(row, "test_return")));
            CHECK(std::isnan(played.real(row, "placebo_sharpe")));
        }
    }
}

TEST_CASE("every gene of the seed with stops changes what is traded", "[study][evolve]") {
    // Of the other seeds all genes that evolve act on the signal: room strategies has their test.
    auto const config = config_with({{"strategies.seeds", "ATR_Stop_Loss", "--set"},
                                     {"backtest.sizing", "signal", "--set"},
                                     {"data.bars", "1000", "--set"},
                                     {"evolution.population", "2", "--set"},
                                     {"evolution.generations", "1", "--set"}});
    auto const study = make_evolve()->open(config, study::FromSource()).study;
    auto experiment = study->next_experiments(study::KnownRecords(study->schema())).front();
    Watcher watcher;
    auto const judged = [&](std::size_t gene, double value) {
        study::Task task;
        task.items = {{experiment, 1}};
        if (gene > 0) task.items.front().experiment.design.at(6 + gene) = value;
        Collect sink;
        study->run(task, sink, watcher);
        sink.cells.pop_back();  // the time it took
        return sink.cells;
    };
    auto const defaults = judged(0, 0);
    CHECK(same(judged(0, 0), defaults));
    for (auto const& [gene, value] : {std::pair{1, 11.0}, {2, 1.3}, {3, 0.4}, {4, 1.9}, {5, 0.1}}) {
        INFO("gene " << gene);
        CHECK_FALSE(same(judged(static_cast<std::size_t>(gene), value), defaults));
    }
}

TEST_CASE("individuals are valid by the thresholds of the configuration", "[study][evolve][validation]") {
    auto const of = [](Overrides const& more) { return play(config_with(small(more))); };
    Overrides const lenient{{"validation.least_sharpe", "-100", "--set"},
                            {"validation.most_drawdown", "1", "--set"},
                            {"validation.least_win_rate", "0", "--set"},
                            {"validation.least_trades", "1", "--set"},
                            {"validation.test_least_sharpe", "-100", "--set"},
                            {"validation.test_least_consistency", "0", "--set"},
                            {"validation.test_most_volatility", "1000", "--set"},
                            {"validation.least_score", "0", "--set"}};
    auto const all = of(lenient);
    auto strict_test = lenient;
    strict_test[5].text = "0.99";
    auto const none_in_test = of(strict_test);
    auto strict = lenient;
    strict[3].text = "100000";
    auto const none = of(strict);
    REQUIRE(all.rows.size() == none.rows.size());
    std::size_t n_traded = 0;
    for (std::size_t row = 0; row < all.rows.size(); ++row) {
        bool const traded = all.real(row, "trades") > 0;
        n_traded += traded ? 1 : 0;
        CHECK(all.real(row, "valid") == (traded ? 1 : 0));
        CHECK(all.real(row, "test_valid") == (traded ? 1 : 0));
        CHECK(none_in_test.real(row, "valid") == (traded ? 1 : 0));
        CHECK((none_in_test.real(row, "test_valid") == 0 || all.real(row, "test_consistency") > 0.98));
        CHECK(none.real(row, "valid") == 0);
        CHECK(none.real(row, "test_valid") == 0);
        CHECK(none.real(row, "score") ==
              Approx(std::clamp(none.real(row, "sharpe") / 3, 0.0, 1.0)).margin(1e-15));
        CHECK(none.real(row, "weakest_sharpe") <= none.real(row, "sharpe") + 5);
    }
    CHECK(n_traded > 5);
    auto const untested = of({{"validation.train_share", "1.0", "--set"}});
    CHECK(std::isnan(untested.real(0, "test_valid")));
    CHECK(std::isnan(untested.real(0, "test_score")));
    CHECK_FALSE(std::isnan(untested.real(0, "valid")));
}

TEST_CASE("who fails has no children, and too many failures end the evolution", "[study][evolve]") {
    auto const config = config_with(small({{"evolution.generations", "2", "--set"}}));
    auto const played = play(config, Order::forward, {1, 4});
    REQUIRE(played.rows.size() == 8 + 7);
    for (std::size_t row = 8; row < played.rows.size(); ++row)
        for (auto const* parent : {"mother", "father"}) {
            CHECK(played.number(row, parent) != 1);
            CHECK(played.number(row, parent) != 4);
        }
    CHECK(play(config, Order::forward, {0, 1, 2, 3, 4}).rows.size() == 8);
    auto const tolerant = config_with(
        small({{"evolution.generations", "2", "--set"}, {"evolution.least_success", "0.2", "--set"}}));
    CHECK(play(tolerant, Order::forward, {0, 1, 2, 3, 4}).rows.size() == 15);
}

TEST_CASE("with several objectives nobody on the last front is beaten in all of them", "[study][evolve]") {
    auto const played = play(config_with(
        small({{"evolution.survival", "pareto", "--set"}, {"evolution.generations", "5", "--set"}})));
    CHECK(played.rows.size() == 5 * 8);
    double first = -1e300;
    double last = -1e300;
    for (std::size_t row = 0; row < played.rows.size(); ++row) {
        first = row < 8 ? std::max(first, played.real(row, "sharpe")) : first;
        last = std::max(last, played.real(row, "sharpe"));
    }
    CHECK(last >= first);
}

TEST_CASE("several assets are one portfolio", "[study][evolve]") {
    Overrides const walk{
        {"data.simulated", "walk", "--set"},    {"strategies.seeds", "Bollinger_Bands", "--set"},
        {"evolution.population", "2", "--set"}, {"evolution.generations", "1", "--set"},
        {"data.bars", "300", "--set"},          {"strategies.defaults", "true", "--set"}};
    auto const of = [&](std::string const& symbols) {
        auto all = walk;
        all.push_back({"data.symbols", symbols, "--set"});
        return play(config_with(all));
    };
    auto const btc = of("BTC");
    auto const eth = of("ETH");
    auto const both = of("BTC,ETH");
    CHECK(both.real(0, "trades") == btc.real(0, "trades") + eth.real(0, "trades"));
    CHECK(both.real(0, "turnover") == Approx((btc.real(0, "turnover") + eth.real(0, "turnover")) / 2));
    CHECK(both.real(0, "hold_return") ==
          Approx((btc.real(0, "hold_return") + eth.real(0, "hold_return")) / 2));
    CHECK(both.real(0, "volatility") < btc.real(0, "volatility"));
}

TEST_CASE("what is wrong is named, all at once", "[study][evolve][config]") {
    auto const message = [](Overrides const& overrides) {
        try {
            (void)config_with(overrides);
        } catch (ConfigError const& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    auto const text = message({{"strategies.profile", "published", "--set"},
                               {"fitness.objectives", "sharpe,test_return", "--set"},
                               {"evolution.islands", "60", "--set"},
                               {"data.symbols", "BTC,ETH", "--set"}});
    CHECK_THAT(text, Catch::Contains("validation.train_share = 1"));
    CHECK_THAT(text, Catch::Contains("\"test_return\""));
    CHECK_THAT(text, Catch::Contains("evolution.population = 100 with islands = 60"));
    CHECK_THAT(text, Catch::Contains("data.symbols has several"));
    CHECK_THAT(
        message({{"evolution.survival", "pareto", "--set"}, {"fitness.objectives", "sharpe", "--set"}}),
        Catch::Contains("fewer than two"));
    CHECK_THAT(message({{"validation.windows", "2", "--set"}, {"validation.train_share", "1.0", "--set"}}),
               Catch::Contains("nothing to test"));
    CHECK_THAT(message({{"strategies.seeds", "Astrology", "--set"}}), Catch::Contains("Astrology"));
    CHECK_THAT(message({{"strategies.seeds", "RSI_Filter,RSI_Filter", "--set"}}),
               Catch::Contains("strategies.seeds has \"RSI_Filter\" twice"));
}

TEST_CASE("the summary shows generations, the fittest, and what they did out of sample", "[study][evolve]") {
    auto const config = config_with(small({{"validation.windows", "2", "--set"}}));
    auto const played = play(config);
    study::KnownRecords records(played.schema);
    records.set(0, played.rows);
    auto const tables = make_evolve()->summary(config, played.schema, records);
    REQUIRE(tables.size() == 3);
    CHECK(tables[0].rows.size() == 2 * 4);
    CHECK(tables[1].rows.size() == 2 * 8);
    REQUIRE(tables[2].rows.size() == 2);
    auto const& header = tables[2].header;
    auto const column = std::find(header.begin(), header.end(), "deflated") - header.begin();
    double const deflated = std::stod(tables[2].rows[0][static_cast<std::size_t>(column)]);
    CHECK((deflated >= 0 && deflated <= 1));
    CHECK_THAT(tables[2].notes.front(), Catch::Contains("walk forward"));
}

TEST_CASE("an evolution goes on from the bars that its study file keeps as it began", "[study][evolve]") {
    auto const kind = make_evolve();
    auto const config =
        config_with(small({{"data.simulated", "walk", "--set"}, {"data.symbols", "BTC,ETH/USD", "--set"}}));
    REQUIRE(kind->keeps_inputs(config));
    auto const began = kind->open(config, study::FromSource()).study;
    auto const inputs = began->inputs();
    REQUIRE(inputs.size() == 1);
    CHECK(inputs[0].rows.size() == 2 * 400 * 8 * sizeof(double));
    auto const kept = [&](std::vector<study::Input> const& tables) {
        return study::FromFile{{began->schema(), tables}};
    };
    auto const reopened = kind->open(config, kept(inputs)).study;
    CHECK(reopened->data_hash() == began->data_hash());
    CHECK(reopened->inputs().empty());
    study::NoRecords const nothing;
    auto const planned = study::hash_of(began->next_experiments(nothing));
    CHECK(study::hash_of(reopened->next_experiments(nothing)) == planned);
    CHECK_THROWS_AS(kind->open(config, kept({})), DataError);
    auto strange = inputs;
    strange[0].fields[1].name = "opening";
    CHECK_THROWS_AS(kind->open(config, kept(strange)), DataError);
}

TEST_CASE("bars on a file system that all ranks see are not kept in the study file", "[study][evolve]") {
    auto const kind = make_evolve();
    auto const config = config_with(small({{"data.backend", "shared", "--set"}}));
    CHECK_FALSE(kind->keeps_inputs(config));
    CHECK(kind->open(config, study::FromSource()).study->inputs().empty());
}
