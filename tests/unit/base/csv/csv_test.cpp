#include "base/csv/csv.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "base/support/hash.hpp"
#include "test_files.hpp"
#include "vaster/support/errors.hpp"

using namespace std::string_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using vaster::DataError;
using vaster::IoError;
using vaster::csv::CsvOptions;
using vaster::csv::CsvReader;
using vaster::test::error_of;
using vaster::test::TemporaryFile;

namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t large_row = std::size_t{64} << 20U;

/// Header and rows.
Rows read_all(CsvReader reader) {
    Rows rows{{reader.header().begin(), reader.header().end()}};
    while (reader.next()) rows.emplace_back(reader.cells().begin(), reader.cells().end());
    return rows;
}

/// Reads with chunks of several sizes, so that every byte comes to be the first and the last of a chunk.
Rows read_text(std::string const& text) {
    Rows const rows = read_all(CsvReader::from_text(text, "t.csv"));
    for (std::size_t const chunk : {1, 2, 3, 5, 8}) {
        CHECK(read_all(CsvReader::from_text(text, "t.csv", {large_row, chunk})) == rows);
    }
    return rows;
}

std::string error_in(std::string const& text, std::size_t max_row_bytes = large_row) {
    auto const read = [&](std::size_t chunk) {
        return error_of<DataError>([&] {
            read_all(CsvReader::from_text(text, "t.csv", {max_row_bytes, chunk}));
        });
    };
    std::string const error = read(1 << 18);
    for (std::size_t const chunk : {1, 2, 3, 5, 8}) CHECK(read(chunk) == error);
    return error;
}

}  // namespace

TEST_CASE("a plain table is read", "[table][csv]") {
    CHECK(read_text("a,b\n1,2\n3,4\n") == Rows{{"a", "b"}, {"1", "2"}, {"3", "4"}});
    CHECK(read_text("a,b\n,\n") == Rows{{"a", "b"}, {"", ""}});
    CHECK(read_text("a\nx\n") == Rows{{"a"}, {"x"}});
}

TEST_CASE("the last line may lack its line end", "[table][csv]") {
    CHECK(read_text("a,b\n1,2") == Rows{{"a", "b"}, {"1", "2"}});
    CHECK(read_text("a,b\n1,") == Rows{{"a", "b"}, {"1", ""}});
    CHECK(read_text("a,b\n1,\"2\"") == Rows{{"a", "b"}, {"1", "2"}});
}

TEST_CASE("a byte order mark and CRLF line ends are taken away", "[table][csv]") {
    CHECK(read_text("\xEF\xBB\xBF"
                    "a,b\r\n1,2\r\n\"x\",\r\n") == Rows{{"a", "b"}, {"1", "2"}, {"x", ""}});
    CHECK(read_text("\xEF\xBB\xBF\"a\",b\n1,2\n") == Rows{{"a", "b"}, {"1", "2"}});
}

TEST_CASE("in releases a quote inside a cell need not be doubled, and is counted", "[table][csv]") {
    auto reader = CsvReader::from_text(
        "a,b\n\"x \"y\" z\",1\n\"the \"end\"\",2\n\"all \"\"good\"\"\",3\n\"\",4\n\"last \"", "t.csv",
        {.quotes = vaster::csv::Quotes::release});
    std::vector<std::string> cells;
    for (int row = 0; row < 4; ++row) {
        REQUIRE(reader.next());
        cells.emplace_back(reader.cells()[0]);
        CHECK(reader.cells()[1] == std::to_string(row + 1));
    }
    CHECK(cells == std::vector<std::string>{"x \"y\" z", "the \"end\"", "all \"good\"", ""});
    CHECK(reader.stray_quotes().count == 2);
    CHECK(reader.stray_quotes().first_line == 2);
}

TEST_CASE("bytes that are not UTF-8 can be passed over, and asked for by column", "[table][csv]") {
    auto reader = CsvReader::from_text("a,b\ncaf\xE9,1\n", "t.csv", {.bytes = vaster::csv::Bytes::any});
    REQUIRE(reader.next());
    CHECK(error_of<DataError>([&] { reader.refuse_bad_text(0); }) ==
          "t.csv: line 2, column 1 (a): byte 0xE9 is not UTF-8; convert the file, for example with iconv -f "
          "LATIN1 -t UTF-8");
    CHECK_NOTHROW(reader.refuse_bad_text(1));
}

