#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace vaster::service {

inline constexpr std::uint64_t most_bins = 1'000'000;

struct HistogramOptions {
    std::string column;
    std::uint64_t bins =
        10;  ///< of equal width from the least number to the largest, where no edges are given
    std::vector<double> edges = {};  ///< bounds of the bins, ascending, two or more; empty: `bins` of them
};

/// How many numbers of a column are in each bin. The counts add up to the rows of the table.
struct Histogram {
    std::vector<double> edges;  ///< ascending; bin i is [edges[i], edges[i + 1]), the last one with its end
    std::vector<std::uint64_t> counts;  ///< one fewer than edges
    std::uint64_t below = 0;            ///< numbers below the first edge
    std::uint64_t above = 0;            ///< numbers above the last edge
    std::uint64_t missing = 0;          ///< empty cells
};

/// Reads the table once, and once more before that to find the bounds where no edges are given: edge i is
/// then least + (most - least) i / bins, and half a unit to both sides where all numbers are the same, as in
/// NumPy. The order of the rows changes nothing.
/// @throws DataError with line for a text; DataError for edges that do not ascend, fewer than 1 or more than
/// most_bins bins, a column without numbers where no edges are given, numbers too near to each other, or too
/// far from each other, for so many bins
[[nodiscard]] Histogram histogram(std::filesystem::path const& path, HistogramOptions const& options);

/// Writes it as a CSV table bin_lower, bin_upper, count: a row a bin; before them, where edges are given, the
/// numbers below, without lower bound, and after them those above; last, without bounds, the missing.
void write_histogram(std::filesystem::path const& path, HistogramOptions const& options, std::ostream& out);

}  // namespace vaster::service
