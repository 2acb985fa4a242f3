// The comparison as tables for people.
#include "domains/va/report/comparison_text.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

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
    return asked.fraction == 1 ? asked.type : fmt::format("{} {}", asked.type, asked.fraction);
}

std::string name_of(Hole const& hole) {
    std::string text =
        fmt::format("{} {} -> {} {}", name_of(hole.asked), hole.train_site, hole.test_site, hole.model);
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
    for (std::size_t i = 0; i < std::min(most_holes_shown, comparison.holes.size()); ++i)
        table.notes.push_back("  " + name_of(comparison.holes[i]));
    if (comparison.holes.size() > most_holes_shown)
        table.notes.push_back(fmt::format("  and {} more; all: --csv --table holes",
                                          comparison.holes.size() - most_holes_shown));
    return table;
}

TextTable means_text(ModelComparison const& comparison, std::string const& metric) {
    bool const repeats = has_repeats(comparison);
    TextTable table;
    table.title = fmt::format("Mean {} per model, with 95 % intervals", metric);
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
    table.title =
        fmt::format("Differences of {}, model - other model, with 95 % intervals and Holm's p", metric);
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
    table.title = "Generalisation gap: in_domain - other type, mean over sites with 95 % interval";
    table.header = {"type", "metric", "model", "sites", "in domain", "elsewhere", "gap", "over sites"};
    for (auto const& row : comparison.gaps)
        table.rows.push_back({row.type, row.metric, row.model, counts(row.sites, row.planned_sites),
                              number(row.in_domain), number(row.elsewhere), number(row.gap.mean),
                              interval(row.gap.interval)});
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
    table.title = fmt::format("{} of {}: trained at (row), tested at (column)", metric, model);
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

std::vector<TextTable> text_of(ModelComparison const& comparison) {
    std::vector<TextTable> tables;
    if (!comparison.holes.empty()) tables.push_back(holes_text(comparison));
    for (auto const& metric : comparison.options.metrics) {
        tables.push_back(means_text(comparison, metric));
        if (!comparison.differences.empty()) tables.push_back(differences_text(comparison, metric));
    }
    if (!comparison.gaps.empty()) tables.push_back(gaps_text(comparison));
    for (auto const& metric : comparison.options.metrics)
        for (auto const& model : comparison.models)
            if (auto table = transfer_text(comparison, model, metric); !table.rows.empty())
                tables.push_back(std::move(table));
    for (auto const& note : comparison.notes) tables.back().notes.push_back(note);
    tables.back().notes.emplace_back(
        "Learning curves, tests per training site and all digits: --csv --table NAME, --json. What the "
        "numbers mean "
        "and do not mean: docs/va/comparison.md.");
    return tables;
}

}  // namespace vaster::va
