#include "base/support/gzip.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Matchers::Contains;

namespace {

using namespace std::string_literals;

// printf 'one\ntwo\n' | gzip -n
std::string const one_two =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcf\x4b\xe5\x2a\x29\xcf\xe7\x02\x00\xe6\x0b\xba\x12\x08\x00\x00\x00"s;

std::string unpacked(std::string const& packed) {
    std::string text;
    unpack_gzip(packed, "f.gz", [&](std::string_view piece) { text.append(piece); });
    return text;
}

}  // namespace

TEST_CASE("a packed file is unpacked, of several members and with a filled block", "[support][gzip]") {
    CHECK(is_gzip(one_two));
    CHECK_FALSE(is_gzip("one"));
    CHECK(unpacked(one_two) == "one\ntwo\n");
    CHECK(unpacked(one_two + one_two + std::string(7, '\0')) == "one\ntwo\none\ntwo\n");
}

TEST_CASE("a packed file that is cut or damaged is refused", "[support][gzip]") {
    for (std::size_t size = 2; size < one_two.size(); ++size)
        CHECK_THROWS_WITH(unpacked(one_two.substr(0, size)), Contains("f.gz is cut"));
    auto damaged = one_two;
    damaged[20] ^= 1;
    CHECK_THROWS_AS(unpacked(damaged), DataError);
    CHECK_THROWS_WITH(unpacked(one_two + "rest"), Contains("4 bytes that are not packed"));
}
