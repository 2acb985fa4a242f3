#include "domains/va/models/insilico/shared_products.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <queue>
#include <utility>

#include "vaster/support/contracts.hpp"
#include "vaster/support/random.hpp"

namespace vaster::models::insilicova {

namespace {

using va::Answer;

constexpr std::uint32_t silent = std::numeric_limits<std::uint32_t>::max();

/// In multiplications of a death: two rows are read and one is written, and the fewer there are the more of
/// them the processor's cache holds. Measured; 2 to 4 make no great difference.
constexpr std::int64_t cost_of_node = 4;

/// Symptoms whose answers are multiplied together.
struct Block {
    std::vector<std::uint32_t> node_of;  ///< of each death, or `silent`
    std::vector<std::uint64_t> speaks;   ///< a bit for each death: is it not silent?
    std::size_t longest = 1;             ///< answers in its longest product
    std::uint32_t version = 0;           ///< rises when it takes in another block
    bool is_alive = true;
};

/// Pairs of nodes, each with a number.
class PairTable {
  public:
    /// @param most  pairs that will be asked for before clear()
    explicit PairTable(std::size_t most) : slots_(std::bit_ceil(2 * most + 2)) {}

    void clear() { ++round_; }

    /// @returns the pair's number; `next` if it is new
    std::uint32_t number(std::uint32_t a, std::uint32_t b, std::uint32_t next) {
        std::uint64_t const key = (std::uint64_t{a} << 32U) | b;
        std::size_t at = scramble(key) & (slots_.size() - 1);
        while (slots_[at].round == round_ && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
        if (slots_[at].round != round_) slots_[at] = {key, round_, next};
        return slots_[at].number;
    }

  private:
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t round = 0;
        std::uint32_t number = 0;
    };

    std::vector<Slot> slots_;
    std::uint32_t round_ = 1;
};

/// Two blocks, and what it would save to make one of them; first a bound, then, once asked for, the saving.
struct Candidate {
    std::int64_t saving = 0;
    std::uint32_t a = 0, b = 0;
    std::uint32_t version_a = 0, version_b = 0;
    bool is_exact = false;

    /// The queue's order: most saved first, then the first symptoms.
    bool operator<(Candidate const& other) const {
        if (saving != other.saving) return saving < other.saving;
        return std::pair(a, b) > std::pair(other.a, other.b);
    }
};

class Sharing {
  public:
    Sharing(va::AnswerMatrix const& answers, std::span<std::uint32_t const> deaths)
        : n_deaths_(deaths.size()),
          n_words_((deaths.size() + va::bits_of_word - 1) / va::bits_of_word),
          pairs_(deaths.size()) {
        make_blocks(answers, deaths);
        fewest_.assign(blocks_.size() * blocks_.size(), 1);
        for (std::uint32_t a = 0; a < blocks_.size(); ++a)
            for (std::uint32_t b = a + 1; b < blocks_.size(); ++b) consider(a, b);
    }

    SharedProducts run() {
        while (!queue_.empty()) {
            Candidate const best = queue_.top();
            queue_.pop();
            Block const& a = blocks_[best.a];
            Block const& b = blocks_[best.b];
            if (!a.is_alive || !b.is_alive || a.version != best.version_a || b.version != best.version_b)
                continue;
            if (best.is_exact)
                join(best.a, best.b);
            else
                count(best);
        }
        list_nodes();
        return std::move(shared_);
    }

  private:
    /// One for each symptom to which somebody's answer is not "absent".
    void make_blocks(va::AnswerMatrix const& answers, std::span<std::uint32_t const> deaths) {
        for (std::uint32_t s = 0; s < answers.n_columns(); ++s) {
            Block block;
            block.node_of.assign(n_deaths_, silent);
            block.speaks.assign(n_words_, 0);
            std::uint32_t node[2] = {silent, silent};
            for (std::size_t i = 0; i < n_deaths_; ++i) {
                Answer const answer = answers.row(deaths[i])[s];
                if (answer == Answer::absent) continue;
                std::uint32_t const missing = answer == Answer::missing ? 1 : 0;
                if (node[missing] == silent) {
                    node[missing] = static_cast<std::uint32_t>(shared_.factors.size());
                    shared_.factors.push_back({s, missing});
                }
                block.node_of[i] = node[missing];
                set_bit(block, i);
            }
            if (node[0] != silent || node[1] != silent) blocks_.push_back(std::move(block));
        }
        shared_.longest = blocks_.empty() ? 0 : 1;
    }

    static void set_bit(Block& block, std::size_t i) {
        block.speaks[i / va::bits_of_word] |= std::uint64_t{1} << (i % va::bits_of_word);
    }

