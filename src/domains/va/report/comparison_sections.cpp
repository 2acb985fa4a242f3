// What the report says about a comparison of models. Every number is one of compare()'s, a cell of the study
// file, or a count of deaths.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include <fmt/ranges.h>

#include "core/report/figures.hpp"
#include "core/report/sections.hpp"
#include "domains/va/report/calibration_section.hpp"
#include "domains/va/report/causes.hpp"
#include "domains/va/report/comparison_chapter.hpp"
#include "domains/va/report/comparison_text.hpp"
#include "domains/va/report/convergence_section.hpp"
#include "domains/va/report/known_section.hpp"
#include "domains/va/report/verdict.hpp"
#include "domains/va/report/words.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using report::CellText;
using report::Chapter;
using report::Document;
using report::dot_plot;
using report::find_table;
using report::Frame;
using report::has_numbers;
using report::heat_map;
using report::HeatMap;
using report::line_plot;
using report::matches;
using report::Palette;
using report::pivot;
using report::position_of;
using report::range_of;
using report::Reference;
using report::Section;
using report::Spelling;
using report::Table;
using report::Where;
using report::Width;
using report::Zero;

using study::Cell;
using Names = std::vector<std::string>;

std::vector<Cell> cells_of(Names const& names) {
    return {names.begin(), names.end()};
}

