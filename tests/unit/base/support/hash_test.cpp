#include "base/support/hash.hpp"

#include <span>
#include <string_view>

#include <catch2/catch.hpp>

using namespace vaster;

TEST_CASE("CRC-32 is that of IEEE 802.3, also in pieces and with nothing in between", "[support]") {
    auto const bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
    CHECK(crc32(bytes("123456789")) ==
          0xcbf43926U);  // the check value of the CRC catalogue, and Python's zlib.crc32
    CHECK(crc32(bytes("56789"), crc32(bytes("1234"))) == 0xcbf43926U);
    CHECK(crc32(bytes("56789"), crc32({}, crc32(bytes("1234")))) == 0xcbf43926U);
    CHECK(crc32({}) == 0);
}
