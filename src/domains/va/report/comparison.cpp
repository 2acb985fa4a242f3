#include "domains/va/report/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <fmt/core.h>

#include "base/stats/summary.hpp"
#include "domains/va/report/comparison_bootstrap.hpp"
#include "domains/va/report/comparison_grid.hpp"
#include "domains/va/report/comparison_ranges.hpp"
#include "domains/va/study/schema.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view home = "in_domain";

/// Numbers by place; NaN where there is none.
using Values = std::vector<double>;

std::vector<bool> present(Values const& values) {
    std::vector<bool> present;
    for (double const value : values) present.push_back(!std::isnan(value));
    return present;
}

std::size_t count(std::vector<bool> const& flags) {
    return static_cast<std::size_t>(std::count(flags.begin(), flags.end(), true));
}

/// Mean over sites of the sites' means, over these places, which have values; NaN when there are none.
double weighted_mean(Question const& question, Values const& values, std::vector<std::size_t> const& places) {
    if (places.empty()) return missing;
    std::map<SiteName, double> places_of_site;
    for (auto const place : places) places_of_site[question.sites[place]] += 1;
    double mean = 0;
    for (auto const place : places)
        mean += 1 / (static_cast<double>(places_of_site.size()) * places_of_site[question.sites[place]]) *
                values[place];
    return mean;
}

/// Of all places that have values.
double weighted_mean(Question const& question, Values const& values) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isnan(values[i])) places.push_back(i);
    return weighted_mean(question, values, places);
}

/// Mean of each site that has values, in order of site.
std::map<SiteName, double> site_means(Question const& question, Values const& values) {
    std::map<SiteName, Values> by_site;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isnan(values[i])) by_site[question.sites[i]].push_back(values[i]);
    std::map<SiteName, double> means;
    for (auto const& [site, of_site] : by_site) means[site] = stats::summarise(of_site).mean;
    return means;
}

Values numbers_of(std::map<SiteName, double> const& by_site) {
    Values numbers;
    for (auto const& [site, value] : by_site) numbers.push_back(value);
    return numbers;
}

/// Moves the percentiles by the bias of the resamples, so that they lie around the mean. Resampled causes are
/// never as evenly spread as the true ones: CSMF accuracy is lower in every resample, and the mean over sites
/// would lie outside its own percentiles.
void centre(Estimate& estimate, Resampled const& resampled) {
    estimate.deaths_bias = resampled.mean - estimate.mean;
    estimate.over_deaths = {resampled.percentiles.lo - estimate.deaths_bias,
                            resampled.percentiles.hi - estimate.deaths_bias};
}

/// Compares the models on one question.
class Comparer {
  public:
    Comparer(Grid const& grid, CausesOfSites const& causes, Question const& question,
             ModelComparison& comparison)
        : grid_(grid),
          question_(question),
          comparison_(comparison),
          deaths_(question, causes),
          n_train_(values_by_model("n_train", study::CellType::integer)),
          n_test_(values_by_model("n_test", study::CellType::integer)) {}

    void compare() {
        comparison_.questions.push_back(size());
        for (auto const& metric : comparison_.options.metrics) compare_metric(metric);
        for_each_pair(
            [this](std::size_t first, std::size_t second) { compare_by_training_site(first, second); });
    }

  private:
    /// Sites and repeats at which any model has a result.
    [[nodiscard]] QuestionSize size() const {
        std::set<SiteName> sites;
        std::set<std::int64_t> repeats;
        for (std::size_t place = 0; place < question_.places.size(); ++place) {
            bool const tested =
                std::any_of(question_.tried.begin(), question_.tried.end(),
                            [&](auto const& places) { return places[place].row.has_value(); });
            if (!tested) continue;
            sites.insert(question_.sites[place]);
            repeats.insert(question_.places[place].repeat);
        }
        return {question_.asked, sites.size(), repeats.size(), deaths_.rows().size(), deaths_.resplit()};
    }

