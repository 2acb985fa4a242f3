#include "domains/va/models/insilico/likelihood.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "domains/va/models/insilico/kernel.hpp"
#include "domains/va/models/insilico/shared_products.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models::insilicova {

namespace {

using kernel::count_slots;
using kernel::Pattern;
using va::Answer;

/// Products and sums of weights stay normal doubles while their logs stay within this.
constexpr double safe_log_range = 600;

/// Of the products of blocks, and of the range of the base, where weights are divided by powers of two.
constexpr double largest_log_of_blocks = 200;
constexpr double largest_log_of_base = 500;

/// An array of doubles that starts at a cache line.
class AlignedDoubles {
  public:
    void resize(std::size_t n) {
        values_.assign(n + line, 0.0);
        auto const address = reinterpret_cast<std::uintptr_t>(values_.data()) / sizeof(double);
        offset_ = (line - address % line) % line;
    }

    [[nodiscard]] double* data() noexcept { return values_.data() + offset_; }

    [[nodiscard]] double const* data() const noexcept { return values_.data() + offset_; }

  private:
    static constexpr std::size_t line = 8;
    std::vector<double> values_;
    std::size_t offset_ = 0;
};

/// log P(a death's answers | cause) where the problem gives P(s|c), [deaths][n_causes].
std::vector<double> given_log_likelihoods(Problem const& problem, std::vector<std::uint32_t> const& deaths) {
    std::vector<double> log_present;
    std::vector<double> log_absent;
    for (double const p : problem.given) {
        VASTER_EXPECTS(p > 0 && p < 1);
        log_present.push_back(problem.answer_weight * std::log(p));
        log_absent.push_back(problem.answer_weight * std::log1p(-p));
    }
    std::size_t const n_causes = problem.n_causes;
    std::vector<double> logs(deaths.size() * n_causes, 0.0);
    for (std::size_t i = 0; i < deaths.size(); ++i) {
        auto const row = problem.answers.row(deaths[i]);
        double* const sums = logs.data() + i * n_causes;
        for (std::size_t s = 0; s < problem.n_symptoms(); ++s) {
            if (row[s] == Answer::missing) continue;
            auto const& terms = row[s] == Answer::present ? log_present : log_absent;
            for (std::size_t c = 0; c < n_causes; ++c) sums[c] += terms[s * n_causes + c];
        }
    }
    return logs;
}

}  // namespace

struct Likelihood::Tables {
    explicit Tables(Problem const& problem);

    void find_patterns(Problem const& problem);
    void number_shares(Problem const& problem);
    void share_products(Problem const& problem);
    void sort_patterns();
    void count_levels(Problem const& problem);
    void weigh_given(Problem const& problem);
    void prepare_scaling();
    double prepare_base(std::span<double const> log_csmf);
    [[nodiscard]] kernel::Sweep sweep(std::span<double const> log_csmf);
    [[nodiscard]] double weigh_in_logs(std::size_t pattern, double* weights) const;
    [[nodiscard]] double log_likelihood(std::size_t pattern, std::size_t cause) const;

    [[nodiscard]] bool is_given() const noexcept { return !given_logs.empty(); }

    kernel::Version const* version = kernel::runnable_versions().back();
    std::size_t n_symptoms;
    std::size_t n_causes;
    std::size_t n_levels;
    std::size_t n_populations;
    std::size_t width;
    double answer_weight;

    std::vector<Pattern> patterns;
    std::vector<std::uint32_t> pattern_of_death;
    std::vector<std::uint32_t> example;  ///< a death of each pattern
    std::vector<std::uint32_t> block_nodes;
    SharedProducts shared;                    ///< its nodes are in block_nodes
    std::vector<std::uint8_t> level;          ///< [n_symptoms][width]
    std::vector<std::uint16_t> level_counts;  ///< [pattern][cause][present, answered][count_slots]
    std::vector<double> symptoms_at_level;    ///< [n_causes][n_levels]

    // Where P(s|c) are given, and a death's likelihood is the same on every draw:
    std::vector<double> given_logs;  ///< log likelihoods less the pattern's largest, [pattern][n_causes]
    double given_log_scale = 0;      ///< sum over the deaths of those largest

