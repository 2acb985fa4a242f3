#include "domains/va/models/xgboost_trees.hpp"

#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "vaster/support/errors.hpp"

namespace vaster::models::xgb {
namespace {

/// What has to do with the trees in a booster's JSON, wherever it stands there: arrays of numbers by name, of
/// every tree in turn, and the base score. All else is passed over.
class TreeArrays : public nlohmann::json_sax<nlohmann::json> {
  public:
    [[nodiscard]] std::vector<double> const& of(std::string_view name, std::size_t tree) const {
        return arrays_.find(name)->second[tree];
    }

    [[nodiscard]] std::size_t n_of(std::string_view name) const { return arrays_.find(name)->second.size(); }

    [[nodiscard]] std::string const& base_score() const { return base_score_; }

    bool key(string_t& name) override {
        auto const wanted = arrays_.find(name);
        into_ = wanted == arrays_.end() ? nullptr : &wanted->second.emplace_back();
        is_base_score_ = name == "base_score";
        return true;
    }

    bool null() override { return true; }

    bool boolean(bool value) override { return put(value ? 1 : 0); }

    bool number_integer(number_integer_t value) override { return put(static_cast<double>(value)); }

    bool number_unsigned(number_unsigned_t value) override { return put(static_cast<double>(value)); }

    bool number_float(number_float_t value, string_t const&) override { return put(value); }

    bool string(string_t& text) override {
        if (is_base_score_) base_score_ = text;
        return true;
    }

    bool binary(binary_t&) override { return true; }

    bool start_object(std::size_t) override { return true; }

    bool end_object() override { return true; }

    bool start_array(std::size_t) override { return true; }

    bool end_array() override {
        into_ = nullptr;
        return true;
    }

    bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const& e) override {
        throw ModelError(fmt::format("XGBoost's model cannot be read: {}", e.what()));
    }

  private:
    bool put(double value) {
        if (into_ != nullptr) into_->push_back(value);
        return true;
    }

    std::map<std::string, std::vector<std::vector<double>>, std::less<>> arrays_{
        {"left_children", {}},    {"right_children", {}}, {"split_indices", {}},
        {"split_conditions", {}}, {"default_left", {}},   {"tree_info", {}},
    };
    std::vector<double>* into_ = nullptr;
    bool is_base_score_ = false;
    std::string base_score_;
};

/// "5E-1", or in newer versions a list of one number.
float number_of(std::string_view text) {
    if (text.starts_with('[')) text.remove_prefix(1);
    if (text.ends_with(']')) text.remove_suffix(1);
    std::string const digits(text);
    char* end = nullptr;
    float const value = std::strtof(digits.c_str(), &end);
    require<ModelError>(!digits.empty() && *end == '\0',
                        "XGBoost's model has the base score '{}', which is not a number", text);
    return value;
}

/// One tree of the library, whose children can be anywhere.
class LibraryTree {
  public:
    LibraryTree(TreeArrays const& arrays, std::size_t tree)
        : left_(arrays.of("left_children", tree)),
          right_(arrays.of("right_children", tree)),
          symptom_(arrays.of("split_indices", tree)),
          condition_(arrays.of("split_conditions", tree)),
          default_left_(arrays.of("default_left", tree)) {
        std::size_t const n = left_.size();
        require<ModelError>(n > 0 && right_.size() == n && symptom_.size() == n && condition_.size() == n &&
                                default_left_.size() == n,
                            "XGBoost's tree {} has arrays of different lengths", tree);
    }

    [[nodiscard]] std::size_t size() const { return left_.size(); }

    [[nodiscard]] bool is_leaf(std::size_t node) const { return left_[node] < 0; }

    [[nodiscard]] std::size_t left(std::size_t node) const { return place(left_[node]); }

    [[nodiscard]] std::size_t right(std::size_t node) const { return place(right_[node]); }

    [[nodiscard]] std::uint32_t symptom(std::size_t node, std::size_t n_symptoms) const {
        require<ModelError>(symptom_[node] >= 0 && symptom_[node] < static_cast<double>(n_symptoms),
                            "XGBoost's tree asks for symptom {} (there are {})", symptom_[node], n_symptoms);
        return static_cast<std::uint32_t>(symptom_[node]);
    }

    /// Threshold of a split, value of a leaf.
    [[nodiscard]] float condition(std::size_t node) const { return static_cast<float>(condition_[node]); }

