#include "domains/stream/tasks/bloom_filter.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>

#include "base/support/files.hpp"
#include "domains/stream/tasks/foreign_models.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr std::uint64_t factor_1 = 0x87c37b91114253d5ULL;
constexpr std::uint64_t factor_2 = 0x4cf5ad432745937fULL;
constexpr std::size_t block = 16;
constexpr std::size_t header = 6;
constexpr char strategy = 1;  // MURMUR128_MITZ_64

std::uint64_t word_at(std::string_view bytes, std::size_t at, std::size_t size = 8) {
    std::uint64_t word = 0;
    for (std::size_t i = size; i-- > 0;) word = word << 8 | static_cast<unsigned char>(bytes[at + i]);
    return word;
}

std::uint64_t whole_word_at(std::string_view bytes, std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
}

std::uint64_t mixed_low(std::uint64_t k) {
    return std::rotl(k * factor_1, 31) * factor_2;
}

std::uint64_t mixed_high(std::uint64_t k) {
    return std::rotl(k * factor_2, 33) * factor_1;
}

std::uint64_t finished(std::uint64_t k) {
    k = (k ^ k >> 33) * 0xff51afd7ed558ccdULL;
    k = (k ^ k >> 33) * 0xc4ceb9fe1a85ec53ULL;
    return k ^ k >> 33;
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    for (char const byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

void append_big_endian(std::string& bytes, std::uint64_t number, std::size_t size) {
    for (std::size_t i = size; i-- > 0;) bytes += static_cast<char>(number >> 8 * i & 0xff);
}

/// Calls visit(i) with the bits of a text until it says no. @returns whether it said yes to all
template <class Visit>
bool each_bit(std::string_view text, unsigned n_hashes, std::uint64_t n_bits, Visit visit) {
    constexpr std::uint64_t no_sign = ~std::uint64_t{0} >> 1;
    auto const hash = murmur3_128(text);
    std::uint64_t combined = hash.low;
    for (unsigned i = 0; i < n_hashes; ++i, combined += hash.high)
        if (!visit((combined & no_sign) % n_bits)) return false;
    return true;
}

}  // namespace

Murmur128 murmur3_128(std::string_view bytes) {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::size_t const n_whole = bytes.size() / block * block;
    for (std::size_t at = 0; at < n_whole; at += block) {
        low ^= mixed_low(whole_word_at(bytes, at));
        low = (std::rotl(low, 27) + high) * 5 + 0x52dce729;
        high ^= mixed_high(whole_word_at(bytes, at + 8));
        high = (std::rotl(high, 31) + low) * 5 + 0x38495ab5;
    }
    auto const rest = bytes.substr(n_whole);
    if (rest.size() > 8) high ^= mixed_high(word_at(rest, 8, rest.size() - 8));
    if (!rest.empty()) low ^= mixed_low(word_at(rest, 0, std::min<std::size_t>(rest.size(), 8)));
    low ^= bytes.size();
    high ^= bytes.size();
    low += high;
    high += low;
    low = finished(low);
    high = finished(high);
    low += high;
    high += low;
    return {low, high};
}

BloomFilter::BloomFilter(std::uint64_t n_expected, double false_positives) {
    auto const n = static_cast<double>(n_expected);
    double const m = std::floor(-n * std::log(false_positives) / (std::numbers::ln2 * std::numbers::ln2));
    n_hashes_ = static_cast<unsigned>(std::max(1.0, std::round(m / n * std::numbers::ln2)));
    words_.resize(static_cast<std::size_t>(std::max(1.0, std::ceil(m / 64))));
}

bool BloomFilter::add(std::string_view text) {
    bool changed = false;
    each_bit(text, n_hashes_, n_bits(), [&](std::uint64_t bit) {
        std::uint64_t const mask = std::uint64_t{1} << bit % 64;
        auto& word = words_[bit / 64];
        changed = changed || (word & mask) == 0;
        word |= mask;
        return true;
    });
    return changed;
}

bool BloomFilter::contains(std::string_view text) const {
    return each_bit(text, n_hashes_, n_bits(),
                    [&](std::uint64_t bit) { return (words_[bit / 64] >> bit % 64 & 1) != 0; });
}

std::string BloomFilter::bytes() const {
    std::string bytes;
    bytes.reserve(header + 8 * words_.size());
    bytes += strategy;
    bytes += static_cast<char>(n_hashes_);
    append_big_endian(bytes, words_.size(), 4);
    for (auto const word : words_) append_big_endian(bytes, word, 8);
    return bytes;
}

BloomFilter BloomFilter::from_file(std::filesystem::path const& path) {
    std::string const bytes = read_file(path);
    refuse_foreign_model(path, bytes, "BLT");
    require<DataError>(bytes.size() >= header,
                       "{} is not a Bloom filter: it has {} bytes, its head alone takes {}", path.string(),
                       bytes.size(), header);
    require<DataError>(bytes[0] == strategy,
                       "{} is not a Bloom filter that can be read: its strategy is {}, not 1 "
                       "(Guava's MURMUR128_MITZ_64); train it again with task BLT",
                       path.string(), static_cast<int>(bytes[0]));
    auto const n_hashes = static_cast<unsigned char>(bytes[1]);
    require<DataError>(n_hashes > 0, "{} is not a Bloom filter: it has 0 hash functions", path.string());
    auto const n_words = big_endian(std::string_view(bytes).substr(2, 4));
    require<DataError>(n_words > 0 && bytes.size() == header + 8 * n_words,
                       "{} is not a whole Bloom filter: with {} words it would have {} bytes, but it has {}",
                       path.string(), n_words, header + 8 * n_words, bytes.size());
    std::vector<std::uint64_t> words(n_words);
    for (std::size_t i = 0; i < n_words; ++i)
        words[i] = big_endian(std::string_view(bytes).substr(header + 8 * i, 8));
    return {n_hashes, std::move(words)};
}

void BloomFilter::merge(std::vector<std::uint64_t> const& words) {
    require<DataError>(words.size() == words_.size(), "a kept Bloom filter has {} words, but the task has {}",
                       words.size(), words_.size());
    for (std::size_t i = 0; i < words.size(); ++i) words_[i] |= words[i];
}

}  // namespace vaster::stream
