#pragma once

#include <memory>

#include "vaster/study/study.hpp"

namespace vaster::stream {

/// The kind `stream`: tasks that take the records of a stream, divided by its sensors, and whose outputs are
/// brought together in the order of the records. The same files come out for any number of ranks and of
/// partitions, and however often the study was interrupted.
[[nodiscard]] std::unique_ptr<study::Kind> make_stream_kind();

}  // namespace vaster::stream
