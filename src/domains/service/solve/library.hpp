#pragma once

#include <string>

namespace vaster::service::solve {

/// A library that is loaded when it is needed, in the process of its own that a solver runs in. So the
/// program starts without it, and its symbols meet none of ours: MUMPS, which Ipopt uses, brings an MPI of
/// its own. It stays until the process ends.
class Library {
  public:
    /// @param soname   "libClp.so.1". @param package  of Debian, for the message
    /// @throws UnavailableError when it is not there
    Library(std::string const& soname, std::string const& package);

    /// @tparam F  type of the function, as its header declares it. @throws UnavailableError
    template <class F>
    [[nodiscard]] F* function(char const* name) const {
        return reinterpret_cast<F*>(symbol(name));
    }

  private:
    [[nodiscard]] void* symbol(char const* name) const;

    std::string soname_;
    void* handle_;
};

}  // namespace vaster::service::solve