TEST_CASE("quoted cells may hold commas, line ends and doubled quotes", "[table][csv]") {
    CHECK(read_text("a,b\n\"x,y\",\"p\nq\r\nr\"\n\"\"\"\",\"say \"\"no\"\"\"\n\"\",5\" pipe\n") ==
          Rows{{"a", "b"}, {"x,y", "p\nq\r\nr"}, {"\"", "say \"no\""}, {"", "5\" pipe"}});
    CHECK(read_text("\"a\nb\",c\n1,2\n") == Rows{{"a\nb", "c"}, {"1", "2"}});
}

TEST_CASE("empty lines are passed over, but are cells where there is one column", "[table][csv]") {
    CHECK(read_text("\na,b\n\n1,2\n\r\n\n3,4\n\n") == Rows{{"a", "b"}, {"1", "2"}, {"3", "4"}});
    CHECK(read_text("a\n1\n\n2\n") == Rows{{"a"}, {"1"}, {""}, {"2"}});
}

TEST_CASE("UTF-8 beyond ASCII is kept", "[table][csv]") {
    CHECK(read_text("größe,ñ\n日本,🙂\n") == Rows{{"größe", "ñ"}, {"日本", "🙂"}});
}

TEST_CASE("rows know their number and their line", "[table][csv]") {
    std::string const text = "a,b\n1,2\n\n\"x\ny\",3\n5,6\n";
    auto reader = CsvReader::from_text(text, "t.csv");
    std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;
    while (reader.next()) seen.emplace_back(reader.row(), reader.line());
    CHECK(seen == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 2}, {1, 4}, {2, 6}});
    CHECK(reader.content_hash() == vaster::hash_text(text));
}

TEST_CASE("columns are found by name, and a missing one names those that there are", "[table][csv]") {
    auto const reader = CsvReader::from_text("b,a,c\n1,2,3\n", "t.csv");
    CHECK(reader.find("a") == 1U);
    CHECK_FALSE(reader.find("d"));
    CHECK(reader.position("c", "a test") == 2);
    CHECK(error_of<DataError>([&] { (void)reader.position("site", "the site"); }) ==
          "t.csv: line 1: there is no column 'site', which is needed for the site; the columns are: b, a, c");
}

TEST_CASE("each fault has one error with line and column", "[table][csv]") {
    CHECK(error_in("") == "t.csv: the file is empty; a table with a header line is needed");
    CHECK(error_in("\n\n") == "t.csv: the file is empty; a table with a header line is needed");
    CHECK(error_in("\xEF\xBB\xBF") == "t.csv: the file is empty; a table with a header line is needed");
    CHECK(error_in("a,b\n") == "t.csv: line 2: there are no rows below the header");
    CHECK(error_in("a,b\n1,2\n3\n") ==
          "t.csv: line 3, column 2 (b): the row has 1 cells, the header has 2; look for a missing or an "
          "extra comma or quote");
    CHECK(error_in("a,b\n1,2\n3,4,5,6\n") ==
          "t.csv: line 3, column 3: the row has 4 cells, the header has 2; look for a missing or an extra "
          "comma or quote");
    CHECK(error_in("a,b,a\n1,2,3\n") ==
          "t.csv: line 1, column 3: the column name 'a' was already used in column 1; names must differ");
    CHECK(error_in("a,b\n1,2\n\"x\ny\",\"never\nclosed\n") ==
          "t.csv: line 4, column 2 (b): the quote that opens this cell is never closed");
    CHECK(error_in("a,b\n1,\"x\"y\n") ==
          "t.csv: line 2, column 2 (b): text after a closing quote; a quote inside a quoted cell must be "
          "doubled");
    CHECK(error_in("a,b\n1,2\rx") ==
          "t.csv: line 2, column 2 (b): a carriage return without a line feed; lines end in LF or CRLF");
    CHECK(error_in("a,b\r1,2\r") ==
          "t.csv: line 1, column 2: a carriage return without a line feed; lines end in LF or CRLF");
}