    std::vector<std::int32_t> shares_of_death;  ///< which list of told causes, -1: none
    std::vector<double> log_shares;             ///< [list][n_causes], -infinity where a cause was not told

    std::array<double, count_slots> log_present{};  ///< power * log v
    std::array<double, count_slots> log_absent{};   ///< power * log (1 - v)
    std::vector<double> log_none;                   ///< power * log P(no symptom | cause), [n_causes]
    AlignedDoubles products;                        ///< [node][width]
    double largest_log_odds = 0;
    double largest_log_missing = 0;

    std::vector<double> log_weights;  ///< csmf times power of P(no symptom), [n_populations][n_causes]
    AlignedDoubles base;  ///< its exponential over the population's largest, [n_populations][width]
    std::vector<double> base_shift;  ///< log of that largest, [n_populations]

    std::vector<double> uniforms;  ///< one per death

    // The last draw, whosever chain it was:
    std::vector<std::uint16_t> drawn;  ///< causes, in the order of the uniforms
    std::vector<kernel::Move> moves;   ///< room for those of a draw
    std::vector<double> drawn_deaths;  ///< deaths at each cause, [n_populations][n_causes]
    alignas(64) std::array<std::uint32_t, 2 * count_slots> drawn_levels{};  ///< answers at each level

    std::vector<double> recorded;  ///< sums of P(cause | death), [pattern][width]
    std::size_t n_recorded = 0;

    bool scales_products;        ///< Problem::scales_products
    AlignedDoubles padding;      ///< 0 for a cause, 1 behind them, [width]
    AlignedDoubles told_shares;  ///< exponentials of log_shares, [list][width]

    std::vector<double> expected;  ///< [n_populations][width]
};

Likelihood::Tables::Tables(Problem const& problem)
    : n_symptoms(problem.n_symptoms()),
      n_causes(problem.n_causes),
      n_levels(problem.n_levels),
      n_populations(problem.n_populations),
      width(kernel::padded(problem.n_causes)),
      answer_weight(problem.answer_weight),
      log_none(problem.n_causes),
      log_weights(problem.n_populations * problem.n_causes),
      base_shift(problem.n_populations),
      uniforms(problem.n_deaths()),
      drawn(problem.n_deaths(), kernel::nobody),
      moves(problem.n_deaths() + 1),
      drawn_deaths(problem.n_populations * problem.n_causes),
      scales_products(problem.scales_products && problem.given.empty()) {
    VASTER_EXPECTS(n_causes >= 1 && n_causes <= max_causes);
    VASTER_EXPECTS(problem.given.empty() ? n_levels >= 1 && n_levels <= max_levels : n_levels == 0);
    VASTER_EXPECTS(n_symptoms < std::numeric_limits<std::uint16_t>::max());
    VASTER_EXPECTS(answer_weight > 0 && answer_weight <= 1);
    VASTER_EXPECTS((problem.given.empty() ? problem.level.size() : problem.given.size()) ==
                   n_symptoms * n_causes);
    level.assign(n_symptoms * width, 0);
    symptoms_at_level.assign(n_causes * n_levels, 0);
    for (std::size_t s = 0; s < n_symptoms && problem.given.empty(); ++s) {
        for (std::size_t c = 0; c < n_causes; ++c) {
            std::uint8_t const l = problem.level[s * n_causes + c];
            VASTER_EXPECTS(l < n_levels);
            level[s * width + c] = l;
            symptoms_at_level[c * n_levels + l] += 1;
        }
    }
    number_shares(problem);
    find_patterns(problem);
    base.resize(n_populations * width);
    expected.resize(n_populations * width);
    if (!problem.given.empty()) {
        weigh_given(problem);
        return;
    }
    share_products(problem);
    count_levels(problem);
    products.resize(shared.n_nodes() * width);
    if (scales_products) prepare_scaling();
}

