#include "domains/service/tables/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <ostream>
#include <utility>

#include "domains/service/expressions/value.hpp"
#include "domains/service/tables/table_reader.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::service {
namespace {

/// Calls take(number) for each cell of the column that is a number; returns how many are missing.
template <class Take>
std::uint64_t read_numbers(std::filesystem::path const& path, std::string const& column, Take take) {
    TableReader table(path);
    std::size_t const position = table.position(column, "what is counted");
    std::uint64_t missing = 0;
    while (table.next()) {
        auto const value = value_of_cell(table.cells()[position]);
        if (std::holds_alternative<Missing>(value)) {
            ++missing;
            continue;
        }
        auto const* const number = std::get_if<double>(&value);
        require<DataError>(number != nullptr, "{}: '{}' is not a number", table.where(position),
                           table.cells()[position]);
        take(*number);
    }
    return missing;
}

bool ascend(std::vector<double> const& edges) {
    return std::is_sorted(edges.begin(), edges.end(), std::less_equal<>()) &&
           std::all_of(edges.begin(), edges.end(), [](double edge) { return std::isfinite(edge); });
}

struct Range {
    double least = 0;
    double most = 0;
};

Range range_of(std::filesystem::path const& path, std::string const& column) {
    std::optional<Range> range;
    (void)read_numbers(path, column, [&](double number) {
        if (!range) range = {number, number};
        range = {std::min(range->least, number), std::max(range->most, number)};
    });
    require<DataError>(range.has_value(),
                       "{}: column '{}' has no numbers, so its bins have no bounds; give the edges",
                       path.string(), column);
    return *range;
}

std::vector<double> equal_edges(Range range, std::uint64_t bins) {
    if (range.least == range.most) range = {range.least - 0.5, range.most + 0.5};
    std::vector<double> edges;
    edges.reserve(bins + 1);
    auto const n = static_cast<double>(bins);
    for (std::uint64_t i = 0; i < bins; ++i)
        edges.push_back(range.least + (range.most - range.least) * static_cast<double>(i) / n);
    edges.push_back(range.most);
    return edges;
}

std::vector<double> edges_of(std::filesystem::path const& path, HistogramOptions const& options) {
    if (!options.edges.empty()) {
        require<DataError>(options.edges.size() > 1 && ascend(options.edges),
                           "the edges of bins must be two or more numbers, each above the one before");
        return options.edges;
    }
    require<DataError>(options.bins >= 1 && options.bins <= most_bins, "{} bins (must be from 1 to {})",
                       options.bins, most_bins);
    auto const range = range_of(path, options.column);
    auto edges = equal_edges(range, options.bins);
    require<DataError>(
        ascend(edges),
        "{}: column '{}' has numbers from {} to {}, which cannot be divided into {} bins of equal "
        "width; give the edges, or fewer bins",
        path.string(), options.column, range.least, range.most, options.bins);
    return edges;
}

void count(Histogram& histogram, double number) {
    auto const& edges = histogram.edges;
    if (number < edges.front()) {
        ++histogram.below;
    } else if (number > edges.back()) {
        ++histogram.above;
    } else {
        auto const end = std::upper_bound(edges.begin(), edges.end() - 1, number);
        ++histogram.counts[static_cast<std::size_t>(end - edges.begin()) - 1];
    }
}

}  // namespace

Histogram histogram(std::filesystem::path const& path, HistogramOptions const& options) {
    Histogram found;
    found.edges = edges_of(path, options);
    found.counts.resize(found.edges.size() - 1);
    found.missing = read_numbers(path, options.column, [&](double number) { count(found, number); });
    return found;
}

void write_histogram(std::filesystem::path const& path, HistogramOptions const& options, std::ostream& out) {
    auto const found = histogram(path, options);
    auto const write = [&](std::string const& lower, std::string const& upper, std::uint64_t n) {
        out << csv_line({lower, upper, std::to_string(n)}) << '\n';
    };
    out << csv_line({"bin_lower", "bin_upper", "count"}) << '\n';
    if (!options.edges.empty()) write("", text_of(found.edges.front()), found.below);
    for (std::size_t i = 0; i < found.counts.size(); ++i)
        write(text_of(found.edges[i]), text_of(found.edges[i + 1]), found.counts[i]);
    if (!options.edges.empty()) write(text_of(found.edges.back()), "", found.above);
    write("", "", found.missing);
}

}  // namespace vaster::service
