// Included by one source file per vector width, which defines VASTER_KERNEL_LANES and VASTER_KERNEL_VERSION
// and is compiled for that width. So that no code made for one processor can be linked into another's,
// nothing here calls an inline function of any library: all is in an unnamed namespace or forced inline.

#include <math.h>
#include <string.h>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include "domains/va/models/insilico/kernel.hpp"

#define VASTER_INLINE __attribute__((always_inline)) inline

namespace vaster::models::insilicova::kernel {

namespace {  // each source that includes this is compiled for other processors

constexpr std::size_t lanes = VASTER_KERNEL_LANES;
using Vector = double __attribute__((vector_size(lanes * sizeof(double))));

VASTER_INLINE Vector load(double const* from) {
    Vector to;
    memcpy(&to, from, sizeof to);
    return to;
}

VASTER_INLINE void store(double* to, Vector from) {
    memcpy(to, &from, sizeof from);
}

/// Where weights are looked at they must be within these, so that the next blocks, e^-200 at least, lead to
/// no number that is so small as to lose digits.
constexpr double least_exact = 0x1p-730;
constexpr double most_exact = 0x1p1000;

/// The weights of the causes for one pattern.
template <std::size_t n>
struct Weights {
    static constexpr std::size_t n_vectors = n * group / lanes;
    Vector v[n_vectors];

    /// base times the products of the pattern's blocks. Meanwhile the rows of the next pattern are fetched,
    /// as far as it has no more blocks than this one: patterns come in that order.
    VASTER_INLINE void multiply(Sweep const& s, Pattern const& pattern) {
        double const* base = s.base + pattern.population * (n * group);
#pragma GCC unroll 128
        for (std::size_t i = 0; i < n_vectors; ++i) v[i] = load(base + i * lanes);
        std::uint32_t const* node = s.block_nodes + pattern.first;
        for (std::uint32_t b = 0; b < pattern.n_blocks; ++b) {
            double const* row = s.products + node[b] * (n * group);
            double const* next = s.products + node[pattern.n_blocks + b] * (n * group);
#pragma GCC unroll 128
            for (std::size_t i = 0; i < n * group; i += group) __builtin_prefetch(next + i);
#pragma GCC unroll 128
            for (std::size_t i = 0; i < n_vectors; ++i) v[i] *= load(row + i * lanes);
        }
    }

    /// multiply() with products of any size. Between blocks the weights are divided by a power of two where
    /// the largest nears an end of the range, so that every digit stays.
    /// @param exponent  of the power of two that they were divided by
    /// @returns false where a weight would fall out of the range
    VASTER_INLINE bool multiply_scaled(Sweep const& s, Pattern const& pattern, long& exponent) {
        double const* base = s.base + pattern.population * (n * group);
#pragma GCC unroll 128
        for (std::size_t i = 0; i < n_vectors; ++i) v[i] = load(base + i * lanes);
        exponent = 0;
        std::uint32_t const* node = s.block_nodes + pattern.first;
        for (std::uint32_t b = 0; b < pattern.n_blocks; ++b) {
            double const* row = s.products + node[b] * (n * group);
#pragma GCC unroll 128
            for (std::size_t i = 0; i < n_vectors; ++i) v[i] *= load(row + i * lanes);
            bool const is_last = b + 1 == pattern.n_blocks;
            if (!is_last && (b + 1) % s.blocks_at_once != 0) continue;
            if (!scale(s, exponent)) return false;
        }
        return true;
    }

    /// @returns whether all weights of causes are large enough to be exact
    VASTER_INLINE bool scale(Sweep const& s, long& exponent) {
        double largest = 0;
        double least = 1;
        ends(s, largest, least);
        if (!(least >= least_exact && largest <= most_exact)) return false;
        if (largest > 0x1p-300 && largest < 0x1p300) [[likely]]
            return true;
        std::uint64_t bits;
        memcpy(&bits, &largest, sizeof bits);
        long const power = static_cast<long>(bits >> 52U) - 1023;
        std::uint64_t const inverse = static_cast<std::uint64_t>(1023 - power) << 52U;
        double factor;
        memcpy(&factor, &inverse, sizeof factor);
        if (!(least * factor >= least_exact)) return false;
        multiply_by(factor);
        exponent += power;
        return true;
    }

