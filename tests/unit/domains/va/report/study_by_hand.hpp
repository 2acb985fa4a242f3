#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "../../../core/store/example.hpp"
#include "core/store/writer.hpp"

/// Comparisons of which a pencil knows every number.
namespace vaster::by_hand {

/// An experiment of a study made by hand: which of its test deaths the model gets right, of causes 0 1 0 1
/// ...
struct Entry {
    std::string type, train_site, test_site, model;
    std::string right;  ///< "110": the first two of three deaths; empty: no result
    std::int64_t first_row = 0;
    double fraction = 1;
    std::int64_t repeat = 0;
    std::vector<double> weights = {};  ///< of the deaths, as many as `right` has; empty: the study has none
    std::vector<double> stated = {};   ///< probabilities of the top causes; empty: the study has none
};

/// Does the study keep it of each test death?
enum class Keeps { no, yes };

inline study::Schema schema(Keeps weights = Keeps::no, Keeps stated = Keeps::no) {
    using study::CellType;
    using study::ElementType;
    study::Schema schema;
    schema.design = {{"type", CellType::text, 20, ""},      {"train_site", CellType::text, 10, ""},
                     {"test_site", CellType::text, 10, ""}, {"model", CellType::text, 10, ""},
                     {"fraction", CellType::real, 0, ""},   {"repeat", CellType::integer, 0, ""}};
    schema.results = {{"n_train", CellType::integer, 0, ""},
                      {"n_test", CellType::integer, 0, ""},
                      {"cod_accuracy", CellType::real, 0, ""},
                      {"log_loss", CellType::real, 0, ""}};
    schema.arrays = {{"predictions",
                      {{"row", ElementType::int64},
                       {"true_cause", ElementType::int32, "causes"},
                       {"cause1", ElementType::int32, "causes"},
                       {"cause2", ElementType::int32, "causes"},
                       {"cause3", ElementType::int32, "causes"}},
                      study::Extent::ragged,
                      {},
                      ""}};
    schema.labels = {{"causes", {"a", "b"}}};
    auto& fields = schema.arrays.front().fields;
    if (weights == Keeps::yes) fields.push_back({"weight", ElementType::float64});
    if (stated == Keeps::yes) fields.push_back({"probability1", ElementType::float64});
    return schema;
}

inline study::Result result_of(Entry const& entry, std::size_t index) {
    study::Result result;
    result.index = index;
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < entry.right.size(); ++i) {
        auto const truth = static_cast<std::int32_t>(i % 2);
        auto const top = entry.right[i] == '1' ? truth : 1 - truth;
        example::append_bytes(bytes, entry.first_row + static_cast<std::int64_t>(i));
        for (std::int32_t const cause : {truth, top, 1 - top, -1}) example::append_bytes(bytes, cause);
        if (!entry.weights.empty()) example::append_bytes(bytes, entry.weights[i]);
        if (!entry.stated.empty()) example::append_bytes(bytes, entry.stated[i]);
    }
    auto const n = static_cast<double>(entry.right.size());
    auto const right = static_cast<double>(std::count(entry.right.begin(), entry.right.end(), '1'));
    result.cells = {std::int64_t{100}, std::int64_t(entry.right.size()), right / n,
                    entry.model == "silent" ? std::nan("") : 1.0};
    result.arrays = {bytes};
    return result;
}

/// Writes the study file.
/// @param labels  lists beside the causes
inline void make(std::filesystem::path const& path, std::vector<Entry> const& entries,
                 std::vector<study::LabelList> const& labels = {}) {
    study::Plan plan;
    std::uint64_t first_row = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        auto const& entry = entries[i];
        study::Experiment experiment;
        experiment.index = i;
        experiment.id.value = i;
        experiment.group = i;
        experiment.cost_key = "x";
        experiment.design = {entry.type,  entry.train_site, entry.test_site,
                             entry.model, entry.fraction,   entry.repeat};
        experiment.n_rows = entry.right.empty() ? 1 : entry.right.size();
        experiment.first_row = first_row;
        first_row += experiment.n_rows;
        plan.experiments.push_back(experiment);
    }
    auto const kept = [&](std::vector<double> Entry::*values) {
        return !entries.empty() && !(entries.front().*values).empty() ? Keeps::yes : Keeps::no;
    };
    study::Schema all = schema(kept(&Entry::weights), kept(&Entry::stated));
    all.labels.insert(all.labels.end(), labels.begin(), labels.end());
    store::create(path, example::header(), all, plan, {});
    store::Writer writer(path);
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (!entries[i].right.empty()) writer.commit(result_of(entries[i], i), example::origin());
}

}  // namespace vaster::by_hand