TEST_CASE("binary files and other encodings are refused at the first bad byte", "[table][csv]") {
    std::string const binary =
        "a byte of value 0: a binary file, or text in UTF-16; this must be CSV text in UTF-8";
    CHECK(error_in("a,b\n1,2\n3,x\0y\n"s) == "t.csv: line 3, column 2 (b): " + binary);
    CHECK(error_in("a,b\n\"\n\0\",2\n"s) == "t.csv: line 3, column 1 (a): " + binary);
    CHECK(error_in("\x1F\x8B\x08\0\0\0"s) == "t.csv: line 1, column 1: " + binary);
    CHECK(error_in("\xFF\xFE"
                   "a\0,\0b\0"s) == "t.csv: line 1, column 1: " + binary);
    std::string const latin = " is not UTF-8; convert the file, for example with iconv -f LATIN1 -t UTF-8";
    CHECK(error_in("a,b\n1,2\nx,caf\xE9\n") == "t.csv: line 3, column 2 (b): byte 0xE9" + latin);
    CHECK(error_in("a,b\n\"p\nq\xFC\",2\n") == "t.csv: line 3, column 1 (a): byte 0xFC" + latin);
    CHECK(error_in("a,\xE9\n1,2\n") == "t.csv: line 1, column 2: byte 0xE9" + latin);
}

TEST_CASE("a row beyond the limit is refused without being read to its end", "[table][csv]") {
    std::string const long_row = "a,b\n1," + std::string(200, 'x') + "\n";
    CHECK_THAT(error_of<DataError>([&] {
                   read_all(CsvReader::from_text(long_row, "t.csv", {100, 1 << 18}));
               }),
               Catch::StartsWith("t.csv: line 2, column 1 (a): this row is longer than 100 bytes"));
    CHECK_THAT(error_of<DataError>([&] {
                   read_all(CsvReader::from_text(long_row, "t.csv", {100, 16}));
               }),
               Catch::StartsWith(
                   "t.csv: line 2, column 2 (b): the row that begins on line 2 is longer than 100 bytes"));
#ifndef VASTER_SANITIZED
    std::string const open_quote = "a,b\n1,\"" + std::string(std::size_t{32} << 20U, 'x');
    auto const growth = vaster::test::peak_growth([&] {
        (void)error_of<DataError>([&] {
            read_all(CsvReader::from_text(open_quote, "t.csv", {1 << 12, 1 << 10}));
        });
    });
    CHECK(growth < std::size_t{4} << 20U);
#endif
}

TEST_CASE("a file that cannot be read is an I/O error", "[table][csv]") {
    CHECK(error_of<IoError>([] { CsvReader("/nonexistent/x.csv"); }) ==
          "cannot open '/nonexistent/x.csv': No such file or directory");
    CHECK(error_of<IoError>([] { CsvReader("/"); }) == "cannot read '/': Is a directory");
}

TEST_CASE("a million columns are read", "[table][csv]") {
    constexpr std::size_t n_columns = 1'000'000;
    std::string header;
    std::string row;
    for (std::size_t j = 0; j < n_columns; ++j) {
        header += fmt::format("{}c{}", j == 0 ? "" : ",", j);
        row += j == 0 ? "0" : ",1";
    }
    auto reader = CsvReader::from_text(header, "t.csv");
    CHECK(reader.header().size() == n_columns);
    CHECK(reader.find("c999999") == n_columns - 1);

    std::string const whole = header + "\n" + row + "\n" + row + "\n";
    TemporaryFile const file(whole);
    CsvReader from_file(file.path());
    std::size_t n_rows = 0;
    while (from_file.next()) {
        ++n_rows;
        REQUIRE(from_file.cells().size() == n_columns);
        CHECK(from_file.cells().front() == "0");
        CHECK(from_file.cells().back() == "1");
    }
    CHECK(n_rows == 2);
    CHECK(from_file.content_hash() == vaster::hash_text(whole));

    CHECK(error_of<DataError>(
              [&] { read_all(CsvReader::from_text(header + ",c7\n" + row + "\n", "t.csv")); }) ==
          "t.csv: line 1, column 1000001: the column name 'c7' was already used in column 8; names must "
          "differ");
    CHECK(
        error_of<DataError>([&] { read_all(CsvReader::from_text(header + "\n" + row + ",1\n", "t.csv")); }) ==
        "t.csv: line 2, column 1000001: the row has 1000001 cells, the header has 1000000; look for a "
        "missing or an extra "
        "comma or quote");
}