    VASTER_INLINE void multiply_by(double factor) {
#pragma GCC unroll 128
        for (std::size_t i = 0; i < n_vectors; ++i) v[i] *= factor;
    }

    /// The largest weight, and the least of a cause; 1 or less.
    VASTER_INLINE void ends(Sweep const& s, double& largest, double& least) const {
        Vector most = v[0];
        Vector fewest = v[0] + load(s.padding);
#pragma GCC unroll 128
        for (std::size_t i = 1; i < n_vectors; ++i) {
            most = v[i] > most ? v[i] : most;
            Vector const padded = v[i] + load(s.padding + i * lanes);
            fewest = padded < fewest ? padded : fewest;
        }
        double all[lanes];
        store(all, most);
#pragma GCC unroll 8
        for (std::size_t j = 0; j < lanes; ++j) largest = all[j] > largest ? all[j] : largest;
        store(all, fewest);
#pragma GCC unroll 8
        for (std::size_t j = 0; j < lanes; ++j) least = all[j] < least ? all[j] : least;
    }

    /// Times the shares of told causes. @returns whether enough is left of some cause
    VASTER_INLINE bool share(Sweep const& s, Pattern const& pattern) {
        double const* told = s.shares + static_cast<std::size_t>(pattern.shares) * (n * group);
#pragma GCC unroll 128
        for (std::size_t i = 0; i < n_vectors; ++i) v[i] *= load(told + i * lanes);
        double largest = 0;
        double least = 1;
        ends(s, largest, least);
        return largest >= 0x1p-700;
    }

    VASTER_INLINE void write(double* to) const {
#pragma GCC unroll 128
        for (std::size_t i = 0; i < n_vectors; ++i) store(to + i * lanes, v[i]);
    }
};

/// to += weights * scale
template <std::size_t n>
VASTER_INLINE void add_to(double* to, double const* weights, double scale) {
#pragma GCC unroll 128
    for (std::size_t i = 0; i < n * group; i += lanes)
        store(to + i, load(to + i) + load(weights + i) * scale);
}

/// sums[j]: running sum, up to j, of the sums over the groups at one place within the group
template <std::size_t n>
VASTER_INLINE void running_sums(double const* weights, double* sums) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < group; i += lanes) {
        Vector sum = load(weights + i);
#pragma GCC unroll 128
        for (std::size_t g = 1; g < n; ++g) sum += load(weights + g * group + i);
        store(sums + i, sum);
    }
#pragma GCC unroll 8
    for (std::size_t j = 1; j < group; ++j) sums[j] += sums[j - 1];
}

/// A known cause with a smaller weight is weighed on a scale of its own: its reciprocal has to be a number.
constexpr double least_known_weight = 1e-260;

constexpr double log_of_two = 0x1.62e42fefa39efp-1;

/// What is rare: products that may leave the range of doubles, causes that have been told.
/// @returns log of the scale of the weights
__attribute__((noinline)) double special_weights(Sweep const& s, std::size_t index, bool safe, double shift,
                                                 double* plain) {
    Pattern const& pattern = s.patterns[index];
    if (!safe || pattern.shares >= 0 || !(plain[pattern.known] >= least_known_weight)) {
        for (std::size_t c = 0; c < s.width; ++c) plain[c] = 0;
        shift = s.careful(s.self, index, plain);
    }
    if (pattern.known >= 0) {
        for (std::size_t c = 0; c < s.width; ++c) {
            if (c != static_cast<std::size_t>(pattern.known)) plain[c] = 0;
        }
    }
    return shift;
}

/// Weights of what is not plain, to `plain`. Apart, so that registers are the plain path's.
/// @returns log of their scale
template <std::size_t n>
__attribute__((noinline)) double weigh_rare(Sweep const& s, std::size_t index, bool safe, double shift,
                                            double* plain) {
    Pattern const& pattern = s.patterns[index];
    Weights<n> weights;
    if (s.padding != nullptr && pattern.known < 0) {
        long exponent = 0;
        bool const holds = weights.multiply_scaled(s, pattern, exponent);
        if (holds && (pattern.shares < 0 || weights.share(s, pattern))) {
            weights.write(plain);
            return shift + static_cast<double>(exponent) * log_of_two;
        }
    }
    weights.multiply(s, pattern);
    weights.write(plain);
    return special_weights(s, index, safe, shift, plain);
}

