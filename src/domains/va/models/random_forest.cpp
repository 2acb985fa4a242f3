#include "domains/va/models/random_forest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <utility>

#include "base/support/in_threads.hpp"
#include "domains/va/models/answer_trees.hpp"
#include "domains/va/models/classification_tree.hpp"
#include "domains/va/models/features.hpp"
#include "domains/va/models/part_checks.hpp"
#include "domains/va/models/probabilities.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {
namespace {

using va::Answer;

Answer coded(Answer answer, MissingPolicy policy) {
    return answer == Answer::missing && policy == MissingPolicy::absent ? Answer::absent : answer;
}

TreeData tree_data(Deaths const& deaths, PresentCauses const& present, MissingPolicy policy) {
    TreeData data{
        deaths.rows.size(), deaths.answers.n_columns(), present.size(), {}, present.class_of, policy};
    data.answers.resize(data.n_deaths * data.n_symptoms);
    for (std::size_t i = 0; i < data.n_deaths; ++i) {
        auto const row = deaths.answers.row(deaths.rows[i]);
        for (std::size_t s = 0; s < data.n_symptoms; ++s)
            data.answers[s * data.n_deaths + i] = static_cast<std::uint8_t>(coded(row[s], policy));
    }
    return data;
}

/// How the deaths of a tree are drawn.
struct Sample {
    double share = 1;
    bool is_with_replacement = true;
};

/// How often each of n deaths is in a sample.
std::vector<std::uint32_t> draw(std::size_t n, Sample const& sample, Random& random) {
    auto const n_drawn = std::max(
        std::size_t{1}, static_cast<std::size_t>(std::llround(sample.share * static_cast<double>(n))));
    std::vector<std::uint32_t> multiplicity(n, 0);
    if (sample.is_with_replacement) {
        for (std::size_t k = 0; k < n_drawn; ++k) ++multiplicity[random.below(n)];
        return multiplicity;
    }
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0U);
    for (std::size_t k = 0; k < n_drawn; ++k) {
        std::swap(order[k], order[k + random.below(n - k)]);
        multiplicity[order[k]] = 1;
    }
    return multiplicity;
}

/// What the leaves of a forest say, in the order of their numbers.
class LeafShares {
  public:
    using Share = ClassificationTree::Share;

    void append(std::span<Share const> shares) {
        bool const is_pure = shares.size() == 1 && shares.front().share == 1.0F;
        if (is_pure) return leaves_.push_back({shares.front().class_index, 0});
        leaves_.push_back(
            {static_cast<std::uint32_t>(shares_.size()), static_cast<std::uint32_t>(shares.size())});
        shares_.insert(shares_.end(), shares.begin(), shares.end());
    }

    [[nodiscard]] std::size_t size() const noexcept { return leaves_.size(); }

    /// Calls visit(class, share) for the classes of a leaf.
    template <class Visit>
    void for_each_share(std::size_t leaf, Visit visit) const {
        auto const [first, n] = leaves_[leaf];
        if (n == 0) return visit(first, 1.0F);
        for (std::size_t i = first; i < std::size_t{first} + n; ++i)
            visit(shares_[i].class_index, shares_[i].share);
    }

    /// Parts "leaves/size" u16 [n_leaves], shares of each; "leaves/class" u16 and "leaves/share" f32: of all
    /// leaves, one after another.
    void save(Parts& parts) const {
        std::vector<std::uint16_t> sizes;
        std::vector<std::uint16_t> classes;
        std::vector<float> shares;
        sizes.reserve(leaves_.size());
        classes.reserve(leaves_.size() + shares_.size());
        shares.reserve(leaves_.size() + shares_.size());
        for (std::size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
            std::uint16_t n = 0;
            for_each_share(leaf, [&](std::uint32_t class_index, float share) {
                require<ModelError>(
                    class_index <= last_class,
                    "the forest knows more than {} causes; one that can be kept knows no more",
                    last_class + 1);
                classes.push_back(static_cast<std::uint16_t>(class_index));
                shares.push_back(share);
                ++n;
            });
            sizes.push_back(n);
        }
        parts.put("leaves/size", sizes);
        parts.put("leaves/class", classes);
        parts.put("leaves/share", shares);
    }

