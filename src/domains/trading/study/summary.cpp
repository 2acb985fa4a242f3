#include "domains/trading/study/summary.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/core.h>

#include "base/evolution/diversity.hpp"
#include "base/stats/summary.hpp"
#include "domains/trading/backtest/deflated_sharpe.hpp"
#include "domains/trading/study/history.hpp"
#include "domains/trading/study/schema.hpp"
#include "domains/trading/study/space.hpp"

namespace vaster::trading {
namespace {

constexpr std::size_t most_listed = 10;

std::string number(double value, int digits = 3) {
    return std::isnan(value) ? "" : fmt::format("{:.{}f}", value, digits);
}

class Summary {
  public:
    Summary(EvolveOptions const& options, study::Records const& records)
        : options_(options), records_(records), space_(options.seeds, options.signal.profile) {}

    std::vector<TextTable> tables() {
        TextTable generations = generation_table();
        last_ = replay(options_, space_, records_, [&](SettledGeneration const& settled) {
            if (is_complete(settled)) generations.rows.push_back(generation_row(settled));
        });
        for (auto const& settled : last_) note_ending(settled, generations);
        return {generations, best_table(), test_table()};
    }

  private:
    /// Of the rows of a window's last generation some may be open.
    [[nodiscard]] bool is_complete(SettledGeneration const& settled) const { return settled.evaluated > 0; }

    [[nodiscard]] double cell(std::uint64_t row, std::string_view name) const {
        return std::get<double>(records_.cells(row)[result_column(name)]);
    }

    [[nodiscard]] PlannedIndividual planned(std::uint64_t row) const {
        return planned_individual(records_.experiment(row).design);
    }

    [[nodiscard]] std::string profile() const {
        return options_.signal.profile == strategies::Profile::published ? "published profile: looks ahead"
                                                                         : "corrected profile";
    }

    // ---- generations

    [[nodiscard]] TextTable generation_table() const {
        TextTable table;
        table.title = fmt::format("Generations ({})", profile());
        table.header = {"window", "generation", "newborn",      "no result", "best fitness",
                        "mean",   "spread",     "species bits", "distance"};
        return table;
    }

    [[nodiscard]] std::vector<std::string> generation_row(SettledGeneration const& settled) const {
        auto const living = evolution::everybody(settled.population);
        auto const diversity = evolution::diversity(space_.species(), living);
        std::vector<double> fitness;
        fitness.reserve(living.size());
        for (auto const& one : living) fitness.push_back(cell(one.row, "fitness"));
        return {std::to_string(settled.window),
                std::to_string(settled.population.generation),
                std::to_string(settled.attempted),
                std::to_string(settled.attempted - settled.evaluated),
                number(*std::max_element(fitness.begin(), fitness.end())),
                number(stats::summarise(fitness).mean),
                number(diversity.spread),
                number(diversity.species_bits),
                number(diversity.mean_distance)};
    }

    void note_ending(SettledGeneration const& settled, TextTable& table) const {
        std::string why;
        switch (evolution::ending(options_.evolution, settled.population)) {
            case evolution::Ending::failures:
                why = fmt::format("stopped: only {:.0f} % of its newborn could be evaluated",
                                  100 * settled.population.success);
                break;
            case evolution::Ending::extinction:
                why = "stopped: an island has nobody left";
                break;
            case evolution::Ending::stagnation:
                why = fmt::format("stopped: nothing better for {} generations", settled.population.stagnant);
                break;
            case evolution::Ending::none:
                why = "is not at its end yet";
                break;
            case evolution::Ending::generations:
                return;
        }
        table.notes.push_back(
            fmt::format("window {}, generation {}: {}", settled.window, settled.population.generation, why));
    }

    // ---- individuals

    /// Of those that live at the end of a window, by fitness.
    [[nodiscard]] std::vector<std::uint64_t> best_rows(SettledGeneration const& settled) const {
        auto const living = evolution::everybody(settled.population);
        std::vector<std::uint64_t> rows;
        rows.reserve(living.size());
        for (auto const& one : living) rows.push_back(one.row);
        std::stable_sort(rows.begin(), rows.end(),
                         [&](auto a, auto b) { return cell(a, "fitness") > cell(b, "fitness"); });
        return rows;
    }