/// The weights of the causes for one pattern, to `plain`.
/// @returns log of their scale
template <std::size_t n>
VASTER_INLINE double weigh(Sweep const& s, std::size_t index, double* plain) {
    Pattern const& pattern = s.patterns[index];
    double const shift = s.base_shift == nullptr ? 0 : s.base_shift[pattern.population];
    bool const safe = pattern.n_present * s.max_terms_present + pattern.n_missing * s.max_terms_missing <= 1;
    if (!(safe && pattern.known < 0 && pattern.shares < 0)) [[unlikely]]
        return weigh_rare<n>(s, index, safe, shift, plain);
    Weights<n> weights;
    weights.multiply(s, pattern);
    weights.write(plain);
    return shift;
}

/// The heaviest cause.
std::size_t heaviest(double const* weight, std::size_t n_causes) {
    std::size_t best = 0;
    for (std::size_t c = 1; c < n_causes; ++c) {
        if (weight[c] > weight[best]) best = c;
    }
    return best;
}

/// The cause at which the running sum of weights passes `at`: first the place within the groups, then the
/// group.
template <std::size_t n>
VASTER_INLINE std::size_t pick(double const* weight, double const* sums, double at, std::size_t n_causes) {
    std::size_t place = 0;
#pragma GCC unroll 8
    for (std::size_t j = 0; j < group - 1; ++j) place += static_cast<std::size_t>(sums[j] <= at);
    double const rest = at - (place == 0 ? 0 : sums[place - 1]);
    std::size_t which = 0;
    double sum = weight[place];
#pragma GCC unroll 32
    for (std::size_t g = 1; g < n; ++g) {
        which += static_cast<std::size_t>(sum <= rest);
        sum += weight[g * group + place];
    }
    std::size_t const cause = which * group + place;
    if (weight[cause] > 0) [[likely]]
        return cause;
    // Only rounding leads here: the number fell on the edge of a cause that cannot be.
    return heaviest(weight, n_causes);
}

/// Takes a death from the cause that it had, and counts it at the one that it has now.
VASTER_INLINE void move(Sweep const& s, Move const& moved) {
    double* const deaths = s.deaths + s.patterns[moved.pattern].population * s.n_causes;
    deaths[moved.to] += 1;
    if (moved.from != nobody) deaths[moved.from] -= 1;
    if (s.level_counts == nullptr) return;
    constexpr std::size_t n = 2 * count_slots;
    std::uint16_t const* const counts = s.level_counts + moved.pattern * s.n_causes * n;
    std::uint16_t const* const more = counts + moved.to * n;
    for (std::size_t l = 0; l < n; ++l) s.levels[l] += more[l];
    if (moved.from == nobody) return;
    std::uint16_t const* const less = counts + moved.from * n;
    for (std::size_t l = 0; l < n; ++l) s.levels[l] -= less[l];
}

template <std::size_t n>
VASTER_INLINE void draw_sized(Sweep& s) {
    double const* uniform = s.uniforms;
    std::uint16_t* before = s.causes;
    std::size_t n_moves = 0;
    for (std::size_t i = 0; i < s.n_patterns; ++i) {
        alignas(64) double plain[n * group];
        alignas(64) double sums[group];
        weigh<n>(s, i, plain);
        running_sums<n>(plain, sums);
        double const total = sums[group - 1];
        if (s.recorded != nullptr) add_to<n>(s.recorded + i * (n * group), plain, 1 / total);
        Pattern const& pattern = s.patterns[i];
        for (std::uint32_t k = 0; k < pattern.n_deaths; ++k) {
            auto const cause =
                static_cast<std::uint16_t>(pick<n>(plain, sums, *uniform++ * total, s.n_causes));
            // Written always and kept if it is one, so that there is no branch that cannot be foretold.
            s.moves[n_moves] = {static_cast<std::uint32_t>(i), *before, cause};
            n_moves += static_cast<std::size_t>(cause != *before);
            *before++ = cause;
        }
    }
    for (std::size_t k = 0; k < n_moves; ++k) move(s, s.moves[k]);
}