/// Distinct texts of a column in the order in which they come.
Names distinct(Table const& table, std::string const& column, std::vector<Where> const& where) {
    Names names;
    std::size_t const position = position_of(table, column);
    for (auto const& row : table.rows) {
        auto const& name = std::get<std::string>(row[position]);
        if (matches(table, row, where) && std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    }
    return names;
}

/// Distinct shares of the training part, ascending.
std::vector<double> fractions_of(Table const& curve) {
    std::set<double> fractions;
    for (auto const& row : curve.rows)
        fractions.insert(std::get<double>(row[position_of(curve, "fraction")]));
    return {fractions.begin(), fractions.end()};
}

/// Makes the sections of one comparison.
class Author {
  public:
    Author(Chapter& chapter, ModelComparison comparison, Document document)
        : chapter_(chapter),
          comparison_(std::move(comparison)),
          document_(std::move(document)),
          types_(whole_types(comparison_)) {}

    /// Of one study.
    void write_study(store::Reader const& study) {
        chapter_.notes.insert(chapter_.notes.end(), document_.notes.begin(), document_.notes.end());
        chapter_.verdict = words_of(comparison_);
        add(means());
        add(gaps());
        add_transfers();
        add_causes(study);
        add_calibration(chapter_, study, types_);
        add(differences());
        add(learning());
        add_convergence(chapter_, study);
        add_known(chapter_, study);
    }

    /// Of several studies.
    void write_studies() {
        chapter_.verdict = words_of(comparison_);
        add(means());
        add(differences());
        add(learning());
    }

    void keep_tables() {
        for (auto& table : document_.tables) chapter_.tables.push_back(std::move(table));
    }

  private:
    void add(Section section) { chapter_.sections.push_back(std::move(section)); }

    [[nodiscard]] Table const& table(std::string const& name) const { return find_table(document_, name); }

    [[nodiscard]] Names const& metrics() const { return comparison_.options.metrics; }

    [[nodiscard]] bool has_results() const {
        return std::any_of(comparison_.means.begin(), comparison_.means.end(),
                           [](ModelMean const& row) { return !std::isnan(row.estimate.mean); });
    }

    /// Types as people read them.
    [[nodiscard]] std::vector<Spelling> type_spellings() const {
        std::vector<Spelling> spellings;
        spellings.reserve(types_.size());
        for (auto const& type : types_) spellings.push_back({type, type_name(type)});
        return spellings;
    }

    /// What the metric is without any model: guessing, and the most frequent cause in each type.
    [[nodiscard]] std::vector<Reference> references(std::string const& metric) const {
        std::vector<Reference> references;
        for (auto const& row : comparison_.baselines) {
            if (row.metric != metric ||
                std::find(types_.begin(), types_.end(), row.asked.type) == types_.end())
                continue;
            if (!std::isnan(row.guessing) && references.empty())
                references.push_back({row.guessing, "guessing"});
            if (!std::isnan(row.most_frequent))
                references.push_back({row.most_frequent,
                                      "always the most frequent cause, " + type_name(row.asked.type), true});
        }
        return references;
    }

    /// "Dashed: guessing (0.632). Dotted: always giving the most frequent cause (0.154, 0.161)."
    static std::string about(std::vector<Reference> const& references) {
        Names dashed, dotted;
        for (auto const& one : references) {
            auto const number = fmt::format("{:.3f}", one.value);
            auto& numbers = one.dotted ? dotted : dashed;
            if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) numbers.push_back(number);
        }
        std::string text;
        if (!dashed.empty()) text += fmt::format("Dashed: guessing ({}). ", listed(dashed));
        if (!dotted.empty())
            text += fmt::format("Dotted: always giving the most frequent cause ({}).", listed(dotted));
        return text;
    }

    /// Ends of an axis for a metric between 0 and 1, to the next tenth: what is shown, within [0, 1]. Empty
    /// for other metrics.
    [[nodiscard]] std::vector<double> ends_of(std::string const& metric,
                                              std::vector<Reference> const& references) const {
        constexpr std::array<std::string_view, 4> shares{"csmf_accuracy", "csmf_accuracy_probabilities",
                                                         "cod_accuracy", "top3_accuracy"};
        if (std::ranges::find(shares, metric) == shares.end()) return {};
        std::vector<Where> const shown{{"metric", {metric}}, {"type", cells_of(types_)}};
        double low = 1;
        double high = 0;
        auto const include = [&](double from, double to) {
            low = std::min(low, from);
            high = std::max(high, to);
        };
        for (auto const* column : {"mean", "sites_lo", "sites_hi", "deaths_lo", "deaths_hi"}) {
            if (!has_numbers(table("means"), column)) continue;
            auto const [from, to] = range_of(table("means"), column, shown);
            include(from, to);
        }
        for (auto const& one : references) include(one.value, one.value);
        return {std::max(0.0, std::floor(10 * low) / 10), std::min(1.0, std::ceil(10 * high) / 10)};
    }

    [[nodiscard]] Section means() const {
        Section section{"means", "Models in and out of domain"};
        if (!has_results()) {
            section.text.emplace_back("No experiment has a result yet.");
            return section;
        }
        section.text.emplace_back(
            "Mean over sites of each site's mean. Thin line: 95 % interval over sites (what other sites "
            "would give); thick line: over deaths (what other deaths at these sites would give). CSMF: "
            "cause-specific mortality fractions, the share of each cause among all deaths. COD: cause of "
            "death, of each death by itself. In domain: trained and tested at the same site; out of domain: "
            "trained at one site and tested at another.");
        for (auto const& metric : metrics()) {
            auto const lines = references(metric);
            section.figures.push_back(
                dot_plot({"means-" + metric,
                          metric_name(metric) + " by model",
                          table("means"),
                          {{"metric", {metric}}, {"type", cells_of(types_)}},
                          {"type", "model", "mean", "sites_lo", "sites_hi", "deaths_lo", "deaths_hi",
                           "experiments", "planned", "sites"},
                          Width::half,
                          about(lines),
                          type_spellings()},
                         {{"mean", metric_name(metric), ".2f", {}, ends_of(metric, lines)},
                          {"model"},
                          "type",
                          "sites_lo",
                          "sites_hi",
                          "deaths_lo",
                          "deaths_hi",
                          Zero::leave_out,
                          "",
                          lines}));
            section.tables.push_back(means_text(comparison_, metric));
        }
        if (!comparison_.holes.empty())
            section.tables.insert(section.tables.begin(), holes_text(comparison_));
        return section;
    }

    /// A section for each metric, or one that says why there is none.
    void add_transfers() {
        auto const& cells = table("transfer");
        std::vector<Where> const whole{{"type", cells_of(types_)}};
        bool const across = std::any_of(cells.rows.begin(), cells.rows.end(), [&](study::Cells const& row) {
            return matches(cells, row, whole) &&
                   row[position_of(cells, "train_site")] != row[position_of(cells, "test_site")];
        });
        if (!across) {
            add({"transfer",
                 "Transfer between sites",
                 {"The study tests no model at a site that it was not trained at."}});
            return;
        }
        for (auto const& metric : metrics()) add(transfer(metric));
    }

    [[nodiscard]] Section transfer(std::string const& metric) const {
        Section section{"transfer-" + metric, "Transfer between sites: " + metric_name(metric)};
        section.text.emplace_back(
            "Each model trained at the site of the row and tested at the site of the column, mean over "
            "repeats. Colours are the same for all models. Compare within a column: there the test deaths "
            "are the "
            "same.");
        auto const& cells = table("transfer");
        std::vector<Where> where{{"type", cells_of(types_)}, {"metric", {metric}}};
        auto const [low, high] = range_of(cells, "mean", where);
        for (auto const& model : comparison_.models) {
            auto of_model = where;
            of_model.push_back({"model", {model}});
            HeatMap map{"test_site",
                        "tested at",
                        "train_site",
                        "trained at",
                        sorted(distinct(cells, "test_site", of_model)),
                        sorted(distinct(cells, "train_site", of_model)),
                        {"mean", metric_name(metric), ".2f"},
                        low,
                        high};
            section.figures.push_back(
                heat_map({fmt::format("transfer-{}-{}", metric, model),
                          fmt::format("{}: {}", model, metric_name(metric)),
                          cells,
                          of_model,
                          {"model", "train_site", "test_site", "mean", "experiments", "planned"},
                          Width::third},
                         map));
            section.tables.push_back(transfer_text(comparison_, model, metric));
        }
        return section;
    }

    static Names sorted(Names names) {
        std::sort(names.begin(), names.end());
        return names;
    }

    [[nodiscard]] Section gaps() const {
        Section section{"gaps", "Generalisation gap"};
        if (comparison_.gaps.empty() || !has_numbers(table("gaps"), "gap")) {
            section.text.emplace_back(
                "There is no gap to be told: it needs results in domain and at sites a model was not trained "
                "at.");
            return section;
        }
        section.text.emplace_back(
            "What a model loses from its own site to others: mean in domain minus mean elsewhere, over the "
            "sites that "
            "have both, with the 95 % interval over sites. Smaller is better.");
        auto const types = distinct(table("gaps"), "type", {});
        bool const several = types.size() > 1;
        for (auto const& metric : metrics())
            section.figures.push_back(dot_plot(
                {"gaps-" + metric,
                 several ? metric_name(metric)
                         : fmt::format("{}, in domain − {}", metric_name(metric), type_name(types.front())),
                 table("gaps"),
                 {{"metric", {metric}}},
                 {"type", "model", "in_domain", "elsewhere", "gap", "sites_lo", "sites_hi", "p_sites"}},
                {{"gap", "in domain − elsewhere, " + metric_name(metric), ".2f"},
                 {"model"},
                 several ? "type" : "",
                 "sites_lo",
                 "sites_hi",
                 "",
                 "",
                 Zero::draw}));
        section.tables.push_back(gaps_text(comparison_));
        return section;
    }

    [[nodiscard]] Section learning() const {
        Section section{"learning", "Learning curves"};
        auto const& curve = table("learning_curve");
        if (curve.rows.empty() || !has_numbers(curve, "mean")) {
            section.text.emplace_back("The study has no results with several shares of the training part.");
            return section;
        }
        section.text.emplace_back(
            "Metric by share of the training part that was used, all tested on the same deaths. Band: 95 % "
            "interval over "
            "deaths.");
        for (auto const& type : distinct(curve, "type", {})) {
            for (auto const& metric : metrics()) {
                std::vector<Where> const where{{"type", {type}}, {"metric", {metric}}};
                section.figures.push_back(line_plot(
                    {fmt::format("learning-{}-{}", type, metric),
                     metric_name(metric) + " by share of the training part",
                     curve,
                     where,
                     {"model", "fraction", "n_train", "mean", "deaths_lo", "deaths_hi", "experiments"}},
                    {{"fraction", "share of the training part", ".0%", fractions_of(curve)},
                     {"mean", metric_name(metric), ".2f"},
                     "model",
                     "deaths_lo",
                     "deaths_hi"}));
                section.tables.push_back(
                    pivot(curve, where,
                          {fmt::format("{} by model and share of the training part", metric_name(metric)),
                           "model", "fraction", "mean", "{:.3f}"}));
            }
        }
        return section;
    }

    void add_causes(store::Reader const& study) {
        Section causes{"causes", "Causes of death"};
        Section confusion{"confusion", "Confusion of causes"};
        auto const names = causes_of(study);
        auto const pooled = names.labels.empty() ? std::vector<Pooled>{} : pool(study, types_);
        if (pooled.empty()) {
            causes.text.emplace_back("No finished experiment has counts by cause.");
            confusion.text.emplace_back("No finished experiment has counts by cause.");
        } else {
            chapter_.tables.push_back(causes_table(pooled, names));
            write_causes(causes, chapter_.tables.back());
            auto const shown = distinct(chapter_.tables.back(), "cause", {});
            chapter_.tables.push_back(confusion_table(pooled, names));
            write_confusion(confusion, chapter_.tables.back(), shown);
        }
        add(std::move(causes));
        add(std::move(confusion));
    }

    static void write_causes(Section& section, Table const& table) {
        section.text.emplace_back(
            "Sensitivity: share of the deaths of a cause that got it. CSMF bias: predicted minus true share "
            "of all deaths; above "
            "0 the cause is given too often. All test sets of a type are put together; a death that was "
            "tested several times "
            "counts as often.");
        auto const all = range_of(table, "csmf_bias", {});
        double const bound = std::max(std::abs(all.low), std::abs(all.high));
        for (auto const& type : distinct(table, "type", {})) {
            std::vector<Where> const where{{"type", {type}}};
            HeatMap map{"model",
                        "",
                        "cause",
                        "",
                        distinct(table, "model", where),
                        distinct(table, "cause", where),
                        {"sensitivity", "sensitivity", ".2f"}};
            map.height = 20;
            Frame const frame{
                "sensitivity-" + type,
                fmt::format("Sensitivity, {}", type_name(type)),
                table,
                where,
                {"model", "cause", "deaths", "predicted", "right", "sensitivity", "precision", "csmf_bias"}};
            section.figures.push_back(heat_map(frame, map));
            map.value = {"csmf_bias", "CSMF bias", "+.3f"};
            map.palette = Palette::diverging;
            map.low = -bound;
            map.high = bound;
            section.figures.push_back(heat_map(
                {"bias-" + type, fmt::format("CSMF bias, {}", type_name(type)), table, where, frame.tooltip},
                map));
            section.tables.push_back(
                pivot(table, where,
                      {"Sensitivity, " + type_name(type), "cause", "model", "sensitivity", "{:.2f}"}));
            section.tables.push_back(pivot(
                table, where, {"CSMF bias, " + type_name(type), "cause", "model", "csmf_bias", "{:+.3f}"}));
        }
    }

    void write_confusion(Section& section, Table const& table, Names const& names) const {
        section.text.emplace_back(
            "Of the deaths of each true cause (row), the share that was given each cause (column). The "
            "diagonal is the sensitivity. "
            "All test sets of a type are put together.");
        HeatMap map{"top_cause",
                    "given",
                    "true_cause",
                    "true",
                    names,
                    names,
                    {"share", "share of the true cause", ".0%"}};
        map.text = CellText::hide;
        map.step = 19;
        map.height = 19;
        map.choices = {{"model", distinct(table, "model", {})}, {"type", distinct(table, "type", {})}};
        section.figures.push_back(heat_map({"confusion",
                                            "True and given causes",
                                            table,
                                            {},
                                            {"model", "type", "true_cause", "top_cause", "deaths", "share"},
                                            Width::half,
                                            "",
                                            type_spellings()},
                                           map));
        for (auto const& type : map.choices[1].values)
            for (auto const& model : map.choices[0].values)
                section.tables.push_back(
                    pivot(table, {{"type", {type}}, {"model", {model}}},
                          {fmt::format("Deaths by true cause (row) and given cause (column): {}, {}", model,
                                       type_name(type)),
                           "true_cause", "top_cause", "deaths", "{}", names}));
    }

    [[nodiscard]] Section differences() const {
        Section section{"differences", "Differences between models"};
        auto const& rows = table("differences");
        if (rows.rows.empty() || !has_numbers(rows, "difference")) {
            section.text.emplace_back("There are no two models with results of the same experiments.");
            return section;
        }
        section.text.emplace_back(
            "First model minus second, on the experiments that both have. Thin line: 95 % interval over "
            "sites; "
            "thick line: over deaths. p: of the test over the broadest of sites, repeats and deaths that the "
            "study supports, adjusted by Holm's method over all pairs of the figure.");
        for (auto const& metric : metrics()) {
            for (auto const& type : types_)
                section.figures.push_back(dot_plot(
                    {fmt::format("differences-{}-{}", type, metric),
                     fmt::format("Differences of {}, {}", metric_name(metric), type_name(type)),
                     rows,
                     {{"metric", {metric}}, {"type", {type}}},
                     {"first", "second", "difference", "sites_lo", "sites_hi", "deaths_lo", "deaths_hi",
                      "p_holm", "p_basis", "p_sites_holm", "p_deaths_holm", "experiments"}},
                    {{"difference", "difference of " + metric_name(metric), "+.2f"},
                     {"first", "second"},
                     "",
                     "sites_lo",
                     "sites_hi",
                     "deaths_lo",
                     "deaths_hi",
                     Zero::draw,
                     "p_holm"}));
            section.tables.push_back(pairs_text(comparison_, metric, Extent::all));
            section.tables.push_back(differences_text(comparison_, metric));
        }
        return section;
    }

    Chapter& chapter_;
    ModelComparison comparison_;
    Document document_;
    Names types_;
};

}  // namespace

void add_comparison(Chapter& chapter, store::Reader const& study, ComparisonOptions const& options) {
    auto comparison = compare(study, options);
    auto document = document_of(study, comparison);
    Author author(chapter, std::move(comparison), std::move(document));
    author.write_study(study);
    author.keep_tables();
}

Chapter side_by_side(std::vector<NamedStudy> const& studies, ComparisonOptions const& options) {
    Names names;
    names.reserve(studies.size());
    for (auto const& one : studies) names.push_back(one.name);
    Chapter chapter;
    chapter.name = "side-by-side";
    chapter.title = "Side by side: " + listed(names);
    try {
        auto comparison = compare(studies, options);
        auto document = document_of(studies, comparison);
        Author author(chapter, std::move(comparison), std::move(document));
        author.write_studies();
        author.keep_tables();
    } catch (UsageError const& error) {
        chapter.notes.emplace_back(error.what());
    }
    return chapter;
}

}  // namespace vaster::va
