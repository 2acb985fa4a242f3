#include "domains/stream/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace vaster::stream {
namespace {

// A double's exponent and the first 7 bits of its mantissa number the buckets: neighbours differ by one.
constexpr int bits_below = 52 - 7;
constexpr double units_a_second = 1 / Histogram::shortest;
constexpr double units_at_most = Histogram::longest / Histogram::shortest;

constexpr std::uint64_t number_of(double units) {
    return std::bit_cast<std::uint64_t>(units) >> bits_below;
}

constexpr std::uint64_t first_number = number_of(1.0);

static_assert(number_of(units_at_most) - first_number + 3 == Histogram::n_counts);

}  // namespace

Histogram::Histogram(std::vector<std::uint64_t> counts, double largest)
    : counts_(std::move(counts)), largest_(largest) {
    if (counts_.size() != n_counts) throw std::logic_error("a histogram of another number of buckets");
}

void Histogram::merge(Histogram const& other) {
    for (std::size_t i = 0; i < n_counts; ++i) counts_[i] += other.counts_[i];
    largest_ = std::max(largest_, other.largest_);
}

std::uint64_t Histogram::total() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

double Histogram::percentile(double share) const {
    auto const all = total();
    if (all == 0) return std::numeric_limits<double>::quiet_NaN();
    auto const rank = std::clamp(static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all))),
                                 std::uint64_t{1}, all);
    if (rank == all) return largest_;
    std::uint64_t below = 0;
    std::size_t place = 0;
    while ((below += counts_[place]) < rank) ++place;
    if (place == 0) return std::min(shortest, largest_);
    if (place + 1 == n_counts) return largest_;
    return std::min(largest_, (begin_of(place) + begin_of(place + 1)) / 2);
}

std::size_t Histogram::place_of(double seconds) {
    double const units = seconds * units_a_second;
    if (!(units >= 1)) return 0;
    if (units >= units_at_most) return n_counts - 1;
    return number_of(units) - first_number + 1;
}

double Histogram::begin_of(std::size_t place) {
    if (place + 1 == n_counts) return longest;
    return std::bit_cast<double>((first_number + place - 1) << bits_below) * shortest;
}

}  // namespace vaster::stream
