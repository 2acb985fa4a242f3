#include "domains/service/exact/selection.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

constexpr unsigned bits_of_pass = 16;
constexpr unsigned bits_of_number = 64;
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63U;

/// An integer that is ordered as the numbers are; both zeros are one number.
std::uint64_t ordered(double value) {
    value += 0.0;  // -0 becomes 0
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits & sign_bit) != 0 ? ~bits : bits | sign_bit;
}

double number_of(std::uint64_t order) {
    std::uint64_t const bits = (order & sign_bit) != 0 ? order & ~sign_bit : ~order;
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

unsigned bits_after(int pass) {
    return bits_of_number - bits_of_pass * static_cast<unsigned>(pass + 1);
}

/// The bits that the passes before have decided; of the first pass there are none.
std::uint64_t beginning(std::uint64_t order, int pass) {
    return pass == 0 ? 0 : order >> (bits_after(pass) + bits_of_pass);
}

}  // namespace

Selection::Selection(std::vector<std::uint64_t> const& ranks) {
    wanted_.reserve(ranks.size());
    for (auto const rank : ranks) wanted_.push_back({0, rank});
}

Selection::Counter Selection::counter() const {
    VASTER_EXPECTS(pass_ < n_passes);
    Counter counter;
    counter.pass_ = pass_;
    for (auto const& one : wanted_) counter.counts_.try_emplace(one.begins, Counter::n_pieces, 0);
    return counter;
}

void Selection::Counter::add(double value) {
    VASTER_EXPECTS(!std::isnan(value));
    auto const order = ordered(value);
    auto const found = counts_.find(beginning(order, pass_));
    if (found != counts_.end()) ++found->second[(order >> bits_after(pass_)) & (n_pieces - 1)];
}

void Selection::Counter::add(Counter const& other) {
    VASTER_EXPECTS(pass_ == other.pass_);
    for (auto const& [begins, counts] : other.counts_) {
        auto& ours = counts_.at(begins);
        for (std::size_t i = 0; i < n_pieces; ++i) ours[i] += counts[i];
    }
}

void Selection::decide(Counter const& counted) {
    VASTER_EXPECTS(counted.pass_ == pass_);
    for (auto& one : wanted_) {
        auto const& counts = counted.counts_.at(one.begins);
        std::size_t piece = 0;
        while (piece < Counter::n_pieces && one.rank >= counts[piece]) one.rank -= counts[piece++];
        require<DataError>(piece < Counter::n_pieces,
                           "there are fewer numbers than the rank of one that is asked for");
        one.begins = (one.begins << bits_of_pass) | piece;
    }
    ++pass_;
}

std::vector<double> Selection::values() const {
    VASTER_EXPECTS(pass_ == n_passes);
    std::vector<double> values;
    values.reserve(wanted_.size());
    for (auto const& one : wanted_) values.push_back(number_of(one.begins));
    return values;
}

QuantilePlace quantile_place(double probability, std::uint64_t n) {
    VASTER_EXPECTS(n > 0 && probability >= 0 && probability <= 1);
    double const place = probability * static_cast<double>(n - 1);
    auto const below = static_cast<std::uint64_t>(place);
    return {below, std::min(below + 1, n - 1), place - static_cast<double>(below)};
}

double between(double below, double above, double part) {
    if (part == 0 || below == above) return below;  // also of infinities
    return below + part * (above - below);
}

}  // namespace vaster::service