    template <class Do>
    void for_each_pair(Do const& act) const {
        for (auto const& [first, second] : grid_.pairs)
            if (planned_by_both(first, second) > 0) act(first, second);
    }

    [[nodiscard]] std::vector<Values> values_by_model(std::string_view name, study::CellType type) const {
        std::vector<Values> values;
        for (std::size_t model = 0; model < grid_.models.size(); ++model)
            values.push_back(values_of(question_, model, name, type));
        return values;
    }

    [[nodiscard]] std::size_t planned_by_both(std::size_t first, std::size_t second) const {
        std::size_t planned = 0;
        for (std::size_t i = 0; i < question_.places.size(); ++i)
            planned += question_.tried[first][i].planned && question_.tried[second][i].planned ? 1 : 0;
        return planned;
    }

    void compare_metric(std::string const& metric) {
        auto const values = values_by_model(metric, study::CellType::real);
        std::size_t const first_mean = comparison_.means.size();
        std::size_t const first_difference = comparison_.differences.size();
        Values const most_frequent = measured_once(deaths_, most_frequent_place(), metric);
        std::vector<Contrast> contrasts;
        for (std::size_t model = 0; model < grid_.models.size(); ++model) {
            if (question_.n_planned(model) == 0) continue;
            name_missing_values(values[model], model, metric);
            add_mean(values[model], most_frequent, model, metric);
            add_transfers(values[model], model, metric);
            contrasts.push_back(contrast(present(values[model]), model, std::nullopt));
            contrasts.push_back(contrast(common(values[model], most_frequent), model, most_frequent_place()));
        }
        for_each_pair([&](std::size_t first, std::size_t second) {
            add_difference(values[first], values[second], first, second, metric);
            auto const both = common(values[first], values[second]);
            contrasts.push_back(contrast(both, first, second));
        });
        auto const resampled =
            bootstrap_contrasts(deaths_, metric, contrasts, comparison_.options.n_resamples,
                                question_.studies.front()->header().seed);
        std::size_t next = 0;
        for (std::size_t i = first_mean; i < comparison_.means.size(); ++i) {
            centre(comparison_.means[i].estimate, resampled[next++]);
            centre(comparison_.means[i].beside_most_frequent, resampled[next++]);
        }
        for (std::size_t i = first_difference; i < comparison_.differences.size(); ++i) {
            auto& row = comparison_.differences[i];
            row.p_bootstrap = stats::shifted_bootstrap_p(resampled[next].values, row.estimate.mean);
            centre(row.estimate, resampled[next++]);
        }
        comparison_.baselines.push_back({question_.asked, metric, guessing(metric, deaths_.n_causes()),
                                         weighted_mean(question_, most_frequent)});
    }

    /// Behind the models: always giving the most frequent cause.
    [[nodiscard]] std::size_t most_frequent_place() const { return grid_.models.size(); }

