#pragma once  // May change before 1.0.

#include <cstddef>
#include <string>
#include <vector>

#include "vaster/study/schema.hpp"

namespace vaster::study {

/// The list of labels (Schema::labels) that names the design columns by which people call an experiment, in a
/// study whose other design columns are details. A study without it: all of them.
inline constexpr char const* label_columns = "label_columns";

/// What people call the experiments of a study.
class Labels {
  public:
    explicit Labels(Schema const& schema);

    /// The cells of these columns, without empty ones: "out_domain AP Dar xgboost 1 0", "clean-AP".
    [[nodiscard]] std::string of(Cells const& design) const;

  private:
    std::vector<std::size_t> columns_;
};

}  // namespace vaster::study