TEST_CASE("memory does not grow with the file", "[table][csv]") {
#ifdef VASTER_SANITIZED
    WARN("memory is not measured under sanitizers");
    return;
#endif
    TemporaryFile const file;
    {
        std::ofstream out(file.path(), std::ios::binary);
        out << "a,b,c\n";
        std::string const line = fmt::format("{:x<300},\"{:y<200}\"\"\",zzz\n", "", "");
        for (int i = 0; i < 100'000; ++i) out << line;
    }
    REQUIRE(std::filesystem::file_size(file.path()) > 50'000'000);
    auto const growth = vaster::test::peak_growth([&] {
        CsvReader reader(file.path());
        while (reader.next()) {
        }
    });
    CHECK(growth < 2'000'000);
}

TEST_CASE("a first line that tells Excel what parts the cells is named as that", "[table][csv]") {
    auto const error = [](std::string const& text, char delimiter) {
        return error_of<DataError>(
            [&] { (void)CsvReader::from_text(text, "t.csv", {.delimiter = delimiter}); });
    };
    for (std::string const line : {"sep=,", "sep=;", "SEP=;", "\"sep=,\"", "\xEF\xBB\xBFsep=,", "sep=\t"})
        for (char const delimiter : {',', ';', '\t'}) {
            INFO(line << " by " << delimiter);
            CHECK_THAT(error(line + "\r\nsite,cause,a\r\nA,x,1\r\n", delimiter),
                       StartsWith("t.csv: line 1: '") && Contains("tells Excel what parts the cells"));
        }
    for (std::string const header : {"sep=,a", "sep=long", "a,sep=", "septum"})
        CHECK_NOTHROW((void)CsvReader::from_text(header + "\n1,2\n", "t.csv"));
}

namespace {

using Numbered = std::vector<std::pair<std::uint64_t, std::vector<std::string>>>;

/// Rows with the lines on which they begin.
Numbered numbered_rows(CsvReader reader) {
    Numbered rows;
    while (reader.next())
        rows.emplace_back(reader.line(),
                          std::vector<std::string>(reader.cells().begin(), reader.cells().end()));
    return rows;
}

}  // namespace

TEST_CASE("a table can be read in pieces that begin at any of its rows", "[table][csv]") {
    std::string const text =
        "\xEF\xBB\xBFid,\"say\"\r\n1,\"two\r\nlines\"\r\n\r\n2,\"a \"\"word\"\"\"\n\n3,ok\n4,last";
    Numbered const whole = numbered_rows(CsvReader::from_text(text, "t.csv"));
    REQUIRE(whole.size() == 4);
    for (std::size_t const length : {1U, 2U, 3U, 4U}) {
        Numbered pieces;
        CsvReader scan = CsvReader::from_text(text, "t.csv", {.chunk_bytes = 5});
        std::vector<std::string> const header(scan.header().begin(), scan.header().end());
        for (bool more = true; more;) {
            std::uint64_t const begin = scan.offset();
            vaster::csv::RowsAt const at{pieces.size(), scan.next_line()};
            for (std::size_t i = 0; i < length && more; ++i) more = scan.next();
            auto const piece = std::string_view(text).substr(begin, scan.offset() - begin);
            for (auto& row : numbered_rows(CsvReader::from_rows(piece, "t.csv", header, at)))
                pieces.push_back(std::move(row));
        }
        CHECK(pieces == whole);
    }
}

TEST_CASE("errors in a piece of a table have the line and the column of the whole", "[table][csv]") {
    auto reader = CsvReader::from_rows("x,1\ny\n", "t.csv", {"a", "b"}, {10, 12});
    REQUIRE(reader.next());
    CHECK(reader.row() == 10);
    CHECK(reader.where(1) == "t.csv: line 12, column 2 (b)");
    CHECK_THAT(error_of<DataError>([&] { (void)reader.next(); }), StartsWith("t.csv: line 13, column 2 (b)"));
}

TEST_CASE("a table without rows is read where that is allowed", "[table][csv]") {
    auto reader = CsvReader::from_text("a,b\n", "t.csv", {.no_rows = vaster::csv::NoRows::accept});
    CHECK_FALSE(reader.next());
}
