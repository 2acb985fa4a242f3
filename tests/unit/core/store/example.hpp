#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "append_bytes.hpp"
#include "base/support/hash.hpp"
#include "core/store/create.hpp"
#include "core/study/journal.hpp"
#include "vaster/study/config.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/schema.hpp"

/// A study that looks like a site comparison, small and made up, for tests of the store and of reports.
namespace vaster::example {

namespace fs = std::filesystem;

/// A folder that goes away with all that is in it.
class Folder {
  public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "vaster-store-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }

    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;

    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    [[nodiscard]] fs::path operator/(std::string const& name) const { return path_ / name; }

    [[nodiscard]] fs::path const& path() const { return path_; }

  private:
    fs::path path_;
};

inline std::vector<std::string> const& causes() {
    static std::vector<std::string> const names{"Stroke", "Malária", "TB, lung", "Other"};
    return names;
}

inline study::Schema schema() {
    using study::CellType;
    using study::ColumnPosition;
    using study::ElementType;
    using study::Extent;
    using study::Nature;
    study::Schema s;
    s.design = {{"type", CellType::text, 16, "kind of comparison"},
                {"train_site", CellType::text, 12, "site of the training deaths"},
                {"test_site", CellType::text, 12, "site of the test deaths"},
                {"model", CellType::text, 24, "classifier"},
                {"fraction", CellType::real, 0, "share of the training deaths that is used"},
                {"repeat", CellType::integer, 0, "repetition of the design"}};
    s.results = {
        {"n_train", CellType::integer, 0, "deaths in training"},
        {"n_test", CellType::integer, 0, "deaths in testing"},
        {"csmf_accuracy", CellType::real, 0, "CSMF accuracy"},
        {"log_loss", CellType::real, 0, "log loss [nat]"},
        {"fit_seconds", CellType::real, 0, "wall time of the fit [s]", Nature::timing},
        {"macro_f1", CellType::real, 0, "mean F1", Nature::result, ColumnPosition::trailing},
        {"note", CellType::text, 20, "what the model says", Nature::result, ColumnPosition::trailing}};
    std::uint64_t const n_causes = causes().size();
    s.arrays = {
        {"confusion",
         {{"count", ElementType::uint32}},
         Extent::fixed,
         {n_causes, n_causes},
         "true x predicted"},
        {"csmf_true", {{"fraction", ElementType::float64}}, Extent::fixed, {n_causes}, "true fractions"},
        {"predictions",
         {{"row", ElementType::int64},
          {"true_cause", ElementType::int32, "causes"},
          {"top1", ElementType::int32, "causes"},
          {"p1", ElementType::float64}},
         Extent::ragged,
         {},
         "a row per test death"}};
    s.labels = {{"causes", causes()}, {"sites", {"AP", "Dar"}}};
    return s;
}

/// n experiments of 1 to 4 test deaths each; every seventh is skipped.
inline study::Plan plan(std::size_t n) {
    study::Plan plan;
    std::uint64_t first_row = 0;
    for (std::size_t i = 0; i < n; ++i) {
        study::Experiment e;
        e.index = i;
        e.id = ExperimentId{hash64("cell " + std::to_string(i))};
        e.group = i / 2;
        e.expected_seconds = 0.5;
        e.cost_key = i % 2 == 0 ? "xgboost" : "naive_bayes";
        e.design = {std::string(i % 3 == 0 ? "in_domain" : "out_domain"),
                    std::string("AP"),
                    std::string("Dar"),
                    e.cost_key,
                    0.25 * static_cast<double>(i % 4 + 1),
                    std::int64_t{0}};
        if (i % 7 == 6) e.skip_reason = "site 'Pemba' has 12 deaths, fewer than 50";
        e.n_rows = e.skip_reason.empty() ? i % 4 + 1 : 0;
        e.first_row = first_row;
        first_row += e.n_rows;
        plan.experiments.push_back(std::move(e));
    }
    return plan;
}

inline store::Header header() {
    store::Header h;
    h.program_version = "0.1.0";
    h.kind = "va-comparison";
    h.config = "[study]\nseed = 42  # größer\n";
    h.config_hash = "c0ffee";
    h.result_config = "study.seed = 42\n";
    h.data_hash = "da7a";
    h.plan_hash = "91a4";
    h.seed = 0xfedcba9876543210U;
    h.created = "2026-11-22T10:04:05Z";
    h.provenance = store::provenance_of("vaster run study.toml", "");
    h.inventory = {{"8 deaths, 2 sites", "causes: Malária 5, Stroke 3"}, {"a symptom has no answer"}};
    return h;
}

inline fs::path create(Folder const& folder, std::size_t n, store::Capacity capacity = {}) {
    auto path = folder / "study.h5";
    store::create(path, header(), schema(), plan(n), capacity);
    return path;
}

/// The result that experiment `e` always yields; seconds differ by attempt.
inline study::Result result(study::Experiment const& e, double seconds = 0.125) {
    auto const x = static_cast<double>(e.index);
    study::Result r;
    r.index = e.index;
    r.cells = {std::int64_t(e.index) + 100,
               std::int64_t(e.n_rows),
               1.0 / (x + 3.0),
               e.index % 5 == 0 ? std::nan("") : x,
               seconds,
               0.5,
               std::string("ok, \"") + std::to_string(e.index) + "\""};
    r.peak_rss_bytes = 1000 + e.index;
    std::vector<std::uint8_t> confusion, csmf, predictions;
    for (std::uint32_t i = 0; i < 16; ++i) append_bytes(confusion, static_cast<std::uint32_t>(e.index) + i);
    for (int i = 0; i < 4; ++i) append_bytes(csmf, 0.25 + x);
    for (std::uint64_t i = 0; i < e.n_rows; ++i) {
        append_bytes(predictions, static_cast<std::int64_t>(1000 * e.index + i));
        append_bytes(predictions, static_cast<std::int32_t>(i % 4));
        append_bytes(predictions, static_cast<std::int32_t>((i + e.index) % 4));
        append_bytes(predictions, 1.0 / (1.0 + static_cast<double>(i)));
    }
    r.arrays = {confusion, csmf, predictions};
    return r;
}

inline study::Origin origin(std::int64_t rank = 0) {
    return {rank, "node7", 1};
}

}  // namespace vaster::example
