// Runs every version of InSilicoVA's inner loops that this processor can run, for every number of groups, on
// made-up numbers, and prints a hash of all bytes that come out of each. Needs nothing but the loops, so that
// it can be compiled for another processor; the lines of all processors must be equal but for the name.
// log_marginal is left out: it goes through the C library's logarithm, which is not ours to promise.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "domains/va/models/insilico/kernel.hpp"

namespace {

using namespace vaster::models::insilicova::kernel;

/// Steele, Lea and Flood (2014), doi:10.1145/2714064.2660195: the same on every machine.
class SplitMix {
  public:
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(next() % n); }

  private:
    std::uint64_t state_ = 1;
};

/// FNV-1a, 64 bits.
class Hash {
  public:
    template <class T>
    void add(std::vector<T> const& values) {
        std::vector<unsigned char> bytes(values.size() * sizeof(T));
        std::memcpy(bytes.data(), values.data(), bytes.size());
        for (unsigned char const byte : bytes) value_ = (value_ ^ byte) * 0x100000001b3;
    }

    [[nodiscard]] unsigned long long value() const { return value_; }

  private:
    std::uint64_t value_ = 0xcbf29ce484222325;
};

/// For the patterns that are worked out in logarithms.
double careful(void const*, std::size_t pattern, double* weights) {
    for (std::size_t c = 0; c < 3; ++c) weights[c] = 1.0 / static_cast<double>(1 + c + pattern % 5);
    return -0.25 * static_cast<double>(pattern);
}

constexpr std::uint32_t n_symptoms = 20;
constexpr std::uint32_t n_answers = 25;
constexpr std::uint32_t n_nodes = 60;
constexpr std::uint32_t n_patterns = 40;
constexpr std::uint32_t n_blocks = 4;
constexpr std::uint32_t n_populations = 2;

/// All that the loops read.
struct Inputs {
    explicit Inputs(std::size_t n)
        : n_causes(n),
          width(padded(n)),
          level(n_symptoms * width),
          factors(2 * count_slots),
          answers(n_answers),
          joins(n_nodes - n_answers),
          patterns(n_patterns),
          block_nodes((n_patterns + 1) * n_blocks),
          base(n_populations * width),
          level_counts(n_patterns * n_causes * 2 * count_slots) {
        SplitMix random;
        for (auto& l : level) l = static_cast<std::uint8_t>(random.below(count_slots));
        for (auto& f : factors) f = 0.01 + 1.5 * random.uniform();
        for (auto& answer : answers) answer = {random.below(n_symptoms), random.below(2)};
        for (std::uint32_t i = n_answers; i < n_nodes; ++i)
            joins[i - n_answers] = {random.below(i), random.below(i)};
        for (auto& node : block_nodes) node = random.below(n_nodes);
        for (std::size_t k = 0; k < base.size(); ++k) base[k] = k % width < n_causes ? random.uniform() : 0;
        for (auto& count : level_counts) count = static_cast<std::uint16_t>(random.below(5));
        for (std::uint32_t i = 0; i < n_patterns; ++i) make_pattern(i, random);
    }

    void make_pattern(std::uint32_t i, SplitMix& random) {
        Pattern& pattern = patterns[i];
        pattern.first = i * n_blocks;
        pattern.n_blocks = n_blocks;
        pattern.n_deaths = 1 + random.below(3);
        pattern.population = random.below(n_populations);
        if (i % 7 == 0) pattern.known = static_cast<std::int32_t>(i % 3);
        pattern.n_present = static_cast<std::uint16_t>(i % 11 == 0 ? 30 : 3);  // 30: is worked out with care
        for (std::uint32_t k = 0; k < pattern.n_deaths; ++k) {
            uniforms.push_back(random.uniform());
            more_uniforms.push_back(random.uniform());
        }
    }

    std::size_t n_causes;
    std::size_t width;
    std::vector<std::uint8_t> level;
    std::vector<double> factors;
    std::vector<Factor> answers;
    std::vector<Join> joins;
    std::vector<Pattern> patterns;
    std::vector<std::uint32_t> block_nodes;
    std::vector<double> base;
    std::vector<std::uint16_t> level_counts;
    std::vector<double> uniforms;       ///< of a first draw
    std::vector<double> more_uniforms;  ///< of the next
    std::vector<double> shift = std::vector<double>(n_populations, 0.5);
};

/// One pass of all loops.
/// @param scales  are products kept in range by powers of two?
void add_pass(Version const& version, Inputs const& in, bool scales, Hash& hash) {
    std::vector<double> products(n_nodes * in.width);
    version.build({in.answers.data(), in.answers.size(), in.joins.data(), in.joins.size(), in.level.data(),
                   in.factors.data(), products.data(), in.width});

    std::vector<double> recorded(n_patterns * in.width);
    std::vector<double> deaths(n_populations * in.n_causes);
    std::vector<std::uint32_t> levels(2 * count_slots);
    std::vector<double> expected(n_populations * in.width);
    Sweep sweep;
    sweep.patterns = in.patterns.data();
    sweep.n_patterns = n_patterns;
    sweep.n_causes = in.n_causes;
    sweep.width = in.width;
    sweep.block_nodes = in.block_nodes.data();
    sweep.products = products.data();
    sweep.base = in.base.data();
    sweep.level_counts = in.level_counts.data();
    sweep.max_terms_present = 0.1;
    sweep.careful = careful;
    std::vector<double> padding(in.width, 1.0);
    std::fill_n(padding.begin(), in.n_causes, 0.0);
    std::vector<double> const shares(in.width, 0.25);
    if (scales) {
        sweep.padding = padding.data();
        sweep.blocks_at_once = 3;
        sweep.shares = shares.data();
    }
    sweep.recorded = recorded.data();
    sweep.uniforms = in.uniforms.data();
    std::vector<std::uint16_t> causes(in.uniforms.size(), nobody);
    std::vector<Move> moves(in.uniforms.size() + 1);
    sweep.causes = causes.data();
    sweep.moves = moves.data();
    sweep.deaths = deaths.data();
    sweep.levels = levels.data();
    version.draw(sweep);
    sweep.uniforms = in.more_uniforms.data();
    version.draw(sweep);
    sweep.base_shift = in.shift.data();
    sweep.expected = expected.data();
    version.expect(sweep);

    hash.add(products);
    hash.add(recorded);
    hash.add(causes);
    hash.add(deaths);
    hash.add(levels);
    hash.add(expected);
}

}  // namespace

int main() {
    for (Version const* version : runnable_versions()) {
        Hash hash;
        for (std::size_t const n_causes : {3, 8, 9, 21, 30, 34, 41, 50, 64, 100, 200})
            for (bool const scales : {false, true}) add_pass(*version, Inputs(n_causes), scales, hash);
        std::printf("%.*s %016llx\n", static_cast<int>(version->name.size()), version->name.data(),
                    hash.value());
    }
    return 0;
}
