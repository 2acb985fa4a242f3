// Operations on tables in HDF5 files: the same as on a CSV file with the same cells.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../temporary_folder.hpp"
#include "core/h5/array.hpp"
#include "core/h5/attributes.hpp"
#include "core/h5/dataset.hpp"
#include "core/h5/file.hpp"
#include "domains/service/tables/histogram.hpp"
#include "domains/service/tables/rows.hpp"
#include "domains/service/tables/sample.hpp"
#include "domains/service/tables/table_reader.hpp"
#include "domains/service/tables/write.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::service;

namespace fs = std::filesystem;

namespace {

constexpr std::size_t n_rows = 25'000;  // more than two blocks

double age(std::size_t row) {
    return static_cast<double>(row % 97) / 8;
}

template <class T>
void write_column(h5::File const& file, std::string const& path, h5::Scalar type,
                  std::vector<T> const& values) {
    (void)h5::write_array(file, path, {"", type}, {values.size()}, std::as_bytes(std::span(values)));
}

/// The same rows in two files: a dataset a column, and CSV.
struct TwoTables {
    TwoTables() {
        std::vector<double> ages;
        std::vector<std::int64_t> sites;
        std::string text = "age,site\n";
        for (std::size_t row = 0; row < n_rows; ++row) {
            ages.push_back(age(row));
            sites.push_back(static_cast<std::int64_t>(row % 3));
            text += fmt::format("{},{}\n", ages.back(), sites.back());
        }
        auto const file = h5::create_file(folder.path() / "a.h5", 512);
        write_column(file, "/deaths/age", h5::Scalar::float64, ages);
        write_column(file, "/deaths/site", h5::Scalar::int64, sites);
        csv = folder.file("a.csv", text);
    }

