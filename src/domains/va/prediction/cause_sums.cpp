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

CauseSums::CauseSums(std::size_t groups, std::size_t buckets, std::size_t causes)
    : n_groups(groups),
      n_buckets(buckets),
      n_causes(causes),
      sums(groups * buckets * causes),
      deaths(groups * buckets),
      top(groups * (causes + 1)) {}

void CauseSums::add(std::size_t group, std::size_t bucket, std::span<double const> probability,
                    std::size_t top_cause) {
    VASTER_EXPECTS(group < n_groups && bucket < n_buckets && probability.size() == n_causes &&
                   top_cause <= n_causes);
    std::size_t const place = group * n_buckets + bucket;
    for (std::size_t c = 0; c < n_causes; ++c) sums[place * n_causes + c] += whole_parts(probability[c]);
    ++deaths[place];
    ++top[group * (n_causes + 1) + top_cause];
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
}

CauseSums CauseSums::together(std::span<std::size_t const> groups) const {
    CauseSums all(1, n_buckets, n_causes);
    auto const of_group = [](std::vector<std::int64_t> const& values, std::size_t group, std::size_t length) {
        return std::span(values).subspan(group * length, length);
    };
    for (std::size_t const group : groups) {
        add_to(all.sums, of_group(sums, group, n_buckets * n_causes));
        add_to(all.deaths, of_group(deaths, group, n_buckets));
        add_to(all.top, of_group(top, group, n_causes + 1));
    }
    return all;
}

std::uint64_t deaths_of(CauseSums const& group) {
    std::uint64_t n = 0;
    for (std::size_t bucket = 0; bucket < group.n_buckets; ++bucket)
        n += static_cast<std::uint64_t>(group.deaths[bucket]);
    return n;
}

std::vector<double> fractions_of(CauseSums const& group) {
    __extension__ using Wide = __int128;
    auto const n = static_cast<double>(deaths_of(group));
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
