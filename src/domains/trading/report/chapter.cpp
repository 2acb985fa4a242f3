// What the report says about strategies that evolve: how fitness grew, which seeds and genes won, and what is
// left of it on bars that no fitness has seen.
#include "domains/trading/report/chapter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/report/sections.hpp"
#include "domains/trading/report/tables.hpp"

namespace vaster::trading {
namespace {

using report::CellText;
using report::Chapter;
using report::HeatMap;
using report::LinePlot;
using report::Measure;
using report::Palette;
using report::Section;
using report::Table;
using report::Where;
using report::Zero;

constexpr std::size_t most_leading = 4;          ///< seeds whose genes are shown
constexpr std::size_t most_cells_with_text = 6;  ///< of a row of a heat map: they are narrow on a phone
constexpr std::size_t most_ticks = 10;

class Evolution {
  public:
    Evolution(Chapter& chapter, store::Reader const& study)
        : chapter_(chapter),
          individuals_(study),
          windows_(individuals_.windows()),
          generations_(generations_table(individuals_)),
          progress_(progress_table(generations_)),
          shares_(seed_shares_table(individuals_)),
          genes_(genes_table(individuals_)),
          fittest_(fittest_table(individuals_)),
          out_of_sample_(out_of_sample_table(individuals_)) {}

    void add() {
        if (progress_.rows.empty()) {
            chapter_.sections.push_back(
                {"evolution", "Fitness over generations", {"No individual has a result yet."}});
            return;
        }
        for (auto const section : {&Evolution::fitness, &Evolution::diversity, &Evolution::seeds,
                                   &Evolution::genes, &Evolution::out_of_sample, &Evolution::health})
            chapter_.sections.push_back((this->*section)());
        for (auto* table : {&generations_, &progress_, &shares_, &genes_, &fittest_, &out_of_sample_})
            chapter_.tables.push_back(std::move(*table));
    }

  private:
    [[nodiscard]] bool one_window() const { return windows_.size() == 1; }

    [[nodiscard]] std::int64_t last_generation() const {
        std::int64_t last = 0;
        for (auto const& one : individuals_.all()) last = std::max(last, one.generation);
        return last;
    }

    /// Generations along an axis: whole numbers, not too many of them.
    [[nodiscard]] Measure generation_axis() const {
        Measure axis{"generation", "generation", "d"};
        auto const n = static_cast<std::size_t>(last_generation()) + 1;
        std::size_t const step = (n + most_ticks - 1) / most_ticks;
        for (std::size_t i = 0; i < n; i += step) axis.ticks.push_back(static_cast<double>(i));
        return axis;
    }

    /// Coloured cells, generations as columns. @param highest  value of the strongest colour
    [[nodiscard]] HeatMap generation_cells(std::string rows, Measure value, double highest) const {
        bool const has_room = static_cast<std::size_t>(last_generation()) < most_cells_with_text;
        return {"generation",
                "generation",
                std::move(rows),
                "",
                {},
                {},
                std::move(value),
                0,
                highest,
                Palette::sequential,
                has_room ? CellText::show : CellText::hide};
    }

    // ---- sections

    [[nodiscard]] Section fitness() const {
        Section section{"evolution", "Fitness over generations"};
        section.text.emplace_back(
            "Fitness comes from training bars alone. The best so far never falls, and the best of many "
            "is high by luck too: what it is worth stands under Out of sample. The mean is that of the "
            "newborn of a generation; who lives on from an earlier one is not counted again.");
        LinePlot const plot{
            generation_axis(), {"fitness", "fitness", ""}, one_window() ? "line" : "window_name", "", ""};
        std::vector<std::string> const tooltip{"window", "generation", "line", "fitness"};
        if (one_window())
            section.figures.push_back(line_plot({"fitness", "Fitness", progress_, {}, tooltip}, plot));
        else
            for (auto const& [name, line] :
                 {std::pair{"best-so-far", "best so far"}, std::pair{"mean-fitness", "mean of the newborn"}})
                section.figures.push_back(line_plot({name,
                                                     fmt::format("Fitness: {}", line),
                                                     progress_,
                                                     {{"line", {std::string(line)}}},
                                                     tooltip},
                                                    plot));
        section.tables.push_back(text_table(generations_, "Generations: the newborn"));
        return section;
    }

