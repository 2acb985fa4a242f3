#pragma once  // Stable.

#include <array>
#include <cstdint>
#include <string_view>

namespace vaster {

/// SplitMix64's finaliser: a bijection of 64 bits that scatters neighbouring keys.
/// Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195.
[[nodiscard]] constexpr std::uint64_t scramble(std::uint64_t key) noexcept {
    key += 0x9e3779b97f4a7c15ULL;
    key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9ULL;
    key = (key ^ (key >> 27)) * 0x94d049bb133111ebULL;
    return key ^ (key >> 31);
}

/// A stream of random 64-bit words: xoshiro256**, whose output is fixed for a seed on every machine.
/// Blackman and Vigna (2021), doi:10.1145/3460772. Meets UniformRandomBitGenerator; but use the samplers of
/// room `stats`, not the std:: distributions, whose output the standard does not fix.
class Random {
  public:
    using result_type = std::uint64_t;

    explicit constexpr Random(std::uint64_t seed) noexcept {
        for (auto& word : state_) {
            word = scramble(seed);
            seed += 0x9e3779b97f4a7c15ULL;
        }
    }

    constexpr std::uint64_t operator()() noexcept {
        std::uint64_t const result = rotate(state_[1] * 5, 7) * 9;
        std::uint64_t const shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = rotate(state_[3], 45);
        return result;
    }

    /// Uniform in [0, 1), 53 bits.
    constexpr double uniform() noexcept { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

    /// Uniform integer in [0, n), n >= 1, without modulo bias. Lemire (2019), doi:10.1145/3230636.
    constexpr std::uint64_t below(std::uint64_t n) noexcept {
        __extension__ using Wide = unsigned __int128;
        auto product = static_cast<Wide>((*this)()) * n;
        auto low = static_cast<std::uint64_t>(product);
        if (low < n) {
            std::uint64_t const threshold = (0 - n) % n;
            while (low < threshold) {
                product = static_cast<Wide>((*this)()) * n;
                low = static_cast<std::uint64_t>(product);
            }
        }
        return static_cast<std::uint64_t>(product >> 64);
    }

    static constexpr std::uint64_t min() noexcept { return 0; }

    static constexpr std::uint64_t max() noexcept { return ~std::uint64_t{0}; }

  private:
    static constexpr std::uint64_t rotate(std::uint64_t x, int k) noexcept {
        return (x << k) | (x >> (64 - k));
    }

    std::array<std::uint64_t, 4> state_{};
};

/// What a stream is for. A stream is a function of (study seed, identity, purpose), never of rank, order or
/// attempt.
enum class Purpose : std::uint64_t { split = 1, reduce, fit, predict, resample, simulate, delay, fold };

/// The stream of one purpose for one identity, which is a text such as "site=AP repeat=0".
[[nodiscard]] Random random_stream(std::uint64_t study_seed, std::string_view identity, Purpose purpose);

}  // namespace vaster
