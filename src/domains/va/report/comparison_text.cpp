// The comparison as tables for people.
#include "domains/va/report/comparison_text.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/core.h>

#include "domains/va/report/verdict.hpp"
#include "domains/va/report/words.hpp"

namespace vaster::va {
namespace {

constexpr std::size_t most_holes_shown = 20;

std::string number(double value) {
    return std::isnan(value) ? "-" : fmt::format("{:.3f}", value);
}

std::string interval(stats::Interval const& ends) {
    return std::isnan(ends.lo) ? "-" : fmt::format("[{:.3f}, {:.3f}]", ends.lo, ends.hi);
}

std::string p_value(double p) {
    if (std::isnan(p)) return "-";
    return p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", p);
}

std::string counts(std::size_t done, std::size_t planned) {
    return done == planned ? fmt::format("{}", done) : fmt::format("{}/{}", done, planned);
}

/// "training_size 0.25": the share is named where it is not all.
std::string name_of(Asked const& asked) {
    auto const name = type_name(asked.type);
    return asked.fraction == 1 ? name : fmt::format("{} {}", name, asked.fraction);
}

std::string name_of(Hole const& hole) {
    std::string text =
        fmt::format("{}: {} -> {} {}", name_of(hole.asked), hole.train_site, hole.test_site, hole.model);
    if (hole.repeat > 0) text += fmt::format(" repeat {}", hole.repeat);
    text += ": " + hole.status;
    if (!hole.metric.empty()) text += ", no " + hole.metric;
    if (!hole.reason.empty()) text += " (" + hole.reason + ")";
    return text;
}

bool has_repeats(ModelComparison const& comparison) {
    return std::any_of(comparison.means.begin(), comparison.means.end(),
                       [](ModelMean const& row) { return row.estimate.over_repeats.n > 1; });
}

}  // namespace

TextTable holes_text(ModelComparison const& comparison) {
    TextTable table;
    table.title = fmt::format(
        "INCOMPLETE: {} results are missing. Means are over the experiments that are there (done/planned); a "
        "difference of two models is over the experiments that both have.",
        comparison.holes.size());
    auto const& listed = comparison.holes.listed();
    for (std::size_t i = 0; i < std::min(most_holes_shown, listed.size()); ++i)
        table.notes.push_back(fmt::format("  {}", name_of(listed[i])));
    if (comparison.holes.size() > most_holes_shown)
        table.notes.push_back(fmt::format(
            "  and {} more; {}: --csv --table holes", comparison.holes.size() - most_holes_shown,
            comparison.holes.size() > listed.size() ? fmt::format("the first {}", listed.size()) : "all"));
    return table;
}

namespace {

bool is_whole(ModelComparison const& comparison, Asked const& asked) {
    auto const types = whole_types(comparison);
    return std::find(types.begin(), types.end(), asked.type) != types.end();
}

/// "For comparison: guessing 0.632, most frequent cause 0.213 (in_domain)", of types with the whole training
/// part.
void add_baselines(TextTable& table, ModelComparison const& comparison, std::string const& metric) {
    for (auto const& row : comparison.baselines) {
        if (row.metric != metric || !is_whole(comparison, row.asked) || std::isnan(row.most_frequent))
            continue;
        table.notes.push_back(
            fmt::format("{}: guessing gets about {}, always giving the most frequent cause {}.",
                        name_of(row.asked), number(row.guessing), number(row.most_frequent)));
    }
}

TextTable short_means_text(ModelComparison const& comparison, std::string const& metric) {
    TextTable table;
    table.title = fmt::format("Mean {} per model, with 95 % intervals over deaths", metric_name(metric));
    table.header = {"type", "model", "experiments", "sites", "mean", "over deaths"};
    for (auto const& row : comparison.means) {
        if (row.metric != metric || !is_whole(comparison, row.asked)) continue;
        auto const& e = row.estimate;
        table.rows.push_back({name_of(row.asked), row.model, counts(e.experiments, e.planned),
                              fmt::format("{}", e.sites), number(e.mean), interval(e.over_deaths)});
    }
    add_baselines(table, comparison, metric);
    return table;
}

/// Is either model of a pair the one with the best mean?
bool has_best(ModelComparison const& comparison, ModelDifference const& pair) {
    ModelMean const* best = nullptr;
    double const sign = better(pair.metric) == Better::lower ? -1 : 1;
    for (auto const& row : comparison.means)
        if (row.asked.type == pair.asked.type && row.asked.fraction == pair.asked.fraction &&
            row.metric == pair.metric && !std::isnan(row.estimate.mean) &&
            (best == nullptr || sign * row.estimate.mean > sign * best->estimate.mean))
            best = &row;
    return best != nullptr && (best->model == pair.first || best->model == pair.second);
}

/// "30 repeats": what the recommended p value is over, and how many of them there are.
std::string basis_text(ModelDifference const& row) {
    switch (row.recommended.basis) {
        case Basis::sites:
            return fmt::format("{} sites", row.estimate.over_sites.n);
        case Basis::repeats:
            return fmt::format("{} repeats", row.estimate.over_repeats.n);
        case Basis::deaths:
            return fmt::format("{} deaths", row.discordance.deaths);
        case Basis::none:
            break;
    }
    return "-";
}

stats::Interval recommended_interval(ModelDifference const& row) {
    switch (row.recommended.basis) {
        case Basis::sites:
            return row.estimate.over_sites.interval;
        case Basis::repeats:
            return row.estimate.over_repeats.interval;
        case Basis::deaths:
        case Basis::none:
            break;
    }
    return row.estimate.over_deaths;
}

}  // namespace

TextTable pairs_text(ModelComparison const& comparison, std::string const& metric, Extent extent) {
    bool const of_best = extent == Extent::short_form && comparison.studies.empty();
    TextTable table;
    table.title = fmt::format("Differences of {}, model - other model, with 95 % interval and Holm's p",
                              metric_name(metric));
    table.header = {"type", "model", "- other", "difference", "interval", "p", "over"};
    for (auto const& row : comparison.differences) {
        if (row.metric != metric || !is_whole(comparison, row.asked)) continue;
        if (of_best && !has_best(comparison, row)) continue;
        table.rows.push_back({name_of(row.asked), row.first, row.second,
                              std::isnan(row.estimate.mean) ? "-" : fmt::format("{:+.3f}", row.estimate.mean),
                              interval(recommended_interval(row)), p_value(row.recommended.adjusted),
                              basis_text(row)});
    }
    table.notes.push_back(fmt::format(
        "over: what else might have been drawn, the broadest that the study supports: sites from {} on, else "
        "repeats from {} on, else deaths.",
        sites_needed, repeats_needed));
    if (of_best) table.notes.emplace_back("Pairs with the model of the best mean; all pairs: --all.");
    return table;
}

TextTable means_text(ModelComparison const& comparison, std::string const& metric, Extent extent) {
    if (extent == Extent::short_form) return short_means_text(comparison, metric);
    bool const repeats = has_repeats(comparison);
    TextTable table;
    table.title = fmt::format("Mean {} per model, with 95 % intervals", metric_name(metric));
    table.header = {"type", "model", "experiments", "sites", "mean", "sd", "over sites", "over deaths"};
    if (repeats) table.header.emplace_back("over repeats");
    for (auto const& row : comparison.means) {
        if (row.metric != metric) continue;
        auto const& e = row.estimate;
        table.rows.push_back({name_of(row.asked), row.model, counts(e.experiments, e.planned),
                              fmt::format("{}", e.sites), number(e.mean), number(e.sd),
                              interval(e.over_sites.interval), interval(e.over_deaths)});
        if (repeats) table.rows.back().push_back(interval(e.over_repeats.interval));
    }
    table.notes.emplace_back("mean: over sites of the site's mean; sd: of the sites' means.");
    add_baselines(table, comparison, metric);
    return table;
}

namespace {

/// Which columns a table of differences has beside those of all.
struct DifferenceColumns {
    bool repeats = false;  ///< over repeats
    bool cod = false;      ///< of the exact test, which is about COD accuracy alone
};

std::vector<std::string> difference_header(DifferenceColumns const& columns) {
    std::vector<std::string> header{"type",       "model",       "- other",    "experiments",
                                    "difference", "over deaths", "over sites", "p sites"};
    if (columns.repeats) header.insert(header.end(), {"over repeats", "p repeats"});
    if (columns.cod) header.insert(header.end(), {"only model", "only other", "p deaths"});
    return header;
}

std::vector<std::string> difference_line(ModelDifference const& row, DifferenceColumns const& columns) {
    auto const& e = row.estimate;
    std::vector<std::string> line{name_of(row.asked),
                                  row.first,
                                  row.second,
                                  counts(e.experiments, e.planned),
                                  std::isnan(e.mean) ? "-" : fmt::format("{:+.3f}", e.mean),
                                  interval(e.over_deaths),
                                  interval(e.over_sites.interval),
                                  p_value(row.adjusted.sites)};
    if (columns.repeats)
        line.insert(line.end(), {interval(e.over_repeats.interval), p_value(row.adjusted.repeats)});
    if (columns.cod)
        line.insert(line.end(),
                    {fmt::format("{}", row.discordance.only_first),
                     fmt::format("{}", row.discordance.only_second), p_value(row.adjusted.deaths)});
    return line;
}

}  // namespace

TextTable differences_text(ModelComparison const& comparison, std::string const& metric) {
    DifferenceColumns const columns{has_repeats(comparison), metric == "cod_accuracy"};
    TextTable table;
    table.title = fmt::format("Differences of {}, model - other model, with 95 % intervals and Holm's p",
                              metric_name(metric));
    table.header = difference_header(columns);
    for (auto const& row : comparison.differences)
        if (row.metric == metric) table.rows.push_back(difference_line(row, columns));
    if (columns.cod)
        table.notes.emplace_back(
            "only: predictions that only one of the two got right; p deaths: McNemar's exact test on them, "
            "each "
            "death counted once.");
    return table;
}

TextTable gaps_text(ModelComparison const& comparison) {
    TextTable table;
    table.title = "Generalisation gap: in domain - other type, mean over sites with 95 % interval";
    table.header = {"type", "metric", "model", "sites", "in domain", "elsewhere", "gap", "over sites"};
    for (auto const& row : comparison.gaps)
        table.rows.push_back({type_name(row.type), metric_name(row.metric), row.model,
                              counts(row.sites, row.planned_sites), number(row.in_domain),
                              number(row.elsewhere), number(row.gap.mean), interval(row.gap.interval)});
    return table;
}

TextTable transfer_text(ModelComparison const& comparison, std::string const& model,
                        std::string const& metric) {
    std::set<std::string> trained, tested;
    auto const wanted = [&](Transfer const& row) {
        return row.model == model && row.metric == metric &&
               std::none_of(comparison.transfers.begin(), comparison.transfers.end(),
                            [&](Transfer const& other) {
                                return other.asked.type == row.asked.type &&
                                       other.asked.fraction != row.asked.fraction;
                            });
    };
    for (auto const& row : comparison.transfers) {
        if (!wanted(row)) continue;
        trained.insert(row.train_site);
        tested.insert(row.test_site);
    }
    TextTable table;
    table.title = fmt::format("{} of {}: trained at (row), tested at (column)", metric_name(metric), model);
    table.header = {""};
    table.header.insert(table.header.end(), tested.begin(), tested.end());
    for (auto const& train_site : trained) {
        std::vector<std::string> line{train_site};
        for (auto const& test_site : tested) {
            std::string text;
            for (auto const& row : comparison.transfers)
                if (wanted(row) && row.train_site == train_site && row.test_site == test_site)
                    text += (text.empty() ? "" : " / ") + number(row.mean);
            line.push_back(text.empty() ? "-" : text);
        }
        table.rows.push_back(std::move(line));
    }
    return table;
}

std::vector<std::string> whole_types(ModelComparison const& comparison) {
    std::vector<std::string> types;
    for (auto const& row : comparison.means) {
        bool const curve =
            std::any_of(comparison.means.begin(), comparison.means.end(), [&](ModelMean const& other) {
                return other.asked.type == row.asked.type && other.asked.fraction != row.asked.fraction;
            });
        if (!curve && std::find(types.begin(), types.end(), row.asked.type) == types.end())
            types.push_back(row.asked.type);
    }
    return types;
}

namespace {

/// The verdict, what is missing, and what the verdict rests on.
std::vector<TextTable> short_text_of(ModelComparison const& comparison) {
    std::vector<TextTable> tables;
    for (auto const& metric : comparison.options.metrics) {
        tables.push_back(means_text(comparison, metric, Extent::short_form));
        if (auto table = pairs_text(comparison, metric, Extent::short_form); !table.rows.empty())
            tables.push_back(std::move(table));
    }
    if (comparison.studies.empty())  // else they are part of the words
        for (auto const& note : comparison.notes) tables.back().notes.push_back(note);
    tables.back().notes.emplace_back(
        "Sites, repeats, learning curves, transfer between sites, every test: --all. What the numbers mean "
        "and do not mean: docs/va/comparison.md.");
    return tables;
}

}  // namespace

std::vector<TextTable> text_of(ModelComparison const& comparison, Extent extent) {
    auto tables = report::text_of(words_of(comparison), report::verdict_heading);
    if (!comparison.holes.empty()) tables.push_back(holes_text(comparison));
    if (extent == Extent::short_form) {
        auto const more = short_text_of(comparison);
        tables.insert(tables.end(), more.begin(), more.end());
        return tables;
    }
    for (auto const& metric : comparison.options.metrics) {
        tables.push_back(means_text(comparison, metric));
        if (comparison.differences.empty()) continue;
        tables.push_back(pairs_text(comparison, metric, Extent::all));
        tables.push_back(differences_text(comparison, metric));
    }
    if (!comparison.gaps.empty()) tables.push_back(gaps_text(comparison));
    for (auto const& metric : comparison.options.metrics)
        for (auto const& model : comparison.models)
            if (auto table = transfer_text(comparison, model, metric); !table.rows.empty())
                tables.push_back(std::move(table));
    if (comparison.studies.empty())  // else they are part of the words
        for (auto const& note : comparison.notes) tables.back().notes.push_back(note);
    tables.back().notes.emplace_back(
        "Learning curves, tests per training site and all digits: --csv --table NAME, --json. What the "
        "numbers mean "
        "and do not mean: docs/va/comparison.md.");
    return tables;
}

}  // namespace vaster::va
