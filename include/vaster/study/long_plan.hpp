#pragma once  // May change before 1.0.

#include <functional>

#include "vaster/study/experiment.hpp"

namespace vaster::study {

/// What a study may also be: one with so many experiments that they should not all be in memory at once as
/// they are (some 300 bytes each). A study without it needs that memory in its task servers while it opens.
class HasLongPlan {
  public:
    HasLongPlan() = default;
    virtual ~HasLongPlan() = default;
    HasLongPlan(HasLongPlan const&) = delete;
    HasLongPlan& operator=(HasLongPlan const&) = delete;

    /// Gives `take` what Study::next_experiments() says without records, one after the other.
    virtual void first_experiments(std::function<void(Experiment const&)> const& take) const = 0;
};

}  // namespace vaster::study
