#include "domains/service/solve/library.hpp"

#include <dlfcn.h>

#include "vaster/support/errors.hpp"

namespace vaster::service::solve {

Library::Library(std::string const& soname, std::string const& package) : soname_(soname) {
    // What it needs is looked for in its own libraries first. The sanitizers cannot do with that.
#ifdef VASTER_SANITIZED
    handle_ = ::dlopen(soname.c_str(), RTLD_NOW | RTLD_LOCAL);
#else
    handle_ = ::dlopen(soname.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
#endif
    if (handle_ != nullptr) return;
    char const* const why = ::dlerror();
    throw UnavailableError(fmt::format("is not there: {}; Debian has it in package {}",
                                       why == nullptr ? soname : std::string(why), package));
}

void* Library::symbol(char const* name) const {
    void* const found = ::dlsym(handle_, name);
    require<UnavailableError>(found != nullptr, "{} has no function {}: it is of another version", soname_,
                              name);
    return found;
}

}  // namespace vaster::service::solve
