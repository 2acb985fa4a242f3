#pragma once

#include <cstddef>
#include <string>

#include "vaster/study/schema.hpp"

namespace vaster::va {

/// Result column of studies with ensembles: who voted, with what weight.
[[nodiscard]] study::Column members_column();

/// Names the methods of a study whose predictions depend on the batch, as a label list of its file.
inline constexpr char const* transductive_labels = "transductive";

/// "Transductive (...): insilico, transfer"; empty where the file names none.
[[nodiscard]] std::string transductive_note(study::Schema const& schema);

/// Position of the design column `parameters` in studies with tuning.
inline constexpr std::size_t parameters_column = 6;

/// Design columns of studies with tuning: the setting and the rung; and the result column with a trial's
/// score, which is the last.
/// @param setting_width  bytes of the longest setting
void add_tuning_columns(study::Schema& schema, std::size_t setting_width);

}  // namespace vaster::va
