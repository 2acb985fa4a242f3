#include "domains/stream/tasks/models.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/support/files.hpp"
#include "domains/stream/tasks/foreign_models.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view linear_format = "vaster stream linear model 1";
constexpr std::string_view tree_format = "vaster stream class tree 1";

Json json_of(ModelOrigin const& origin, std::string_view format) {
    return {{"format", format},        {"profile", origin.profile}, {"attributes", origin.attributes},
            {"target", origin.target}, {"rows", origin.n_rows},     {"rows_hash", origin.rows_hash}};
}

ModelOrigin origin_of(Json const& json) {
    ModelOrigin origin;
    origin.attributes = json.at("attributes").get<std::vector<std::string>>();
    origin.target = json.at("target").get<std::string>();
    origin.n_rows = json.at("rows").get<std::size_t>();
    origin.rows_hash = json.at("rows_hash").get<std::string>();
    origin.profile = json.at("profile").get<std::string>();
    return origin;
}

Json json_of(ClassTree::Node const& node, std::vector<std::string> const& classes) {
    Json json{{"class", classes.at(node.label)}, {"rows", node.n_rows}, {"wrong", node.n_wrong}};
    if (!node.leaf) {
        json["attribute"] = node.attribute;
        json["threshold"] = node.threshold;
        json["low"] = node.low;
        json["high"] = node.high;
    }
    return json;
}

/// @param place  of the node: its children are behind it
ClassTree::Node node_of(Json const& json, TreeModel const& model, std::size_t place, std::size_t n_nodes) {
    ClassTree::Node node;
    auto const name = json.at("class").get<std::string>();
    node.label = static_cast<std::size_t>(std::find(model.classes.begin(), model.classes.end(), name) -
                                          model.classes.begin());
    require<DataError>(node.label < model.classes.size(),
                       "node {} has the class '{}', which the model has not", place, name);
    node.n_rows = json.at("rows").get<std::uint64_t>();
    node.n_wrong = json.at("wrong").get<std::uint64_t>();
    node.leaf = !json.contains("attribute");
    if (node.leaf) return node;
    node.attribute = json.at("attribute").get<std::size_t>();
    node.threshold = json.at("threshold").get<double>();
    node.low = json.at("low").get<std::size_t>();
    node.high = json.at("high").get<std::size_t>();
    require<DataError>(node.attribute < model.origin.attributes.size(), "node {} asks attribute {} of {}",
                       place, node.attribute, model.origin.attributes.size());
    require<DataError>(place < node.low && node.low < n_nodes && place < node.high && node.high < n_nodes,
                       "node {} has the children {} and {}, which must be behind it among {} nodes", place,
                       node.low, node.high, n_nodes);
    return node;
}

/// Reads a model's JSON with take(json), and says of any fault which file it is in.
template <class Take>
auto read_model(std::filesystem::path const& path, std::string_view format, std::string_view trainer,
                Take take) {
    std::string const text = read_file(path);
    refuse_foreign_model(path, text, trainer);
    auto const reason = [&](std::string_view what) {
        return fmt::format("{} is not a whole model ({}): {}; train it again with vaster (task {})",
                           path.string(), format, what, trainer);
    };
    try {
        auto const json = Json::parse(text);
        auto const found = json.at("format").get<std::string>();
        require<DataError>(found == format, "its format is '{}'", found);
        return take(json);
    } catch (nlohmann::json::exception const& error) {
        throw DataError(reason(error.what()));
    } catch (DataError const& error) {
        throw DataError(reason(error.what()));
    }
}

LinearModel linear_model_of(Json const& json) {
    LinearModel model{origin_of(json), {}};
    model.fit.intercept = json.at("intercept").get<double>();
    model.fit.coefficients = json.at("coefficients").get<std::vector<double>>();
    model.fit.dropped = json.at("dropped").get<std::vector<std::size_t>>();
    require<DataError>(model.fit.coefficients.size() == model.origin.attributes.size(),
                       "it has {} coefficients for {} attributes", model.fit.coefficients.size(),
                       model.origin.attributes.size());
    return model;
}

TreeModel tree_model_of(Json const& json) {
    TreeModel model{origin_of(json), json.at("classes").get<std::vector<std::string>>(), {}};
    auto const& nodes = json.at("nodes");
    require<DataError>(nodes.is_array() && !nodes.empty(), "it has no nodes");
    model.tree.nodes.reserve(nodes.size());
    for (auto const& node : nodes)
        model.tree.nodes.push_back(node_of(node, model, model.tree.nodes.size(), nodes.size()));
    return model;
}

}  // namespace

std::string json_of(LinearModel const& model) {
    Json json = json_of(model.origin, linear_format);
    json["intercept"] = model.fit.intercept;
    json["coefficients"] = model.fit.coefficients;
    json["dropped"] = model.fit.dropped;
    return json.dump(1) + "\n";
}

std::string json_of(TreeModel const& model) {
    Json json = json_of(model.origin, tree_format);
    json["classes"] = model.classes;
    json["nodes"] = Json::array();
    for (auto const& node : model.tree.nodes) json["nodes"].push_back(json_of(node, model.classes));
    return json.dump(1) + "\n";
}

LinearModel read_linear_model(std::filesystem::path const& path) {
    return read_model(path, linear_format, "MLT", linear_model_of);
}

TreeModel read_tree_model(std::filesystem::path const& path) {
    return read_model(path, tree_format, "DTT", tree_model_of);
}

}  // namespace vaster::stream
