#include <csignal>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <hdf5.h>
#include <sys/resource.h>

#include "../store/example.hpp"
#include "core/h5/attributes.hpp"
#include "core/h5/dataset.hpp"
#include "core/h5/file.hpp"
#include "core/h5/types.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::h5;

namespace {

RecordType const& record() {
    static RecordType const type{{{"a", Scalar::int64, 0, 0},
                                  {"b", Scalar::float64, 0, 8},
                                  {"c", Scalar::text, 5, 16},
                                  {"d", Scalar::uint8, 0, 22},
                                  {"e", Scalar::uint32, 0, 24}},
                                 32};
    return type;
}

std::vector<std::byte> pattern(std::size_t n, unsigned seed) {
    std::vector<std::byte> bytes(n);
    for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>(i * 7 + seed);
    return bytes;
}

}  // namespace

TEST_CASE("record types come back from HDF5 as they were", "[h5]") {
    auto const again = describe_type(make_type(record()));
    REQUIRE(again.size == record().size);
    REQUIRE(again.fields.size() == record().fields.size());
    for (std::size_t i = 0; i < again.fields.size(); ++i) {
        CHECK(again.fields[i].name == record().fields[i].name);
        CHECK(again.fields[i].type == record().fields[i].type);
        CHECK(again.fields[i].offset == record().fields[i].offset);
        CHECK(size_of(again.fields[i]) == size_of(record().fields[i]));
    }
    CHECK(again.find("c") == 2);
    CHECK_THROWS_AS(again.find("z"), DataError);
    for (auto const scalar : {Scalar::uint8, Scalar::uint16, Scalar::uint32, Scalar::uint64, Scalar::int32,
                              Scalar::int64, Scalar::float32, Scalar::float64})
        CHECK(describe_type(make_type({{{"", scalar}}, 8})).fields.front().type == scalar);
}

TEST_CASE("attributes come back as they were, whatever their length", "[h5]") {
    example::Folder const folder;
    std::string const long_text(100000, 'x');
    {
        auto const file = create_file(folder / "a.h5", 512);
        auto const root = open_object(file, "/");
        write_attribute(root, "text", std::string("größer"));
        write_attribute(root, "empty", std::string());
        write_attribute(root, "long", long_text);
        write_attribute(root, "signed", std::int64_t{-5});
        write_attribute(root, "unsigned", ~std::uint64_t{0});
        write_attribute(root, "texts", std::vector<std::string>{"one", "", "drei"});
        write_attribute(root, "none", std::vector<std::string>{});
    }
    auto const file = open_for_reading(folder / "a.h5");
    auto const root = open_object(file, "/");
    CHECK(read_text(root, "text") == "größer");
    CHECK(read_text(root, "empty").empty());
    CHECK(read_text(root, "long") == long_text);
    CHECK(read_integer(root, "signed") == -5);
    CHECK(read_unsigned(root, "unsigned") == ~std::uint64_t{0});
    CHECK(read_texts(root, "texts") == std::vector<std::string>{"one", "", "drei"});
    CHECK(read_texts(root, "none").empty());
    CHECK_THROWS_WITH(read_text(root, "missing"), Catch::Contains("missing"));
    CHECK_THROWS_AS(read_text(root, "signed"), DataError);
    CHECK_THROWS_AS(read_integer(root, "text"), DataError);
}

TEST_CASE("rows are written and read by position, through HDF5 and directly", "[h5]") {
    example::Folder const folder;
    auto const path = folder / "a.h5";
    std::vector<std::byte> const blank(4, std::byte{0x2a});
    {
        auto const file = create_file(path, 512);
        create_group(file, "/arrays");
        auto const data = Dataset::create(file, "/arrays/m", {{{"", Scalar::uint32}}, 4}, {5, 2, 3}, blank);
        CHECK(data.row_bytes() == 24);
        CHECK(data.offset() % 8 == 0);
        data.write_rows(1, pattern(48, 1));
        CHECK_THROWS_AS(data.write_rows(4, pattern(48, 1)), std::logic_error);
        CHECK_THROWS_AS(data.write_rows(6, pattern(0, 1)), std::logic_error);
        CHECK_THROWS_AS(data.write_rows(0, pattern(23, 1)), std::logic_error);
        CHECK_THROWS_AS(Dataset::create(file, "/arrays/m", {{{"", Scalar::uint32}}, 4}, {5}, blank), IoError);
    }
    auto file = open_for_reading(path);
    auto data = Dataset::open(file, "/arrays/m");
    auto const check = [&] {
        std::vector<std::byte> rows(5 * 24);
        data.read_rows(0, rows);
        CHECK(std::vector(rows.begin() + 24, rows.begin() + 72) == pattern(48, 1));
        CHECK(std::vector(rows.begin(), rows.begin() + 24) == std::vector<std::byte>(24, std::byte{0x2a}));
        CHECK(std::vector(rows.begin() + 72, rows.end()) == std::vector<std::byte>(48, std::byte{0x2a}));
        CHECK_THROWS_AS(data.read_rows(1, rows), std::logic_error);
    };
    check();
    data.detach(h5::open_row_file(path, h5::Access::read_write, h5::Driver::direct));
    file = File();
    check();
    data.write_rows(4, pattern(24, 9));
    auto const again = Dataset::open(open_for_reading(path), "/arrays/m");
    std::vector<std::byte> row(24);
    again.read_rows(4, row);
    CHECK(row == pattern(24, 9));
}

TEST_CASE("a failure of HDF5 is an exception with its own reason, and every handle is closed", "[h5]") {
    example::Folder const folder;
    CHECK_THROWS_WITH(open_for_reading(folder / "missing.h5"),
                      Catch::Contains("missing.h5") && Catch::Contains("No such file"));
    CHECK_THROWS_AS(create_file(folder / "no/such/a.h5", 512), IoError);
    {
        auto const file = create_file(folder / "a.h5", 512);
        CHECK_THROWS_AS(Dataset::open(file, "/nothing"), DataError);
        CHECK_THROWS_AS(open_object(file, "/nothing"), DataError);
    }
    CHECK(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL) == 0);
}

TEST_CASE("a write that fails is told in the system's words, without addresses", "[h5]") {
    example::Folder const folder;
    auto const file = create_file(folder / "large.h5", 512);
    auto const sigxfsz = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    rlimit const small{4096, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    std::vector<double> const numbers(100'000, 1.0);
    hsize_t const size = numbers.size();
    std::string reason;
    {
        auto const space = H5Screate_simple(1, &size, nullptr);
        auto const data = H5Dcreate2(file.get(), "numbers", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT,
                                     H5P_DEFAULT, H5P_DEFAULT);
        auto const done = H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
        reason = take_reason();
        CHECK(done < 0);
        H5Dclose(data);
        H5Sclose(space);
    }
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, sigxfsz);
    CHECK(reason == "file write failed: File too large");
}

TEST_CASE("a handle that was moved from closes nothing", "[h5]") {
    Space first(H5Screate(H5S_SCALAR));
    auto const id = first.get();
    Space second(std::move(first));
    CHECK(second.get() == id);
    first = Space();
    CHECK(H5Iis_valid(id) > 0);
    CHECK(second.close_now());
    CHECK(H5Iis_valid(id) <= 0);
    CHECK(second.close_now());
}
