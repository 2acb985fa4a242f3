#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vaster::stream {

/// 128 bits of MurmurHash3 (x64, seed 0) as two little-endian halves. Appleby (2011), public domain.
struct Murmur128 {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

[[nodiscard]] Murmur128 murmur3_128(std::string_view bytes);

/// A set that never forgets a member, and takes a stranger for one with a known chance. The bits, and the
/// file, are those of Guava 31's BloomFilter of UTF-8 texts with strategy MURMUR128_MITZ_64. Bloom (1970),
/// doi:10.1145/362686.362692.
class BloomFilter {
  public:
    /// For n members and a chance p of false positives: m = floor(-n ln p / ln^2 2) bits, in whole 64-bit
    /// words; k = max(1, round(m / n ln 2)) bits a member.
    BloomFilter(std::uint64_t n_expected, double false_positives);

    /// @throws DataError for bytes that are not such a file: cut, of another strategy, a pickle
    [[nodiscard]] static BloomFilter from_file(std::filesystem::path const& path);

    /// @returns whether a bit has changed: the text is certainly new
    bool add(std::string_view text);

    [[nodiscard]] bool contains(std::string_view text) const;

    /// Guava's file: byte 1 (strategy), byte k, number of words as a 32-bit and words as 64-bit integers,
    /// big-endian.
    [[nodiscard]] std::string bytes() const;

    [[nodiscard]] std::uint64_t n_bits() const noexcept { return std::uint64_t{64} * words_.size(); }

    [[nodiscard]] unsigned n_hashes() const noexcept { return n_hashes_; }

    [[nodiscard]] std::vector<std::uint64_t> const& words() const noexcept { return words_; }

    /// Adds the members of a filter of the same size. @throws DataError for another size
    void merge(std::vector<std::uint64_t> const& words);

  private:
    BloomFilter(unsigned n_hashes, std::vector<std::uint64_t> words)
        : n_hashes_(n_hashes), words_(std::move(words)) {}

    unsigned n_hashes_ = 1;
    std::vector<std::uint64_t> words_;
};

}  // namespace vaster::stream
