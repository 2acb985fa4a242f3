#pragma once  // Stable.

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace vaster {

/// What the program tells its caller, after sysexits.h.
enum class ExitCode : int {
    success = 0,
    usage = 64,        ///< the command line is wrong
    data = 65,         ///< an input file is wrong
    unavailable = 69,  ///< something needed is not there (a library feature, a device)
    internal = 70,     ///< a bug of ours
    rank_lost = 71,    ///< every experiment has its result, but a rank was lost on the way
    io = 74,           ///< reading or writing failed
    partial = 75,      ///< stopped early or some experiments failed; `--resume` can go on
    config = 78,       ///< the configuration is wrong
};

/// Root of everything that ends a command because of the world outside. The text says what was seen, where,
/// why it is wrong and what to do. Bugs of ours are std::logic_error instead (see contracts.hpp).
class Error : public std::runtime_error {
  public:
    Error(ExitCode code, std::string const& what) : std::runtime_error(what), code_(code) {}

    [[nodiscard]] ExitCode code() const noexcept { return code_; }

  private:
    ExitCode code_;
};

/// One class per exit code, so that require<DataError>(...) reads as what it means.
template <ExitCode exit_code>
class ErrorOf : public Error {
  public:
    explicit ErrorOf(std::string const& what) : Error(exit_code, what) {}
};

using UsageError = ErrorOf<ExitCode::usage>;
using DataError = ErrorOf<ExitCode::data>;
using UnavailableError = ErrorOf<ExitCode::unavailable>;
using IoError = ErrorOf<ExitCode::io>;
using ConfigError = ErrorOf<ExitCode::config>;

/// A model could not be fitted or could not predict. Deterministic: trying again gives the same.
class ModelError : public Error {
  public:
    explicit ModelError(std::string const& what) : Error(ExitCode::data, what) {}
};

/// The same error known to every rank, thrown on all of them in step (see core/mpi/session.hpp).
class Refusal : public Error {
  public:
    using Error::Error;
};

/// Throws E with the formatted text unless `holds`.
template <class E, class... Args>
void require(bool holds, fmt::format_string<Args...> text, Args&&... args) {
    if (!holds) throw E(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace vaster
