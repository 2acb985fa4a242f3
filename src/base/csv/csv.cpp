#include "base/csv/csv.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv/missing_column.hpp"
#include "base/csv/utf8.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::csv {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Bytes that may mean something; all others are just part of a cell.
std::array<bool, 256> special_bytes(char delimiter) {
    std::array<bool, 256> table{};
    for (char const c : {delimiter, '"', '\n', '\r', '\0'}) table[static_cast<unsigned char>(c)] = true;
    return table;
}

/// A cell's place in the buffer, counted from the beginning of its row.
struct Extent {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool doubled_quotes = false;
};

/// A column under the hash of its name. A million columns are sorted by numbers ten times faster than by
/// texts.
struct NamedColumn {
    std::uint64_t hash = 0;
    std::uint32_t position = 0;

    bool operator<(NamedColumn const& other) const noexcept {
        return hash != other.hash ? hash < other.hash : position < other.position;
    }
};

enum class State { cell_start, plain, quoted, quote_seen, return_seen };

/// The cell that is being read.
struct Scan {
    State state = State::cell_start;
    Extent cell;
    std::uint32_t quotes_in_a_row = 0;  // of Quotes::release
    bool has_stray_quote = false;
};

constexpr std::string_view lone_return = "a carriage return without a line feed; lines end in LF or CRLF";

std::string bad_byte(char byte) {
    return fmt::format(
        "byte 0x{:02X} is not UTF-8; convert the file, for example with iconv -f LATIN1 -t UTF-8",
        static_cast<unsigned char>(byte));
}

/// Takes the first quote of each pair away; returns the new end. A quote alone stays (Quotes::release).
char* undouble_quotes(char* begin, char* end) {
    char* out = begin;
    for (char const* in = begin; in != end; ++in) {
        *out++ = *in;
        if (*in == '"' && in + 1 != end && in[1] == '"') ++in;
    }
    return out;
}

}  // namespace

struct CsvReader::Parser {
    std::string name;
    CsvOptions options;
    std::array<bool, 256> special{};
    Descriptor file;         // one of file and text is the source
    std::string_view text;   // what of it has not been taken yet
    std::uint64_t size = 0;  // of the source; 0: not known
    ContentHash hash;

    std::string buffer;
    std::size_t start = 0;   // of the current row in the buffer
    std::size_t cursor = 0;  // next byte to look at
    std::size_t end = 0;     // of what has been read
    bool source_ended = false;
    std::uint64_t consumed = 0;  // bytes of all rows so far, header included

    std::vector<Extent> extents;  // of which the first n_cells are those of the current row so far
    std::size_t n_cells = 0;
    std::vector<std::string_view> cells;
    std::vector<std::string> header;
    std::vector<NamedColumn> by_hash;  // sorted
    std::uint64_t n_rows = 0;
    std::uint64_t line = 1;       // on which the current row begins
    std::uint64_t next_line = 1;  // on which the cursor stands
    std::uint64_t quote_line = 0;
    StrayQuotes stray_quotes;

    std::string where(std::uint64_t at_line, std::size_t column) const {
        if (column < header.size())
            return fmt::format("{}: line {}, column {} ({})", name, at_line, column + 1, header[column]);
        return fmt::format("{}: line {}, column {}", name, at_line, column + 1);
    }

    [[noreturn]] void fail(std::string_view what) const { fail_at(next_line, n_cells, what); }

    [[noreturn]] void fail_at(std::uint64_t at_line, std::size_t column, std::string_view what) const {
        throw DataError(fmt::format("{}: {}", where(at_line, column), what));
    }

    std::size_t take(char* to, std::size_t at_most);
    [[nodiscard]] std::size_t first_chunk() const;
    bool fill();
    bool scan_row();
    void close(Extent const& cell);
    void skip_ordinary();
    bool leaves_quotes(Scan& scan, char c, std::size_t here);
    bool finish_last_row(Scan& scan);
    void check_encoding() const;
    void make_cells();
    bool read_record();
    void read_header();
    void take_header(std::vector<std::string> names);
    void refuse_note_of_excel(std::vector<std::string> const& names) const;
    void refuse_same_names(std::vector<std::string> const& names) const;
    bool next();
};

/// Reads up to `at_most` bytes from the source; 0 at its end.
std::size_t CsvReader::Parser::take(char* to, std::size_t at_most) {
    if (!file) {
        std::size_t const n = text.copy(to, at_most);
        text.remove_prefix(n);
        return n;
    }
    for (;;) {
        ssize_t const n = ::read(file.get(), to, at_most);
        if (n >= 0) return static_cast<std::size_t>(n);
        int const reason = errno;
        require<IoError>(reason == EINTR, "cannot read '{}': {}", name, system_reason(reason));
    }
}

