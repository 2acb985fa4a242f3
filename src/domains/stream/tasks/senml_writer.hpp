#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/tasks/task.hpp"

namespace vaster::stream {

/// Writes SenML: `{"bt":TIME,"e":[{"n":NAME,"v"|"sv":TEXT,"u":UNIT},...]}`.
class SenmlWriter {
  public:
    /// How values of columns that are not texts are written.
    enum class Values : std::uint8_t { text, number };

    SenmlWriter(std::vector<InputColumn> columns, Values values);

    void begin(std::int64_t time);

    /// The next column's value.
    /// @returns whether it could be written: Values::number asks for a number, or a missing value ("",
    /// "null")
    [[nodiscard]] bool add(std::string_view text);

    /// The whole pack; good until the next begin().
    std::string_view end();

  private:
    bool add_number(std::string_view text);

    std::vector<InputColumn> columns_;
    std::vector<std::string> heads_;  ///< of each column, up to its value
    std::vector<std::string> tails_;  ///< from its value on
    Values values_;
    std::size_t next_ = 0;
    std::string text_;
};

/// Appends a text as JSON, with its quotes. Bytes from 0x80 on stay as they are.
void append_json(std::string& json, std::string_view text);

}  // namespace vaster::stream