    /// @throws DataError unless every leaf's shares are of classes below n_classes and sum to 1
    [[nodiscard]] static LeafShares load(Parts const& parts, std::size_t n_leaves, std::size_t n_classes) {
        auto const sizes = parts.get<std::uint16_t>("leaves/size", {n_leaves});
        std::uint64_t const n_all = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
        auto const classes = parts.get<std::uint16_t>("leaves/class", {n_all});
        auto const shares = parts.get<float>("leaves/share", {n_all});
        check_range("leaves/class", classes, {0, static_cast<double>(n_classes) - 1});
        check_range("leaves/share", shares, {0, 1});
        require<DataError>(n_all <= std::numeric_limits<std::uint32_t>::max(),
                           "part 'leaves/size': there are {} shares in all, more than 32 bits can number",
                           n_all);
        LeafShares leaves;
        leaves.leaves_.reserve(n_leaves);
        std::vector<Share> of_leaf;
        std::size_t at = 0;
        for (std::size_t leaf = 0; leaf < n_leaves; ++leaf) {
            double sum = 0;
            of_leaf.clear();
            for (std::size_t const end = at + sizes[leaf]; at < end; ++at) {
                sum += static_cast<double>(shares[at]);
                of_leaf.push_back({classes[at], shares[at]});
            }
            require<DataError>(std::abs(sum - 1) <= of_rounding,
                               "part 'leaves/share': the shares of leaf {} sum to {} (must be 1)", leaf, sum);
            leaves.append(of_leaf);
        }
        return leaves;
    }

  private:
    static constexpr double of_rounding = 1e-5;
    static constexpr std::uint32_t last_class = std::numeric_limits<std::uint16_t>::max();

    /// Most leaves of a forest are of one class, which is then found here without another look.
    struct Leaf {
        std::uint32_t first = 0;  ///< its class, or the first of its shares
        std::uint32_t n = 0;      ///< its shares; 0: it is of one class
    };

    std::vector<Leaf> leaves_;
    std::vector<Share> shares_;  ///< of leaves with several
};

/// Takes trees from several threads, in any order, and hands them on in the order of their numbers.
template <class Tree>
class TreesInOrder {
  public:
    /// @param take  called by one thread at a time
    explicit TreesInOrder(std::function<void(Tree const&)> take) : take_(std::move(take)) {}

    void put(std::size_t number, Tree tree) {
        std::lock_guard const lock(mutex_);
        waiting_.emplace(number, std::move(tree));
        for (auto next = waiting_.find(n_); next != waiting_.end(); next = waiting_.find(n_)) {
            take_(next->second);
            waiting_.erase(next);
            ++n_;
        }
    }

    /// That have been handed on.
    [[nodiscard]] std::size_t size() {
        std::lock_guard const lock(mutex_);
        return n_;
    }

  private:
    std::mutex mutex_;
    std::function<void(Tree const&)> take_;
    std::map<std::size_t, Tree> waiting_;  ///< for one that comes before them
    std::size_t n_ = 0;
};

class RandomForest : public Classifier {
  public:
    RandomForest(Parameters parameters, MissingPolicy policy)
        : parameters_(std::move(parameters)), policy_(policy) {
        check_weight_power(parameters_, "random_forest");
    }

