#pragma once  // May change before 1.0.

#include <string>

#include "vaster/support/errors.hpp"

namespace vaster::study {

/// Something outside of the program failed, and may go well the next time: thrown by Study::run(), it is
/// charged as a crash is, and so tried again as often.
class TransientError : public Error {
  public:
    explicit TransientError(std::string const& what) : Error(ExitCode::partial, what) {}
};

}  // namespace vaster::study