/// What the kernel needs to keep products within the range of doubles.
void Likelihood::Tables::prepare_scaling() {
    padding.resize(width);
    for (std::size_t c = n_causes; c < width; ++c) padding.data()[c] = 1;
    std::size_t const n_lists = log_shares.size() / n_causes;
    told_shares.resize(n_lists * width);
    for (std::size_t list = 0; list < n_lists; ++list)
        for (std::size_t c = 0; c < n_causes; ++c)
            told_shares.data()[list * width + c] = std::exp(log_shares[list * n_causes + c]);
}

/// Likelihoods that no draw changes are worked out once, in logarithms, so that none leaves the range of
/// doubles. The kernel sees each pattern as one block of symptoms with one product, its likelihoods over the
/// largest of them: a cause whose quotient is 0 is less likely than that one by more than e^-700.
void Likelihood::Tables::weigh_given(Problem const& problem) {
    given_logs = given_log_likelihoods(problem, example);
    products.resize(patterns.size() * width);
    for (std::size_t p = 0; p < patterns.size(); ++p) {
        std::span<double> const logs(given_logs.data() + p * n_causes, n_causes);
        double const largest = *std::max_element(logs.begin(), logs.end());
        given_log_scale += patterns[p].n_deaths * largest;
        for (std::size_t c = 0; c < n_causes; ++c) {
            logs[c] -= largest;
            products.data()[p * width + c] = std::exp(logs[c]);
        }
        patterns[p].first = static_cast<std::uint32_t>(p);
        patterns[p].n_blocks = 1;
        patterns[p].n_present = 1;  // one factor, whatever the answers are
        patterns[p].n_missing = 0;
        block_nodes.push_back(static_cast<std::uint32_t>(p));
    }
    block_nodes.push_back(0);
}

/// Deaths of which the same was told have one list.
void Likelihood::Tables::number_shares(Problem const& problem) {
    shares_of_death.assign(problem.n_deaths(), -1);
    if (problem.shares.empty()) return;
    VASTER_EXPECTS(problem.shares.size() == problem.n_deaths() * n_causes);
    std::map<std::vector<double>, std::int32_t> lists;
    for (std::size_t i = 0; i < problem.n_deaths(); ++i) {
        auto const first = problem.shares.begin() + static_cast<std::ptrdiff_t>(i * n_causes);
        std::vector<double> const list(first, first + static_cast<std::ptrdiff_t>(n_causes));
        if (std::all_of(list.begin(), list.end(), [](double share) { return share == 0; })) continue;
        auto const [at, is_new] = lists.try_emplace(list, static_cast<std::int32_t>(lists.size()));
        shares_of_death[i] = at->second;
        if (!is_new) continue;
        for (double const share : list) {
            VASTER_EXPECTS(share >= 0 && std::isfinite(share));
            log_shares.push_back(std::log(share));
        }
    }
}

void Likelihood::Tables::find_patterns(Problem const& problem) {
    std::size_t const n = problem.n_deaths();
    auto const population = [&](std::size_t i) {
        return problem.population.empty() ? 0U : problem.population[i];
    };
    auto const known = [&](std::size_t i) { return problem.known.empty() ? -1 : problem.known[i]; };
    auto const compare = [&](std::uint32_t a, std::uint32_t b) {
        auto const order = va::compare(problem.answers.row(a), problem.answers.row(b));
        if (order != 0) return order < 0 ? -1 : 1;
        auto const left = std::tuple(population(a), known(a), shares_of_death[a]);
        auto const right = std::tuple(population(b), known(b), shares_of_death[b]);
        return left < right ? -1 : static_cast<int>(right < left);
    };
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        int const c = compare(a, b);
        return c != 0 ? c < 0 : a < b;
    });
    pattern_of_death.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        std::uint32_t const death = order[i];
        if (i == 0 || compare(order[i - 1], death) != 0) {
            Pattern pattern;
            pattern.population = population(death);
            pattern.known = known(death);
            pattern.shares = shares_of_death[death];
            for (Answer const answer : problem.answers.row(death)) {
                pattern.n_present =
                    static_cast<std::uint16_t>(pattern.n_present + (answer == Answer::present));
                pattern.n_missing =
                    static_cast<std::uint16_t>(pattern.n_missing + (answer == Answer::missing));
            }
            patterns.push_back(pattern);
            example.push_back(death);
        }
        patterns.back().n_deaths += 1;
        pattern_of_death[death] = static_cast<std::uint32_t>(patterns.size() - 1);
    }
}