    [[nodiscard]] Section diversity() const {
        Section section{"diversity", "Diversity"};
        section.text.emplace_back(
            "Of the newborn of each generation. Seeds: the entropy of their shares, 0 bits where all are "
            "of one seed, log2 of the number of seeds where all are as frequent. Genes: the standard "
            "deviation of a gene within a seed, as a share of the range that the study has tried, mean "
            "over genes and newborn.");
        std::vector<std::string> const tooltip{"window", "generation", "newborn", "seed_bits", "gene_spread"};
        section.figures.push_back(
            line_plot({"seed-diversity", "Diversity of seeds", generations_, {}, tooltip},
                      {generation_axis(), {"seed_bits", "bits", ".1f"}, "window_name", "", ""}));
        if (has_numbers(generations_, "gene_spread"))
            section.figures.push_back(line_plot(
                {"gene-diversity", "Spread of genes", generations_, {}, tooltip},
                {generation_axis(), {"gene_spread", "share of the range", ".2f"}, "window_name", "", ""}));
        return section;
    }

    [[nodiscard]] Section seeds() const {
        Section section{"seeds", "Seeds over generations"};
        section.text.emplace_back("The share of each seed among the newborn of a generation.");
        HeatMap map =
            generation_cells("seed", {"share", "share", ".0%"}, range_of(shares_, "share", {}).high);
        map.height = 26;
        if (!one_window()) map.choices.push_back({"window", window_numbers()});
        section.figures.push_back(
            heat_map({"seed-shares", "Share of the newborn", shares_, {}, shares_.columns}, map));
        for (auto const window : windows_)
            section.tables.push_back(pivot(shares_, {{"window", {window}}},
                                           {"Share of the newborn by generation, " + window_name(window),
                                            "seed", "generation", "share", "{:.2f}"}));
        return section;
    }

    [[nodiscard]] Section genes() const {
        Section section{"genes", "Genes of the leading seeds"};
        std::int64_t const window = windows_.back();
        auto const leading = leading_seeds(window);
        section.text.push_back(fmt::format(
            "Newborn of the first and of the last generation that a seed had them in ({}): median, "
            "quartiles (thick), extremes (thin), between the smallest number of the gene that this study "
            "has tried (0) and the largest (1). These are the seeds of the fittest individuals; table "
            "genes.csv has all seeds, every generation, and the numbers themselves.",
            window_name(window)));
        for (auto const& seed : leading) {
            std::vector<Where> const where{
                {"window", {window}}, {"seed", {seed}}, {"generation", first_and_last(window, seed)}};
            if (std::none_of(genes_.rows.begin(), genes_.rows.end(),
                             [&](auto const& row) { return matches(genes_, row, where); }))
                continue;
            section.figures.push_back(
                dot_plot({"genes-" + seed,
                          seed,
                          genes_,
                          where,
                          {"gene", "born", "newborn", "lowest", "q25", "median", "q75", "highest"}},
                         {{"median_place", "place in the range tried", ".1f"},
                          {"gene"},
                          "born",
                          "lowest_place",
                          "highest_place",
                          "q25_place",
                          "q75_place"}));
            section.tables.push_back(
                pivot(genes_, {{"window", {window}}, {"seed", {seed}}},
                      {fmt::format("Median by generation, {}, {}", seed, window_name(window)), "gene",
                       "generation", "median", "{:.4g}"}));
        }
        if (section.figures.empty()) section.text = {"No gene differs between individuals."};
        return section;
    }

