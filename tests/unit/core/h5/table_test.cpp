#include "core/h5/table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <hdf5.h>

#include "../../temporary_folder.hpp"
#include "core/h5/file.hpp"
#include "core/h5/handle.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::h5;

namespace fs = std::filesystem;

namespace {

/// A dataset of one dimension as any program may write it.
void write(File const& file, std::string const& path, hid_t type, hid_t in_memory, hsize_t n,
           void const* values) {
    PropertyList const links(H5Pcreate(H5P_LINK_CREATE));
    H5Pset_create_intermediate_group(links.get(), 1);
    Space const space(H5Screate_simple(1, &n, nullptr));
    DatasetId const dataset(
        H5Dcreate2(file.get(), path.c_str(), type, space.get(), links.get(), H5P_DEFAULT, H5P_DEFAULT));
    REQUIRE(H5Dwrite(dataset.get(), in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
}

/// What h5py makes of bool.
Type truth() {
    Type type(H5Tenum_create(H5T_STD_I8LE));
    std::int8_t value = 0;
    H5Tenum_insert(type.get(), "FALSE", &value);
    value = 1;
    H5Tenum_insert(type.get(), "TRUE", &value);
    return type;
}

Type free_text() {
    Type type(H5Tcopy(H5T_C_S1));
    H5Tset_size(type.get(), H5T_VARIABLE);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    return type;
}

Type blank_padded(std::size_t width) {
    Type type(H5Tcopy(H5T_FORTRAN_S1));
    H5Tset_size(type.get(), width);
    return type;
}

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(Table const& table, std::uint64_t at_once) {
    Rows rows;
    CellTexts cells;
    for (std::uint64_t first = 0; first < table.n_rows(); first += at_once) {
        auto const count = std::min(at_once, table.n_rows() - first);
        table.read(first, count, cells);
        REQUIRE(cells.size() == count * table.columns().size());
        for (std::size_t row = 0; row < count; ++row) {
            auto& one = rows.emplace_back();
            for (std::size_t i = 0; i < table.columns().size(); ++i)
                one.emplace_back(cells[row * table.columns().size() + i]);
        }
    }
    return rows;
}

struct Person {
    double age;
    float weight;
    std::int16_t height;
    std::uint64_t number;
    std::int8_t alive;
    char const* name;
    std::array<char, 4> site;
};

void write_people(File const& file, std::string const& path) {
    double const nan = std::numeric_limits<double>::quiet_NaN();
    double const infinite = std::numeric_limits<double>::infinity();
    std::array<Person, 3> const people{
        {{0.1, 0.1F, -3, 18446744073709551615U, 1, "Anna, \"A\"", {'A', 'P', ' ', ' '}},
         {nan, 2.5F, 7, 0, 0, "", {'U', 'P', 'X', 'Y'}},
         {-infinite, 0, 0, 9007199254740993U, 1, "Zoë", {' ', 'B', ' ', ' '}}}};
    auto const is_alive = truth();
    auto const name = free_text();
    auto const site = blank_padded(4);
    // In the file half of them are big-endian; in memory they are this machine's.
    Type const in_file(H5Tcreate(H5T_COMPOUND, 8 + 4 + 2 + 8 + 1 + 16 + 4));
    Type const in_memory(H5Tcreate(H5T_COMPOUND, sizeof(Person)));
    std::size_t place = 0;
    auto const add = [&](char const* column, hid_t stored, hid_t held, std::size_t offset) {
        REQUIRE(H5Tinsert(in_file.get(), column, place, stored) >= 0);
        place += H5Tget_size(stored);
        REQUIRE(H5Tinsert(in_memory.get(), column, offset, held) >= 0);
    };
    add("age", H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, offsetof(Person, age));
    add("weight", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, offsetof(Person, weight));
    add("height", H5T_STD_I16BE, H5T_NATIVE_INT16, offsetof(Person, height));
    add("number", H5T_STD_U64LE, H5T_NATIVE_UINT64, offsetof(Person, number));
    add("alive", is_alive.get(), is_alive.get(), offsetof(Person, alive));
    add("name", name.get(), name.get(), offsetof(Person, name));
    add("site", site.get(), site.get(), offsetof(Person, site));
    write(file, path, in_file.get(), in_memory.get(), people.size(), people.data());
}

std::string problem(fs::path const& file, std::string const& path) {
    try {
        Table const table(file, path);
        return "none";
    } catch (DataError const& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("records of any HDF5 program are read as texts, however many rows at a time", "[h5][table]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "people.h5";
    write_people(create_file(path, 512), "/study/people");
    Table const table(path, "/study/people");
    CHECK(table.columns() ==
          std::vector<std::string>{"age", "weight", "height", "number", "alive", "name", "site"});
    REQUIRE(table.n_rows() == 3);
    // The double next to 0.1F is 0.10000000149011612: printed by Python as float(numpy.float32(0.1)).
    Rows const expected{
        {"0.1", "0.10000000149011612", "-3", "18446744073709551615", "1", "Anna, \"A\"", "AP"},
        {"", "2.5", "7", "0", "0", "", "UPXY"},
        {"-inf", "0", "0", "9007199254740993", "1", "Zoë", " B"}};
    for (std::uint64_t const at_once : {1U, 2U, 3U, 100U}) CHECK(rows_of(table, at_once) == expected);
    CHECK(is_hdf5(path));
    CHECK_FALSE(is_hdf5(folder.file("text.csv", "age\n1\n")));
}

TEST_CASE("a group of datasets of one length is a table with a column each", "[h5][table]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "columns.h5";
    {
        auto const file = create_file(path, 512);
        std::vector<std::int32_t> const ages{3, 1, 2};
        std::vector<char const*> const sites{"AP", "", "UP"};
        Type color(H5Tenum_create(H5T_STD_U8LE));
        for (std::uint8_t value : std::array<std::uint8_t, 2>{2, 5})
            H5Tenum_insert(color.get(), value == 2 ? "red" : "blue", &value);
        std::vector<std::uint8_t> const colors{5, 2, 2};
        auto const text = free_text();
        write(file, "/deaths/site", text.get(), text.get(), 3, sites.data());
        write(file, "/deaths/age", H5T_STD_I32LE, H5T_NATIVE_INT32, 3, ages.data());
        write(file, "/deaths/color", color.get(), color.get(), 3, colors.data());
        write(file, "/uneven/a", H5T_STD_I32LE, H5T_NATIVE_INT32, 3, ages.data());
        write(file, "/uneven/b", H5T_STD_I32LE, H5T_NATIVE_INT32, 2, ages.data());
    }
    Table const table(path, "/deaths");
    CHECK(table.columns() == std::vector<std::string>{"age", "color", "site"});
    CHECK(rows_of(table, 2) == Rows{{"3", "blue", "AP"}, {"1", "red", ""}, {"2", "red", "UP"}});
    Table const one(path, "/deaths/age");
    CHECK(one.columns() == std::vector<std::string>{"age"});
    CHECK(rows_of(one, 10) == Rows{{"3"}, {"1"}, {"2"}});

    CHECK_THAT(problem(path, "/uneven"), Catch::Contains("'a' has 3 rows, 'b' 2"));
    CHECK_THAT(problem(path, "/"), Catch::Contains("'deaths' in it is not a dataset"));
    CHECK_THAT(problem(path, "/death"),
               Catch::Contains("there is no '/death'; there are: /deaths/age /deaths/color /deaths/site"));
    CHECK_THAT(problem(folder.file("no.h5", "text"), "/x"), Catch::Contains("no.h5"));
}

TEST_CASE("what has no text as a cell is refused with the name of its column", "[h5][table]") {
    testing::TemporaryFolder const folder;
    auto const path = folder.path() / "odd.h5";
    std::vector<double> const numbers(6);
    {
        auto const file = create_file(path, 512);
        hsize_t const three = 3;
        Type const array(H5Tarray_create2(H5T_IEEE_F64LE, 1, &three));
        Type const record(H5Tcreate(H5T_COMPOUND, 24));
        H5Tinsert(record.get(), "values", 0, array.get());
        write(file, "/arrays", record.get(), record.get(), 2, numbers.data());
        std::array<hsize_t, 2> const shape{2, 3};
        Space const space(H5Screate_simple(2, shape.data(), nullptr));
        DatasetId const matrix(H5Dcreate2(file.get(), "/matrix", H5T_IEEE_F64LE, space.get(), H5P_DEFAULT,
                                          H5P_DEFAULT, H5P_DEFAULT));
        REQUIRE(bool(matrix));
    }
    CHECK_THAT(problem(path, "/arrays"), Catch::Contains("column 'values' has arrays, which are not read"));
    CHECK_THAT(problem(path, "/matrix"), Catch::Contains("'/matrix' has 2 dimensions (must have 1"));
    CHECK(tables_in(path) == std::vector<std::string>{"/arrays"});
}