/// How much is read at first: of a small source all of it, so that a small table costs no large buffer.
std::size_t CsvReader::Parser::first_chunk() const {
    bool const is_small = buffer.empty() && size > 0 && size < options.chunk_bytes;
    return is_small ? static_cast<std::size_t>(size) + 1 : options.chunk_bytes;
}

/// Gets more bytes behind those of the current row, which moves to the front of the buffer; false at the
/// source's end.
bool CsvReader::Parser::fill() {
    if (source_ended) return false;
    if (end - start > options.max_row_bytes) {
        fail(fmt::format(
            "the row that begins on line {} is longer than {} bytes: not a CSV table, or a quote that is "
            "never closed",
            line, options.max_row_bytes));
    }
    if (start > 0) {
        std::memmove(buffer.data(), buffer.data() + start, end - start);
        cursor -= start;
        end -= start;
        start = 0;
    }
    if (end == buffer.size()) buffer.resize(std::max(first_chunk(), 2 * buffer.size()));
    std::size_t const n = take(buffer.data() + end, buffer.size() - end);
    hash.add({buffer.data() + end, n});
    end += n;
    source_ended = n == 0;
    return n > 0;
}

/// Finds the cells of the next row; false when there is none. Places count from the row's start, so that they
/// stay the same when fill() moves the row.
bool CsvReader::Parser::scan_row() {
    start = cursor;
    line = next_line;
    n_cells = 0;
    Scan scan;
    for (;;) {
        if (scan.state == State::plain || scan.state == State::quoted) skip_ordinary();
        if (cursor == end && !fill()) return finish_last_row(scan);
        char const c = buffer[cursor];
        std::size_t const here = cursor - start;
        ++cursor;
        if (c == '\0')
            fail("a byte of value 0: a binary file, or text in UTF-16; this must be CSV text in UTF-8");
        if (scan.state == State::quoted || scan.state == State::quote_seen) {
            if (!leaves_quotes(scan, c, here)) continue;
        } else if (scan.state == State::return_seen) {
            if (c != '\n') fail(lone_return);
        } else if (scan.state == State::cell_start) {
            scan.cell = {static_cast<std::uint32_t>(here), static_cast<std::uint32_t>(here), false};
            scan.has_stray_quote = false;
            scan.quotes_in_a_row = 0;
            if (c == '"') {
                ++scan.cell.begin;
                quote_line = next_line;
                scan.state = State::quoted;
                continue;
            }
        } else {
            scan.cell.end = static_cast<std::uint32_t>(here);
        }
        if (c == options.delimiter) {
            close(scan.cell);
            scan.state = State::cell_start;
        } else if (c == '\n') {
            close(scan.cell);
            ++next_line;
            return true;
        } else {
            scan.state = c == '\r' ? State::return_seen : State::plain;
        }
    }
}

inline void CsvReader::Parser::close(Extent const& cell) {
    if (n_cells == extents.size()) extents.resize(2 * n_cells + 1);
    extents[n_cells++] = cell;
}

void CsvReader::Parser::skip_ordinary() {
    while (cursor < end && !special[static_cast<unsigned char>(buffer[cursor])]) ++cursor;
}

/// Looks at a byte inside quotes or behind a quote that may have closed them; true when it comes after the
/// closing one.
bool CsvReader::Parser::leaves_quotes(Scan& scan, char c, std::size_t here) {
    if (scan.state == State::quoted) {
        if (c == '"') {
            scan.cell.end = static_cast<std::uint32_t>(here);
            scan.state = State::quote_seen;
        } else if (c == '\n') {
            ++next_line;
        }
        return false;
    }
    ++scan.quotes_in_a_row;
    if (c == '"') {
        scan.cell.doubled_quotes = true;
        if (options.quotes == Quotes::strict)
            scan.state = State::quoted;
        else
            scan.cell.end = static_cast<std::uint32_t>(here);
        return false;
    }
    bool const ends = c == options.delimiter || c == '\n' || c == '\r';
    if (options.quotes == Quotes::strict) {
        if (!ends) fail("text after a closing quote; a quote inside a quoted cell must be doubled");
        return true;
    }
    bool const all_are_doubled = scan.quotes_in_a_row % 2 == (ends ? 1 : 0);
    if (!all_are_doubled && !std::exchange(scan.has_stray_quote, true) && stray_quotes.count++ == 0)
        stray_quotes.first_line = next_line;
    scan.quotes_in_a_row = 0;
    if (!ends) scan.state = State::quoted;
    return ends;
}

