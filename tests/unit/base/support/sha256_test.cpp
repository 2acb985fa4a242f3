#include "base/support/sha256.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

using namespace vaster;

namespace {

std::string hash(std::string_view text, Sha256::Way way) {
    Sha256 hash(way);
    hash.add(text);
    return hash.text();
}

}  // namespace

TEST_CASE("SHA-256 gives the digests of NIST's examples", "[support]") {
    // NIST, "Cryptographic Standards and Guidelines: Example Values", SHA256.pdf and SHA2_Additional.pdf.
    auto const way = GENERATE(Sha256::Way::fastest, Sha256::Way::portable);
    CHECK(hash("", way) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hash("abc", way) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", way) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(hash("\xbd", way) == "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b");
    CHECK(hash(std::string(55, '\0'), way) ==
          "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7");
    CHECK(hash(std::string(56, '\0'), way) ==
          "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb");
    CHECK(hash(std::string(64, '\0'), way) ==
          "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
    CHECK(hash(std::string(1000, 'A'), way) ==
          "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4");
    CHECK(hash(std::string(1000000, 'a'), way) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 of pieces is that of the whole, wherever it is cut, and both ways agree", "[support]") {
    std::string text;
    for (std::size_t i = 0; i < 300; ++i) text += static_cast<char>(i * 37 % 251);
    auto const whole = hash(text, Sha256::Way::portable);
    CHECK(hash(text, Sha256::Way::fastest) == whole);
    for (std::size_t first = 0; first <= text.size(); first += 7)
        for (std::size_t second = first; second <= text.size(); second += 31) {
            Sha256 pieces;
            pieces.add(std::string_view(text).substr(0, first));
            pieces.add(std::string_view(text).substr(first, second - first));
            auto const so_far = pieces.text();
            pieces.add(std::string_view(text).substr(second));
            CHECK(so_far == hash(text.substr(0, second), Sha256::Way::portable));
            CHECK(pieces.text() == whole);
        }
}
