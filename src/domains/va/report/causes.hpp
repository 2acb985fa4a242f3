#pragma once

#include <string>
#include <vector>

#include "core/report/tables.hpp"
#include "core/store/reader.hpp"

namespace vaster::va {

/// What the confusion matrices of the finished experiments of one type and model add up to. A death that was
/// tested several times counts as often.
struct Pooled {
    std::string type, model;
    std::vector<std::uint64_t> deaths;  ///< by true cause (row) and top cause, [n_causes][n_causes]
};

/// The causes behind rows and columns of the matrices.
struct CauseLabels {
    std::vector<std::string> labels;  ///< as the data have them
    std::vector<std::string> names;   ///< what people call them; the labels where nothing says
};

/// Empty when the study has no confusion matrices.
[[nodiscard]] CauseLabels causes_of(store::Reader const& study);

/// Types and models in order of the plan; of experiments with these types alone.
[[nodiscard]] std::vector<Pooled> pool(store::Reader const& study, std::vector<std::string> const& types);

/// Per type, model and cause: deaths, how many were given the cause, how many of them rightly, and
///     sensitivity = right / deaths,  precision = right / predicted,
///     csmf_bias = (predicted - deaths) / all deaths
[[nodiscard]] report::Table causes_table(std::vector<Pooled> const& pooled, CauseLabels const& causes);

/// Per type, model, true cause and top cause with any death: deaths, and their share of the true cause.
[[nodiscard]] report::Table confusion_table(std::vector<Pooled> const& pooled, CauseLabels const& causes);

}  // namespace vaster::va