void Likelihood::Tables::share_products(Problem const& problem) {
    shared = insilicova::share_products(problem.answers, example);
    sort_patterns();
    for (Pattern& pattern : patterns) {
        auto const from = shared.nodes.begin() + pattern.first;
        pattern.first = static_cast<std::uint32_t>(block_nodes.size());
        block_nodes.insert(block_nodes.end(), from, from + pattern.n_blocks);
    }
    std::size_t const most = patterns.empty() ? 0 : patterns.back().n_blocks;
    block_nodes.resize(block_nodes.size() + most, 0);
    shared.nodes.clear();
}

/// By the number of their blocks, and then by the blocks: a processor foretells better how many there are,
/// and finds in its cache what the pattern before has read.
void Likelihood::Tables::sort_patterns() {
    for (std::size_t p = 0; p < patterns.size(); ++p) {
        patterns[p].first = shared.first[p];
        patterns[p].n_blocks = shared.first[p + 1] - shared.first[p];
    }
    auto const nodes_of = [&](std::uint32_t p) {
        return std::span(shared.nodes).subspan(patterns[p].first, patterns[p].n_blocks);
    };
    std::vector<std::uint32_t> order(patterns.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (patterns[a].n_blocks != patterns[b].n_blocks) return patterns[a].n_blocks < patterns[b].n_blocks;
        return std::ranges::lexicographical_compare(nodes_of(a), nodes_of(b));
    });
    std::vector<std::uint32_t> place(order.size());
    for (std::uint32_t p = 0; p < order.size(); ++p) place[order[p]] = p;
    for (std::uint32_t& p : pattern_of_death) p = place[p];
    std::vector<Pattern> sorted;
    std::vector<std::uint32_t> sorted_examples;
    sorted.reserve(order.size());
    sorted_examples.reserve(order.size());
    for (std::uint32_t const p : order) {
        sorted.push_back(patterns[p]);
        sorted_examples.push_back(example[p]);
    }
    patterns = std::move(sorted);
    example = std::move(sorted_examples);
}

void Likelihood::Tables::count_levels(Problem const& problem) {
    level_counts.assign(patterns.size() * n_causes * 2 * count_slots, 0);
    for (std::size_t p = 0; p < patterns.size(); ++p) {
        auto const row = problem.answers.row(example[p]);
        std::uint16_t* counts = level_counts.data() + p * n_causes * 2 * count_slots;
        for (std::size_t s = 0; s < n_symptoms; ++s) {
            if (row[s] == Answer::missing) continue;
            for (std::size_t c = 0; c < n_causes; ++c) {
                std::uint16_t* of_cause = counts + c * 2 * count_slots;
                std::uint8_t const l = problem.level[s * n_causes + c];
                if (row[s] == Answer::present) of_cause[l]++;
                of_cause[count_slots + l]++;
            }
        }
    }
}

/// @returns the widest range of log weights within a population
double Likelihood::Tables::prepare_base(std::span<double const> log_csmf) {
    double range = 0;
    for (std::size_t g = 0; g < n_populations; ++g) {
        double* logs = log_weights.data() + g * n_causes;
        for (std::size_t c = 0; c < n_causes; ++c) logs[c] = log_csmf[g * n_causes + c] + log_none[c];
        auto const [least, most] = std::minmax_element(logs, logs + n_causes);
        range = std::max(range, *most - *least);
        base_shift[g] = *most;
        double* to = base.data() + g * width;
        for (std::size_t c = 0; c < n_causes; ++c) to[c] = std::exp(logs[c] - base_shift[g]);
    }
    return range;
}

