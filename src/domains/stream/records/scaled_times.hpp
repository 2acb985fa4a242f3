#pragma once

#include <memory>

#include "domains/stream/records/parser.hpp"

namespace vaster::stream {

/// A parser whose records have the times floor(t / scale) [ms] instead of t: the temporal scaling of
/// RIoTBench (arXiv:1701.08530). A time that has no room in 64 bits then is Fault::bad_time.
/// @param scale  more than 0
[[nodiscard]] std::unique_ptr<RecordParser> with_scaled_times(std::unique_ptr<RecordParser> parser,
                                                              double scale);

}  // namespace vaster::stream
