#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// The inner loops of InSilicoVA, on plain arrays, compiled once per vector width of the processor. Internal
/// to the room. The order of every sum and product is written out and does not depend on that width: all
/// versions give the same bytes.
namespace vaster::models::insilicova::kernel {

inline constexpr std::size_t group = 8;          ///< causes are padded to whole groups
inline constexpr std::size_t max_groups = 32;    ///< at most group * max_groups causes
inline constexpr std::size_t count_slots = 16;   ///< levels, rounded up to whole vectors
inline constexpr std::uint16_t nobody = 0xffff;  ///< the cause of a death that has none yet

/// What one answer of a death says: a node of its own.
struct Factor {
    std::uint32_t symptom = 0;
    std::uint32_t missing = 0;  ///< 0: the symptom is present, 1: missing
};

/// A node that is the product of two nodes before it.
struct Join {
    std::uint32_t left = 0;
    std::uint32_t right = 0;
};

/// Deaths that the model cannot tell apart.
struct Pattern {
    std::uint32_t first = 0;  ///< its nodes, in block_nodes
    std::uint32_t n_blocks = 0;
    std::uint32_t n_deaths = 0;
    std::uint32_t population = 0;
    std::int32_t known = -1;   ///< the cause, if it is known
    std::int32_t shares = -1;  ///< which of the lists of told causes, if several were told
    std::uint16_t n_present = 0;
    std::uint16_t n_missing = 0;
};

/// A death that has got another cause.
struct Move {
    std::uint32_t pattern = 0;
    std::uint16_t from = nobody;
    std::uint16_t to = nobody;
};

/// Products over blocks of symptoms; nodes are numbered factors first, then joins.
struct Build {
    Factor const* answers = nullptr;
    std::size_t n_answers = 0;
    Join const* joins = nullptr;
    std::size_t n_joins = 0;
    std::uint8_t const* level = nullptr;  ///< [symptom][width]
    double const* factors = nullptr;      ///< of a symptom that is present, missing, [2][count_slots]
    double* products = nullptr;           ///< [node][width]
    std::size_t width = 0;                ///< causes rounded up to whole groups
};

/// One pass over the patterns.
struct Sweep {
    Pattern const* patterns = nullptr;
    std::size_t n_patterns = 0;
    std::size_t n_causes = 0;
    std::size_t width = 0;  ///< causes rounded up to whole groups
    /// Behind the last pattern's there are as many more as a pattern can have; any nodes.
    std::uint32_t const* block_nodes = nullptr;
    double const* products = nullptr;  ///< [node][width]
    double const* base = nullptr;      ///< [population][width], 0 in the padding
    std::uint16_t const* level_counts =
        nullptr;  ///< [pattern][cause][2][count_slots]; null: there are no levels

    // What the weights of causes are for a pattern whose products may leave the range of doubles.
    double max_terms_present = 0;  ///< a pattern is safe if n_present * this + n_missing * the next <= 1
    double max_terms_missing = 0;
    double (*careful)(void const* self, std::size_t pattern,
                      double* weights) = nullptr;  ///< gives log of the scale
    void const* self = nullptr;
    /// 0 for a cause, 1 in the padding, [width]: then products of such a pattern are divided by powers of two
    /// as they leave the middle of the range, which loses nothing, and only what that cannot hold is left to
    /// `careful`. Null: all is.
    double const* padding = nullptr;
    /// So many blocks are multiplied before the weights are looked at: their product must be within e^200 and
    /// e^-200.
    std::uint32_t blocks_at_once = 1;
    double const* shares = nullptr;  ///< of the causes that were told, 0 in the padding, [list][width]

    // draw
    double* recorded = nullptr;        ///< [pattern][width], P(cause | death) is added; may be null
    double const* uniforms = nullptr;  ///< one number in [0, 1) per death, pattern by pattern
    /// The cause of each death, in the order of the uniforms, as it was drawn before; `nobody` before the
    /// first draw. Overwritten. Counts change only where a death's cause does: most keep theirs from draw to
    /// draw, and what they say of the levels is far away in memory.
    std::uint16_t* causes = nullptr;
    Move* moves = nullptr;            ///< room for one more than there are deaths
    double* deaths = nullptr;         ///< [population][n_causes]
    std::uint32_t* levels = nullptr;  ///< [2][count_slots]

    // expect
    double const* base_shift = nullptr;  ///< [population], log of what base was divided by
    double* expected = nullptr;          ///< [population][width], expected deaths are added
    double log_marginal = 0;
};

/// One compiled version of the loops.
struct Version {
    std::string_view name;
    void (*build)(Build const&);
    void (*draw)(Sweep&);
    void (*expect)(Sweep&);
};

extern Version const baseline;
#ifdef VASTER_KERNEL_X86_VERSIONS
extern Version const avx2;
extern Version const avx512;
#endif

/// The versions that this processor can run, the widest last.
[[nodiscard]] std::vector<Version const*> runnable_versions();

/// Causes rounded up to a number of groups that the loops have been made for.
[[nodiscard]] std::size_t padded(std::size_t n_causes);

}  // namespace vaster::models::insilicova::kernel
