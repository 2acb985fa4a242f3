#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "domains/stream/records/record.hpp"

namespace vaster::stream {

/// Bytes after a line that may be read, though they mean nothing.
inline constexpr std::size_t line_padding = 64;

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
};

/// Lines of SenML as RIoTBench writes them: `TIME,{"e":[{"n":NAME,"v"|"sv":TEXT,"u":UNIT},...],"bt":TIME}`,
/// TIME in milliseconds.
[[nodiscard]] std::unique_ptr<RecordParser> make_senml_parser(Layout layout);

}  // namespace vaster::stream
