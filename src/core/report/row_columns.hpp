#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/report/export.hpp"
#include "core/store/reader.hpp"
#include "vaster/study/schema.hpp"

namespace vaster::report {

/// Where a column of an export comes from.
enum class Source { index, id, design, status, result, peak_rss_bytes, rank, host, attempt, error };

/// A column of an export.
struct RowColumn {
    std::string name;
    Source source = Source::index;
    std::size_t position = 0;  ///< among design or result columns
};

/// The columns of exports of experiments, in their order.
[[nodiscard]] std::vector<RowColumn> row_columns(study::Schema const& schema, Timings timings);

/// The columns that name an experiment: index, id, design.
[[nodiscard]] std::vector<RowColumn> identity_columns(study::Schema const& schema);

/// What an export shows there; nothing where there is nothing to be shown.
[[nodiscard]] std::optional<study::Cell> cell_of(store::Reader const& study, std::size_t row,
                                                 RowColumn const& column);

}  // namespace vaster::report
