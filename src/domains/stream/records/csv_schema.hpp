#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vaster::stream {

/// Columns of CSV records, from the three lines that such a file begins with: names, units, types.
struct CsvSchema {
    static constexpr std::size_t n_lines = 3;
    static constexpr std::string_view time_column = "timestamp";

    enum class Type : std::uint8_t { number, text };  ///< "v", "sv"

    struct Column {
        std::string name;
        std::string unit;
        Type type = Type::number;

        friend bool operator==(Column const&, Column const&) = default;
    };

    std::vector<Column> columns;

    friend bool operator==(CsvSchema const&, CsvSchema const&) = default;

    /// Place of a column; the number of columns when there is none of that name.
    [[nodiscard]] std::size_t place_of(std::string_view name) const;
};

/// @param header  the three lines without their ends
/// @param path    of the file, for messages
/// @throws DataError when lines are missing, differ in length, when a name is empty or stands twice, or a
/// type is neither "v" nor "sv"
[[nodiscard]] CsvSchema read_schema(std::span<std::string_view const> header, std::string_view path);

/// Takes a line of CSV apart. A cell may be quoted: commas in it are its own, a doubled quote stands for one.
class CsvCells {
  public:
    /// @returns whether the line is well-formed; cells() are good until the next call
    [[nodiscard]] bool split(std::string_view line);

    [[nodiscard]] std::vector<std::string_view> const& cells() const noexcept { return cells_; }

  private:
    bool split_quoted(std::string_view line);

    std::vector<std::string_view> cells_;
    std::string unquoted_;  ///< texts of cells with doubled quotes
};

}  // namespace vaster::stream