    void fit(TrainingSet const& training, Random random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        causes_ = present.causes;
        TreeData const data = tree_data(training.deaths, present, policy_);
        TreeOptions const options =
            tree_options(data.n_symptoms, death_weights(training, present,
                                                        class_weights(class_totals(training, present),
                                                                      weight_power(parameters_, training))));
        Sample const sample{parameters_.get<double>("sample"),
                            parameters_.get<std::string>("draw") == "with_replacement"};
        auto const n_trees = static_cast<std::size_t>(parameters_.get<std::int64_t>("trees"));
        std::vector<Random> of_trees;
        of_trees.reserve(n_trees);
        while (of_trees.size() < n_trees) of_trees.emplace_back(random());
        TreesInOrder<ClassificationTree> grown([this](auto const& tree) { append(tree); });
        for_each_in_threads(
            {threads_for(watcher, n_trees, data.n_deaths)}, n_trees,
            [&](std::size_t t) {
                auto const multiplicity = draw(data.n_deaths, sample, of_trees[t]);
                grown.put(t, ClassificationTree(data, multiplicity, options, of_trees[t]));
            },
            [&] {
                watcher.on_progress(static_cast<double>(grown.size()) / static_cast<double>(n_trees));
                if (watcher.stop_requested()) throw Cancelled{};
            });
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random, Watcher& watcher) const override {
        VASTER_EXPECTS(trees_.size() > 0);
        Prediction prediction = blank_prediction(test.deaths, n_causes_);
        auto const [answers, rows] = test.deaths;
        for (std::size_t begin = 0; begin < rows.size(); begin += deaths_at_once) {
            std::size_t const n = std::min(deaths_at_once, rows.size() - begin);
            auto votes = count_votes({answers, rows.subspan(begin, n)});
            for (std::size_t i = 0; i < n; ++i) {
                if (watcher.stop_requested()) throw Cancelled{};
                std::span<double> const of_death(votes.data() + i * causes_.size(), causes_.size());
                double const sum = std::accumulate(of_death.begin(), of_death.end(), 0.0);
                for (double& vote : of_death) vote /= sum;
                put_row(prediction, begin + i, causes_, of_death);
            }
        }
        return prediction;
    }

    void save(Parts& parts) const override {
        save_classes(parts, causes_);
        trees_.save(parts);
        leaves_.save(parts);
    }

    void load(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
        n_causes_ = n_causes;
        causes_ = load_classes(parts, n_causes);
        trees_ = AnswerTrees::load(parts, n_symptoms);
        leaves_ = LeafShares::load(parts, trees_.n_leaves(), causes_.size());
    }

  private:
    /// No more than have some 20 ms of work each.
    static std::size_t threads_for(Watcher const& watcher, std::size_t n_trees, std::size_t n_deaths) {
        constexpr std::size_t worth_a_thread = 40'000;  // deaths times trees
        return std::clamp<std::size_t>(n_trees * n_deaths / worth_a_thread, 1, watcher.threads());
    }

    void append(ClassificationTree const& tree) {
        std::vector<AnswerTrees::Node> nodes;
        nodes.reserve(tree.nodes().size());
        for (auto const& node : tree.nodes()) {
            nodes.push_back({node.child, node.symptom, node.goes_right});
            if (node.child == 0) leaves_.append(tree.shares(node));
        }
        trees_.append(nodes);
    }

    /// A leaf, and deaths that have come to it.
    struct Reached {
        std::uint32_t leaf;
        DeathSet deaths;
    };

    /// @param votes  of the batch, [n_deaths][n_classes]
    void add_shares(std::uint32_t leaf, DeathSet deaths, double* votes) const {
        leaves_.for_each_share(leaf, [&](std::uint32_t k, float share) {
            for_each_death(
                deaths, [&](std::size_t i) { votes[i * causes_.size() + k] += static_cast<double>(share); });
        });
    }

    /// So many deaths go through a tree while it is in the processor's cache.
    static constexpr std::size_t deaths_at_once = 8 * DeathBatch::most;

