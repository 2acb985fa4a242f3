#pragma once

#include <cstddef>
#include <cstdint>

#include "vaster/support/random.hpp"

/// The inner loops of InSilicoVA, on plain arrays and compiled once per vector width of the processor. Internal to the
/// room. The order of every sum and product is written out, so that all versions give the same bytes.
namespace vaster::models::insilico::kernel {

inline constexpr std::size_t lanes = 8;         ///< causes that are worked on together
inline constexpr std::size_t max_vectors = 32;  ///< at most lanes * max_vectors causes
inline constexpr std::size_t count_slots = 16;  ///< levels, rounded up to whole vectors

/// A product over the symptoms of a block: that of its parent times one more factor.
struct Node {
    std::int32_t parent = -1;  ///< -1: the empty product
    std::uint32_t symptom = 0;
    std::uint32_t missing = 0;  ///< 0: the symptom is present, 1: missing
};

/// Deaths that the model cannot tell apart.
struct Pattern {
    std::uint32_t first = 0;  ///< its nodes, in block_nodes
    std::uint32_t n_blocks = 0;
    std::uint32_t n_deaths = 0;
    std::uint32_t population = 0;
    std::int32_t known = -1;  ///< the cause, if it is known
    std::uint16_t n_present = 0;
    std::uint16_t n_missing = 0;
};

/// Causes rounded up to a number of vectors that the loops have been made for.
[[nodiscard]] std::size_t padded(std::size_t n_causes);

/// products[node][cause] = products[parent][cause] * factors[missing][level[symptom][cause]]
void build_products(Node const* nodes, std::size_t n_nodes, std::uint8_t const* level, double const* factors,
                    double* products, std::size_t width);

/// One pass over the patterns.
struct Sweep {
    Pattern const* patterns = nullptr;
    std::size_t n_patterns = 0;
    std::size_t n_causes = 0;
    std::size_t width = 0;  ///< causes rounded up to whole vectors
    std::uint32_t const* block_nodes = nullptr;
    double const* products = nullptr;            ///< [node][width]
    double const* base = nullptr;                ///< [population][width], 0 in the padding
    std::uint16_t const* level_counts = nullptr;  ///< [pattern][cause][2][count_slots]

    // What the weights of causes are for a pattern whose products may leave the range of doubles.
    double max_terms_present = 0;  ///< a pattern is safe if n_present * this + n_missing * the next <= 1
    double max_terms_missing = 0;
    double (*careful)(void const* self, std::size_t pattern, double* weights) = nullptr;  ///< gives log of the scale
    void const* self = nullptr;

    double* recorded = nullptr;  ///< [pattern][width], P(cause | death) is added; may be null

    // draw
    Random* random = nullptr;
    double* deaths = nullptr;        ///< [population][n_causes]
    std::uint32_t* levels = nullptr;  ///< [2][count_slots], counts are added

    // expect
    double const* base_shift = nullptr;  ///< [population], log of what base was divided by
    double* expected = nullptr;          ///< [population][width], expected deaths are added
    double log_marginal = 0;
};

void draw(Sweep& sweep);
void expect(Sweep& sweep);

}  // namespace vaster::models::insilico::kernel
