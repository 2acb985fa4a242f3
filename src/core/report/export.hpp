#pragma once

#include <iosfwd>
#include <string_view>

#include "core/store/reader.hpp"

namespace vaster::report {

/// Are columns that differ from run to run shown: seconds, memory, rank, host, attempt?
enum class Timings { show, leave_out };

/// One line per experiment: index, id, design columns, status, the kind's leading columns, peak_rss_bytes,
/// rank, host, attempt, error, the kind's trailing columns. Numbers with 17 significant digits; a missing
/// value is empty, as are all results of a row that is not done. Two finished runs of one config give
/// identical bytes without timings.
void export_csv(std::ostream& out, store::Reader const& study, Timings timings);

/// The same cells as one JSON document with config, hashes and provenance. Without timings, the provenance is
/// left out.
void export_json(std::ostream& out, store::Reader const& study, Timings timings);

/// One CSV line per element of an array of every done experiment, ragged or a row of elements with several
/// fields: index, id, design columns, the fields; a position in a label list is replaced by its label. Such a
/// row is as long as it may get: elements of it whose first field is -1, or NaN of reals, are room to spare,
/// and left out. "predictions" is the array that most kinds have.
/// @throws UsageError when the study has no such array, naming those it has
void export_array(std::ostream& out, store::Reader const& study, std::string_view array);

}  // namespace vaster::report