    /// Sum over the trees, in their order, of the shares in the leaves, [n_deaths][n_classes].
    [[nodiscard]] std::vector<double> count_votes(Deaths const& deaths) const {
        std::vector<DeathBatch> batches;
        batches.reserve(deaths.rows.size() / DeathBatch::most + 1);
        for (std::size_t first = 0; first < deaths.rows.size(); first += DeathBatch::most) {
            std::size_t const n = std::min(DeathBatch::most, deaths.rows.size() - first);
            batches.emplace_back(deaths.answers, deaths.rows.subspan(first, n), policy_);
        }
        std::size_t const n_classes = causes_.size();
        std::vector<double> votes(deaths.rows.size() * n_classes, 0.0);
        AnswerTrees::Walk walk;
        std::array<Reached, DeathBatch::most> reached;
        for (std::size_t t = 0; t < trees_.size(); ++t)
            for (std::size_t b = 0; b < batches.size(); ++b) {
                std::size_t n = 0;
                trees_.walk(t, batches[b], walk, [&](std::uint32_t leaf, DeathSet who) {
                    reached[n++] = {leaf, who};
                });
                double* const of_batch = &votes[b * DeathBatch::most * n_classes];
                // Only now, so that the processor fetches what several leaves say at once.
                for (auto const& [leaf, who] : std::span(reached).first(n)) add_shares(leaf, who, of_batch);
            }
        return votes;
    }

    [[nodiscard]] TreeOptions tree_options(std::size_t n_symptoms, std::vector<double> weights) const {
        auto const share = parameters_.get<double>("features");
        auto const n = static_cast<double>(n_symptoms);
        double const tried = share > 0 ? share * n : std::sqrt(n);
        return {.max_depth = static_cast<std::size_t>(parameters_.get<std::int64_t>("max_depth")),
                .min_leaf = static_cast<std::size_t>(parameters_.get<std::int64_t>("min_leaf")),
                .n_symptoms_tried = std::max(std::size_t{1}, static_cast<std::size_t>(tried)),
                .death_weights = std::move(weights)};
    }

    Parameters parameters_;
    MissingPolicy policy_;
    std::size_t n_causes_ = 0;           ///< of the study
    std::vector<std::uint32_t> causes_;  ///< cause of every class
    AnswerTrees trees_;
    LeafShares leaves_;
};

std::vector<Parameter> declared_parameters() {
    std::vector<Parameter> parameters{
        {.name = "trees",
         .standard = std::int64_t{500},
         .doc = "trees of the forest",
         .bounds = {.at_least = 1, .at_most = 100000}},
        {.name = "max_depth",
         .standard = std::int64_t{0},
         .doc = "depth of a tree [levels]; 0: no limit",
         .bounds = {.at_least = 0, .at_most = 100000}},
        {.name = "min_leaf",
         .standard = std::int64_t{1},
         .doc = "deaths that a leaf must have at least",
         .bounds = {.at_least = 1, .at_most = 1000000}},
        {.name = "features",
         .standard = 0.0,
         .doc = "share of the symptoms tried at a split; 0: the square root of their number",
         .bounds = {.at_least = 0, .at_most = 1}},
        {.name = "sample",
         .standard = 1.0,
         .doc = "deaths drawn for each tree, as a share of the training deaths",
         .bounds = {.above = 0, .at_most = 1}},
        {.name = "draw",
         .standard = std::string("with_replacement"),
         .doc = "how the deaths of a tree are drawn",
         .choices = {"with_replacement", "without_replacement"}},
    };
    return with_weight_parameters(std::move(parameters), "none");
}

double expected_seconds(Parameters const& parameters, WorkSize const& size) {
    auto const trees = static_cast<double>(parameters.get<std::int64_t>("trees"));
    auto const n_train = static_cast<double>(size.n_train);
    return 1e-3 + trees * (5e-7 * n_train + 2e-7 * static_cast<double>(size.n_test));
}

}  // namespace

Model random_forest() {
    return {
        .name = "random_forest",
        .doc = "random forest of classification trees",
        .parameters = declared_parameters(),
        .work = Work::in_fit,
        .expected_seconds = expected_seconds,
        .make = [](Parameters const& parameters, MissingPolicy policy) -> std::unique_ptr<Classifier> {
            return std::make_unique<RandomForest>(parameters, policy);
        },
        .load = loading<RandomForest>(),
        .predicts = Predicts::each_death,
        .takes_weights = true,
    };
}

}  // namespace vaster::models