    /// How many pairs of nodes two blocks have at least, by what is known of the blocks they were made of.
    [[nodiscard]] std::uint32_t& fewest(std::uint32_t a, std::uint32_t b) {
        return fewest_[std::min(a, b) * blocks_.size() + std::max(a, b)];
    }

    void offer(std::uint32_t a, std::uint32_t b, std::int64_t saving, bool is_exact) {
        if (saving <= 0) return;
        queue_.push({saving, a, b, blocks_[a].version, blocks_[b].version, is_exact});
    }

    /// Puts a bound of what two blocks save into the queue.
    void consider(std::uint32_t a, std::uint32_t b) {
        if (a > b) std::swap(a, b);
        if (blocks_[a].longest + blocks_[b].longest > most_factors) return;
        std::int64_t both = 0;
        for (std::size_t w = 0; w < n_words_; ++w)
            both += std::popcount(blocks_[a].speaks[w] & blocks_[b].speaks[w]);
        offer(a, b, both - cost_of_node * fewest(a, b), false);
    }

    /// Calls visit(death, node of a, node of b) for the deaths that are silent in neither.
    template <class Visit>
    void for_each_common(Block const& a, Block const& b, Visit visit) const {
        for (std::size_t w = 0; w < n_words_; ++w) {
            for (std::uint64_t left = a.speaks[w] & b.speaks[w]; left != 0; left &= left - 1) {
                std::size_t const i = w * va::bits_of_word + static_cast<std::size_t>(std::countr_zero(left));
                visit(i, a.node_of[i], b.node_of[i]);
            }
        }
    }

    /// Replaces the bound of a candidate by what it does save.
    void count(Candidate const& candidate) {
        std::int64_t both = 0;
        std::uint32_t distinct = 0;
        pairs_.clear();
        for_each_common(blocks_[candidate.a], blocks_[candidate.b],
                        [&](std::size_t, std::uint32_t of_a, std::uint32_t of_b) {
                            ++both;
                            if (pairs_.number(of_a, of_b, distinct) == distinct) ++distinct;
                        });
        fewest(candidate.a, candidate.b) = distinct;
        offer(candidate.a, candidate.b, both - cost_of_node * distinct, true);
    }

    /// b becomes part of a.
    void join(std::uint32_t a_index, std::uint32_t b_index) {
        Block& a = blocks_[a_index];
        Block& b = blocks_[b_index];
        auto const first_new = static_cast<std::uint32_t>(shared_.n_nodes());
        pairs_.clear();
        for_each_common(a, b, [&](std::size_t i, std::uint32_t of_a, std::uint32_t of_b) {
            auto const next = static_cast<std::uint32_t>(shared_.n_nodes());
            std::uint32_t const node = pairs_.number(of_a, of_b, next);
            if (node == next) shared_.joins.push_back({of_a, of_b});
            a.node_of[i] = node;
        });
        VASTER_ENSURES(shared_.n_nodes() > first_new);
        for (std::size_t i = 0; i < n_deaths_; ++i) {
            if (a.node_of[i] == silent) a.node_of[i] = b.node_of[i];
        }
        for (std::size_t w = 0; w < n_words_; ++w) a.speaks[w] |= b.speaks[w];
        a.longest += b.longest;
        a.version += 1;
        shared_.longest = std::max(shared_.longest, a.longest);
        b = Block{};
        b.is_alive = false;
        for (std::uint32_t c = 0; c < blocks_.size(); ++c) {
            if (c == a_index || !blocks_[c].is_alive) continue;
            fewest(a_index, c) = std::max(fewest(a_index, c), fewest(b_index, c));
            consider(a_index, c);
        }
    }

    void list_nodes() {
        shared_.first.reserve(n_deaths_ + 1);
        for (std::size_t i = 0; i < n_deaths_; ++i) {
            shared_.first.push_back(static_cast<std::uint32_t>(shared_.nodes.size()));
            for (Block const& block : blocks_) {
                if (block.is_alive && block.node_of[i] != silent) shared_.nodes.push_back(block.node_of[i]);
            }
        }
        shared_.first.push_back(static_cast<std::uint32_t>(shared_.nodes.size()));
    }

    std::size_t n_deaths_;
    std::size_t n_words_;
    std::vector<Block> blocks_;
    std::vector<std::uint32_t> fewest_;  ///< [block][block]
    std::priority_queue<Candidate> queue_;
    PairTable pairs_;
    SharedProducts shared_;
};

}  // namespace

SharedProducts share_products(va::AnswerMatrix const& answers, std::span<std::uint32_t const> deaths) {
    return Sharing(answers, deaths).run();
}

}  // namespace vaster::models::insilicova