    [[nodiscard]] Section out_of_sample() const {
        Section section{"out-of-sample", "Out of sample"};
        section.text.emplace_back(
            "The fittest individual of each window, on the training bars that chose it and on test bars "
            "that no fitness has seen, beside holding the assets and its placebo (the same genes on "
            "training bars in shuffled order). A fair judgement comes from the test bars alone; the "
            "summary has the deflated Sharpe ratio.");
        section.text.push_back(fmt::format(
            "Of the individuals with a result {} are valid: they reach the thresholds of [validation] on "
            "training bars; {} do so on test bars, too. Table fittest.csv has them.",
            count_of("valid"), count_of("test_valid")));
        if (!has_numbers(fittest_, "test_sharpe"))
            section.text.emplace_back("There are no test bars on which the fittest traded.");
        std::vector<std::string> const tooltip{"sample", "who", "experiment", "seed", "sharpe", "return"};
        section.figures.push_back(
            dot_plot({"sharpe-samples", "Sharpe ratio a year", out_of_sample_, {}, tooltip},
                     {{"sharpe", "Sharpe ratio a year", ""}, {"sample"}, "who", "", "", "", "", Zero::draw}));
        section.figures.push_back(
            dot_plot({"return-samples", "Total return", out_of_sample_, {}, tooltip},
                     {{"return", "total return", ".0%"}, {"sample"}, "who", "", "", "", "", Zero::draw}));
        if (has_numbers(fittest_, "test_sharpe"))
            section.figures.push_back(
                scatter({"in-and-out-of-sample",
                         "The fittest hundred of each window",
                         fittest_,
                         {},
                         {"window", "experiment", "generation", "seed", "fitness", "sharpe", "test_sharpe",
                          "placebo_sharpe", "hold_sharpe", "test_hold_sharpe"}},
                        {{"sharpe", "Sharpe ratio on training bars", ""},
                         {"test_sharpe", "Sharpe ratio on test bars", ""},
                         "window_name"}));
        section.tables.push_back(text_table(out_of_sample_, "The fittest of each window"));
        return section;
    }

    [[nodiscard]] Section health() const {
        Section section{"health", "Health of the evaluation"};
        std::int64_t done = 0;
        std::int64_t failed = 0;
        for (auto const& one : individuals_.all()) {
            done += one.status == study::Status::done ? 1 : 0;
            failed += one.status == study::Status::failed ? 1 : 0;
        }
        section.text.push_back(fmt::format(
            "Of {} individuals that were tried {} have a result and {} failed. An evolution ends when less "
            "than evolution.least_success of a generation can be evaluated.",
            done + failed, done, failed));
        section.figures.push_back(
            heat_map({"health",
                      "Share of the newborn with a result",
                      generations_,
                      {},
                      {"window", "generation", "newborn", "evaluated", "failed", "evaluated_share"}},
                     generation_cells("window_name", {"evaluated_share", "share with a result", ".0%"}, 1)));
        return section;
    }

    // ---- parts of them

    /// Individuals with a 1 in a column of results.
    [[nodiscard]] std::size_t count_of(std::string_view column) const {
        auto const& all = individuals_.all();
        return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](Individual const& one) {
            return one.status == study::Status::done && individuals_.result(one, column) == 1;
        }));
    }

    [[nodiscard]] std::vector<std::string> window_numbers() const {
        std::vector<std::string> numbers;
        for (auto const window : windows_) numbers.push_back(std::to_string(window));
        return numbers;
    }

    /// The seeds of the fittest individuals of a window, the best first.
    [[nodiscard]] std::vector<std::string> leading_seeds(std::int64_t window) const {
        std::vector<std::string> seeds;
        for (auto const* one : individuals_.by_fitness(window)) {
            if (std::find(seeds.begin(), seeds.end(), one->seed) == seeds.end()) seeds.push_back(one->seed);
            if (seeds.size() == most_leading) break;
        }
        return seeds;
    }

    /// The first and the last generation in which a seed has newborn.
    [[nodiscard]] study::Cells first_and_last(std::int64_t window, std::string const& seed) const {
        study::Cells generations;
        for (auto const& one : individuals_.all())
            if (one.window == window && one.seed == seed) generations.emplace_back(one.generation);
        auto const [first, last] = std::minmax_element(generations.begin(), generations.end());
        return {*first, *last};
    }

    Chapter& chapter_;
    Individuals individuals_;
    std::vector<std::int64_t> windows_;
    Table generations_, progress_, shares_, genes_, fittest_, out_of_sample_;
};

}  // namespace

void add_evolution(Chapter& chapter, store::Reader const& study) {
    Evolution(chapter, study).add();
}

}  // namespace vaster::trading
