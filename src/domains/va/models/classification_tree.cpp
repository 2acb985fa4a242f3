#include "domains/va/models/classification_tree.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "vaster/support/contracts.hpp"

namespace vaster::models {
namespace {

constexpr std::size_t n_answers = 3;

constexpr unsigned bit(va::Answer answer) {
    return 1U << static_cast<unsigned>(answer);
}

constexpr std::uint8_t present_right = bit(va::Answer::present);
constexpr std::uint8_t missing_right = bit(va::Answer::missing);

/// The ways to split by one symptom, as the answers that go right.
std::span<std::uint8_t const> ways(MissingPolicy policy) {
    static constexpr std::array<std::uint8_t, 1> absent{present_right};
    static constexpr std::array<std::uint8_t, 2> ordinal{present_right | missing_right, missing_right};
    static constexpr std::array<std::uint8_t, 2> nan{present_right, present_right | missing_right};
    switch (policy) {
        case MissingPolicy::absent:
            return absent;
        case MissingPolicy::ordinal:
            return ordinal;
        case MissingPolicy::nan:
            return nan;
    }
    return absent;
}

bool is_right(std::uint8_t goes_right, va::Answer answer) {
    return (goes_right & bit(answer)) != 0;
}

}  // namespace

/// Grows a tree, depth first.
class TreeGrower {
  public:
    TreeGrower(TreeData const& data, std::span<std::uint32_t const> multiplicity, TreeOptions const& options,
               Random random, ClassificationTree& tree)
        : data_(data), options_(options), random_(random), tree_(tree), symptoms_(data.n_symptoms) {
        std::iota(symptoms_.begin(), symptoms_.end(), 0U);
        weight_.resize(data.n_deaths);
        for (std::uint32_t i = 0; i < data.n_deaths; ++i) {
            if (multiplicity[i] == 0) continue;
            deaths_.push_back(i);
            weight_[i] = multiplicity[i] * options.class_weights[data.class_of[i]];
        }
        VASTER_EXPECTS(!deaths_.empty());
        total_.resize(data.n_classes);
        cells_.resize(data.n_classes * n_answers);
    }

    void grow() {
        tree_.nodes_.emplace_back();
        std::vector<Part> open{{0, 0, deaths_.size(), 0}};
        while (!open.empty()) {
            Part const part = open.back();
            open.pop_back();
            weigh(part);
            Split const split = best_split(part);
            if (split.goes_right == 0)
                make_leaf(part);
            else
                divide(part, split, open);
        }
    }

  private:
    /// Deaths of a node: deaths_[begin, end).
    struct Part {
        std::size_t node;
        std::size_t begin;
        std::size_t end;
        std::size_t depth;
    };

    struct Split {
        std::uint32_t symptom = 0;
        std::uint8_t goes_right = 0;  ///< 0: no split
        double purity = -1;           ///< sum over sides of sum_k W_k^2 / W, which is to be large
    };

    [[nodiscard]] std::span<std::uint32_t> deaths_of(Part const& part) {
        return std::span(deaths_).subspan(part.begin, part.end - part.begin);
    }

    /// Sets classes_ and total_ for the node.
    void weigh(Part const& part) {
        classes_.clear();
        std::fill(total_.begin(), total_.end(), 0.0);
        for (std::uint32_t const i : deaths_of(part)) {
            std::uint32_t const k = data_.class_of[i];
            if (total_[k] == 0) classes_.push_back(k);
            total_[k] += weight_[i];
        }
        std::sort(classes_.begin(), classes_.end());
    }

    [[nodiscard]] Split best_split(Part const& part) {
        Split best;
        bool const is_done = classes_.size() == 1 || part.end - part.begin < 2 * options_.min_leaf ||
                             (options_.max_depth > 0 && part.depth == options_.max_depth);
        if (is_done) return best;
        bool has_met_two_answers = false;
        for (std::size_t tried = 0; tried < symptoms_.size(); ++tried) {
            if (tried >= options_.n_symptoms_tried && has_met_two_answers) break;
            std::swap(symptoms_[tried], symptoms_[tried + random_.below(symptoms_.size() - tried)]);
            if (!count(part, symptoms_[tried])) continue;
            has_met_two_answers = true;
            consider(symptoms_[tried], best);
        }
        return best;
    }

    /// Sets cells_ and in_answer_ for a symptom.
    /// @returns whether its answers differ
    [[nodiscard]] bool count(Part const& part, std::uint32_t symptom) {
        auto const* const answers = data_.answers.data() + symptom * data_.n_deaths;
        auto const deaths = deaths_of(part);
        in_answer_ = {};
        for (std::uint32_t const i : deaths) ++in_answer_[static_cast<std::size_t>(answers[i])];
        if (*std::max_element(in_answer_.begin(), in_answer_.end()) == deaths.size()) return false;
        for (std::uint32_t const k : classes_)
            for (std::size_t a = 0; a < n_answers; ++a) cells_[k * n_answers + a] = 0;
        for (std::uint32_t const i : deaths)
            cells_[data_.class_of[i] * n_answers + static_cast<std::size_t>(answers[i])] += weight_[i];
        return true;
    }