    testing::TemporaryFolder folder;
    fs::path hdf5 = folder.path() / "a.h5:/deaths";
    fs::path csv;
};

template <class Write>
std::string text_of(Write write) {
    std::ostringstream out;
    write(out);
    return std::move(out).str();
}

std::string problem(fs::path const& table) {
    try {
        TableReader const reader(table);
        return "none";
    } catch (Error const& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("every operation makes the same of an HDF5 table as of a CSV file", "[tables][hdf5]") {
    TwoTables const tables;
    auto const both = [&](auto operation) {
        auto const of_hdf5 = text_of([&](std::ostream& out) { operation(tables.hdf5, out); });
        CHECK(of_hdf5.size() > 20);
        CHECK((of_hdf5 == text_of([&](std::ostream& out) { operation(tables.csv, out); })));
    };
    both([](fs::path const& path, std::ostream& out) { write_description(path, {{}, {"site"}}, out); });
    both([](fs::path const& path, std::ostream& out) { (void)filter_rows(path, "age > 11", out); });
    both([](fs::path const& path, std::ostream& out) { (void)add_columns(path, {{"b", "age * 2"}}, out); });
    both([](fs::path const& path, std::ostream& out) {
        write_fold(path, {"age", Fold::sum, {"site"}}, out);
    });
    both([](fs::path const& path, std::ostream& out) { write_histogram(path, {"age", 7}, out); });
    both([](fs::path const& path, std::ostream& out) { (void)sample_rows(path, {{}, 99, 3}, out); });
}

TEST_CASE("messages name the row of an HDF5 table, and the nearest column", "[tables][hdf5]") {
    TwoTables const tables;
    TableReader reader(tables.hdf5);
    for (int row = 0; row < 12'345; ++row) REQUIRE(reader.next());
    CHECK(reader.where(1) == tables.hdf5.string() + ": row 12344, column 2 (site)");
    CHECK_THROWS_WITH(reader.position("sites", "groups"),
                      Catch::Contains("a.h5:/deaths: ") && Catch::Contains("'site'"));
    CHECK(file_of_table(tables.hdf5) == tables.folder.path() / "a.h5");
    CHECK(file_of_table(tables.csv) == tables.csv);
}

TEST_CASE("an HDF5 file without the name of a table, or with a wrong one, is refused with those that it has",
          "[tables][hdf5]") {
    TwoTables const tables;
    auto const file = (tables.folder.path() / "a.h5").string();
    CHECK_THAT(problem(file), Catch::Contains("say which table in it, such as " + file + ":/deaths/age"));
    CHECK_THAT(problem(file + ":/site"), Catch::Contains("there are: /deaths/age /deaths/site"));
    CHECK_THAT(problem(tables.csv.string() + ":/deaths"), Catch::Contains("is not an HDF5 file"));
    CHECK_THAT(problem("none.h5:/deaths"), Catch::Contains("there is no file none.h5"));
    CHECK(problem(file + ":deaths") == "there is no file " + file +
                                           ":deaths; the path of a table in the HDF5 file " + file +
                                           " begins with '/': " + file + ":/deaths");
    CHECK(problem(file + ":/deaths/") == "none");
    CHECK_THAT(problem(file + ":/"), Catch::Contains("'/' is a group, and 'deaths' in it is not a dataset") &&
                                         Catch::Contains("there are: /deaths/age /deaths/site"));
    auto const odd = tables.folder.file("odd:name.csv", "age\n1\n");
    CHECK(problem(odd) == "none");
}

TEST_CASE("a table of a study is read once each experiment has its result", "[tables][hdf5]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "study.h5";
    for (std::uint8_t const last : std::array<std::uint8_t, 2>{1, 2}) {
        {
            auto const file = h5::create_file(path, 512);
            h5::write_attribute(h5::open_object(file, "/"), "filetype", std::string("vaster-study"));
            std::vector<h5::EnumName> const names{{"pending", 0}, {"running", 1}, {"done", 2}};
            h5::RecordType const record{
                {{"accuracy", h5::Scalar::float64, 0, 0}, {"status", h5::Scalar::uint8, 0, 8, names}}, 16};
            std::vector<std::byte> blank(record.size);
            auto const rows = h5::Dataset::create(file, "/records", record, {2}, blank);
            std::vector<std::byte> both(2 * record.size);
            double const accuracy = 0.25;
            std::memcpy(both.data(), &accuracy, sizeof accuracy);
            both[8] = std::byte{2};
            both[record.size + 8] = std::byte{last};
            rows.write_rows(0, both);
            h5::create_group(file, "/plan");
        }
        auto const found = problem(path.string() + ":/records");
        if (last == 2)
            CHECK(found == "none");
        else
            CHECK_THAT(found, Catch::Contains("1 of 2 experiments of this study have no result") &&
                                  Catch::Contains("vaster export"));
        CHECK_THAT(problem(path.string() + ":/plan"), Catch::Contains("may mean nothing"));
    }
}

TEST_CASE("a table that a study does not have is named as such, with those that can be read",
          "[tables][hdf5]") {
    testing::TemporaryFolder const folder;
    auto const path = (folder.path() / "study.h5").string();
    {
        auto const file = h5::create_file(path, 512);
        h5::write_attribute(h5::open_object(file, "/"), "filetype", std::string("vaster-study"));
        write_column<double>(file, "/attempts", h5::Scalar::float64, {1});
        write_column<double>(file, "/inputs/deaths", h5::Scalar::float64, {1, 2});
    }
    CHECK(problem(path + ":/nothing") ==
          path + ": there is no '/nothing' in this study; there are: /inputs/deaths");
    CHECK_THAT(problem(path + ":/inputs/nothing"), Catch::Contains("there is no '/inputs/nothing'"));
    CHECK_THAT(problem(path + ":/attempts"), Catch::Contains("may mean nothing"));
    CHECK(problem(path) == path + " is an HDF5 file: say which table in it, such as " + path +
                               ":/inputs/deaths; there are: /inputs/deaths");
    CHECK(problem(path + ":/inputs/deaths") == "none");
}
