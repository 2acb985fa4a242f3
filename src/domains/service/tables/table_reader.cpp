#include "domains/service/tables/table_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv/missing_column.hpp"
#include "base/csv/utf8.hpp"
#include "base/support/files.hpp"
#include "core/h5/table.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

namespace fs = std::filesystem;

/// What a file begins with.
struct Head {
    std::string bytes;    ///< its first line, and more; all of a small file
    bool is_all = false;  ///< there is nothing behind them
};

/// Without streams: of a small table, opening it is most of the work. @throws DataError for a pipe
Head head_of(fs::path const& path) {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    Head head;
    if (!file) return head;  // whoever reads it says why

    struct stat info {};

    bool const can_be_read_again =
        ::fstat(file.get(), &info) == 0 && (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode));
    require<DataError>(can_be_read_again,
                       "{} is a pipe or a device, which can be read only once, while tables are read more "
                       "often; write it into a file first",
                       path.string());
    constexpr std::uint64_t most = std::uint64_t{16} << 10U;
    auto const piece = std::min(most, static_cast<std::uint64_t>(info.st_size) + 1);
    for (bool more = true; more;) {
        auto const before = head.bytes.size();
        head.bytes.resize(before + piece);
        auto const got = ::read(file.get(), head.bytes.data() + before, piece);
        head.bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        head.is_all = got >= 0 && static_cast<std::uint64_t>(got) < piece;
        more = got > 0 && !head.is_all && head.bytes.find('\n', before) == std::string::npos;
    }
    return head;
}

char delimiter_of(std::string_view head) {
    auto const line = head.substr(0, head.find('\n'));
    char most = ',';
    for (char const delimiter : {';', '\t'})
        if (std::count(line.begin(), line.end(), delimiter) > std::count(line.begin(), line.end(), most))
            most = delimiter;
    return most;
}

/// A file, and a table in it; without one: a CSV file.
struct TablePlace {
    std::string file;
    std::string inside;
};

/// What stands before the last ":/" is an HDF5 file, unless all of it is the name of a file. Slashes at the
/// end of the path are not part of a name.
TablePlace place_of(std::string const& table) {
    auto const colon = table.rfind(":/");
    std::error_code unknown;
    if (colon == std::string::npos || colon == 0 || fs::exists(table, unknown)) return {table, ""};
    auto const end = table.find_last_not_of('/');
    return {table.substr(0, colon), end <= colon ? "/" : table.substr(colon + 1, end - colon)};
}

/// "a.h5:deaths" is neither a file nor a table in one.
void refuse_path_without_slash(std::string const& table) {
    auto const colon = table.find(':');
    std::error_code unknown;
    if (colon == std::string::npos || colon == 0 || fs::exists(table, unknown)) return;
    auto const file = table.substr(0, colon);
    require<DataError>(!h5::is_hdf5(file),
                       "there is no file {}; the path of a table in the HDF5 file {} begins with '/': {}:/{}",
                       table, file, file, table.substr(colon + 1));
}

/// @throws DataError, IoError for what is not an HDF5 file that can be read
void check_file(TablePlace const& place, std::string const& table) {
    Descriptor const file(::open(place.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    auto const problem = errno;
    require<DataError>(file || problem != ENOENT, "there is no file {} (of the table {})", place.file, table);
    require<IoError>(bool(file), "cannot open {} (of the table {}): {}", place.file, table,
                     system_reason(problem));
    require<DataError>(h5::is_hdf5(place.file), "{} is not an HDF5 file, so it has no table {}", place.file,
                       place.inside);
}

bool is_study(std::string const& file) {
    return h5::root_text(file, "filetype") == "vaster-study";
}

/// Do all rows of this table of a study mean something once all of its experiments have their results?
bool is_read_of_study(std::string const& inside) {
    return inside == "/records" || inside.starts_with("/arrays/") || inside.starts_with("/inputs/");
}

std::vector<std::string> tables_to_read(std::string const& file) {
    auto tables = h5::tables_in(file);
    if (is_study(file))
        std::erase_if(tables, [](std::string const& inside) { return !is_read_of_study(inside); });
    return tables;
}

void refuse_no_table_named(std::string const& file) {
    auto const tables = tables_to_read(file);
    throw DataError(fmt::format("{0} is an HDF5 file: say which table in it, such as {0}:{1}; {2}", file,
                                tables.empty() ? "/NAME" : tables.front(), h5::words_for(tables)));
}

/// A study file has room for rows that nobody has computed yet. Its records, arrays and inputs mean something
/// in each row once every experiment is done.
void check_study(TablePlace const& place) {
    auto const export_instead = fmt::format("'vaster export {} --csv' writes what there is", place.file);
    if (place.inside.starts_with("/inputs/")) return;
    require<DataError>(is_read_of_study(place.inside),
                       "{}:{}: some rows of this table of a study may mean nothing; tables are read from "
                       "/records, /arrays/NAME and /inputs/NAME; {}",
                       place.file, place.inside, export_instead);
    h5::Table const records(place.file, "/records");
    auto const& columns = records.columns();
    auto const status =
        static_cast<std::size_t>(std::find(columns.begin(), columns.end(), "status") - columns.begin());
    std::uint64_t done = 0;
    h5::CellTexts cells;
    constexpr std::uint64_t block = 1000;
    for (std::uint64_t first = 0; first < records.n_rows() && status < columns.size(); first += block) {
        auto const count = std::min(block, records.n_rows() - first);
        records.read(first, count, cells);
        for (std::size_t row = 0; row < count; ++row)
            done += cells[row * columns.size() + status] == "done" ? 1 : 0;
    }
    require<DataError>(
        done == records.n_rows(),
        "{}: {} of {} experiments of this study have no result, and their rows mean nothing; {}", place.file,
        records.n_rows() - done, records.n_rows(), export_instead);
}

}  // namespace

/// Rows of an HDF5 table, some at a time.
struct TableReader::Blocks {
    Blocks(std::string whole_name, TablePlace const& place)
        : name(std::move(whole_name)), table(place.file, place.inside) {
        auto names = table.columns();
        std::sort(names.begin(), names.end());
        auto const twice = std::adjacent_find(names.begin(), names.end());
        require<DataError>(twice == names.end(), "{}: two columns have the name '{}'", name,
                           twice == names.end() ? "" : *twice);
        constexpr std::uint64_t most_rows = 10'000;
        constexpr std::uint64_t most_bytes = std::uint64_t{8} << 20U;
        auto const row_bytes = std::max<std::uint64_t>(table.row_bytes(), 1);
        rows_of_block = std::clamp<std::uint64_t>(most_bytes / row_bytes, 1, most_rows);
        cells.resize(names.size());
    }

    bool next() {
        ++row;
        if (row == end) {
            auto const count = std::min(rows_of_block, table.n_rows() - end);
            if (count == 0) return false;
            begin = end;
            end += count;
            table.read(begin, count, block);
        }
        std::size_t const first = (row - begin) * cells.size();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            cells[i] = block[first + i];
            require<DataError>(csv::first_bad_utf8(cells[i]) == std::string_view::npos,
                               "{}: row {}, column {} ({}) is not UTF-8", name, row, i + 1,
                               table.columns()[i]);
        }
        return true;
    }

    std::string name;
    h5::Table table;
    std::uint64_t rows_of_block = 1;
    std::uint64_t begin = 0;  ///< of the block in memory
    std::uint64_t end = 0;
    std::uint64_t row = ~std::uint64_t{0};
    h5::CellTexts block;
    std::vector<std::string_view> cells;
};