/// The source has ended: closes a last row without line end; false if there is none.
bool CsvReader::Parser::finish_last_row(Scan& scan) {
    if (scan.state == State::quoted) {
        fail_at(quote_line, n_cells, "the quote that opens this cell is never closed");
    }
    if (scan.state == State::return_seen) fail(lone_return);
    if (scan.state == State::cell_start && n_cells == 0) return false;
    auto const here = static_cast<std::uint32_t>(cursor - start);
    if (scan.state == State::cell_start) scan.cell = {here, here, false};
    if (scan.state == State::plain) scan.cell.end = here;
    close(scan.cell);
    return true;
}

void CsvReader::Parser::check_encoding() const {
    std::string_view const bytes(buffer.data() + start, cursor - start);
    std::size_t const bad = first_bad_utf8(bytes);
    if (bad == std::string_view::npos) return;
    auto const cell =
        std::upper_bound(extents.begin(), extents.begin() + static_cast<std::ptrdiff_t>(n_cells), bad,
                         [](std::size_t at, Extent const& extent) { return at < extent.begin; });
    auto const column = static_cast<std::size_t>(std::max<std::ptrdiff_t>(cell - extents.begin() - 1, 0));
    auto const lines = static_cast<std::uint64_t>(
        std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bad), '\n'));
    fail_at(line + lines, column, bad_byte(bytes[bad]));
}

void CsvReader::Parser::make_cells() {
    cells.clear();
    cells.reserve(n_cells);
    for (Extent const& extent : std::span(extents).first(n_cells)) {
        char* const cell_begin = buffer.data() + start + extent.begin;
        char* cell_end = buffer.data() + start + extent.end;
        if (extent.doubled_quotes) cell_end = undouble_quotes(cell_begin, cell_end);
        cells.emplace_back(cell_begin, static_cast<std::size_t>(cell_end - cell_begin));
    }
}

/// Reads the next row that is not an empty line into `cells`.
bool CsvReader::Parser::read_record() {
    bool const empty_line_is_cell = header.size() == 1;
    for (;;) {
        if (!scan_row()) return false;
        std::size_t const length = cursor - start;
        consumed += length;
        if (length > options.max_row_bytes) {
            fail_at(line, 0,
                    fmt::format("this row is longer than {} bytes: hardly a table of answers",
                                options.max_row_bytes));
        }
        bool const empty_line = n_cells == 1 && extents[0].begin == extents[0].end && extents[0].begin == 0;
        if (empty_line && !empty_line_is_cell) continue;
        if (options.bytes == Bytes::utf8 || header.empty()) check_encoding();
        make_cells();
        return true;
    }
}

void CsvReader::Parser::read_header() {
    while (end < byte_order_mark.size() && fill()) {
    }
    if (std::string_view(buffer).substr(0, std::min(end, byte_order_mark.size())) == byte_order_mark) {
        cursor = byte_order_mark.size();
        consumed = byte_order_mark.size();
    }
    require<DataError>(read_record(), "{}: the file is empty; a table with a header line is needed", name);
    std::vector<std::string> names(cells.begin(), cells.end());
    refuse_note_of_excel(names);
    take_header(std::move(names));
}

void CsvReader::Parser::take_header(std::vector<std::string> names) {
    by_hash.reserve(names.size());
    for (std::uint32_t i = 0; i < names.size(); ++i) by_hash.push_back({hash64(names[i]), i});
    std::sort(by_hash.begin(), by_hash.end());
    refuse_same_names(names);
    header = std::move(names);
}

/// "sep=;" above the header tells Excel what parts cells.
void CsvReader::Parser::refuse_note_of_excel(std::vector<std::string> const& names) const {
    constexpr std::size_t one_letter_more = 5;
    std::string_view const first = names.front();
    bool const begins_so =
        first.starts_with("sep=") || first.starts_with("Sep=") || first.starts_with("SEP=");
    bool const is_alone = names.size() == 1 && first.size() <= one_letter_more;
    bool const is_parted = names.size() == 2 && first.size() < one_letter_more && names[1].empty();
    require<DataError>(
        !begins_so || !(is_alone || is_parted),
        "{}: line 1: '{}{}' tells Excel what parts the cells; it is not a header; take the line "
        "out, so that the names of the columns come first",
        name, first, is_parted ? std::string(1, options.delimiter) : "");
}

void CsvReader::Parser::refuse_same_names(std::vector<std::string> const& names) const {
    for (auto second = by_hash.begin(); second != by_hash.end(); ++second) {
        for (auto first = second; first != by_hash.begin() && (first - 1)->hash == second->hash;) {
            --first;
            require<DataError>(names[first->position] != names[second->position],
                               "{}: line {}, column {}: the column name '{}' was already used in column {}; "
                               "names must differ",
                               name, line, second->position + 1, names[second->position],
                               first->position + 1);
        }
    }
}

