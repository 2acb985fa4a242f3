#pragma once

namespace vaster::study {

/// A list of labels of this name has the names of arrays that are measured: they differ between two runs of
/// one experiment, as cells of Nature::timing do.
inline constexpr char const* timed_arrays = "timed_arrays";

}  // namespace vaster::study
