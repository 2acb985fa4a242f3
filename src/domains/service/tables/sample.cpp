#include "domains/service/tables/sample.hpp"

#include <array>
#include <cmath>
#include <ostream>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "base/support/hash.hpp"
#include "domains/service/tables/table_reader.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::service {
namespace {

/// A row's draw and, where two draws are the same, its number.
using Draw = std::pair<std::uint64_t, std::uint64_t>;

/// Rows up to this draw belong to the sample; nothing: none does.
using LastDraw = std::optional<Draw>;

constexpr std::uint64_t highest = ~std::uint64_t{0};

LastDraw last_draw_of_share(double share) {
    require<DataError>(share > 0 && share <= 1, "a sample of a share of {} (must be above 0 and up to 1)",
                       share);
    if (share == 1) return Draw{highest, highest};
    auto const end = static_cast<std::uint64_t>(std::ldexp(share, 64));
    if (end == 0) return std::nullopt;
    return Draw{end - 1, highest};
}

/// The draw of the last row that belongs to the `number` lowest.
LastDraw last_draw_of_number(std::filesystem::path const& path, SampleOptions const& options) {
    TableReader table(path);
    std::priority_queue<Draw> lowest;  // the highest of them on top
    for (std::uint64_t row = 1; table.next(); ++row) {
        Draw const draw{draw_of_row(options.seed, row), row};
        if (lowest.size() == *options.number) {
            if (lowest.empty() || lowest.top() < draw) continue;
            lowest.pop();
        }
        lowest.push(draw);
    }
    if (lowest.empty()) return std::nullopt;
    return lowest.top();
}

LastDraw last_draw(std::filesystem::path const& path, SampleOptions const& options) {
    require<DataError>(options.share.has_value() != options.number.has_value(),
                       "a sample needs either a share of the rows or a number of rows");
    return options.share ? last_draw_of_share(*options.share) : last_draw_of_number(path, options);
}

}  // namespace

std::uint64_t draw_of_row(std::uint64_t seed, std::uint64_t row) {
    std::array<char, 16> bytes{};
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<char>(seed >> (8 * i));
        bytes[8 + i] = static_cast<char>(row >> (8 * i));
    }
    return hash64({bytes.data(), bytes.size()});
}

RowCounts sample_rows(std::filesystem::path const& path, SampleOptions const& options, std::ostream& out) {
    auto const last = last_draw(path, options);
    TableReader table(path);
    out << csv_line({table.header().begin(), table.header().end()}) << '\n';
    RowCounts counts;
    while (table.next()) {
        ++counts.read;
        if (!last || Draw{draw_of_row(options.seed, counts.read), counts.read} > *last) continue;
        out << csv_line({table.cells().begin(), table.cells().end()}) << '\n';
        ++counts.written;
    }
    return counts;
}

}  // namespace vaster::service