    /// A result without a value of a metric is a hole of that metric.
    void name_missing_values(Values const& values, std::size_t model, std::string const& metric) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!question_.tried[model][i].row || !std::isnan(values[i])) continue;
            TestedPlace const& place = question_.places[i];
            comparison_.holes.add([&] {
                return Hole{question_.asked,
                            place.train_site.text(),
                            place.test_site.text(),
                            grid_.models[model],
                            place.repeat,
                            "done",
                            metric,
                            "the model has no value of this metric"};
            });
        }
    }

    static std::vector<bool> common(Values const& first, Values const& second) {
        std::vector<bool> both;
        for (std::size_t i = 0; i < first.size(); ++i)
            both.push_back(!std::isnan(first[i]) && !std::isnan(second[i]));
        return both;
    }

    [[nodiscard]] Contrast contrast(std::vector<bool> places, std::size_t plus,
                                    std::optional<std::size_t> minus) const {
        return {PlaceWeights(question_, std::move(places)), plus, minus};
    }

    void add_mean(Values const& values, Values const& most_frequent, std::size_t model,
                  std::string const& metric) {
        Values n_train = n_train_[model];
        Values beside;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (std::isnan(values[i])) n_train[i] = missing;
            beside.push_back(values[i] - most_frequent[i]);
        }
        std::size_t const planned = question_.n_planned(model);
        comparison_.means.push_back({question_.asked, grid_.models[model], metric,
                                     weighted_mean(question_, n_train), estimate(values, planned, model),
                                     estimate(beside, planned, model)});
    }

    void add_difference(Values first_values, Values second_values, std::size_t first, std::size_t second,
                        std::string const& metric) {
        auto const both = common(first_values, second_values);
        Values differences;
        for (std::size_t i = 0; i < both.size(); ++i) {
            if (!both[i]) first_values[i] = second_values[i] = missing;
            differences.push_back(first_values[i] - second_values[i]);
        }
        comparison_.differences.push_back({question_.asked,
                                           grid_.models[first],
                                           grid_.models[second],
                                           metric,
                                           weighted_mean(question_, first_values),
                                           weighted_mean(question_, second_values),
                                           estimate(differences, planned_by_both(first, second), first),
                                           discordance_of(deaths_, first, second, both),
                                           missing,
                                           {},
                                           {}});
    }

    [[nodiscard]] Estimate estimate(Values const& values, std::size_t planned, std::size_t model) const {
        auto const by_site = numbers_of(site_means(question_, values));
        auto const summary = stats::summarise(by_site);
        return {count(present(values)), planned,    by_site.size(),
                summary.mean,           summary.sd, stats::corrected_resampled_t(by_site, 0),
                {missing, missing},     missing,    over_repeats(values, model)};
    }

    /// The repeats that have every pair of sites that any has; their means with the corrected t. Nothing
    /// where repeats were tested on the same deaths: they are not resamples.
    [[nodiscard]] stats::MeanTest over_repeats(Values const& values, std::size_t model) const {
        std::map<std::int64_t, std::vector<std::size_t>> places_of;  // by repeat, ascending
        std::set<std::pair<SiteName, SiteName>> pairs;               // that any repeat has
        double n_train = 0;
        double n_test = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (std::isnan(values[i])) continue;
            auto const& [train_site, test_site, repeat] = question_.places[i];
            places_of[repeat].push_back(i);
            pairs.emplace(train_site, test_site);
            n_train += n_train_[model][i];
            n_test += n_test_[model][i];
        }
        Values means;
        for (auto const& [repeat, places] : places_of)  // a pair of sites is one place of a repeat
            if (deaths_.resplit() && places.size() == pairs.size())
                means.push_back(weighted_mean(question_, values, places));
        return stats::corrected_resampled_t(means, n_train > 0 ? n_test / n_train : 0);
    }

    void add_transfers(Values const& values, std::size_t model, std::string const& metric) {
        std::map<std::pair<SiteName, SiteName>, std::pair<Values, std::size_t>> cells;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!question_.tried[model][i].planned) continue;
            auto& [done, planned] = cells[{question_.places[i].train_site, question_.places[i].test_site}];
            ++planned;
            if (!std::isnan(values[i])) done.push_back(values[i]);
        }
        for (auto const& [sites, cell] : cells)
            comparison_.transfers.push_back({question_.asked, grid_.models[model], metric, sites.first.text(),
                                             sites.second.text(), cell.first.size(), cell.second,
                                             stats::summarise(cell.first).mean});
    }

    void compare_by_training_site(std::size_t first, std::size_t second) {
        std::map<SiteName, std::vector<bool>> places_of;
        for (std::size_t i = 0; i < question_.places.size(); ++i)
            places_of.try_emplace(question_.places[i].train_site, question_.places.size(), false)
                .first->second[i] = true;
        for (auto const& [site, places] : places_of) {
            auto const discordance = discordance_of(deaths_, first, second, places);
            if (discordance.tests > 0)
                comparison_.by_training_site.push_back({question_.asked, site.text(), grid_.models[first],
                                                        grid_.models[second], discordance, missing});
        }
    }

    Grid const& grid_;
    Question const& question_;
    ModelComparison& comparison_;
    Deaths deaths_;
    std::vector<Values> n_train_, n_test_;  ///< [n_models][n_places]
};