fs::path file_of_table(fs::path const& table) {
    return place_of(table.string()).file;
}

TableReader::TableReader(fs::path const& table) {
    auto const place = place_of(table.string());
    if (place.inside.empty()) {
        refuse_path_without_slash(place.file);
        auto head = head_of(place.file);
        bool const is_text = head.bytes.find('\0') == std::string::npos && !head.bytes.starts_with('\x89');
        if (!is_text && h5::is_hdf5(place.file)) refuse_no_table_named(place.file);
        csv::CsvOptions const options{.delimiter = delimiter_of(head.bytes), .no_rows = csv::NoRows::accept};
        if (!head.is_all) {
            csv_.emplace(table, options);
        } else {
            text_ = std::make_unique<std::string>(std::move(head.bytes));
            csv_.emplace(csv::CsvReader::from_text(*text_, table.string(), options));
        }
        return;
    }
    check_file(place, table.string());
    bool const of_study = is_study(place.file);
    if (of_study && !h5::has_object(place.file, place.inside))
        throw DataError(fmt::format("{}: there is no '{}' in this study; {}", place.file, place.inside,
                                    h5::words_for(tables_to_read(place.file))));
    if (of_study) check_study(place);
    blocks_ = std::make_unique<Blocks>(table.string(), place);
}

TableReader::~TableReader() = default;
TableReader::TableReader(TableReader&&) noexcept = default;
TableReader& TableReader::operator=(TableReader&&) noexcept = default;

std::string const& TableReader::name() const noexcept {
    return csv_ ? csv_->name() : blocks_->name;
}

std::span<std::string const> TableReader::header() const noexcept {
    return csv_ ? csv_->header() : blocks_->table.columns();
}

std::size_t TableReader::position(std::string_view column, std::string_view purpose) const {
    if (csv_) return csv_->position(column, purpose);
    auto const& columns = blocks_->table.columns();
    auto const place = std::find(columns.begin(), columns.end(), column);
    if (place != columns.end()) return static_cast<std::size_t>(place - columns.begin());
    throw DataError(fmt::format("{}: {}", name(), csv::no_such_column(column, purpose, columns)));
}

bool TableReader::next() {
    return csv_ ? csv_->next() : blocks_->next();
}

std::span<std::string_view const> TableReader::cells() const noexcept {
    if (csv_) return csv_->cells();
    return blocks_->cells;
}

std::string TableReader::where() const {
    return csv_ ? fmt::format("{}: line {}", name(), csv_->line())
                : fmt::format("{}: row {}", name(), blocks_->row);
}

std::string TableReader::where(std::size_t column) const {
    return csv_ ? csv_->where(column)
                : fmt::format("{}, column {} ({})", where(), column + 1, header()[column]);
}

std::vector<std::size_t> positions_of(TableReader const& table, std::vector<std::string> const& names,
                                      std::string_view purpose) {
    std::vector<std::size_t> positions;
    positions.reserve(names.size());
    for (auto const& name : names) {
        auto const position = table.position(name, purpose);
        bool const again = std::find(positions.begin(), positions.end(), position) != positions.end();
        require<DataError>(!again, "column '{}' is given twice ({})", name, purpose);
        positions.push_back(position);
    }
    return positions;
}

std::vector<std::string> cells_at(TableReader const& table, std::vector<std::size_t> const& positions) {
    std::vector<std::string> cells;
    cells.reserve(positions.size());
    for (auto const position : positions) cells.emplace_back(table.cells()[position]);
    return cells;
}

}  // namespace vaster::service