/// log of P(the pattern's answers | cause) over P(no symptom | cause): sum over levels of
/// present * log (v / (1 - v)) - missing * log (1 - v), the missing being those that are not answered.
/// Where P(s|c) are given: of P(the pattern's answers | cause) over the largest among the causes.
double Likelihood::Tables::log_likelihood(std::size_t index, std::size_t cause) const {
    if (is_given()) return given_logs[index * n_causes + cause];
    double sum = 0;
    std::uint16_t const* counts = level_counts.data() + (index * n_causes + cause) * 2 * count_slots;
    for (std::size_t l = 0; l < n_levels; ++l) {
        double const present = counts[l];
        double const missing = symptoms_at_level[cause * n_levels + l] - counts[count_slots + l];
        sum += present * (log_present[l] - log_absent[l]) - missing * log_absent[l];
    }
    return sum;
}

/// @returns log of what the weights were divided by
double Likelihood::Tables::weigh_in_logs(std::size_t index, double* weights) const {
    std::size_t const population = patterns[index].population;
    for (std::size_t c = 0; c < n_causes; ++c) {
        weights[c] = log_weights[population * n_causes + c] + log_likelihood(index, c);
    }
    if (std::int32_t const list = patterns[index].shares; list >= 0) {
        double const* shares = log_shares.data() + static_cast<std::size_t>(list) * n_causes;
        for (std::size_t c = 0; c < n_causes; ++c) weights[c] += shares[c];
    }
    double scale = *std::max_element(weights, weights + n_causes);
    // A known cause counts alone, also where another one would be so much likelier that its own weight is 0.
    std::int32_t const known = patterns[index].known;
    if (known >= 0 && weights[known] < scale - safe_log_range) scale = weights[known];
    for (std::size_t c = 0; c < n_causes; ++c) weights[c] = std::exp(weights[c] - scale);
    return scale;
}

kernel::Sweep Likelihood::Tables::sweep(std::span<double const> log_csmf) {
    VASTER_EXPECTS(log_csmf.size() == n_populations * n_causes);
    double const range = prepare_base(log_csmf);
    kernel::Sweep sweep;
    sweep.patterns = patterns.data();
    sweep.n_patterns = patterns.size();
    sweep.n_causes = n_causes;
    sweep.width = width;
    sweep.block_nodes = block_nodes.data();
    sweep.products = products.data();
    sweep.base = base.data();
    sweep.level_counts = is_given() ? nullptr : level_counts.data();
    double const left = std::max(safe_log_range - range, 1e-9);
    sweep.max_terms_present = largest_log_odds / left;
    sweep.max_terms_missing = largest_log_missing / left;
    // Where the base alone spans too much, only deaths without any factor are safe.
    if (range > safe_log_range) sweep.max_terms_present = sweep.max_terms_missing = 2;
    sweep.careful = [](void const* self, std::size_t pattern, double* weights) {
        return static_cast<Tables const*>(self)->weigh_in_logs(pattern, weights);
    };
    sweep.self = this;
    if (!scales_products || range > largest_log_of_base) return sweep;
    double const of_block =
        static_cast<double>(shared.longest) * std::max(largest_log_odds, largest_log_missing);
    if (of_block > largest_log_of_blocks) return sweep;
    sweep.blocks_at_once = static_cast<std::uint32_t>(largest_log_of_blocks / std::max(of_block, 1.0));
    sweep.padding = padding.data();
    sweep.shares = told_shares.data();
    return sweep;
}

Likelihood::Likelihood(Problem const& problem) : tables_(std::make_unique<Tables>(problem)) {}

Likelihood::~Likelihood() = default;
Likelihood::Likelihood(Likelihood&&) noexcept = default;
Likelihood& Likelihood::operator=(Likelihood&&) noexcept = default;

