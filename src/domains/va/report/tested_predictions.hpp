#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/report/elements.hpp"
#include "core/store/reader.hpp"
#include "domains/va/report/comparison_grid.hpp"

// What study files say of single test deaths.
namespace vaster::va {

/// One prediction as the study file has it.
struct Prediction {
    std::int64_t row = 0;
    std::int32_t truth = 0;
    std::array<std::int32_t, 3> top{};
    double weight = 1;  ///< by data.weight, where the study's data have weights
};

/// The causes of all studies of a question: those of the first, then what others have beside them.
[[nodiscard]] std::vector<std::string> all_causes(std::vector<store::Reader const*> const& studies);

/// Reads the array "predictions"; causes by their place in a list that may be longer than the study's.
class PredictionReader {
  public:
    /// @throws UsageError or DataError when the study keeps no predictions
    PredictionReader(store::Reader const& study, std::vector<std::string> const& causes);

    [[nodiscard]] std::vector<Prediction> read(std::size_t row) const;

  private:
    /// -1, no cause, stays what it is.
    [[nodiscard]] std::int32_t number_of_cause(std::int64_t cause) const {
        return cause < 0 ? static_cast<std::int32_t>(cause) : numbers_.at(static_cast<std::size_t>(cause));
    }

    store::Reader const* study_;
    std::size_t position_;
    std::size_t stride_ = 0;
    std::vector<std::int32_t> numbers_;  ///< of the study's causes in the list
    std::vector<report::FieldPlace> fields_;
    std::optional<report::FieldPlace> weight_;  ///< nothing where each death weighs 1
};

/// Rows and true causes of the deaths that an experiment tested, in their order.
struct TestedRows {
    std::vector<std::int64_t> rows;
    std::vector<std::string> causes;

    bool operator==(TestedRows const&) const = default;
};

[[nodiscard]] TestedRows read_tested_rows(store::Reader const& study, std::size_t row);

/// The weight of each cause among the deaths that any experiment tested at a site, by site: [n_causes]. Their
/// number, where the data have no weights.
using CausesOfSites = std::map<SiteName, std::vector<double>>;

[[nodiscard]] CausesOfSites causes_of_sites(Grid const& grid);

}  // namespace vaster::va