// ---- gaps ----

Question const* find_home(Grid const& grid) {
    for (auto const& question : grid.questions)
        if (question.asked.type == home) return &question;
    return nullptr;
}

bool has_other_fractions(Grid const& grid, std::string const& type) {
    return std::count_if(grid.questions.begin(), grid.questions.end(),
                         [&](Question const& q) { return q.asked.type == type; }) > 1;
}

Gap gap_of(Question const& inside, Question const& outside, std::size_t model, std::string const& metric) {
    auto const at_home = site_means(inside, values_of(inside, model, metric, study::CellType::real));
    auto const away = site_means(outside, values_of(outside, model, metric, study::CellType::real));
    Values in, out, gaps;
    for (auto const& [site, value] : at_home) {
        auto const other = away.find(site);
        if (other == away.end()) continue;
        in.push_back(value);
        out.push_back(other->second);
        gaps.push_back(value - other->second);
    }
    Gap gap;
    gap.in_domain = stats::summarise(in).mean;
    gap.elsewhere = stats::summarise(out).mean;
    gap.sites = gaps.size();
    std::set<SiteName> const both(outside.sites.begin(), outside.sites.end());
    std::set<SiteName> planned;
    for (auto const& site : inside.sites)
        if (both.contains(site)) planned.insert(site);
    gap.planned_sites = planned.size();
    gap.gap = stats::corrected_resampled_t(gaps, 0);
    return gap;
}

void add_gaps(Grid const& grid, ModelComparison& comparison) {
    Question const* inside = find_home(grid);
    if (inside == nullptr) return;
    for (auto const& outside : grid.questions) {
        if (outside.asked.type == home || has_other_fractions(grid, outside.asked.type)) continue;
        for (auto const& metric : comparison.options.metrics) {
            for (std::size_t model = 0; model < grid.models.size(); ++model) {
                if (inside->n_planned(model) == 0 || outside.n_planned(model) == 0) continue;
                Gap gap = gap_of(*inside, outside, model, metric);
                gap.type = outside.asked.type;
                gap.model = grid.models[model];
                gap.metric = metric;
                comparison.gaps.push_back(std::move(gap));
            }
        }
    }
}

// ---- Holm ----

/// Adjusts one p value of every row that belongs to the family, in place.
template <class Row, class Belongs, class Get, class Set>
void adjust(std::vector<Row>& rows, Belongs belongs, Get get, Set set) {
    std::vector<Row*> family;
    Values p_values;
    for (auto& row : rows) {
        if (!belongs(row)) continue;
        family.push_back(&row);
        p_values.push_back(get(row));
    }
    auto const adjusted = stats::holm_adjusted(p_values);
    for (std::size_t i = 0; i < family.size(); ++i) set(*family[i], adjusted[i]);
}

/// Types in the order in which they come.
std::vector<std::string> types_of(ModelComparison const& comparison) {
    std::vector<std::string> types;
    for (auto const& question : comparison.questions)
        if (std::find(types.begin(), types.end(), question.asked.type) == types.end())
            types.push_back(question.asked.type);
    return types;
}

/// p over deaths of the row's own metric.
double p_over_deaths(ModelDifference const& row) {
    return row.metric == "cod_accuracy" ? row.discordance.exact.p : row.p_bootstrap;
}

