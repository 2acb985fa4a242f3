#pragma once

namespace vaster::stats {

/// A closed interval; both ends are NaN where there is nothing to estimate it from.
struct Interval {
    double lo = 0;
    double hi = 0;
};

}  // namespace vaster::stats
