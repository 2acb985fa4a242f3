#pragma once

#include <exception>
#include <string>

#include "vaster/support/errors.hpp"

namespace vaster {

/// How a command ends that an exception has ended.
struct Problem {
    ExitCode code = ExitCode::internal;
    std::string text;  ///< for people
};

/// An Error has its own code. What the system or the C++ library could not do is not a bug of ours: memory
/// that is not there is `unavailable`, files and streams are `io`. The rest is a bug, and said to be one.
/// Control characters in the text of an Error are shown by their numbers (see printable()).
[[nodiscard]] Problem problem_of(std::exception const& error);

}  // namespace vaster