    /// Takes the best way to split by the counted symptom if it beats what has been found.
    void consider(std::uint32_t symptom, Split& best) const {
        std::size_t const n = std::accumulate(in_answer_.begin(), in_answer_.end(), std::size_t{0});
        for (std::uint8_t const goes_right : ways(data_.policy)) {
            std::size_t n_right = 0;
            for (std::size_t a = 0; a < n_answers; ++a)
                if (((goes_right >> a) & 1U) != 0) n_right += in_answer_[a];
            if (n_right < options_.min_leaf || n - n_right < options_.min_leaf) continue;
            double const purity = purity_of(goes_right);
            if (purity > best.purity) best = {symptom, settle_missing(goes_right), purity};
        }
    }

    [[nodiscard]] double purity_of(std::uint8_t goes_right) const {
        double left = 0;
        double right = 0;
        double squares_left = 0;
        double squares_right = 0;
        for (std::uint32_t const k : classes_) {
            double w = 0;
            for (std::size_t a = 0; a < n_answers; ++a)
                if (((goes_right >> a) & 1U) != 0) w += cells_[k * n_answers + a];
            double const rest = total_[k] - w;
            right += w;
            left += rest;
            squares_right += w * w;
            squares_left += rest * rest;
        }
        return squares_left / left + squares_right / right;
    }

    /// Policy nan, no missing answer at the node: those to come go to the side of greater weight.
    [[nodiscard]] std::uint8_t settle_missing(std::uint8_t goes_right) const {
        if (data_.policy != MissingPolicy::nan || in_answer_[2] > 0) return goes_right;
        double present = 0;
        double absent = 0;
        for (std::uint32_t const k : classes_) {
            absent += cells_[k * n_answers];
            present += cells_[k * n_answers + 1];
        }
        return present > absent ? present_right | missing_right : present_right;
    }

    void make_leaf(Part const& part) {
        double total = 0;
        for (std::uint32_t const k : classes_) total += total_[k];
        auto& node = tree_.nodes_[part.node];
        node.symptom = static_cast<std::uint32_t>(tree_.shares_.size());
        node.n_shares = static_cast<std::uint16_t>(classes_.size());
        for (std::uint32_t const k : classes_)
            tree_.shares_.push_back({k, static_cast<float>(total_[k] / total)});
    }

    void divide(Part const& part, Split const& split, std::vector<Part>& open) {
        auto const* const answers = data_.answers.data() + split.symptom * data_.n_deaths;
        auto const deaths = deaths_of(part);
        auto const middle = std::stable_partition(deaths.begin(), deaths.end(), [&](std::uint32_t i) {
            return !is_right(split.goes_right, answers[i]);
        });
        auto const cut = part.begin + static_cast<std::size_t>(middle - deaths.begin());
        std::size_t const child = tree_.nodes_.size();
        tree_.nodes_[part.node] = {static_cast<std::uint32_t>(child), split.symptom, 0, split.goes_right};
        tree_.nodes_.resize(child + 2);
        open.push_back({child + 1, cut, part.end, part.depth + 1});
        open.push_back({child, part.begin, cut, part.depth + 1});
    }

    TreeData const& data_;
    TreeOptions const& options_;
    Random random_;
    ClassificationTree& tree_;
    std::vector<std::uint32_t> symptoms_;  ///< all, in the order in which they were last drawn
    std::vector<std::uint32_t> deaths_;    ///< of the sample; those of a node lie together
    std::vector<double> weight_;           ///< of every death, with its multiplicity
    // Of the node, and of the symptom, in hand:
    std::vector<std::uint32_t> classes_;  ///< that occur, ascending
    std::vector<double> total_;           ///< weight of every class
    std::vector<double> cells_;           ///< weight by class and answer
    std::array<std::size_t, n_answers> in_answer_{};
};

ClassificationTree::ClassificationTree(TreeData const& data, std::span<std::uint32_t const> multiplicity,
                                       TreeOptions const& options, Random random) {
    VASTER_EXPECTS(multiplicity.size() == data.n_deaths && options.class_weights.size() == data.n_classes);
    TreeGrower(data, multiplicity, options, random, *this).grow();
    nodes_.shrink_to_fit();
    shares_.shrink_to_fit();
}

std::span<ClassificationTree::Share const> ClassificationTree::leaf(
    std::span<va::Answer const> answers) const {
    Node const* node = &nodes_.front();
    while (node->child != 0)
        node = &nodes_[node->child + (is_right(node->goes_right, answers[node->symptom]) ? 1U : 0U)];
    return std::span(shares_).subspan(node->symptom, node->n_shares);
}

}  // namespace vaster::models
