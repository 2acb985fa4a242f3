#include "vaster/support/random.hpp"

#include <set>

#include <catch2/catch.hpp>
#include <fmt/core.h>

using namespace vaster;

TEST_CASE("a stream depends on seed, identity and purpose and on nothing else", "[support][random]") {
    CHECK(random_stream(1, "a", Purpose::fit)() == random_stream(1, "a", Purpose::fit)());
    std::set<std::uint64_t> first_words;
    for (std::uint64_t seed = 0; seed < 10; ++seed)
        for (int identity = 0; identity < 100; ++identity)
            for (auto purpose : {Purpose::split, Purpose::fit, Purpose::resample})
                first_words.insert(random_stream(seed, fmt::format("site={}", identity), purpose)());
    CHECK(first_words.size() == 3000);
}

TEST_CASE("below is uniform and stays below", "[support][random]") {
    Random random(42);
    std::array<int, 7> counts{};
    for (int i = 0; i < 70000; ++i) ++counts[random.below(7)];
    double chi_square = 0;
    for (int const count : counts) chi_square += (count - 10000.0) * (count - 10000.0) / 10000.0;
    CHECK(chi_square < 22.5);  // 0.999 quantile of chi-square with 6 degrees of freedom: 22.46
}

TEST_CASE("xoshiro256** gives the words of its authors' code", "[support][random]") {
    // Reference: the authors' C code (Blackman and Vigna), seeded by SplitMix64 from 0, run independently in
    // Python.
    Random random(0);
    CHECK(random() == 11091344671253066420ULL);
    CHECK(random() == 13793997310169335082ULL);
}
