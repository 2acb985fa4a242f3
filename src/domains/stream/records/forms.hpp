#pragma once

#include <memory>

#include "domains/stream/records/parser.hpp"

namespace vaster::stream {

// Parsers of each InputFormat; make_parser() chooses among them.

[[nodiscard]] std::unique_ptr<RecordParser> make_rfc8428_parser(Layout layout);
/// @throws DataError without a column for the sensor or the time
[[nodiscard]] std::unique_ptr<RecordParser> make_csv_parser(Layout const& layout, CsvSchema const& schema);
[[nodiscard]] std::unique_ptr<RecordParser> make_values_parser(Layout const& layout);
[[nodiscard]] std::unique_ptr<RecordParser> make_pairs_parser(Layout layout);
[[nodiscard]] std::unique_ptr<RecordParser> make_document_parser(Layout const& layout);

}  // namespace vaster::stream