void Likelihood::set_levels(std::span<double const> values, double power) {
    Tables& t = *tables_;
    VASTER_EXPECTS(values.size() == t.n_levels && power >= 0 && power <= 1);
    if (t.is_given()) return;
    power *= t.answer_weight;
    std::array<double, 2 * count_slots> factors;
    factors.fill(1);
    t.largest_log_odds = 0;
    t.largest_log_missing = 0;
    for (std::size_t l = 0; l < t.n_levels; ++l) {
        double const v = values[l];
        VASTER_EXPECTS(v > 0 && v < 1);
        t.log_present[l] = power * std::log(v);
        t.log_absent[l] = power * std::log1p(-v);
        double const log_odds = t.log_present[l] - t.log_absent[l];
        factors[l] = power == 1 ? v / (1 - v) : std::exp(log_odds);
        factors[count_slots + l] = power == 1 ? 1 / (1 - v) : std::exp(-t.log_absent[l]);
        t.largest_log_odds = std::max(t.largest_log_odds, std::abs(log_odds));
        t.largest_log_missing = std::max(t.largest_log_missing, -t.log_absent[l]);
    }
    for (std::size_t c = 0; c < t.n_causes; ++c) {
        double sum = 0;
        for (std::size_t l = 0; l < t.n_levels; ++l)
            sum += t.symptoms_at_level[c * t.n_levels + l] * t.log_absent[l];
        t.log_none[c] = sum;
    }
    t.version->build({t.shared.factors.data(), t.shared.factors.size(), t.shared.joins.data(),
                      t.shared.joins.size(), t.level.data(), factors.data(), t.products.data(), t.width});
}

void Likelihood::draw(std::span<double const> log_csmf, Random& random, Counts& counts, Record record) {
    Tables& t = *tables_;
    kernel::Sweep sweep = t.sweep(log_csmf);
    sweep.causes = t.drawn.data();
    sweep.moves = t.moves.data();
    sweep.deaths = t.drawn_deaths.data();
    sweep.levels = t.drawn_levels.data();
    if (record == Record::yes) {
        if (t.recorded.empty()) t.recorded.assign(t.patterns.size() * t.width, 0.0);
        sweep.recorded = t.recorded.data();
        t.n_recorded += 1;
    }
    for (double& u : t.uniforms) u = random.uniform();
    sweep.uniforms = t.uniforms.data();
    t.version->draw(sweep);
    std::copy(t.drawn_deaths.begin(), t.drawn_deaths.end(), counts.deaths.begin());
    for (std::size_t l = 0; l < t.n_levels; ++l) {
        counts.present[l] = t.drawn_levels[l];
        counts.answered[l] = t.drawn_levels[count_slots + l];
    }
}

double Likelihood::marginal(std::span<double const> log_csmf, std::span<double> expected) {
    Tables& t = *tables_;
    kernel::Sweep sweep = t.sweep(log_csmf);
    std::fill(t.expected.begin(), t.expected.end(), 0.0);
    sweep.base_shift = t.base_shift.data();
    sweep.expected = t.expected.data();
    t.version->expect(sweep);
    for (std::size_t g = 0; g < t.n_populations; ++g) {
        std::copy_n(t.expected.begin() + static_cast<std::ptrdiff_t>(g * t.width), t.n_causes,
                    expected.begin() + static_cast<std::ptrdiff_t>(g * t.n_causes));
    }
    return sweep.log_marginal + t.given_log_scale;
}

void Likelihood::add_probabilities(std::span<double> sums) const {
    Tables const& t = *tables_;
    if (t.recorded.empty()) return;
    for (std::size_t i = 0; i < t.pattern_of_death.size(); ++i) {
        double const* row = t.recorded.data() + t.pattern_of_death[i] * t.width;
        for (std::size_t c = 0; c < t.n_causes; ++c) sums[i * t.n_causes + c] += row[c];
    }
}

std::size_t Likelihood::n_recorded() const noexcept {
    return tables_->n_recorded;
}

std::size_t Likelihood::n_distinct() const noexcept {
    return tables_->patterns.size();
}

void Likelihood::clear_recorded() {
    tables_->recorded.clear();
    tables_->n_recorded = 0;
}

std::vector<std::string> Likelihood::versions() {
    std::vector<std::string> names;
    for (kernel::Version const* version : kernel::runnable_versions()) names.emplace_back(version->name);
    return names;
}

void Likelihood::use_version(std::string_view name) {
    for (kernel::Version const* version : kernel::runnable_versions()) {
        if (version->name == name) tables_->version = version;
    }
}

Counts Likelihood::make_counts() const {
    Tables const& t = *tables_;
    return {std::vector<double>(t.n_populations * t.n_causes), std::vector<double>(t.n_levels),
            std::vector<double>(t.n_levels)};
}

}  // namespace vaster::models::insilicova
