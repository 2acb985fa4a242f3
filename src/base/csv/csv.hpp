#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vaster::csv {

/// What a quote inside a quoted cell must look like.
enum class Quotes {
    strict,   ///< doubled, as RFC 4180 says
    release,  ///< like any character: the cell ends at the first quote with a delimiter or a line end behind
              ///< it
};

/// What the bytes of a row may be.
enum class Bytes {
    utf8,  ///< UTF-8 alone
    any,  ///< other bytes, too, in cells that nobody needs as text: whoever does looks with refuse_bad_text()
};

/// Is a table with a header and nothing below it an error?
enum class NoRows { refuse, accept };

struct CsvOptions {
    std::size_t max_row_bytes = std::size_t{64} << 20U;  ///< a longer row is refused: it is hardly a table
    std::size_t chunk_bytes = std::size_t{256} << 10U;   ///< how much is read at a time
    char delimiter = ',';                                ///< what parts cells: a comma, semicolon or tab
    Quotes quotes = Quotes::strict;
    Bytes bytes = Bytes::utf8;
    NoRows no_rows = NoRows::refuse;
};

/// Where some rows of a table begin, so that they can be read without those before them.
struct RowsAt {
    std::uint64_t row = 0;   ///< number of the first of them among the data rows
    std::uint64_t line = 1;  ///< of the text on which it begins
};

/// Reads a CSV table (RFC 4180, UTF-8) row by row. Memory: one chunk, or the longest row if that is longer.
///
/// Accepted: a byte order mark, LF and CRLF line ends, quoted cells with commas, line ends and doubled quotes
/// in them, a last line without line end. Wholly empty lines are passed over (in tables of one column they
/// are empty cells). Every error names the file, the line (1-based, of the text) and the column (1-based,
/// with its name):
/// @throws DataError for an empty file, a line "sep=," in place of the header, a header without rows, a row
/// with too few or too many cells, a column name that
///         occurs twice, bytes that are not UTF-8 (but see Bytes), NUL bytes, a lone carriage return, a quote
///         that is never closed, text after a closing quote, a row longer than max_row_bytes
/// @throws IoError when the file cannot be opened or read
class CsvReader {
  public:
    /// Opens the file and reads its header.
    explicit CsvReader(std::filesystem::path const& path, CsvOptions const& options = {});

    /// Reads `text`, which must outlive the reader; `name` stands for the file in messages.
    [[nodiscard]] static CsvReader from_text(std::string_view text, std::string name,
                                             CsvOptions const& options = {});

    /// Reads some rows of a table that has been read before: those between two offset()s.
    /// @param rows    must outlive the reader
    /// @param name    of the file, for messages
    /// @param header  of the table
    [[nodiscard]] static CsvReader from_rows(std::string_view rows, std::string name,
                                             std::vector<std::string> header, RowsAt at,
                                             CsvOptions const& options = {});

    ~CsvReader();
    CsvReader(CsvReader&&) noexcept;
    CsvReader& operator=(CsvReader&&) noexcept;

    /// The path or name as given.
    [[nodiscard]] std::string const& name() const noexcept;

    /// The column names, in order.
    [[nodiscard]] std::span<std::string const> header() const noexcept;

    /// Position of a column.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view column) const;

    /// Position of a column. @throws DataError with the nearest name, the columns that there are, and
    /// `purpose`: what it is needed for
    [[nodiscard]] std::size_t position(std::string_view column, std::string_view purpose) const;

    /// Goes to the next row; false at the end of the table.
    [[nodiscard]] bool next();

    /// Cells of the current row, as many as header() has. Valid until next() is called.
    [[nodiscard]] std::span<std::string_view const> cells() const noexcept;

    /// The current row's number among the data rows, from 0; the header does not count.
    [[nodiscard]] std::uint64_t row() const noexcept;

    /// The line of the text on which the current row begins, from 1.
    [[nodiscard]] std::uint64_t line() const noexcept;

    /// Bytes of the file before the row that next() will go to, empty lines before it not counted.
    [[nodiscard]] std::uint64_t offset() const noexcept;

    /// The line of the text after the current row, from 1.
    [[nodiscard]] std::uint64_t next_line() const noexcept;

    /// "FILE: line 7, column 3 (va34)" of a cell of the current row.
    [[nodiscard]] std::string where(std::size_t column) const;

    /// Quoted cells so far with a quote that is not doubled (Quotes::release).
    struct StrayQuotes {
        std::uint64_t count = 0;
        std::uint64_t first_line = 0;
    };

    [[nodiscard]] StrayQuotes stray_quotes() const noexcept;

    /// @throws DataError when a cell of the current row is not UTF-8
    void refuse_bad_text(std::size_t column) const;

    /// How many rows the table will have, guessed from the size of the file and of the rows so far; 0: no
    /// idea.
    [[nodiscard]] std::uint64_t expected_rows() const noexcept;

    /// Hash of the whole content (see hash_text); to be asked when next() has returned false.
    [[nodiscard]] std::string content_hash() const;

  private:
    struct Parser;
    explicit CsvReader(std::unique_ptr<Parser> parser);
    std::unique_ptr<Parser> parser_;
};

}  // namespace vaster::csv
