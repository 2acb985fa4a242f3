#include "domains/va/prediction/cause_sums.hpp"

#include <cmath>
#include <limits>

#include "vaster/support/contracts.hpp"
#include "vaster/support/random.hpp"

namespace vaster::va {

std::int64_t whole_parts(double probability) {
    return static_cast<std::int64_t>(std::nearbyint(probability * parts_of_one));
}

std::size_t bucket_of(std::uint64_t seed, std::uint64_t row, std::size_t n_buckets) {
    return static_cast<std::size_t>(scramble(scramble(seed) ^ row) % n_buckets);
}

std::size_t buckets_for(std::size_t n_groups) {
    constexpr std::size_t many_groups = 32;
    return n_groups > many_groups ? 64 : 256;
}

CauseSums::CauseSums(std::size_t groups, std::size_t buckets, std::size_t causes, Weighted weighted)
    : n_groups(groups),
      n_buckets(buckets),
      n_causes(causes),
      sums(groups * buckets * causes),
      deaths(groups * buckets),
      top(groups * (causes + 1)) {
    if (weighted == Weighted::no) return;
    weights.resize(deaths.size());
    squares.resize(deaths.size());
    top_weights.resize(top.size());
}

void CauseSums::add(std::size_t group, std::size_t bucket, std::span<double const> probability,
                    std::size_t top_cause, double weight) {
    VASTER_EXPECTS(group < n_groups && bucket < n_buckets && probability.size() == n_causes &&
                   top_cause <= n_causes);
    std::size_t const place = group * n_buckets + bucket;
    for (std::size_t c = 0; c < n_causes; ++c)
        sums[place * n_causes + c] += whole_parts(weight * probability[c]);
    ++deaths[place];
    std::size_t const top_place = group * (n_causes + 1) + top_cause;
    ++top[top_place];
    if (weighted() == Weighted::no) return;
    VASTER_EXPECTS(weight > 0 && weight <= 1);
    weights[place] += whole_parts(weight);
    squares[place] += whole_parts(weight * weight);
    top_weights[top_place] += static_cast<std::int64_t>(std::nearbyint(weight * parts_of_top_weight));
}

namespace {

void add_to(std::span<std::int64_t> sums, std::span<std::int64_t const> more) {
    VASTER_EXPECTS(sums.size() == more.size());
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += more[i];
}

}  // namespace

void CauseSums::add(CauseSums const& other) {
    add_to(sums, other.sums);
    add_to(deaths, other.deaths);
    add_to(top, other.top);
    add_to(weights, other.weights);
    add_to(squares, other.squares);
    add_to(top_weights, other.top_weights);
}

CauseSums CauseSums::together(std::span<std::size_t const> groups) const {
    CauseSums all(1, n_buckets, n_causes, weighted());
    auto const of_group = [](std::vector<std::int64_t> const& values, std::size_t group, std::size_t length) {
        return std::span(values).subspan(group * length, length);
    };
    for (std::size_t const group : groups) {
        add_to(all.sums, of_group(sums, group, n_buckets * n_causes));
        add_to(all.deaths, of_group(deaths, group, n_buckets));
        add_to(all.top, of_group(top, group, n_causes + 1));
        if (weighted() == Weighted::no) continue;
        add_to(all.weights, of_group(weights, group, n_buckets));
        add_to(all.squares, of_group(squares, group, n_buckets));
        add_to(all.top_weights, of_group(top_weights, group, n_causes + 1));
    }
    return all;
}

std::uint64_t deaths_of(CauseSums const& group) {
    std::uint64_t n = 0;
    for (std::size_t bucket = 0; bucket < group.n_buckets; ++bucket)
        n += static_cast<std::uint64_t>(group.deaths[bucket]);
    return n;
}

namespace {

__extension__ using Wide = __int128;

/// Of the first group of such sums, in parts of 1.
double sum_of(std::span<std::int64_t const> parts) {
    Wide sum = 0;
    for (std::int64_t const part : parts) sum += part;
    return static_cast<double>(sum) / parts_of_one;
}

}  // namespace

GroupWeight weight_of(CauseSums const& group) {
    auto const n = static_cast<double>(deaths_of(group));
    if (group.weighted() == Weighted::no || n == 0) return {n, n};
    double const sum = sum_of(std::span(group.weights).first(group.n_buckets));
    return {sum, sum * sum / sum_of(std::span(group.squares).first(group.n_buckets))};
}

std::vector<double> top_deaths_of(CauseSums const& group) {
    std::vector<double> deaths(group.top.begin(),
                               group.top.begin() + static_cast<std::ptrdiff_t>(group.n_causes));
    if (group.weighted() == Weighted::no) return deaths;
    auto const [sum, effective] = weight_of(group);
    for (std::size_t c = 0; c < deaths.size(); ++c)
        deaths[c] = static_cast<double>(group.top_weights[c]) / parts_of_top_weight * effective / sum;
    return deaths;
}

std::vector<double> fractions_of(CauseSums const& group) {
    double const n = weight_of(group).sum;
    std::vector<double> fractions(group.n_causes, std::numeric_limits<double>::quiet_NaN());
    if (n == 0) return fractions;
    for (std::size_t c = 0; c < group.n_causes; ++c) {
        Wide sum = 0;
        for (std::size_t bucket = 0; bucket < group.n_buckets; ++bucket)
            sum += group.sums[bucket * group.n_causes + c];
        fractions[c] = static_cast<double>(sum) / (n * parts_of_one);
    }
    return fractions;
}

}  // namespace vaster::va