    [[nodiscard]] TextTable best_table() const {
        TextTable table;
        table.title = "Best individuals on training bars";
        table.header = {"window", "experiment", "seed",     "genes",  "fitness",
                        "sharpe", "return",     "drawdown", "trades", "turnover"};
        for (auto const& settled : last_) {
            auto rows = best_rows(settled);
            rows.resize(std::min(rows.size(), most_listed));
            for (auto const row : rows)
                table.rows.push_back({std::to_string(settled.window), std::to_string(row), planned(row).seed,
                                      genes_text(row), number(cell(row, "fitness")),
                                      number(cell(row, "sharpe")), number(cell(row, "total_return")),
                                      number(cell(row, "max_drawdown")), number(cell(row, "trades"), 0),
                                      number(cell(row, "turnover"), 1)});
        }
        return table;
    }

    [[nodiscard]] std::string genes_text(std::uint64_t row) const {
        std::string text;
        for (double const gene : planned(row).genes)
            if (!std::isnan(gene)) text += fmt::format("{}{:.4g}", text.empty() ? "" : " ", gene);
        return text;
    }

    // ---- out of sample

    /// The deflated Sharpe ratio of a row among all that were tried in its window.
    [[nodiscard]] double deflated(std::size_t window, std::uint64_t row, std::size_t& trials) const {
        std::vector<double> ratios;
        for (std::size_t other = 0; other < records_.size(); ++other)
            if (records_.done(other) && planned(other).window == window)
                ratios.push_back(cell(other, "bar_sharpe"));
        trials = ratios.size();
        double const sd = trials > 1 ? stats::summarise(ratios).sd : 0;
        backtest::SharpeSample const sample{cell(row, "bar_sharpe"), cell(row, "skewness"),
                                            cell(row, "kurtosis"),
                                            static_cast<std::size_t>(cell(row, "bars"))};
        return backtest::deflated_sharpe(sample, sd * sd, trials);
    }

    [[nodiscard]] std::string validity(std::uint64_t row) const {
        if (cell(row, "test_valid") == 1) return "in the test, too";
        return cell(row, "valid") == 1 ? "in training" : "no";
    }

    /// How many reach the thresholds.
    [[nodiscard]] std::string validity_note() const {
        std::size_t evaluated = 0;
        std::size_t valid = 0;
        std::size_t test_valid = 0;
        for (std::size_t row = 0; row < records_.size(); ++row) {
            if (!records_.done(row)) continue;
            ++evaluated;
            valid += cell(row, "valid") == 1 ? 1 : 0;
            test_valid += cell(row, "test_valid") == 1 ? 1 : 0;
        }
        return fmt::format(
            "thresholds of [validation]: of {} individuals {} are valid by training bars alone, {} by "
            "training and "
            "test bars. stability: 1 - sd / mean of the Sharpe ratios of {} parts of the training bars",
            evaluated, valid, test_valid, options_.validation.parts);
    }

    [[nodiscard]] TextTable test_table() const {
        TextTable table;
        table.title = "The fittest of each window, on training bars and on bars that no fitness has seen";
        table.header = {"window",   "experiment", "seed",        "sharpe",      "stability",    "placebo",
                        "deflated", "trials",     "test sharpe", "test return", "test holding", "valid"};
        double grown = 1;
        double held = 1;
        for (auto const& settled : last_) {
            auto const rows = best_rows(settled);
            if (rows.empty()) continue;
            auto const row = rows.front();
            std::size_t trials = 0;
            double const probability = deflated(settled.window, row, trials);
            table.rows.push_back({std::to_string(settled.window), std::to_string(row), planned(row).seed,
                                  number(cell(row, "sharpe")), number(cell(row, "sharpe_stability"), 2),
                                  number(cell(row, "placebo_sharpe")), number(probability),
                                  std::to_string(trials), number(cell(row, "test_sharpe")),
                                  number(cell(row, "test_return")), number(cell(row, "test_hold_return")),
                                  validity(row)});
            grown *= 1 + cell(row, "test_return");
            held *= 1 + cell(row, "test_hold_return");
        }
        if (table.rows.size() > 1)
            table.notes.push_back(fmt::format(
                "walk forward: total return of the fittest, window after window: {}; of holding: {}",
                number(grown - 1), number(held - 1)));
        table.notes.emplace_back(
            "deflated: probability that the Sharpe ratio is more than the best of as many trials without "
            "skill shows; below 0.95 it says little. placebo: the same genes on shuffled bars");
        table.notes.push_back(validity_note());
        return table;
    }

    EvolveOptions const& options_;
    study::Records const& records_;
    EvolveSpace space_;
    std::vector<SettledGeneration> last_;
};

}  // namespace

std::vector<TextTable> evolve_summary(EvolveOptions const& options, study::Records const& records) {
    return Summary(options, records).tables();
}

}  // namespace vaster::trading
