#include "insilico_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

// One version per vector width, chosen when the program is loaded. Sanitizers run before that choice can be made.
#if defined(__x86_64__) && !defined(VASTER_SANITIZED)
#define VASTER_VECTOR_VERSIONS __attribute__((target_clones("default", "avx2", "arch=skylake-avx512")))
#else
#define VASTER_VECTOR_VERSIONS
#endif
#define VASTER_INLINE __attribute__((always_inline)) inline

namespace vaster::models::insilico::kernel {

namespace {

using Doubles = double __attribute__((vector_size(lanes * sizeof(double))));
using Words = std::int64_t __attribute__((vector_size(lanes * sizeof(std::int64_t))));
using Bytes = std::uint8_t __attribute__((vector_size(lanes)));
using Shorts = std::uint16_t __attribute__((vector_size(16 * sizeof(std::uint16_t))));
using Counters = std::uint32_t __attribute__((vector_size(16 * sizeof(std::uint32_t))));

VASTER_INLINE void load(Doubles& to, double const* from) { std::memcpy(&to, from, sizeof to); }
VASTER_INLINE void store(double* to, Doubles const& from) { std::memcpy(to, &from, sizeof from); }

/// Running sums over the lanes, in three steps.
VASTER_INLINE void prefix_sums(Doubles& x) {
    Doubles const zero = {};
    x += __builtin_shuffle(x, zero, Words{8, 0, 1, 2, 3, 4, 5, 6});
    x += __builtin_shuffle(x, zero, Words{8, 8, 0, 1, 2, 3, 4, 5});
    x += __builtin_shuffle(x, zero, Words{8, 8, 8, 8, 0, 1, 2, 3});
}

/// The weights of the causes for one pattern, up to a factor whose log is returned.
template <std::size_t n_vectors>
VASTER_INLINE void weigh(Sweep const& s, std::size_t index, Doubles (&weight)[n_vectors]) {
    Pattern const& pattern = s.patterns[index];
    double const* base = s.base + pattern.population * s.width;
    for (std::size_t v = 0; v < n_vectors; ++v) load(weight[v], base + v * lanes);
    std::uint32_t const* nodes = s.block_nodes + pattern.first;
    for (std::uint32_t b = 0; b < pattern.n_blocks; ++b) {
        double const* row = s.products + nodes[b] * (n_vectors * lanes);
        for (std::size_t v = 0; v < n_vectors; ++v) {
            Doubles factor;
            load(factor, row + v * lanes);
            weight[v] *= factor;
        }
    }
}

VASTER_INLINE bool is_safe(Sweep const& s, Pattern const& pattern) {
    return pattern.n_present * s.max_terms_present + pattern.n_missing * s.max_terms_missing <= 1;
}

/// As weigh, for every pattern: the careful way where the plain one might overflow, and with known causes.
/// @returns log of the scale of the weights
template <std::size_t n_vectors>
VASTER_INLINE double weigh_any(Sweep const& s, std::size_t index, Doubles (&weight)[n_vectors]) {
    Pattern const& pattern = s.patterns[index];
    double shift = s.base_shift == nullptr ? 0 : s.base_shift[pattern.population];
    if (is_safe(s, pattern)) [[likely]] {
        weigh<n_vectors>(s, index, weight);
    } else {
        double plain[n_vectors * lanes] = {};
        shift = s.careful(s.self, index, plain);
        for (std::size_t v = 0; v < n_vectors; ++v) load(weight[v], plain + v * lanes);
    }
    if (pattern.known >= 0) [[unlikely]] {
        double plain[n_vectors * lanes] = {};
        auto const known = static_cast<std::size_t>(pattern.known);
        plain[known] = reinterpret_cast<double const*>(&weight[0])[known];
        for (std::size_t v = 0; v < n_vectors; ++v) load(weight[v], plain + v * lanes);
    }
    return shift;
}

/// The cause at which the running sum of weights passes `at`: first the lane, then the vector within the lane.
template <std::size_t n_vectors>
VASTER_INLINE std::size_t pick(double const* weight, double const* sums, double at, std::size_t n_causes) {
    std::size_t lane = 0;
    for (std::size_t j = 0; j < lanes - 1; ++j) lane += static_cast<std::size_t>(sums[j] <= at);
    double const before = lane == 0 ? 0 : sums[lane - 1];
    double const rest = at - before;
    std::size_t vector = 0;
    double sum = weight[lane];
    for (std::size_t v = 1; v < n_vectors; ++v) {
        vector += static_cast<std::size_t>(sum <= rest);
        sum += weight[v * lanes + lane];
    }
    std::size_t const cause = vector * lanes + lane;
    if (weight[cause] > 0) [[likely]] return cause;
    // Only rounding leads here: the number fell on the edge of a cause that cannot be.
    return static_cast<std::size_t>(std::max_element(weight, weight + n_causes) - weight);
}

template <std::size_t n_vectors>
VASTER_INLINE void draw_sized(Sweep& s) {
    Counters present = {};
    Counters answered = {};
    Random random = *s.random;
    for (std::size_t i = 0; i < s.n_patterns; ++i) {
        Doubles weight[n_vectors];
        weigh_any<n_vectors>(s, i, weight);
        Doubles lane_sums = weight[0];
        for (std::size_t v = 1; v < n_vectors; ++v) lane_sums += weight[v];
        prefix_sums(lane_sums);
        alignas(64) double plain[n_vectors * lanes];
        alignas(64) double sums[lanes];
        for (std::size_t v = 0; v < n_vectors; ++v) store(plain + v * lanes, weight[v]);
        store(sums, lane_sums);
        double const total = sums[lanes - 1];
        if (s.recorded != nullptr) {
            double const scale = 1 / total;
            double* to = s.recorded + i * (n_vectors * lanes);
            for (std::size_t v = 0; v < n_vectors; ++v) {
                Doubles sum;
                load(sum, to + v * lanes);
                sum += weight[v] * scale;
                store(to + v * lanes, sum);
            }
        }
        Pattern const& pattern = s.patterns[i];
        for (std::uint32_t k = 0; k < pattern.n_deaths; ++k) {
            std::size_t const cause = pick<n_vectors>(plain, sums, random.uniform() * total, s.n_causes);
            s.deaths[pattern.population * s.n_causes + cause] += 1;
            std::uint16_t const* counts = s.level_counts + (i * s.n_causes + cause) * 2 * count_slots;
            Shorts more_present;
            Shorts more_answered;
            std::memcpy(&more_present, counts, sizeof more_present);
            std::memcpy(&more_answered, counts + count_slots, sizeof more_answered);
            present += __builtin_convertvector(more_present, Counters);
            answered += __builtin_convertvector(more_answered, Counters);
        }
    }
    *s.random = random;
    std::memcpy(s.levels, &present, sizeof present);
    std::memcpy(s.levels + count_slots, &answered, sizeof answered);
}

template <std::size_t n_vectors>
VASTER_INLINE void expect_sized(Sweep& s) {
    double sum_of_logs = 0;
    double product = 1;  // of totals: one logarithm for many deaths
    for (std::size_t i = 0; i < s.n_patterns; ++i) {
        Pattern const& pattern = s.patterns[i];
        Doubles weight[n_vectors];
        double const shift = weigh_any<n_vectors>(s, i, weight);
        Doubles lane_sums = weight[0];
        for (std::size_t v = 1; v < n_vectors; ++v) lane_sums += weight[v];
        prefix_sums(lane_sums);
        double const total = lane_sums[lanes - 1];
        double const scale = pattern.n_deaths / total;
        double* to = s.expected + pattern.population * (n_vectors * lanes);
        for (std::size_t v = 0; v < n_vectors; ++v) {
            Doubles sum;
            load(sum, to + v * lanes);
            sum += weight[v] * scale;
            store(to + v * lanes, sum);
        }
        sum_of_logs += pattern.n_deaths * shift;
        for (std::uint32_t k = 0; k < pattern.n_deaths; ++k) {
            if (!(product > 1e-100 && product < 1e100)) {
                sum_of_logs += std::log(product);
                product = 1;
            }
            if (total > 1e-200 && total < 1e200) [[likely]] {
                product *= total;
            } else {
                sum_of_logs += std::log(total);
            }
        }
    }
    s.log_marginal = sum_of_logs + std::log(product);
}

template <std::size_t n_vectors>
VASTER_INLINE void build_sized(Node const* nodes, std::size_t n_nodes, std::uint8_t const* level, double const* factors,
                               double* products) {
    constexpr std::size_t width = n_vectors * lanes;
    Doubles low[2];
    Doubles high[2];
    for (std::size_t kind = 0; kind < 2; ++kind) {
        load(low[kind], factors + kind * count_slots);
        load(high[kind], factors + kind * count_slots + lanes);
    }
    for (std::size_t i = 0; i < n_nodes; ++i) {
        Node const node = nodes[i];
        Doubles const lower = low[node.missing];
        Doubles const upper = high[node.missing];
        for (std::size_t v = 0; v < n_vectors; ++v) {
            Bytes which;
            std::memcpy(&which, level + node.symptom * width + v * lanes, sizeof which);
            Doubles factor = __builtin_shuffle(lower, upper, __builtin_convertvector(which, Words));
            if (node.parent >= 0) {
                Doubles parent;
                load(parent, products + static_cast<std::size_t>(node.parent) * width + v * lanes);
                factor *= parent;
            }
            store(products + i * width + v * lanes, factor);
        }
    }
}

}  // namespace

// The number of vectors as a constant, so that the weights of a pattern stay in registers.
#define VASTER_SIZED(width, function, ...)                \
    switch ((width) / lanes) {                            \
        case 1: return function<1>(__VA_ARGS__);          \
        case 2: return function<2>(__VA_ARGS__);          \
        case 3: return function<3>(__VA_ARGS__);          \
        case 4: return function<4>(__VA_ARGS__);          \
        case 5: return function<5>(__VA_ARGS__);          \
        case 6: return function<6>(__VA_ARGS__);          \
        case 7: return function<7>(__VA_ARGS__);          \
        case 8: return function<8>(__VA_ARGS__);          \
        case 16: return function<16>(__VA_ARGS__);        \
        default: return function<max_vectors>(__VA_ARGS__); \
    }

std::size_t padded(std::size_t n_causes) {
    std::size_t const vectors = (n_causes + lanes - 1) / lanes;
    return lanes * (vectors <= 8 ? vectors : vectors <= 16 ? 16 : max_vectors);
}

VASTER_VECTOR_VERSIONS
void build_products(Node const* nodes, std::size_t n_nodes, std::uint8_t const* level, double const* factors,
                    double* products, std::size_t width) {
    VASTER_SIZED(width, build_sized, nodes, n_nodes, level, factors, products)
}

VASTER_VECTOR_VERSIONS
void draw(Sweep& sweep) { VASTER_SIZED(sweep.width, draw_sized, sweep) }

VASTER_VECTOR_VERSIONS
void expect(Sweep& sweep) { VASTER_SIZED(sweep.width, expect_sized, sweep) }

}  // namespace vaster::models::insilico::kernel
