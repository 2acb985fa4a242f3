#include "domains/stream/tasks/class_tree.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "base/stats/distributions.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::stream {
namespace {

constexpr double hair = 1e-6;        ///< differences below it are none
constexpr double least_step = 1e-5;  ///< between neighbours that a split may part
constexpr double gain_slack = 1e-3;  ///< below the mean gain
constexpr double collapse_slack = 1e-3;
constexpr double prune_slack = 0.1;    ///< errors that a smaller tree may have more
constexpr std::size_t least_rows = 4;  ///< to be split

using Counts = std::vector<std::uint64_t>;
using Rows = std::vector<std::size_t>;

/// x log2 x
double weighed(double x) {
    return x < hair ? 0 : x * std::log2(x);
}

double total_of(Counts const& counts) {
    return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
}

/// Entropy of the classes times the number of rows [bits].
double disorder(Counts const& counts) {
    double sum = weighed(total_of(counts));
    for (auto const count : counts) sum -= weighed(static_cast<double>(count));
    return sum;
}

/// Entropy of a division into two times the number of rows [bits].
double split_disorder(double left, double right) {
    return weighed(left + right) - weighed(left) - weighed(right);
}

std::size_t majority(Counts const& counts) {
    return static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

double wrong_of(Counts const& counts) {
    return total_of(counts) - static_cast<double>(counts[majority(counts)]);
}

struct Split {
    std::size_t attribute = 0;
    double threshold = 0;
    double gain = 0;   ///< [bits]
    double ratio = 0;  ///< of the gain to the split's own entropy
};

/// A part of a tree that is growing.
struct Branch {
    Counts counts;
    std::optional<Split> split;  ///< nothing: a leaf
    std::unique_ptr<Branch> low = nullptr;
    std::unique_ptr<Branch> high = nullptr;

    void become_leaf() {
        split.reset();
        low.reset();
        high.reset();
    }
};

class Grower {
  public:
    Grower(TrainingRows const& rows, std::span<std::size_t const> labels, std::size_t n_classes,
           TreeOptions const& options)
        : rows_(rows),
          labels_(labels),
          n_classes_(n_classes),
          options_(options),
          sorted_(rows.n_attributes()) {
        for (std::size_t attribute = 0; attribute < rows.n_attributes(); ++attribute) {
            auto& values = sorted_[attribute];
            values.reserve(rows.size());
            for (std::size_t row = 0; row < rows.size(); ++row) values.push_back(value(row, attribute));
            std::sort(values.begin(), values.end());
        }
    }

    std::unique_ptr<Branch> grow() {
        Rows all(rows_.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        auto tree = grown(all);
        collapse(*tree);
        if (options_.prune) prune(*tree, all);
        return tree;
    }

  private:
    [[nodiscard]] double value(std::size_t row, std::size_t attribute) const {
        return rows_.attributes(row)[attribute];
    }

    [[nodiscard]] Counts counts_of(Rows const& rows) const {
        Counts counts(n_classes_);
        for (auto const row : rows) ++counts[labels_[row]];
        return counts;
    }

    [[nodiscard]] std::pair<Rows, Rows> divided(Rows const& rows, Split const& split) const {
        std::pair<Rows, Rows> sides;
        for (auto const row : rows)
            (value(row, split.attribute) <= split.threshold ? sides.first : sides.second).push_back(row);
        return sides;
    }

    std::unique_ptr<Branch> grown(Rows const& rows) const {
        auto branch = std::make_unique<Branch>(Branch{counts_of(rows), std::nullopt});
        if (rows.size() < least_rows || wrong_of(branch->counts) == 0) return branch;
        branch->split = best_split(rows);
        if (!branch->split) return branch;
        auto const [low, high] = divided(rows, *branch->split);
        branch->low = grown(low);
        branch->high = grown(high);
        return branch;
    }

    [[nodiscard]] std::optional<Split> best_split(Rows const& rows) const {
        std::vector<Split> splits;
        for (std::size_t attribute = 0; attribute < rows_.n_attributes(); ++attribute)
            if (auto const split = split_by(attribute, rows)) splits.push_back(*split);
        double gain = 0;
        for (auto const& split : splits) gain += split.gain;
        double const mean_gain = gain / static_cast<double>(std::max<std::size_t>(splits.size(), 1));
        std::optional<Split> best;
        for (auto const& split : splits) {
            bool const better = split.ratio > (best ? best->ratio : 0) + hair;
            if (better && split.gain >= mean_gain - gain_slack) best = split;
        }
        return best;
    }

    /// Where the gain is greatest that an attribute can give.
    [[nodiscard]] std::optional<Split> split_by(std::size_t attribute, Rows rows) const {
        std::sort(rows.begin(), rows.end(),
                  [&](std::size_t a, std::size_t b) { return value(a, attribute) < value(b, attribute); });
        auto const n = static_cast<double>(rows.size());
        double const least = std::clamp(0.1 * n / static_cast<double>(n_classes_), 2.0, 25.0);
        Counts left(n_classes_);
        Counts right = counts_of(rows);
        double const before = disorder(right);
        double best_gain = 0;
        std::size_t best_at = 0;
        std::size_t n_candidates = 0;
        for (std::size_t i = 1; i < rows.size(); ++i) {
            ++left[labels_[rows[i - 1]]];
            --right[labels_[rows[i - 1]]];
            bool const apart = value(rows[i - 1], attribute) + least_step < value(rows[i], attribute);
            auto const n_left = static_cast<double>(i);
            if (!apart || n_left < least - hair || n - n_left < least - hair) continue;
            ++n_candidates;
            double const gain = (before - disorder(left) - disorder(right)) / n;
            if (gain <= best_gain + hair) continue;
            best_gain = gain;
            best_at = i;
        }
        if (best_at == 0) return std::nullopt;
        double const gain = best_gain - std::log2(static_cast<double>(n_candidates)) / n;
        if (gain <= hair) return std::nullopt;
        double const own = split_disorder(static_cast<double>(best_at), n - static_cast<double>(best_at)) / n;
        return Split{
            attribute,
            threshold(attribute, value(rows[best_at - 1], attribute), value(rows[best_at], attribute)), gain,
            gain / own};
    }

    /// The largest value of all training rows up to the middle between two.
    [[nodiscard]] double threshold(std::size_t attribute, double below, double above) const {
        double const middle = below + (above - below) / 2;
        auto const& values = sorted_[attribute];
        return *std::prev(std::upper_bound(values.begin(), values.end(), middle));
    }

    static double wrong_below(Branch const& branch) {
        if (!branch.split) return wrong_of(branch.counts);
        return wrong_below(*branch.low) + wrong_below(*branch.high);
    }

    static void collapse(Branch& branch) {
        if (!branch.split) return;
        if (wrong_below(branch) >= wrong_of(branch.counts) - collapse_slack) {
            branch.become_leaf();
            return;
        }
        collapse(*branch.low);
        collapse(*branch.high);
    }

    [[nodiscard]] double pessimistic(Counts const& counts) const {
        double const n = total_of(counts);
        if (n == 0) return 0;
        double const wrong = wrong_of(counts);
        return wrong + pessimistic_extra_errors(n, wrong, options_.confidence);
    }

    [[nodiscard]] double pessimistic_below(Branch const& branch) const {
        if (!branch.split) return pessimistic(branch.counts);
        return pessimistic_below(*branch.low) + pessimistic_below(*branch.high);
    }

    /// What errors a branch would make on other rows than its own.
    [[nodiscard]] double pessimistic_on(Branch const& branch, Rows const& rows) const {
        if (!branch.split) return pessimistic(counts_of(rows));
        auto const [low, high] = divided(rows, *branch.split);
        return pessimistic_on(*branch.low, low) + pessimistic_on(*branch.high, high);
    }

    void prune(Branch& branch, Rows const& rows) const {
        if (!branch.split) return;
        auto const [low, high] = divided(rows, *branch.split);
        prune(*branch.low, low);
        prune(*branch.high, high);
        auto& largest =
            total_of(branch.low->counts) >= total_of(branch.high->counts) ? branch.low : branch.high;
        double const as_leaf = pessimistic(branch.counts);
        double const as_tree = pessimistic_below(branch);
        double const raised = pessimistic_on(*largest, rows);
        if (as_leaf <= as_tree + prune_slack + hair && as_leaf <= raised + prune_slack + hair) {
            branch.become_leaf();
        } else if (raised <= as_tree + prune_slack + hair) {
            auto const moved = std::move(largest);
            branch.split = moved->split;
            auto moved_low = std::move(moved->low);
            auto moved_high = std::move(moved->high);
            branch.low = std::move(moved_low);
            branch.high = std::move(moved_high);
            recount(branch, rows);
            prune(branch, rows);
        }
    }

    void recount(Branch& branch, Rows const& rows) const {
        branch.counts = counts_of(rows);
        if (!branch.split) return;
        auto const [low, high] = divided(rows, *branch.split);
        recount(*branch.low, low);
        recount(*branch.high, high);
    }

    TrainingRows const& rows_;
    std::span<std::size_t const> labels_;
    std::size_t n_classes_;
    TreeOptions const& options_;
    std::vector<std::vector<double>> sorted_;  ///< values of each attribute
};

/// Puts a branch and what is below it behind the nodes. @returns its place
std::size_t flatten(Branch const& branch, std::vector<ClassTree::Node>& nodes) {
    std::size_t const place = nodes.size();
    auto& node = nodes.emplace_back();
    node.label = majority(branch.counts);
    node.n_rows = static_cast<std::uint64_t>(total_of(branch.counts));
    node.n_wrong = static_cast<std::uint64_t>(wrong_of(branch.counts));
    if (!branch.split) return place;
    node.leaf = false;
    node.attribute = branch.split->attribute;
    node.threshold = branch.split->threshold;
    auto const low = flatten(*branch.low, nodes);
    auto const high = flatten(*branch.high, nodes);
    nodes[place].low = low;
    nodes[place].high = high;
    return place;
}

}  // namespace

double pessimistic_extra_errors(double n, double wrong, double confidence) {
    if (wrong < 1) {
        double const none = n * (1 - std::pow(confidence, 1 / n));
        if (wrong == 0) return none;
        return none + wrong * (pessimistic_extra_errors(n, 1, confidence) - none);
    }
    if (wrong + 0.5 >= n) return std::max(n - wrong, 0.0);
    double const z = stats::normal_quantile(1 - confidence);
    double const share = (wrong + 0.5) / n;
    double const root = std::sqrt(share / n - share * share / n + z * z / (4 * n * n));
    double const limit = (share + z * z / (2 * n) + z * root) / (1 + z * z / n);
    return limit * n - wrong;
}

ClassTree::Node const& ClassTree::leaf_of(std::span<double const> attributes) const {
    std::size_t at = 0;
    while (!nodes[at].leaf)
        at = attributes[nodes[at].attribute] <= nodes[at].threshold ? nodes[at].low : nodes[at].high;
    return nodes[at];
}

std::size_t ClassTree::n_leaves() const {
    return static_cast<std::size_t>(
        std::count_if(nodes.begin(), nodes.end(), [](Node const& node) { return node.leaf; }));
}

std::uint64_t ClassTree::n_wrong() const {
    std::uint64_t n = 0;
    for (auto const& node : nodes) n += node.leaf ? node.n_wrong : 0;
    return n;
}

ClassTree grow_class_tree(TrainingRows const& rows, std::span<std::size_t const> labels,
                          std::size_t n_classes, TreeOptions const& options) {
    VASTER_EXPECTS(rows.size() > 0 && labels.size() == rows.size());
    ClassTree tree;
    flatten(*Grower(rows, labels, n_classes, options).grow(), tree.nodes);
    return tree;
}

}  // namespace vaster::stream