    [[nodiscard]] AnswerSet goes_right(std::size_t node, MissingPolicy policy) const {
        bool const missing = policy == MissingPolicy::nan ? default_left_[node] == 0
                                                          : number_goes_right(node, missing_number(policy));
        AnswerSet answers = 0;
        if (number_goes_right(node, 0)) answers |= bit_of(va::Answer::absent);
        if (number_goes_right(node, 1)) answers |= bit_of(va::Answer::present);
        if (missing) answers |= bit_of(va::Answer::missing);
        return answers;
    }

  private:
    static float missing_number(MissingPolicy policy) { return policy == MissingPolicy::ordinal ? 2 : 0; }

    [[nodiscard]] bool number_goes_right(std::size_t node, float number) const {
        return !(number < condition(node));
    }

    [[nodiscard]] std::size_t place(double node) const {
        require<ModelError>(node > 0 && node < static_cast<double>(size()),
                            "XGBoost's tree of {} nodes names {}", size(), node);
        return static_cast<std::size_t>(node);
    }

    std::vector<double> const& left_;
    std::vector<double> const& right_;
    std::vector<double> const& symptom_;
    std::vector<double> const& condition_;
    std::vector<double> const& default_left_;
};

/// Appends a tree with its children in pairs, pair by pair from the root down.
void append(LibraryTree const& from, MissingPolicy policy, std::size_t n_symptoms, BoostedTrees& to) {
    std::vector<AnswerTrees::Node> nodes(1);
    std::vector<std::size_t> place_in_library{0};
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        std::size_t const node = place_in_library[i];
        if (from.is_leaf(node)) {
            to.leaf_value.push_back(from.condition(node));
            continue;
        }
        require<ModelError>(nodes.size() + 2 <= from.size(), "XGBoost's tree of {} nodes has a node twice",
                            from.size());
        nodes[i] = {static_cast<std::uint32_t>(nodes.size()), from.symptom(node, n_symptoms),
                    from.goes_right(node, policy)};
        place_in_library.push_back(from.left(node));
        place_in_library.push_back(from.right(node));
        nodes.resize(nodes.size() + 2);
    }
    to.trees.append(nodes);
}

constexpr std::size_t most_classes = 65536;

std::vector<std::uint16_t> tree_classes(TreeArrays const& arrays, std::size_t n_classes) {
    std::size_t const n_trees = arrays.n_of("left_children");
    require<ModelError>(n_classes <= most_classes,
                        "XGBoost's model knows {} causes; one that can be kept at most {}", n_classes,
                        most_classes);
    require<ModelError>(arrays.n_of("tree_info") == 1 && arrays.of("tree_info", 0).size() == n_trees,
                        "XGBoost's model does not say of which class each of its {} trees is", n_trees);
    std::vector<std::uint16_t> classes;
    classes.reserve(n_trees);
    for (double const k : arrays.of("tree_info", 0)) {
        require<ModelError>(k >= 0 && k < static_cast<double>(n_classes),
                            "XGBoost's model has a tree of class {} (there are {})", k, n_classes);
        classes.push_back(static_cast<std::uint16_t>(k));
    }
    return classes;
}

}  // namespace

std::vector<std::uint8_t> as_ubj(Booster const& booster) {
    bst_ulong size = 0;
    char const* bytes = nullptr;
    check(XGBoosterSaveModelToBuffer(booster.get(), R"({"format": "ubj"})", &size, &bytes), "to save");
    return {bytes, bytes + size};
}

BoostedTrees trees_of(std::vector<std::uint8_t> const& ubj, MissingPolicy policy, std::size_t n_symptoms,
                      std::size_t n_classes) {
    TreeArrays arrays;
    nlohmann::json::sax_parse(ubj, &arrays, nlohmann::json::input_format_t::ubjson);
    BoostedTrees boosted;
    boosted.tree_class = tree_classes(arrays, n_classes);
    boosted.base_score = number_of(arrays.base_score());
    for (auto const* name : {"right_children", "split_indices", "split_conditions", "default_left"})
        require<ModelError>(arrays.n_of(name) == boosted.tree_class.size(),
                            "XGBoost's model has '{}' of {} trees (there are {})", name, arrays.n_of(name),
                            boosted.tree_class.size());
    for (std::size_t tree = 0; tree < boosted.tree_class.size(); ++tree)
        append(LibraryTree(arrays, tree), policy, n_symptoms, boosted);
    return boosted;
}

}  // namespace vaster::models::xgb
