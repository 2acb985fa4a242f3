#include "domains/va/report/causes.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

#include "core/report/elements.hpp"
#include "domains/va/report/words.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::va {
namespace {

using report::number_of;
using report::Table;

template <class T>
std::size_t find(std::vector<T> const& list, std::string_view name) {
    return static_cast<std::size_t>(
        std::find_if(list.begin(), list.end(), [&](T const& one) { return one.name == name; }) -
        list.begin());
}

std::uint64_t sum_of(std::vector<std::uint64_t> const& numbers) {
    std::uint64_t sum = 0;
    for (auto const number : numbers) sum += number;
    return sum;
}

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(part) / static_cast<double>(whole);
}

/// Row sums: deaths of each cause.
std::vector<std::uint64_t> true_deaths(Pooled const& one, std::size_t n_causes) {
    std::vector<std::uint64_t> deaths(n_causes, 0);
    for (std::size_t i = 0; i < one.deaths.size(); ++i) deaths[i / n_causes] += one.deaths[i];
    return deaths;
}

/// Column sums: deaths that were given each cause.
std::vector<std::uint64_t> predicted_deaths(Pooled const& one, std::size_t n_causes) {
    std::vector<std::uint64_t> deaths(n_causes, 0);
    for (std::size_t i = 0; i < one.deaths.size(); ++i) deaths[i % n_causes] += one.deaths[i];
    return deaths;
}

/// Causes that are numbers in their order; others as they are.
std::vector<std::size_t> shown_order(std::vector<std::string> const& causes) {
    std::vector<std::size_t> order(causes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    bool const numbers = std::all_of(causes.begin(), causes.end(), [](std::string const& cause) {
        return !cause.empty() && cause.size() < 10 &&
               cause.find_first_not_of("0123456789") == std::string::npos;
    });
    if (numbers)
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return std::stol(causes[a]) < std::stol(causes[b]);
        });
    return order;
}

Pooled& of(std::vector<Pooled>& pooled, std::string const& type, std::string const& model,
           std::size_t n_cells) {
    for (auto& one : pooled)
        if (one.type == type && one.model == model) return one;
    pooled.push_back({type, model, std::vector<std::uint64_t>(n_cells, 0)});
    return pooled.back();
}

}  // namespace

CauseLabels causes_of(store::Reader const& study) {
    auto const& schema = study.schema();
    std::size_t const labels = find(schema.labels, "causes");
    std::size_t const names = find(schema.labels, "cause_names");
    std::size_t const confusion = find(schema.arrays, "confusion");
    if (labels == schema.labels.size() || confusion == schema.arrays.size()) return {};
    auto const& causes = schema.labels[labels].labels;
    bool const named = names < schema.labels.size() && schema.labels[names].labels.size() == causes.size();
    return {causes, named ? schema.labels[names].labels : causes};
}

std::vector<Pooled> pool(store::Reader const& study, std::vector<std::string> const& types) {
    auto const& schema = study.schema();
    std::size_t const n_causes = causes_of(study).labels.size();
    std::size_t const confusion = find(schema.arrays, "confusion");
    std::size_t const type_at = find(schema.design, "type");
    std::size_t const model_at = find(schema.design, "model");
    VASTER_EXPECTS(n_causes > 0);
    auto const element = schema.arrays[confusion].fields.front().type;
    std::size_t const stride = study::size_of(element);
    std::vector<Pooled> pooled;
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const& design = study.experiment(row).design;
        auto const& type = std::get<std::string>(design.at(type_at));
        if (!study.done(row) || std::find(types.begin(), types.end(), type) == types.end()) continue;
        auto& sum = of(pooled, type, std::get<std::string>(design.at(model_at)), n_causes * n_causes).deaths;
        auto const arrays = study.arrays(row);
        std::span<std::uint8_t const> const bytes(arrays[confusion]);
        VASTER_EXPECTS(bytes.size() == sum.size() * stride);
        for (std::size_t i = 0; i < sum.size(); ++i)
            sum[i] += static_cast<std::uint64_t>(
                std::get<std::int64_t>(number_of(element, bytes.subspan(i * stride))));
    }
    return pooled;
}

Table causes_table(std::vector<Pooled> const& pooled, CauseLabels const& causes) {
    Table table{
        "causes",
        "a model's results for one cause, all test sets of a type together",
        {"type", "model", "cause", "deaths", "predicted", "right", "sensitivity", "precision", "csmf_bias"},
        {},
        column_words()};
    for (auto const& one : pooled) {
        auto const deaths = true_deaths(one, causes.labels.size());
        auto const predicted = predicted_deaths(one, causes.labels.size());
        auto const all = sum_of(deaths);
        for (std::size_t const c : shown_order(causes.labels)) {
            std::uint64_t const right = one.deaths[c * causes.labels.size() + c];
            table.rows.push_back({one.type, one.model, causes.names[c], static_cast<std::int64_t>(deaths[c]),
                                  static_cast<std::int64_t>(predicted[c]), static_cast<std::int64_t>(right),
                                  share(right, deaths[c]), share(right, predicted[c]),
                                  share(predicted[c], all) - share(deaths[c], all)});
        }
    }
    return table;
}

Table confusion_table(std::vector<Pooled> const& pooled, CauseLabels const& causes) {
    Table table{"confusion",
                "test deaths by true cause and top cause, all test sets of a type together; cells without "
                "deaths are left out",
                {"type", "model", "true_cause", "top_cause", "deaths", "share"},
                {},
                column_words()};
    for (auto const& one : pooled) {
        auto const deaths = true_deaths(one, causes.labels.size());
        for (std::size_t const truth : shown_order(causes.labels)) {
            for (std::size_t const top : shown_order(causes.labels)) {
                std::uint64_t const n = one.deaths[truth * causes.labels.size() + top];
                if (n > 0)
                    table.rows.push_back({one.type, one.model, causes.names[truth], causes.names[top],
                                          static_cast<std::int64_t>(n), share(n, deaths[truth])});
            }
        }
    }
    return table;
}

}  // namespace vaster::va
