#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/records/csv_schema.hpp"
#include "domains/stream/records/record.hpp"

namespace vaster::stream {

/// Bytes after a line that may be read, though they mean nothing.
inline constexpr std::size_t line_padding = 64;

/// How records are written.
enum class InputFormat : std::uint8_t {
    senml,    ///< `TIME,{"e":[{"n":NAME,"v"|"sv":TEXT,"u":UNIT},...],"bt":TIME}`, TIME in milliseconds
    rfc8428,  ///< a JSON array of SenML records (RFC 8428) a line, times in seconds
    csv,      ///< three lines of header (names, units, types), then a record a line
    values,   ///< a number a line: field "value" of the sensor "default"
    pairs,    ///< `name:value,...` a line
    xml,      ///< a document a file: a record without fields, of the sensor "default"
};

/// "senml", "rfc8428", ..., as in the key input.format; by InputFormat.
[[nodiscard]] std::vector<std::string> const& format_names();

/// The sensor of records in which nothing can name one.
inline constexpr std::string_view default_sensor = "default";

/// The field of InputFormat::values.
inline constexpr std::string_view value_field = "value";

/// Takes records apart, one at a time.
class RecordParser {
  public:
    RecordParser() = default;
    virtual ~RecordParser() = default;
    RecordParser(RecordParser const&) = delete;
    RecordParser& operator=(RecordParser const&) = delete;

    /// Fills all of the record but number, offset and sensor_index.
    /// @param line  without its end; line_padding bytes after it can be read
    /// @returns the record's fault, which leaves it undefined; nothing: it is good
    [[nodiscard]] virtual std::optional<Fault> parse(std::string_view line, Record& record) = 0;

    /// Names of all fields of a good record, wanted or not, with the one that names the sensor. Not fast.
    [[nodiscard]] virtual std::vector<std::string> names(std::string_view line) = 0;
};

/// A parser of InputFormat::senml.
[[nodiscard]] std::unique_ptr<RecordParser> make_senml_parser(Layout layout);

/// A parser of that form. Records of forms without a time have the time 0.
/// @param schema  of InputFormat::csv, which needs one
/// @throws DataError where CSV has no column of the sensor's name, or no "timestamp"
[[nodiscard]] std::unique_ptr<RecordParser> make_parser(InputFormat format, Layout const& layout,
                                                        CsvSchema const* schema = nullptr);

}  // namespace vaster::stream