bool CsvReader::Parser::next() {
    if (!read_record()) {
        cells.clear();
        require<DataError>(n_rows > 0 || options.no_rows == NoRows::accept,
                           "{}: line {}: there are no rows below the header", name, next_line);
        return false;
    }
    ++n_rows;
    if (cells.size() != header.size()) {
        fail_at(line, std::min(cells.size(), header.size()),
                fmt::format(
                    "the row has {} cells, the header has {}; look for a missing or an extra comma or quote",
                    cells.size(), header.size()));
    }
    return true;
}

CsvReader::CsvReader(std::unique_ptr<Parser> parser) : parser_(std::move(parser)) {
    VASTER_EXPECTS(parser_->options.max_row_bytes < (std::size_t{1} << 31U));
    parser_->special = special_bytes(parser_->options.delimiter);
    if (parser_->header.empty()) parser_->read_header();
}

CsvReader::CsvReader(std::filesystem::path const& path, CsvOptions const& options)
    : CsvReader([&] {
          auto parser = std::make_unique<Parser>();
          parser->name = path.string();
          parser->options = options;
          parser->file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
          if (!parser->file)
              throw IoError(fmt::format("cannot open '{}': {}", parser->name, system_reason(errno)));

          struct stat status {};
          if (::fstat(parser->file.get(), &status) == 0 && S_ISREG(status.st_mode)) {
              parser->size = static_cast<std::uint64_t>(status.st_size);
          }
          return parser;
      }()) {}

CsvReader CsvReader::from_text(std::string_view text, std::string name, CsvOptions const& options) {
    auto parser = std::make_unique<Parser>();
    parser->name = std::move(name);
    parser->options = options;
    parser->text = text;
    parser->size = text.size();
    return CsvReader(std::move(parser));
}

CsvReader CsvReader::from_rows(std::string_view rows, std::string name, std::vector<std::string> header,
                               RowsAt at, CsvOptions const& options) {
    VASTER_EXPECTS(!header.empty());
    auto parser = std::make_unique<Parser>();
    parser->name = std::move(name);
    parser->options = options;
    parser->options.no_rows = NoRows::accept;
    parser->text = rows;
    parser->size = rows.size();
    parser->n_rows = at.row;
    parser->next_line = at.line;
    parser->take_header(std::move(header));
    return CsvReader(std::move(parser));
}

CsvReader::~CsvReader() = default;
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;

std::string const& CsvReader::name() const noexcept {
    return parser_->name;
}

std::span<std::string const> CsvReader::header() const noexcept {
    return parser_->header;
}

std::optional<std::size_t> CsvReader::find(std::string_view column) const {
    auto const hash = hash64(column);
    auto found = std::lower_bound(parser_->by_hash.begin(), parser_->by_hash.end(), NamedColumn{hash, 0});
    for (; found != parser_->by_hash.end() && found->hash == hash; ++found) {
        if (parser_->header[found->position] == column) return found->position;
    }
    return std::nullopt;
}

std::size_t CsvReader::position(std::string_view column, std::string_view purpose) const {
    auto const found = find(column);
    if (found) return *found;
    throw DataError(
        fmt::format("{}: line 1: {}", parser_->name, no_such_column(column, purpose, parser_->header)));
}

bool CsvReader::next() {
    return parser_->next();
}

std::span<std::string_view const> CsvReader::cells() const noexcept {
    return parser_->cells;
}

std::uint64_t CsvReader::row() const noexcept {
    return parser_->n_rows - 1;
}

std::uint64_t CsvReader::line() const noexcept {
    return parser_->line;
}

std::uint64_t CsvReader::offset() const noexcept {
    return parser_->consumed;
}

std::uint64_t CsvReader::next_line() const noexcept {
    return parser_->next_line;
}

std::string CsvReader::where(std::size_t column) const {
    return parser_->where(parser_->line, column);
}

CsvReader::StrayQuotes CsvReader::stray_quotes() const noexcept {
    return parser_->stray_quotes;
}

void CsvReader::refuse_bad_text(std::size_t column) const {
    std::string_view const text = parser_->cells[column];
    std::size_t const bad = first_bad_utf8(text);
    if (bad != std::string_view::npos)
        throw DataError(fmt::format("{}: {}", where(column), bad_byte(text[bad])));
}

std::uint64_t CsvReader::expected_rows() const noexcept {
    if (parser_->size == 0 || parser_->n_rows == 0) return 0;
    return parser_->size * parser_->n_rows / parser_->consumed + 1;
}

std::string CsvReader::content_hash() const {
    VASTER_EXPECTS(parser_->source_ended);
    return parser_->hash.text();
}

}  // namespace vaster::csv