template <std::size_t n>
VASTER_INLINE void expect_sized(Sweep& s) {
    double sum_of_logs = 0;
    double product = 1;  // of totals: one logarithm for many deaths
    for (std::size_t i = 0; i < s.n_patterns; ++i) {
        Pattern const& pattern = s.patterns[i];
        alignas(64) double plain[n * group];
        alignas(64) double sums[group];
        double const shift = weigh<n>(s, i, plain);
        running_sums<n>(plain, sums);
        double const total = sums[group - 1];
        add_to<n>(s.expected + pattern.population * (n * group), plain, pattern.n_deaths / total);
        sum_of_logs += pattern.n_deaths * shift;
        for (std::uint32_t k = 0; k < pattern.n_deaths; ++k) {
            if (!(product > 1e-100 && product < 1e100)) {
                sum_of_logs += log(product);
                product = 1;
            }
            if (total > 1e-200 && total < 1e200) [[likely]]
                product *= total;
            else
                sum_of_logs += log(total);
        }
    }
    s.log_marginal = sum_of_logs + log(product);
}

#ifdef __AVX512F__
/// factors[kind][level] for eight causes at once
struct Lookup {
    __m512d low, high;

    VASTER_INLINE explicit Lookup(double const* factors)
        : low(_mm512_loadu_pd(factors)), high(_mm512_loadu_pd(factors + group)) {}

    VASTER_INLINE void operator()(std::uint8_t const* level, double* to) const {
        __m512i const which =
            _mm512_maskz_cvtepu8_epi64(0xff, _mm_loadl_epi64(reinterpret_cast<__m128i const*>(level)));
        _mm512_storeu_pd(to, _mm512_permutex2var_pd(low, which, high));
    }
};
#else
struct Lookup {
    double const* factors;

    VASTER_INLINE explicit Lookup(double const* from) : factors(from) {}

    VASTER_INLINE void operator()(std::uint8_t const* level, double* to) const {
#pragma GCC unroll 8
        for (std::size_t j = 0; j < group; ++j) to[j] = factors[level[j]];
    }
};
#endif

/// The number of groups as a constant, so that no loop is left over a row.
template <std::size_t n>
VASTER_INLINE void build_sized(Build const& b) {
    constexpr std::size_t width = n * group;
    Lookup const lookups[2] = {Lookup(b.factors), Lookup(b.factors + count_slots)};
    double* to = b.products;
    for (std::size_t i = 0; i < b.n_answers; ++i, to += width) {
        Lookup const lookup = lookups[b.answers[i].missing];
        std::uint8_t const* level = b.level + b.answers[i].symptom * width;
        for (std::size_t c = 0; c < width; c += group) lookup(level + c, to + c);
    }
    for (std::size_t i = 0; i < b.n_joins; ++i, to += width) {
        double const* left = b.products + b.joins[i].left * width;
        double const* right = b.products + b.joins[i].right * width;
#pragma GCC unroll 128
        for (std::size_t c = 0; c < width; c += lanes) store(to + c, load(left + c) * load(right + c));
    }
}

// The number of groups as a constant, so that the weights of a pattern stay in registers.
// NOLINTBEGIN(bugprone-macro-parentheses): the name of a template cannot stand in parentheses.
#define VASTER_SIZED(function)                 \
    switch (work.width / group) {              \
        case 1:                                \
            return function<1>(work);          \
        case 2:                                \
            return function<2>(work);          \
        case 3:                                \
            return function<3>(work);          \
        case 4:                                \
            return function<4>(work);          \
        case 5:                                \
            return function<5>(work);          \
        case 6:                                \
            return function<6>(work);          \
        case 7:                                \
            return function<7>(work);          \
        case 8:                                \
            return function<8>(work);          \
        case 16:                               \
            return function<16>(work);         \
        default:                               \
            return function<max_groups>(work); \
    }

// NOLINTEND(bugprone-macro-parentheses)

void build(Build const& work) {
    VASTER_SIZED(build_sized)
}

void draw(Sweep& work) {
    VASTER_SIZED(draw_sized)
}

void expect(Sweep& work) {
    VASTER_SIZED(expect_sized)
}

}  // namespace

extern Version const VASTER_KERNEL_VERSION;
Version const VASTER_KERNEL_VERSION{VASTER_KERNEL_NAME, build, draw, expect};

}  // namespace vaster::models::insilicova::kernel