void adjust_type(ModelComparison& comparison, std::string const& type) {
    for (auto const& metric : comparison.options.metrics) {
        auto const belongs = [&](ModelDifference const& row) {
            return row.metric == metric && row.asked.type == type;
        };
        using Row = ModelDifference;
        adjust(
            comparison.differences, belongs, [](Row& row) { return row.estimate.over_sites.p; },
            [](Row& row, double p) { row.adjusted.sites = p; });
        adjust(
            comparison.differences, belongs, [](Row& row) { return row.estimate.over_repeats.p; },
            [](Row& row, double p) { row.adjusted.repeats = p; });
        adjust(
            comparison.differences, belongs, [](Row& row) { return row.discordance.exact.p; },
            [](Row& row, double p) { row.adjusted.deaths = p; });
        adjust(
            comparison.differences, belongs, [](Row& row) { return row.p_bootstrap; },
            [](Row& row, double p) { row.adjusted.bootstrap = p; });
        adjust(
            comparison.differences, belongs, [](Row& row) { return row.recommended.p; },
            [](Row& row, double p) { row.recommended.adjusted = p; });
    }
    adjust(
        comparison.by_training_site, [&](SiteDiscordance const& row) { return row.asked.type == type; },
        [](SiteDiscordance& row) { return row.discordance.exact.p; },
        [](SiteDiscordance& row, double p) { row.adjusted = p; });
}

void adjust_all(ModelComparison& comparison) {
    for (auto& row : comparison.differences) row.recommended = recommend(row.estimate, p_over_deaths(row));
    for (auto const& type : types_of(comparison)) adjust_type(comparison, type);
}

/// The p value of a t test; that of values which are all 0 says that there is no difference.
double p_of(stats::MeanTest const& test) {
    return std::isnan(test.p) && test.mean == 0 ? 1 : test.p;
}

}  // namespace

std::string to_text(Basis basis) {
    switch (basis) {
        case Basis::none:
            return "none";
        case Basis::deaths:
            return "deaths";
        case Basis::repeats:
            return "repeats";
        case Basis::sites:
            return "sites";
    }
    throw std::logic_error("a basis that does not exist");
}

Recommended recommend(Estimate const& difference, double p_deaths) {
    if (difference.over_sites.n >= sites_needed) return {Basis::sites, p_of(difference.over_sites), missing};
    if (difference.over_repeats.n >= repeats_needed)
        return {Basis::repeats, p_of(difference.over_repeats), missing};
    if (!std::isnan(p_deaths)) return {Basis::deaths, p_deaths, missing};
    return {Basis::none, missing, missing};
}

namespace {

ModelComparison compare_grid(Grid const& grid, ComparisonOptions const& options) {
    ModelComparison comparison;
    comparison.options = options;
    comparison.models = grid.models;
    comparison.holes = grid.holes;
    comparison.notes = grid.notes;
    auto const causes = causes_of_sites(grid);
    for (auto const& question : grid.questions) Comparer(grid, causes, question, comparison).compare();
    add_gaps(grid, comparison);
    bound_intervals(comparison);
    adjust_all(comparison);
    auto const& holes = comparison.holes;
    if (holes.size() > holes.listed().size())
        comparison.notes.push_back(
            fmt::format("table holes lists the first {} of {} results that are missing",
                        holes.listed().size(), holes.size()));
    return comparison;
}

void check_metrics(store::Reader const& study, ComparisonOptions const& options) {
    for (auto const& metric : options.metrics)
        (void)result_column(study.schema(), metric, study::CellType::real);
}

}  // namespace

ModelComparison compare(store::Reader const& study, ComparisonOptions const& options) {
    VASTER_EXPECTS(!options.metrics.empty() && options.n_resamples > 0);
    Grid const grid = read_grid(study);
    check_metrics(study, options);
    auto comparison = compare_grid(grid, options);
    if (auto note = transductive_note(study.schema()); !note.empty())
        comparison.notes.push_back(std::move(note));
    return comparison;
}

ModelComparison compare(std::vector<NamedStudy> const& studies, ComparisonOptions const& options) {
    VASTER_EXPECTS(studies.size() > 1 && !options.metrics.empty() && options.n_resamples > 0);
    Grid const grid = read_grid(studies);
    for (auto const& one : studies) check_metrics(*one.study, options);
    auto comparison = compare_grid(grid, options);
    for (auto const& one : studies) {
        comparison.studies.push_back(one.name);
        if (auto const note = transductive_note(one.study->schema()); !note.empty())
            comparison.notes.push_back(fmt::format("{}: {}", one.name, note));
    }
    return comparison;
}

}  // namespace vaster::va
